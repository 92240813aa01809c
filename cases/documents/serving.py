"""The one way out of the storage: who asks for a file was allowed to, and nothing in it can run here."""

import re
from typing import Any

from django.db.models.fields.files import FieldFile
from django.http import FileResponse, Http404, HttpResponseBase, HttpResponseRedirect
from django.utils.http import content_disposition_header

from cases.files.disk import StorageAway
from cases.files.types import PDF, SHOWN_INLINE, SUFFIXES
from cases.models import Document, DocumentPage
from cases.register.document_pages import said_of

LINK_SECONDS = 300
KEPT_BY_NOBODY = "private, no-store"


class BeingMade(StorageAway):
    """The copy that the public gets is not there yet: try again in a minute."""

    heading = "The document is not ready yet"
    to_readers = "The file is being made ready for you. Try again in a minute."


def file_response(document: Document, *, inline: bool) -> HttpResponseBase:
    """The document's file, for officers. The view has asked whether this reader may see it.

    Shown in the browser only when it was looked through and holds nothing that could run; otherwise it is a download.
    From S3 the reader is sent on by a link of five minutes. Raises Http404, with the reason in words, when there is no
    file, or when it is harmful or waits for the virus scan.
    """
    if closed := why_closed(document):
        raise Http404(closed)
    return _sent(document, document.shown_file, mime_type=document.shown_mime_type, inline=inline)


def public_file_response(document: Document) -> HttpResponseBase:
    """What the public gets of a published document: the clean copy of its file, in the browser where it can be shown.

    Raises BeingMade while the copy is not there, and Http404 as `file_response`.
    """
    if not document.is_open_to_readers:
        raise Http404(why_closed(document))
    if not document.public_file:
        raise BeingMade(BeingMade.to_readers)
    return _sent(document, document.public_file, mime_type=document.public_mime_type, inline=True)


def _sent(document: Document, file: FieldFile, *, mime_type: str, inline: bool) -> HttpResponseBase:
    shown = inline and mime_type in SHOWN_INLINE and can_be_shown(document)
    name = readable_name(document, mime_type=mime_type)
    disposition = content_disposition_header(as_attachment=not shown, filename=name)
    return _out(file, mime_type=mime_type, disposition=disposition or "attachment")


def can_be_shown(document: Document) -> bool:
    """Whether a browser may show it, where it is of a kind without programs: looked through, and nothing found.

    A file that nobody has looked into yet is handed out for saving only.
    """
    return document.is_open_to_readers and document.active_content == []


def why_closed(document: Document) -> str:
    """Why nobody gets this file, as a sentence for an officer. Empty: it is open."""
    if document.fetch_status != Document.FetchStatus.HERE:
        return "The document has no file yet."
    if document.scan_status == Document.ScanStatus.INFECTED:
        found = f" ({document.scan_detail})" if document.scan_detail else ""
        return f"The virus scanner found the file harmful{found}. It is locked away, and nobody can open it."
    if document.scan_status == Document.ScanStatus.WAITING:
        detail = f" {document.scan_detail}" if document.scan_detail else ""
        return f"The file waits for the virus scan.{detail} Until then nobody can open it."
    if not document.shown_file and document.prepared_at is not None:
        return f"The file does not open, so there is nothing to show. {document.prepare_error}".strip()
    if not document.shown_file:
        return "A picture of the file is being made. That takes a minute."
    return ""


def thumbnail_response(document: Document) -> HttpResponseBase:
    """The picture of the first page. Raises Http404 when there is none (yet)."""
    if not document.thumbnail or not document.is_open_to_readers:
        raise Http404("The document has no picture.")
    response = _out(document.thumbnail, mime_type="image/jpeg", disposition="inline")
    response.headers["Cache-Control"] = "private, max-age=300"
    return response


def page_response(page: DocumentPage) -> HttpResponseBase:
    """The preview of one page. Raises as `picture_response`."""
    return picture_response(page.document, page.preview)


def picture_response(document: Document, file: FieldFile | None) -> HttpResponseBase:
    """A picture of a page, for officers. Raises Http404 when there is none, or the file is not open to readers."""
    if not file or not document.is_open_to_readers:
        raise Http404("The page has no picture.")
    return _out(file, mime_type="image/jpeg", disposition="inline")


def readable_name(document: Document, *, mime_type: str = "") -> str:
    """What the file is called on the reader's own disk: 26-00107-HAPP Site plan 001 A.pdf."""
    words = [document.application.reference, said_of(document), document.drawing_number, document.revision]
    name = re.sub(r"[^\w .,()&+'-]+", "-", " ".join(word for word in words if word))
    return f"{name[:150].strip(' .-')}.{SUFFIXES.get(mime_type or document.shown_mime_type, 'bin')}"


def _out(file: Any, *, mime_type: str, disposition: str) -> HttpResponseBase:
    response: HttpResponseBase
    if hasattr(file.storage, "bucket_name"):  # S3: the storage itself hands the file over
        response = HttpResponseRedirect(
            file.storage.url(
                file.name,
                # All that S3 lets a link say. It knows no nosniff and no sandbox (docs/deploy.md).
                parameters={
                    "ResponseContentType": mime_type,
                    "ResponseContentDisposition": disposition,
                    "ResponseCacheControl": KEPT_BY_NOBODY,
                },
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
    response.headers["Cache-Control"] = KEPT_BY_NOBODY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
