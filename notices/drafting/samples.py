"""A case for the preview of a template: the council's newest one that fits, completed where it lacks something."""

from typing import Any

from accounts.models import User
from cases.models import ApplicationType, PlanningApplication
from cases.permissions import cases_for
from cases.statuses import Decision
from notices.models import NoticeTemplate

from .particulars import particulars_of
from .rendering import NOT_ISSUED, render_notice

_CONDITION = {
    "number": 1,
    "title": "A condition of the case",
    "text": "The text of the condition stands here.",
    "reason": "The reason for it stands here.",
    "type": "compliance",
    "pre_commencement_reason": "",
    "agreed_on": None,
    "policies": [],
}
_REASON = {
    "number": 1,
    "title": "A reason of the case",
    "text": "The reason for refusal stands here.",
    "policies": [{"plan": "Local Plan", "number": "1", "title": "Design", "is_development_plan": True}],
}
_INFORMATIVE = {"title": "An informative of the case", "text": "Its text stands here."}
_PLAN = {"title": "Site plan", "drawing_number": "001", "revision": "A", "received_on": "2026-06-01"}


def preview_of_template(template: NoticeTemplate, user: User, mode: str) -> dict[str, Any]:
    """`mode`: one of the decisions that the template is for."""
    particulars = sample_particulars(template, decision=mode, user=user)
    return {"title": template.name, "notice": render_notice(template, particulars=particulars, issue=NOT_ISSUED)}


def sample_particulars(template: NoticeTemplate, *, decision: str, user: User) -> dict[str, Any]:
    """Particulars to show a template with: of a real case that the user may see, else of an invented one."""
    decision = decision or Decision.GRANTED
    types = list(template.application_types.all())
    seen = cases_for(user).select_related("authority", "application_type").order_by("-pk")
    application = seen.filter(application_type__in=types).first()
    particulars = particulars_of(application, decision) if application else _invented(user, types, decision)
    samples = {"conditions": _CONDITION, "reasons": _REASON, "informatives": _INFORMATIVE, "plans": _PLAN}
    particulars |= {name: particulars.get(name) or [sample] for name, sample in samples.items()}
    particulars.pop("operative", None)  # made anew, of the samples too
    return particulars


def _invented(user: User, types: list[ApplicationType], decision: str) -> dict[str, Any]:
    """What is known without a case: the act and the appeal of the type. Every other fact shows that it is missing."""
    kind = types[0] if types else ApplicationType(name="Application", appeal={})
    values = {
        "application_type": kind.name,
        "legislation": ", ".join(part for part in (kind.legislation_title, kind.legislation_section) if part),
        "legislation_section": kind.legislation_section,
        "authority_name": user.authority.name if user.authority else "The council",
        "decision": Decision(decision).label,
        "reference": PlanningApplication._meta.verbose_name,
    }
    return {
        "decision": decision,
        "decision_words": Decision(decision).label,
        "application_type": {"code": kind.code},
        "authority": {"name": values["authority_name"], "address": []},
        "appeal": kind.appeal,
        "values": values,
        "facts": values,
        "boundary": None,
        "limits": [],
    }
