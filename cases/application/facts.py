"""Putting right what the application says of itself: each change an event that holds before and after."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import User
from cases.locking import locked_for
from cases.models import (
    ApplicationType,
    Constraint,
    ConstraintType,
    Fee,
    PlanningApplication,
    PreviousReference,
    ReferenceCounter,
)
from cases.permissions import can_correct
from cases.places.geometry import BadGeometry, read_boundary
from cases.timeline import record

from .dates import dates_from

# What `change_facts` may write: where the site is and what kind of work it is.
FACTS = (
    "address",
    "postcode",
    "uprn",
    "usrn",
    "ward",
    "parish",
    "property_type",
    "latitude",
    "longitude",
    "work_status",
    "is_eia",
)


def change_facts(application: PlanningApplication, *, by: User, **changes: Any) -> PlanningApplication:
    """Correct facts of the site and the proposal; names of FACTS only.

    A change of `is_eia` moves the statutory day and the due date with it. Raises PermissionDenied, ValidationError,
    TypeError for a name that is not a fact.
    """
    if unknown := set(changes) - set(FACTS):
        raise TypeError(f"Not facts that can be changed: {', '.join(sorted(unknown))}")
    return _change(application, "facts_changed", by, changes)


def change_description(
    application: PlanningApplication, *, description: str, by: User, because: str = ""
) -> PlanningApplication:
    """Write a better description. What was submitted is kept beside it."""
    if not description.strip():
        raise ValidationError({"description": "An application has a description."})
    return _change(application, "description_changed", by, {"description": description.strip()}, because=because)


def change_boundary(application: PlanningApplication, *, boundary: Any, by: User, because: str = ""):
    """Draw the red line anew: GeoJSON, WGS84. The area follows. Raises ValidationError when it is no red line."""
    try:
        drawn = read_boundary(boundary)
    except BadGeometry as bad:
        raise ValidationError({"boundary": f"This {bad.reason}."}) from bad
    changes = {"boundary": drawn.geometry, "site_area_sqm": drawn.area_sqm}
    return _change(application, "boundary_changed", by, changes, because=because)


def record_fee(
    application: PlanningApplication,
    *,
    fee_payable: Decimal | None,
    fee_paid: Decimal | None,
    by: User,
    payment_reference: str = "",
    paid_on: date | None = None,
    less_because: str = "",
) -> PlanningApplication:
    """What was due, what came, and why less is right where it is. Amounts in pounds."""
    for name, amount in (("fee_payable", fee_payable), ("fee_paid", fee_paid)):
        if amount is not None and amount < 0:
            raise ValidationError({name: "An amount is not negative."})
    details = {
        **application.fee_details,
        "payment_reference": payment_reference.strip(),
        "less_because": less_because.strip(),
        "paid_on": paid_on.isoformat() if paid_on else "",
    }
    changes = {"fee_payable": fee_payable, "fee_paid": fee_paid, "fee_details": details}
    return _change(application, "fee_checked", by, changes)


def expected_fee(application: PlanningApplication) -> Fee | None:
    """The fee of this type's rule on the day of receipt; None where the type has no rule or the table no row."""
    rule = application.application_type.fee_rule
    return Fee.objects.filter(rule=rule, effective_from__lte=application.received_on).first() if rule else None


def set_ownership_certificate(application: PlanningApplication, *, certificate: str, by: User) -> PlanningApplication:
    """The certificate of ownership, a to d, or none (DMPO 2015 art. 14)."""
    return _change(application, "ownership_checked", by, {"ownership_certificate": certificate})


@transaction.atomic
def change_type(
    application: PlanningApplication, *, application_type: ApplicationType, because: str, by: User
) -> PlanningApplication:
    """Treat it as another type: a new reference, the old one still findable, and the dates that follow.

    Raises PermissionDenied, ValidationError.
    """
    locked = _locked(application, by)
    if not because.strip():
        raise ValidationError({"because": "Say why the type changes."})
    before, old_reference = locked.application_type, locked.reference
    if before == application_type:
        raise ValidationError({"application_type": "It is of this type already."})
    PreviousReference.objects.create(application=locked, authority_id=locked.authority_id, reference=old_reference)
    locked.reference = ReferenceCounter.allot(
        authority=locked.authority, suffix=application_type.suffix, year=locked.received_on.year
    )
    locked.application_type = application_type
    written = ["reference", "application_type", *_dates_follow(locked)]
    locked.save(update_fields=[*written, "updated_at"])
    record(
        locked,
        "type_changed",
        by=by,
        because=because.strip(),
        before={"type": before.code, "reference": old_reference},
        after={"type": application_type.code, "reference": locked.reference},
    )
    return _shown(application, locked, written)


# --- Constraints -----------------------------------------------------------------------------------------------------


@transaction.atomic
def add_constraint(
    application: PlanningApplication, *, constraint_type: ConstraintType, by: User, name: str = ""
) -> Constraint:
    """A constraint that the submission did not name; one that was removed applies again."""
    _locked(application, by)
    constraint, is_new = Constraint.objects.get_or_create(
        application=application,
        constraint_type=constraint_type,
        defaults={"source": Constraint.Source.OFFICER, "entities": [{"name": name.strip()}] if name.strip() else []},
    )
    if not is_new and constraint.applies:
        raise ValidationError({"constraint_type": "This constraint is on the list already."})
    if not is_new:
        constraint.removed_because = ""
        constraint.save(update_fields=["removed_because"])
    record(application, "constraints_changed", by=by, added=str(constraint_type), code=constraint_type.code)
    return constraint


@transaction.atomic
def remove_constraint(constraint: Constraint, *, because: str, by: User) -> Constraint:
    """It does not apply after all. The row stays, with the reason."""
    _locked(constraint.application, by)
    if not because.strip():
        raise ValidationError({"because": "Say why it does not apply."})
    constraint.removed_because = because.strip()
    constraint.save(update_fields=["removed_because"])
    record(
        constraint.application,
        "constraints_changed",
        by=by,
        removed=str(constraint),
        code=constraint.constraint_type.code,
        because=because.strip(),
    )
    return constraint


# --- How a change is written -----------------------------------------------------------------------------------------


def _locked(application: PlanningApplication, by: User) -> PlanningApplication:
    return locked_for(application, by=by, may=can_correct, refusal="You cannot correct this application now.")


@transaction.atomic
def _change(
    application: PlanningApplication, kind: str, by: User, changes: dict[str, Any], because: str = ""
) -> PlanningApplication:
    """Write what is different and one event with before and after. Nothing different: nothing written."""
    locked = _locked(application, by)
    told: dict[str, Any] = {"because": because.strip()} if because.strip() else {}
    return _shown(application, locked, write_facts(locked, kind, by=by, changes=changes, **told))


def write_facts(
    case: PlanningApplication, kind: str, *, by: User | None, changes: dict[str, Any], **told: Any
) -> list[str]:
    """Write what is different on a row that the caller holds, and one event of this kind with before and after.

    `by` None: on the applicant's word, which `told` names. Returns the names of the fields that were written.
    """
    different = {name: value for name, value in changes.items() if getattr(case, name) != value}
    if not different:
        return []
    before = {name: _plain(getattr(case, name)) for name in different}
    for name, value in different.items():
        setattr(case, name, value)
    written = [*different, *(_dates_follow(case) if "is_eia" in different else [])]
    case.clean_fields(exclude=[field.name for field in case._meta.fields if field.name not in written])
    case.save(update_fields=[*written, "updated_at"])
    after = {name: _plain(value) for name, value in different.items()}
    record(case, kind, by=by, before=before, after=after, **told)
    return written


def _dates_follow(application: PlanningApplication) -> list[str]:
    """Compute the due dates of a valid application again; the names of the fields that were set."""
    if application.valid_from is None:
        return []
    dates = dates_from(application, application.valid_from)
    application.statutory_expiry_on, application.expires_on = dates.statutory_expiry_on, dates.expires_on
    return ["statutory_expiry_on", "expires_on"]


def _shown(application: PlanningApplication, locked: PlanningApplication, names: list[str]) -> PlanningApplication:
    for name in names:
        setattr(application, name, getattr(locked, name))
    return application


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, Decimal) else value
