"""The background task that makes the copy for the public when somebody publishes, and the sweep for what was lost.

A worker may be killed anywhere. A copy lies under a name that follows from the name of the file, so a second attempt
writes over what the first has left; the row learns of it last. Until then the public is told to wait a minute
(serving.py): the file as it came is given to nobody but officers.
"""

from collections.abc import Collection
from datetime import timedelta
from pathlib import PurePosixPath
from typing import Any

from django.core.files.base import File
from django.db import transaction
from django.db.models import QuerySet
from django_tasks import task

from cases.files.types import CLEANED, SUFFIXES
from cases.jobs.background import Priority
from cases.jobs.leased import LeasedJob, NotDone
from cases.locking import locked
from cases.models import Document, PlanningApplication
from cases.models.document import WITHHELD_AS_NOT_CLEANED
from cases.statuses import PublicStatus
from cases.timeline import record

from .copying import NotCopied, copied


def missing() -> QuerySet[Document]:
    """Published documents that the public does not get yet, because there is no clean copy of their file."""
    return Document.objects.public().filter(clean_file="", mime_type__in=CLEANED)


def clean_soon(pks: Collection[int]) -> None:
    """Have the copies made that are missing of these. Inside the transaction that publishes them."""
    wanted = sorted(missing().filter(pk__in=pks).values_list("pk", flat=True))
    CLEANING.soon(wanted)


@task(queue_name="documents", priority=Priority.SOMEBODY_WAITS)
def make_clean_copy(document_id: int) -> None:
    """Make the copy of one published document where it is missing."""
    CLEANING.run(document_id)


def _make(document: Document) -> None:
    try:
        made = made_copy(document)
    except NotCopied as error:
        raise NotDone(str(error)) from error
    except Exception as error:
        # The store or the database is away, which says nothing of the file.
        raise NotDone("The store of documents cannot be reached.", again=True, counts=False) from error
    Document.objects.filter(pk=document.pk).update(**made, clean_due_at=None)


def made_copy(document: Document) -> dict[str, Any]:
    """Make and store the clean copy of a document's file; returns what its row then says. Raises NotCopied, OSError."""
    stored = document.file
    with copied(stored, mime_type=document.mime_type, title=document.application.reference) as copy:
        path = PurePosixPath(str(stored.name))
        name = str(path.with_name(f"{path.stem}.clean.{SUFFIXES[copy.mime_type]}"))
        with copy.path.open("rb") as file:
            stored.storage.save_over(name, File(file))  # type: ignore[attr-defined]  # both of our stores have it
        return {"clean_file": name, "clean_mime_type": copy.mime_type, "clean_size": copy.size}


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
        document.application,
        "document_not_cleaned",
        by=None,
        document=document.pk,
        title=document.title,
        because=because,
    )
    PlanningApplication.objects.filter(pk=document.application_id).update(public_changed_at=event.at)


CLEANING = LeasedJob(
    task=make_clean_copy,
    waiting=lambda: missing().select_related("application"),
    work=_make,
    give_up=_withhold,
    fault="The copy could not be made.",
    attempts="clean_attempts",
    due_at="clean_due_at",
    undated_are_due=True,
    lease=timedelta(minutes=25),
    waits=[timedelta(minutes=10)] * 3,
)
