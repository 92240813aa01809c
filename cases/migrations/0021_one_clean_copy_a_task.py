"""A queued task made the clean copies of up to twenty documents; now each has one. Queued before, they are carried out."""

import uuid

from django.db import migrations

MANY = "cases.documents.clean_copies.making.make_clean_copies"
ONE = "cases.documents.clean_copies.making.make_clean_copy"


def _put(queue, task, **changes):
    fields = {field.name: getattr(task, field.name) for field in queue.model._meta.fields}
    enqueued_at = fields.pop("enqueued_at")
    new = queue.create(**{**fields, "id": uuid.uuid4(), **changes})
    queue.filter(pk=new.pk).update(enqueued_at=enqueued_at)


def forwards(apps, schema_editor):
    queue = apps.get_model("django_tasks_database", "DBTaskResult").objects
    for task in queue.filter(task_path=MANY, status="READY"):
        for pk in task.args_kwargs["args"][0]:
            _put(queue, task, task_path=ONE, args_kwargs={"args": [pk], "kwargs": {}})
        task.delete()


def backwards(apps, schema_editor):
    queue = apps.get_model("django_tasks_database", "DBTaskResult").objects
    for task in queue.filter(task_path=ONE, status="READY"):
        _put(queue, task, task_path=MANY, args_kwargs={"args": [task.args_kwargs["args"]], "kwargs": {}})
        task.delete()


class Migration(migrations.Migration):
    dependencies = [("cases", "0020_tasks_have_moved")]

    operations = [migrations.RunPython(forwards, backwards)]
