"""The copy of a document's file that the public gets: where it lies, what it is, and when it is to be made."""

from django.conf import settings
from django.db import migrations, models

import cases.models.document


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0016_what_never_changes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="document",
            name="clean_attempts",
            field=models.PositiveSmallIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="document",
            name="clean_due_at",
            field=models.DateTimeField(blank=True, help_text="When the next attempt at it is due.", null=True),
        ),
        migrations.AddField(
            model_name="document",
            name="clean_file",
            field=models.FileField(
                blank=True,
                db_default="",
                default="",
                max_length=200,
                storage=cases.models.document.case_storage,
                upload_to=cases.models.document.stored_name,
            ),
        ),
        migrations.AddField(
            model_name="document",
            name="clean_mime_type",
            field=models.CharField(blank=True, db_default="", default="", max_length=100),
        ),
        migrations.AddField(
            model_name="document",
            name="clean_size",
            field=models.PositiveBigIntegerField(blank=True, help_text="Bytes", null=True),
        ),
    ]
