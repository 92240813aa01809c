"""Storing a file so that it is there if, and only if, a row knows of it.

A file is stored before the transaction that knows of it, because a storage cannot be rolled back; when the transaction
fails, the file is removed again.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import IO, Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import File
from django.db import transaction

from accounts.models import User
from cases.documents.preparing.task import prepare_soon
from cases.files.disk import goes_with_the_transaction, remove
from cases.files.names import clean_name
from cases.files.opening import refuse_unopenable
from cases.files.types import Inspected, UnacceptableFile, inspect
from cases.locking import locked
from cases.models import Document, DocumentType, PlanningApplication
from cases.models.document import stored_name
from cases.timeline import record

from . import scanning

NOT_NOW = "You cannot change the documents of this case now."


@contextmanager
def storing_file(
    application: PlanningApplication,
    *,
    file: IO[bytes],
    name: str,
    may: Callable[[PlanningApplication], bool] | None = None,
    must_open: bool = True,
) -> Iterator[tuple[Inspected, str]]:
    """Store a file, then open the transaction that shall know of it; without the transaction the file goes again.

    `may` is asked of the case as it then stands: it may have ended while the file was on its way. `must_open`: refuse
    a file that does not open; what comes with a submission is kept as it is, and marked (preparing/).
    Raises StorageAway when the store cannot be reached: then there is neither file nor row.
    """
    inspected = inspect(file, name=name, says_something=must_open)
    refuse_double(application, inspected)
    if must_open:
        refuse_unopenable(file, mime_type=inspected.mime_type)
    field = Document._meta.get_field("file")
    wanted = stored_name(Document(application=application), f"file.{inspected.suffix}")
    stored = field.storage.save(wanted, File(file))
    try:
        with transaction.atomic():
            # The lock makes two uploads of the same file follow each other, so that the second is told of the first.
            case = locked(application.pk)
            permit(may is None or may(case))
            refuse_double(application, inspected)
            yield inspected, stored
    except BaseException as error:
        remove(field.storage, stored, because=error)
        raise
    goes_with_the_transaction(field.storage, stored)


def refuse_double(application: PlanningApplication, inspected: Inspected) -> None:
    same = Document.objects.with_file().filter(application=application, sha256=inspected.sha256).first()
    if same is not None:
        raise UnacceptableFile(f"The same file is on this case already: “{same.title}”.")


def file_fields(inspected: Inspected, stored: str, name: str) -> dict[str, Any]:
    return {
        "file": stored,
        "original_name": clean_name(name),
        "mime_type": inspected.mime_type,
        "size": inspected.size,
        "sha256": inspected.sha256,
        "fetch_status": Document.FetchStatus.HERE,
    }


def fill(document: Document, inspected: Inspected, stored: str, name: str) -> bool:
    """Write the file's facts on a row that has none. False when somebody was faster."""
    without_file = Document.objects.filter(pk=document.pk).exclude(fetch_status=Document.FetchStatus.HERE)
    fields = file_fields(inspected, stored, name)
    changed = without_file.update(**fields, fetch_error="", fetch_due_at=None)
    if changed:
        look_into(document)
    return bool(changed)


def look_into(document: Document) -> None:
    """Have the file of a new row scanned where there is a scanner, and then prepared. Inside the row's transaction."""
    if scanning.is_configured():
        scanning.scan_soon(document.pk)  # what is found clean is prepared then
        document.scan_status = Document.ScanStatus.WAITING
    else:
        prepare_soon(document.pk)


def tell_added(document: Document, *, by: User | None, **facts: Any) -> None:
    record(
        document.application,
        "document_added",
        by=by,
        document=document.pk,
        title=document.title,
        types=document.types,
        sha256=document.sha256,
        **facts,
    )
    look_into(document)


def permit(allowed: bool) -> None:
    if not allowed:
        raise PermissionDenied(NOT_NOW)


def known_types(types: Iterable[str]) -> list[str]:
    codes = list(dict.fromkeys(types))
    known = set(DocumentType.objects.filter(code__in=codes).values_list("code", flat=True))
    if set(codes) - known:
        raise ValidationError("That is not a kind of document that is known here.")
    return codes
