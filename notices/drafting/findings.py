"""What was found in a notice, and the notice as the rules see it."""

from dataclasses import dataclass
from enum import StrEnum

from cases.models import ApplicationType, PlanningApplication
from cases.statuses import GRANTS_OF_PLANNING_PERMISSION, REFUSALS, Decision
from notices.models import DecisionNotice

from .rendering import lines_of, render_draft

Category = ApplicationType.Category
PLANNING_PERMISSION = frozenset({Category.HOUSEHOLDER, Category.FULL})
CERTIFICATES = frozenset({Decision.LDC_GRANTED, Decision.LDC_GRANTED_PART})
GRANTS = GRANTS_OF_PLANNING_PERMISSION | CERTIFICATES | {Decision.PA_APPROVED, Decision.PIP_GRANTED}


class Level(StrEnum):
    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True)
class Finding:
    level: Level
    words: str
    law: str = ""

    def __str__(self) -> str:
        return f"{self.words} ({self.law})" if self.law else self.words


@dataclass(frozen=True)
class Subject:
    """A notice as the rules see it: its blocks, its facts and what a reader would read."""

    notice: DecisionNotice
    application: PlanningApplication
    kind: ApplicationType
    decision: Decision
    particulars: dict
    blocks: frozenset[str]
    statements: frozenset[str]
    appeals: frozenset[str]
    text: str

    @property
    def is_permission(self) -> bool:
        return self.kind.category in PLANNING_PERMISSION

    @property
    def is_refusal(self) -> bool:
        return self.decision in REFUSALS

    @property
    def is_grant(self) -> bool:
        return self.decision in GRANTS

    @property
    def law_of_reasons(self) -> str:
        """Where this kind of decision is told to give its reasons."""
        if self.kind.category == Category.CERTIFICATE:
            return "DMPO 2015 art. 39"
        if self.is_permission:
            return "DMPO 2015 art. 35(1)"
        return self.kind.legislation_title


def subject_of(notice: DecisionNotice) -> Subject:
    application = notice.application
    children = list(notice.body)
    return Subject(
        notice=notice,
        application=application,
        kind=application.application_type,
        decision=Decision(notice.decision),
        particulars=notice.particulars,
        blocks=frozenset(child.block_type for child in children),
        statements=frozenset(child.value["kind"] for child in children if child.block_type == "statement"),
        appeals=frozenset(child.value["kind"] for child in children if child.block_type == "appeal"),
        text="\n".join(lines_of(render_draft(notice))),
    )


def error(words: str, law: str = "") -> Finding:
    return Finding(Level.ERROR, words, law)


def warning(words: str, law: str = "") -> Finding:
    return Finding(Level.WARNING, words, law)


def words_of(text: str) -> str:
    """For comparing words: one space, small letters."""
    return " ".join(text.split()).lower()
