"""What a list of cases says of the applicant's part in each: what is missing, what is asked, what was answered."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Max, Min, Q
from django.utils import timezone

from cases.models import PlanningApplication, ValidationRequest
from cases.requests.letters import with_letters
from cases.statuses import Status
from cases.validation.checklist import missing_counts


@dataclass(frozen=True)
class Said:
    """A few words with a look that never stands alone: "missing", "answered", "late" or "waiting"."""

    words: str
    look: str
    why: str = ""  # in a sentence, beside it


def say_what_is_asked(cases: Iterable[PlanningApplication]) -> None:
    """Write `case.asked`, a list of Said, on each case. The number of queries does not grow with the cases."""
    rows = list(cases)
    missing = missing_counts([case for case in rows if case.status == Status.NOT_STARTED])
    asked = {row["application"]: row for row in _numbers(rows)} if rows else {}
    for case in rows:
        said = [*_missing(missing.get(case.pk, 0)), *_requests(asked.get(case.pk))] if case.is_open else []
        setattr(case, "asked", said)  # noqa: B010 - for the templates alone: it is no field


def _numbers(rows: list[PlanningApplication]) -> Iterable[Mapping[str, Any]]:
    waiting = Q(sent_at__isnull=False, answer="")
    told, stuck = waiting & Q(letter_has_not_left=False), waiting & Q(letter_has_not_left=True)
    asked = ValidationRequest.objects.filter(application__in=[case.pk for case in rows], resolved_at=None)
    return (
        with_letters(asked)
        .order_by()
        .values("application")
        .annotate(
            answered=Count("pk", filter=~Q(answer="")),
            waiting=Count("pk", filter=told),
            not_left=Count("pk", filter=stuck),
            why=Max("why_not_left", filter=stuck),
            next_due=Min("due_on", filter=told),
            reminded=Max("reminded_at", filter=told),
        )
    )


def _missing(number: int) -> list[Said]:
    return [Said(f"{number} thing{'' if number == 1 else 's'} missing", "missing")] if number else []


def _requests(row: Mapping[str, Any] | None) -> list[Said]:
    if row is None:
        return []
    said = []
    if row["answered"]:
        said.append(Said(f"{row['answered']} answer{'' if row['answered'] == 1 else 's'} to look at", "answered"))
    if row["waiting"]:
        due = row["next_due"]
        if due and due < timezone.localdate():
            said.append(Said(f"Answer was due {due:%-d %b %Y}", "late"))
        else:
            said.append(Said(f"With the applicant{f' until {due:%-d %b %Y}' if due else ''}", "waiting"))
        if row["reminded"]:
            said.append(Said(f"Reminded {timezone.localdate(row['reminded']):%-d %b %Y}", "waiting"))
    if row["not_left"]:
        said.append(Said("Letter to the applicant has not left", "late", why=row["why"] or ""))
    return said
