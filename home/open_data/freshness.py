"""Whether anything changed since a file was fetched last, asked without reading a row of the file."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.http import http_date

from accounts.models import LocalAuthority
from cases.models import PlanningApplication

from .rows import kinds

# Of how many applications the time of the last change is looked at. One would do if changes came to light in the order
# of their times; a long transaction brings to light an older one beneath one that was seen already.
LOOKED_AT = 50
# A time of Last-Modified has whole seconds: while its second lasts, a change might come that it would not show.
SETTLED = timedelta(seconds=2)


@dataclass(frozen=True)
class Freshness:
    tag: str
    changed_at: datetime | None


def freshness_of(council: LocalAuthority, *also: Any) -> Freshness:
    """What changes with anything that a file of the council's register could say, and with each of `also`."""
    changes = _newest_changes(council)
    said = [council.pk, council.code, changes, sorted((pk, repr(kind)) for pk, kind in kinds().items()), also]
    newest = max((at for _, at in changes), default=None)
    return Freshness(tag=f'W/"{hashlib.sha256(repr(said).encode()).hexdigest()[:32]}"', changed_at=newest)


def _newest_changes(council: LocalAuthority) -> list[tuple[int, datetime]]:
    """(key, time) of the rows changed last, and of those about which something public happened last."""
    ours = PlanningApplication.objects.of(council)
    rows = ours.order_by("-updated_at").values_list("pk", "updated_at")
    events = ours.filter(is_on_register=True).order_by(F("public_changed_at").desc(nulls_last=True), "-pk")
    happened = events.values_list("pk", "public_changed_at")
    return [*rows[:LOOKED_AT], *((pk, at) for pk, at in happened[:LOOKED_AT] if at)]


def with_validators(request: HttpRequest, freshness: Freshness, headers: Iterable[tuple[str, str]]) -> HttpResponse:
    """An answer without contents: 304 where the visitor has it already, else 200 with the headers that it takes."""
    response = HttpResponse(headers=dict(headers))
    response.headers["ETag"] = freshness.tag
    last_modified = None
    if freshness.changed_at and freshness.changed_at < timezone.now() - SETTLED:
        last_modified = int(freshness.changed_at.timestamp())
        response.headers["Last-Modified"] = http_date(last_modified)
    return get_conditional_response(request, freshness.tag, last_modified, response) or response
