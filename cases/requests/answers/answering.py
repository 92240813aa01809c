"""What the applicant does on their page: fill in, be told what is missing, and send the answers.

A link stands for its person: nobody's permission is asked but that the link stands and is of the same application.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from cases.documents.storing import file_fields, tell_added
from cases.files.names import title_from
from cases.files.types import Inspected
from cases.law import deadlines
from cases.locking import locked
from cases.models import AnswerFile, ApplicantLink, Document, DocumentType, PlanningApplication, ValidationRequest
from cases.places.geometry import BadGeometry, read_boundary
from cases.request_kinds import Asks, Kind, has_proposal, rules_of
from cases.requests.links import stands
from cases.statuses import OPEN
from cases.timeline import record

from . import ownership_certificate
from .settling import settle_agreement

Answer = ValidationRequest.Answer
MAX_TEXT = 10_000
MAX_NAME = 200
CLOSED = "The link no longer opens this application. Ask the council for a new one."


class AnswersClosed(Exception):
    """An answer cannot be given (any more). `str()` is a sentence for the applicant. What was filled in is kept."""


# --- What may be answered --------------------------------------------------------------------------------------------


def may_answer(request: ValidationRequest) -> bool:
    """Whether the request waits for an answer. Reads `request.application`: select it with the requests of a page."""
    return not why_closed(request)


def why_closed(request: ValidationRequest) -> str:
    """Why the request takes no answer, in a sentence for the applicant; empty when it takes one."""
    if request.sent_at is None:
        return "The council has not asked for this."
    if request.state == ValidationRequest.State.CANCELLED:
        return f"The council no longer asks for “{request.title}”. You do not need to answer it."
    if request.answer:
        return f"“{request.title}” has been answered already."
    if not request.is_open:
        return f"“{request.title}” is settled. You do not need to answer it."
    if request.application.status not in OPEN:
        return "The application has ended, so nothing more is needed."
    return ""


def answers_open_to(request: ValidationRequest) -> tuple[Answer, ...]:
    """Which answers this request takes: agreed only where something is proposed, replied where something may be sent.

    Disagreed always: the applicant may dispute whatever is asked (DMPO 2015 art. 12), and says why.
    """
    asks = rules_of(request).asks
    if not has_proposal(request):
        return Answer.REPLIED, Answer.DISAGREED
    if asks is Asks.RED_LINE:
        return Answer.AGREED, Answer.REPLIED, Answer.DISAGREED
    return Answer.AGREED, Answer.DISAGREED


# --- Filling in ------------------------------------------------------------------------------------------------------


@transaction.atomic
def keep_draft(
    request: ValidationRequest, *, link: ApplicantLink, draft: dict[str, Any], unless_begun: bool = False
) -> None:
    """Keep what the applicant has filled in; nothing is sent. Whoever has a link of the application sees it.

    `unless_begun`: what somebody has chosen or written meanwhile stays as it is.

    `draft`: {"answer": "agreed" | "disagreed" | "replied" | "", "text": str, "boundary": GeoJSON or None, "ownership":
    {"certificate": "a" … "d", "owners": [{"name", "address", "notice_on"}], …} or None}; what is left out is empty.
    It need not be complete (what_is_missing). Raises AnswersClosed, ValidationError by field.
    """
    locked_link(link)
    locked = lock_requests([request], link)[0]
    if refusal := why_closed(locked):
        raise AnswersClosed(refusal)
    if not (unless_begun and any(locked.draft_answer.values())):
        locked.draft_answer = _cleaned(locked, draft)
        locked.save(update_fields=["draft_answer"])
    request.draft_answer = locked.draft_answer


def what_is_missing(request: ValidationRequest) -> str:
    """What is still missing in the draft, in a sentence; empty when it can be sent.

    Reads `request.answer_files.all()`: prefetch them for a page of many.
    """
    draft = request.draft_answer
    answer = draft.get("answer", "")
    if answer not in answers_open_to(request):
        return "You have not answered this yet."
    text = draft.get("text", "").strip()
    if answer == Answer.DISAGREED:
        return "" if text else "Say why you disagree."
    if answer == Answer.AGREED:
        return ""
    has_files = bool(request.answer_files.all())
    match rules_of(request).asks:
        case Asks.FILES:
            return "" if has_files else "Add at least one file."
        case Asks.RED_LINE:
            return "" if draft.get("boundary") or has_files else "Draw the red line, or add a plan that shows it."
        case Asks.CERTIFICATE:
            return ownership_certificate.what_is_missing(draft.get("ownership"))
        case Asks.AGREEMENT:
            return "" if text else "Write the words that you suggest."
    return "" if text or has_files else "Write an answer, or add a file."


def _cleaned(request: ValidationRequest, draft: dict[str, Any]) -> dict[str, Any]:
    answer, text = draft.get("answer") or "", str(draft.get("text") or "").replace("\x00", "").strip()
    faults: dict[str, Any] = {}
    if answer and answer not in answers_open_to(request):
        faults["answer"] = "Choose one of the answers."
    if len(text) > MAX_TEXT:
        faults["text"] = f"Write at most {MAX_TEXT:,} characters, or add a file."
    boundary, certificate = draft.get("boundary"), draft.get("ownership")
    if boundary and rules_of(request).asks is Asks.RED_LINE:
        try:
            boundary = read_boundary(boundary).geometry
        except BadGeometry as bad:
            faults["boundary"] = f"The line {bad.reason}."
    if certificate and rules_of(request).asks is Asks.CERTIFICATE:
        try:
            certificate = ownership_certificate.cleaned(certificate)
        except ValidationError as fault:
            faults["ownership"] = fault.messages
    if faults:
        raise ValidationError(faults)
    kept = {"answer": str(answer), "text": text}
    if boundary and rules_of(request).asks is Asks.RED_LINE:
        kept["boundary"] = boundary
    if certificate and rules_of(request).asks is Asks.CERTIFICATE:
        kept["ownership"] = certificate
    return kept


# --- Sending ---------------------------------------------------------------------------------------------------------


@transaction.atomic
def send_answers(requests: Iterable[ValidationRequest], *, link: ApplicantLink, name: str) -> list[ValidationRequest]:
    """Send the drafts of these requests as the answers: all or nothing. `name` is whose word it is.

    What the applicant agreed to takes effect at once where the kind says so; everything else waits for an officer. The
    files become documents of the case. One event `request_answered`, from which the acknowledgement is written.
    Pressed twice, what this link has sent already is left as it is, and comes back with the rest. Raises AnswersClosed
    (the link, or a request that was withdrawn, settled or answered by somebody else meanwhile), and ValidationError
    (no name, nothing chosen, what is missing); then nothing has changed and no draft is lost.
    """
    name = " ".join(name.replace("\x00", "").split())
    case = locked_link(link)
    rows = lock_requests(requests, link)
    if not rows:
        raise ValidationError("Choose what you want to send.")
    for row in rows:
        row.application = case
    unsent = [row for row in rows if row.answered_by_id != link.pk]
    for row in unsent:
        if refusal := why_closed(row):
            raise AnswersClosed(refusal)
    if not unsent:
        return rows
    _check(unsent, name)
    now = timezone.now()  # one moment for all: what was sent together is acknowledged together
    arrived_on = deadlines.received_on(now, closes_at=case.authority.working_day_ends_at)
    for row in unsent:
        _write_answer(row, link=link, name=name, at=now, arrived_on=arrived_on)
        _make_documents(row, received_on=arrived_on)
    signed: dict[str, Any] = {"from": name}
    record(
        case,
        "request_answered",
        by=None,
        requests=[row.pk for row in unsent],
        titles=[row.title for row in unsent],
        numbers=[row.number for row in unsent],
        answers=[str(row.get_answer_display()) for row in unsent],
        link=str(link.pk),
        **signed,
    )
    for row in unsent:
        settle_agreement(row)
    return rows


def locked_link(link: ApplicantLink) -> PlanningApplication:
    """The application of a link that stands, locked. Raises AnswersClosed."""
    case = locked(link.application_id, "authority", "application_type")
    current = ApplicantLink.objects.select_related("party").filter(pk=link.pk, application=case).first()
    if current is None or not stands(current):
        raise AnswersClosed(CLOSED)
    return case


def lock_requests(requests: Iterable[ValidationRequest], link: ApplicantLink) -> list[ValidationRequest]:
    """The rows as they stand, locked, in the order of their numbers. Raises AnswersClosed for one of another case."""
    keys = {request.pk for request in requests}
    rows = list(
        ValidationRequest.objects.select_for_update(of=("self",))
        .filter(pk__in=keys, application=link.application_id, sent_at__isnull=False)
        .select_related("application", "document")
        .order_by("number")
    )
    if len(rows) != len(keys):
        raise AnswersClosed("The council does not ask for this.")
    return rows


def _check(rows: list[ValidationRequest], name: str) -> None:
    if not name or len(name) > MAX_NAME:
        raise ValidationError({"name": "Enter your full name."})
    if missing := [f"{row.title}: {words}" for row in rows if (words := what_is_missing(row))]:
        raise ValidationError(missing)


def _write_answer(row: ValidationRequest, *, link: ApplicantLink, name: str, at: datetime, arrived_on: date) -> None:
    """The draft becomes the answer. A line or a certificate belongs to a reply; a disagreement brings nothing."""
    draft, is_reply = row.draft_answer, row.draft_answer["answer"] == Answer.REPLIED
    written = {
        "answer": draft["answer"],
        "answer_text": draft.get("text", ""),
        "answer_boundary": draft.get("boundary") if is_reply else None,
        "answer_ownership": draft.get("ownership") if is_reply else None,
        "answered_at": at,
        "answered_by": link,
        "answered_name": name,
        "arrived_on": None if draft["answer"] == Answer.DISAGREED else arrived_on,
        "draft_answer": {},
    }
    for field, value in written.items():
        setattr(row, field, value)
    row.save(update_fields=list(written))


# --- Files become documents ------------------------------------------------------------------------------------------


def _make_documents(row: ValidationRequest, *, received_on: date) -> list[Document]:
    """The files put to this request, as documents that no officer has looked at; stored files stay where they are."""
    files = list(AnswerFile.objects.filter(request=row).select_for_update(of=("self",)))
    made = []
    for number, answer_file in enumerate(files):
        inspected = Inspected(answer_file.mime_type, answer_file.size, answer_file.sha256)
        document = Document.objects.create(
            application=row.application,
            answers=row,
            received_on=received_on,
            **_named(row, answer_file, is_first=number == 0),
            **file_fields(inspected, answer_file.file.name or "", answer_file.original_name),
        )
        tell_added(document, by=None, request=row.pk, number=row.number)
        made.append(document)
    AnswerFile.objects.filter(pk__in=[answer_file.pk for answer_file in files]).delete()
    return made


def _named(row: ValidationRequest, answer_file: AnswerFile, *, is_first: bool) -> dict[str, Any]:
    """Title, types and number: a replacement takes those of the document that it replaces."""
    if row.kind == Kind.REPLACEMENT_DOCUMENT and row.document and is_first:
        old = row.document
        return {"title": old.title, "types": old.types, "drawing_number": old.drawing_number}
    known = DocumentType.objects.filter(code__in=row.document_types)
    only = known[0] if len(row.document_types) == 1 and known else None
    title = title_from(answer_file.original_name)
    return {"title": title[:255], "types": [only.code] if only else []}
