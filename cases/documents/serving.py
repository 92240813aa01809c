"""The one way out of the storage: who asks for a file was allowed to, and nothing in it can run here."""

import re
from typing import Any

from django.http import FileResponse, Http404, HttpResponseBase, HttpResponseRedirect
from django.utils.http import content_disposition_header

from cases.file_types import PDF, SHOWN_INLINE, SUFFIXES
from cases.models import Document

LINK_SECONDS = 300


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
