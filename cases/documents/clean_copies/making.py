"""The background task that makes the copy for the public when somebody publishes, and the sweep for what was lost.

A worker may be killed anywhere. A copy lies under a name that follows from the name of the file, so a second attempt
writes over what the first has left; the row learns of it last. Until then the public is told to wait a minute
(serving.py): the file as it came is given to nobody but officers.
"""

import logging
from collections.abc import Collection
from datetime import datetime, timedelta
from pathlib import PurePosixPath
from typing import Any

from django.core.files.base import File
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django_tasks import task

from cases.files.types import CLEANED, SUFFIXES
from cases.jobs.background import SOMEBODY_WAITS, enqueue
from cases.locking import locked
from cases.models import Document, PlanningApplication
from cases.models.document import WITHHELD_AS_NOT_CLEANED
from cases.statuses import PublicStatus
from cases.timeline import record

from .copying import NotCopied, copied

logger = logging.getLogger(__name__)

LEASE = timedelta(minutes=25)  # longer than any attempt takes
AGAIN_AFTER = timedelta(minutes=10)
MOST_ATTEMPTS = 4
SWEPT_AT_ONCE, OF_ONE_TASK = 200, 20


def missing() -> QuerySet[Document]:
    """Published documents that the public does not get yet, because there is no clean copy of their file."""
    return Document.objects.public().filter(clean_file="", mime_type__in=CLEANED)


def clean_soon(pks: Collection[int]) -> None:
    """Have the copies made that are missing of these. Inside the transaction that publishes them."""
    wanted = sorted(missing().filter(pk__in=pks).values_list("pk", flat=True))
    Document.objects.filter(pk__in=wanted).update(clean_attempts=0, clean_due_at=timezone.now())
    for start in range(0, len(wanted), OF_ONE_TASK):
        enqueue(make_clean_copies, wanted[start : start + OF_ONE_TASK])


@task(queue_name="documents", priority=SOMEBODY_WAITS)
def make_clean_copies(pks: list[int]) -> None:
    """Make the copies of published documents, each once. Running twice, or two at once, does no harm."""
    for pk in pks:
        make_clean_copy(pk)


def make_clean_copy(document_id: int) -> None:
    """Make the copy of one published document where it is missing and nobody is at it."""
    document = _taken(document_id)
    if document is None:
        return
    if document.clean_attempts > MOST_ATTEMPTS:  # each of them has brought its worker down
        _withhold(document, "Each attempt was broken off.")
        return
    try:
        Document.objects.filter(pk=document.pk).update(**made_copy(document), clean_due_at=None)
    except NotCopied as error:
        _withhold(document, str(error))
    except Exception as error:
        # The store or the database is away, which says nothing of the file: this was no attempt.
        logger.warning("No clean copy of document %s was made: %s", document_id, type(error).__name__, exc_info=True)
        Document.objects.filter(pk=document.pk).update(
            clean_attempts=F("clean_attempts") - 1, clean_due_at=timezone.now() + AGAIN_AFTER
        )


def made_copy(document: Document) -> dict[str, Any]:
    """Make and store the clean copy of a document's file; returns what its row then says. Raises NotCopied, OSError."""
    stored = document.file
    with copied(stored, mime_type=document.mime_type, title=document.application.reference) as copy:
        path = PurePosixPath(str(stored.name))
        name = str(path.with_name(f"{path.stem}.clean.{SUFFIXES[copy.mime_type]}"))
        with copy.path.open("rb") as file:
            stored.storage.save_over(name, File(file))  # type: ignore[attr-defined]  # both of our stores have it
        return {"clean_file": name, "clean_mime_type": copy.mime_type, "clean_size": copy.size}


def sweep(now: datetime | None = None) -> int:
    """Have made what is missing, of documents from before too. Returns how many; called by `run_due`."""
    now = now or timezone.now()
    due = missing().filter(Q(clean_due_at=None) | Q(clean_due_at__lt=now)).order_by("clean_due_at", "pk")
    swept = 0
    for document in due[:SWEPT_AT_ONCE]:
        with transaction.atomic():
            # Two sweeps at once: the one that moves the due time takes it.
            same = Document.objects.filter(pk=document.pk, clean_due_at=document.clean_due_at)
            if same.update(clean_due_at=now):
                enqueue(make_clean_copies, [document.pk])
                swept += 1
    return swept


def _taken(document_id: int) -> Document | None:
    """The document, if a copy is missing and nobody is at it; then it is ours until the lease ends."""
    now = timezone.now()
    free = missing().filter(Q(clean_due_at=None) | Q(clean_due_at__lte=now), pk=document_id)
    if not free.update(clean_attempts=F("clean_attempts") + 1, clean_due_at=now + LEASE):
        return None
    return Document.objects.select_related("application").get(pk=document_id)


@transaction.atomic
def _withhold(document: Document, sentence: str) -> None:
    """Take it off the register: nobody can say what stands in a file of which no copy can be made."""
    # The case first, as officers' verbs lock them.
    locked(document.application_id)
    published = Document.objects.filter(pk=document.pk, public_status=PublicStatus.PUBLISH, clean_file="")
    because = f"{WITHHELD_AS_NOT_CLEANED} {sentence}"[:300]
    if not published.update(
        public_status=PublicStatus.WITHHOLD, withheld_because=because, clean_due_at=None, clean_attempts=0
    ):
        return
    event = record(
        document.application, "document_not_cleaned", by=None, document=document.pk, title=document.title,
        because=because,
    )  # fmt: skip
    PlanningApplication.objects.filter(pk=document.application_id).update(public_changed_at=event.at)
