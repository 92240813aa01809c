"""What the sweep looks for: files that wait to be fetched. Built beside the work, without a lock on the table."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("cases", "0022_index_of_waiting_tasks")]

    operations = [
        AddIndexConcurrently(
            model_name="document",
            index=models.Index(
                condition=models.Q(("fetch_status", "waiting")), fields=["fetch_due_at"], name="document_to_fetch"
            ),
        ),
    ]
