"""Who may write a decision notice, and who may sign it off."""

from django.db.models import OuterRef, Q, QuerySet, Subquery
from wagtail.models import WorkflowState

from accounts.models import User
from cases.models import PlanningApplication, Recommendation
from cases.permissions import can_assess, cases_for, same_authority
from cases.statuses import Status
from notices.models import DecisionNotice


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
