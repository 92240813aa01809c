"""The way in: the address of a link is all that it takes, and nothing else opens anything.

Whatever is wrong with a link (made up, cut off, expired, revoked, of another council, its person gone), the answer is
one and the same page, which knows of no application. Behind a good link, a number or a file that is not there is said
to be just that. A body that a stranger sends is not even read: the link is opened first, then the token against forged
forms is asked for, and only then are files taken in.
"""

import logging
from collections.abc import Callable
from functools import wraps

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.cache import add_never_cache_headers
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods

from accounts.models import LocalAuthority
from accounts.rate_limits import Allowance, nameless, use
from accounts.sign_in import home_address
from cases.requests.links import opened_by
from home.council import council_or_404
from home.remembering import remembered

from .link_contents import NotThere, around
from .uploads import take_in_at_most

HOUR = 3600
FAILED_LINKS_AN_HOUR = 20  # from one place on the network
READING = ("GET", "HEAD")

logger = logging.getLogger(__name__)
View = Callable[..., HttpResponseBase]


def for_applicants(*methods: str) -> Callable[[View], View]:
    """A page behind a link: it is told the link. Kept by nobody, listed nowhere, its address told to no other site."""

    def decorate(view: View) -> View:
        inside = csrf_protect(view)

        # Of every other form the middleware asks for the token before the view is called, and for that it reads the
        # whole body, files and all. Here that waits until the link has been opened.
        @csrf_exempt
        @wraps(view)
        def wrapped(request: HttpRequest, *, token: str, **kwargs) -> HttpResponseBase:
            response = _answer(request, token, inside, methods, kwargs)
            add_never_cache_headers(response)  # no-store and private among them
            response.headers["X-Robots-Tag"] = "noindex, nofollow"
            # Not no-referrer: with it browsers send no origin either, and Django could not tell our own forms.
            response.headers["Referrer-Policy"] = "same-origin"
            return response

        return wrapped

    return decorate


def _answer(request: HttpRequest, token: str, inside: View, methods: tuple[str, ...], kwargs: dict) -> HttpResponseBase:
    council = council_or_404(request)
    link = opened_by(token, authority=council)
    if link is None:
        return _refuse(request, council)
    if request.method == "POST":
        take_in_at_most(request)
    try:
        return require_http_methods([*methods])(inside)(request, link=link, **kwargs)
    except NotThere as missing:  # the link is good: who has it is told so, and finds the way back
        context = {**around(link), "what": missing.what}
        return render(request, "home/requests/not_there.html", context, status=404)
    except Http404:  # an answer of Django's own
        return _gone(request)


def _refuse(request: HttpRequest, council: LocalAuthority) -> HttpResponse:
    """Links that open nothing are counted by where they come from. Who has a good one is never held up by it."""
    who = home_address(request)
    allowance = use(nameless("applicant link", who), limit=FAILED_LINKS_AN_HOUR, seconds=HOUR)
    if allowance.is_allowed:
        if not allowance.remaining:  # once an hour; never the token itself
            logger.warning(
                "%s links of applicants that open nothing were tried within an hour from %s at %s; further ones are "
                "answered with 429 for %s seconds.",
                allowance.limit,
                who,
                council.code,
                allowance.seconds_left,
            )
        return _gone(request)
    return too_often(request, allowance, what="links that do not work")


def _gone(request: HttpRequest) -> HttpResponse:
    return render(request, "home/requests/gone.html", status=404)


def too_often(request: HttpRequest, allowance: Allowance, *, what: str) -> HttpResponse:
    """`what` came too often; when it may come again."""
    context = {"minutes": -(-allowance.seconds_left // 60), "what": what}
    # Whoever knocks ten thousand times is not worth ten thousand pages.
    page = remembered(
        request,
        f"{what} {context['minutes']}",
        lambda: render_to_string("home/requests/too_often.html", context, request),
    )
    response = HttpResponse(page, status=429)
    response.headers["Retry-After"] = str(allowance.seconds_left)
    return response
