"""The case and its workflow go together: whoever moves one of the two moves both."""

from typing import Any

from accounts.models import User
from cases.lifecycle import apply_step
from cases.timeline import record
from notices.models import DecisionNotice


def move_case(notice: DecisionNotice, step: str, *, by: User, note: str = "", **facts: Any) -> None:
    """Take the case's step; a decided case stays decided, so a correction only leaves the event."""
    if notice.is_correction:
        record(notice.application, step, by=by, note=note, correction=True)
    else:
        apply_step(notice.application, step, by=by, note=note, **facts)
