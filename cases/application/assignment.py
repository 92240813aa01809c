"""Whose case it is."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import QuerySet

from accounts.models import User
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
    locked = _locked(application)
    if not can_assign(by, locked):
        raise PermissionDenied("You cannot give out this case.")
    if officer and not officers_of(application.authority_id).filter(pk=officer.pk).exists():
        raise ValidationError(f"{officer} cannot be given cases of this council.")
    return _give(locked, application, officer, by)


@transaction.atomic
def take(application: PlanningApplication, *, by: User) -> PlanningApplication:
    """Take a case that nobody has. Raises PermissionDenied, or ValidationError when somebody was quicker."""
    if not can_take(by, application):
        raise PermissionDenied("You cannot take this case.")
    locked = _locked(application)
    if locked.officer_id is not None:
        raise ValidationError(TAKEN.format(reference=locked.reference))
    if not can_take(by, locked):
        raise PermissionDenied("You cannot take this case.")
    return _give(locked, application, by, by)


def _locked(application: PlanningApplication) -> PlanningApplication:
    return PlanningApplication.objects.select_for_update(of=("self",)).get(pk=application.pk)


def _give(locked: PlanningApplication, shown: PlanningApplication, officer: User | None, by: User):
    before = locked.officer
    if before != officer:
        locked.officer = officer
        locked.save(update_fields=["officer", "updated_at"])
        record(
            locked, "assigned", by=by, before=str(before) if before else "", after=str(officer) if officer else "",
        )  # fmt: skip
    shown.officer = officer
    return locked
