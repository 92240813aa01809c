"""Saying how a task stands, where no other fact says it."""

from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts.models import User
from cases.models import Check, PlanningApplication
from cases.permissions import can_note
from cases.timeline import record

from .task_list import task_named


@transaction.atomic
def record_check(application: PlanningApplication, *, task: str, outcome: str, by: User, note: str = "") -> Check:
    """Append a judgement on a task; the last one counts. Raises KeyError for an unknown task, PermissionDenied."""
    if not can_note(by, application):
        raise PermissionDenied("You do not work on this case.")
    check = Check.objects.create(
        application=application, task=task_named(task).slug, outcome=Check.Outcome(outcome), note=note, by=by
    )
    record(application, "task_checked", by=by, task=task, outcome=outcome, note=note)
    return check
