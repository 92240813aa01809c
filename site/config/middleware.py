"""What every answer gets that Django has no setting for: headers, problem details under /api/, a store that is away."""

from collections.abc import Callable
from http import HTTPStatus
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from cases.api.problems import problem
from cases.files.disk import StorageAway
from cases.jobs.database_away import SENTENCE as DATABASE_AWAY

# Public pages run no inline script and no foreign one. Wagtail's admin needs inline scripts and styles of its own.
PUBLIC_POLICY = (
    "default-src 'self'; img-src 'self' data:; style-src 'self'; script-src 'self'; object-src 'none'; "
    "base-uri 'self'; form-action 'self'; frame-ancestors 'self'"
)
ADMIN_POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; "
    "script-src 'self' 'unsafe-inline' 'unsafe-eval'; object-src 'none'; base-uri 'self'; form-action 'self'; "
    "frame-ancestors 'self'"
)


def with_map_tiles(policy: str) -> str:
    """The policy that also lets pictures of the map in, from the one host of MAP_TILE_URL."""
    tiles = urlsplit(settings.MAP_TILE_URL)
    # Tile servers share their load over names such as a.tiles.example.org, written {s}.tiles.example.org.
    host = tiles.netloc.replace("{s}", "*")
    return policy.replace("img-src 'self'", f"img-src 'self' {tiles.scheme}://{host}") if host else policy


class SecurityHeadersMiddleware:
    """Adds a content security policy and a permissions policy to every answer that has none."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        policy = ADMIN_POLICY if request.path.startswith("/admin/") else PUBLIC_POLICY
        response.headers.setdefault("Content-Security-Policy", with_map_tiles(policy))
        response.headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
        return response


class ApiMiddleware:
    """Under /api/ every error is problem details, whoever answered it: a page for people helps no program. And each
    answer to a token says how much of its rate limit is left (draft-ietf-httpapi-ratelimit-headers)."""

    SENTENCES = {
        HTTPStatus.BAD_REQUEST: "The request cannot be understood.",
        HTTPStatus.NOT_FOUND: "There is nothing at this address. /api/openapi.json lists what there is.",
        HTTPStatus.METHOD_NOT_ALLOWED: "This address does not take this method.",
        HTTPStatus.INTERNAL_SERVER_ERROR: "Something went wrong here. It is not your fault, and has been written down.",
        HTTPStatus.SERVICE_UNAVAILABLE: DATABASE_AWAY,  # a store that is away says so itself
    }

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith("/api/"):
            return self.get_response(request)
        is_head = request.method == "HEAD"
        if is_head:
            request.method = "GET"  # the operations know GET alone
        response = self._in_problem_details(self.get_response(request))
        if allowance := getattr(request, "allowance", None):
            response.headers["RateLimit-Limit"] = str(allowance.limit)
            response.headers["RateLimit-Remaining"] = str(allowance.remaining)
            response.headers["RateLimit-Reset"] = str(allowance.seconds_left)
            response.headers.setdefault("Cache-Control", "no-store")  # personal data, perhaps
            if not allowance.is_allowed:
                response.headers["Retry-After"] = str(allowance.seconds_left)
        if is_head and not response.streaming:
            response.headers["Content-Length"] = str(len(response.content))
            response.content = b""
        return response

    def _in_problem_details(self, response: HttpResponse) -> HttpResponse:
        said = response.headers.get("Content-Type", "")
        if response.status_code < 400 or "json" in said:
            return response
        status = HTTPStatus(response.status_code)
        answer = problem(status, self.SENTENCES.get(status, f"{status.phrase}."))
        for kept in ("Allow", "Retry-After"):
            if response.has_header(kept):
                answer.headers[kept] = response.headers[kept]
        return answer


class StorageAwayMiddleware:
    """Says in words that the document store is away, wherever no page of its own says so: 503, and when to try again.

    A script that sends a file reads {"error": sentence}; a person gets a page; /api/ gets problem details (above).
    """

    RETRY_SECONDS = 120

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, StorageAway):
            return None
        words = exception.to_readers if request.method in ("GET", "HEAD") else str(exception)
        status = HTTPStatus.SERVICE_UNAVAILABLE
        response: HttpResponse
        if request.path_info.startswith("/api/"):
            response = problem(status, words)
        elif request.get_preferred_type(["text/html", "application/json"]) == "application/json":
            response = JsonResponse({"error": words}, status=status)
        else:
            response = render(request, "503.html", {"heading": exception.heading, "words": words}, status=status)
        response.headers["Retry-After"] = str(self.RETRY_SECONDS)
        return response
