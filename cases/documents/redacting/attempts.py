"""How long an attempt at a redaction may take, and after how long it is tried again."""

from datetime import timedelta

LEASE = timedelta(minutes=25)  # longer than child.SECONDS
WAITS = [timedelta(minutes=5)] * 2
