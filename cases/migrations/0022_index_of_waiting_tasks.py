"""So that what waits in the queue is found before it is queued a second time (cases/jobs/background.py)."""

from django.db import migrations

MAKE = """
CREATE INDEX CONCURRENTLY waiting_tasks
ON django_tasks_database_dbtaskresult (task_path, (args_kwargs -> 'args')) WHERE status = 'READY'
"""


DROP = "DROP INDEX CONCURRENTLY IF EXISTS waiting_tasks"


class Migration(migrations.Migration):
    atomic = False  # the queue may be long, and is written to meanwhile

    dependencies = [
        ("cases", "0021_one_clean_copy_a_task"),
        ("django_tasks_database", "0021_conditional_partial_index_ordering"),
    ]

    # What a broken-off attempt has left is no index.
    operations = [migrations.RunSQL([DROP, MAKE], DROP)]
