"""Having a file looked at once more: by the virus scanner after a false alarm, or to have its pages drawn anew.

Who decides what the public sees of a case may ask: nothing opens by it that the scanner does not find clean.
"""

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import User
from cases.documents.preparing.findings import KINDS
from cases.documents.preparing.task import prepare_again
from cases.locking import locked_for
from cases.models import Document
from cases.permissions import can_publish
from cases.timeline import record

from . import scanning
from .serving import why_closed
from .storing import NOT_NOW


@transaction.atomic
def scan_again(document: Document, *, by: User) -> None:
    """Have the file scanned again, in the background; until then it stays as open or closed as it is.

    Raises PermissionDenied, or ValidationError with the sentence of `why_not_scanned_again`.
    """
    row = _locked(document, by=by)
    if sentence := why_not_scanned_again(row):
        raise ValidationError(sentence)
    scanning.scan_again_soon(row.pk)
    record(row.application, "document_scan_asked", by=by, document=row.pk, title=row.title)
    document.refresh_from_db()


@transaction.atomic
def make_previews_again(document: Document, *, by: User) -> None:
    """Have pages, words and pictures made again, in the background; those that are there stay until then.

    Raises PermissionDenied, or ValidationError with the sentence of `why_no_previews_again`.
    """
    row = _locked(document, by=by)
    if sentence := why_no_previews_again(row):
        raise ValidationError(sentence)
    prepare_again(row)
    record(row.application, "document_previews_asked", by=by, document=row.pk, title=row.title)
    document.refresh_from_db()


def why_not_scanned_again(document: Document) -> str:
    """A sentence for an officer; "" when it can be scanned again."""
    if not scanning.is_configured():
        return "There is no virus scanner."
    if document.fetch_status != Document.FetchStatus.HERE:
        return why_closed(document)
    if scanning.is_due(document):
        return "The file waits for the virus scan already."
    return ""


def why_no_previews_again(document: Document) -> str:
    """A sentence for an officer; "" when its pages can be made again."""
    if closed := why_closed(document):
        return closed
    if document.shown_mime_type not in KINDS:
        return "Files of this kind have no previews."
    if document.prepared_at is None and document.prepare_due_at is not None:
        return "The previews are being made already."
    return ""


def _locked(document: Document, *, by: User) -> Document:
    locked_for(document.application, by=by, may=can_publish, refusal=NOT_NOW)
    return Document.objects.select_for_update(of=("self",)).select_related("application").get(pk=document.pk)
