"""Pages drawn sharply when an officer asks; and the index of what waits for the scanner, now also a second time."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0013_public_status_in_words"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="SharpPicture",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "state",
                    models.CharField(
                        choices=[("queued", "Being drawn"), ("done", "Drawn"), ("failed", "Could not be drawn")],
                        default="queued",
                        max_length=10,
                    ),
                ),
                ("width", models.PositiveIntegerField(default=0, help_text="Pixels")),
                (
                    "heights",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.PositiveIntegerField(),
                        blank=True,
                        default=list,
                        help_text="Pixels of each strip",
                        size=None,
                    ),
                ),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                (
                    "due_at",
                    models.DateTimeField(blank=True, help_text="Long past, its task was lost.", null=True),
                ),
                (
                    "page",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="sharp", to="cases.documentpage"
                    ),
                ),
            ],
            options={"default_permissions": ()},
        ),
        migrations.RemoveIndex(model_name="document", name="document_to_scan"),
        migrations.AddIndex(
            model_name="document",
            index=models.Index(
                condition=models.Q(("scan_due_at__isnull", False)), fields=["scan_due_at"], name="document_to_scan"
            ),
        ),
    ]
