"""Having the redacted copy made, and the background task that makes it.

A worker may be killed anywhere. The copy, the mark that it is made and the original's being withheld come in one
transaction at the end, so that there is one copy or none; a lease says who is at it; `sweep` takes up what was lost.
"""

import logging
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django_tasks import task

from accounts.models import User
from cases.documents.clean_copies.copying import on_disk
from cases.documents.redacted_copies import add_redacted_copy
from cases.files.disk import atomic_with_files
from cases.files.types import UnacceptableFile
from cases.jobs import child
from cases.jobs.background import enqueue
from cases.models import Redaction
from cases.timeline import record

from .attempts import LEASE, LOST_AFTER, MOST_ATTEMPTS, SWEPT_AT_ONCE
from .drawing import SomebodyWasFaster, held_redaction, why_not

logger = logging.getLogger(__name__)

STATES = Redaction.State


@transaction.atomic
def make_copy(redaction: Redaction, *, by: User, version: int | None = None) -> Redaction:
    """Have the copy made in the background. Without boxes it is the document flattened: pages and nothing else.

    Pressed twice: one copy. `version`: the boxes that the officer has seen; None: whichever there are.
    Raises PermissionDenied, SomebodyWasFaster, ValidationError when the document cannot be redacted.
    """
    row = held_redaction(redaction, by=by)
    if row.state in Redaction.EDITABLE:
        if version is not None and version != row.version:
            raise SomebodyWasFaster(f"{row.by} has changed the boxes after you opened this page. Look at them first.")
        if sentence := why_not(row.document):
            raise ValidationError(sentence)
        row.state, row.error, row.attempts, row.due_at, row.by = STATES.QUEUED, "", 0, timezone.now(), by
        row.version += 1
        row.save(update_fields=["state", "error", "attempts", "due_at", "by", "version", "updated_at"])
        enqueue(make_redacted_copy, row.pk)
    redaction.refresh_from_db()
    return redaction


# --- In the background ----------------------------------------------------------------------------------------------


@task(queue_name="documents")
def make_redacted_copy(redaction_id: int) -> None:
    """Make the copy of a redaction, once. Running twice, or two at once, does no harm."""
    redaction = _taken(redaction_id)
    if redaction is None:
        return
    if sentence := why_not(redaction.document):  # found harmful since the copy was asked for
        _fail(redaction, sentence)
        return
    try:
        with TemporaryDirectory(prefix="redacting-") as folder:
            made = Path(folder) / "copy"
            # Not the document's own title: a name in it, corrected later, would stay inside the file.
            title = f"{redaction.document.application.reference}: redacted copy"
            with on_disk(redaction.document.shown_file, Path(folder)) as source:
                answer = child.run(
                    "cases.documents.rebuilding.pages",
                    {"source": str(source), "out": str(made), "mime_type": redaction.document.shown_mime_type,
                     "boxes": redaction.boxes, "title": title},
                    largest_file=settings.MAX_DOCUMENT_BYTES,
                )  # fmt: skip
            if "error" in answer:
                _fail(redaction, answer["error"])
            else:
                _finish(redaction, made)
    except (child.ChildFailed, UnacceptableFile, ValidationError) as error:
        _fail(redaction, " ".join(error.messages) if isinstance(error, ValidationError) else str(error))
    except PermissionDenied:
        _fail(redaction, "Whoever asked for the copy may no longer redact documents.")
    except Exception as error:
        logger.warning("Redaction %s was not made: %s", redaction_id, type(error).__name__, exc_info=True)
        _try_again(redaction)


def sweep(now: datetime | None = None) -> int:
    """Take up copies whose task was lost with its worker. Returns how many; called by `run_due`."""
    now = now or timezone.now()
    lost = Redaction.objects.filter(state=STATES.QUEUED, due_at__lt=now - LOST_AFTER).order_by("due_at")
    swept = 0
    for redaction in lost[:SWEPT_AT_ONCE]:
        if redaction.attempts >= MOST_ATTEMPTS:  # each of them has brought its worker down
            _fail(redaction, "The copy could not be made: each attempt was broken off. Try it once more, or split it.")
            continue
        with transaction.atomic():
            # Two sweeps at once: the one that moves the due time takes it.
            if Redaction.objects.filter(pk=redaction.pk, due_at=redaction.due_at).update(due_at=timezone.now()):
                enqueue(make_redacted_copy, redaction.pk)
                swept += 1
    return swept


def _taken(redaction_id: int) -> Redaction | None:
    """The redaction, if it waits and nobody is at it; then it is ours until the lease ends."""
    now = timezone.now()
    free = Redaction.objects.filter(Q(due_at=None) | Q(due_at__lte=now), pk=redaction_id, state=STATES.QUEUED)
    if not free.filter(attempts__lt=MOST_ATTEMPTS).update(attempts=F("attempts") + 1, due_at=now + LEASE):
        return None
    return Redaction.objects.select_related("document__application", "by").get(pk=redaction_id)


class _MadeAlready(Exception):
    """Another worker was faster, or the boxes were changed."""


def _finish(redaction: Redaction, made: Path) -> None:
    """The copy and the redaction done: all or nothing."""
    document, by = redaction.document, redaction.by
    with suppress(_MadeAlready), atomic_with_files(), made.open("rb") as file:
        _refuse_what_is_made(Redaction.objects.filter(pk=redaction.pk), redaction)
        # The case is locked in here, and the redaction only then: in the order in which officers' verbs lock them.
        copy = add_redacted_copy(document, file=file, name=f"{document.title} redacted", by=by)
        row = _refuse_what_is_made(Redaction.objects.select_for_update(of=("self",)), redaction)
        Redaction.objects.filter(pk=row.pk).update(
            state=STATES.DONE, copy=copy, due_at=None, error="", updated_at=timezone.now()
        )
        record(
            document.application, "document_redacted", by=by, document=document.pk, title=document.title,
            by_document=copy.pk, boxes=len(row.boxes), pages=len({box["page"] for box in row.boxes}),
        )  # fmt: skip


def _refuse_what_is_made(rows: QuerySet[Redaction], redaction: Redaction) -> Redaction:
    row = rows.get(pk=redaction.pk)
    if row.state != STATES.QUEUED or row.version != redaction.version:
        raise _MadeAlready
    return row


def _try_again(redaction: Redaction) -> None:
    if redaction.attempts >= MOST_ATTEMPTS:
        _fail(redaction, "The copy could not be made, although it was tried several times. Try it once more later.")
    else:
        Redaction.objects.filter(pk=redaction.pk, state=STATES.QUEUED).update(due_at=timezone.now())


def _fail(redaction: Redaction, sentence: str) -> None:
    """Say why there is no copy. The boxes stay, to be used again."""
    Redaction.objects.filter(pk=redaction.pk, state=STATES.QUEUED).update(
        state=STATES.FAILED, error=sentence[:300], due_at=None, updated_at=timezone.now()
    )
