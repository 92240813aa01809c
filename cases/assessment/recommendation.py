"""What the officer recommends."""

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import User
from cases.locking import locked_for
from cases.models import PlanningApplication, Recommendation
from cases.permissions import can_assess
from cases.statuses import Route
from cases.timeline import record

NOT_NOW = "A recommendation is made while the application is in assessment, by a planning officer."
# What the national scheme of delegation says of a type (delegation_schedule of application types).
DELEGATION = {
    "S1": "Schedule 1 of the national scheme of delegation: decided by officers.",
    "S2": "Schedule 2 of the national scheme of delegation: decided by officers unless the nominated officer and the "
    "nominated member both agree that it should go to committee.",
    "officer": "Outside the national scheme of delegation; decided by officers under the council's own scheme.",
}


@transaction.atomic
def recommend(application: PlanningApplication, *, decision: str, summary: str, route: str, by: User) -> Recommendation:
    """Recommend a decision to the person who signs. The newest counts; none is public before the decision.

    The status does not change: that is for the notice's submission. Raises ValidationError by field, PermissionDenied.
    """
    case = locked_for(application, by=by, may=can_assess, refusal=NOT_NOW)
    faults = {}
    if decision not in case.application_type.decision_words:
        faults["decision"] = "Choose one of the decisions that this type of application can have."
    if not summary.strip():
        faults["summary"] = "Say why in a few sentences: they open the officer's report."
    if route not in Route.values:
        faults["route"] = "Say who decides."
    if faults:
        raise ValidationError(faults)
    recommendation = Recommendation.objects.create(
        application=case, decision=decision, summary=summary.strip(), route=route, by=by
    )
    record(
        case,
        "recommended",
        by=by,
        recommendation=recommendation.pk,
        decision=decision,
        route=route,
        summary=recommendation.summary,
    )
    return recommendation


def newest_recommendation(application: PlanningApplication) -> Recommendation | None:
    return application.recommendations.select_related("by").first()
