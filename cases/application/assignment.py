"""Whose case it is."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import QuerySet

from accounts.models import User
from cases.locking import locked
from cases.models import PlanningApplication
from cases.permissions import can_assign, can_take
from cases.timeline import record

TAKEN = "Somebody else has taken {reference} in the meantime."


def officers_of(authority_id: int | None) -> QuerySet[User]:
    """Everybody of an authority who can be given a case: active, and in a group that works cases."""
    return (
        User.objects.filter(
            authority_id=authority_id,
            is_active=True,
            groups__permissions__codename="change_planningapplication",
            groups__permissions__content_type__app_label="cases",
        )
        .distinct()
        .order_by("first_name", "last_name", "email")
    )


@transaction.atomic
def assign(application: PlanningApplication, *, officer: User | None, by: User) -> PlanningApplication:
    """Give a case to an officer of the same council, or to nobody (None).

    Raises PermissionDenied, or ValidationError when that person cannot work cases here.
    """
    row = locked(application.pk)
    if not can_assign(by, row):
        raise PermissionDenied("You cannot give out this case.")
    if officer and not officers_of(application.authority_id).filter(pk=officer.pk).exists():
        raise ValidationError(f"{officer} cannot be given cases of this council.")
    return _give(row, application, officer, by)


@transaction.atomic
def take(application: PlanningApplication, *, by: User) -> PlanningApplication:
    """Take a case that nobody has. Raises PermissionDenied, or ValidationError when somebody was quicker."""
    if not can_take(by, application):
        raise PermissionDenied("You cannot take this case.")
    row = locked(application.pk)
    if row.officer_id is not None:
        raise ValidationError(TAKEN.format(reference=row.reference))
    if not can_take(by, row):
        raise PermissionDenied("You cannot take this case.")
    return _give(row, application, by, by)


def _give(row: PlanningApplication, shown: PlanningApplication, officer: User | None, by: User):
    before = row.officer
    if before != officer:
        row.officer = officer
        row.save(update_fields=["officer", "updated_at"])
        record(
            row,
            "assigned",
            by=by,
            before=str(before) if before else "",
            after=str(officer) if officer else "",
        )
    shown.officer = officer
    return row
