"""What changed in a text between two of its versions, in words."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from wagtail.models import Revision, TaskState

from notices.models import DecisionNotice

from .rendering import lines_of, render_draft

SAME, ADDED, REMOVED = "same", "added", "removed"


@dataclass(frozen=True)
class Part:
    kind: str  # same, added or removed
    text: str


@dataclass(frozen=True)
class Change:
    """One paragraph that is not as it was: its parts in reading order."""

    parts: tuple[Part, ...]


def text_of(notice: DecisionNotice) -> list[str]:
    """The notice as its reader reads it, a line for each paragraph."""
    return lines_of(render_draft(notice))


def changes(before: list[str], after: list[str]) -> list[Change]:
    """The paragraphs that differ; in a paragraph that was reworded, the words that did."""
    found = []
    for tag, a1, a2, b1, b2 in SequenceMatcher(a=before, b=after, autojunk=False).get_opcodes():
        old, new = before[a1:a2], after[b1:b2]
        if tag == "equal":
            continue
        pairs = min(len(old), len(new)) if tag == "replace" else 0
        found += [Change(tuple(_words(was, now))) for was, now in zip(old[:pairs], new[:pairs], strict=True)]
        found += [Change((Part(REMOVED, line),)) for line in old[pairs:]]
        found += [Change((Part(ADDED, line),)) for line in new[pairs:]]
    return found


def _words(was: str, now: str) -> Iterator[Part]:
    """A reworded paragraph; one that has next to nothing in common with the old is shown as a whole."""
    a, b = was.split(), now.split()
    matcher = SequenceMatcher(a=a, b=b, autojunk=False)
    if matcher.ratio() < 0.3:
        yield Part(REMOVED, was)
        yield Part(ADDED, now)
        return
    for tag, a1, a2, b1, b2 in matcher.get_opcodes():
        if tag == "equal":
            yield Part(SAME, " ".join(a[a1:a2]))
            continue
        if a2 > a1:
            yield Part(REMOVED, " ".join(a[a1:a2]))
        if b2 > b1:
            yield Part(ADDED, " ".join(b[b1:b2]))


def reviews(notice: DecisionNotice) -> list[TaskState]:
    """Every review of this notice that has ended, newest first: who, when, how, with which words."""
    states = TaskState.objects.filter(workflow_state__in=notice.workflow_states.all())
    ended = states.exclude(status__in=[TaskState.STATUS_IN_PROGRESS, TaskState.STATUS_CANCELLED])
    return list(ended.select_related("finished_by", "revision").order_by("-pk"))


def since_last_review(notice: DecisionNotice) -> list[Change] | None:
    """What the officer changed since the notice was last sent back; None when it never was."""
    last = next((state for state in reviews(notice) if state.status == TaskState.STATUS_REJECTED), None)
    newest: Revision | None = notice.get_latest_revision()
    if last is None or newest is None:
        return None
    return changes(text_of(_as_notice(last.revision, notice)), text_of(_as_notice(newest, notice)))


# What only the issue puts on a notice. None of these holds an element of its own kind.
_FRAME = re.compile(r'<(div|p) class="notice__(?:proof|signature|correction|draft)">.*?</\1>', re.DOTALL)


def since_issued(notice: DecisionNotice) -> list[Change]:
    """What a correction changes of the notice that was issued last, word for word as that was issued."""
    issued = notice.application.issued_notices.values_list("html", flat=True).first() or ""
    return changes(lines_of(_FRAME.sub("", issued)), lines_of(_FRAME.sub("", render_draft(notice))))


def _as_notice(revision: Revision, notice: DecisionNotice) -> DecisionNotice:
    """The notice as it stood then. Read from the row that is here, so that the case is not fetched again."""
    return notice.with_content_json(revision.content)
