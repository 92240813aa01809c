"""Handing work to the background so that it happens if, and only if, the transaction is committed; nothing twice."""

from collections.abc import Iterable
from datetime import datetime
from enum import IntEnum
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django_tasks.base import Task
from django_tasks_db import DatabaseBackend
from django_tasks_db.models import DBTaskResult, get_date_max


class Priority(IntEnum):
    """What workers take first; between equals, what waits longest."""

    LETTER = 90  # quick, and people wait
    INTAKE = 80  # the period for deciding runs from the day an application comes in
    SOMEBODY_WAITS = 50  # an officer looks at the page that will show it
    CLOSED_UNTIL_THEN = 10  # nobody can open the file before
    DOCUMENTS = 0  # come by the hundred, and nobody looks at them yet


def enqueue(task: Task, *args: Any, run_after: datetime | None = None) -> bool:
    """Have `task` run in the background with these arguments, not before `run_after`. False: it waits already."""
    return enqueue_all(task, [args], run_after=run_after) == 1


def enqueue_all(task: Task, calls: Iterable[tuple[Any, ...]], *, run_after: datetime | None = None) -> int:
    """Have `task` run once for each tuple of arguments, except those for which it waits already. Returns how many.

    The queue in the database joins the transaction that we are in. Other backends may run a task at once, so they are
    told after the commit; those that cannot wait for a time leave the task to the sweep of its module.
    """
    backend, wanted = task.get_backend(), [list(args) for args in calls]
    if run_after is not None:
        if not backend.supports_defer:
            return 0
        task = task.using(run_after=run_after)
    if isinstance(backend, DatabaseBackend):
        return _queued(task, wanted)

    def tell() -> None:
        for args in wanted:
            task.enqueue(*args)

    transaction.on_commit(tell, robust=True)  # what fails now, a sweep finds
    return len(wanted)


@transaction.atomic
def _queued(task: Task, wanted: list[list[Any]]) -> int:
    """With two questions to the database, however many there are.

    What waits already stays locked until our transaction ends: no worker takes it before it can see what we have
    written. What a worker is just taking does not count as waiting.
    """
    at = task.run_after or get_date_max()  # for the library's "as soon as possible"
    by_then = Q(run_after__lte=task.run_after or timezone.now()) | Q(run_after=get_date_max())
    ready = DBTaskResult.objects.filter(by_then, status="READY", task_path=task.module_path).order_by()
    same = ready.filter(args_kwargs__args__in=wanted).select_for_update(skip_locked=True)
    waiting = [kept["args"] for kept in same.values_list("args_kwargs", flat=True)]
    new = [args for args in wanted if args not in waiting]
    DBTaskResult.objects.bulk_create(
        DBTaskResult(
            args_kwargs={"args": args, "kwargs": {}},
            task_path=task.module_path,
            priority=task.priority,
            queue_name=task.queue_name,
            backend_name=task.backend,
            run_after=at,
        )
        for args in new
    )
    return len(new)
