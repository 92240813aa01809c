"""What happens when nobody answers in time: for a few kinds, the council may go on as it proposed.

Only by words that the applicant has read: a description that was proposed, and conditions to be met before work
starts, which may then be imposed without agreement (SI 2018/566 reg. 2). A red line never moves that way, and nobody
gives the council more time by saying nothing. Whether the letter really went out is known to
notices/correspondence/silence.py, which calls `accept_silence`.
"""

from collections.abc import Iterable
from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from cases.lifecycle import StepNotAllowed
from cases.locking import locked
from cases.models import CaseEvent, ValidationRequest
from cases.request_kinds import SILENCE_ACCEPTS, Kind, silence_accepts
from cases.requests.rows import event_data_of, open_row, settle
from cases.statuses import BEING_DECIDED, OPEN
from cases.timeline import record

from .settling import apply_answer

Answer, Outcome = ValidationRequest.Answer, ValidationRequest.Outcome


def _reopened_since_sent() -> Exists:
    """The application was ended and reopened after the request was sent: the page said that nothing more was needed."""
    return Exists(
        CaseEvent.objects.filter(
            application=OuterRef("application"), kind="reopen", at__gte=OuterRef("sent_at"), is_imported=False
        )
    )


def taken_by_silence(requests: Iterable[ValidationRequest]) -> frozenset[int]:
    """Keys of those of these requests for which no answer by the last day will count, as far as is known now.

    Pages and letters say it of exactly these; `silent_requests` is the same rule for what is over. One query at most.
    Not where the application was ended and reopened after they were sent: the question must be put again.
    """
    keys = {request.pk for request in requests if silence_accepts(request) and request.due_on}
    if not keys:
        return frozenset()
    put_again = ValidationRequest.objects.filter(_reopened_since_sent(), pk__in=keys)
    return frozenset(keys.difference(put_again.values_list("pk", flat=True)))


def silent_requests(today: date) -> QuerySet[ValidationRequest]:
    """Requests whose last day has passed without an answer and for which that counts, oldest first.

    By the day that the letter gave; ask besides when it really left (notices/correspondence/silence.py).
    """
    return (
        ValidationRequest.objects.with_the_applicant()
        .filter(kind__in=SILENCE_ACCEPTS, due_on__lt=today, application__status__in=OPEN - BEING_DECIDED)
        .filter(application__authority__is_active=True)
        .exclude(Q(kind=Kind.DESCRIPTION) & Q(proposed_description=""))
        .exclude(_reopened_since_sent())
        .select_related("application__authority")
        .order_by("due_on", "pk")
    )


@transaction.atomic
def accept_silence(request: ValidationRequest, *, waited_until: date | None = None) -> bool:
    """Settle as accepted what nobody answered: a description takes effect, a condition may be imposed.

    `waited_until` is the last day on which an answer would have counted, where that was later than the letter said;
    the request keeps it as its last day. False when it is not so any more: answered, settled or withdrawn meanwhile,
    the application has ended or waits for its decision, the last day has not passed. Two sweeps at once accept it once.
    """
    case = locked(request.application_id)
    try:
        row = open_row(request, case)
    except StepNotAllowed:
        return False
    today = timezone.localdate()
    if not (silent_requests(today).filter(pk=row.pk).exists() and silence_accepts(row)):
        return False
    row.answer, row.answered_at = Answer.SILENCE, timezone.now()
    try:
        with transaction.atomic():
            before = apply_answer(row, by=None)
    except (StepNotAllowed, ValidationError, PermissionDenied):
        return False
    settle(
        row,
        by=None,
        outcome=Outcome.ACCEPTED,
        arrived_on=today,
        before=before,
        answer=row.answer,
        answered_at=row.answered_at,
        due_on=max(filter(None, [row.due_on, waited_until]), default=None),
    )
    record(case, "request_accepted_by_silence", by=None, **event_data_of(row), due_on=row.due_on)
    return True
