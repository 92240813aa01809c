"""As of which moment the demonstration and the tests run: the one place that moves the clock of a whole process.

`BOPS_NOW=2026-12-26T10:00` (on the clocks of England) lets every process that reads it begin at that moment and go on
from there: `config.settings` starts it in web server, worker and management commands, `conftest.py` in the tests. What
they start inherits both variables, so all of them agree. Production refuses it. PostgreSQL's clock and a browser's are
not moved: no rule of ours asks them.
"""

import os
import time
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

NOW, SINCE = "BOPS_NOW", "BOPS_NOW_SINCE"
LONDON = ZoneInfo("Europe/London")

_started = False


def moment(text: str) -> datetime:
    """ "2026-12-26T10:00" on the clocks of England. Raises ValueError when it is not a moment on them."""
    when = datetime.fromisoformat(text)
    if when.tzinfo:
        raise ValueError(f"{text!r} names a time zone of its own.")
    return when.replace(tzinfo=LONDON).astimezone(UTC)


def start_at(text: str) -> None:
    """From now on it is this moment in this process and in all that it starts; time goes on from there.

    Only the first call counts. Raises ValueError when the text is not a moment.
    """
    global _started
    if _started:
        return
    import time_machine  # the demonstration and the tests have it, production has not

    begins = moment(text)
    os.environ[NOW] = text
    since = float(os.environ.setdefault(SINCE, repr(time.time())))
    time_machine.travel(begins + timedelta(seconds=time.time() - since), tick=True).start()
    _started = True
