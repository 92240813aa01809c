"""What officers typed and have not saved yet."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0023_index_of_files_to_fetch"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="TypedWords",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("path", models.CharField(max_length=300)),
                ("query", models.CharField(blank=True, max_length=300)),
                ("form", models.CharField(blank=True, max_length=200)),
                ("title", models.CharField(blank=True, max_length=200)),
                ("sent", models.JSONField(default=list)),
                ("saved_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "writer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="typed_words",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "typed words",
                "ordering": ["-saved_at", "-pk"],
                "default_permissions": (),
                "indexes": [models.Index(fields=["saved_at"], name="typed_words_old")],
                "constraints": [models.UniqueConstraint(fields=("writer", "path", "form"), name="typed_words_once")],
            },
        ),
    ]
