"""What each process remembers of the website, and how it learns that another process has changed it.

Triggers on the tables of councils, sites, pages and pictures leave a row in `SiteChange` with each change, in the same
transaction (home/migrations/0004). A request looks at these rows once, before it takes anything that was remembered:
what was remembered under other rows is not found again. The time after which it is forgotten bounds the memory only.

Whoever has a session may be an editor, and gets everything anew.
"""

import threading
import time
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from django.conf import settings
from django.core.cache.backends.locmem import LocMemCache
from django.db import connection
from django.http import HttpRequest, HttpResponse

MOST = 2_000  # things; a stranger can make up as many host names as he likes
_kept: dict[Hashable, tuple[float, Any]] = {}
_request = threading.local()

Thing = TypeVar("Thing")


class RememberingMiddleware:
    """From here on, the state of the website is read at most once for this request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        _request.state = None
        try:
            return self.get_response(request)
        finally:
            _request.__dict__.clear()


def state() -> str:
    """What changes with every change to what stands around public pages. Outside a request it is read each time."""
    if not hasattr(_request, "state"):
        return _state_now()
    if _request.state is None:
        _request.state = _state_now()
    return _request.state


def _state_now() -> str:
    # Number and sum, not the newest: a long transaction brings a lower number to light than one that was seen.
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) || '-' || coalesce(sum(id), 0) FROM home_sitechange")
        return cursor.fetchone()[0]


def remembered(request: HttpRequest, what: str, make: Callable[[], Thing]) -> Thing:
    """`make()`, or what it gave for the host name of this request, if nothing changed since. Not to be changed."""
    if settings.SESSION_COOKIE_NAME in request.COOKIES:
        return make()
    return kept((what, request.get_host()), make)


def kept(key: Hashable, make: Callable[[], Thing]) -> Thing:
    """`make()`, or what it gave for this key, if the website did not change since and it is not older than
    REMEMBER_SECONDS. Not to be changed. Outside a request nothing is remembered."""
    if not settings.REMEMBER_SECONDS or not hasattr(_request, "state"):
        return make()
    now, key = time.monotonic(), (state(), key)
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


class WebsiteCache(LocMemCache):
    """Django's cache in the process's memory, for Wagtail: where its sites are, which sizes of a picture are made."""

    def make_key(self, key: str, version: int | None = None) -> str:
        return f"{state()}:{super().make_key(key, version)}"
