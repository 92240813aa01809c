"""Sign-off: Wagtail's workflow, made safe.

draft → submit → (send back → submit)* → approve, which issues the decision. Each verb is one transaction and asks the
permission itself; it makes no difference whether it is called by our pages, by Wagtail's own addresses or by a script.
The case's status goes along: whoever moves one of the two moves both.
"""

import logging
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.mail import send_mail
from django.db import transaction
from django.db.models import OuterRef, Q, QuerySet, Subquery
from wagtail.models import Workflow, WorkflowContentType, WorkflowState, WorkflowTask

from accounts.models import User
from accounts.roles import PLANNING_MANAGER
from cases.lifecycle import StepNotAllowed, apply_step
from cases.models import CaseEvent, PlanningApplication, Recommendation
from cases.permissions import can_assess, cases_for, same_authority
from cases.statuses import BEING_DECIDED, REFUSALS, Resolution, Route, Status
from cases.timeline import listen, record
from notices.drafting.particulars import particulars_of
from notices.drafting.statute import Level, lint
from notices.issuing.issue import written_before
from notices.models import DecisionNotice, IssuedNotice, NoticeTemplate, SignOffTask
from notices.printing.pdf import NotWritten
from notices.wording.blocks import check_body

logger = logging.getLogger(__name__)

NO_PDF = (
    "The PDF of the notice could not be made, so nothing was issued: the case is as it was, and waits for your "
    "decision. Try again in a minute. If it happens again, tell your administrator."
)
SUBMITTED_AGAIN = (
    "The notice was taken back and submitted again after you opened this page. Nothing was issued. Read the report and "
    "the notice again, then approve."
)
ENDS_SIGN_OFF = ("recall", "withdraw", "close")


def setup_workflow() -> Workflow:
    """Make the one workflow of decision notices: a planning manager signs off. Run as often as you like."""
    task, _ = SignOffTask.objects.get_or_create(name="Sign-off by a planning manager")
    workflow, _ = Workflow.objects.get_or_create(name="Decision sign-off")
    WorkflowTask.objects.get_or_create(workflow=workflow, task=task, defaults={"sort_order": 0})
    WorkflowContentType.objects.update_or_create(
        content_type=ContentType.objects.get_for_model(DecisionNotice), defaults={"workflow": workflow}
    )
    return workflow


# --- Who ------------------------------------------------------------------------------------------------------------


def can_draft(user: User, application: PlanningApplication) -> bool:
    """An officer of the case while it is assessed; also for a correction once the decision is issued."""
    if user.is_superuser and user.authority_id is None:
        return False
    if application.status == Status.DETERMINED:
        return same_authority(user, application) and user.has_perm("cases.assess_application")
    return can_assess(user, application)


def authors_of(notice: DecisionNotice) -> set[int]:
    """Everybody who had a hand in it: who began, wrote, submitted or recommended it."""
    people = {notice.created_by_id}
    people |= set(notice.revisions.values_list("user_id", flat=True))
    people |= set(notice.workflow_states.values_list("requested_by_id", flat=True))
    newest = newest_recommendation(notice.application)
    people.add(newest.by_id if newest else None)
    return {pk for pk in people if pk is not None}


def why_not_sign_off(notice: DecisionNotice, user: User) -> str:
    """Why this user may not sign this notice off, as a sentence; empty when they may. Four eyes, of one council."""
    if not user.is_active or user.is_superuser:
        return "A decision is signed off by a planning manager, not by an administrator of the installation."
    if not same_authority(user, notice.application):
        return "This is a case of another council."
    if not user.has_perm("cases.sign_off_application"):
        return "Only a planning manager signs decisions off."
    if user.pk in authors_of(notice):
        return "You recommended, wrote or submitted this decision, so somebody else must sign it off."
    return ""


def waiting_for(user: User) -> QuerySet[DecisionNotice]:
    """Notices in sign-off on which this user may decide: the rule of `why_not_sign_off`, asked of all at once."""
    if not user.is_active or user.is_superuser or not user.has_perm("cases.sign_off_application"):
        return DecisionNotice.objects.none()
    newest = Recommendation.objects.filter(application=OuterRef("application")).order_by("-pk")
    own = DecisionNotice.objects.annotate(recommended_by=Subquery(newest.values("by")[:1])).filter(
        Q(created_by=user)
        | Q(_revisions__user=user)
        | Q(workflow_states__requested_by=user)
        | Q(recommended_by=user.pk)
    )
    return (
        DecisionNotice.objects.filter(
            live=False,
            application__authority_id=user.authority_id,
            workflow_states__status=WorkflowState.STATUS_IN_PROGRESS,
        )
        .exclude(pk__in=own.values("pk"))
        .select_related("application")
    )


def notices_for(user: User) -> QuerySet[DecisionNotice]:
    """Every notice, issued or not, of the cases that this user may see."""
    return DecisionNotice.objects.filter(application__in=cases_for(user)).select_related("application", "created_by")


def newest_recommendation(application: PlanningApplication) -> Recommendation | None:
    return application.recommendations.first()


# --- Drafting -------------------------------------------------------------------------------------------------------


def template_for(application: PlanningApplication, decision: str) -> NoticeTemplate:
    """The council's own template for this type and decision, else the shared one. Raises ValidationError."""
    fitting = NoticeTemplate.objects.filter(
        live=True, application_types=application.application_type, decisions__contains=[decision]
    )
    own = fitting.filter(authority=application.authority).order_by("-last_published_at", "-pk").first()
    template = own or fitting.filter(authority=None).order_by("pk").first()
    if template is None:
        words = application.application_type.decision_words.get(decision, decision)
        raise ValidationError(
            f"There is no notice template for “{words}” on “{application.application_type}”. Ask an administrator."
        )
    return template


def open_draft(application: PlanningApplication) -> DecisionNotice | None:
    """The notice that is being written or waits for its sign-off; there is never more than one."""
    return application.decision_notices.filter(live=False).first()


@transaction.atomic
def draft_notice(application: PlanningApplication, *, by: User, afresh: bool = False) -> DecisionNotice:
    """Write the notice of the newest recommendation from its template and the facts of the case.

    Drafting again keeps the officer's words as long as the decision is the same and brings the facts up to date;
    `afresh` begins again from the template. Raises PermissionDenied, StepNotAllowed, ValidationError (no template).
    """
    held = _held(application)
    if held.status == Status.DETERMINED or not can_draft(by, held):
        raise PermissionDenied("You cannot draft the notice of this case now.")
    recommendation = newest_recommendation(held)
    if recommendation is None:
        raise StepNotAllowed("Recommend a decision first: the notice is written for it.")
    notice = open_draft(held) or DecisionNotice(application=held, created_by=by, live=False)
    if notice.pk:
        notice = notice.get_latest_revision_as_object()
    if afresh or not notice.pk or notice.decision != recommendation.decision:
        template = template_for(held, recommendation.decision)
        notice.template, notice.decision, notice.body = template, recommendation.decision, template.body
    notice.particulars = particulars_of(held, notice.decision)
    _save_draft(notice, by=by)
    record(held, "notice_drafted", by=by, decision=notice.decision, template=str(notice.template))
    return notice


@transaction.atomic
def start_correction(application: PlanningApplication, *, reason: str, by: User) -> DecisionNotice:
    """Begin a new version of an issued notice, word for word as it was issued. It takes the same way to its issue.

    A council cannot change its decision (it is functus officio), only put an error of the notice right.
    Raises PermissionDenied, StepNotAllowed.
    """
    held = _held(application)
    if held.status != Status.DETERMINED or not can_draft(by, held):
        raise PermissionDenied("Only an officer of the council can correct the notice of a decided case.")
    if not reason.strip():
        raise StepNotAllowed("Say what is wrong with the notice that was issued.")
    issued = held.issued_notices.first()
    if issued is None:
        raise StepNotAllowed("This decision was taken elsewhere: there is no notice of ours to correct.")
    if open_draft(held):
        raise StepNotAllowed("A correction has already been begun.")
    notice = DecisionNotice(
        application=held, created_by=by, live=False, template=issued.notice.template, decision=issued.decision,
        body=issued.notice.body, particulars=issued.notice.particulars, correction_reason=reason.strip(),
    )  # fmt: skip
    _save_draft(notice, by=by)
    record(held, "notice_drafted", by=by, decision=notice.decision, correction=True, reason=notice.correction_reason)
    return notice


@transaction.atomic
def save_draft(
    notice: DecisionNotice, *, by: User, body=None, particulars: dict | None = None, reason: str = ""
) -> DecisionNotice:
    """Keep the officer's words as a new revision. `particulars` and its `reason` may be changed by a correction alone.

    Raises PermissionDenied while it is in sign-off or when it was issued, ValidationError for a bad merge field.
    """
    held = _held(notice.application)
    if not can_draft(by, held) or notice.live or notice.workflow_in_progress:
        raise PermissionDenied("The notice cannot be changed now.")
    notice = DecisionNotice.objects.get(pk=notice.pk).get_latest_revision_as_object()
    if body is not None:
        notice.body = body
    if (particulars is not None or reason) and not notice.is_correction:
        raise PermissionDenied("The facts of a draft come from the case: change them there.")
    notice.particulars = notice.particulars if particulars is None else particulars
    notice.correction_reason = reason.strip() or notice.correction_reason
    check_body(notice.body)
    _save_draft(notice, by=by)
    return notice


def _save_draft(notice: DecisionNotice, *, by: User) -> None:
    """The row and its newest revision say the same, so that lists, triggers and previews agree."""
    notice.has_unpublished_changes = True
    notice.save()
    notice.save_revision(user=by)


# --- Submitting -----------------------------------------------------------------------------------------------------


@transaction.atomic
def submit_for_sign_off(notice: DecisionNotice, *, by: User) -> DecisionNotice:
    """Put the notice before the managers: facts brought up to date, lint, a revision, the workflow, the case's step.

    From then on nobody can change its text. Raises PermissionDenied, StepNotAllowed, and ValidationError with every
    fault that the law finds in it (statute.lint).
    """
    held = _held(notice.application)
    if not can_draft(by, held) or notice.live:
        raise PermissionDenied("You cannot submit this notice now.")
    draft = DecisionNotice.objects.get(pk=notice.pk).get_latest_revision_as_object()
    draft.application = held
    if draft.workflow_in_progress:
        raise StepNotAllowed("The notice has already been submitted for sign-off.")
    if not draft.is_correction:
        draft.particulars = particulars_of(held, draft.decision)
    _save_draft(draft, by=by)
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
    held = _held(notice.application)
    if not can_draft(by, held):
        raise PermissionDenied("You cannot submit the notice of this case.")
    submitted = notice.get_latest_revision_as_object()
    submitted.application = held
    recommendation = newest_recommendation(held)
    if not submitted.is_correction and (recommendation is None or recommendation.decision != submitted.decision):
        raise StepNotAllowed("The notice does not say what was recommended. Draft it again.")
    refuse_unlawful(submitted)
    _move(submitted, "submit", by=by, **_who_decides(held, recommendation))
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
    for manager in managers.distinct():
        send_mail(
            subject=f"{application.reference} waits for your sign-off",
            message=(
                f"{by} has submitted the decision notice of {application.reference}, {application.full_address}, "
                f"for sign-off: {notice.particulars.get('decision_words', notice.get_decision_display())}."
            ),
            from_email=None,
            recipient_list=[manager.email],
        )


# --- Deciding -------------------------------------------------------------------------------------------------------


def approve(notice: DecisionNotice, *, by: User, comment: str = "", read: str = "") -> IssuedNotice:
    """Sign the notice off. That issues it and decides the case, all in one transaction (notices/issuing/issue.py).

    First the PDFs are made, which takes seconds and holds no lock; a case that changed in that time is refused, since
    the manager has not read what would be issued. Raises PermissionDenied for who may not, StepNotAllowed when it is no
    longer waiting (somebody else was quicker), when the case changed or a PDF could not be made, ValidationError when
    the law stands against its issue today. `read` is the submission that the manager had before them
    (submission_of): another one is refused as well.
    """
    with transaction.atomic():  # the lock ends here: this only saves making PDFs in vain
        _, state = _may_be_issued(notice, by=by)
        revision = state.current_task_state.revision
        if read and read != str(state.current_task_state_id):
            raise StepNotAllowed(SUBMITTED_AGAIN)
    try:
        with written_before(revision, by=by):
            return _approve(notice, by=by, comment=comment)
    except NotWritten as error:
        logger.error("The PDF of notice %d was not made: %s", notice.pk, error)
        raise StepNotAllowed(NO_PDF) from error


def submission_of(notice: DecisionNotice) -> str:
    """Which submission for sign-off waits now, for `approve(read=…)`; empty when none does."""
    state = notice.current_workflow_task_state
    return str(state.pk) if state else ""


@transaction.atomic
def _approve(notice: DecisionNotice, *, by: User, comment: str) -> IssuedNotice:
    notice, state = _may_be_issued(notice, by=by)
    state.current_task_state.approve(user=by, comment=comment)
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
    _move(notice, "send_back", by=by, note=comment)
    return notice


@transaction.atomic
def recall(notice: DecisionNotice, *, by: User) -> DecisionNotice:
    """Take the notice back from sign-off, to change something. Raises PermissionDenied, StepNotAllowed."""
    held = _held(notice.application)
    if not (same_authority(by, held) and by.has_perm("cases.assess_application")):
        raise PermissionDenied("You do not work on this case.")
    notice = DecisionNotice.objects.get(pk=notice.pk)
    if not notice.workflow_in_progress:
        raise StepNotAllowed("The notice is not waiting for its sign-off.")
    _move(notice, "recall", by=by)
    return notice


def _waiting(notice: DecisionNotice, *, by: User) -> tuple[DecisionNotice, WorkflowState]:
    """The notice as it now stands, its case locked, and its workflow; only while it waits, for who may decide."""
    held = _held(notice.application)
    notice = DecisionNotice.objects.select_for_update().get(pk=notice.pk)
    notice.application = held
    if refusal := why_not_sign_off(notice, by):
        raise PermissionDenied(refusal)
    if notice.live:
        raise StepNotAllowed(f"The decision on {held.reference} has already been issued.")
    state = notice.current_workflow_state
    if state is None or state.status != WorkflowState.STATUS_IN_PROGRESS or not state.current_task_state:
        raise StepNotAllowed(f"The notice of {held.reference} is not waiting for sign-off. Load the page again.")
    if not notice.is_correction and held.status not in BEING_DECIDED:
        raise StepNotAllowed(f"{held.reference} is “{held.get_status_display()}”: there is nothing to sign off.")
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


# --- The case and its workflow go together ----------------------------------------------------------------------------


def _held(application: PlanningApplication) -> PlanningApplication:
    """The case, locked first by every verb: two people at once take their turns, in one order."""
    return PlanningApplication.objects.select_for_update(of=("self",)).get(pk=application.pk)


def _move(notice: DecisionNotice, step: str, *, by: User, note: str = "", **facts: Any) -> None:
    """Take the case's step; a decided case stays decided, so a correction only leaves the event."""
    if notice.is_correction:
        record(notice.application, step, by=by, note=note, correction=True)
    else:
        apply_step(notice.application, step, by=by, note=note, **facts)


def follow_the_case(event: CaseEvent) -> None:
    """The workflow goes the way of its case: sent back, taken back, withdrawn or closed, wherever that was done."""
    notice = open_draft(event.application)
    state = notice.current_workflow_state if notice else None
    if state is None:
        return
    if event.kind == "send_back":
        if state.status == WorkflowState.STATUS_IN_PROGRESS and state.current_task_state:
            state.current_task_state.reject(user=event.by, comment=event.data.get("note", ""))
    else:
        state.cancel(user=event.by)


def listen_to_cases() -> None:
    for kind in ("send_back", *ENDS_SIGN_OFF):
        listen(kind, follow_the_case)
