"""Handing work to the background so that it happens if, and only if, the transaction is committed."""

from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction
from django_tasks.base import Task
from django_tasks_db import DatabaseBackend

SOMEBODY_WAITS = 50  # of 100: before documents that came in by the hundred and nobody looks at yet


def enqueue(task: Task, *args: Any, run_after: datetime | None = None) -> None:
    """Have `task` run in the background with these arguments, not before `run_after`.

    The queue in the database joins the transaction that we are in. Other backends may run a task at once, so they are
    told after the commit; those that cannot wait for a time leave the task to the sweep of its module.
    """
    backend = task.get_backend()
    if run_after is not None:
        if not backend.supports_defer:
            return
        task = task.using(run_after=run_after)
    if isinstance(backend, DatabaseBackend):
        task.enqueue(*args)
    else:
        transaction.on_commit(partial(task.enqueue, *args))
