"""Telling the applicant what is asked, by when, and reminding them."""

from collections.abc import Iterable
from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from cases.application.recipients import recipients
from cases.law import deadlines
from cases.lifecycle import StepNotAllowed
from cases.locking import locked_for
from cases.models import PlanningApplication, ValidationRequest
from cases.permissions import can_ask, can_remind
from cases.request_kinds import rules_of
from cases.statuses import BEING_VALIDATED, Status
from cases.timeline import record

from .blanks import blanks
from .rows import open_row

NOT_NOW = "You cannot send requests of this application now."


@transaction.atomic
def send_requests(requests: Iterable[ValidationRequest], *, by: User) -> list[ValidationRequest]:
    """Send these drafts of one application, together in one letter (event `requests_sent`), and set their last days.

    Faults of an application that has not been found invalid yet are refused: cases.validation.validity.invalidate sends
    those. Raises PermissionDenied, ValidationError for none or for drafts of two applications, StepNotAllowed with a
    sentence (sent or settled meanwhile, cannot be asked now).
    """
    chosen = list(requests)
    if not chosen:
        raise ValidationError("Choose what is to be sent.")
    if len({request.application_id for request in chosen}) > 1:
        raise ValidationError("A letter is about one application.")
    case = locked_for(chosen[0].application, by=by, may=can_remind, refusal=NOT_NOW)
    rows = sorted((open_row(request, case) for request in chosen), key=lambda row: row.number)
    for row in rows:
        if not can_ask(by, case, row.kind):
            raise PermissionDenied(NOT_NOW)
        if refusal := why_not_sent(row):
            raise StepNotAllowed(refusal)
    mark_as_sent(case, rows, by=by)
    record(
        case,
        "requests_sent",
        by=by,
        requests=[row.pk for row in rows],
        titles=[row.title for row in rows],
        numbers=[row.number for row in rows],
    )
    return rows


def why_not_sent(request: ValidationRequest) -> str:
    """Why this cannot be sent on its own now, in a sentence; empty when it can."""
    status, rules = request.application.status, rules_of(request)
    if request.sent_at is not None:
        return f"“{request.title}” was sent already. Load the page again."
    if rules.is_fault and status == Status.NOT_STARTED:
        return "Mark the application as invalid: that sends every fault in one letter."
    if found := blanks(request):
        return f"“{request.title}” still has a blank to fill in: {found[0]}"
    if not rules.after_valid and status not in BEING_VALIDATED:
        return f"The application is valid. “{request.title}” can be asked for only by marking it as invalid."
    return ""


def mark_as_sent(case: PlanningApplication, rows: Iterable[ValidationRequest], *, by: User) -> None:
    """Write on drafts of a locked application that they go out now, and their last days. The letter is the caller's."""
    now = timezone.now()
    by_post = goes_by_post(case)
    for row in rows:
        row.sent_at, row.sent_by = now, by
        row.due_on = last_day(row, sent_on=timezone.localdate(now), by_post=by_post)
        row.save(update_fields=["sent_at", "sent_by", "due_on"])


def goes_by_post(application: PlanningApplication) -> bool:
    """Whether the person who is written to has no e-mail address."""
    to = recipients(application)
    return bool(to) and not to[0].email


def last_day(request: ValidationRequest, *, sent_on: date, by_post: bool = False) -> date | None:
    """The last day for the answer to what was sent on this day; None where the kind sets none.

    More time is asked for while there is some left: the answer is due by the day of the decision at the latest.

    A letter on paper takes some working days to arrive (LocalAuthority.office_posting_days): they come on top.
    """
    days = rules_of(request).respond_in
    if days is None:
        return None
    due = deadlines.response_due(sent_on, days + (request.application.authority.office_posting_days if by_post else 0))
    expires_on = request.application.expires_on
    if request.kind == ValidationRequest.Kind.EXTENSION_OF_TIME and expires_on and sent_on <= expires_on < due:
        return expires_on  # without a yes by then the decision is late
    return due


@transaction.atomic
def remind(application: PlanningApplication, *, by: User) -> list[ValidationRequest]:
    """Write again about everything that waits for the applicant (event `reminded`); the link is open for 90 days more.

    The last days stay as they are. Raises PermissionDenied, StepNotAllowed when nothing waits or when a reminder went
    out today already.
    """
    case = locked_for(application, by=by, may=can_remind, refusal=NOT_NOW)
    rows = list(case.validation_requests.with_the_applicant())
    if not rows:
        raise StepNotAllowed("Nothing waits for the applicant.")
    if case.events.filter(kind="reminded", at__date=timezone.localdate()).exists():
        raise StepNotAllowed("The applicant was reminded today already.")
    record(case, "reminded", by=by, requests=[row.pk for row in rows], titles=[row.title for row in rows])
    return rows


def drafts_for_invalidity(case: PlanningApplication) -> list[ValidationRequest]:
    """What the letter sends that says an application is invalid: every draft that can be asked before it is valid.

    Raises StepNotAllowed while the ready words of one still have blanks.
    """
    drafts = case.validation_requests.drafts().select_for_update(of=("self",)).select_related("reason")
    rows = [row for row in drafts if rules_of(row).before_valid]
    for row in rows:
        row.application = case
        if found := blanks(row):
            raise StepNotAllowed(f"“{row.title}” still has a blank to fill in: {found[0]}")
    return rows
