"""Public answers may be kept for a minute: by browsers, by what stands between, and by each of our own processes.

The pages are the same for everybody: nothing of ours reads a session or a cookie on them. Somebody with a session may
be an editor, who wants to see at once what was changed.
"""

import hashlib
import time
from collections.abc import Callable
from datetime import datetime
from urllib.parse import parse_qsl, urlencode

from django.conf import settings
from django.core.cache import caches
from django.db.models import F
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.response import SimpleTemplateResponse
from django.utils.cache import get_conditional_response, has_vary_header, patch_cache_control, set_response_etag

from cases.models import PlanningApplication

from .council import council_of
from .remembering import state

A_MINUTE = 60
LONGEST_KEPT = 150_000  # bytes of a page; with the number of entries in settings.CACHES this bounds a worker's memory
LONGEST_ADDRESS = 1_000


def finished(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """The answer with Cache-Control and ETag, or 304 where the visitor has it already."""
    if isinstance(response, SimpleTemplateResponse) and not response.is_rendered:
        response.render()
    if not isinstance(response, HttpResponse) or response.status_code != 200 or request.method not in {"GET", "HEAD"}:
        return response
    if settings.SESSION_COOKIE_NAME in request.COOKIES:
        patch_cache_control(response, private=True, no_cache=True)
    elif not response.has_header("Cache-Control"):
        patch_cache_control(response, public=True, max_age=A_MINUTE)
    set_response_etag(response)
    # An answer without contents has no ETag.
    return get_conditional_response(request, etag=response.headers.get("ETag"), response=response) or response


def from_memory(request: HttpRequest, answer: Callable[[], HttpResponseBase]) -> HttpResponseBase:
    """`answer()`, or what it gave at this address within the last REGISTER_CACHE_SECONDS, if nothing changed since.

    Only for addresses whose whole answer is public. Kept are whole pages for visitors without any cookie, who get them
    for two small questions to the database: never an error, a redirect, a stream, or a page with a form of its own
    token.
    """
    if not _asks_for_what_all_may_have(request):
        return answer()
    # Another council is another host.
    address = f"{request.scheme} {request.get_host()} {request.path} {_in_one_order(request)}"
    key = hashlib.sha256(f"{address} {state()} {_register_state(request)}".encode()).hexdigest()
    kept = caches["pages"].get(key)
    if kept is None:
        response = answer()
        if isinstance(response, HttpResponse) and _may_be_kept(request, response):  # a stream is no HttpResponse
            page = (time.time(), response.content, dict(response.headers))
            caches["pages"].set(key, page, settings.REGISTER_CACHE_SECONDS)
        return response
    made_at, content, headers = kept
    response = HttpResponse(content, headers=headers | {"Age": str(int(time.time() - made_at))})
    return get_conditional_response(request, etag=headers["ETag"], response=response) or response


def _asks_for_what_all_may_have(request: HttpRequest) -> bool:
    return (
        settings.REGISTER_CACHE_SECONDS > 0
        and request.method == "GET"
        and not request.COOKIES
        and "HTTP_AUTHORIZATION" not in request.META
        and "HTTP_RANGE" not in request.META
        and len(request.get_full_path()) <= LONGEST_ADDRESS
    )


def _may_be_kept(request: HttpRequest, response: HttpResponse) -> bool:
    said = response.headers.get("Cache-Control", "")
    return (
        response.status_code == 200
        and not response.cookies
        and "public" in said
        and response.has_header("ETag")
        and not request.META.get("CSRF_COOKIE_NEEDS_UPDATE")  # a form with a token is on the page
        and not has_vary_header(response, "Cookie")
        and len(response.content) <= LONGEST_KEPT
    )


def _register_state(request: HttpRequest) -> list[datetime | None]:
    """When anything of the council's register changed last, read at the beginnings of two indexes."""
    council = council_of(request)
    if council is None:
        return []
    cases = PlanningApplication.objects.of(council)
    happened = cases.filter(is_on_register=True).order_by(F("public_changed_at").desc(nulls_last=True), "-pk")
    newest = cases.order_by("-updated_at").values_list("updated_at", flat=True)[:1]
    return list(newest.union(happened.values_list("public_changed_at", flat=True)[:1], all=True))


def _in_one_order(request: HttpRequest) -> str:
    """The query with its names in order. Several values of one name keep theirs, which may mean something."""
    asked = parse_qsl(request.META.get("QUERY_STRING", ""), keep_blank_values=True)
    return urlencode(sorted(asked, key=lambda one: one[0]))
