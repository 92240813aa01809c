"""What the time is, for a while: everything of ours asks Django."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from unittest.mock import patch

from django.utils import timezone


def moment(text: str) -> datetime:
    """ "2026-11-22 07:00" on the clocks of England."""
    return timezone.make_aware(datetime.fromisoformat(text))


@contextmanager
def at(text: str) -> Iterator[datetime]:
    """It is this moment, on the clocks of England."""
    now = moment(text)
    with patch("django.utils.timezone.now", return_value=now):
        yield now
