"""Work that falls due by itself: what `bin/manage run_due` does every few minutes.

Each job finds what is due and not yet done, so that it can be run twice, or late, without harm.
"""

import logging
from collections.abc import Callable
from datetime import timedelta

from axes.models import AccessAttempt
from django.conf import settings
from django.core.management import call_command
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts.rate_limits import forget_old_counts
from cases.documents import fetching, scanning, sharp_pictures
from cases.documents.clean_copies import making as clean_copies
from cases.documents.preparing import task as preparing
from cases.documents.redacting import making, suggesting
from cases.intake import planning_portal
from cases.requests.answers.files import delete_forgotten
from cases.typed_words import forget_old

from .correspondence import silence
from .outbox import delivery

logger = logging.getLogger(__name__)
TASK_LEASE = timedelta(minutes=30)
TASK_TRIES = 3
WAITS_TOO_LONG = timedelta(minutes=10)
KEEP_RESULTS = timedelta(days=14)
KEEP_FAILED_SIGN_INS = timedelta(days=30)


def requeue_lost_tasks() -> int:
    """Give tasks whose worker died back to the queue: nothing else does, they would count as running for ever.

    A task that has brought down several workers is marked as failed instead.
    """
    lost = DBTaskResult.objects.filter(status="RUNNING", started_at__lt=timezone.now() - TASK_LEASE)
    number = 0
    for task in lost:
        tried_out = len(task.worker_ids) >= TASK_TRIES
        changes = (
            {
                "status": "FAILED",
                "finished_at": timezone.now(),
                "exception_class_path": "builtins.SystemExit",
                "traceback": "The worker died each time.",
            }
            if tried_out
            else {"status": "READY", "started_at": None}
        )
        # Only when it still is as it was read: the worker may have finished it this moment.
        number += DBTaskResult.objects.filter(pk=task.pk, status="RUNNING", started_at=task.started_at).update(
            **changes
        )
    return number


def tasks_that_wait() -> int:
    """Tasks that are due and that no worker takes: somebody should look whether one runs. Returns how many."""
    number = DBTaskResult.objects.ready().filter(enqueued_at__lt=timezone.now() - WAITS_TOO_LONG).count()
    if number:
        logger.warning("%d tasks have waited for more than %s: is a worker running?", number, WAITS_TOO_LONG)
    return number


def prune_results() -> int:
    old = DBTaskResult.objects.finished().filter(finished_at__lt=timezone.now() - KEEP_RESULTS)
    return old.delete()[0]


def prune_failed_sign_ins() -> int:
    """Failed sign-ins hold addresses of people's machines: not longer than needed to see an attack."""
    return AccessAttempt.objects.filter(attempt_time__lt=timezone.now() - KEEP_FAILED_SIGN_INS).delete()[0]


def erase_expired_links() -> int:
    return delivery.erase_confidential(older_than=timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT))


def publish_scheduled() -> None:
    call_command("publish_scheduled", verbosity=0)


def clear_sessions() -> None:
    call_command("clearsessions", verbosity=0)


# In this order; the words stand in the summary. A job that returns a number says how much it did.
JOBS: list[tuple[str, Callable[[], int | None]]] = [
    ("tasks of dead workers given back", requeue_lost_tasks),
    ("tasks that wait for a worker", tasks_that_wait),
    ("messages given to the workers", delivery.DELIVERY.sweep),
    ("outcomes of messages learnt", delivery.ask_for_outcomes),
    ("expired links erased", erase_expired_links),
    ("requests accepted because no answer came in time", silence.sweep),
    ("files of answers that nobody sent deleted", delete_forgotten),
    ("documents to be fetched again", fetching.FETCHING.sweep),
    ("documents given to the virus scanner again", scanning.sweep),
    ("documents to be prepared", preparing.PREPARING.sweep),
    ("copies for the public to be made", clean_copies.CLEANING.sweep),
    ("redacted copies to be made again", making.MAKING.sweep),
    ("sharper pictures of pages to be drawn again", sharp_pictures.DRAWING.sweep),
    ("documents looked through for personal details again", suggesting.LOOKING.sweep),
    ("deliveries of the Planning Portal to be taken up again", planning_portal.TAKING_IN.sweep),
    ("scheduled pages published", publish_scheduled),
    ("old task results deleted", prune_results),
    ("old failed sign-ins deleted", prune_failed_sign_ins),
    ("ended sessions deleted", clear_sessions),
    ("old counts of uses deleted", forget_old_counts),
    ("words that nobody saved deleted", forget_old),
]


def add_job(words: str, job: Callable[[], int | None]) -> None:
    """Have `run_due` do one job more: how packages above this one bring theirs, when Django starts."""
    if (words, job) not in JOBS:
        JOBS.append((words, job))
