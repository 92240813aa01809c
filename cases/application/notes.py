"""Notes of officers to each other. Never public."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from accounts.models import User
from cases.models import CaseNote, PlanningApplication
from cases.permissions import can_note
from cases.timeline import record


@transaction.atomic
def add_note(application: PlanningApplication, *, text: str, by: User) -> CaseNote:
    """Add a note to the case; also after its end. Raises PermissionDenied, ValidationError when it says nothing."""
    if not can_note(by, application):
        raise PermissionDenied("You do not work on this case.")
    if not text.strip():
        raise ValidationError({"text": "Write something."})
    note = CaseNote.objects.create(application=application, text=text.strip(), by=by)
    record(application, "note_added", by=by, note_id=note.pk)
    return note
