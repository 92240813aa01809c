"""What should be looked at before a case goes to the person who signs."""

from dataclasses import dataclass

from django.utils import timezone

from cases.assessment.conditions import usual_conditions_missing
from cases.consultation.publicity import publicity_open, publicity_still_needed
from cases.models import ApplicationType, Comment, LimitAssessment, PlanningApplication
from cases.statuses import REFUSALS, Decision, Sentiment

from .task_list import Facts, Stage, TaskStatus, facts_of, task_list

# What article 35 of the DMPO is about: permission, not consents, certificates or prior approvals.
PLANNING_PERMISSION = frozenset({ApplicationType.Category.HOUSEHOLDER, ApplicationType.Category.FULL})


@dataclass(frozen=True)
class Remark:
    """Something to look at before the case goes to sign-off, and the task in which it is put right.

    `stops`: the law or the sign-off will refuse it as it is; otherwise it is the officer's to weigh.
    """

    words: str
    task: str
    stops: bool = False


def remarks(application: PlanningApplication, *, decision: str, facts: Facts | None = None) -> list[Remark]:
    """What is unfinished or does not fit this decision, what stops first. The number of queries is constant."""
    facts = facts or facts_of(application)
    found = [*_publicity(application), *_rows(application, decision, facts), *_limits(application, decision)]
    found += _larger_home_extension(application, decision)
    found += _unfinished_tasks(facts)
    return sorted(found, key=lambda remark: not remark.stops)


def _publicity(application: PlanningApplication) -> list[Remark]:
    found = []
    if last_day := publicity_open(application, timezone.localdate()):
        words = f"Publicity runs until {last_day:%-d %B %Y}: no decision can be issued before it has ended."
        found.append(Remark(words, "publicity", stops=True))
    return found + [Remark(words, "publicity") for words in publicity_still_needed(application)]


def _rows(application: PlanningApplication, decision: str, facts: Facts) -> list[Remark]:
    found = []
    if decision in REFUSALS:
        if not facts.refusal_reasons:
            found.append(Remark("There is no reason for refusal.", "refusal_reasons", stops=True))
        elif application.application_type.category in PLANNING_PERMISSION and _lacks_local_policy(application):
            words = "A reason for refusal names no policy of the development plan (DMPO 2015 article 35)."
            found.append(Remark(words, "refusal_reasons", stops=True))
        return found
    conditions = list(application.conditions.all())
    if decision == Decision.GRANTED_WITH_CONDITIONS and not conditions:
        found.append(Remark("It is to be granted with conditions, and there are none.", "conditions", stops=True))
    if decision == Decision.GRANTED and conditions:
        found.append(Remark("There are conditions, but the decision is to grant without any.", "conditions"))
    if any(not condition.reason.strip() for condition in conditions):
        found.append(Remark("A condition has no reason (DMPO 2015 article 35).", "conditions", stops=True))
    if facts.conditions_not_agreed:
        number = facts.conditions_not_agreed
        which = "a condition that is" if number == 1 else f"{number} conditions that are"
        words = f"The applicant has neither agreed in writing to {which} to be met before work starts"
        found.append(Remark(f"{words}, nor let ten working days pass (TCPA 1990 s.100ZA(5)).", "conditions"))
    if facts.refusal_reasons and decision != Decision.SPLIT:
        found.append(Remark("There are reasons for refusal, but it is not to be refused.", "refusal_reasons"))
    missing = usual_conditions_missing(application, decision=decision)
    return found + [Remark(f"There is no condition of the kind “{row.title}”.", "conditions") for row in missing]


def _lacks_local_policy(application: PlanningApplication) -> bool:
    """DMPO 2015 art. 35(1)(b): every policy of the development plan that a refusal of permission rests on is named."""
    reasons = application.refusal_reasons
    naming = reasons.filter(policies__is_development_plan=True).values("pk").distinct().count()
    return naming < reasons.count()


def _limits(application: PlanningApplication, decision: str) -> list[Remark]:
    if decision in REFUSALS:
        return []
    failing = LimitAssessment.objects.filter(
        class_assessment__application=application, outcome=LimitAssessment.Outcome.FAILS
    ).select_related("limit", "class_assessment__gpdo_class")
    return [
        Remark(
            f"Part {row.class_assessment.gpdo_class.part} Class {row.class_assessment.gpdo_class.letter}, "
            f"{row.limit.paragraph}: the limit is not kept, but it is not to be refused.",
            "assess_gpdo",
        )
        for row in failing
    ]


def _larger_home_extension(application: PlanningApplication, decision: str) -> list[Remark]:
    """GPDO Schedule 2 Part 1 para A.4(7): prior approval is required only where an adjoining neighbour objects."""
    if application.application_type.code != "pa.part1.classA":
        return []
    objected = application.comments.filter(sentiment=Sentiment.OBJECTION, kind=Comment.Kind.PUBLIC).exists()
    if objected and decision == Decision.PA_NOT_REQUIRED:
        words = (
            "There are objections. If one is an adjoining owner’s or occupier’s, prior approval is required (A.4(7))."
        )
        return [Remark(words, "comments")]
    if not objected and decision == Decision.PA_APPROVED:
        words = (
            "Nobody has objected: the effect on neighbours must not be assessed, and prior approval is not required."
        )
        return [Remark(words, "comments")]
    return []


def _unfinished_tasks(facts: Facts) -> list[Remark]:
    """Tasks before the recommendation that nobody has finished."""
    words = {
        TaskStatus.NOT_STARTED: "nobody has looked at it",
        TaskStatus.IN_PROGRESS: "not finished",
        TaskStatus.FAULT: "something is wrong",
    }
    earlier = (Stage.VALIDATE, Stage.CONSULT, Stage.ASSESS)
    return [
        Remark(f"{row.task.name}: {words[row.status]}.", row.task.slug)
        for stage, rows in task_list(facts)
        if stage in earlier
        for row in rows
        if row.status in words
    ]
