"""Days as people write them, and what a from and a to of them mean."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from home.register.days import days_meant, is_relative

TODAY = date(2026, 11, 22)  # a Sunday


@pytest.mark.parametrize(
    "text",
    ["27/3/2026", "27/03/26", "27-3-2026", "27.3.26", "27 3 2026", "2026-03-27", "2026/3/27", "27 March 2026",
     "27th March", "27 Mar", "27th of March 2026", "March 27", "March 27th, 2026", "Friday 27 March 2026",
     "Fri, 27 March", "  27   march  2026 "],
)  # fmt: skip
def test_one_day(text):
    assert days_meant(text, today=TODAY) == (date(2026, 3, 27), date(2026, 3, 27))


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("February 2028", date(2028, 2, 1), date(2028, 2, 29)),
        ("sept 2026", date(2026, 9, 1), date(2026, 9, 30)),
        ("2025", date(2025, 1, 1), date(2025, 12, 31)),
        ("today", TODAY, TODAY),
        ("Yesterday", date(2026, 11, 21), date(2026, 11, 21)),
        ("this week", date(2026, 11, 16), TODAY),
        ("last week", date(2026, 11, 9), date(2026, 11, 15)),
        ("this month", date(2026, 11, 1), date(2026, 11, 30)),
        ("last month", date(2026, 10, 1), date(2026, 10, 31)),
        ("last year", date(2025, 1, 1), date(2025, 12, 31)),
        ("28 days ago", date(2026, 10, 25), date(2026, 10, 25)),
        ("1 week ago", date(2026, 11, 15), date(2026, 11, 15)),
    ],
)
def test_longer_times_have_a_first_and_a_last_day(text, first, last):
    assert days_meant(text, today=TODAY) == (first, last)


@pytest.mark.parametrize(
    "text", ["", "31/2/2026", "0/1/2026", "13/13/2026", "27/3/1066", "27/3/9999", "soon", "32 March", "27 Marsh", "5",
             "9999 weeks", "march"],
)  # fmt: skip
def test_no_days(text):
    assert days_meant(text, today=TODAY) is None


@given(st.text(max_size=60))
def test_whatever_is_written_is_answered(text):
    meant = days_meant(text, today=TODAY)
    assert meant is None or meant[0] <= meant[1]


@pytest.mark.parametrize(
    ("text", "expected"), [("this  Week", True), ("28 days ago", True), ("27/3/2026", False), ("", False)]
)
def test_relative(text, expected):
    assert is_relative(text) is expected
