"""Every status change that there is: one table, one door.

Read this first. Nothing but `apply_step` writes `PlanningApplication.status`; the buttons on the case page come from
the same table. A trigger in the database refuses a determined application without an issued notice.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from accounts.models import User

from .locking import locked
from .models import PlanningApplication
from .permissions import same_authority
from .request_kinds import BEFORE_VALIDITY, FAULTS
from .statuses import BEING_ASSESSED, BEING_DECIDED, BEING_VALIDATED, OPEN, Status
from .timeline import record

Guard = Callable[[PlanningApplication, dict[str, Any]], str | None]


class StepNotAllowed(Exception):
    """The step cannot be taken now. `str()` is a sentence for the officer."""


def no_guard(application: PlanningApplication, facts: dict[str, Any]) -> str | None:
    return None


def has_open_faults(application: PlanningApplication, facts: dict[str, Any]) -> str | None:
    if application.validation_requests.open().filter(kind__in=FAULTS).exists():
        return None
    return "Say what is missing or wrong before you send it back as invalid."


def is_complete(application: PlanningApplication, facts: dict[str, Any]) -> str | None:
    """No fault is open: noted only, with the applicant, or answered and not looked at.

    Nor is the description under discussion: the words stand on the register and are publicised from validation on, and
    neighbours would be told of one thing and the decision be about another. Terms, conditions and more time are no
    matter of validity.
    """
    open_requests = application.validation_requests.open()
    if open_requests.filter(kind__in=FAULTS).exists():
        return "There are still faults that have not been put right."
    if open_requests.filter(kind__in=BEFORE_VALIDITY).exists():
        return "The applicant is still asked about the description. Settle or withdraw that request first."
    if not application.boundary:
        return "The application has no red line. Draw it on the map first."
    if not application.description.strip():
        return "The application has no description."
    if not facts.get("valid_from"):
        return "Say from which day the application is valid."
    return None


def has_recommendation(application: PlanningApplication, facts: dict[str, Any]) -> str | None:
    return None if application.recommendations.exists() else "Make a recommendation before you submit it for sign-off."


def has_note(application: PlanningApplication, facts: dict[str, Any]) -> str | None:
    return None if facts.get("note", "").strip() else "Say why, in a sentence."


def has_committee_date(application: PlanningApplication, facts: dict[str, Any]) -> str | None:
    return None if facts.get("committee_on") else "Say on which day the committee meets."


def has_issued_notice(application: PlanningApplication, facts: dict[str, Any]) -> str | None:
    if not facts.get("decision") or not facts.get("decided_on"):
        return "A decision comes into being only with its notice."
    # The database has the last word (trigger decision_needs_issued_notice); this is the same rule in words.
    if not application.issued_notices.filter(decision=facts["decision"]).exists():
        return "No signed-off decision notice has been issued for this application."
    return None


def reopened(application: PlanningApplication) -> Status:
    """Where a case goes on: in assessment when it had been valid, else at validation."""
    return Status.IN_ASSESSMENT if application.valid_from else Status.NOT_STARTED


@dataclass(frozen=True)
class Step:
    words: str
    sources: frozenset[Status]
    target: Status | Callable[[PlanningApplication], Status]
    permission: str
    guard: Guard = no_guard
    writes: tuple[str, ...] = field(default=())
    by_system: bool = False  # may be taken without a person, as when a submission arrives


STEPS: dict[str, Step] = {
    "accept": Step("Take in", frozenset({Status.PENDING}), Status.NOT_STARTED, "validate_application", by_system=True),
    "invalidate": Step(
        "Mark as invalid", frozenset({Status.NOT_STARTED, Status.IN_ASSESSMENT}), Status.INVALIDATED,
        "validate_application", has_open_faults,
        ("invalidated_on", "valid_from", "validated_on", "statutory_expiry_on", "expires_on"),
    ),
    "validate": Step(
        "Mark as valid", BEING_VALIDATED, Status.IN_ASSESSMENT, "validate_application",
        is_complete, ("valid_from", "validated_on", "statutory_expiry_on", "expires_on"),
    ),
    "submit": Step(
        "Submit for sign-off", BEING_ASSESSED, Status.AWAITING_DETERMINATION, "assess_application",
        has_recommendation, ("route", "committee_on"),
    ),
    "send_back": Step("Send back", BEING_DECIDED, Status.TO_BE_REVIEWED, "sign_off_application", has_note),
    "recall": Step("Take back", frozenset({Status.AWAITING_DETERMINATION}), Status.IN_ASSESSMENT, "assess_application"),
    "send_to_committee": Step(
        "Send to committee", frozenset({Status.AWAITING_DETERMINATION}), Status.IN_COMMITTEE, "sign_off_application",
        has_committee_date, ("committee_on", "route"),
    ),
    "determine": Step(
        "Issue the decision", BEING_DECIDED, Status.DETERMINED, "sign_off_application",
        has_issued_notice, ("decision", "decided_on", "decided_by"),
    ),
    "withdraw": Step("Withdraw", OPEN, Status.WITHDRAWN, "close_application", has_note, ("withdrawn_on",)),
    "return_": Step("Return", BEING_VALIDATED, Status.RETURNED, "close_application", has_note, ("returned_on",)),
    "close": Step("Close", OPEN, Status.CLOSED, "close_application", has_note, ("closed_on",)),
    "reopen": Step(
        "Reopen", frozenset({Status.WITHDRAWN, Status.RETURNED, Status.CLOSED}), reopened, "close_application",
        has_note, ("withdrawn_on", "returned_on", "closed_on"),
    ),
}  # fmt: skip


def steps_open_to(user: User, application: PlanningApplication) -> list[str]:
    """Names of the steps that this user could take from here, in table order. Guards are asked when it is taken."""
    if not same_authority(user, application):
        return []
    return [
        name
        for name, step in STEPS.items()
        if application.status in step.sources and user.has_perm(f"cases.{step.permission}")
    ]


@transaction.atomic
def apply_step(
    application: PlanningApplication, name: str, *, by: User | None, note: str = "", **facts: Any
) -> PlanningApplication:
    """Take one step of STEPS: permission, lock, source, guard, then status, dates and event. All or nothing.

    `facts` are the fields that the step writes (`Step.writes`) and what else the event should hold.
    Returns the application as it then stands; the object passed in is brought up to date as well.
    Raises PermissionDenied, or StepNotAllowed with a sentence for the officer.
    """
    step = STEPS[name]
    if by is None:
        if not step.by_system:
            raise PermissionDenied("Only a person can take this step.")
    elif not same_authority(by, application) or not by.has_perm(f"cases.{step.permission}"):
        raise PermissionDenied("You do not have permission to take this step.")
    row = locked(application.pk)
    if row.status not in step.sources:
        raise StepNotAllowed(
            f"{row.reference} is “{row.get_status_display()}”, so it cannot be changed by “{step.words}” now. "
            "Somebody may have changed it while you were looking: load the page again."
        )
    if refusal := step.guard(row, {**facts, "note": note}):
        raise StepNotAllowed(refusal)
    before = row.status
    row.status = step.target if isinstance(step.target, Status) else step.target(row)
    row.status_changed_at = timezone.now()
    written = [name for name in step.writes if name in facts]
    for name_ in written:
        setattr(row, name_, facts[name_])
    row.save(update_fields=["status", "status_changed_at", "updated_at", *written])
    told = {key: _tellable(value) for key, value in facts.items()}
    record(row, name, by=by, from_status=before, to_status=row.status, note=note, **told)
    for field_ in ("status", "status_changed_at", *written):
        setattr(application, field_, getattr(row, field_))
    return row


def _tellable(value: Any) -> Any:
    """What an event can hold of a fact: people as their names, everything else as JSON has it."""
    if isinstance(value, User):
        return str(value)
    return value if isinstance(value, str | int | float | bool | date | list | dict) or value is None else str(value)
