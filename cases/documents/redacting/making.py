"""Having the redacted copy made, and the background task that makes it.

A worker may be killed anywhere. The copy, the mark that it is made and the original's being withheld come in one
transaction at the end, so that there is one copy or none.
"""

from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django_tasks import task

from accounts.models import User
from cases.documents.clean_copies.copying import on_disk
from cases.documents.redacted_copies import add_redacted_copy
from cases.files.disk import atomic_with_files
from cases.files.types import UnacceptableFile
from cases.jobs import child
from cases.jobs.background import Priority
from cases.jobs.leased import LeasedJob, NotDone
from cases.models import Redaction
from cases.timeline import record

from .attempts import LEASE, WAITS
from .drawing import SomebodyWasFaster, locked_redaction, why_not
from .suggesting import look_soon

STATES = Redaction.State


@transaction.atomic
def make_copy(redaction: Redaction, *, by: User, version: int | None = None) -> Redaction:
    """Have the copy made in the background. Without boxes it is the document flattened: pages and nothing else.

    Pressed twice: one copy. `version`: the boxes that the officer has seen; None: whichever there are.
    Raises PermissionDenied, SomebodyWasFaster, ValidationError when the document cannot be redacted.
    """
    row = locked_redaction(redaction, by=by)
    if row.state in Redaction.EDITABLE:
        if version is not None and version != row.version:
            raise SomebodyWasFaster(f"{row.by} has changed the boxes after you opened this page. Look at them first.")
        if sentence := why_not(row.document):
            raise ValidationError(sentence)
        changes = {"error": "", "by": by, "version": row.version + 1, "updated_at": timezone.now()}
        MAKING.soon([row.pk], state=STATES.QUEUED, **changes)
    redaction.refresh_from_db()
    return redaction


# --- In the background ----------------------------------------------------------------------------------------------


@task(queue_name="documents", priority=Priority.SOMEBODY_WAITS)
def make_redacted_copy(redaction_id: int) -> None:
    """Make the copy of a redaction, once."""
    MAKING.run(redaction_id)


def _waiting() -> QuerySet[Redaction]:
    return Redaction.objects.filter(state=STATES.QUEUED).select_related("document__application", "by")


def _make(redaction: Redaction) -> None:
    if sentence := why_not(redaction.document):  # found harmful since the copy was asked for
        raise NotDone(sentence)
    try:
        with TemporaryDirectory(prefix="redacting-") as folder:
            _draw_and_finish(redaction, Path(folder))
    except (child.ChildFailed, UnacceptableFile) as error:
        raise NotDone(str(error)) from error
    except ValidationError as error:
        raise NotDone(" ".join(error.messages)) from error
    except PermissionDenied as error:
        raise NotDone("Whoever asked for the copy may no longer redact documents.") from error


def _draw_and_finish(redaction: Redaction, folder: Path) -> None:
    document, made = redaction.document, folder / "copy"
    # Not the document's own title: a name in it, corrected later, would stay inside the file.
    title = f"{document.application.reference}: redacted copy"
    with on_disk(document.shown_file, folder) as source:
        answer = child.run(
            "cases.documents.rebuilding.pages",
            {
                "source": str(source),
                "out": str(made),
                "mime_type": document.shown_mime_type,
                "boxes": redaction.boxes,
                "title": title,
            },
            largest_file=settings.MAX_DOCUMENT_BYTES,
        )
    if "error" in answer:
        raise NotDone(answer["error"])
    _finish(redaction, made)


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
            document.application,
            "document_redacted",
            by=by,
            document=document.pk,
            title=document.title,
            by_document=copy.pk,
            boxes=len(row.boxes),
            pages=len({box["page"] for box in row.boxes}),
        )


def _refuse_what_is_made(rows: QuerySet[Redaction], redaction: Redaction) -> Redaction:
    row = rows.get(pk=redaction.pk)
    if row.state != STATES.QUEUED or row.version != redaction.version:
        raise _MadeAlready
    return row


@transaction.atomic
def _fail(redaction: Redaction, sentence: str) -> None:
    """Say why there is no copy. The boxes stay, to be used again."""
    failed = Redaction.objects.filter(pk=redaction.pk, state=STATES.QUEUED).update(
        state=STATES.FAILED, error=sentence[:300], due_at=None, updated_at=timezone.now()
    )
    if failed and redaction.suggested is None:  # the copy was asked for before anybody had looked
        look_soon(redaction)


MAKING = LeasedJob(
    task=make_redacted_copy,
    waiting=_waiting,
    work=_make,
    give_up=_fail,
    fault="The copy could not be made. Try again later, or split the document.",
    lease=LEASE,
    waits=WAITS,
)
