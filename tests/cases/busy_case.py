"""A case on which everything has happened once: one row of each kind, so that every form of its pages is there."""

from collections.abc import Callable
from datetime import date

from accounts.models import User
from cases.models import (
    Check,
    Consideration,
    GpdoClass,
    PlanningApplication,
    Recommendation,
)
from cases.reference_data.choices import constraint_types
from cases.statuses import Decision, Sentiment, Status
from tests.cases.asking import draft
from tests.cases.document_files import make_document

DAY = date(2026, 6, 3)


def make_busy(case: PlanningApplication, by: User) -> PlanningApplication:
    """Rows of every kind that officers change, written past the verbs, which would want a status each."""
    case.fee_details = {"payment_reference": "Paid by telephone"}
    case.save(update_fields=["fee_details"])
    case.sections.create(slug="site_description", text="A house in a close", updated_by=by)
    case.sections.create(slug="works_description", text="An extension", updated_by=by)
    case.sections.create(slug="planning_history", text="Nothing before", updated_by=by)
    case.sections.create(slug="responses", text="Nobody wrote", updated_by=by)
    case.sections.create(slug="conclusion", text="It is acceptable", updated_by=by)
    case.site_visits.create(visited_on=DAY, notes="A level garden", by=by)
    case.history_entries.create(reference="25/0001", description="A porch")
    case.considerations.create(
        consideration=Consideration.objects.first(), outcome="acceptable", text="It is well designed", by=by
    )
    for rows in (case.conditions, case.refusal_reasons, case.informatives):
        for number in (0, 1):
            rows.create(sort_order=number, title=f"Text {number}", text="As it was written")
    case.conditions.update(reason="To be sure")
    case.publicity.create(
        kind="site_notice", begins_on=DAY, days=21, ends_on=date(2026, 6, 24), details="On a lamp post", by=by
    )
    for number, name in enumerate(("Ann", "Bob")):
        case.comments.create(
            name=name, sentiment=Sentiment.OBJECTION, text=f"Too tall {number}", received_on=DAY, entered_by=by
        )
    kept, gone = constraint_types()[:2]
    case.constraints.create(constraint_type=kept, source="officer")
    case.constraints.create(constraint_type=gone, source="officer", removed_because="It ends at the road")
    if case.application_type.assessment_kind == "gpdo":
        case.class_assessments.create(gpdo_class=GpdoClass.objects.get(code="part1.classA"), note="Class A fits")
        decision = Decision.LDC_GRANTED
    else:
        decision = Decision.GRANTED
    Recommendation.objects.create(application=case, decision=decision, summary="It keeps the limits", by=by)
    Check.objects.create(application=case, task="check_description", outcome="looked_at", note="Read once", by=by)
    make_document(case, "Site plan", drawing_number="A-1", types=["sitePlan.proposed"])
    return case


def with_requests(case: PlanningApplication, by: User) -> PlanningApplication:
    """One that is being written."""
    draft(case, "other", by=by)
    return case


def busy_cases(make_application: Callable[..., PlanningApplication], by: User) -> list[PlanningApplication]:
    """One in each stage, so that between them every form that an officer has is open."""
    assessed = make_application("pp.full.householder", status=Status.IN_ASSESSMENT)
    certified = make_application("ldc.proposed", status=Status.IN_ASSESSMENT)
    received = make_application("pp.full.householder", status=Status.NOT_STARTED)
    for case in (assessed, certified, received):
        make_busy(case, by)
    with_requests(received, by)
    at_committee = make_application("pp.full.householder", status=Status.IN_COMMITTEE)
    at_committee.appeals.create(ground="refusal", lodged_on=DAY)
    return [assessed, certified, received, at_committee]
