"""The two tasks that notices add to the officers' list: drafting the notice, and its sign-off."""

from cases.statuses import BEING_DECIDED, Status
from cases.worklists.task_list import Facts, Stage, Task, TaskStatus
from notices.models import DecisionNotice


def drafting(facts: Facts) -> TaskStatus:
    application = facts.application
    if application.status in BEING_DECIDED or application.decision:
        return TaskStatus.COMPLETED
    if not facts.recommendation:
        return TaskStatus.CANNOT_START
    begun = DecisionNotice.objects.filter(application=application).exists()
    return TaskStatus.IN_PROGRESS if begun else TaskStatus.NOT_STARTED


def signing_off(facts: Facts) -> TaskStatus:
    status = facts.application.status
    if status == Status.DETERMINED:
        return TaskStatus.COMPLETED
    if status == Status.IN_COMMITTEE:
        return TaskStatus.IN_PROGRESS
    return TaskStatus.NOT_STARTED if status in BEING_DECIDED else TaskStatus.CANNOT_START


TASKS = (
    Task("draft_notice", "Decision notice", Stage.RECOMMEND, drafting, url_name="case_notice", always=True),
    Task("sign_off", "Sign-off", Stage.DECIDE, signing_off, url_name="case_sign_off", always=True),
)
