"""Visits to the site."""

from datetime import date

from django.db import transaction

from accounts.models import User
from cases.locking import changed_fields, locked_for
from cases.models import (
    PlanningApplication,
    SiteVisit,
)
from cases.permissions import can_assess
from cases.timeline import record

from .editing import NOT_NOW, not_ahead


@transaction.atomic
def record_site_visit(
    application: PlanningApplication, *, visited_on: date, notes: str = "", neighbours_seen: str = "", by: User
) -> SiteVisit:
    """Record a visit. Raises ValidationError when the day lies ahead, PermissionDenied."""
    case = locked_for(application, by=by, may=can_assess, refusal=NOT_NOW)
    not_ahead("visited_on", visited_on)
    visit = SiteVisit.objects.create(
        application=case, visited_on=visited_on, notes=notes.strip(), neighbours_seen=neighbours_seen.strip(), by=by
    )
    record(case, "site_visited", by=by, visit=visit.pk, visited_on=visited_on)
    return visit


@transaction.atomic
def change_site_visit(visit: SiteVisit, *, by: User, visited_on: date, notes: str, neighbours_seen: str) -> SiteVisit:
    case = locked_for(visit.application, by=by, may=can_assess, refusal=NOT_NOW)
    not_ahead("visited_on", visited_on)
    changes = {"visited_on": visited_on, "notes": notes.strip(), "neighbours_seen": neighbours_seen.strip()}
    before, after = changed_fields(visit, changes)
    if before:
        visit.save(update_fields=list(before))
        record(case, "site_visit_changed", by=by, visit=visit.pk, before=before, after=after)
    return visit


@transaction.atomic
def remove_site_visit(visit: SiteVisit, *, by: User) -> None:
    case = locked_for(visit.application, by=by, may=can_assess, refusal=NOT_NOW)
    before = {"visited_on": visit.visited_on, "notes": visit.notes, "neighbours_seen": visit.neighbours_seen}
    record(case, "site_visit_changed", by=by, visit=visit.pk, before=before, after=None)
    visit.delete()
