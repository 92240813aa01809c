"""Taking an application in hand for a change: locked, and with the permission asked of the row as it stands."""

from collections.abc import Callable, Collection, Mapping

from django.core.exceptions import PermissionDenied
from django.db import models

from accounts.models import User

from .models import PlanningApplication

Predicate = Callable[[User, PlanningApplication], bool]


def locked(key: int, *read_too: str) -> PlanningApplication:
    """The application as it now stands, its row locked until the transaction ends. `read_too`: relations of it.

    Everything that changes a case locks it first, so that two people at once take their turns, in one order.
    """
    rows = PlanningApplication.objects.select_for_update(of=("self",))
    return (rows.select_related(*read_too) if read_too else rows).get(pk=key)


def locked_for(application: PlanningApplication, *, by: User, may: Predicate, refusal: str) -> PlanningApplication:
    """Lock the application's row until the transaction ends and return it as it now stands.

    The permission is asked of the locked row: somebody may have submitted or decided the case since the caller read it.
    Raises PermissionDenied with `sorry`.
    """
    case = locked(application.pk)
    if not may(by, case):
        raise PermissionDenied(refusal)
    return case


def changed_fields(row: models.Model, changes: Mapping[str, object]) -> tuple[dict[str, object], dict[str, object]]:
    """Set `changes` on the row (unsaved) and return what was and what is, for the fields that really differ."""
    before = {name: getattr(row, name) for name, value in changes.items() if getattr(row, name) != value}
    for name in before:
        setattr(row, name, changes[name])
    return before, {name: changes[name] for name in before}


def only(changes: Mapping[str, object], allowed: Collection[str]) -> None:
    """Raises PermissionDenied when something else than `allowed` is to be changed."""
    if unknown := set(changes) - set(allowed):
        raise PermissionDenied(f"These cannot be changed here: {', '.join(sorted(unknown))}")
