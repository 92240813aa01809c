"""Writing a decision notice: from its template and the facts of the case, or as the correction of an issued one."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from accounts.models import User
from cases.lifecycle import StepNotAllowed
from cases.locking import locked
from cases.models import PlanningApplication
from cases.statuses import Status
from cases.timeline import record
from notices.drafting.particulars import particulars_of
from notices.models import DecisionNotice, NoticeTemplate
from notices.permissions import can_draft, newest_recommendation
from notices.wording.blocks import check_body


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
    case = locked(application.pk)
    if case.status == Status.DETERMINED or not can_draft(by, case):
        raise PermissionDenied("You cannot draft the notice of this case now.")
    recommendation = newest_recommendation(case)
    if recommendation is None:
        raise StepNotAllowed("Recommend a decision first: the notice is written for it.")
    notice = open_draft(case) or DecisionNotice(application=case, created_by=by, live=False)
    if notice.pk:
        notice = notice.get_latest_revision_as_object()
    if afresh or not notice.pk or notice.decision != recommendation.decision:
        template = template_for(case, recommendation.decision)
        notice.template, notice.decision, notice.body = template, recommendation.decision, template.body
    notice.particulars = particulars_of(case, notice.decision)
    keep_draft(notice, by=by)
    record(case, "notice_drafted", by=by, decision=notice.decision, template=str(notice.template))
    return notice


@transaction.atomic
def start_correction(application: PlanningApplication, *, reason: str, by: User) -> DecisionNotice:
    """Begin a new version of an issued notice, word for word as it was issued. It takes the same way to its issue.

    A council cannot change its decision (it is functus officio), only put an error of the notice right.
    Raises PermissionDenied, StepNotAllowed.
    """
    case = locked(application.pk)
    if case.status != Status.DETERMINED or not can_draft(by, case):
        raise PermissionDenied("Only an officer of the council can correct the notice of a decided case.")
    if not reason.strip():
        raise StepNotAllowed("Say what is wrong with the notice that was issued.")
    issued = case.issued_notices.first()
    if issued is None:
        raise StepNotAllowed("This decision was taken elsewhere: there is no notice of ours to correct.")
    if open_draft(case):
        raise StepNotAllowed("A correction has already been begun.")
    notice = DecisionNotice(
        application=case,
        created_by=by,
        live=False,
        template=issued.notice.template,
        decision=issued.decision,
        body=issued.notice.body,
        particulars=issued.notice.particulars,
        correction_reason=reason.strip(),
    )
    keep_draft(notice, by=by)
    record(case, "notice_drafted", by=by, decision=notice.decision, correction=True, reason=notice.correction_reason)
    return notice


@transaction.atomic
def save_draft(
    notice: DecisionNotice, *, by: User, body=None, particulars: dict | None = None, reason: str = ""
) -> DecisionNotice:
    """Keep the officer's words as a new revision. `particulars` and its `reason` may be changed by a correction alone.

    Raises PermissionDenied while it is in sign-off or when it was issued, ValidationError for a bad merge field.
    """
    case = locked(notice.application_id)
    if not can_draft(by, case) or notice.live or notice.workflow_in_progress:
        raise PermissionDenied("The notice cannot be changed now.")
    notice = DecisionNotice.objects.get(pk=notice.pk).get_latest_revision_as_object()
    if body is not None:
        notice.body = body
    if (particulars is not None or reason) and not notice.is_correction:
        raise PermissionDenied("The facts of a draft come from the case: change them there.")
    notice.particulars = notice.particulars if particulars is None else particulars
    notice.correction_reason = reason.strip() or notice.correction_reason
    check_body(notice.body)
    keep_draft(notice, by=by)
    return notice


def keep_draft(notice: DecisionNotice, *, by: User) -> None:
    """The row and its newest revision say the same, so that lists, triggers and previews agree."""
    notice.has_unpublished_changes = True
    notice.save()
    notice.save_revision(user=by)
