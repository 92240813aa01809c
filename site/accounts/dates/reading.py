"""What was typed for a day or a time, understood or refused: pure functions that say in a sentence what is wrong.

- The day comes before the month, as in England; a date that begins with its year goes on with the month (ISO 8601).
- Two digits of a year are of the hundred years that end ten years from now.
- A date without a year is the one nearest to today, unless the field says otherwise (`Year`).
- What could be two things is refused: a weekday alone, a month before its day, a weekday that does not fit.
"""

import calendar
import re
import unicodedata
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import NoReturn

from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.plain_text import plain

EARLIEST, LATEST = 1900, 2100  # a year beyond these is a slip of the finger
AHEAD = 10  # years from now: the last that two digits can mean
LONGEST = 60  # characters
SHOWN = 40  # characters of what was typed that a refusal repeats
EXAMPLE = "27 March 2026"

Days = tuple[date, date]  # the first and the last


class Year(StrEnum):
    """Which year is meant where none was typed."""

    NEAREST = "nearest"
    LAST = "last"  # the latest such day that is not in the future
    NEXT = "next"  # the first such day that is not in the past
    PRESENT = "present"


_WEEKDAYS = {name.lower(): number for number, name in enumerate(calendar.day_name)}
_WEEKDAY_NAMES = {"weds": "wednesday"} | {
    name[:length]: name for name in _WEEKDAYS for length in range(3, len(name) + 1)
}
_MONTHS = {
    calendar.month_name[number][:length].lower(): number
    for number in range(1, 13)
    for length in range(3, len(calendar.month_name[number]) + 1)
}
_TO_TODAY = {"yesterday": -1, "today": 0, "tomorrow": 1, "day before yesterday": -2, "day after tomorrow": 2}
_PERIODS = ("this week", "last week", "next week", "this month", "last month", "this year", "last year")

_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—−", "-") | {"’": "'"})
_GAP = r"(?:\s*[-/.]\s*|\s+)"  # between numbers
_BETWEEN = r"[\s,./'-]*"  # between numbers and names
_DAY = r"([0-9]{1,2})(?:st|nd|rd|th)?"
_ISO = re.compile(rf"([0-9]{{4}}){_GAP}([0-9]{{1,2}}){_GAP}([0-9]{{1,2}})")
_NUMBERS = re.compile(rf"([0-9]{{1,2}}){_GAP}([0-9]{{1,2}}){_GAP}([0-9]{{4}}|[0-9]{{2}})")
_NO_YEAR = re.compile(r"([0-9]{1,2})\s*[-/.]\s*([0-9]{1,2})")
_RUN = re.compile(r"[0-9]{8}")  # 20261030, 30102026: no text is both, since no year begins with a month
_DAY_MONTH = re.compile(rf"(?:the )?{_DAY}(?: of)?{_BETWEEN}([a-z]+){_BETWEEN}([0-9]{{4}}|[0-9]{{2}})?")
_MONTH_DAY = re.compile(rf"([a-z]+){_BETWEEN}{_DAY}(?:[\s,./'-]+([0-9]{{4}}))?")
_YEAR_MONTH_DAY = re.compile(rf"([0-9]{{4}}){_BETWEEN}([a-z]+){_BETWEEN}{_DAY}")
_MONTH = re.compile(rf"([a-z]+){_BETWEEN}([0-9]{{4}})")
_YEAR = re.compile(r"[0-9]{4}")
_AGO = re.compile(r"([0-9]{1,4}|a|one) (day|week)s? ago")
_IN = re.compile(r"in ([0-9]{1,4}|a|one) (day|week)s?")
_WEEKDAY_FIRST = re.compile(r"([a-z]{3,9})[\s,.]*(?=[0-9]|the [0-9]|[a-z]{3,9}[\s,.]*[0-9])")
_WEEKDAY_ALONE = re.compile(r"(?:(?:this|next|last|on) )?([a-z]{3,9})")
_CLOCK = re.compile(r"([0-9]{1,2})(?:[:.]([0-9]{2})(?::00)?)?\s*(?:([ap])\.?\s?m)?")
_HOURS_RUN = re.compile(r"([0-9]{2})([0-9]{2})")
_NAMED_TIMES = {"midnight": time(0), "midday": time(12), "noon": time(12)}
_DAY_AND_TIME = re.compile(
    r"(.+?)(?:,|,? at)?(?:\s+|(?<=[0-9])t)([0-9]{1,2}(?:[:.][0-9]{2}(?::00)?)?\s*(?:[ap]\.?\s?m)?|midnight|midday|noon)"
)


# --- In words --------------------------------------------------------------------------------------------------------


def in_words(value: date | time | None) -> str:
    """Friday 30 October 2026 · 5:30pm · Friday 30 October 2026 at 5:30pm; nothing for None."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        value = timezone.localtime(value) if timezone.is_aware(value) else value
        return f"{in_words(value.date())} at {in_words(value.time())}"
    if isinstance(value, date):
        return f"{value:%A} {value.day} {value:%B} {value.year}"
    if (value.hour % 12, value.minute) == (0, 0):
        return "midday" if value.hour else "midnight"
    return f"{value.hour % 12 or 12}{f':{value.minute:02}' if value.minute else ''}{'pm' if value.hour >= 12 else 'am'}"


# --- Days ------------------------------------------------------------------------------------------------------------


def tidied(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", plain(text)).translate(_DASHES).lower().split()).rstrip(".")


def is_relative(text: str) -> bool:
    """Whether what is meant depends on the day on which it is asked."""
    text = tidied(text)
    return text in _TO_TODAY or text in _PERIODS or bool(_AGO.fullmatch(text) or _IN.fullmatch(text))


def read_date(text: str, *, today: date, year: Year = Year.NEAREST) -> date:
    """The day that was typed. Raises ValidationError with a sentence that says what is wrong and gives an example."""
    first, last = read_days(text, today=today, year=year)
    if first != last:
        _refuse(text, "is more than one day", f"Enter the day, like {EXAMPLE}.")
    return first


def read_days(text: str, *, today: date, year: Year = Year.NEAREST) -> Days:
    """As `read_date`, where a longer time may be meant too (June 2026, this week): its first and its last day."""
    tidy = tidied(text)
    if len(tidy) > LONGEST:
        _refuse(text, "is too long for a date")
    found = _Reading(text, today, year)
    try:
        days = found.relative(tidy) or found.written(tidy)
    except OverflowError:  # more days ago than there were
        days = None
    if days is None:
        _refuse(text, "is not a date that we can read")
    return days


class _Reading:
    def __init__(self, text: str, today: date, year: Year):
        self.text, self.today, self.year = text, today, year

    def relative(self, text: str) -> Days | None:
        today = self.today
        if (days := _TO_TODAY.get(text.removeprefix("the "))) is not None:
            return _one(today + timedelta(days=days))
        if ago := _AGO.fullmatch(text):
            return self._sensible_day(today - _length(ago))
        if ahead := _IN.fullmatch(text):
            return self._sensible_day(today + _length(ahead))
        return _period(text, today) if text in _PERIODS else None

    def written(self, text: str) -> Days | None:
        if (alone := _WEEKDAY_ALONE.fullmatch(text)) and alone[1] in _WEEKDAY_NAMES:
            self._refuse_weekday(_WEEKDAYS[_WEEKDAY_NAMES[alone[1]]])
        first = _WEEKDAY_FIRST.match(text)
        name = _WEEKDAY_NAMES.get(first[1]) if first else None
        if first is None or name is None:
            return self._date(text)
        days = self._date(text[first.end() :])
        if days and days[0] != days[1]:
            return None
        if days and days[0].weekday() != _WEEKDAYS[name]:
            fits = f"{days[0].day} {days[0]:%B %Y} is a {days[0]:%A}"
            _refuse(self.text, f"does not fit together: {fits}, not a {name.capitalize()}", "Check the date.")
        return days

    def _date(self, text: str) -> Days | None:
        """Each form in which a date is written, and which of its parts are year, month and day."""
        forms: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], Days]], ...] = (
            (_ISO, lambda m: self._day(m[1], int(m[2]), m[3])),
            (_NUMBERS, lambda m: self._day(m[3], int(m[2]), m[1])),
            (_NO_YEAR, lambda m: self._day(None, int(m[2]), m[1])),
            (_RUN, self._run),
            (_DAY_MONTH, lambda m: self._day(m[3], self._month(m[2]), m[1])),
            (_YEAR_MONTH_DAY, lambda m: self._day(m[1], self._month(m[2]), m[3])),
            (_MONTH, lambda m: _whole_month(self._year(m[2]), self._month(m[1]))),
            (_MONTH_DAY, lambda m: self._day(m[3], self._month(m[1]), m[2])),
            (_YEAR, lambda m: (date(self._year(m[0]), 1, 1), date(self._year(m[0]), 12, 31))),
        )
        return next((read(found) for pattern, read in forms if (found := pattern.fullmatch(text))), None)

    def _run(self, found: re.Match[str]) -> Days:
        text = found[0]
        if int(text[4:6]) <= 12:
            return self._day(text[:4], int(text[4:6]), text[6:])
        return self._day(text[4:], int(text[2:4]), text[:2])

    def _day(self, typed_year: str | None, month: int, typed_day: str) -> Days:
        day = int(typed_day)
        year = self._year(typed_year) if typed_year else None
        if not 1 <= month <= 12:
            self._refuse_month(year, month, day)
        if year is None:
            return _one(self._without_year(month, day))
        self._check_day(day, calendar.monthrange(year, month)[1], f"{calendar.month_name[month]} {year}")
        return _one(date(year, month, day))

    def _check_day(self, day: int, most: int, when: str) -> None:
        if not 1 <= day <= most:
            _refuse(self.text, f"is not a real date: {when} has {most} days")

    def _without_year(self, month: int, day: int) -> date:
        today, name = self.today, calendar.month_name[month]
        self._check_day(day, calendar.monthrange(2000, month)[1], name)
        span = range(today.year, today.year + 1) if self.year == Year.PRESENT else range(today.year - 8, today.year + 9)
        days = [date(year, month, day) for year in span if day <= calendar.monthrange(year, month)[1]]
        if self.year == Year.LAST:
            days = [day for day in days if day <= today]
        elif self.year == Year.NEXT:
            days = [day for day in days if day >= today]
        if not days:
            _refuse(self.text, f"is not in {today.year}", f"Enter it with its year, like {EXAMPLE}.")
        return min(days, key=lambda day: (abs(day - today), day))

    def _year(self, typed: str) -> int:
        number = int(typed)
        if len(typed) == 2:
            last = self.today.year + AHEAD
            return last - (last - number) % 100
        if not EARLIEST <= number <= LATEST:
            _refuse(self.text, f"has a year that cannot be meant: it must lie between {EARLIEST} and {LATEST}")
        return number

    def _sensible_day(self, day: date) -> Days:
        self._year(f"{day.year:04}")
        return _one(day)

    def _month(self, name: str) -> int:
        if name not in _MONTHS:
            _refuse(self.text, f"is not a date that we can read: “{name[:SHOWN]}” is not a month")
        return _MONTHS[name]

    def _refuse_month(self, year: int | None, month: int, day: int) -> NoReturn:
        wrong = f"is not a real date: there is no month {month}"
        in_a_year = year or 2000
        if not (1 <= day <= 12 and 1 <= month <= calendar.monthrange(in_a_year, day)[1]):
            _refuse(self.text, wrong)
        meant = f"{month} {calendar.month_name[day]}" + (f" {year}" if year else "")
        written = f"{month}/{day}" + (f"/{year}" if year else "")
        _refuse(self.text, wrong, f"The day comes before the month: for {meant} enter {written}.")

    def _refuse_weekday(self, weekday: int) -> NoReturn:
        last = self.today - timedelta(days=(self.today.weekday() - weekday) % 7)
        either = f"{in_words(last)} or {in_words(last + timedelta(weeks=1))}"
        _refuse(self.text, f"may be more than one day, such as {either}", "Enter the one that you mean.")


def _refuse(text: str, wrong: str, instead: str = f"Enter a date like {EXAMPLE}.") -> NoReturn:
    shown = " ".join(plain(text).split())
    shown = f"{shown[:SHOWN]}…" if len(shown) > SHOWN else shown
    raise ValidationError(f"“{shown}” {wrong}. {instead}", code="invalid")


def _one(day: date) -> Days:
    return day, day


def _length(found: re.Match[str]) -> timedelta:
    number = int(found[1]) if found[1].isdigit() else 1
    return number * timedelta(days=7 if found[2] == "week" else 1)


def _period(text: str, today: date) -> Days:
    which, unit = text.split()
    step = {"last": -1, "this": 0, "next": 1}[which]
    if unit == "week":
        monday = today + timedelta(days=7 * step - today.weekday())
        return monday, monday + timedelta(days=6)
    if unit == "month":
        inside = today if step == 0 else today.replace(day=1) - timedelta(days=1)
        return _whole_month(inside.year, inside.month)
    return date(today.year + step, 1, 1), date(today.year + step, 12, 31)


def _whole_month(year: int, month: int) -> Days:
    return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])


# --- Times -----------------------------------------------------------------------------------------------------------


def read_time(text: str) -> time:
    """The time of day that was typed. Raises ValidationError with a sentence."""
    tidy = tidied(text)
    if tidy in _NAMED_TIMES:
        return _NAMED_TIMES[tidy]
    if found := _HOURS_RUN.fullmatch(tidy):
        return _time(text, int(found[1]), int(found[2]), "")
    if not (found := _CLOCK.fullmatch(tidy)):
        _refuse_time(text, "is not a time that we can read")
    if found[2] is None and found[3] is None:
        _refuse_time(text, "does not say which half of the day it is in")
    return _time(text, int(found[1]), int(found[2] or 0), found[3] or "")


def read_moment(text: str, *, today: date, year: Year = Year.NEAREST) -> datetime:
    """The day and the time that were typed, on the clocks of England, without a zone. Raises ValidationError."""
    if len(tidied(text)) > LONGEST:
        _refuse(text, "is too long for a date and a time")
    found = _DAY_AND_TIME.fullmatch(tidied(text))
    try:
        clock = read_time(found[2]) if found else None
    except ValidationError:
        clock = None
    if found is None or clock is None:
        _refuse(text, "is not a day with a time of day", "Enter both, like 27 March 2026 9:30am.")
    return datetime.combine(read_date(found[1], today=today, year=year), clock)


def _time(text: str, hour: int, minute: int, half: str) -> time:
    if half and not 1 <= hour <= 12:
        _refuse_time(text, "is not a real time: am and pm go up to 12")
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    if hour > 23 or minute > 59:
        _refuse_time(text, "is not a real time")
    return time(hour, minute)


def _refuse_time(text: str, wrong: str) -> NoReturn:
    _refuse(text, wrong, "Enter a time like 9:30am or 17:00.")
