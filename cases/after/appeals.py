"""Appeals to the Planning Inspectorate: what was lodged, what came of it, and until when one can be lodged.

An appeal is a fact beside the decision; it never changes the case's status.
"""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from cases.law.deadlines import ONE_DAY, AppealWindow, appeal_deadline, non_determination_appeal_window
from cases.locking import locked_for
from cases.models import Appeal, PlanningApplication
from cases.permissions import can_record_appeal
from cases.statuses import REFUSALS, Decision
from cases.timeline import record

NOT_NOW = "An appeal is recorded by a planning officer, after the decision or while one is outstanding."
# Decisions that refuse in part or give less than was asked for can be appealed against as a refusal.
PART_REFUSALS = frozenset({Decision.SPLIT, Decision.LDC_GRANTED_PART, Decision.DETAILS_PART})


@transaction.atomic
def record_appeal(
    application: PlanningApplication, *, ground: str, lodged_on: date, reference: str = "", by: User
) -> Appeal:
    """Record an appeal that the Inspectorate told the council of.

    Whether it came in time is the Inspectorate's to say (`appeal_window` is shown to the officer). Raises
    ValidationError by field, PermissionDenied.
    """
    case = locked_for(application, by=by, may=can_record_appeal, refusal=NOT_NOW)
    if ground not in Appeal.Ground.values:
        raise ValidationError({"ground": "Say what the appeal is against."})
    if ground not in possible_grounds(case):
        raise ValidationError({"ground": _impossible(case, ground)})
    if case.appeals.filter(ground=ground, outcome="").exists():
        raise ValidationError({"ground": "An appeal on this ground is open already."})
    if fault := _day_fault(case, ground, lodged_on):
        raise ValidationError({"lodged_on": fault})
    appeal = Appeal(application=case, ground=ground, lodged_on=lodged_on, reference=reference.strip())
    appeal.full_clean(exclude=["application"])
    appeal.save()
    record(
        case, "appeal_lodged", by=by, appeal=appeal.pk, ground=ground, lodged_on=lodged_on, reference=appeal.reference
    )
    return appeal


@transaction.atomic
def record_appeal_outcome(appeal: Appeal, *, outcome: str, decided_on: date, by: User) -> Appeal:
    """Record what came of an appeal. Raises ValidationError by field, PermissionDenied."""
    case = locked_for(appeal.application, by=by, may=can_record_appeal, refusal=NOT_NOW)
    faults = {}
    if outcome not in Appeal.Outcome.values:
        faults["outcome"] = "Say what came of the appeal."
    if decided_on < appeal.lodged_on:
        faults["decided_on"] = f"The appeal was lodged only on {appeal.lodged_on:%-d %B %Y}."
    elif decided_on > timezone.localdate():
        faults["decided_on"] = "That day has not come yet."
    if faults:
        raise ValidationError(faults)
    before = {"outcome": appeal.outcome, "decided_on": appeal.decided_on}
    appeal.outcome, appeal.decided_on = outcome, decided_on
    appeal.save(update_fields=["outcome", "decided_on"])
    record(
        case,
        "appeal_decided",
        by=by,
        appeal=appeal.pk,
        outcome=outcome,
        decided_on=decided_on,
        before=before,
        reference=appeal.reference,
    )
    return appeal


def possible_grounds(application: PlanningApplication) -> list[str]:
    """On what grounds an appeal can be made as the case stands."""
    if application.decision in REFUSALS:
        return [Appeal.Ground.REFUSAL]
    if application.decision in PART_REFUSALS:
        return [Appeal.Ground.REFUSAL, Appeal.Ground.CONDITIONS]
    if application.decision:
        return [Appeal.Ground.CONDITIONS]
    return [Appeal.Ground.NON_DETERMINATION]


def _impossible(application: PlanningApplication, ground: str) -> str:
    if ground == Appeal.Ground.NON_DETERMINATION:
        return "The application was decided, so there is no appeal for want of a decision."
    if not application.decision:
        return "The application is not decided: the only appeal is for want of a decision."
    return f"The decision was “{application.decision_words}”: that ground does not fit."


def _day_fault(application: PlanningApplication, ground: str, lodged_on: date) -> str:
    if lodged_on > timezone.localdate():
        return "That day has not come yet."
    if application.decided_on and lodged_on < application.decided_on:
        return f"The decision was made only on {application.decided_on:%-d %B %Y}."
    if ground == Appeal.Ground.NON_DETERMINATION and application.expires_on and lodged_on <= application.expires_on:
        return f"The time to decide ran until {application.expires_on:%-d %B %Y}: an appeal could not be made before."
    return ""


def appeal_window(application: PlanningApplication, ground: str) -> AppealWindow | None:
    """The first and last day for an appeal on this ground; None where the law sets no limit or gives no appeal.

    From the type's appeal rules: <ground>_days, _weeks or _months (DMPO 2015 art. 37 and the regulations beside it).
    """
    rules = application.application_type.appeal
    limits = {unit: rules.get(f"{ground}_{unit}") for unit in ("days", "weeks", "months")}
    limit = {unit: number for unit, number in limits.items() if number}
    if not limit:
        return None
    if ground == Appeal.Ground.NON_DETERMINATION:
        return _non_determination_window(application, limit)
    if application.decided_on is None:
        return None
    return AppealWindow(application.decided_on, appeal_deadline(application.decided_on, **limit))


def _non_determination_window(application: PlanningApplication, limit: dict[str, int]) -> AppealWindow | None:
    if application.expires_on is None:
        return None
    if "months" in limit:
        return non_determination_appeal_window(application.expires_on, months=limit["months"])
    return AppealWindow(application.expires_on + ONE_DAY, appeal_deadline(application.expires_on, **limit))
