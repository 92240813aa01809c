"""Weeks from Monday to Sunday and months of the calendar, as the register's lists are cut: 2026-W47, 2026-11."""

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta

_WEEK, _MONTH = re.compile(r"(\d{4})-W(\d{2})"), re.compile(r"(\d{4})-(\d{2})")
FIRST_YEAR = 1900  # no planning application in England is older than the Act of 1909


@dataclass(frozen=True)
class Period:
    """`slug` stands in the address for ever."""

    kind: str  # "week" or "month"
    slug: str
    first: date
    last: date

    @property
    def words(self) -> str:
        """Week from 16 to 22 November 2026; November 2026."""
        return f"Week from {self.days}" if self.kind == "week" else self.days

    @property
    def days(self) -> str:
        """16 to 22 November 2026; November 2026."""
        if self.kind == "month":
            return f"{self.first:%B %Y}"
        begin = f"{self.first.day}"
        if self.first.month != self.last.month:
            begin += f" {self.first:%B}"
        if self.first.year != self.last.year:
            begin += f" {self.first.year}"
        return f"{begin} to {self.last.day} {self.last:%B %Y}"

    @property
    def before(self) -> "Period":
        return period_of(self.kind, self.first - timedelta(days=1))

    @property
    def after(self) -> "Period":
        return period_of(self.kind, self.last + timedelta(days=1))


def period_of(kind: str, day: date) -> Period:
    """The week or month in which a day lies."""
    return week_of(day) if kind == "week" else month_of(day)


def week_of(day: date) -> Period:
    monday = day - timedelta(days=day.weekday())
    year, week, _ = monday.isocalendar()
    return Period("week", f"{year:04d}-W{week:02d}", monday, monday + timedelta(days=6))


def month_of(day: date) -> Period:
    first = day.replace(day=1)
    return Period("month", f"{first:%Y-%m}", first, first.replace(day=calendar.monthrange(day.year, day.month)[1]))


class _PeriodConverter:
    pattern: re.Pattern[str]
    regex = ""

    def to_python(self, value: str) -> Period:
        """Raises ValueError, so that a week that no year has is an address that does not exist."""
        found = self.pattern.fullmatch(value)
        if not found or not FIRST_YEAR <= int(found[1]) < 9999:
            raise ValueError(value)
        return self.read(int(found[1]), int(found[2]))

    def read(self, year: int, number: int) -> Period:
        raise NotImplementedError

    def to_url(self, value: Period | str) -> str:
        return value.slug if isinstance(value, Period) else value


class WeekConverter(_PeriodConverter):
    pattern, regex = _WEEK, r"\d{4}-W\d{2}"

    def read(self, year: int, number: int) -> Period:
        return week_of(date.fromisocalendar(year, number, 1))


class MonthConverter(_PeriodConverter):
    pattern, regex = _MONTH, r"\d{4}-\d{2}"

    def read(self, year: int, number: int) -> Period:
        return month_of(date(year, number, 1))
