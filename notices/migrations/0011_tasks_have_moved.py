"""Tasks that were queued before this version are carried out by it: their functions have moved to other modules."""

from django.db import migrations

MOVED = {
    "notices.tasks.deliver": "notices.outbox.delivery.deliver_soon",
    "notices.tasks.send_new_link": "notices.correspondence.new_links.send_new_link",
}


def rename(apps, schema_editor, names):
    queued = apps.get_model("django_tasks_database", "DBTaskResult").objects.filter(status__in=["READY", "RUNNING"])
    for before, after in names.items():
        queued.filter(task_path=before).update(task_path=after)


def forwards(apps, schema_editor):
    rename(apps, schema_editor, MOVED)


def backwards(apps, schema_editor):
    rename(apps, schema_editor, {after: before for before, after in MOVED.items()})


class Migration(migrations.Migration):
    dependencies = [
        ("notices", "0010_what_never_changes"),
        ("django_tasks_database", "0021_conditional_partial_index_ordering"),
    ]

    operations = [migrations.RunPython(forwards, backwards)]
