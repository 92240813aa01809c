"""Is the application complete? Faults, their remedies, and the day from which it is valid."""

from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from accounts.models import User

from . import deadlines
from .holding import hold
from .lifecycle import StepNotAllowed, apply_step
from .models import InvalidReason, PlanningApplication, ValidationRequest
from .permissions import can_correct, can_publish
from .statuses import ON_THE_REGISTER
from .timeline import record

Outcome = ValidationRequest.Outcome
# What an application loses when it turns out never to have been valid.
NOT_VALID = {"valid_from": None, "validated_on": None, "statutory_expiry_on": None, "expires_on": None}


@dataclass(frozen=True)
class Dates:
    """What follows from the day on which an application became valid. None: the type has no period."""

    valid_from: date
    statutory_expiry_on: date | None
    expires_on: date | None


# --- Faults ----------------------------------------------------------------------------------------------------------


@transaction.atomic
def raise_request(
    application: PlanningApplication, *, kind: str, title: str, text: str, what_to_send: str, by: User,
    reason: InvalidReason | None = None,
) -> ValidationRequest:  # fmt: skip
    """Note one fault: what is wrong and what would put it right (DMPO 2015 art. 11 and 12).

    The applicant hears of it when the application is marked as invalid. Raises PermissionDenied, ValidationError.
    """
    held = hold(application, by=by, may=can_correct, sorry="You cannot note faults on this application now.")
    number = (held.validation_requests.aggregate(last=Max("number"))["last"] or 0) + 1
    request = ValidationRequest(
        application=held, number=number, kind=kind, reason=reason, title=title.strip(), text=text.strip(),
        what_to_send=what_to_send.strip(), raised_by=by,
    )  # fmt: skip
    request.full_clean()
    request.save()
    record(application, "request_raised", by=by, request=request.pk, title=request.title, request_kind=kind)
    return request


@transaction.atomic
def resolve_request(
    request: ValidationRequest, *, arrived_on: date, by: User, resolution: str = ""
) -> ValidationRequest:
    """The remedy is here. `arrived_on` is the day on which it came, whenever somebody looked at it.

    Raises PermissionDenied, ValidationError (a day before receipt or in the future), StepNotAllowed (already settled).
    """
    request = _open_request(request, by)
    if not request.application.received_on <= arrived_on <= timezone.localdate():
        raise ValidationError({"arrived_on": "This must be a day from receipt until today."})
    _settle(request, by, outcome=Outcome.ACCEPTED, arrived_on=arrived_on, resolution=resolution.strip())
    record(
        request.application, "request_resolved", by=by, request=request.pk, title=request.title,
        arrived_on=arrived_on, resolution=resolution,
    )  # fmt: skip
    return request


@transaction.atomic
def cancel_request(request: ValidationRequest, *, because: str, by: User) -> ValidationRequest:
    """It was no fault after all. Raises PermissionDenied, ValidationError without a reason, StepNotAllowed."""
    request = _open_request(request, by)
    if not because.strip():
        raise ValidationError({"because": "Say why it is no longer asked for."})
    _settle(request, by, outcome=Outcome.CANCELLED, cancelled_because=because.strip())
    record(
        request.application, "request_cancelled", by=by, request=request.pk, title=request.title, because=because
    )  # fmt: skip
    return request


def _open_request(request: ValidationRequest, by: User) -> ValidationRequest:
    # The case first, as everywhere: whoever holds it may change its rows.
    held = hold(request.application, by=by, may=can_correct, sorry="You cannot change faults of this application now.")
    locked = ValidationRequest.objects.select_for_update(of=("self",)).get(pk=request.pk)
    locked.application = held
    if not locked.is_open:
        raise StepNotAllowed(f"“{locked.title}” has been settled already. Load the page again.")
    return locked


def _settle(request: ValidationRequest, by: User, **facts) -> None:
    for name, value in facts.items():
        setattr(request, name, value)
    request.resolved_at, request.resolved_by = timezone.now(), by
    request.save(update_fields=[*facts, "resolved_at", "resolved_by"])


# --- Invalid, valid --------------------------------------------------------------------------------------------------


@transaction.atomic
def invalidate(application: PlanningApplication, *, by: User, note: str = "") -> PlanningApplication:
    """Mark as invalid: every open fault goes to the applicant, and no period runs (DMPO 2015 art. 11(5))."""
    _lock(application)
    requests = list(application.validation_requests.filter(resolved_at=None))
    application.validation_requests.filter(resolved_at=None, sent_at=None).update(sent_at=timezone.now())
    return apply_step(
        application, "invalidate", by=by, note=note, invalidated_on=timezone.localdate(),
        requests=[request.pk for request in requests], **NOT_VALID,
    )  # fmt: skip


def earliest_valid_from(application: PlanningApplication) -> date:
    """The day on which the last required item arrived: receipt, or the remedy of the last fault."""
    arrivals = application.validation_requests.filter(cancelled_because="").values_list("arrived_on", flat=True)
    return deadlines.valid_from(
        received_on=application.received_on, items_received_on=[day for day in arrivals if day is not None]
    )


def dates_from(application: PlanningApplication, valid_from: date) -> Dates:
    """Statutory expiry and due date of an application that is valid from this day, with what has been agreed."""
    kind = application.application_type
    period = (kind.eia_period_days if application.is_eia else None) or kind.period_days
    if period is None:
        return Dates(valid_from, None, None)
    statutory = deadlines.statutory_expiry(valid_from, period_days=period)
    agreed = application.extensions.values_list("agreed_until", flat=True)
    return Dates(valid_from, statutory, deadlines.expiry(statutory, agreed))


@transaction.atomic
def validate(
    application: PlanningApplication, *, by: User, valid_from: date | None = None, note: str = ""
) -> PlanningApplication:
    """Mark as valid, start the period, and put it on the register.

    `valid_from` is computed; another day must be later, not in the future, and have a `note` that says why.
    Raises PermissionDenied, StepNotAllowed (faults open, no red line), ValidationError (the day).
    """
    held = _lock(application)
    computed = earliest_valid_from(held)
    chosen = valid_from or computed
    if chosen != computed:
        _check_other_day(chosen, computed, note)
    dates = dates_from(held, chosen)
    apply_step(
        application, "validate", by=by, note=note, valid_from=chosen, validated_on=timezone.localdate(),
        statutory_expiry_on=dates.statutory_expiry_on, expires_on=dates.expires_on, computed_valid_from=computed,
    )  # fmt: skip
    # What somebody took off the register for a reason goes back by hand alone.
    was_taken_off = application.events.filter(kind="unpublished").exists()
    if held.application_type.is_publishable and held.published_at is None and not was_taken_off:
        _publish(application, by)
    return application


def _lock(application: PlanningApplication) -> PlanningApplication:
    return PlanningApplication.objects.select_for_update(of=("self",)).get(pk=application.pk)


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
    held = hold(application, by=by, may=can_publish, sorry="You cannot publish this application.")
    if held.status not in ON_THE_REGISTER or not held.application_type.is_publishable:
        raise StepNotAllowed("Only a valid application of a public type stands on the register.")
    if held.published_at is None:
        _publish(application, by)


@transaction.atomic
def unpublish(application: PlanningApplication, *, because: str, by: User) -> None:
    """Take the application off the register, for example when personal data slipped through. Says why."""
    hold(application, by=by, may=can_publish, sorry="You cannot take this application off the register.")
    if not because.strip():
        raise ValidationError({"because": "Say why it is taken off the register."})
    application.published_at = None
    application.save(update_fields=["published_at", "updated_at"])
    record(application, "unpublished", by=by, because=because.strip())


def _publish(application: PlanningApplication, by: User) -> None:
    application.published_at = timezone.now()
    application.save(update_fields=["published_at", "updated_at"])
    record(application, "published", by=by)
