"""Dates and times as people type them: one table of texts, what each means, and what is refused with which words."""

from contextlib import suppress
from datetime import date, datetime, time, timedelta

import pytest
from django.core.exceptions import ValidationError
from hypothesis import example, given
from hypothesis import strategies as st

from accounts.dates.reading import (
    EARLIEST,
    LATEST,
    Year,
    in_words,
    is_relative,
    read_date,
    read_days,
    read_moment,
    read_time,
)

TODAY = date(2026, 11, 22)  # a Sunday
MARCH, OCTOBER, NOVEMBER = date(2026, 3, 27), date(2026, 10, 30), date(2026, 11, 5)

UNDERSTOOD = {
    # Numbers
    "2026-10-30": OCTOBER, "2026/10/30": OCTOBER, "2026.10.30": OCTOBER, "2026 10 30": OCTOBER, "20261030": OCTOBER,
    "30/10/2026": OCTOBER, "30/10/26": OCTOBER, "30.10.2026": OCTOBER, "30.10.26": OCTOBER, "30-10-2026": OCTOBER,
    "30 10 2026": OCTOBER, "30 / 10 / 2026": OCTOBER, "30. 10. 2026": OCTOBER, "30102026": OCTOBER,
    "30/10": OCTOBER, "30–10–2026": OCTOBER, "３０／１０／２０２６": OCTOBER, "30/10/2026.": OCTOBER,
    "30/1⁰/2026": OCTOBER,
    "\u200b30/10/2026": OCTOBER, "5/11/2026": NOVEMBER, "05/11/26": NOVEMBER, "5.11.": NOVEMBER, "5-11": NOVEMBER,
    "5/11": NOVEMBER, "29/2/2028": date(2028, 2, 29), "1/1/1900": date(1900, 1, 1),
    "31/12/2100": date(2100, 12, 31),
    # Two digits of a year
    "1/1/36": date(2036, 1, 1), "1/1/37": date(1937, 1, 1), "12/5/98": date(1998, 5, 12),
    "12 May '98": date(1998, 5, 12),
    # Names of months
    "5 Nov": NOVEMBER, "5 November": NOVEMBER, "5 November 2026": NOVEMBER, "5 november 26": NOVEMBER,
    "5th November 2026": NOVEMBER, "the 5th of November, 2026": NOVEMBER, "5 Nov. 2026": NOVEMBER,
    "5nov2026": NOVEMBER, "5-Nov-2026": NOVEMBER, "05-NOV-26": NOVEMBER, "5/Nov/2026": NOVEMBER,
    "5.Nov.2026": NOVEMBER, "Nov 5": NOVEMBER, "November 5th, 2026": NOVEMBER, "2026 Nov 5": NOVEMBER,
    "2026-Nov-05": NOVEMBER, "1 Sept 2026": date(2026, 9, 1), "29 Feb": date(2028, 2, 29),
    "  27   march  2026 ": MARCH, "27 March": MARCH.replace(year=2027), "5\u00a0November\u00a02026": NOVEMBER,
    # With the day of the week
    "Thursday 5 November 2026": NOVEMBER, "Thu, 5 Nov": NOVEMBER, "thurs 5/11/26": NOVEMBER,
    "Thursday the 5th of November": NOVEMBER, "Thursday, November 5": NOVEMBER, "Fri 2026-10-30": OCTOBER,
    # From today
    "today": TODAY, "Today": TODAY, "yesterday": date(2026, 11, 21), "tomorrow": date(2026, 11, 23),
    "TOMORROW.": date(2026, 11, 23), "the day before yesterday": date(2026, 11, 20),
    "day after tomorrow": date(2026, 11, 24), "28 days ago": date(2026, 10, 25), "1 week ago": date(2026, 11, 15),
    "a week ago": date(2026, 11, 15), "in 3 days": date(2026, 11, 25), "in 2 weeks": date(2026, 12, 6),
}  # fmt: skip

# Text → what the sentence of the refusal says
REFUSED = {
    "32/01/2026": "January 2026 has 31 days", "31/11/2026": "November 2026 has 30 days",
    "0/1/2026": "January 2026 has 31 days", "29/2/2026": "February 2026 has 28 days",
    "29/2/1900": "February 1900 has 28 days", "31 Nov": "November has 30 days",
    "2026-02-30": "February 2026 has 28 days", "32 March": "March has 31 days", "Feb 30": "February has 29 days",
    "10/30/26": "The day comes before the month: for 30 October 2026 enter 30/10/2026.",
    "12/31/2026": "for 31 December 2026 enter 31/12/2026", "10/30": "for 30 October enter 30/10.",
    "2026-30-10": "there is no month 30", "13/13/2026": "there is no month 13", "5/0/2026": "there is no month 0",
    "27/3/1066": "between 1900 and 2100", "27/3/9999": "between 1900 and 2100",
    "99999 days ago": "not a date that we can read", "9999 weeks ago": "between 1900 and 2100",
    "27 Marsh": "“marsh” is not a month", "5 days": "“days” is not a month",
    "Monday": "Monday 16 November 2026 or Monday 23 November 2026", "next Friday": "may be more than one day",
    "Sunday": "Sunday 22 November 2026 or Sunday 29 November 2026", "last weds": "Wednesday 18 November 2026 or",
    "Friday 5 November 2026": "5 November 2026 is a Thursday, not a Friday", "June 2026": "is more than one day",
    "2026": "is more than one day", "this week": "is more than one day", "last month": "is more than one day",
    "soon": "not a date that we can read", "5": "not a date that we can read",
    "march": "not a date that we can read", "30/10/226": "not a date that we can read",
    "301026": "not a date that we can read", "30/10/2026 10:00": "not a date that we can read",
    "2026-W44-5": "not a date that we can read", "5/11/-6": "not a date",
    "Friday June 2026": "not a date that we can read", "1" * 5000: "too long for a date",
    "": "not a date that we can read",
}  # fmt: skip


@pytest.mark.parametrize(("text", "meant"), UNDERSTOOD.items())
def test_understood(text, meant):
    assert read_date(text, today=TODAY) == meant


@pytest.mark.parametrize(("text", "why"), REFUSED.items())
def test_refused_in_words(text, why):
    with pytest.raises(ValidationError) as refusal:
        read_date(text, today=TODAY)
    sentence = refusal.value.messages[0]
    assert why in sentence
    assert text[:40] in sentence
    assert "Enter" in sentence or "enter" in sentence or "Check" in sentence
    assert len(sentence) < 250


@pytest.mark.parametrize(
    ("text", "nearest", "last", "following", "present"),
    [
        ("5 Nov", "2026-11-05", "2026-11-05", "2027-11-05", "2026-11-05"),
        ("27 March", "2027-03-27", "2026-03-27", "2027-03-27", "2026-03-27"),
        ("31/12", "2026-12-31", "2025-12-31", "2026-12-31", "2026-12-31"),
        ("22 Nov", "2026-11-22", "2026-11-22", "2026-11-22", "2026-11-22"),
        ("29 Feb", "2028-02-29", "2024-02-29", "2028-02-29", None),
    ],
)
def test_which_year_is_meant_where_none_was_typed(text, nearest, last, following, present):
    for year, expected in zip(Year, (nearest, last, following, present), strict=True):
        if expected:
            assert read_date(text, today=TODAY, year=year).isoformat() == expected, year
        else:
            with pytest.raises(ValidationError, match="not in 2026"):
                read_date(text, today=TODAY, year=year)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("February 2028", date(2028, 2, 1), date(2028, 2, 29)),
        ("sept 2026", date(2026, 9, 1), date(2026, 9, 30)),
        ("2025", date(2025, 1, 1), date(2025, 12, 31)),
        ("today", TODAY, TODAY),
        ("this week", date(2026, 11, 16), TODAY),
        ("last week", date(2026, 11, 9), date(2026, 11, 15)),
        ("next week", date(2026, 11, 23), date(2026, 11, 29)),
        ("this month", date(2026, 11, 1), date(2026, 11, 30)),
        ("last month", date(2026, 10, 1), date(2026, 10, 31)),
        ("this year", date(2026, 1, 1), date(2026, 12, 31)),
        ("last year", date(2025, 1, 1), date(2025, 12, 31)),
        ("27/3/2026", MARCH, MARCH),
    ],
)
def test_longer_times_have_a_first_and_a_last_day(text, first, last):
    assert read_days(text, today=TODAY) == (first, last)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("this  Week", True), ("28 days ago", True), ("in 3 days", True), ("27/3/2026", False), ("", False)],
)
def test_relative(text, expected):
    assert is_relative(text) is expected


TIMES = {
    "17:00": time(17), "17.00": time(17), "1700": time(17), "5pm": time(17), "5 pm": time(17), "5 p.m.": time(17),
    "5:30pm": time(17, 30), "5.30 PM": time(17, 30), "09:05": time(9, 5), "9:05": time(9, 5), "0:00": time(0),
    "17:00:00": time(17), "midday": time(12), "Noon": time(12), "midnight": time(0), "12am": time(0),
    "12:30pm": time(12, 30),
}  # fmt: skip


@pytest.mark.parametrize(("text", "meant"), TIMES.items())
def test_times(text, meant):
    assert read_time(text) == meant
    assert read_time(in_words(meant)) == meant


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("9", "which half of the day"),
        ("25:00", "not a real time"),
        ("9:60", "not a real time"),
        ("2460", "not a real"),
        ("17pm", "go up to 12"),
        ("0am", "go up to 12"),
        ("soon", "we can read"),
        ("17:00:30", "we can read"),
    ],
)
def test_times_refused_in_words(text, why):
    with pytest.raises(ValidationError, match=why):
        read_time(text)


@pytest.mark.parametrize(
    "text",
    [
        "30/10/2026 17:30",
        "2026-10-30T17:30",
        "2026-10-30 17:30",
        "30 October 2026 at 5.30pm",
        "30 Oct, 5:30 pm",
        "Friday 30 October 2026 at 5:30pm",
        "30/10/26, 17:30",
    ],
)
def test_a_day_with_its_time(text):
    assert read_moment(text, today=TODAY) == datetime(2026, 10, 30, 17, 30)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("30/10/2026", "not a day with a time"),
        ("27 March 2026", "not a day with"),
        ("17:30", "not a day with a time"),
        ("30/10/2026 9", "not a day with"),
        ("31/11/2026 9am", "November 2026 has 30 days"),
        ("1" * 500, "too long"),
    ],
)
def test_a_day_without_its_time_is_refused(text, why):
    with pytest.raises(ValidationError, match=why):
        read_moment(text, today=TODAY)


days = st.dates(date(EARLIEST, 1, 1), date(LATEST, 12, 31))
FORMS = ("%d/%m/%Y", "%Y-%m-%d", "%d.%m.%Y", "%d-%b-%Y", "%d %B %Y", "%A %d %B %Y", "%B %d, %Y", "%Y%m%d", "%d%m%Y")


@given(day=days, today=days)
def test_what_we_print_we_read_back(day, today):
    assert read_date(in_words(day), today=today) == day
    for form in FORMS:
        assert read_date(day.strftime(form), today=today) == day, form


@given(today=st.dates(date(1950, 1, 1), date(2080, 12, 31)), ahead=st.integers(-80 * 365, 9 * 365))
def test_two_digits_of_a_year_come_back_as_the_year_they_were_of(today, ahead):
    day = today + timedelta(days=ahead)
    assert read_date(f"{day:%d/%m/%y}", today=today) == day


@given(today=st.dates(date(1950, 1, 1), date(2080, 12, 31)), away=st.integers(-182, 182))
def test_without_a_year_the_nearest_day_is_meant(today, away):
    day = today + timedelta(days=away)
    if (day.month, day.day) != (2, 29):
        assert read_date(f"{day.day} {day:%B}", today=today) == day


@given(day=days, clock=st.times().map(lambda clock: clock.replace(second=0, microsecond=0)))
def test_a_moment_that_we_print_we_read_back(day, clock):
    moment = datetime.combine(day, clock)
    assert read_moment(in_words(moment), today=TODAY) == moment
    assert read_moment(f"{moment:%d/%m/%Y %H:%M}", today=TODAY) == moment


@given(st.text(max_size=80))
@example("0 0 0000")
@example("\ud800")
def test_whatever_is_typed_is_understood_or_refused(text):
    for read in (read_date, read_days, read_moment):
        with suppress(ValidationError):
            read(text, today=TODAY)
    with suppress(ValidationError):
        read_time(text)


@given(st.from_regex(r"[0-9a-z]{1,4}[-/. ][0-9a-z]{1,9}[-/. ][0-9]{0,5}", fullmatch=True))
def test_what_looks_like_a_date_is_never_an_error_of_ours(text):
    for today in (TODAY, date(EARLIEST, 1, 1), date(LATEST, 12, 31), date(2028, 2, 29)):
        for year in Year:
            with suppress(ValidationError):
                read_days(text, today=today, year=year)
