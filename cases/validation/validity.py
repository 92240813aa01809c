"""Is the application complete? Faults, their remedies, and the day from which it is valid."""

from datetime import date, datetime
from itertools import pairwise

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from cases.application.dates import dates_from
from cases.law import deadlines
from cases.lifecycle import StepNotAllowed, apply_step
from cases.locking import locked, locked_for
from cases.models import PlanningApplication, ValidationRequest
from cases.permissions import can_publish
from cases.request_kinds import FAULTS
from cases.requests.sending import drafts_for_invalidity, mark_as_sent
from cases.statuses import ON_THE_REGISTER
from cases.timeline import record

Outcome = ValidationRequest.Outcome
# What an application loses when it turns out never to have been valid.
NOT_VALID = {"valid_from": None, "validated_on": None, "statutory_expiry_on": None, "expires_on": None}


# --- Invalid, valid --------------------------------------------------------------------------------------------------


@transaction.atomic
def invalidate(application: PlanningApplication, *, by: User, note: str = "") -> PlanningApplication:
    """Mark as invalid: everything noted goes to the applicant in one letter, and no period runs (DMPO art. 11(5)).

    What is found later is sent by cases.requests.sending. Raises PermissionDenied; StepNotAllowed without a fault, and
    while ready words still have blanks.
    """
    case = locked(application.pk)
    drafts = drafts_for_invalidity(case)
    mark_as_sent(case, drafts, by=by)
    return apply_step(
        application,
        "invalidate",
        by=by,
        note=note,
        invalidated_on=timezone.localdate(),
        requests=[request.pk for request in drafts],
        titles=[request.title for request in drafts],
        **NOT_VALID,
    )


def earliest_valid_from(application: PlanningApplication) -> date:
    """The day on which the last required item arrived: receipt, or the remedy of the last fault that was put right.

    An answer that was not accepted does not count, but the one that followed it does; a fault that was withdrawn or
    left as it was moves nothing, nor does the applicant's word on the description or on more time. What was asked for
    and settled while the application was valid was never a matter of its validity.
    """
    accepted = application.validation_requests.filter(kind__in=FAULTS, outcome=Outcome.ACCEPTED)
    spans = _spans_of_validity(application)
    arrivals = [row.arrived_on for row in accepted if row.arrived_on and not _was_settled_within(spans, row)]
    return deadlines.valid_from(received_on=application.received_on, items_received_on=arrivals)


def _was_settled_within(spans: list[tuple[datetime, datetime]], request: ValidationRequest) -> bool:
    settled_at = request.resolved_at
    return settled_at is not None and any(begins <= request.raised_at and settled_at <= ends for begins, ends in spans)


def _spans_of_validity(application: PlanningApplication) -> list[tuple[datetime, datetime]]:
    """When the application was taken for valid and then turned out not to be: from one instant until another."""
    steps = application.events.filter(kind__in=["validate", "invalidate"]).order_by("sequence")
    moments = list(steps.values_list("kind", "at"))
    return [
        (begins, ends)
        for (kind, begins), (next_kind, ends) in pairwise(moments)
        if (kind, next_kind) == ("validate", "invalidate")
    ]


@transaction.atomic
def validate(
    application: PlanningApplication, *, by: User, valid_from: date | None = None, note: str = ""
) -> PlanningApplication:
    """Mark as valid, start the period, and put it on the register.

    `valid_from` is computed; another day must be later, not in the future, and have a `note` that says why.
    Raises PermissionDenied, StepNotAllowed (faults open, no red line), ValidationError (the day; what came after hours
    counts as received on the next working day, and the application is not valid before).
    """
    case = locked(application.pk)
    computed = earliest_valid_from(case)
    chosen = valid_from or computed
    if computed > timezone.localdate():
        raise ValidationError(
            {"valid_from": f"What came last counts as received on {computed:%-d %B %Y}: not valid before that day."}
        )
    if chosen != computed:
        _check_other_day(chosen, computed, note)
    dates = dates_from(case, chosen)
    apply_step(
        application,
        "validate",
        by=by,
        note=note,
        valid_from=chosen,
        validated_on=timezone.localdate(),
        statutory_expiry_on=dates.statutory_expiry_on,
        expires_on=dates.expires_on,
        computed_valid_from=computed,
    )
    # What somebody took off the register for a reason goes back by hand alone.
    was_taken_off = application.events.filter(kind="unpublished").exists()
    if case.application_type.is_publishable and case.published_at is None and not was_taken_off:
        _publish(application, by)
    return application


def _check_other_day(chosen: date, computed: date, note: str) -> None:
    if chosen < computed:
        raise ValidationError({"valid_from": f"The last item arrived on {computed:%-d %B %Y}: not valid before."})
    if chosen > timezone.localdate():
        raise ValidationError({"valid_from": "This day is in the future."})
    if not note.strip():
        raise ValidationError({"note": "Say what arrived on this later day."})


# --- The register ----------------------------------------------------------------------------------------------------


@transaction.atomic
def publish(application: PlanningApplication, *, by: User) -> None:
    """Put the application on the register. Raises PermissionDenied, StepNotAllowed when it cannot stand there."""
    case = locked_for(application, by=by, may=can_publish, refusal="You cannot publish this application.")
    if case.status not in ON_THE_REGISTER or not case.application_type.is_publishable:
        raise StepNotAllowed("Only a valid application of a public type stands on the register.")
    if case.published_at is None:
        _publish(application, by)


@transaction.atomic
def unpublish(application: PlanningApplication, *, because: str, by: User) -> None:
    """Take the application off the register, for example when personal data slipped through. Says why."""
    locked_for(application, by=by, may=can_publish, refusal="You cannot take this application off the register.")
    if not because.strip():
        raise ValidationError({"because": "Say why it is taken off the register."})
    application.published_at = None
    application.save(update_fields=["published_at", "updated_at"])
    record(application, "unpublished", by=by, because=because.strip())


def _publish(application: PlanningApplication, by: User) -> None:
    application.published_at = timezone.now()
    application.save(update_fields=["published_at", "updated_at"])
    record(application, "published", by=by)
