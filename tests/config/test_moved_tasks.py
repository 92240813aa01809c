"""What was queued under the name that a task had in the version before is carried out by this one."""

from importlib import import_module

import pytest
from django.apps import apps
from django.utils.module_loading import import_string
from django_tasks.base import Task
from django_tasks_db.models import DBTaskResult

MIGRATIONS = [
    import_module(f"{app}.migrations.{name}")
    for app, name in [
        ("cases", "0020_tasks_have_moved"),
        ("notices", "0011_tasks_have_moved"),
    ]
]
MOVED = {before: (migration, after) for migration in MIGRATIONS for before, after in migration.MOVED.items()}
SPLIT = import_module("cases.migrations.0021_one_clean_copy_a_task")
LATER = {SPLIT.MANY: SPLIT.ONE}


def queued(path: str, status: str = "READY") -> DBTaskResult:
    asked = {"args": [1], "kwargs": {}}
    return DBTaskResult.objects.create(
        task_path=path, status=status, args_kwargs=asked, queue_name="documents", backend_name="default"
    )


@pytest.mark.parametrize("before", MOVED)
def test_a_queued_task_has_its_new_name_and_back(db, before):
    migration, after = MOVED[before]
    waits, begun, done = queued(before), queued(before, "RUNNING"), queued(before, "SUCCESSFUL")

    migration.forwards(apps, None)
    for row in (waits, begun, done):
        row.refresh_from_db()
    assert [waits.task_path, begun.task_path, done.task_path] == [after, after, before]
    assert isinstance(import_string(LATER.get(after, after)), Task)

    migration.backwards(apps, None)
    waits.refresh_from_db()
    assert waits.task_path == before


def test_a_queued_task_for_several_copies_becomes_one_for_each_and_back(db):
    several = queued(SPLIT.MANY)
    DBTaskResult.objects.update(args_kwargs={"args": [[7, 8]], "kwargs": {}})
    done = queued(SPLIT.MANY, "SUCCESSFUL")

    SPLIT.forwards(apps, None)
    rows = DBTaskResult.objects.filter(task_path=SPLIT.ONE)
    assert sorted(row.args_kwargs["args"] for row in rows) == [[7], [8]]
    assert {(row.status, row.enqueued_at, row.queue_name) for row in rows} == {
        ("READY", several.enqueued_at, "documents")
    }
    assert isinstance(import_string(SPLIT.ONE), Task)
    assert list(DBTaskResult.objects.filter(task_path=SPLIT.MANY)) == [done]

    SPLIT.backwards(apps, None)
    back = DBTaskResult.objects.filter(task_path=SPLIT.MANY, status="READY")
    assert sorted(row.args_kwargs["args"] for row in back) == [[[7]], [[8]]]
