"""Whether the letter about a request really left, and when the applicant was last reminded.

The package that writes letters knows, and stands above this one: it registers itself here. Without it nothing is known,
and a request counts from the day on which it was sent.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import BooleanField, CharField, DateTimeField, Prefetch, QuerySet, Value

from accounts.models import User
from cases.models import ValidationRequest


@dataclass(frozen=True)
class Letter:
    """One letter about a request. `left_on` None: it has not left, and `why` says so in a sentence.

    `stands_still`: it does not leave by itself; somebody must do something first.
    """

    is_reminder: bool
    written_on: date
    left_on: date | None
    why: str = ""
    stands_still: bool = False
    url: str = ""  # where the reader sees it; empty: this reader does not


@dataclass(frozen=True)
class Source:
    """`annotations`: letter_has_not_left (bool), why_not_left (text or null) and reminded_at (datetime or null), as
    expressions over a request.

    `letters`: keys of requests and the reader → the letters of each, oldest first; one query.
    """

    annotations: Callable[[], dict[str, Any]]
    letters: Callable[[Collection[int], User], dict[int, list[Letter]]]


_sources: list[Source] = []


def register(source: Source) -> None:
    _sources[:] = [source]


def with_letters(requests: QuerySet[ValidationRequest]) -> QuerySet[ValidationRequest]:
    """The requests with `letter_has_not_left`, `why_not_left` and `reminded_at`.

    Where the letter that asks was written and neither it nor a reminder has left, nobody has been asked: no last day
    counts, and nothing is late. Where nobody could be written to, the officer tells them, and the day counts.
    """
    if not _sources:
        nothing = {
            "letter_has_not_left": Value(False, BooleanField()),
            "why_not_left": Value(None, CharField(null=True)),
            "reminded_at": Value(None, DateTimeField(null=True)),
        }
        return requests.annotate(**nothing)
    return requests.annotate(**_sources[0].annotations())


def prefetched(lookup: str) -> Prefetch:
    """The requests behind this name of a relation, with what is known of their letters, to be read with a list."""
    return Prefetch(lookup, queryset=with_letters(ValidationRequest.objects.all()))


def late(requests: QuerySet[ValidationRequest], today: date) -> QuerySet[ValidationRequest]:
    """Those with the applicant whose last day has passed, and whose letter really left."""
    waiting = requests.with_the_applicant().filter(due_on__lt=today)  # type: ignore[attr-defined]
    told: QuerySet = with_letters(waiting)
    return told.filter(letter_has_not_left=False)


def how_they_go(requests: Collection[ValidationRequest], *, reader: User) -> str:
    """Why the last letter about these does not leave, in a sentence for whoever has just sent it; empty when it may."""
    last = [letters[-1] for letters in letters_about(requests, reader=reader).values()]
    stuck = next((letter for letter in last if letter.stands_still), None)
    return f"The letter has not left: {stuck.why} “Messages” has it." if stuck else ""


def letters_about(requests: Collection[ValidationRequest], *, reader: User) -> dict[int, list[Letter]]:
    """Key of the request → its letters, oldest first. One query, however many requests."""
    keys = [request.pk for request in requests]
    return _sources[0].letters(keys, reader) if _sources and keys else {}
