"""Dates as the sector's clients read them: `…At` an instant in UTC with milliseconds, `…Date` a day.

The Digital Planning Register prints "Invalid Date" for anything else: microseconds, other zones, plain days.
"""

from datetime import UTC, date, datetime
from typing import Annotated

from pydantic import WithJsonSchema

Instant = Annotated[
    str, WithJsonSchema({"type": "string", "format": "date-time", "examples": ["2026-06-01T09:30:00.000Z"]})
]


def instant(moment: datetime | None) -> str | None:
    """2026-06-01T09:30:00.000Z"""
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def day_as_instant(day: date | None) -> str | None:
    """A day where clients want an instant: its beginning in UTC, which is the same day in England all year."""
    return f"{day.isoformat()}T00:00:00.000Z" if day else None
