"""How a case ends without a decision, and how it is taken up again."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from cases.lifecycle import apply_step
from cases.models import PlanningApplication


@transaction.atomic
def withdraw(
    application: PlanningApplication, *, by: User, note: str, withdrawn_on: date | None = None
) -> PlanningApplication:
    """The applicant takes the application back. `withdrawn_on` is the day their letter came (default: today)."""
    return _end(application, "withdraw", "withdrawn_on", withdrawn_on, by=by, note=note)


@transaction.atomic
def return_(
    application: PlanningApplication, *, by: User, note: str, returned_on: date | None = None
) -> PlanningApplication:
    """Send back what never became valid."""
    return _end(application, "return_", "returned_on", returned_on, by=by, note=note)


@transaction.atomic
def close(
    application: PlanningApplication, *, by: User, note: str, closed_on: date | None = None
) -> PlanningApplication:
    """End a case in any other way, for example when it was sent twice or is finally disposed of (DMPO art. 40(13))."""
    return _end(application, "close", "closed_on", closed_on, by=by, note=note)


@transaction.atomic
def reopen(application: PlanningApplication, *, by: User, note: str) -> PlanningApplication:
    """Take an ended case up again, where it stood: in assessment when it had been valid, else at validation."""
    return apply_step(application, "reopen", by=by, note=note, withdrawn_on=None, returned_on=None, closed_on=None)


def latest_day(application: PlanningApplication) -> date:
    """Today; for what came after hours and counts as received on a working day that is still to come, that day."""
    return max(timezone.localdate(), application.received_on)


def _end(application, step: str, field: str, day: date | None, *, by: User, note: str) -> PlanningApplication:
    day = day or latest_day(application)
    if not application.received_on <= day <= latest_day(application):
        received = f"It counts as received on {application.received_on:%-d %B %Y}."
        raise ValidationError({field: f"This must be a day from receipt until today. {received}"})
    return apply_step(application, step, by=by, note=note, **{field: day})
