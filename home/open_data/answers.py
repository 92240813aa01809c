"""Answers that are files: in their format, packed when wanted, never sent again to who has them."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.http import content_disposition_header

from accounts.models import LocalAuthority
from accounts.public_address import public_url
from home.caching import A_MINUTE
from home.tables import zipped

from .freshness import freshness_of, with_validators

LICENCE_NAME = "Open Government Licence v3.0"
LICENCE = "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/"
CONTENT_TYPES = {
    "csv": "text/csv; charset=utf-8; header=present",
    "json": "application/json",
    "geojson": "application/geo+json",
}
# What a file begins to be written with, and headers that only it has: asked for when it is known to be wanted.
Write = Callable[[], tuple[Iterator[bytes], dict[str, str]]]


def attribution(council: LocalAuthority) -> str:
    return f"Contains information from {council.name}, licensed under the {LICENCE_NAME}."


def file_answer(
    request: HttpRequest, *, council: LocalAuthority, name: str, extension: str, depends_on: Sequence[Any], write: Write
) -> HttpResponseBase:
    """The file that `write` writes, as it is written; 304 without a row read where the visitor has it already.

    `depends_on` is what the contents depend on beside the council's applications: the question, the columns …
    """
    headers = {
        "Content-Type": CONTENT_TYPES[extension],
        "Content-Disposition": content_disposition_header(extension == "csv", f"{name}.{extension}") or "inline",
        "Link": f'<{LICENCE}>; rel="license"',
        "X-Robots-Tag": "noindex",
    }
    freshness = freshness_of(council, public_url(council), name, extension, *depends_on)
    answer: HttpResponseBase = with_validators(request, freshness, headers.items())
    patch_vary_headers(answer, ["Accept-Encoding"])
    _may_be_kept(request, answer)
    if answer.status_code != 200:
        return answer
    pieces, more_headers = write()
    if takes_gzip(request):
        answer.headers["Content-Encoding"] = "gzip"
        pieces = zipped(pieces)
    if request.method != "HEAD":
        answer = StreamingHttpResponse(pieces, headers=dict(answer.items()))
    for header, value in more_headers.items():
        answer.headers[header] = value
    return answer


def _may_be_kept(request: HttpRequest, response: HttpResponseBase) -> None:
    """As the pages (home/caching.py), which cannot do it for an answer that is written while it is sent."""
    if settings.SESSION_COOKIE_NAME in request.COOKIES:
        patch_cache_control(response, private=True, no_cache=True)
    else:
        patch_cache_control(response, public=True, max_age=A_MINUTE)


def takes_gzip(request: HttpRequest) -> bool:
    """Whether the visitor takes gzip (RFC 9110 §12.5.3): named, or under a star, and not with a weight of nothing."""
    weights = {}
    for part in request.headers.get("Accept-Encoding", "").lower().split(","):
        coding, _, parameter = part.partition(";")
        weights[coding.strip()] = parameter.replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
    return weights.get("gzip", weights.get("*", False))


def refusal(words: Sequence[str]) -> HttpResponse:
    """A question that cannot be understood, in words."""
    return HttpResponse("\n".join([*words, ""]), status=400, content_type="text/plain; charset=utf-8")
