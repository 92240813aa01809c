"""What the sweep looks for: published documents without a copy. Built beside the work, without a lock on the table."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("cases", "0017_clean_copies")]

    operations = [
        AddIndexConcurrently(
            model_name="document",
            index=models.Index(
                condition=models.Q(("clean_file", ""), ("public_status", "publish")),
                fields=["clean_due_at"],
                name="document_to_clean",
            ),
        ),
    ]
