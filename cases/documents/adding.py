"""Adding documents: by hand, from an older register, and the files that a submission only names."""

from collections.abc import Iterable
from datetime import date
from functools import partial
from typing import IO

from django.utils import timezone

from accounts.models import User
from cases.files.names import title_from
from cases.files.types import UnacceptableFile
from cases.models import Document, PlanningApplication
from cases.permissions import can_add_documents
from cases.statuses import Origin, PublicStatus
from cases.timeline import record

from .storing import file_fields, fill, known_types, permit, storing_file, tell_added
from .type_suggestions import suggested_types


def add_document(
    application: PlanningApplication,
    *,
    file: IO[bytes],
    name: str,
    by: User,
    types: Iterable[str] = (),
    title: str = "",
    drawing_number: str = "",
    revision: str = "",
    description: str = "",
    received_on: date | None = None,
) -> Document:
    """Add a file to an open application. `types` are codes of DocumentType; without a title the name stands for one.

    Raises PermissionDenied, UnacceptableFile (kind, size, or the same file is there already), or ValidationError for
    an unknown type.
    """
    permit(can_add_documents(by, application))
    codes = known_types(types)
    with storing_file(application, file=file, name=name, may=partial(can_add_documents, by)) as (inspected, stored):
        document = Document.objects.create(
            application=application,
            title=(title.strip() or title_from(name))[:255],
            types=codes,
            drawing_number=drawing_number,
            revision=revision,
            description=description,
            received_on=received_on or timezone.localdate(),
            uploaded_by=by,
            # By its name, at once; its text is asked when its pages are made.
            suggested_types=[] if codes else suggested_types(name, ""),
            **file_fields(inspected, stored, name),
        )
        tell_added(document, by=by)
    return document


def add_imported_document(
    application: PlanningApplication,
    *,
    file: IO[bytes],
    name: str,
    title: str = "",
    types: Iterable[str] = (),
    received_on: date,
    is_public: bool,
) -> Document:
    """Add a file that came with an older register; published only where that register had it published.

    Nobody's permission is asked: a command does this, of applications that were imported too (PermissionDenied for any
    other). Raises UnacceptableFile (kind, size, or the same file is there already), or ValidationError for an
    unknown type.
    """
    codes = known_types(types)

    def was_imported(case: PlanningApplication) -> bool:
        return case.origin == Origin.IMPORTED

    with storing_file(application, file=file, name=name, may=was_imported) as (inspected, stored):
        document = Document.objects.create(
            application=application,
            title=(title.strip() or title_from(name))[:255],
            types=codes,
            received_on=received_on,
            public_status=PublicStatus.PUBLISH if is_public else PublicStatus.NOT_ASSESSED,
            **file_fields(inspected, stored, name),
        )
        tell_added(document, by=None, is_imported=True, status=document.public_status)
    return document


def has_file(application: PlanningApplication, sha256: str) -> bool:
    """Whether a file with these contents is on the case already."""
    return Document.objects.with_file().filter(application=application, sha256=sha256).exists()


def supply_file(document: Document, *, file: IO[bytes], name: str, by: User) -> Document:
    """Give a document the file that could not be fetched. Raises PermissionDenied, UnacceptableFile."""
    permit(can_add_documents(by, document.application))
    _give(document, file=file, name=name, event="document_added", by=by)
    document.refresh_from_db()
    return document


def store_fetched(document: Document, *, file: IO[bytes], name: str) -> None:
    """Give a waiting document the file that was fetched for it, whether it opens or not. Raises UnacceptableFile."""
    _give(document, file=file, name=name, event="document_fetched", by=None)


def _give(document: Document, *, file: IO[bytes], name: str, event: str, by: User | None) -> None:
    """Store a file for a row that has none. `by` is None where nobody's permission is needed."""
    application = document.application
    may = partial(can_add_documents, by) if by else None
    with storing_file(application, file=file, name=name, may=may, must_open=by is not None) as (inspected, stored):
        if not fill(document, inspected, stored, name):
            raise UnacceptableFile("The file has come in the meantime. Load the page again.")
        record(application, event, by=by, document=document.pk, title=document.title, sha256=inspected.sha256)
