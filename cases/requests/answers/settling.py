"""How a request ends: what an answer changes, and the officer's word on it.

An answer changes the application here and nowhere else. What the applicant agreed to takes effect at once where the
kind says so (request_kinds.agreement_settles), written by nobody of the council and in the applicant's name; everything
else waits for an officer.
"""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from cases.application import facts
from cases.documents import describing
from cases.lifecycle import StepNotAllowed
from cases.models import Condition, ScanStatus, ValidationRequest
from cases.places.geometry import BadGeometry, read_boundary
from cases.request_kinds import Kind, has_proposal, rules_of
from cases.requests.raising import draft_request
from cases.requests.rows import event_data_of, locked_request, settle
from cases.statuses import BEING_DECIDED, OPEN
from cases.timeline import record

from . import ownership_certificate
from .going_on_without import going_on_without

Answer, Outcome = ValidationRequest.Answer, ValidationRequest.Outcome
# What a request that follows another takes over from it, unless it is given anew.
TAKEN_OVER = (
    "reason",
    "requirement",
    "document",
    "document_types",
    "condition",
    "proposed_description",
    "proposed_boundary",
    "proposed_until",
)


# --- The officer's word ----------------------------------------------------------------------------------------------


@transaction.atomic
def accept_answer(request: ValidationRequest, *, by: User, arrived_on: date | None = None) -> ValidationRequest:
    """The answer is good: it takes effect, and the request is settled as accepted.

    Words become the description, a drawn line the red line, a certificate the ownership with its owners, and a file
    sent for a replacement stands in the place of the old document. `arrived_on` is the day on which the answer counts
    as received unless the officer says another. Raises PermissionDenied, StepNotAllowed (no answer, a disagreement,
    settled meanwhile), ValidationError (the day; what cannot be applied, in words).
    """
    request = _locked_answer(request, by)
    if request.answer == Answer.DISAGREED:
        instead = f"{going_on_without(request).deed}, withdraw the request, or ask again."
        raise StepNotAllowed(f"The applicant disagreed. {instead}")
    if request.documents.filter(scan_status=ScanStatus.INFECTED).exists():
        raise StepNotAllowed("A file that was sent is harmful and locked away. Ask for it again.")
    day = arrived_on or request.arrived_on or timezone.localdate()
    _check_arrival(request, day)
    # Agreed on the day on which the applicant said so, whenever somebody could look at it.
    agreed_on = timezone.localdate(request.answered_at) if request.answered_at else day
    before = apply_answer(request, by=by, agreed_on=agreed_on)
    settle(request, by=by, outcome=Outcome.ACCEPTED, arrived_on=day, before=before)
    record(request.application, "request_resolved", by=by, **event_data_of(request), arrived_on=day)
    return request


@transaction.atomic
def ask_again(
    request: ValidationRequest, *, by: User, title: str, text: str, what_to_send: str = "", **proposed: Any
) -> ValidationRequest:
    """The answer was not enough: it is settled as not accepted, and a draft that follows it comes back.

    `proposed` are facts of the kind (as in draft_request); what is not given is taken over from the earlier request.
    Nothing that was answered takes effect. Send the draft by cases.requests.sending. Raises PermissionDenied,
    StepNotAllowed, ValidationError by field.
    """
    request = _locked_answer(request, by)
    settle(request, by=by, outcome=Outcome.NOT_ACCEPTED)
    taken_over = {name: getattr(request, name) for name in TAKEN_OVER}
    if request.document and not request.document.is_current:
        raise ValidationError("The document that was to be replaced has been replaced already. Withdraw the request.")
    follow_up = draft_request(
        request.application,
        kind=request.kind,
        title=title,
        text=text,
        what_to_send=what_to_send,
        by=by,
        follows=request,
        **(taken_over | proposed),
    )
    record(request.application, "request_not_accepted", by=by, **event_data_of(request), followed_by=follow_up.number)
    return follow_up


@transaction.atomic
def leave_as_it_was(request: ValidationRequest, *, because: str, by: User) -> ValidationRequest:
    """The applicant disagreed (or answered something else), and the council goes on all the same. Says why.

    What that is called for each kind, and what it does, stands in giving_in.py. Nothing that was answered takes effect
    and no date moves. Raises PermissionDenied, StepNotAllowed, ValidationError without a reason.
    """
    request = _locked_answer(request, by)
    if not because.strip():
        raise ValidationError({"because": "Say why you go on all the same."})
    settle(request, by=by, outcome=Outcome.LEFT, resolution=because.strip())
    record(request.application, "request_left", by=by, **event_data_of(request), because=because.strip())
    return request


@transaction.atomic
def cancel_request(request: ValidationRequest, *, because: str, by: User) -> ValidationRequest:
    """It is no longer asked for, answered or not. Nothing takes effect and no date moves. Says why.

    Raises PermissionDenied, ValidationError without a reason, StepNotAllowed when it is settled.
    """
    request = locked_request(request, by=by)
    if not because.strip():
        raise ValidationError({"because": "Say why it is no longer asked for."})
    settle(request, by=by, outcome=Outcome.CANCELLED, cancelled_because=because.strip())
    record(request.application, "request_cancelled", by=by, **event_data_of(request), because=because.strip())
    return request


@transaction.atomic
def record_reply(request: ValidationRequest, *, by: User, arrived_on: date, resolution: str = "") -> ValidationRequest:
    """What was asked for came another way, by post, e-mail or telephone, and is good: settled as accepted.

    Where the request proposed something to agree to, this records the agreement, and it takes effect. Papers are added
    to the case by the officer. `arrived_on` is the day on which it came, whenever somebody looked at it; `resolution`
    says what came. Raises PermissionDenied, ValidationError (a day before receipt or in the future; an agreement before
    anybody was asked), StepNotAllowed (the applicant has answered on their page, which stands until it is looked at).
    """
    request = locked_request(request, by=by)
    if request.answer:
        words = f"The applicant has answered “{request.title}” on their page. Load the page again, and look at it."
        raise StepNotAllowed(words)
    _check_arrival(request, arrived_on)
    before: dict[str, Any] = {}
    if has_proposal(request):
        if request.sent_at is None:
            raise StepNotAllowed("This has not been sent yet, so nobody can have agreed to it.")
        if arrived_on < (asked_on := timezone.localdate(request.sent_at)):
            raise ValidationError(
                {"arrived_on": f"Nobody can have agreed before {asked_on:%-d %B %Y}: it was sent then."}
            )
        request.answer, request.answered_at = Answer.AGREED, timezone.now()
        request.answered_name = request.answered_name or "By post or e-mail"
        before = apply_answer(request, by=by, agreed_on=arrived_on)
        request.save(update_fields=["answer", "answered_at", "answered_name"])
    settle(
        request, by=by, outcome=Outcome.ACCEPTED, arrived_on=arrived_on, resolution=resolution.strip(), before=before
    )
    record(
        request.application,
        "request_resolved",
        by=by,
        **event_data_of(request),
        arrived_on=arrived_on,
        resolution=resolution.strip(),
    )
    return request


def _locked_answer(request: ValidationRequest, by: User) -> ValidationRequest:
    locked = locked_request(request, by=by)
    if not locked.answer:
        raise StepNotAllowed(f"“{locked.title}” has not been answered yet.")
    return locked


def _check_arrival(request: ValidationRequest, day: date) -> None:
    # What came in the evening counts as received on the next working day, which may still lie ahead.
    received_on = request.application.received_on
    latest = max(filter(None, [timezone.localdate(), request.arrived_on, received_on]))
    if not received_on <= day <= latest:
        received = f"The application counts as received on {received_on:%-d %B %Y}."
        raise ValidationError({"arrived_on": f"This must be a day from receipt until today. {received}"})


# --- What an answer changes ------------------------------------------------------------------------------------------


def can_take_effect(request: ValidationRequest) -> bool:
    """Whether what is agreed now may still change the application: it is open, and not under decision.

    More time may be agreed also while it waits for its decision.
    """
    application, rules = request.application, rules_of(request)
    in_time = application.status in (OPEN if rules.while_decided else OPEN - BEING_DECIDED)
    return in_time and (rules.before_valid or application.valid_from is not None)


def apply_answer(request: ValidationRequest, *, by: User | None, agreed_on: date | None = None) -> dict[str, Any]:
    """Let the answer of a held request change the application; returns what the application said before.

    `by` None: on the applicant's word alone. Raises ValidationError, StepNotAllowed or PermissionDenied where it cannot
    take effect any more; then nothing has changed.
    """
    if not can_take_effect(request):
        raise StepNotAllowed("The application cannot be changed any more, so this cannot take effect.")
    apply = _EFFECTS.get(Kind(request.kind))
    return apply(request, by, agreed_on or timezone.localdate()) if apply else {}


def _from(request: ValidationRequest) -> dict[str, Any]:
    """What the event of a change says of where it comes from."""
    silent = request.answer == Answer.SILENCE
    return {"request": request.pk, "number": request.number, **({} if silent else {"from": request.answered_name})}


def _description(request: ValidationRequest, by: User | None, on: date) -> dict[str, Any]:
    agreed = request.answer in {Answer.AGREED, Answer.SILENCE}
    words = request.proposed_description if agreed else request.answer_text
    before = {"description": request.application.description}
    facts.write_facts(
        request.application, "description_changed", by=by, changes={"description": words.strip()}, **_from(request)
    )
    return before


def _red_line(request: ValidationRequest, by: User | None, on: date) -> dict[str, Any]:
    line = request.proposed_boundary if request.answer == Answer.AGREED else request.answer_boundary
    if line is None:
        return {}  # it came as a plan, and the officer draws it
    try:
        drawn = read_boundary(line)
    except BadGeometry as bad:
        raise ValidationError({"boundary": f"This {bad.reason}."}) from bad
    application = request.application
    area = application.site_area_sqm
    before = {"boundary": application.boundary, "site_area_sqm": str(area) if area is not None else None}
    changes = {"boundary": drawn.geometry, "site_area_sqm": drawn.area_sqm}
    facts.write_facts(application, "boundary_changed", by=by, changes=changes, **_from(request))
    return before


def _certificate(request: ValidationRequest, by: User | None, on: date) -> dict[str, Any]:
    if not request.answer_ownership:
        return {}
    return ownership_certificate.apply(request.application, request.answer_ownership, by=by, **_from(request))


def _replacement(request: ValidationRequest, by: User | None, on: date) -> dict[str, Any]:
    old, newer = request.document, request.documents.current().order_by("pk").first()
    if old is None or newer is None or not old.is_current or by is None:
        return {}
    describing.supersede(old, with_document=newer, by=by)
    return {"document": old.pk}


def _condition(request: ValidationRequest, by: User | None, on: date) -> dict[str, Any]:
    condition = request.condition
    if condition is None or request.answer != Answer.AGREED:
        return {}  # silence is no agreement in writing: the accepted request itself stands for it
    Condition.objects.filter(pk=condition.pk).update(agreed_on=on)
    record(
        request.application,
        "conditions_changed",
        by=by,
        row=condition.pk,
        title=condition.title,
        before={"agreed_on": condition.agreed_on},
        after={"agreed_on": on},
        **_from(request),
    )
    return {"agreed_on": condition.agreed_on.isoformat() if condition.agreed_on else None}


# What the answer to a request changes, given the officer (None: on the applicant's word) and the day of the agreement;
# returns what the application said before.
Effect = Callable[[ValidationRequest, User | None, date], dict[str, Any]]
_EFFECTS: dict[Kind, Effect] = {
    Kind.DESCRIPTION: _description,
    Kind.RED_LINE: _red_line,
    Kind.OWNERSHIP: _certificate,
    Kind.REPLACEMENT_DOCUMENT: _replacement,
    Kind.PRE_COMMENCEMENT: _condition,
}


def takes_effect(kind: Kind, effect: Effect) -> None:
    """What an answer changes in a room above this one (cases/wiring.py)."""
    _EFFECTS[kind] = effect


def settle_agreement(request: ValidationRequest) -> bool:
    """Let the applicant's yes take effect at once, where the kind allows it and the application can still be changed.

    The request is locked and its answer saved. False: it waits for an officer.
    """
    if request.answer != Answer.AGREED or not rules_of(request).agreement_settles:
        return False
    try:
        with transaction.atomic():
            before = apply_answer(request, by=None)
    except (StepNotAllowed, ValidationError, PermissionDenied):
        request.application.refresh_from_db()
        return False
    settle(request, by=None, outcome=Outcome.ACCEPTED, before=before)
    record(
        request.application,
        "request_resolved",
        by=None,
        **event_data_of(request),
        arrived_on=request.arrived_on,
        agreed_by=request.answered_name,
    )
    return True
