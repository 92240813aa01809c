"""What the law wants on each kind of notice."""

from dataclasses import dataclass
from enum import StrEnum

from .models import DecisionNotice


class Level(StrEnum):
    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True)
class Finding:
    level: Level
    words: str
    law: str

    def __str__(self) -> str:
        return f"{self.words} ({self.law})" if self.law else self.words


def lint(notice: DecisionNotice) -> list[Finding]:
    return []
