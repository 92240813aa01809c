"""What Open Digital Planning calls our statuses and decisions, and in what form it writes dates.

The standard has fewer words than the law: a decision in part stands as granted, since something was, and the notice
says what. Where it has none at all (an application closed without decision) nothing is published.
"""

from datetime import UTC, date, datetime

from cases.models import Appeal, PlanningApplication
from cases.statuses import REFUSALS, Decision, Status

GRANTED, REFUSED = "granted", "refused"
# A "closed" application has no word in the standard, so this API does not know it; the register's pages do.
NOT_SAID = frozenset({Status.CLOSED})

GRANTS = frozenset(Decision) - REFUSALS - {Decision.ADVICE_GIVEN}
# Of prior approvals: was it required? Not said where the question was never answered (silence; not permitted at all).
PRIOR_APPROVAL_REQUIRED: dict[str, bool] = {
    Decision.PA_APPROVED: True,
    Decision.PA_REFUSED: True,
    Decision.PA_NOT_REQUIRED: False,
}
APPEAL_DECISIONS: dict[str, str] = {
    Appeal.Outcome.ALLOWED: "allowed",
    Appeal.Outcome.DISMISSED: "dismissed",
    Appeal.Outcome.SPLIT: "splitDecision",
    Appeal.Outcome.WITHDRAWN: "withdrawn",
}
# Codes of types that the standard spells otherwise since they were first published.
TYPE_CODES = {"nonMaterialAmendment": "amendment.nonMaterial"}


def type_code(code: str) -> str:
    return TYPE_CODES.get(code, code)


def council_decision(decision: str) -> str | None:
    """granted or refused; None where there is no decision that the standard could say."""
    if decision in REFUSALS:
        return REFUSED
    return GRANTED if decision in GRANTS else None


def status_of(application: PlanningApplication) -> str:
    if application.status == Status.WITHDRAWN:
        return "withdrawn"
    return "determined" if application.status == Status.DETERMINED else "undetermined"


def stage_of(
    application: PlanningApplication, *, consultation_began_on: date | None, has_appeal: bool, today: date
) -> str:
    """Where the application stands. Consultation lasts as long as its last day; an appeal outlasts everything."""
    if application.status == Status.WITHDRAWN:
        return "assessment"
    if has_appeal:
        return "appeal"
    ends_on = application.consultation_ends_on
    if application.is_open and consultation_began_on and ends_on and consultation_began_on <= today <= ends_on:
        return "consultation"
    return "assessment"


def instant(moment: date | datetime) -> str:
    """A moment in UTC to the millisecond; of a day, its first moment, which is the same day in London all year."""
    if isinstance(moment, datetime):
        return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return f"{moment.isoformat()}T00:00:00.000Z"
