"""Response headers that Django has no setting for."""

from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse

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
