"""How often, and after how long, what was broken off is tried again."""

from datetime import timedelta

LEASE = timedelta(minutes=25)  # longer than any attempt takes (child.SECONDS)
LOST_AFTER = timedelta(minutes=5)  # a task that has not begun this long after it was due was lost
MOST_ATTEMPTS = 3
SWEPT_AT_ONCE = 200
