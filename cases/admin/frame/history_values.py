"""What an event holds, in words: its codes, days, amounts and shapes, and what each fact is called."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Choices
from django.utils import timezone

from cases.models import (
    Appeal,
    AssessmentSection,
    Comment,
    Condition,
    ConsiderationAssessment,
    Document,
    LimitAssessment,
    PlanningApplication,
    Publicity,
    Submission,
)
from cases.models.conditions import ConditionType
from cases.reference_data.code_names import CodeNames
from cases.statuses import Decision, PublicStatus, Resolution, Route, Sentiment, Status, WorkStatus

LONGEST_VALUE = 300
# Facts that are codes: name → the words of each.
CODES: dict[str, Mapping[str, Any]] = {
    name: dict(choices.choices)
    for name, choices in {
        "decision": Decision,
        "route": Route,
        "sentiment": Sentiment,
        "status": PublicStatus,
        "section": AssessmentSection.Slug,
        "publicity_kind": Publicity.Kind,
        "comment_kind": Comment.Kind,
        "ground": Appeal.Ground,
        "work_status": WorkStatus,
        "resolution": Resolution,
    }.items()
}
CODES["channel"] = {"email": "e-mail", "letter": "letter by post"}
CODES["moved"] = {"up": "up", "down": "down"}
CODES["ownership_certificate"] = {letter: f"Certificate {letter.upper()}" for letter in "abcd"}
# The same name holds other codes in events of these kinds.
_CHOICES_OF: dict[str, dict[str, type[Choices]]] = {
    "received": {"source": Submission.Source},
    "comment_entered": {"source": Comment.Source},
    "publicity_changed": {"kind": Publicity.Kind},
    "publicity_removed": {"kind": Publicity.Kind},
    "appeal_decided": {"outcome": Appeal.Outcome, "before": Appeal.Outcome},
    "committee_resolved": {"before": Resolution},
    "consideration_assessed": {"outcome": ConsiderationAssessment.Outcome},
    "limits_assessed": {"outcome": LimitAssessment.Outcome},
    "conditions_changed": {"type": ConditionType},
    "imported": {"status": Status},
}
CODES_OF: dict[str, dict[str, Mapping[str, Any]]] = {
    kind: {name: dict(choices.choices) for name, choices in facts.items()} for kind, facts in _CHOICES_OF.items()
}
CODES_OF["history_changed"] = {"decision": {}}  # what was decided elsewhere, in words
CODES_OF["request_resolved"] = {"resolution": {}}  # what came, in words
AMOUNTS = frozenset({"fee_calculated", "fee_payable", "fee_paid"})

_FIELDS: dict[str, str] = {
    field.name: str(field.verbose_name)
    for model in (Publicity, Comment, Condition, Document, PlanningApplication)
    for field in model._meta.fields
}
LABELS = {
    **_FIELDS,
    "because": "why", "begins_on": "first day", "boundary": "red line", "by_title": "replaced by",
    "comment_kind": "from", "committee_on": "committee meets on", "correction": "a correction",
    "decided_by": "signed off by", "differs": "differs from what was written", "due_on": "last day for the answer",
    "ends_on": "last day", "expires_on": "due", "faults": "faults of the submission", "file": "from the file",
    "follows": "follows request", "followed_by": "asked again in request", "from": "answered by",
    "pre_commencement_reason": "why before work starts", "publicity_kind": "kind", "resolution": "what came",
    "requests_told": "about", "route": "decided by", "status": "public status",
    "statutory_expiry_on": "end of the statutory period", "text": "words", "through": "came through",
    "titles": "documents", "what": "changed",
}  # fmt: skip
LABELS_OF: dict[str, dict[str, str]] = {
    "appeal_lodged": {"reference": "Planning Inspectorate reference"},
    "appeal_decided": {"reference": "Planning Inspectorate reference", "before": "outcome before"},
    "committee_resolved": {"resolution": "resolution", "before": "resolution before"},
    "imported": {"status": "status", "type": "type of application"},
    "message_queued": {"again": "sent again"},
    "submitted_again": {"application_ref": "Planning Portal number"},
    "type_changed": {"type": "type of application"},
}
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d\S*)?")
_MERGE_FIELD = re.compile(r"\{\{\s*(\w+)\s*\}\}")


class Words:
    """How the facts of events of one kind are said."""

    def __init__(self, kind: str, names: CodeNames):
        self.kind, self._names = kind, names

    def label(self, name: str) -> str:
        label = LABELS_OF.get(self.kind, {}).get(name) or LABELS.get(name) or name.replace("_", " ")
        return label[:1].upper() + label[1:]

    def text(self, name: str, value: Any) -> str:
        """The value of this fact for a reader, at most LONGEST_VALUE characters."""
        match value:
            case None | "" | []:
                return "nothing"
            case bool():
                return "yes" if value else "no"
            case {"type": str(), "coordinates": list()}:
                return "a red line"
            case dict():
                parts = ((part, held) for part, held in value.items() if held not in ("", None, [], {}))
                said = "; ".join(f"{self.label(part)}: {self.text(part, held)}" for part, held in parts)
            case list():
                said = ", ".join(self.text(name, part) for part in value)
            case str():
                said = self._string(name, value)
            case _:
                said = f"£{value}" if name in AMOUNTS else str(value)
        return said if len(said) <= LONGEST_VALUE else said[: LONGEST_VALUE - 1] + "…"

    def _string(self, name: str, value: str) -> str:
        if (codes := self._codes(name)) is not None:
            return str(codes.get(value) or plain(value)) if codes else value
        if name in AMOUNTS:
            return f"£{value}"
        return _MERGE_FIELD.sub(lambda field: f"[{plain(field[1])}]", day(value))

    def _codes(self, name: str) -> Mapping[str, Any] | None:
        """The words of the codes that this fact holds; None where it holds no codes, empty where it holds words."""
        for found in (CODES_OF.get(self.kind, {}), CODES):
            if name in found:
                return found[name]
        match name:
            case "types":
                return self._names.document_types
            case "consideration":
                return self._names.considerations
            case "policies":
                return self._names.policies
            case "type" | "application_type":
                return self._names.application_types
        return None


def plain(code: str) -> str:
    """A code for which there are no words (any more), as near to words as it comes."""
    return re.sub(r"[_.\-]+", " ", code)


def gpdo(code: str) -> str:
    """“part1.classA A.1(a)” → “Part 1, Class A A.1(a)”: a class, or a limit of one, as the order calls it."""
    return re.sub(r"^part(\d+)\.class(\w+)", r"Part \1, Class \2", code)


def day(text: str) -> str:
    """A day or a moment as JSON has it, as people write it; any other text as it is."""
    if not _MOMENT.fullmatch(text):
        return text
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    if "T" not in text:
        return f"{moment:%-d %B %Y}"
    local = timezone.localtime(moment) if timezone.is_aware(moment) else moment
    return f"{local:%-d %B %Y, %H:%M}"
