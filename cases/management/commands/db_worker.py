"""The worker of django-tasks-db, which goes on when the database comes back.

Its own ends with the first question that nobody answers, and counts as failed what the database broke off.
"""

import logging
import sys
import time
from collections.abc import Callable
from functools import partial
from itertools import chain, repeat

from django.db import connection
from django_tasks_db.management.commands import db_worker
from django_tasks_db.models import DBTaskResult

from cases.jobs.database_away import ERRORS, is_away, reason

logger = logging.getLogger(__name__)
PAUSES = (0.25, 0.5, 1, 2, 4)  # seconds; and then always the longest
LONGEST_PAUSE = 5


class Worker(db_worker.Worker):
    """Nothing is lost while the database is away: a task that it broke off goes back to the queue, one that was done
    is marked so as soon as it answers."""

    def run(self) -> None:
        while True:
            try:
                self.give_back_own()  # what was claimed when the database went away
                return super().run()
            except ERRORS as error:
                self.wait_for_database(error)

    def run_task(self, db_task_result: DBTaskResult) -> None:
        write_done, write_failed = db_task_result.set_successful, db_task_result.set_failed
        db_task_result.set_successful = partial(self.in_the_end, write_done)
        db_task_result.set_failed = partial(self.unless_broken_off, write_failed)
        super().run_task(db_task_result)

    def in_the_end(self, write: Callable, value: object) -> None:
        """Write it down, however long the database is away: what was done is not done again."""
        while True:
            try:
                return write(value)
            except ERRORS as error:
                self.wait_for_database(error)

    def unless_broken_off(self, write_failed: Callable, error: BaseException) -> None:
        """Write down that the task failed, unless it was the database that broke it off: then it is not over."""
        if is_away(error):
            raise error
        self.in_the_end(write_failed, error)

    def wait_for_database(self, error: BaseException) -> None:
        """Come back when it answers. Said once when the waiting begins, and once when it ends."""
        if not is_away(error):
            raise error
        logger.warning("The database cannot be reached; the worker waits for it. %s", reason(error))
        began = time.monotonic()
        for pause in chain(PAUSES, repeat(LONGEST_PAUSE)):
            if not self.running:  # somebody asked it to stop while a task was not yet marked as done
                sys.exit(1)
            connection.close()
            try:
                connection.ensure_connection()
            except ERRORS:
                time.sleep(pause)
            else:
                logger.warning("The database answers again, after %d seconds.", time.monotonic() - began)
                return

    def give_back_own(self) -> None:
        """Give tasks back that count as running with this worker, which runs none now."""
        for task in DBTaskResult.objects.running().filter(worker_ids__contains=[self.worker_id]):
            if task.worker_ids[-1] == self.worker_id:
                # Without our name: a task that has brought down several workers is given up (notices/due_work.py).
                DBTaskResult.objects.filter(pk=task.pk, status=task.status, started_at=task.started_at).update(
                    status="READY", started_at=None, worker_ids=task.worker_ids[:-1]
                )


db_worker.Worker = Worker  # type: ignore[misc]  # it is the one that the command makes


class Command(db_worker.Command):
    pass
