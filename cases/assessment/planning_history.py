"""What was decided before on the same land, and what BoPS knows of it."""

from datetime import date
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from shapely.errors import ShapelyError
from shapely.geometry import shape

from accounts.models import User
from cases.locking import changed_fields, locked_for
from cases.models import (
    HistoryEntry,
    PlanningApplication,
)
from cases.permissions import can_assess
from cases.statuses import ON_THE_REGISTER
from cases.timeline import record

from .editing import NOT_NOW, not_ahead

# About 550 metres north and 350 metres east in England: far enough that overlapping red lines are found.
NEARBY_DEGREES = Decimal("0.005")
MOST_SUGGESTIONS = 50


@transaction.atomic
def add_history_entry(
    application: PlanningApplication,
    *,
    reference: str,
    description: str,
    decision: str = "",
    decided_on: date | None = None,
    relevance: str = "",
    by: User,
) -> HistoryEntry:
    """Put an earlier decision on the file.

    Raises ValidationError by field, also when it is there already; PermissionDenied.
    """
    case = locked_for(application, by=by, may=can_assess, refusal=NOT_NOW)
    entry = HistoryEntry(
        application=case,
        reference=reference.strip(),
        description=description.strip(),
        decision=decision.strip(),
        decided_on=decided_on,
        relevance=relevance.strip(),
    )
    _save_history(entry)
    record(case, "history_recorded", by=by, entry=entry.pk, reference=entry.reference)
    return entry


@transaction.atomic
def change_history_entry(entry: HistoryEntry, *, by: User, **changes: object) -> HistoryEntry:
    """Change reference, description, decision, decided_on or relevance. Raises as `add_history_entry`."""
    case = locked_for(entry.application, by=by, may=can_assess, refusal=NOT_NOW)
    before, after = changed_fields(entry, changes)
    if before:
        _save_history(entry)
        record(case, "history_changed", by=by, entry=entry.pk, before=before, after=after)
    return entry


@transaction.atomic
def remove_history_entry(entry: HistoryEntry, *, by: User) -> None:
    case = locked_for(entry.application, by=by, may=can_assess, refusal=NOT_NOW)
    before = {"reference": entry.reference, "description": entry.description, "decision": entry.decision}
    record(case, "history_changed", by=by, entry=entry.pk, before=before, after=None)
    entry.delete()


def _save_history(entry: HistoryEntry) -> None:
    not_ahead("decided_on", entry.decided_on)
    same = HistoryEntry.objects.filter(application_id=entry.application_id, reference=entry.reference)
    if same.exclude(pk=entry.pk).exists():
        raise ValidationError({"reference": f"{entry.reference} is in the planning history already."})
    entry.full_clean(exclude=["application"], validate_constraints=False)
    entry.save()


def suggested_history(application: PlanningApplication) -> list[PlanningApplication]:
    """Other applications of the council on the same land that are not in the history yet, newest first, 50 at most.

    The same land is the same UPRN, or a red line that overlaps this one.
    """
    known = set(application.history_entries.values_list("reference", flat=True))
    candidates = (
        PlanningApplication.objects.of(application.authority_id)
        .filter(status__in=ON_THE_REGISTER)
        .filter(_perhaps_same_land(application))
        .exclude(pk=application.pk)
        .exclude(reference__in=known)
        .select_related("application_type")
        .order_by("-received_on", "-pk")[: 4 * MOST_SUGGESTIONS]
    )
    return [other for other in candidates if is_on_the_same_land(application, other)][:MOST_SUGGESTIONS]


def _perhaps_same_land(application: PlanningApplication) -> Q:
    same = Q(pk=application.parent_id) | Q(parent_id=application.pk)
    if application.uprn:
        same |= Q(uprn=application.uprn)
    if application.latitude is not None and application.longitude is not None:
        latitude, longitude = Decimal(application.latitude), Decimal(application.longitude)
        same |= Q(
            latitude__range=(latitude - NEARBY_DEGREES, latitude + NEARBY_DEGREES),
            longitude__range=(longitude - NEARBY_DEGREES, longitude + NEARBY_DEGREES),
            boundary__isnull=False,
        )
    return same


def is_on_the_same_land(application: PlanningApplication, other: PlanningApplication) -> bool:
    """The same UPRN, parent or child, or red lines that share more than an edge."""
    if application.uprn and application.uprn == other.uprn:
        return True
    if application.pk == other.parent_id or other.pk == application.parent_id:
        return True
    return _overlap(application.boundary, other.boundary)


def _overlap(first: dict | None, second: dict | None) -> bool:
    if not first or not second:
        return False
    try:
        ours, theirs = shape(first), shape(second)
        return bool(ours.intersects(theirs) and not ours.touches(theirs))
    except (ShapelyError, ValueError, TypeError, KeyError, AttributeError):
        return False  # an old red line that is no geometry: nothing to suggest
