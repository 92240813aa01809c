"""Taking a request in hand: its case locked first, then the row, as it stands now."""

from typing import Any

from django.utils import timezone

from accounts.models import User
from cases.lifecycle import StepNotAllowed
from cases.locking import locked_for
from cases.models import PlanningApplication, ValidationRequest
from cases.permissions import can_settle

REFUSAL = "You cannot change this request now."


def locked_request(request: ValidationRequest, *, by: User) -> ValidationRequest:
    """The request as it stands, locked, with its application locked too (`.application`).

    Raises PermissionDenied; StepNotAllowed with a sentence when it has been settled already.
    """
    kind = request.kind
    locked_case = locked_for(
        request.application, by=by, may=lambda user, case: can_settle(user, case, kind), refusal=REFUSAL
    )
    return open_row(request, locked_case)


def open_row(request: ValidationRequest, case: PlanningApplication) -> ValidationRequest:
    """The row of a request, locked, of an application that is held. Raises StepNotAllowed when it was settled."""
    locked = ValidationRequest.objects.select_for_update(of=("self",)).filter(application=case, pk=request.pk).first()
    if locked is None:
        raise StepNotAllowed("This request has been taken out. Load the page again.")
    locked.application = case
    if not locked.is_open:
        raise StepNotAllowed(f"“{locked.title}” has been settled already. Load the page again.")
    return locked


def settle(request: ValidationRequest, *, by: User | None, outcome: str, **facts: Any) -> None:
    """Write how a held request ended; `facts` are fields of the row. The event is the caller's."""
    facts |= {"outcome": outcome, "resolved_at": timezone.now(), "resolved_by": by}
    for name, value in facts.items():
        setattr(request, name, value)
    request.save(update_fields=list(facts))


def event_data_of(request: ValidationRequest) -> dict[str, Any]:
    """What every event about a request says of it. Never its texts or answers: they are the applicant's."""
    return {"request": request.pk, "number": request.number, "title": request.title, "request_kind": request.kind}
