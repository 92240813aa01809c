"""What the council asks the demonstration's applicants, and what they answer, on the signed page, with real files."""

import random
import re
from collections.abc import Callable

from django.core.files.base import ContentFile

from accounts.models import User
from cases.application.recipients import recipients
from cases.documents.describing import change_document
from cases.models import Condition, Document, PlanningApplication, ValidationRequest
from cases.requests.answers.answering import keep_draft, send_answers
from cases.requests.answers.files import add_answer_file
from cases.requests.answers.settling import accept_answer
from cases.requests.blanks import blanks, filled
from cases.requests.links import link_for
from cases.requests.raising import change_request, draft_request
from cases.requests.sending import send_requests
from cases.validation.checklist import propose

from .drawings import House, block_plan, elevations, floor_plan, location_plan

Kind = ValidationRequest.Kind
# What an officer writes where the ready words leave a blank; anything else is written as what it asks for.
FILLED_IN = {
    "[reason]": "the proposal changes what can be seen of a protected building or area",
    "[side]": "the side facing the street",
    "[floor]": "the first floor",
}


def note_what_is_missing(application: PlanningApplication, *, by: User) -> list[ValidationRequest]:
    """What the checklist proposes, with the blanks of its ready words filled in. Nothing is sent."""
    drafts = propose(application, by=by)
    for draft in drafts:
        if found := blanks(draft):
            known = {blank: FILLED_IN.get(blank, blank.strip("[]")) for blank in found}
            change_request(draft, by=by, text=filled(draft.text, known), what_to_send=filled(draft.what_to_send, known))
    return drafts


def ask_for_other_words(application: PlanningApplication, *, words: str, by: User) -> ValidationRequest:
    request = draft_request(
        application,
        kind=Kind.DESCRIPTION,
        title="Description of the proposal",
        text="The plans show more than the description says. We suggest the words below.",
        proposed_description=words,
        by=by,
    )
    return send_requests([request], by=by)[0]


def ask_for_a_newer_drawing(document: Document, *, by: User) -> ValidationRequest:
    request = draft_request(
        document.application,
        kind=Kind.REPLACEMENT_DOCUMENT,
        title=f"{document.title}: does not agree with the plan",
        text="The elevations show two windows where the floor plan shows one.",
        what_to_send="Please send elevations that agree with the floor plan, with a new revision letter.",
        document=document,
        by=by,
    )
    return send_requests([request], by=by)[0]


def ask_about_condition(condition: Condition, *, by: User) -> ValidationRequest:
    request = draft_request(
        condition.application,
        kind=Kind.PRE_COMMENCEMENT,
        title=condition.title,
        text="This must be settled before work starts, because it cannot be put right afterwards.",
        condition=condition,
        by=by,
    )
    return send_requests([request], by=by)[0]


# --- The applicant ---------------------------------------------------------------------------------------------------


def agree(*requests: ValidationRequest) -> None:
    _send(requests, {"answer": "agreed"})


def disagree(*requests: ValidationRequest, because: str) -> None:
    _send(requests, {"answer": "disagreed", "text": because})


def send_what_was_asked(application: PlanningApplication, *, chance: random.Random, place, job: str) -> None:
    """Answer everything that waits for the applicant: drawings where papers are asked for, words for the rest."""
    link = _link(application)
    waiting = list(application.validation_requests.with_the_applicant())
    for request in waiting:
        for name, content in _files_for(request, chance=chance, site=place.line, job=job):
            add_answer_file(request, link=link, file=ContentFile(content, name=name), name=name)
        draft: dict = {"answer": "replied", "text": "Please find it attached."}
        if request.kind == Kind.RED_LINE:
            draft = {"answer": "replied", "boundary": place.boundary}
        elif request.kind == Kind.FEE:
            draft = {"answer": "replied", "text": "We paid by card today, quoting your reference."}
        keep_draft(request, link=link, draft=draft)
    send_answers(waiting, link=link, name=_name(application))


def _send(requests, draft: dict) -> None:
    application = requests[0].application
    link = _link(application)
    for request in requests:
        keep_draft(request, link=link, draft=draft)
    send_answers(requests, link=link, name=_name(application))


def _link(application: PlanningApplication):
    return link_for(recipients(application)[0])


def _name(application: PlanningApplication) -> str:
    return recipients(application)[0].name


def _files_for(request: ValidationRequest, *, chance: random.Random, site: str, job: str) -> list[tuple[str, bytes]]:
    if request.kind not in {Kind.ADDITIONAL_DOCUMENT, Kind.REPLACEMENT_DOCUMENT}:
        return []
    house = House.like(chance)
    drawn: dict[str, Callable] = {
        "locationPlan": lambda number: location_plan(site, number, chance),
        "sitePlan.proposed": lambda number: block_plan(site, number, house),
        "elevations.existing": lambda number: elevations(site, number, house, proposed=False),
        "elevations.proposed": lambda number: elevations(site, number, house, proposed=True),
    }
    types = request.document_types or ["floorPlan.proposed"]
    code = next((code for code in types if code in drawn), "")
    number = f"{job}/{20 + request.number}"
    sheet = drawn[code](number) if code else floor_plan(site, number, house, proposed=True)
    suffix = " rev A" if request.kind == Kind.REPLACEMENT_DOCUMENT else ""
    words = re.sub(r"(?<=[a-z])[A-Z]|\.", lambda found: f" {found[0].strip('.').lower()}", code or types[0])
    return [(f"{words.capitalize()}{suffix}.pdf", sheet.as_pdf())]


# --- The officer -----------------------------------------------------------------------------------------------------


def accept_all(application: PlanningApplication, *, by: User, job: str) -> None:
    """Accept every answer that is not a disagreement, and say what each drawing is; the day on which it came stands."""
    for request in application.validation_requests.answered().exclude(answer=ValidationRequest.Answer.DISAGREED):
        for document in request.documents.all():
            change_document(
                document,
                by=by,
                types=document.types or request.document_types[:1],
                drawing_number=document.drawing_number or f"{job}/{20 + request.number}",
                revision="A" if request.kind == Kind.REPLACEMENT_DOCUMENT else "",
            )
        accept_answer(request, by=by)
