"""Tasks that were queued before this version are carried out by it: their functions have moved to other modules."""

from django.db import migrations

MOVED = {
    "cases.clean_copies.making.make_clean_copies": "cases.documents.clean_copies.making.make_clean_copies",
    "cases.redacting.making.make_redacted_copy": "cases.documents.redacting.making.make_redacted_copy",
    "cases.redacting.suggesting.look_for_details": "cases.documents.redacting.suggesting.look_for_details",
    "cases.storage.remove_later": "cases.files.disk.remove_later",
    "cases.scanning.scan_document": "cases.documents.scanning.scan_document",
    "cases.fetching.fetch_document": "cases.documents.fetching.fetch_document",
    "cases.sharp_pictures.draw_sharp_picture": "cases.documents.sharp_pictures.draw_sharp_picture",
    "cases.preparing.task.prepare_document": "cases.documents.preparing.task.prepare_document",
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
        ("cases", "0019_settled_stays_settled"),
        ("django_tasks_database", "0021_conditional_partial_index_ordering"),
    ]

    operations = [migrations.RunPython(forwards, backwards)]
