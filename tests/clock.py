"""What time it is in a test: the one place that says so. A test begins where conftest.py lets it begin."""

from contextlib import AbstractContextManager
from datetime import UTC, date, datetime, time, timedelta

import time_machine
from django.utils import timezone

When = str | date | datetime


def moment(when: When) -> datetime:
    """ "2026-11-22 07:00" on the clocks of England; a day is meant at ten in the morning. Days added to it are days of
    the calendar: at the same hour, whatever summer time does."""
    if isinstance(when, str):
        when = datetime.fromisoformat(when)
    elif not isinstance(when, datetime):
        when = datetime.combine(when, time(10))
    return when if timezone.is_aware(when) else timezone.make_aware(when)


def at(when: When) -> AbstractContextManager:
    """It is this moment, and time goes on from there: for everybody, other threads included.

    As what is returned has start() and stop() too, a test can go from day to day.
    """
    return time_machine.travel(moment(when).astimezone(UTC))


def later(*, days: int) -> AbstractContextManager:
    """So many days from now, at the same hour."""
    return at(timezone.localtime() + timedelta(days=days))
