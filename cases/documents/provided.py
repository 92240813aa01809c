"""Whether a document that came is there: it has arrived, can be looked at, and nobody has said that it is not enough.

What was replaced, and a redacted copy, stand for nothing of their own: they are left out before anybody asks here.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from cases.models import Document, ValidationRequest

Kind, Outcome, Fetch, Scan = (
    ValidationRequest.Kind,
    ValidationRequest.Outcome,
    Document.FetchStatus,
    Document.ScanStatus,
)


@dataclass(frozen=True)
class Doubt:
    """Why a document does not count, in a sentence. `may_come`: not yet, because somebody must look, or wait."""

    words: str
    may_come: bool = False


def doubts(documents: Iterable[Document], requests: Iterable[ValidationRequest]) -> dict[int, Doubt]:
    """Key → doubt, of those current documents of a case that are not there. `requests` are all that the case has."""
    numbered: dict[int | None, ValidationRequest] = {request.pk: request for request in requests}
    replacing = {
        request.document_id: request
        for request in numbered.values()
        if request.kind == Kind.REPLACEMENT_DOCUMENT and request.is_open
    }
    found = {
        row.pk: _of_the_file(row) or _of_the_answer(row, numbered.get(row.answers_id)) or _replaced(row, replacing)
        for row in documents
    }
    return {key: doubt for key, doubt in found.items() if doubt}


def _of_the_file(row: Document) -> Doubt | None:
    if row.fetch_status == Fetch.FAILED:
        return Doubt(f"“{row.title}” could not be fetched.")
    if row.scan_status == Scan.INFECTED:
        return Doubt(f"“{row.title}” is harmful and locked away.")
    if row.shows_nothing:
        return Doubt(f"“{row.title}” cannot be opened.")
    if row.fetch_status == Fetch.WAITING:
        return Doubt(f"“{row.title}” is still being fetched.", may_come=True)
    if row.scan_status == Scan.WAITING:
        return Doubt(f"“{row.title}” waits for the virus scan.", may_come=True)
    return None


def _of_the_answer(row: Document, request: ValidationRequest | None) -> Doubt | None:
    """What the applicant sent to a request counts when an officer has accepted it."""
    if request is None or request.outcome == Outcome.ACCEPTED:
        return None
    if request.outcome == Outcome.NOT_ACCEPTED:
        return Doubt(f"“{row.title}” was not enough (request {request.number}).")
    sent = f"“{row.title}” was sent in answer to request {request.number}"
    if request.is_open:
        return Doubt(f"{sent}: look at it.", may_come=True)
    how = "which was withdrawn" if request.outcome == Outcome.CANCELLED else "without which you went on"
    return Doubt(f"{sent}, {how}: see whether it is enough.", may_come=True)


def _replaced(row: Document, replacing: dict[int | None, ValidationRequest]) -> Doubt | None:
    request = replacing.get(row.pk)
    return Doubt(f"A replacement for “{row.title}” is asked for in request {request.number}.") if request else None
