"""What stands around every public page, remembered by each process for a minute: the council, its menu, its words.

Whoever has a session may be an editor, who wants to see at once what was changed: nothing is remembered for them.
"""

import time
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from django.conf import settings
from django.http import HttpRequest

MOST = 2_000  # things; a stranger can make up as many host names as he likes
_kept: dict[Hashable, tuple[float, Any]] = {}

Thing = TypeVar("Thing")


def remembered(request: HttpRequest, what: str, make: Callable[[], Thing]) -> Thing:
    """`make()`, or what it gave within the last minute for the host name of this request. Not to be changed."""
    if settings.SESSION_COOKIE_NAME in request.COOKIES:
        return make()
    return kept((what, request.get_host()), make)


def kept(key: Hashable, make: Callable[[], Thing]) -> Thing:
    """`make()`, or what it gave for this key within the last REMEMBER_SECONDS. Not to be changed."""
    if not settings.REMEMBER_SECONDS:
        return make()
    now = time.monotonic()
    until, thing = _kept.get(key, (0.0, None))
    if until <= now:
        thing = make()
        if len(_kept) >= MOST:
            _kept.clear()
        _kept[key] = (now + settings.REMEMBER_SECONDS, thing)
    return thing


def forget() -> None:
    """Begin anew."""
    _kept.clear()
