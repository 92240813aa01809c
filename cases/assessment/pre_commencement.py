"""What lets the council impose a condition that is to be met before work starts.

The applicant's written agreement to its terms (TCPA 1990 s.100ZA(5)); or that no substantive response to the notice
of it came within ten working days (s.100ZA(6); Town and Country Planning (Pre-commencement Conditions) Regulations
2018, SI 2018/566 reg. 2). The second is no agreement, and nothing here calls it one.
"""

from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef, QuerySet

from cases.models import Condition, PlanningApplication, ValidationRequest
from cases.models.conditions import ConditionType

Answer, Outcome = ValidationRequest.Answer, ValidationRequest.Outcome
NEEDS_AGREEMENT = frozenset({ConditionType.PRE_COMMENCEMENT})


@dataclass(frozen=True)
class Basis:
    """Why a condition may be imposed: agreed on a day, or no answer by a day to the request of a number. Or not yet."""

    agreed_on: date | None = None
    no_answer_by: date | None = None
    request_number: int | None = None

    @property
    def stands(self) -> bool:
        return bool(self.agreed_on or self.no_answer_by)

    @property
    def words(self) -> str:
        """In a sentence; empty while it may not be imposed."""
        if self.agreed_on:
            return f"The applicant agreed in writing on {self.agreed_on:%-d %B %Y}."
        if self.no_answer_by:
            return (
                f"No answer came by {self.no_answer_by:%-d %B %Y}, so it may be imposed without the applicant's "
                "agreement (SI 2018/566)."
            )
        return ""


def basis_of(condition: Condition) -> Basis:
    """On what ground this condition may be imposed, if any.

    Reads `condition.requests`: prefetch them for a list. Other words are another condition: changing them takes
    requests that were settled before off it (cases/assessment/conditions.py).
    """
    if condition.agreed_on:
        return Basis(agreed_on=condition.agreed_on)
    for request in sorted(condition.requests.all(), key=lambda row: -row.number):
        if request.outcome == Outcome.ACCEPTED and request.answer == Answer.SILENCE:
            return Basis(no_answer_by=request.due_on or request.arrived_on, request_number=request.number)
    return Basis()


def conditions_not_agreed(application: PlanningApplication) -> QuerySet[Condition]:
    """Conditions to be met before work starts that may not be imposed as things stand (basis_of, for a whole case)."""
    unanswered = ValidationRequest.objects.filter(
        condition=OuterRef("pk"), outcome=Outcome.ACCEPTED, answer=Answer.SILENCE
    )
    return Condition.objects.filter(
        ~Exists(unanswered), application=application, type__in=NEEDS_AGREEMENT, agreed_on=None
    ).order_by("sort_order", "pk")
