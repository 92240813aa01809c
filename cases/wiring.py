"""Who listens to whom in cases: a room below does not know the rooms above it, so they are introduced here.

`CasesConfig.ready()` calls this once.
"""

from cases.decision import extension
from cases.request_kinds import Kind
from cases.requests.answers import settling


def connect() -> None:
    settling.takes_effect(Kind.EXTENSION_OF_TIME, extension.give_time)
