"""Applications that the planning committee decides: the referral and what the meeting resolved.

A resolution is not the decision: the decision comes into being when the notice is issued.
"""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from cases.lifecycle import apply_step
from cases.locking import locked_for
from cases.models import PlanningApplication
from cases.permissions import can_record_resolution
from cases.statuses import REFUSALS, Resolution, Route
from cases.timeline import record

NOT_AT_COMMITTEE = "Only a planning manager records what the committee resolved, and only while the case is there."


@transaction.atomic
def send_to_committee(application: PlanningApplication, *, committee_on: date, by: User, note: str = "") -> None:
    """Refer an application that waits for sign-off to the committee that meets on this day.

    Raises StepNotAllowed, ValidationError by field, PermissionDenied.
    """
    _check_meeting(application, committee_on)
    apply_step(
        application, "send_to_committee", by=by, note=note.strip(), committee_on=committee_on, route=Route.COMMITTEE
    )
    # What an earlier meeting resolved does not count for this one; its event remains.
    _write(application, committee_resolution="", committee_note="")


@transaction.atomic
def change_committee_date(application: PlanningApplication, *, committee_on: date, by: User) -> None:
    """The meeting was moved, or the item deferred to another one. Raises ValidationError by field, PermissionDenied."""
    case = locked_for(application, by=by, may=can_record_resolution, refusal=NOT_AT_COMMITTEE)
    _check_meeting(case, committee_on)
    if case.committee_on != committee_on:
        record(case, "committee_date_changed", by=by, before=case.committee_on, after=committee_on)
        _write(application, committee_on=committee_on)


@transaction.atomic
def record_resolution(application: PlanningApplication, *, resolution: str, note: str, by: User) -> None:
    """Record what the committee resolved. A deferral leaves the case at committee, for another meeting.

    `note` is public with the resolution: reasons where the committee went against the recommendation, changes to
    conditions, and where it was deferred, why. Raises ValidationError by field, PermissionDenied.
    """
    case = locked_for(application, by=by, may=can_record_resolution, refusal=NOT_AT_COMMITTEE)
    if resolution not in Resolution.values:
        raise ValidationError({"resolution": "Say what the committee resolved."})
    if case.committee_on and case.committee_on > timezone.localdate():
        raise ValidationError({"resolution": f"The committee meets only on {case.committee_on:%-d %B %Y}."})
    if not note.strip() and (resolution == Resolution.DEFER or goes_against_recommendation(case, resolution)):
        raise ValidationError({"note": "Give the committee's reasons: it did not follow the recommendation."})
    record(
        case,
        "committee_resolved",
        by=by,
        resolution=resolution,
        note=note.strip(),
        committee_on=case.committee_on,
        before=case.committee_resolution,
    )
    _write(application, committee_resolution=resolution, committee_note=note.strip())


def goes_against_recommendation(application: PlanningApplication, resolution: str) -> bool:
    """True when the committee resolved to grant what was recommended for refusal, or the other way round."""
    newest = application.recommendations.first()
    if newest is None or resolution == Resolution.DEFER:
        return False
    return (newest.decision in REFUSALS) != (resolution == Resolution.REFUSE)


def _check_meeting(application: PlanningApplication, committee_on: date) -> None:
    if application.valid_from and committee_on < application.valid_from:
        raise ValidationError({"committee_on": "The committee cannot have met before the application was valid."})
    if committee_on.year > timezone.localdate().year + 2:
        raise ValidationError({"committee_on": "That is more than two years away. Check the year."})


def _write(application: PlanningApplication, **fields: object) -> None:
    for name, value in fields.items():
        setattr(application, name, value)
    application.save(update_fields=[*fields, "updated_at"])
