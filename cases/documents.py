"""Documents of a case: adding, describing, publishing, replacing; and the one way out of the storage.

A file is stored before the transaction that knows of it, because a storage cannot be rolled back; when the transaction
fails, the file is removed again.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from functools import partial
from itertools import groupby
from typing import IO, Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import File
from django.db import transaction
from django.http import FileResponse, Http404, HttpResponseBase, HttpResponseRedirect
from django.utils import timezone
from django.utils.http import content_disposition_header

from accounts.models import User

from .background import enqueue
from .file_types import IMAGES, PDF, SHOWN_INLINE, SUFFIXES, Inspected, UnacceptableFile, inspect
from .holding import hold
from .models import Document, DocumentType, PlanningApplication
from .models.document import stored_name
from .permissions import can_add_documents, can_correct, can_publish
from .statuses import Origin, PublicStatus
from .thumbnails import prepare_document
from .timeline import record

__all__ = [
    "UnacceptableFile",
    "add_document",
    "add_imported_document",
    "add_redacted_copy",
    "change_document",
    "file_response",
    "has_file",
    "replace_document",
    "retry_fetch",
    "set_public_status",
    "store_fetched",
    "supersede",
    "supply_file",
    "thumbnail_response",
]

CHANGEABLE = frozenset(
    {"title", "types", "drawing_number", "revision", "description", "received_on", "is_approved_plan"}
)
LINK_SECONDS = 300
NOT_NOW = "You cannot change the documents of this case now."


# --- Adding --------------------------------------------------------------------------------------------------------


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
    _permit(can_add_documents(by, application))
    codes = _known_types(types)
    with _stored(application, file=file, name=name, may=partial(can_add_documents, by)) as (inspected, stored):
        document = Document.objects.create(
            application=application,
            title=(title.strip() or _title_from(name))[:255],
            types=codes,
            drawing_number=drawing_number,
            revision=revision,
            description=description,
            received_on=received_on or timezone.localdate(),
            uploaded_by=by,
            **_file_fields(inspected, stored, name),
        )
        _tell_added(document, by=by)
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
    codes = _known_types(types)

    def was_imported(held: PlanningApplication) -> bool:
        return held.origin == Origin.IMPORTED

    with _stored(application, file=file, name=name, may=was_imported) as (inspected, stored):
        document = Document.objects.create(
            application=application,
            title=(title.strip() or _title_from(name))[:255],
            types=codes,
            received_on=received_on,
            public_status=PublicStatus.PUBLISH if is_public else PublicStatus.NOT_ASSESSED,
            **_file_fields(inspected, stored, name),
        )
        _tell_added(document, by=None, is_imported=True, status=document.public_status)
    return document


def has_file(application: PlanningApplication, sha256: str) -> bool:
    """Whether a file with these contents is on the case already."""
    return Document.objects.with_file().filter(application=application, sha256=sha256).exists()


def add_redacted_copy(document: Document, *, file: IO[bytes], name: str, by: User) -> Document:
    """Add the copy that the public may see; the original is withheld from then on. Also after the decision.

    Raises PermissionDenied, UnacceptableFile.
    """
    application = document.application
    _permit(can_publish(by, application))
    with _stored(application, file=file, name=name, may=partial(can_publish, by)) as (inspected, stored):
        copy = Document.objects.create(
            application=application,
            redacted_from=document,
            title=document.title,
            types=document.types,
            drawing_number=document.drawing_number,
            revision=document.revision,
            received_on=document.received_on,
            uploaded_by=by,
            **_file_fields(inspected, stored, name),
        )
        _tell_added(copy, by=by, redacted_from=document.pk)
        set_public_status(
            [document], status=PublicStatus.WITHHOLD, because="A redacted copy stands in its place.", by=by
        )
    return copy


def supply_file(document: Document, *, file: IO[bytes], name: str, by: User) -> Document:
    """Give a document the file that could not be fetched. Raises PermissionDenied, UnacceptableFile."""
    application = document.application
    _permit(can_add_documents(by, application))
    with _stored(application, file=file, name=name, may=partial(can_add_documents, by)) as (inspected, stored):
        if not _fill(document, inspected, stored, name):
            raise UnacceptableFile("The file has come in the meantime. Load the page again.")
        record(
            document.application, "document_added", by=by, document=document.pk, title=document.title,
            sha256=inspected.sha256,
        )  # fmt: skip
    document.refresh_from_db()
    return document


def store_fetched(document: Document, *, file: IO[bytes], name: str) -> None:
    """Give a waiting document the file that was fetched for it. Raises UnacceptableFile."""
    with _stored(document.application, file=file, name=name) as (inspected, stored):
        if not _fill(document, inspected, stored, name):
            raise UnacceptableFile("The file has come in the meantime.")
        record(
            document.application, "document_fetched", by=None, document=document.pk, title=document.title,
            sha256=inspected.sha256,
        )  # fmt: skip


def retry_fetch(document: Document, *, by: User) -> None:
    """Try again to fetch a file that could not be fetched. Raises PermissionDenied, ValidationError."""
    # Here, because fetching stores what it fetched through this module.
    from .fetching import fetch_document

    _permit(can_add_documents(by, document.application))
    if not document.source_url:
        raise ValidationError("The submission does not say where this file lies.")
    with transaction.atomic():
        changed = Document.objects.filter(pk=document.pk, fetch_status=Document.FetchStatus.FAILED).update(
            fetch_status=Document.FetchStatus.WAITING, fetch_error="", fetch_attempts=0, fetch_due_at=timezone.now()
        )
        if changed:
            enqueue(fetch_document, document.pk)
    document.refresh_from_db()


@contextmanager
def _stored(
    application: PlanningApplication,
    *,
    file: IO[bytes],
    name: str,
    may: Callable[[PlanningApplication], bool] | None = None,
) -> Iterator[tuple[Inspected, str]]:
    """Store a file, then open the transaction that shall know of it; without the transaction the file goes again.

    `may` is asked of the case as it then stands: it may have ended while the file was on its way.
    """
    inspected = inspect(file, name=name)
    _refuse_double(application, inspected)
    field = Document._meta.get_field("file")
    wanted = stored_name(Document(application=application), f"file.{inspected.suffix}")
    stored = field.storage.save(wanted, File(file))
    try:
        with transaction.atomic():
            # The lock makes two uploads of the same file follow each other, so that the second is told of the first.
            held = PlanningApplication.objects.select_for_update(of=("self",)).get(pk=application.pk)
            _permit(may is None or may(held))
            _refuse_double(application, inspected)
            yield inspected, stored
    except BaseException:
        field.storage.delete(stored)
        raise


def _refuse_double(application: PlanningApplication, inspected: Inspected) -> None:
    same = Document.objects.with_file().filter(application=application, sha256=inspected.sha256).first()
    if same is not None:
        raise UnacceptableFile(f"The same file is on this case already: “{same.title}”.")


def _file_fields(inspected: Inspected, stored: str, name: str) -> dict[str, Any]:
    return {
        "file": stored,
        "original_name": _clean_name(name),
        "mime_type": inspected.mime_type,
        "size": inspected.size,
        "sha256": inspected.sha256,
        "fetch_status": Document.FetchStatus.HERE,
    }


def _fill(document: Document, inspected: Inspected, stored: str, name: str) -> bool:
    """Write the file's facts on a row that has none. False when somebody was faster."""
    without_file = Document.objects.filter(pk=document.pk).exclude(fetch_status=Document.FetchStatus.HERE)
    fields = _file_fields(inspected, stored, name)
    changed = without_file.update(**fields, fetch_error="", fetch_due_at=None)
    if changed and inspected.mime_type in {PDF, *IMAGES}:
        enqueue(prepare_document, document.pk)
    return bool(changed)


def _tell_added(document: Document, *, by: User | None, **facts: Any) -> None:
    record(
        document.application, "document_added", by=by, document=document.pk, title=document.title,
        types=document.types, sha256=document.sha256, **facts,
    )  # fmt: skip
    if document.mime_type in {PDF, *IMAGES}:
        enqueue(prepare_document, document.pk)


# --- Describing, publishing, replacing -----------------------------------------------------------------------------


@transaction.atomic
def change_document(document: Document, *, by: User, **changes: Any) -> Document:
    """Correct what stands about a document (CHANGEABLE). Nothing different: nothing recorded.

    Raises PermissionDenied, ValidationError for an unknown type, TypeError for a field that is not changed this way.
    """
    if unknown := set(changes) - CHANGEABLE:
        raise TypeError(f"Not changed this way: {', '.join(sorted(unknown))}")
    hold(document.application, by=by, may=can_correct, sorry=NOT_NOW)
    if "types" in changes:
        changes["types"] = _known_types(changes["types"])
    row = Document.objects.select_for_update(of=("self",)).get(pk=document.pk)
    before = {name: getattr(row, name) for name, value in changes.items() if getattr(row, name) != value}
    if before:
        after = {name: changes[name] for name in before}
        Document.objects.filter(pk=row.pk).update(**after)
        record(row.application, "document_changed", by=by, document=row.pk, title=row.title, before=before, after=after)
    document.refresh_from_db()
    return document


@transaction.atomic
def set_public_status(documents: Iterable[Document], *, status: str, because: str = "", by: User) -> None:
    """Say whether the public may see these documents. Withholding needs a reason; what is not here is not published.

    Raises PermissionDenied, ValidationError.
    """
    status = PublicStatus(status)
    because = because.strip()
    if status == PublicStatus.WITHHOLD and not because:
        raise ValidationError("Say why the document is withheld.")
    chosen = sorted(documents, key=lambda document: document.application_id)
    for _, group in groupby(chosen, key=lambda document: document.application_id):
        of_one_case = list(group)
        application = hold(of_one_case[0].application, by=by, may=can_publish, sorry=NOT_NOW)
        if status == PublicStatus.PUBLISH:
            _refuse_publishing_what_cannot(of_one_case)
        pks = [document.pk for document in of_one_case]
        Document.objects.filter(pk__in=pks).update(
            public_status=status, withheld_because=because[:300] if status == PublicStatus.WITHHOLD else ""
        )
        record(
            application, "documents_published", by=by, documents=pks, titles=[d.title for d in of_one_case],
            status=status.value, because=because,
        )  # fmt: skip
    for document in chosen:
        document.refresh_from_db(fields=["public_status", "withheld_because"])


def _refuse_publishing_what_cannot(documents: list[Document]) -> None:
    copies = Document.objects.current().filter(redacted_from__in=documents).exclude(public_status=PublicStatus.WITHHOLD)
    redacted = set(copies.values_list("redacted_from", flat=True))
    for document in documents:
        if document.fetch_status != Document.FetchStatus.HERE:
            raise ValidationError(f"“{document.title}” has no file yet, so it cannot be published.")
        if document.scan_status == Document.ScanStatus.INFECTED:
            raise ValidationError(f"“{document.title}” is harmful, so it cannot be published.")
        if document.pk in redacted:
            raise ValidationError(
                f"A redacted copy stands in the place of “{document.title}”. Withhold the copy first if it is wrong."
            )


@transaction.atomic
def supersede(document: Document, *, with_document: Document, by: User) -> None:
    """Let a newer document stand in the place of an older one. Raises PermissionDenied, ValidationError."""
    hold(document.application, by=by, may=can_correct, sorry=NOT_NOW)
    if with_document.application_id != document.application_id:
        raise ValidationError("The newer document belongs to another application.")
    rows = {d.pk: d for d in Document.objects.select_for_update(of=("self",)).filter(application=document.application)}
    if with_document.pk == document.pk or not rows[with_document.pk].is_current:
        raise ValidationError("A document can only be replaced by another one that is itself current.")
    if not rows[document.pk].is_current:
        raise ValidationError("This document has been replaced already.")
    Document.objects.filter(pk=document.pk).update(superseded_by=with_document, is_approved_plan=False)
    record(
        document.application, "document_superseded", by=by, document=document.pk, title=document.title,
        by_document=with_document.pk, by_title=with_document.title,
    )  # fmt: skip
    document.refresh_from_db()


@transaction.atomic
def replace_document(
    document: Document, *, file: IO[bytes], name: str, revision: str, received_on: date, by: User
) -> Document:
    """Add a newer revision and let it stand in the place of this one. Raises as `add_document` and `supersede`."""
    # Asked before the file is stored: a storage cannot be rolled back.
    _permit(can_correct(by, document.application))
    if not document.is_current:
        raise ValidationError("This document has been replaced already.")
    newer = add_document(
        document.application, file=file, name=name, by=by, types=document.types, title=document.title,
        drawing_number=document.drawing_number, revision=revision, received_on=received_on,
    )  # fmt: skip
    supersede(document, with_document=newer, by=by)
    return newer


def _permit(allowed: bool) -> None:
    if not allowed:
        raise PermissionDenied(NOT_NOW)


def _known_types(types: Iterable[str]) -> list[str]:
    codes = list(dict.fromkeys(types))
    known = set(DocumentType.objects.filter(code__in=codes).values_list("code", flat=True))
    if set(codes) - known:
        raise ValidationError("That is not a kind of document that is known here.")
    return codes


def _clean_name(name: str) -> str:
    return re.sub(r"[\x00-\x1f\x7f/\\]+", " ", name).strip()[-255:]


def _title_from(name: str) -> str:
    """ "Site_plan%20A.pdf" → Site plan A."""
    stem = _clean_name(name).rsplit(".", 1)[0].replace("%20", " ").replace("_", " ")
    return re.sub(r"\s+", " ", stem).strip() or "Document"


# --- The way out ---------------------------------------------------------------------------------------------------


def file_response(document: Document, *, inline: bool) -> HttpResponseBase:
    """The document's file. The view has asked whether this reader may see it.

    Shown in the browser only when it is of a kind that cannot run anything; otherwise it is a download. From S3 the
    reader is sent on by a link of five minutes. Raises Http404 when there is no file, or a harmful one.
    """
    if document.fetch_status != Document.FetchStatus.HERE or document.scan_status == Document.ScanStatus.INFECTED:
        raise Http404("The document has no file that can be shown.")
    shown = inline and document.mime_type in SHOWN_INLINE
    disposition = content_disposition_header(as_attachment=not shown, filename=readable_name(document))
    return _out(document.file, mime_type=document.mime_type, disposition=disposition or "attachment")


def thumbnail_response(document: Document) -> HttpResponseBase:
    """The picture of the first page. Raises Http404 when there is none (yet)."""
    if not document.thumbnail or document.scan_status == Document.ScanStatus.INFECTED:
        raise Http404("The document has no picture.")
    response = _out(document.thumbnail, mime_type="image/jpeg", disposition="inline")
    response.headers["Cache-Control"] = "private, max-age=300"
    return response


def readable_name(document: Document) -> str:
    """What the file is called on the reader's own disk: 26-00107-HAPP Site plan 001 A.pdf."""
    words = [document.application.reference, document.title, document.drawing_number, document.revision]
    name = re.sub(r"[^\w .,()&+'-]+", "-", " ".join(word for word in words if word))
    return f"{name[:150].strip(' .-')}.{SUFFIXES.get(document.mime_type, 'bin')}"


def _out(file: Any, *, mime_type: str, disposition: str) -> HttpResponseBase:
    response: HttpResponseBase
    if hasattr(file.storage, "bucket_name"):  # S3: the storage itself hands the file over
        response = HttpResponseRedirect(
            file.storage.url(
                file.name,
                parameters={"ResponseContentType": mime_type, "ResponseContentDisposition": disposition},
                expire=LINK_SECONDS,
            )
        )
    else:
        try:
            response = FileResponse(file.open("rb"), content_type=mime_type)
        except FileNotFoundError as error:
            raise Http404("The file is not in the storage.") from error
        response.headers["Content-Disposition"] = disposition
    # Chromium's own PDF viewer does not start in a sandbox; it has one of its own.
    sandbox = "" if mime_type == PDF else "sandbox; "
    response.headers["Content-Security-Policy"] = (
        f"{sandbox}default-src 'none'; style-src 'unsafe-inline'; object-src 'self'; frame-ancestors 'self'"
    )
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
