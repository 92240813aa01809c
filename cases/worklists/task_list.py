"""The officer's task list: what there is to do on an application, and how far each thing is.

A task's status is derived from the facts of the case; nothing is stored beside them. `Check` rows hold the
judgements that no other fact holds. `notices` adds the tasks of the last stage by `register()`.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db.models import Count, Max, Q
from django.utils import timezone

from cases.assessment.pre_commencement import conditions_not_agreed
from cases.models import Check, Document, GpdoLimit, LimitAssessment, PlanningApplication
from cases.request_kinds import BEFORE_VALIDITY, Kind
from cases.requests.letters import with_letters
from cases.statuses import BEING_ASSESSED, BEING_DECIDED, BEING_VALIDATED, REFUSALS, PublicStatus, Status


class Stage(StrEnum):
    VALIDATE = "Validate"
    CONSULT = "Consult"
    ASSESS = "Assess"
    RECOMMEND = "Recommend"
    DECIDE = "Decide"


class TaskStatus(StrEnum):
    """Words of the task list. Completed is plain text, so that what remains stands out."""

    CANNOT_START = "Cannot start yet"
    NOT_STARTED = "Not started"
    IN_PROGRESS = "In progress"
    FAULT = "Something is wrong"
    COMPLETED = "Completed"


@dataclass(frozen=True)
class Asked:
    """How the open requests to the applicant stand, by their numbers."""

    drafts: int  # noted, not sent
    waiting: int  # with the applicant
    overdue: int  # of those, the ones whose letter left and whose last day has passed
    answered: int  # for an officer to look at


@dataclass(frozen=True)
class Facts:
    """Everything that task statuses are derived from, read once for a page: constant queries, however many tasks."""

    application: PlanningApplication
    checks: dict[str, Check]  # task slug → the last check
    documents: list[Document]
    asked: Asked
    publicity: int
    comments: int
    newest_unpublished_comment: datetime | None  # when it was entered
    site_visits: int
    history: int
    sections: frozenset[str]
    limits_total: int
    limits_assessed: int
    considerations: int
    conditions: int
    conditions_not_agreed: int  # to be met before work starts, and neither agreed to nor left without an answer
    informatives: int
    refusal_reasons: int
    recommendation: str  # the newest recommended decision, or empty
    constraints: int


def facts_of(application: PlanningApplication) -> Facts:
    """Read the facts of one application. The number of queries does not depend on what the case holds."""
    checks: dict[str, Check] = {}
    for check in application.checks.select_related("by").order_by("pk"):
        checks[check.task] = check
    comments = application.comments.order_by().aggregate(
        number=Count("pk"), newest_unpublished=Max("at", filter=Q(published_at=None))
    )
    classes = list(application.class_assessments.values_list("gpdo_class_id", flat=True))
    newest = application.recommendations.first()
    return Facts(
        application=application,
        checks=checks,
        documents=list(application.documents.only(*_ASKED_OF_DOCUMENTS)),
        asked=_asked(application),
        publicity=application.publicity.count(),
        comments=comments["number"],
        newest_unpublished_comment=comments["newest_unpublished"],
        site_visits=application.site_visits.count(),
        history=application.history_entries.count(),
        sections=frozenset(application.sections.exclude(text="").values_list("slug", flat=True)),
        limits_total=_limits_of(classes),
        limits_assessed=_assessed_limits(application),
        considerations=application.considerations.count(),
        conditions=application.conditions.count(),
        conditions_not_agreed=conditions_not_agreed(application).count(),
        informatives=application.informatives.count(),
        refusal_reasons=application.refusal_reasons.count(),
        recommendation=newest.decision if newest else "",
        constraints=application.constraints.count(),
    )


def _asked(application: PlanningApplication) -> Asked:
    """What was asked while the application is made complete, and every answer that waits to be looked at.

    Conditions have a task of their own; terms and more time are nothing that validity waits for.
    """
    sent = Q(sent_at__isnull=False, answer="", kind__in=BEFORE_VALIDITY)
    late = sent & Q(due_on__lt=timezone.localdate(), letter_has_not_left=False)
    numbers = with_letters(application.validation_requests.open()).aggregate(
        drafts=Count("pk", filter=Q(sent_at=None, kind__in=BEFORE_VALIDITY)),
        waiting=Count("pk", filter=sent),
        overdue=Count("pk", filter=late),
        answered=Count("pk", filter=~Q(answer="") & ~Q(kind=Kind.PRE_COMMENCEMENT)),
    )
    return Asked(**numbers)


def _limits_of(classes: Iterable[int]) -> int:
    return GpdoLimit.objects.filter(gpdo_class_id__in=list(classes)).count()


def _assessed_limits(application: PlanningApplication) -> int:
    return LimitAssessment.objects.filter(class_assessment__application=application).count()


# A case can have hundreds of documents, each with long texts: no more of them than the rules below ask for.
_ASKED_OF_DOCUMENTS = (
    "application",
    "superseded_by",
    "fetch_status",
    "scan_status",
    "public_status",
    "is_approved_plan",
)

StatusRule = Callable[[Facts], TaskStatus]


def nothing_to_say(facts: Facts) -> str:
    return ""


def whatever_stands(facts: Facts) -> bool:
    return True


@dataclass(frozen=True)
class Task:
    slug: str
    name: str
    stage: Stage
    status: StatusRule
    url_name: str = "case_task"  # reversed with (application pk, slug), or with (pk,) when it is another name
    always: bool = False  # belongs to every type, whatever its list says
    words: Callable[[Facts], str] = nothing_to_say  # what stands beside the status: “2 answers to look at”
    arises: Callable[[Facts], bool] = whatever_stands  # whether there is anything to do; without it, it is not listed

    def applies_to(self, application: PlanningApplication) -> bool:
        return self.always or application.application_type.has_task(self.slug)


def checked(slug: str) -> StatusRule:
    """The status of a task that only a judgement can finish."""

    def rule(facts: Facts) -> TaskStatus:
        check = facts.checks.get(slug)
        if check is None:
            return TaskStatus.NOT_STARTED
        return {
            Check.Outcome.DONE: TaskStatus.COMPLETED,
            Check.Outcome.FAULT: TaskStatus.FAULT,
            Check.Outcome.LOOKED_AT: TaskStatus.IN_PROGRESS,
        }[Check.Outcome(check.outcome)]

    return rule


def _documents(facts: Facts) -> TaskStatus:
    current = [d for d in facts.documents if d.is_current]
    if any(d.fetch_status == Document.FetchStatus.FAILED for d in current):
        return TaskStatus.FAULT
    if any(d.scan_status == Document.ScanStatus.INFECTED for d in current):
        return TaskStatus.FAULT
    judged = checked("check_documents")(facts)
    if judged is not TaskStatus.COMPLETED:
        return judged
    not_assessed = any(d.public_status == PublicStatus.NOT_ASSESSED for d in current)
    return TaskStatus.IN_PROGRESS if not_assessed else TaskStatus.COMPLETED


def _red_line(facts: Facts) -> TaskStatus:
    judged = checked("check_red_line")(facts)
    if not facts.application.boundary and judged is TaskStatus.COMPLETED:
        return TaskStatus.FAULT
    return judged


def _validation_decision(facts: Facts) -> TaskStatus:
    status = facts.application.status
    if status == Status.INVALIDATED:
        return TaskStatus.IN_PROGRESS
    if facts.application.valid_from:
        return TaskStatus.COMPLETED  # what is asked since is a task of its own
    # A case can end before anybody found it valid.
    return TaskStatus.IN_PROGRESS if _asks_something(facts) else TaskStatus.NOT_STARTED


def _validation_words(facts: Facts) -> str:
    return "" if _asks_once_valid(facts) else _requests_words(facts)


def _asks_something(facts: Facts) -> bool:
    return bool(facts.asked.drafts or facts.asked.waiting or facts.asked.answered)


def _asks_once_valid(facts: Facts) -> bool:
    """Something is asked of the applicant while the application is valid: no matter of validity any more."""
    application = facts.application
    return application.valid_from is not None and application.status not in BEING_VALIDATED and _asks_something(facts)


def _requests(facts: Facts) -> TaskStatus:
    return TaskStatus.IN_PROGRESS if _asks_something(facts) else TaskStatus.COMPLETED


def _requests_words(facts: Facts) -> str:
    """What the applicant was asked, and what came back: what is the officer's turn first."""
    asked = facts.asked
    late = f", {asked.overdue} late" if asked.overdue else ""
    said = [
        f"{asked.answered} answer{'' if asked.answered == 1 else 's'} to look at" if asked.answered else "",
        f"{asked.drafts} not sent yet" if asked.drafts else "",
        f"{asked.waiting} with the applicant{late}" if asked.waiting else "",
    ]
    return "; ".join(filter(None, said))


def _conditions(facts: Facts) -> TaskStatus:
    """TCPA 1990 s.100ZA: what is to be met before work starts needs the applicant's written agreement, or silence."""
    judged = _counted("conditions", lambda f: f.conditions)(facts)
    if judged is TaskStatus.COMPLETED and facts.conditions_not_agreed:
        return TaskStatus.IN_PROGRESS
    return judged


def _conditions_words(facts: Facts) -> str:
    return f"{facts.conditions_not_agreed} not agreed to" if facts.conditions_not_agreed else ""


def _once_valid(rule: StatusRule) -> StatusRule:
    """What can only begin when the application is valid."""

    def after(facts: Facts) -> TaskStatus:
        if facts.application.status in BEING_VALIDATED | {Status.PENDING}:
            return TaskStatus.CANNOT_START
        return rule(facts)

    return after


def _publicity(facts: Facts) -> TaskStatus:
    if facts.publicity:
        return checked("publicity")(facts) if "publicity" in facts.checks else TaskStatus.COMPLETED
    return checked("publicity")(facts)


def _comments(facts: Facts) -> TaskStatus:
    """Comments count until the decision: what came after somebody called the task done is still to be read."""
    check, newest = facts.checks.get("comments"), facts.newest_unpublished_comment
    if newest and (check is None or newest > check.at):
        return TaskStatus.IN_PROGRESS
    return checked("comments")(facts)


def _site_visit(facts: Facts) -> TaskStatus:
    return TaskStatus.COMPLETED if facts.site_visits else checked("site_visit")(facts)


def _history(facts: Facts) -> TaskStatus:
    judged = checked("planning_history")(facts)
    if judged is TaskStatus.NOT_STARTED and (facts.history or "planning_history" in facts.sections):
        return TaskStatus.IN_PROGRESS
    return judged


def _site_description(facts: Facts) -> TaskStatus:
    written = {"site_description", "works_description"} & facts.sections
    return {0: TaskStatus.NOT_STARTED, 1: TaskStatus.IN_PROGRESS}.get(len(written), TaskStatus.COMPLETED)


def _gpdo(facts: Facts) -> TaskStatus:
    if not facts.limits_assessed:
        return TaskStatus.IN_PROGRESS if facts.limits_total else checked("assess_gpdo")(facts)
    done = facts.limits_assessed >= facts.limits_total
    return TaskStatus.COMPLETED if done else TaskStatus.IN_PROGRESS


def _policies(facts: Facts) -> TaskStatus:
    judged = checked("assess_policies")(facts)
    if judged is TaskStatus.NOT_STARTED and facts.considerations:
        return TaskStatus.IN_PROGRESS
    return judged


def _counted(slug: str, count: Callable[[Facts], int]) -> StatusRule:
    """A list that may rightly be empty: done when somebody said so, begun when something stands in it."""

    def rule(facts: Facts) -> TaskStatus:
        judged = checked(slug)(facts)
        if judged is TaskStatus.NOT_STARTED and count(facts):
            return TaskStatus.IN_PROGRESS
        return judged

    return rule


def _refusal_reasons(facts: Facts) -> TaskStatus:
    if facts.recommendation in REFUSALS and not facts.refusal_reasons:
        return TaskStatus.FAULT
    return _counted("refusal_reasons", lambda f: f.refusal_reasons)(facts)


def _plans(facts: Facts) -> TaskStatus:
    if any(document.is_approved_plan and document.is_current for document in facts.documents):
        return TaskStatus.COMPLETED
    return checked("plans")(facts)


def _recommendation(facts: Facts) -> TaskStatus:
    status = facts.application.status
    if status in BEING_DECIDED or facts.application.decision:
        return TaskStatus.COMPLETED
    if facts.recommendation:
        return TaskStatus.IN_PROGRESS if status == Status.TO_BE_REVIEWED else TaskStatus.COMPLETED
    return TaskStatus.NOT_STARTED if status in BEING_ASSESSED else TaskStatus.CANNOT_START


_TASKS: list[Task] = [
    Task("check_documents", "Check documents", Stage.VALIDATE, _documents),
    Task("check_description", "Check description", Stage.VALIDATE, checked("check_description")),
    Task("check_red_line", "Check red line", Stage.VALIDATE, _red_line),
    Task("check_fee", "Check fee", Stage.VALIDATE, checked("check_fee")),
    Task("check_constraints", "Check constraints", Stage.VALIDATE, checked("check_constraints")),
    Task(
        "check_ownership_certificate", "Check ownership certificate", Stage.VALIDATE,
        checked("check_ownership_certificate"),
    ),
    Task(
        "send_validation_decision", "Valid or invalid", Stage.VALIDATE, _validation_decision, always=True,
        words=_validation_words,
    ),
    Task(
        "requests", "Requests to the applicant", Stage.VALIDATE, _requests, url_name="case_requests", always=True,
        words=_requests_words, arises=_asks_once_valid,
    ),
    Task("publicity", "Publicity and consultation dates", Stage.CONSULT, _once_valid(_publicity)),
    Task("comments", "Comments", Stage.CONSULT, _once_valid(_comments)),
    Task("site_visit", "Site visit", Stage.ASSESS, _once_valid(_site_visit)),
    Task("planning_history", "Planning history", Stage.ASSESS, _once_valid(_history)),
    Task("site_description", "Site and proposal in words", Stage.ASSESS, _once_valid(_site_description)),
    Task("assess_gpdo", "Permitted development limits", Stage.ASSESS, _once_valid(_gpdo)),
    Task("assess_policies", "Policies and considerations", Stage.ASSESS, _once_valid(_policies)),
    Task("conditions", "Conditions", Stage.RECOMMEND, _once_valid(_conditions), words=_conditions_words),
    Task(
        "informatives", "Informatives", Stage.RECOMMEND,
        _once_valid(_counted("informatives", lambda f: f.informatives)),
    ),
    Task("refusal_reasons", "Reasons for refusal", Stage.RECOMMEND, _once_valid(_refusal_reasons)),
    Task("plans", "Plans on the notice", Stage.RECOMMEND, _once_valid(_plans), always=True),
    Task("recommendation", "Recommendation", Stage.RECOMMEND, _once_valid(_recommendation), always=True),
]  # fmt: skip


def register(task: Task) -> None:
    """Add a task of a package above this one. Registering the same slug again changes nothing."""
    if task.slug not in {known.slug for known in _TASKS}:
        _TASKS.append(task)


def task_named(slug: str) -> Task:
    """The task with this slug. Raises KeyError."""
    return {task.slug: task for task in _TASKS}[slug]


@dataclass(frozen=True)
class Row:
    task: Task
    status: TaskStatus
    words: str = ""


def task_list(facts: Facts) -> list[tuple[Stage, list[Row]]]:
    """Stages in order, each with its tasks and how far they are; stages without tasks are left out."""
    stages = []
    for stage in Stage:
        rows = [
            Row(t, t.status(facts), t.words(facts))
            for t in _TASKS
            if t.stage == stage and t.applies_to(facts.application) and t.arises(facts)
        ]
        if rows:
            stages.append((stage, rows))
    return stages
