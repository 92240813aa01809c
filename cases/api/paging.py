"""Pages of an answer: numbered from 1, at most 50 long, and counted no further than 10,000.

Nobody reads on so far, and counting a million rows takes a second. The whole register is in its files
(/register.csv, .json, .geojson), which have no pages.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from ninja import Schema
from pydantic import Field

LONGEST_PAGE = 50
USUAL_PAGE = 10
MOST_COUNTED = 10_000


@dataclass(frozen=True)
class Page:
    rows: Sequence[Any]
    number: int
    length: int  # what a full page holds
    total: int  # MOST_COUNTED where there are more

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.length))

    @property
    def begins(self) -> int:
        """How many rows stand on the pages before."""
        return (self.number - 1) * self.length

    @classmethod
    def of_all(cls, rows: Sequence[Any], number: int, length: int) -> "Page":
        """The page of rows that are all here."""
        length = min(max(length, 1), LONGEST_PAGE)
        page = cls((), 1, length, len(rows))
        page = cls((), min(max(number, 1), page.pages), length, len(rows))
        return cls(rows[page.begins : page.begins + length], page.number, length, len(rows))


class Pagination(Schema):
    resultsPerPage: int = Field(ge=1, le=LONGEST_PAGE)
    currentPage: int = Field(ge=1)
    totalPages: int = Field(ge=1)
    totalResults: int = Field(ge=0, le=MOST_COUNTED, description="10,000 where there are more.")
    totalAvailableItems: int = Field(ge=0, le=MOST_COUNTED, description="Without any filter; 10,000 where more.")


def page_of(rows: QuerySet, number: int, length: int, *, total: int | None = None) -> Page:
    """The page with this number; the first for 0, the last for any beyond. Counts, unless told how many there are."""
    length = min(max(length, 1), LONGEST_PAGE)
    total = min(counted(rows) if total is None else total, MOST_COUNTED)
    last = max(1, -(-total // length))
    page = Page([], min(max(number, 1), last), length, total)
    found = list(rows[page.begins : min(page.begins + length, MOST_COUNTED)]) if total else []
    return Page(found, page.number, length, total)


def counted(rows: QuerySet) -> int:
    """How many there are; MOST_COUNTED + 1 where there are more."""
    return rows.order_by().values("pk")[: MOST_COUNTED + 1].count()


def pagination(page: Page, *, available: int) -> dict[str, int]:
    return {
        "resultsPerPage": page.length,
        "currentPage": page.number,
        "totalPages": page.pages,
        "totalResults": page.total,
        "totalAvailableItems": min(available, MOST_COUNTED),
    }
