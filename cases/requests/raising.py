"""Noting what is to be asked of the applicant, changing it and taking it out again, while nobody has been told."""

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max

from accounts.models import User
from cases.documents.storing import known_types
from cases.lifecycle import StepNotAllowed
from cases.locking import changed_fields, locked_for
from cases.models import Condition, Document, InvalidReason, PlanningApplication, Requirement, ValidationRequest
from cases.models.conditions import ConditionType
from cases.permissions import can_ask
from cases.places.geometry import BadGeometry, read_boundary
from cases.request_kinds import Asks, Kind, rules_of
from cases.timeline import record

from .rows import event_data_of, locked_request

Outcome = ValidationRequest.Outcome
WORDS = ("title", "text", "what_to_send")
CHANGEABLE = frozenset(
    {*WORDS, "document", "document_types", "condition", "proposed_description", "proposed_boundary", "proposed_until"}
)
NOT_NOW = "You cannot ask this of the applicant now."


@transaction.atomic
def draft_request(
    application: PlanningApplication,
    *,
    kind: str,
    title: str,
    text: str,
    what_to_send: str = "",
    by: User,
    reason: InvalidReason | None = None,
    requirement: Requirement | None = None,
    document: Document | None = None,
    document_types: Iterable[str] = (),
    condition: Condition | None = None,
    proposed_description: str = "",
    proposed_boundary: Any = None,
    proposed_until: date | None = None,
    follows: ValidationRequest | None = None,
) -> ValidationRequest:
    """Note what is wrong or to be agreed, and what would put it right (DMPO 2015 arts 11 and 12).

    Nobody is told yet: cases.validation.validity.invalidate sends faults, all together; cases.requests.sending
    everything else. Of the facts from `document` on only those of the kind may be given (kinds.proposes).
    `proposed_boundary` is GeoJSON, WGS84. Raises PermissionDenied (cases.permissions.can_ask), ValidationError by
    field, TypeError for a fact that the kind does not have.
    """
    locked_case = locked_for(application, by=by, may=lambda user, case: can_ask(user, case, kind), refusal=NOT_NOW)
    number = _next_number(locked_case)
    request = ValidationRequest(
        application=locked_case, number=number, kind=kind, reason=reason, requirement=requirement, follows=follows,
        title=title.strip(), text=text.strip(), what_to_send=what_to_send.strip(), document=document,
        document_types=list(document_types), condition=condition, proposed_description=proposed_description.strip(),
        proposed_boundary=proposed_boundary, proposed_until=proposed_until, raised_by=by,
    )  # fmt: skip
    _check(request)
    request.save()
    facts: dict[str, Any] = {"follows": follows.number} if follows else {}
    record(locked_case, "request_raised", by=by, **event_data_of(request), **facts)
    request.application = application
    return request


def _next_number(case: PlanningApplication) -> int:
    """One more than any there was: the number of a draft that was taken out is not given again."""
    last = case.validation_requests.aggregate(last=Max("number"))["last"] or 0
    return max(last, case.events.filter(kind="request_raised").count()) + 1


@transaction.atomic
def change_request(request: ValidationRequest, *, by: User, **changes: Any) -> ValidationRequest:
    """Write a draft anew: names of CHANGEABLE only. What the applicant has been told is never changed, only withdrawn.

    Raises PermissionDenied, ValidationError by field, StepNotAllowed once it was sent, TypeError for other names.
    """
    if unknown := set(changes) - CHANGEABLE:
        raise TypeError(f"Not changed this way: {', '.join(sorted(unknown))}")
    locked = _locked_draft(request, by)
    changes = {name: value.strip() if isinstance(value, str) else value for name, value in changes.items()}
    if "document_types" in changes:
        changes["document_types"] = list(changes["document_types"])
    before, after = changed_fields(locked, changes)
    if before:
        _check(locked)
        locked.save(update_fields=list(after))
        record(locked.application, "request_changed", by=by, **event_data_of(locked), changed=sorted(after))
    return locked


@transaction.atomic
def drop_request(request: ValidationRequest, *, by: User) -> None:
    """Take a draft out: the applicant never heard of it.

    Where it followed an answer that was not accepted, that answer waits for an officer again: nothing was said of it.
    Raises PermissionDenied, StepNotAllowed once it was sent (withdraw it with a reason instead).
    """
    locked = _locked_draft(request, by)
    facts, followed = event_data_of(locked), locked.follows_id
    locked.delete()  # before the earlier one waits again: two open ones of a kind cannot stand side by side
    if followed:
        ValidationRequest.objects.filter(pk=followed, outcome=Outcome.NOT_ACCEPTED).update(
            outcome="", resolved_at=None, resolved_by=None
        )
    record(locked.application, "request_dropped", by=by, **facts)


def _locked_draft(request: ValidationRequest, by: User) -> ValidationRequest:
    locked = locked_request(request, by=by)
    if locked.sent_at is not None:
        raise StepNotAllowed(f"“{locked.title}” was sent to the applicant already. Withdraw it instead.")
    return locked


# --- What must be true of one ----------------------------------------------------------------------------------------


def _check(request: ValidationRequest) -> None:
    """Raises ValidationError by field; TypeError when a fact does not belong to the kind."""
    _refuse_facts_of_other_kinds(request)
    faults = {
        name: words
        for name, words in (
            ("title", "Say in a few words what it is about."),
            ("text", "Say what is wrong, or why it is asked."),
        )
        if not getattr(request, name)
    }
    if not request.what_to_send and rules_of(request).asks in {Asks.FILES, Asks.WORDS}:
        faults["what_to_send"] = "Say what would put it right."
    faults |= _faults_of_proposal(request)
    if faults:
        raise ValidationError(faults)
    if again := _open_already(request):
        raise ValidationError(again)
    request.document_types = known_types(request.document_types)
    request.full_clean(exclude=["application", "raised_by", "follows"], validate_constraints=False)


def _refuse_facts_of_other_kinds(request: ValidationRequest) -> None:
    given = {name for name in CHANGEABLE - set(WORDS) if getattr(request, name) not in (None, "", [])}
    if foreign := given - rules_of(request).proposes:
        raise TypeError(f"A request of the kind {request.kind} has no {', '.join(sorted(foreign))}.")


def _faults_of_proposal(request: ValidationRequest) -> dict[str, str]:
    rule = _RULES.get(request.kind)
    return rule(request) if rule else {}


def _faults_of_replacement(request: ValidationRequest) -> dict[str, str]:
    document = request.document
    if document is None or document.application_id != request.application_id:
        return {"document": "Choose the document that should be replaced."}
    if not document.is_current:
        return {"document": "This document has been replaced already."}
    request.document_types = request.document_types or document.types
    return {}


def _faults_of_description(request: ValidationRequest) -> dict[str, str]:
    if request.proposed_description == request.application.description.strip():
        return {"proposed_description": "The application says so already."}
    return {}


def _faults_of_red_line(request: ValidationRequest) -> dict[str, str]:
    if request.proposed_boundary is None:
        return {}
    try:
        request.proposed_boundary = read_boundary(request.proposed_boundary).geometry
    except BadGeometry as bad:
        return {"proposed_boundary": f"This {bad.reason}."}
    return {}


def _faults_of_condition(request: ValidationRequest) -> dict[str, str]:
    condition = request.condition
    if condition is None or condition.application_id != request.application_id:
        return {"condition": "Choose the condition that the applicant should agree to."}
    if condition.type != ConditionType.PRE_COMMENCEMENT:
        return {"condition": "Only a condition to be met before work starts needs agreement (TCPA 1990 s.100ZA)."}
    return {}


def _faults_of_extension(request: ValidationRequest) -> dict[str, str]:
    until, due = request.proposed_until, request.application.expires_on
    if until is None:
        return {"proposed_until": "Say until when you need."}
    if due is None:
        return {"proposed_until": "This application has no day by which it must be decided."}
    if until <= due:
        return {"proposed_until": f"It is due on {due:%-d %B %Y} already: an extension must end later."}
    return {}


_RULES: dict[str, Callable[[ValidationRequest], dict[str, str]]] = {
    Kind.REPLACEMENT_DOCUMENT: _faults_of_replacement,
    Kind.DESCRIPTION: _faults_of_description,
    Kind.RED_LINE: _faults_of_red_line,
    Kind.PRE_COMMENCEMENT: _faults_of_condition,
    Kind.EXTENSION_OF_TIME: _faults_of_extension,
}
# One question at a time: two open answers to the same question could not both take effect.
_ONE_AT_A_TIME = frozenset({Kind.DESCRIPTION, Kind.RED_LINE, Kind.OWNERSHIP, Kind.EXTENSION_OF_TIME})


def _open_already(request: ValidationRequest) -> str:
    """Why the same cannot be asked twice at once; empty when it can. The database has the last word (constraints)."""
    others = ValidationRequest.objects.open().filter(application=request.application).exclude(pk=request.pk)
    if request.kind in _ONE_AT_A_TIME and (other := others.filter(kind=request.kind).first()):
        return f"“{other.title}” (number {other.number}) asks for this already. Settle or withdraw it first."
    if request.document and others.filter(kind=request.kind, document=request.document).exists():
        return "A replacement of this document is asked for already."
    if request.condition and others.filter(condition=request.condition).exists():
        return "The applicant is asked about this condition already."
    return ""
