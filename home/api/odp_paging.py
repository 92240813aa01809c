"""Pages of the Open Digital Planning API: numbered from 1, or walked with a cursor; never counted without end.

Source: IMPLEMENTATION.md of the Digital Planning Data schemas, and what the Digital Planning Register does with it
(pages begin at 1 there, whatever the document says).
"""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from cases.models import PlanningApplication

USUAL_LENGTH = 10
LONGEST_PAGE = 50
MOST_COUNTED = 10_000  # nobody reads on by page number; collectors take the cursor
_NUMBER = re.compile(r"[+-]?\d{1,12}")


class Unreadable(Exception):
    """Something asked for that has no meaning; `str()` names the parameter and says what it should be."""


@dataclass(frozen=True)
class Paging:
    """What was asked for. `length` 0 means: no items, only what is said about all of them."""

    number: int
    length: int
    cursor: str | None = None

    @classmethod
    def asked(cls, query: Mapping[str, str]) -> "Paging":
        """From the query of an address. Raises Unreadable."""
        length = _whole(query, "resultsPerPage", _whole(query, "maxresults", USUAL_LENGTH))
        number = _whole(query, "page", 1)
        return cls(max(number, 1), min(max(length, 0), LONGEST_PAGE), query.get("cursor"))

    def within(self, total: int) -> "Paging":
        """The same, on the last page when there are not so many."""
        return Paging(min(self.number, self.pages(total)), self.length, self.cursor)

    def pages(self, total: int) -> int:
        return max(1, -(-min(total, MOST_COUNTED) // self.length)) if self.length else 1

    @property
    def start(self) -> int:
        return (self.number - 1) * self.length

    def slice(self, items: list) -> list:
        return items[self.start : self.start + self.length]

    def described(self, *, total: int, available: int) -> dict[str, int]:
        return {
            "resultsPerPage": self.length,
            "currentPage": self.number,
            "totalPages": self.pages(total),
            "totalResults": total,
            "totalAvailableItems": available,
        }


def _whole(query: Mapping[str, str], name: str, otherwise: int) -> int:
    text = query.get(name, "").strip()
    if not text:
        return otherwise
    if not _NUMBER.fullmatch(text):
        raise Unreadable(f"{name} must be a whole number.")
    return int(text)


def counted(found: QuerySet) -> int:
    """How many there are, at most MOST_COUNTED."""
    return found.order_by().values("pk")[:MOST_COUNTED].count()


@dataclass(frozen=True)
class InTurn:
    """Querysets one after another: what has a date in its order, then what has none. Each part has an index."""

    parts: tuple[QuerySet, ...]

    def slice(self, paging: Paging) -> list[PlanningApplication]:
        rows: list[PlanningApplication] = []
        start, wanted = paging.start, paging.length
        for place, part in enumerate(self.parts):
            if not wanted:
                break
            got = list(part[start : start + wanted])
            rows += got
            wanted -= len(got)
            if wanted and place + 1 < len(self.parts):
                start = 0 if got else max(0, start - counted(part))
        return rows


# --- The cursor: the day of receipt and the key of the last application that was handed out ---------------------------


def cursor_after(application: PlanningApplication) -> str:
    said = f"{application.received_on.isoformat()}.{application.pk}"
    return base64.urlsafe_b64encode(said.encode()).decode().rstrip("=")


def after_cursor(found: QuerySet[PlanningApplication], cursor: str) -> QuerySet[PlanningApplication]:
    """What comes after the cursor, newest received first; everything when it is empty. Raises Unreadable."""
    if cursor:
        received_on, pk = _read(cursor)
        found = found.filter(Q(received_on__lt=received_on) | Q(received_on=received_on, pk__lt=pk)).filter(
            received_on__lte=received_on  # said once more, so that the index begins at the right day
        )
    return found.order_by("-received_on", "-pk")


def _read(cursor: str) -> tuple[date, int]:
    try:
        said = base64.urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4)).decode("ascii")
        day, pk = said.split(".")
        if not re.fullmatch(r"\d{1,18}", pk):
            raise ValueError(pk)
        return date.fromisoformat(day), int(pk)
    except (ValueError, binascii.Error, UnicodeError) as error:
        raise Unreadable("cursor must be one that this API gave as nextCursor, or empty for the first page.") from error


def cursor_page(found: QuerySet[PlanningApplication], paging: Paging) -> tuple[list[PlanningApplication], str | None]:
    """The applications after the cursor, and the cursor for those that follow; None at the end."""
    length = paging.length or USUAL_LENGTH
    rows = list(after_cursor(found, paging.cursor or "")[: length + 1])
    return rows[:length], cursor_after(rows[length - 1]) if len(rows) > length else None


def described_by_cursor(paging: Paging, next_cursor: str | None, *, total: int, available: int) -> dict[str, Any]:
    return {
        "resultsPerPage": paging.length or USUAL_LENGTH,
        "nextCursor": next_cursor,
        "prevCursor": None,
        "totalResults": total,
        "totalAvailableItems": available,
    }
