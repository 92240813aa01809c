"""The two tasks that notices add to the officers' list: drafting the notice, and its sign-off."""

from cases.models import PlanningApplication
from cases.statuses import BEING_DECIDED, Status
from cases.worklists.task_list import Facts, Stage, Task, TaskStatus
from notices.models import DecisionNotice

from .drafting import open_draft


def correction_of(application: PlanningApplication) -> DecisionNotice | None:
    """The correction that somebody has begun on a decided case, and that is not issued yet."""
    return open_draft(application) if application.status == Status.DETERMINED else None


def drafting(facts: Facts) -> TaskStatus:
    application = facts.application
    if correction := correction_of(application):
        return TaskStatus.COMPLETED if correction.workflow_in_progress else TaskStatus.IN_PROGRESS
    if application.status in BEING_DECIDED or application.decision:
        return TaskStatus.COMPLETED
    if not facts.recommendation:
        return TaskStatus.CANNOT_START
    begun = DecisionNotice.objects.filter(application=application).exists()
    return TaskStatus.IN_PROGRESS if begun else TaskStatus.NOT_STARTED


def signing_off(facts: Facts) -> TaskStatus:
    status = facts.application.status
    if correction := correction_of(facts.application):
        return TaskStatus.NOT_STARTED if correction.workflow_in_progress else TaskStatus.CANNOT_START
    if status == Status.DETERMINED:
        return TaskStatus.COMPLETED
    if status == Status.IN_COMMITTEE:
        return TaskStatus.IN_PROGRESS
    return TaskStatus.NOT_STARTED if status in BEING_DECIDED else TaskStatus.CANNOT_START


def drafting_words(facts: Facts) -> str:
    correction = correction_of(facts.application)
    return "A correction has been begun" if correction and not correction.workflow_in_progress else ""


def signing_words(facts: Facts) -> str:
    correction = correction_of(facts.application)
    return "A correction waits for its sign-off" if correction and correction.workflow_in_progress else ""


TASKS = (
    Task(
        "draft_notice",
        "Decision notice",
        Stage.RECOMMEND,
        drafting,
        url_name="case_notice",
        always=True,
        words=drafting_words,
    ),
    Task("sign_off", "Sign-off", Stage.DECIDE, signing_off, url_name="case_sign_off", always=True, words=signing_words),
)
