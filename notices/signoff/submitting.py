"""Putting a notice before the managers, and taking it back; the workflow that it goes through."""

from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.mail import send_mail
from django.db import transaction
from wagtail.models import Workflow, WorkflowContentType, WorkflowState, WorkflowTask

from accounts.models import User
from accounts.roles import PLANNING_MANAGER
from cases.lifecycle import StepNotAllowed
from cases.locking import locked
from cases.models import PlanningApplication, Recommendation
from cases.permissions import same_authority
from cases.statuses import Route
from notices.drafting.changes import Change, changes, text_of
from notices.drafting.findings import Level
from notices.drafting.particulars import newest
from notices.drafting.statute import lint
from notices.models import DecisionNotice, SignOffTask
from notices.permissions import authors_of, can_draft, newest_recommendation
from notices.wording.blocks import check_body

from .case import move_case
from .drafting import keep_draft


def setup_workflow() -> Workflow:
    """Make the one workflow of decision notices: a planning manager signs off. Run as often as you like."""
    task, _ = SignOffTask.objects.get_or_create(name="Sign-off by a planning manager")
    workflow, _ = Workflow.objects.get_or_create(name="Decision sign-off")
    WorkflowTask.objects.get_or_create(workflow=workflow, task=task, defaults={"sort_order": 0})
    WorkflowContentType.objects.update_or_create(
        content_type=ContentType.objects.get_for_model(DecisionNotice), defaults={"workflow": workflow}
    )
    return workflow


class ChangedSinceShown(StepNotAllowed):
    """What would be submitted is not what its officer had before them."""

    def __init__(self, changes: list[Change]) -> None:
        super().__init__(
            "The notice has changed since you opened this page, so nothing was submitted. Read what changed."
        )
        self.changes = changes


@transaction.atomic
def submit_for_sign_off(notice: DecisionNotice, *, by: User, shown: str = "") -> DecisionNotice:
    """Put the notice before the managers: with the facts of the case, lint, a revision, the workflow, the case's step.

    From then on nobody can change its text. `shown` is the text that the officer had before them (`text_of`, a line
    for each paragraph); another one is refused. Raises PermissionDenied, StepNotAllowed, and ValidationError with every
    fault that the law finds in it (statute.lint).
    """
    case = locked(notice.application_id)
    if not can_draft(by, case) or notice.live:
        raise PermissionDenied("You cannot submit this notice now.")
    draft = DecisionNotice.objects.get(pk=notice.pk)
    draft.application = case
    draft = newest(draft)
    if draft.workflow_in_progress:
        raise StepNotAllowed("The notice has already been submitted for sign-off.")
    if shown and (differences := changes(shown.splitlines(), text_of(draft))):
        raise ChangedSinceShown(differences)
    keep_draft(draft, by=by)
    state = draft.current_workflow_state
    if state and state.status == WorkflowState.STATUS_NEEDS_CHANGES:
        state.resume(user=by)
    elif workflow := draft.get_workflow():
        workflow.start(draft, by)
    else:
        raise StepNotAllowed("The sign-off workflow is missing: ask an administrator to run setup_roles.")
    return draft


def begin_sign_off(notice: DecisionNotice, *, by: User | None) -> None:
    """What must hold when a workflow starts on a notice, whoever starts it; moves the case. Called by SignOffTask."""
    if by is None or notice.live:
        raise PermissionDenied("A notice is submitted by an officer of its case.")
    case = locked(notice.application_id)
    if not can_draft(by, case):
        raise PermissionDenied("You cannot submit the notice of this case.")
    submitted = notice.get_latest_revision_as_object()
    submitted.application = case
    recommendation = newest_recommendation(case)
    if not submitted.is_correction and (recommendation is None or recommendation.decision != submitted.decision):
        raise StepNotAllowed("The notice does not say what was recommended. Draft it again.")
    refuse_unlawful(submitted)
    move_case(submitted, "submit", by=by, **_who_decides(case, recommendation))
    tell_managers(submitted, by=by)


def _who_decides(application: PlanningApplication, recommendation: Recommendation | None) -> dict[str, Any]:
    """What of the case changes with the recommended route. What a committee has taken up stays the committee's."""
    route = recommendation.route if recommendation else application.route
    if route == application.route or application.committee_resolution:
        return {}
    return {"route": route} if route == Route.COMMITTEE else {"route": route, "committee_on": None}


def refuse_unlawful(notice: DecisionNotice) -> None:
    """Raise a ValidationError with everything that the law wants and the notice lacks."""
    check_body(notice.body)
    if errors := [finding for finding in lint(notice) if finding.level == Level.ERROR]:
        raise ValidationError([str(finding) for finding in errors])


def tell_managers(notice: DecisionNotice, *, by: User) -> None:
    """An e-mail (a row of the outbox, in this transaction) to each manager of the council who may sign it off."""
    managers = User.objects.filter(
        is_active=True, authority=notice.application.authority, groups__name=PLANNING_MANAGER
    ).exclude(pk__in=authors_of(notice) | {by.pk})
    application = notice.application
    what, why = "the decision notice", notice.particulars.get("decision_words", notice.get_decision_display())
    if notice.is_correction:
        what, why = "a correction of the issued decision notice", notice.correction_reason.rstrip(".")
    for manager in managers.distinct():
        send_mail(
            subject=f"{application.reference} waits for your sign-off",
            message=(
                f"{by} has submitted {what} of {application.reference}, {application.full_address}, "
                f"for sign-off: {why}."
            ),
            from_email=None,
            recipient_list=[manager.email],
        )


@transaction.atomic
def recall(notice: DecisionNotice, *, by: User) -> DecisionNotice:
    """Take the notice back from sign-off, to change something. Raises PermissionDenied, StepNotAllowed."""
    case = locked(notice.application_id)
    if not (same_authority(by, case) and by.has_perm("cases.assess_application")):
        raise PermissionDenied("You do not work on this case.")
    notice = DecisionNotice.objects.get(pk=notice.pk)
    if not notice.workflow_in_progress:
        raise StepNotAllowed("The notice is not waiting for its sign-off.")
    move_case(notice, "recall", by=by)
    return notice
