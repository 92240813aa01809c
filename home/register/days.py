"""Days as people write them: 27/3/2026, 27th March, March 2026, 2026, today, this week, 10 days ago."""

import calendar
import re
from datetime import date, timedelta

_MONTHS = {
    spelling: number
    for number in range(1, 13)
    for spelling in (calendar.month_name[number].lower(), calendar.month_abbr[number].lower())
} | {"sept": 9}
_EARLIEST, _LATEST = 1900, 2100  # a year beyond these is a slip of the finger

_NUMBERS = re.compile(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4}|\d{2})")
_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
_DAY_OF_MONTH = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?(?: of)? ([a-z]+)\.?(?:,? (\d{4}|\d{2}))?")
_MONTH_DAY = re.compile(r"([a-z]+)\.? (\d{1,2})(?:st|nd|rd|th)?(?:,? (\d{4}))?")
_MONTH = re.compile(r"([a-z]+)\.? (\d{4})")
_YEAR = re.compile(r"(\d{4})")
_AGO = re.compile(r"(\d{1,4}) (day|week)s? ago")
_WEEKDAY = re.compile(r"(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?,? (?=\d)")

RELATIVE = ("today", "yesterday", "tomorrow", "this week", "last week", "next week", "this month", "last month",
            "this year", "last year")  # fmt: skip


def tidied(text: str) -> str:
    return " ".join(text.lower().split())


def is_relative(text: str) -> bool:
    """Whether what is meant depends on the day on which it is asked."""
    text = tidied(text)
    return text in RELATIVE or bool(_AGO.fullmatch(text))


def days_meant(text: str, *, today: date) -> tuple[date, date] | None:
    """The first and the last day of what was written, both the same for a single day; None if it names no days.

    Day before month, as in England; two digits of a year are of this century; no year is the present one.
    """
    text = tidied(text)
    try:
        return _relative(text, today) or _written(_WEEKDAY.sub("", text, count=1), today)
    except (ValueError, OverflowError):
        return None


def _relative(text: str, today: date) -> tuple[date, date] | None:
    monday, first = today - timedelta(days=today.weekday()), today.replace(day=1)
    if text in {"today", "yesterday", "tomorrow"}:
        return _one(today + timedelta(days={"yesterday": -1, "today": 0, "tomorrow": 1}[text]))
    if text in {"this week", "last week", "next week"}:
        monday += timedelta(weeks={"last week": -1, "this week": 0, "next week": 1}[text])
        return monday, monday + timedelta(days=6)
    if text == "this month":
        return _month(today.year, today.month)
    if text == "last month":
        before = first - timedelta(days=1)
        return _month(before.year, before.month)
    if text in {"this year", "last year"}:
        return _year(today.year - (text == "last year"))
    if ago := _AGO.fullmatch(text):
        return _one(today - int(ago[1]) * timedelta(days=7 if ago[2] == "week" else 1))
    return None


def _written(text: str, today: date) -> tuple[date, date] | None:
    if found := _ISO.fullmatch(text):
        return _one(_day(found[1], int(found[2]), found[3]))
    if found := _NUMBERS.fullmatch(text):
        return _one(_day(found[3], int(found[2]), found[1]))
    if found := _DAY_OF_MONTH.fullmatch(text):
        return _one(_day(found[3] or str(today.year), _named(found[2]), found[1]))
    if found := _MONTH.fullmatch(text):
        return _month(_sensible(found[2]), _named(found[1]))
    if found := _MONTH_DAY.fullmatch(text):
        return _one(_day(found[3] or str(today.year), _named(found[1]), found[2]))
    if found := _YEAR.fullmatch(text):
        return _year(_sensible(found[1]))
    return None


def _one(day: date) -> tuple[date, date]:
    return day, day


def _month(year: int, month: int) -> tuple[date, date]:
    return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])


def _year(year: int) -> tuple[date, date]:
    return date(year, 1, 1), date(year, 12, 31)


def _day(year: str, month: int, day: str) -> date:
    return date(_sensible(year), month, int(day))


def _sensible(year: str) -> int:
    number = int(year) + (2000 if len(year) == 2 else 0)
    if not _EARLIEST <= number <= _LATEST:
        raise ValueError("No year of any planning application.")
    return number


def _named(month: str) -> int:
    if month not in _MONTHS:
        raise ValueError("No month.")
    return _MONTHS[month]
