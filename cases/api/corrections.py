"""What was corrected in a decision notice, as every path of the API says it.

The reason is printed on the notice, so it is public where the notice is. The decision and its date stay as they were.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.utils import timezone
from ninja import Schema

from cases.models import CaseEvent

DESCRIPTION = "Later versions of the decision notice, oldest first; the decision and its date are as they were."


class CorrectionOut(Schema):
    version: int
    correctedOn: date
    reason: str


def corrections() -> QuerySet[CaseEvent]:
    return CaseEvent.objects.filter(kind="notice_corrected").order_by("application", "sequence")


def prefetched() -> Prefetch:
    """Of each case its `corrections`, for `out`."""
    return Prefetch("events", corrections(), to_attr="corrections")


def by_application(keys: Iterable[int]) -> dict[int, list[CaseEvent]]:
    found = defaultdict(list)
    for event in corrections().filter(application__in=keys):
        found[event.application_id].append(event)
    return found


def out(events: Iterable[CaseEvent]) -> list[dict[str, Any]]:
    return [
        {
            "version": event.data["version"],
            "correctedOn": timezone.localdate(event.at),
            "reason": event.data["reason"],
        }
        for event in events
    ]
