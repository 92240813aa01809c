"""What may be asked of a list in the Open Digital Planning API, and how it is written.

A comma in a value means "or", the same parameter again means "and", different parameters mean "and". Dates are pairs
of <what>From and <what>To; one alone bounds one side. What cannot be read is refused, never passed over: an answer to
another question would look like an answer to this one.
"""

import re
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

from django.db.models import F, Q, QuerySet
from django.http import QueryDict
from django.utils import timezone

from .odp_paging import Unreadable

LONGEST_TEXT = 200
MOST_TIMES = 10  # that one thing is asked for: each costs the database, and anybody may ask
MOST_VALUES = 100  # at each of these times
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_FIRST, _LAST = date(1800, 1, 1), date(2999, 12, 31)  # what lies outside means the same, and fits into every zone


def values_asked(asked: QueryDict, name: str) -> list[list[str]]:
    """Each time that the parameter was given: its values, of which one must fit. [["a", "b"], ["c"]]: (a or b) and c.

    Also under the name with [], as some senders write lists. Given without any value it asks for nothing; said again it
    asks for no more. Raises Unreadable when there is more than anybody means.
    """
    given = [*asked.getlist(name), *asked.getlist(f"{name}[]")]
    lists = [[one.strip() for one in value.replace("\x00", "").split(",")] for value in _few(given, name)]
    kept = [list(dict.fromkeys(one for one in values if one)) for values in lists]
    if any(len(values) > MOST_VALUES for values in kept):
        raise Unreadable(f"{name} can have {MOST_VALUES} values at most.")
    return [values for values in kept if values]


def _few(given: list[str], name: str) -> list[str]:
    """What was given, each once. Raises Unreadable."""
    kept = list(dict.fromkeys(given))
    if len(kept) > MOST_TIMES:
        raise Unreadable(f"{name} can be given {MOST_TIMES} times at most.")
    return kept


def text_asked(asked: QueryDict, name: str) -> list[str]:
    """Each text that the parameter was given, which must all fit. Raises Unreadable."""
    texts = (" ".join(text.replace("\x00", " ").split())[:LONGEST_TEXT] for text in asked.getlist(name))
    return _few([text for text in texts if text], name)


def yes_or_no(asked: Mapping[str, str], name: str) -> bool | None:
    """true or false; None when it was not asked. Raises Unreadable."""
    text = asked.get(name, "").strip().lower()
    if text not in {"", "true", "false"}:
        raise Unreadable(f"{name} must be true or false.")
    return text == "true" if text else None


def day_asked(asked: Mapping[str, str], name: str) -> date | None:
    """A day written YYYY-MM-DD; None when it was not asked. Raises Unreadable."""
    text = asked.get(name, "").strip()
    if not text:
        return None
    try:
        if not _DAY.fullmatch(text):
            raise ValueError(text)
        return min(max(date.fromisoformat(text), _FIRST), _LAST)
    except ValueError as error:
        raise Unreadable(f"{name} must be a date like 2026-03-27.") from error


def days_between(asked: Mapping[str, str], name: str, column: str, *, is_instant: bool = False) -> Q:
    """Both days belong to the period. `is_instant`: the column holds moments, and days are London's."""
    return bounded(column, day_asked(asked, f"{name}From"), day_asked(asked, f"{name}To"), is_instant=is_instant)


def bounded(column: str, first: date | None, last: date | None, *, is_instant: bool = False) -> Q:
    within = Q()
    if first:
        within &= Q(**{f"{column}__gte": begin_of(first) if is_instant else first})
    if last and is_instant:
        within &= Q(**{f"{column}__lt": begin_of(last + timedelta(days=1))})
    elif last:
        within &= Q(**{f"{column}__lte": last})
    return within


def begin_of(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


def order_asked(asked: Mapping[str, str], names: Mapping[str, object], *, otherwise: str) -> tuple[str, bool]:
    """(what to sort by, whether the greatest comes first). Raises Unreadable."""
    by = asked.get("sortBy", "").strip() or otherwise
    direction = asked.get("orderBy", "").strip().lower() or "desc"
    if by not in names:
        raise Unreadable(f"sortBy must be one of {', '.join(names)}.")
    if direction not in {"asc", "desc"}:
        raise Unreadable("orderBy must be asc or desc.")
    return by, direction == "desc"


def in_order(found: QuerySet, asked: Mapping[str, str], columns: Mapping[str, str], *, otherwise: str) -> QuerySet:
    """In the order asked for; rows that are equal in it follow their keys."""
    by, is_falling = order_asked(asked, columns, otherwise=otherwise)
    column = F(columns[by])
    return found.order_by(column.desc() if is_falling else column.asc(), "-pk" if is_falling else "pk")
