"""Considerations, each weighed in words, and the policies that they rest on."""

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max, Q
from django.utils import timezone

from accounts.models import User
from cases.locking import locked_for
from cases.models import (
    Consideration,
    ConsiderationAssessment,
    PlanningApplication,
    Policy,
)
from cases.permissions import can_assess
from cases.timeline import record

from .editing import NOT_NOW, move_among


def policies_for(application: PlanningApplication):
    """The policies that may be relied on here: national ones and those of the application's council."""
    return Policy.objects.filter(is_active=True).filter(Q(authority=None) | Q(authority_id=application.authority_id))


def unused_considerations(application: PlanningApplication):
    """The considerations in use that the assessment does not hold yet."""
    return Consideration.objects.filter(is_active=True).exclude(
        pk__in=application.considerations.values("consideration")
    )


@transaction.atomic
def assess_consideration(
    application: PlanningApplication,
    *,
    consideration: Consideration,
    outcome: str,
    text: str,
    policies: Iterable[Policy] = (),
    by: User,
) -> ConsiderationAssessment:
    """Write what the officer makes of one material consideration, new or again.

    Raises ValidationError (a policy of another council, no text), PermissionDenied.
    """
    case = locked_for(application, by=by, may=can_assess, refusal=NOT_NOW)
    chosen = own_policies(case, policies)
    row = case.considerations.filter(consideration=consideration).first()
    if row is None:
        last = case.considerations.aggregate(last=Max("sort_order"))["last"]
        row = ConsiderationAssessment(
            application=case, consideration=consideration, sort_order=0 if last is None else last + 1
        )
    before = {"outcome": row.outcome, "text": row.text} if row.pk else None
    row.outcome, row.text, row.by, row.at = outcome, text.strip(), by, timezone.now()
    row.full_clean(exclude=["application", "consideration", "by"], validate_unique=False, validate_constraints=False)
    row.save()
    row.policies.set(chosen)
    record(
        case,
        "consideration_assessed",
        by=by,
        consideration=consideration.slug,
        before=before,
        after={"outcome": row.outcome, "text": row.text, "policies": [policy.slug for policy in chosen]},
    )
    return row


def own_policies(application: PlanningApplication, policies: Iterable[Policy]) -> list[Policy]:
    """These policies, when all of them may be relied on here. Raises ValidationError."""
    chosen = list(policies)
    if any(policy.authority_id not in (None, application.authority_id) for policy in chosen):
        raise ValidationError({"policies": "One of the policies belongs to another council."})
    return chosen


@transaction.atomic
def remove_consideration(row: ConsiderationAssessment, *, by: User) -> None:
    case = locked_for(row.application, by=by, may=can_assess, refusal=NOT_NOW)
    record(
        case,
        "consideration_assessed",
        by=by,
        consideration=row.consideration.slug,
        before={"outcome": row.outcome, "text": row.text},
        after=None,
    )
    row.delete()


@transaction.atomic
def move_consideration(row: ConsiderationAssessment, *, up: bool, by: User) -> None:
    """Change places with the neighbour above (or below). At the end of the list nothing happens."""
    case = locked_for(row.application, by=by, may=can_assess, refusal=NOT_NOW)
    move_among(list(case.considerations.order_by("sort_order", "pk")), row.pk, up=up)
