"""More time to decide, agreed in writing (DMPO 2015 art. 34(2)(c); GPDO 2015 art. 7(c) for prior approvals).

An extension is a row of its own: nobody types over the day on which a decision is due. It comes into being in one of
two ways: the applicant accepts the council's request on a signed page (`ask_for_extension`, `agree_on_request`), and
the acceptance is the evidence; or an officer records what was agreed elsewhere (`agree_extension`). A request that was
refused, withdrawn, cancelled or never answered leaves no trace in any date.

More time may still be agreed when the day has passed, as long as nobody has appealed for want of a decision: until
then the council decides (TCPA 1990 s.78(2); PAS on extensions of time). Not so where no decision in time means that the
proposal may go ahead. What is accepted on a day after the new one gives no time at all, and waits for an officer.
"""

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from cases.law.deadlines import expiry, is_working_day, previous_working_day
from cases.lifecycle import StepNotAllowed
from cases.locking import locked, locked_for
from cases.models import Appeal, Document, ExtensionOfTime, PlanningApplication, ValidationRequest
from cases.permissions import can_extend
from cases.requests.raising import draft_request
from cases.requests.sending import send_requests
from cases.statuses import OPEN
from cases.timeline import record

NOT_NOW = "An extension of time is recorded while the application is valid and undecided, by a planning officer."


REQUEST = ValidationRequest.Kind.EXTENSION_OF_TIME
TITLE = "More time to decide"
FURTHEST = 5  # years: anything later is a slip of the year


# --- Asked for, and accepted on the signed page ----------------------------------------------------------------------


@transaction.atomic
def ask_for_extension(application: PlanningApplication, *, until: date, reason: str, by: User) -> ValidationRequest:
    """Ask the applicant to agree to a later day; the letter goes out at once. No date moves before they accept.

    One request at a time. `reason` is what they read. Raises ValidationError by field (a day not later than the one
    on which it is due, or already past), PermissionDenied.
    """
    case = locked_for(application, by=by, may=can_extend, refusal=NOT_NOW)
    _check_proposal(case, until, reason)
    draft = draft_request(
        case,
        kind=REQUEST,
        title=TITLE,
        text=reason.strip(),
        proposed_until=until,
        by=by,
    )
    return send_requests([draft], by=by)[0]


def warning_of(until: date) -> str:
    """What to know of a day before proposing it: nobody decides on a Sunday. Empty on a working day."""
    if is_working_day(until):
        return ""
    last = previous_working_day(until)
    return (
        f"{until:%A %-d %B %Y} is not a working day: the decision would have to issue by "
        f"{last:%A %-d %B %Y}. The day is not moved."
    )


def _check_proposal(case: PlanningApplication, until: date, reason: str) -> None:
    faults = _faults_of_day(case, until)
    if not faults and until <= timezone.localdate():
        faults["agreed_until"] = "Propose a day that still lies ahead."
    if "agreed_until" in faults:
        faults["until"] = faults.pop("agreed_until")
    if not reason.strip():
        faults["reason"] = "Say why more time is needed: the applicant reads it."
    if faults:
        raise ValidationError(faults)
    if words := _taken_out_of_our_hands(case, timezone.localdate()):
        raise ValidationError(words)


def give_time(request: ValidationRequest, by: User | None, on: date) -> dict[str, Any]:
    """What an accepted request for more time changes (cases/wiring.py); returns the day on which it was due before."""
    due = request.application.expires_on
    agree_on_request(request, agreed_with=request.answered_name, agreed_on=on)
    return {"expires_on": due.isoformat() if due else None}


@transaction.atomic
def agree_on_request(request: ValidationRequest, *, agreed_with: str, agreed_on: date) -> ExtensionOfTime:
    """The applicant accepted the day that the request proposed: the request is the evidence, its sender the council's.

    Nobody's permission is asked: the council gave its own word by sending the request. Called again it makes no second
    extension. Where another, later day was agreed meanwhile, that one stands. Raises StepNotAllowed, in a sentence for
    the officer, when it can give no time any more: the application was decided or an appeal was made for want of a
    decision, or the proposed day has passed.
    """
    case = locked(request.application_id)
    if already := ExtensionOfTime.objects.filter(request=request).first():
        return already
    until = request.proposed_until
    if request.kind != REQUEST or request.sent_at is None or until is None:
        raise StepNotAllowed("Only a request for more time that was sent can be accepted.")
    if case.status not in OPEN or case.expires_on is None:
        raise StepNotAllowed("The application is not open any more, so there is no time to extend.")
    if agreed_on > until:
        raise StepNotAllowed(f"It was accepted on {agreed_on:%-d %B %Y}, after the day that was proposed.")
    if words := _taken_out_of_our_hands(case, agreed_on):
        raise StepNotAllowed(words)
    name = agreed_with.strip()
    extension = ExtensionOfTime.objects.create(
        application=case,
        agreed_until=until,
        agreed_with=name,
        agreed_in_writing_on=agreed_on,
        evidence=_evidence(request, name, agreed_on),
        request=request,
        by=request.sent_by or request.raised_by,
    )
    before, after = _set_expiry(case, told=request.application)
    answer: dict[str, Any] = {"request": request.pk, "number": request.number, "from": name}
    record(
        case,
        "extension_agreed",
        by=None,
        extension=extension.pk,
        agreed_until=until,
        agreed_in_writing_on=agreed_on,
        before=before,
        after=after,
        **answer,
    )
    return extension


def _evidence(request: ValidationRequest, name: str, on: date) -> str:
    if request.answered_by_id is None:
        return f"Recorded as accepted by post or e-mail of {on:%-d %B %Y}, request {request.number}."
    return f"Accepted on the signed page by {name} on {on:%-d %B %Y}, request {request.number}."


# --- Agreed elsewhere, and recorded ----------------------------------------------------------------------------------


@transaction.atomic
def agree_extension(
    application: PlanningApplication,
    *,
    agreed_until: date,
    agreed_with: str,
    agreed_in_writing_on: date,
    evidence: str,
    document: Document | None = None,
    by: User,
) -> ExtensionOfTime:
    """Record that both sides agreed in writing to a later day; `expires_on` follows, never below the statutory day.

    Call it only for what was agreed. An open request for the same stays open: withdraw it, or let it be answered.
    Raises ValidationError by field, PermissionDenied.
    """
    case = locked_for(application, by=by, may=can_extend, refusal=NOT_NOW)
    _check(case, agreed_until, agreed_in_writing_on, document)
    extension = ExtensionOfTime(
        application=case,
        agreed_until=agreed_until,
        agreed_with=agreed_with.strip(),
        agreed_in_writing_on=agreed_in_writing_on,
        evidence=evidence.strip(),
        document=document,
        by=by,
    )
    extension.full_clean(exclude=["application", "document", "by"], validate_constraints=False)
    extension.save()
    before, after = _set_expiry(case, told=application)
    record(
        case,
        "extension_agreed",
        by=by,
        extension=extension.pk,
        agreed_until=agreed_until,
        agreed_in_writing_on=agreed_in_writing_on,
        before=before,
        after=after,
    )
    return extension


def _check(case: PlanningApplication, until: date, agreed_on: date, document: Document | None) -> None:
    faults = _faults_of_day(case, until)
    if agreed_on > timezone.localdate():
        faults["agreed_in_writing_on"] = "The agreement cannot have been made later than today."
    elif agreed_on < case.received_on:
        faults["agreed_in_writing_on"] = f"The application was received only on {case.received_on:%-d %B %Y}."
    elif agreed_on > until:
        faults["agreed_in_writing_on"] = "The agreement must be made before the extended time ends."
    elif words := _taken_out_of_our_hands(case, agreed_on):
        faults["agreed_in_writing_on"] = words
    if document is not None and document.application_id != case.pk:
        faults["document"] = "That document belongs to another application."
    if faults:
        raise ValidationError(faults)


def _faults_of_day(case: PlanningApplication, until: date) -> dict[str, str]:
    if case.expires_on is None:
        raise ValidationError("This application has no day by which it must be decided, so there is nothing to extend.")
    if until <= case.expires_on:
        return {"agreed_until": f"It is due on {case.expires_on:%-d %B %Y} already: an extension must end later."}
    if until > case.expires_on.replace(year=case.expires_on.year + FURTHEST, day=1):
        return {"agreed_until": "That is more than five years away. Check the year."}
    return {}


def _taken_out_of_our_hands(case: PlanningApplication, on: date) -> str:
    """Why nothing can be agreed from this day on, in a sentence; empty when it can.

    With an appeal for want of a decision the Inspectorate decides. Where no decision in time means permission (prior
    approvals of GPDO 2015 Schedule 2, notices of works to trees), there is nothing left to decide when the day is over.
    """
    due = case.expires_on
    if due is not None and on > due and case.application_type.silence_permits:
        return f"The time ended on {due:%-d %B %Y}, and without a decision the proposal may go ahead."
    appeal = case.appeals.filter(ground=Appeal.Ground.NON_DETERMINATION, lodged_on__lte=on, outcome="").first()
    if appeal is None:
        return ""
    return f"An appeal for want of a decision was made on {appeal.lodged_on:%-d %B %Y}: more time cannot be agreed."


@transaction.atomic
def remove_extension(extension: ExtensionOfTime, *, because: str, by: User) -> None:
    """Take out an extension that was recorded by mistake; the due day falls back, never below the statutory day.

    Raises ValidationError without a reason, PermissionDenied.
    """
    case = locked_for(extension.application, by=by, may=can_extend, refusal=NOT_NOW)
    if not because.strip():
        raise ValidationError({"because": "Say why it is taken out."})
    agreed_until = extension.agreed_until
    extension.delete()
    before, after = _set_expiry(case)
    record(
        case, "extension_removed", by=by, agreed_until=agreed_until, because=because.strip(), before=before, after=after
    )


def _set_expiry(
    case: PlanningApplication, *, told: PlanningApplication | None = None
) -> tuple[date | None, date | None]:
    """Work the due day out anew from the statutory day and every extension; returns what it was and what it is."""
    before = case.expires_on
    if case.statutory_expiry_on is not None:
        case.expires_on = expiry(case.statutory_expiry_on, case.extensions.values_list("agreed_until", flat=True))
        case.save(update_fields=["expires_on", "updated_at"])
    if told is not None:
        told.expires_on = case.expires_on
    return before, case.expires_on
