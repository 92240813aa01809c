"""The task list of a case as links: what each row of cases/worklists/task_list.py is on the screen."""

from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse

from cases.models import PlanningApplication
from cases.worklists.task_list import Facts, Stage, Task, TaskStatus, task_list

FINISHED = frozenset({TaskStatus.COMPLETED, TaskStatus.CANNOT_START})

# Wagtail's status tag knows "primary"; the other looks are ours (static/css/case_admin.css). Words carry the meaning.
TAG_LOOKS = {
    TaskStatus.CANNOT_START: "cannot-start",
    TaskStatus.NOT_STARTED: "not-started",
    TaskStatus.IN_PROGRESS: "in-progress",
    TaskStatus.FAULT: "fault",
    TaskStatus.COMPLETED: "completed",
}


@dataclass(frozen=True)
class TaskLink:
    """One row of the task list: the task, how far it is, and where it is done (empty: it cannot be opened yet)."""

    task: Task
    status: TaskStatus
    url: str
    words: str = ""

    @property
    def look(self) -> str:
        return TAG_LOOKS[self.status]

    @property
    def is_unfinished(self) -> bool:
        return self.status not in FINISHED


def task_url(task: Task, application: PlanningApplication) -> str:
    """Where a task is done; empty when no page of that name is there."""
    args = [application.pk, task.slug] if task.url_name == "case_task" else [application.pk]
    try:
        return reverse(task.url_name, args=args)
    except NoReverseMatch:
        return ""


def task_links(facts: Facts) -> list[tuple[Stage, list[TaskLink]]]:
    """The stages of an application in order, each with its rows. No queries: everything is in `facts`."""
    return [
        (
            stage,
            [
                TaskLink(
                    task=row.task,
                    status=row.status,
                    url="" if row.status is TaskStatus.CANNOT_START else task_url(row.task, facts.application),
                    words=row.words,
                )
                for row in rows
            ],
        )
        for stage, rows in task_list(facts)
    ]


def next_task(facts: Facts, *, after: str = "") -> TaskLink | None:
    """The first task that is not finished: after the one named, else from the start of the list. None: all done."""
    links = [link for _, rows in task_links(facts) for link in rows]
    slugs = [link.task.slug for link in links]
    start = slugs.index(after) + 1 if after in slugs else 0
    open_links = [link for link in [*links[start:], *links[:start]] if link.is_unfinished and link.url]
    return next((link for link in open_links if link.task.slug != after), None)
