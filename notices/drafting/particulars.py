"""The case's facts as a notice holds them: read once when it is drafted, kept in its `particulars`, frozen with it."""

from typing import Any

from cases.assessment.pre_commencement import basis_of
from cases.law.operative import operative
from cases.models import LimitAssessment, PlanningApplication
from cases.register.published import IN_PART
from cases.statuses import REFUSALS, Decision
from notices.models import DecisionNotice
from notices.wording.merge import approved_plans, merge_text, values_for


def particulars_of(application: PlanningApplication, decision: str) -> dict[str, Any]:
    """Everything of the case that its notice can say, as JSON: texts with their merge fields filled in.

    Keys: decision, decision_words, operative (block → the sentence that decides), authority, application_type, appeal,
    values (merge field → words), facts, boundary, conditions, reasons, informatives, plans, limits. Numbers of
    conditions and reasons start at 1. What an officer had drafted for another outcome is no part of the decision and is
    left out: the particulars are published with it.
    """
    kind = application.application_type
    words = kind.decision_words.get(decision) or Decision(decision).label
    values = values_for(application, decision=words, decision_date="")
    particulars = {
        "decision": str(decision),
        "decision_words": words,
        "authority": _authority(application),
        "application_type": {
            "code": kind.code,
            "name": kind.name,
            "category": kind.category,
            "legislation_title": kind.legislation_title,
            "legislation_section": kind.legislation_section,
            "needs_bng_statement": kind.needs_bng_statement,
        },
        "appeal": kind.appeal,
        "values": values,
        "facts": {**values, "uprn": application.uprn},
        "boundary": application.boundary,
        "conditions": _conditions(application, values) if decision not in REFUSALS else [],
        "reasons": _reasons(application, values) if decision in REFUSALS | IN_PART else [],
        "informatives": [
            {"title": row.title, "text": merge_text(row.text, values)} for row in application.informatives.all()
        ],
        "plans": [
            {
                "title": d.title,
                "drawing_number": d.drawing_number,
                "revision": d.revision,
                "received_on": d.received_on.isoformat(),
            }
            for d in approved_plans(application)
        ],
        "limits": _limits(application),
    }
    return {**particulars, "operative": operative_words(particulars)}


def newest(draft: DecisionNotice) -> DecisionNotice:
    """A draft as it would be issued if it were submitted now: its newest words, with the facts of the case as they are.

    From its submission on, and in a correction, the facts are those of the notice itself.
    """
    notice: DecisionNotice = draft.get_latest_revision_as_object()
    notice.application = draft.application
    return with_facts(notice)


def with_facts(notice: DecisionNotice) -> DecisionNotice:
    if not (notice.live or notice.is_correction or notice.workflow_in_progress):
        notice.particulars = particulars_of(notice.application, notice.decision)
    return notice


def operative_words(particulars: dict[str, Any]) -> dict[str, str]:
    """The sentences that decide, by the block in which each stands (cases/law/operative.py)."""
    if "operative" in particulars:
        return particulars["operative"]
    kind = particulars.get("application_type", {})
    said = kind.get("code") and operative(
        kind["code"],
        particulars["decision"],
        has_plans=bool(particulars.get("plans")),
        has_conditions=bool(particulars.get("conditions")),
    )
    sentences = said.sentences if said else {}
    return {str(part): merge_text(words, particulars["values"]) for part, words in sentences.items()}


def _authority(application: PlanningApplication) -> dict[str, Any]:
    authority = application.authority
    return {
        "code": authority.code,
        "name": authority.name,
        "address": [line for line in authority.address.splitlines() if line.strip()],
        "email": authority.email,
        "phone": authority.phone,
        "website": authority.website,
    }


def _policies(row: Any) -> list[dict[str, Any]]:
    return [
        {"plan": p.plan, "number": p.number, "title": p.title, "is_development_plan": p.is_development_plan}
        for p in row.policies.all()
    ]


def _conditions(application: PlanningApplication, values: dict[str, str]) -> list[dict[str, Any]]:
    return [
        {
            "number": number,
            "title": row.title,
            "text": merge_text(row.text, values),
            "reason": merge_text(row.reason, values),
            "type": row.type,
            "pre_commencement_reason": merge_text(row.pre_commencement_reason, values),
            "agreed_on": row.agreed_on.isoformat() if row.agreed_on else None,
            "no_answer_by": no_answer_by.isoformat() if (no_answer_by := basis_of(row).no_answer_by) else None,
            "policies": _policies(row),
        }
        for number, row in enumerate(application.conditions.prefetch_related("policies", "requests"), start=1)
    ]


def _reasons(application: PlanningApplication, values: dict[str, str]) -> list[dict[str, Any]]:
    return [
        {"number": number, "title": row.title, "text": merge_text(row.text, values), "policies": _policies(row)}
        for number, row in enumerate(application.refusal_reasons.prefetch_related("policies"), start=1)
    ]


def _limits(application: PlanningApplication) -> list[dict[str, str]]:
    rows = (
        LimitAssessment.objects.filter(class_assessment__application=application)
        .exclude(outcome=LimitAssessment.Outcome.NOT_APPLICABLE)
        .select_related("limit__gpdo_class")
        .order_by("class_assessment__gpdo_class__part", "class_assessment__gpdo_class__code", "limit__sort_order")
    )
    return [
        {
            "class": f"Part {row.limit.gpdo_class.part}, Class {row.limit.gpdo_class.letter}",
            "paragraph": row.limit.paragraph,
            "limit": row.limit.text,
            "measured": row.measured,
            "outcome": row.get_outcome_display(),
        }
        for row in rows
    ]
