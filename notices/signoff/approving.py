"""A planning manager decides on a notice that waits: approved, which issues it, or sent back."""

import logging

from django.core.exceptions import PermissionDenied
from django.db import transaction
from wagtail.models import WorkflowState

from accounts.models import User
from cases.lifecycle import StepNotAllowed
from cases.locking import locked
from cases.statuses import BEING_DECIDED, REFUSALS, Resolution, Route, Status
from notices.drafting.changes import text_of
from notices.drafting.particulars import newest
from notices.issuing.issue import IssueNoticeAction, Written, sha256_of, write_before
from notices.models import DecisionNotice, IssuedNotice
from notices.permissions import why_not_sign_off
from notices.printing.pdf import NotWritten

from .case import move_case
from .submitting import refuse_unlawful

logger = logging.getLogger(__name__)

NO_PDF = (
    "The PDF of the notice could not be made, so nothing was issued: the case is as it was, and waits for your "
    "decision. Try again in a minute. If it happens again, tell your administrator."
)
SUBMITTED_AGAIN = (
    "The notice was taken back and submitted again after you opened this page. Nothing was issued. Read the report and "
    "the notice again, then approve."
)


def approve(notice: DecisionNotice, *, by: User, comment: str = "", read: str = "") -> IssuedNotice:
    """Sign the notice off. That issues it and decides the case, all in one transaction (notices/issuing/issue.py).

    First the PDFs are made, which takes seconds and holds no lock; a case that changed in that time is refused, since
    the manager has not read what would be issued. Raises PermissionDenied for who may not, StepNotAllowed when it is no
    longer waiting (somebody else was quicker), when the case changed or a PDF could not be made, ValidationError when
    the law stands against its issue today. `read` is the submission that the manager had before them
    (submission_of): another one is refused as well.
    """
    with transaction.atomic():  # the lock ends here: this only saves making PDFs in vain
        held, state = _may_be_issued(notice, by=by)
        revision = state.current_task_state.revision
        if read and read != submission_of(newest(held)):
            raise StepNotAllowed(SUBMITTED_AGAIN)
    try:
        written = write_before(revision, by=by)
    except NotWritten as error:
        logger.error("The PDF of notice %d was not made: %s", notice.pk, error)
        raise StepNotAllowed(NO_PDF) from error
    return _approve(notice, by=by, comment=comment, written=written)


def submission_of(notice: DecisionNotice) -> str:
    """Which submission for sign-off waits now, and its words, for `approve(read=…)`; empty when none does.

    The words too: a release of the product can print the same submission in other ones.
    """
    state = notice.current_workflow_task_state
    words = sha256_of("\n".join(text_of(notice)).encode()) if state else ""
    return f"{state.pk}:{words[:16]}" if state else ""


@transaction.atomic
def _approve(notice: DecisionNotice, *, by: User, comment: str, written: Written) -> IssuedNotice:
    notice, state = _may_be_issued(notice, by=by)
    task_state = state.current_task_state
    # Wagtail finishes the workflow by a function that knows nothing of PDFs; ours hands them on.
    state.on_finish = lambda user: IssueNoticeAction(task_state.revision, user=user, written=written).execute()
    task_state.approve(user=by, comment=comment, update=False)
    state.update(user=by)
    return IssuedNotice.objects.get(notice=notice)


def _may_be_issued(notice: DecisionNotice, *, by: User) -> tuple[DecisionNotice, WorkflowState]:
    """The notice and its workflow, locked, when nothing stands against its issue by this person today."""
    notice, state = _waiting(notice, by=by)
    if refusal := committee_stands_against(notice):
        raise StepNotAllowed(refusal)
    submitted = state.current_task_state.revision.as_object()
    submitted.application = notice.application
    refuse_unlawful(submitted)
    return notice, state


@transaction.atomic
def send_back(notice: DecisionNotice, *, by: User, comment: str) -> DecisionNotice:
    """Give the notice back to the officer, with words on what to change. Raises PermissionDenied, StepNotAllowed."""
    if not comment.strip():
        raise StepNotAllowed("Say what the officer should change.")
    notice, _ = _waiting(notice, by=by)
    move_case(notice, "send_back", by=by, note=comment)
    return notice


def _waiting(notice: DecisionNotice, *, by: User) -> tuple[DecisionNotice, WorkflowState]:
    """The notice as it now stands, its case locked, and its workflow; only while it waits, for who may decide."""
    case = locked(notice.application_id)
    notice = DecisionNotice.objects.select_for_update().get(pk=notice.pk)
    notice.application = case
    if refusal := why_not_sign_off(notice, by):
        raise PermissionDenied(refusal)
    if notice.live:
        raise StepNotAllowed(f"The decision on {case.reference} has already been issued.")
    state = notice.current_workflow_state
    if state is None or state.status != WorkflowState.STATUS_IN_PROGRESS or not state.current_task_state:
        raise StepNotAllowed(f"The notice of {case.reference} is not waiting for sign-off. Load the page again.")
    if not notice.is_correction and case.status not in BEING_DECIDED:
        raise StepNotAllowed(f"{case.reference} is “{case.get_status_display()}”: there is nothing to sign off.")
    return notice, state


def committee_stands_against(notice: DecisionNotice) -> str:
    """A committee decides by its resolution; the notice only says so, and says the same."""
    application = notice.application
    if notice.is_correction or application.route != Route.COMMITTEE:
        return ""
    resolution = application.committee_resolution
    # Redrafted after the committee has resolved, it need not go there a second time.
    if application.status == Status.AWAITING_DETERMINATION and resolution in ("", Resolution.DEFER):
        return "This case goes to committee. Send it there, and record what the committee resolved."
    if not resolution:
        return "Record what the committee resolved before you sign the decision off."
    if resolution == Resolution.DEFER:
        return "The committee deferred the case, so there is no decision to issue."
    if (resolution == Resolution.REFUSE) != (notice.decision in REFUSALS):
        return "The notice does not say what the committee resolved. Send it back to be drafted again."
    return ""
