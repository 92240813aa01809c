"""What the officer finds out and thinks: site visits, planning history, words, considerations.

All of it is the officer's until it is submitted for sign-off; after that nothing here can be changed until it is sent
back (`can_assess`). Permitted development limits: cases/assessment/permitted_development.py.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max, Q
from django.utils import timezone
from shapely.errors import ShapelyError
from shapely.geometry import shape

from accounts.models import User
from cases.locking import changed_fields, hold
from cases.models import (
    AssessmentSection,
    Consideration,
    ConsiderationAssessment,
    HistoryEntry,
    PlanningApplication,
    Policy,
    SiteVisit,
)
from cases.permissions import can_assess
from cases.statuses import ON_THE_REGISTER
from cases.timeline import record

NOT_NOW = "The assessment can be changed only while the application is in assessment, by a planning officer."
# About 550 metres north and 350 metres east in England: far enough that overlapping red lines are found.
NEARBY_DEGREES = Decimal("0.005")
MOST_SUGGESTIONS = 50


# --- Site visits ---------------------------------------------------------------------------------------------------


@transaction.atomic
def record_site_visit(
    application: PlanningApplication, *, visited_on: date, notes: str = "", neighbours_seen: str = "", by: User
) -> SiteVisit:
    """Record a visit. Raises ValidationError when the day lies ahead, PermissionDenied."""
    held = hold(application, by=by, may=can_assess, sorry=NOT_NOW)
    _not_ahead("visited_on", visited_on)
    visit = SiteVisit.objects.create(
        application=held, visited_on=visited_on, notes=notes.strip(), neighbours_seen=neighbours_seen.strip(), by=by
    )
    record(held, "site_visited", by=by, visit=visit.pk, visited_on=visited_on)
    return visit


@transaction.atomic
def change_site_visit(visit: SiteVisit, *, by: User, visited_on: date, notes: str, neighbours_seen: str) -> SiteVisit:
    held = hold(visit.application, by=by, may=can_assess, sorry=NOT_NOW)
    _not_ahead("visited_on", visited_on)
    changes = {"visited_on": visited_on, "notes": notes.strip(), "neighbours_seen": neighbours_seen.strip()}
    before, after = changed_fields(visit, changes)
    if before:
        visit.save(update_fields=list(before))
        record(held, "site_visit_changed", by=by, visit=visit.pk, before=before, after=after)
    return visit


@transaction.atomic
def remove_site_visit(visit: SiteVisit, *, by: User) -> None:
    held = hold(visit.application, by=by, may=can_assess, sorry=NOT_NOW)
    before = {"visited_on": visit.visited_on, "notes": visit.notes, "neighbours_seen": visit.neighbours_seen}
    record(held, "site_visit_changed", by=by, visit=visit.pk, before=before, after=None)
    visit.delete()


def _not_ahead(field: str, day: date | None) -> None:
    if day is not None and day > timezone.localdate():
        raise ValidationError({field: "That day has not come yet."})


# --- Planning history ----------------------------------------------------------------------------------------------


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
    held = hold(application, by=by, may=can_assess, sorry=NOT_NOW)
    entry = HistoryEntry(
        application=held, reference=reference.strip(), description=description.strip(), decision=decision.strip(),
        decided_on=decided_on, relevance=relevance.strip(),
    )  # fmt: skip
    _save_history(entry)
    record(held, "history_recorded", by=by, entry=entry.pk, reference=entry.reference)
    return entry


@transaction.atomic
def change_history_entry(entry: HistoryEntry, *, by: User, **changes: object) -> HistoryEntry:
    """Change reference, description, decision, decided_on or relevance. Raises as `add_history_entry`."""
    held = hold(entry.application, by=by, may=can_assess, sorry=NOT_NOW)
    before, after = changed_fields(entry, changes)
    if before:
        _save_history(entry)
        record(held, "history_changed", by=by, entry=entry.pk, before=before, after=after)
    return entry


@transaction.atomic
def remove_history_entry(entry: HistoryEntry, *, by: User) -> None:
    held = hold(entry.application, by=by, may=can_assess, sorry=NOT_NOW)
    before = {"reference": entry.reference, "description": entry.description, "decision": entry.decision}
    record(held, "history_changed", by=by, entry=entry.pk, before=before, after=None)
    entry.delete()


def _save_history(entry: HistoryEntry) -> None:
    _not_ahead("decided_on", entry.decided_on)
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


# --- The report's words --------------------------------------------------------------------------------------------


@transaction.atomic
def write_sections(application: PlanningApplication, *, texts: Mapping[str, str], by: User) -> list[AssessmentSection]:
    """Write parts of the report, slug → text; those that do not differ are left alone.

    Raises ValidationError, PermissionDenied.
    """
    held = hold(application, by=by, may=can_assess, sorry=NOT_NOW)
    if unknown := set(texts) - set(AssessmentSection.Slug.values):
        raise ValidationError(f"The report has no part {', '.join(sorted(unknown))}.")
    sections = {section.slug: section for section in held.sections.all()}
    written = []
    for slug, text in texts.items():
        section = sections.get(slug) or AssessmentSection(application=held, slug=slug)
        if section.text == text.strip():
            continue
        before, section.text = section.text, text.strip()
        section.updated_by, section.updated_at = by, timezone.now()
        section.full_clean(exclude=["application", "updated_by"], validate_unique=False, validate_constraints=False)
        section.save()
        record(held, "section_written", by=by, section=slug, before=before, after=section.text)
        written.append(section)
    return written


# --- Considerations and policies -----------------------------------------------------------------------------------


def policies_for(application: PlanningApplication):
    """The policies that may be relied on here: national ones and those of the application's council."""
    return Policy.objects.filter(is_active=True).filter(
        Q(authority=None) | Q(authority_id=application.authority_id)
    )  # fmt: skip


def unused_considerations(application: PlanningApplication):
    """The considerations in use that the assessment does not hold yet."""
    return Consideration.objects.filter(is_active=True).exclude(
        pk__in=application.considerations.values("consideration")
    )  # fmt: skip


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
    held = hold(application, by=by, may=can_assess, sorry=NOT_NOW)
    chosen = own_policies(held, policies)
    row = held.considerations.filter(consideration=consideration).first()
    if row is None:
        last = held.considerations.aggregate(last=Max("sort_order"))["last"]
        row = ConsiderationAssessment(
            application=held, consideration=consideration, sort_order=0 if last is None else last + 1
        )
    before = {"outcome": row.outcome, "text": row.text} if row.pk else None
    row.outcome, row.text, row.by, row.at = outcome, text.strip(), by, timezone.now()
    row.full_clean(exclude=["application", "consideration", "by"], validate_unique=False, validate_constraints=False)
    row.save()
    row.policies.set(chosen)
    record(
        held, "consideration_assessed", by=by, consideration=consideration.slug, before=before,
        after={"outcome": row.outcome, "text": row.text, "policies": [policy.slug for policy in chosen]},
    )  # fmt: skip
    return row


def own_policies(application: PlanningApplication, policies: Iterable[Policy]) -> list[Policy]:
    """These policies, when all of them may be relied on here. Raises ValidationError."""
    chosen = list(policies)
    if any(policy.authority_id not in (None, application.authority_id) for policy in chosen):
        raise ValidationError({"policies": "One of the policies belongs to another council."})
    return chosen


@transaction.atomic
def remove_consideration(row: ConsiderationAssessment, *, by: User) -> None:
    held = hold(row.application, by=by, may=can_assess, sorry=NOT_NOW)
    record(
        held, "consideration_assessed", by=by, consideration=row.consideration.slug,
        before={"outcome": row.outcome, "text": row.text}, after=None,
    )  # fmt: skip
    row.delete()


@transaction.atomic
def move_consideration(row: ConsiderationAssessment, *, up: bool, by: User) -> None:
    """Change places with the neighbour above (or below). At the end of the list nothing happens."""
    held = hold(row.application, by=by, may=can_assess, sorry=NOT_NOW)
    move_among(list(held.considerations.order_by("sort_order", "pk")), row.pk, up=up)


def move_among(rows: list, pk: int, *, up: bool) -> bool:
    """Move the row with this key one place among `rows` (in order, each with `sort_order`) and renumber them from 0.

    True when it moved.
    """
    place = next(i for i, row in enumerate(rows) if row.pk == pk)
    other = place - 1 if up else place + 1
    moved = 0 <= other < len(rows)
    if moved:
        rows[place], rows[other] = rows[other], rows[place]
    for number, row in enumerate(rows):
        if row.sort_order != number:
            row.sort_order = number
            row.save(update_fields=["sort_order"])
    return moved
