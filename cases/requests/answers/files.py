"""Files that wait beside an answer until it is sent; sending makes them documents of the case (answering.py)."""

import logging
from datetime import datetime, timedelta
from typing import IO, Any, cast

from django.core.files.base import File
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from cases.files.disk import remove
from cases.files.names import clean_name
from cases.files.opening import refuse_unopenable
from cases.files.types import UnacceptableFile, inspect
from cases.locking import locked
from cases.models import AnswerFile, ApplicantLink, Document, ValidationRequest
from cases.models.document import stored_name
from cases.statuses import ENDED

from .answering import AnswersClosed, lock_requests, locked_link, why_closed

logger = logging.getLogger(__name__)
MOST_FILES = 20
KEPT_FOR = timedelta(days=90)  # as long as a link opens that no letter prolongs
KEPT_AFTER_THE_END = timedelta(days=14)
DELETED_AT_ONCE = 500


def add_answer_file(request: ValidationRequest, *, link: ApplicantLink, file: IO[bytes], name: str) -> AnswerFile:
    """Put a file to an answer that is not sent yet; at most 20 to one request.

    The same file again is the row that is there: an upload may be repeated when its answer got lost. Raises
    UnacceptableFile (kind, size, number, it does not open, or the council has this very file already), AnswersClosed.
    """
    inspected = inspect(file, name=name)
    if there := _check(request, inspected.sha256):
        return there
    refuse_unopenable(file, mime_type=inspected.mime_type)
    storage = AnswerFile._meta.get_field("file").storage
    wanted = stored_name(cast(Any, AnswerFile(request=request)), f"file.{inspected.suffix}")
    # Stored before the transaction that knows of it, because a storage cannot be rolled back.
    stored = storage.save(wanted, File(file))
    try:
        with transaction.atomic():
            locked_link(link)
            locked = lock_requests([request], link)[0]
            if refusal := why_closed(locked):
                raise AnswersClosed(refusal)
            there = _check(locked, inspected.sha256)
            if there is None:
                return AnswerFile.objects.create(
                    request=locked,
                    link=link,
                    file=stored,
                    original_name=clean_name(name) or "File",
                    mime_type=inspected.mime_type,
                    size=inspected.size,
                    sha256=inspected.sha256,
                )
    except BaseException as error:
        remove(storage, stored, because=error)
        raise
    remove(storage, stored)
    return there


def _check(request: ValidationRequest, sha256: str) -> AnswerFile | None:
    """The same file where it is put to this request already. Raises UnacceptableFile where it may not be put."""
    files = AnswerFile.objects.filter(request=request)
    if there := files.filter(sha256=sha256).first():
        return there
    if files.count() >= MOST_FILES:
        raise UnacceptableFile(f"You can send at most {MOST_FILES} files for one request.")
    # What answered another request may answer this one too; what came with the application was found wanting.
    same = Document.objects.with_file().filter(application=request.application_id, sha256=sha256, answers=None).first()
    if same is not None:
        raise UnacceptableFile(
            f"The council has this very file already, as “{same.title}”. Choose another one, or say that you disagree."
        )
    return None


@transaction.atomic
def remove_answer_file(answer_file: AnswerFile, *, link: ApplicantLink) -> None:
    """Take a file away from an answer that is not sent yet. Gone already: nothing happens. Raises AnswersClosed."""
    locked_link(link)
    locked = lock_requests([answer_file.request], link)[0]
    if refusal := why_closed(locked):
        raise AnswersClosed(refusal)
    row = AnswerFile.objects.filter(pk=answer_file.pk, request=locked).first()
    if row is not None:
        _delete(row)


def delete_forgotten() -> int:
    """Delete files that nobody sent and nobody can send: of requests and applications that have ended meanwhile, and
    those older than 90 days whose application no link opens any more.

    A link is prolonged by every letter (links.link_for), so the age of a file alone says nothing. Returns how many.
    What runs beside it is safe: each file goes under the lock of its case, as sending takes it.
    """
    now = timezone.now()
    ended = now - KEPT_AFTER_THE_END
    forgotten = (
        Q(~Exists(_opens_since(ended)), uploaded_at__lt=now - KEPT_FOR)
        | Q(request__resolved_at__lt=ended)
        | Q(request__application__status__in=ENDED, request__application__status_changed_at__lt=ended)
    )
    found = AnswerFile.objects.filter(forgotten).values_list("pk", "request__application")[:DELETED_AT_ONCE]
    return sum(_delete_under_lock(pk, case) for pk, case in list(found))


def _opens_since(moment: datetime) -> QuerySet[ApplicantLink]:
    """Links of a file's application, whoever has them, that opened it at this moment or later: anybody may send it."""
    return ApplicantLink.objects.filter(
        Q(revoked_at=None) | Q(revoked_at__gte=moment),
        application=OuterRef("request__application"),
        party__isnull=False,
        expires_at__gte=moment,
    )


@transaction.atomic
def _delete_under_lock(pk: int, application_id: int) -> int:
    locked(application_id)
    row = AnswerFile.objects.filter(pk=pk).first()
    if row is None:
        return 0
    _delete(row)
    return 1


def _delete(row: AnswerFile) -> None:
    # After the commit: a storage cannot be rolled back. While the store is away the file waits to be removed.
    storage, name = row.file.storage, row.file.name or ""
    transaction.on_commit(lambda: remove(storage, name), robust=True)
    row.delete()
