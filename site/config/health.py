"""A page for load balancers: does this process answer, and does its database?"""

from collections.abc import Callable

from django.db import DatabaseError, InterfaceError, connection
from django.http import HttpRequest, HttpResponse

PATH = "/healthz"


class HealthMiddleware:
    """Answers /healthz with 200 or 503 and one word.

    First in the chain: load balancers ask by number instead of host name, and without TLS, so neither the check of
    ALLOWED_HOSTS nor the redirect to HTTPS may come before it. Nothing is told that a stranger could use.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path != PATH:
            return self.get_response(request)
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
        except (DatabaseError, InterfaceError):
            return HttpResponse("no database", status=503, content_type="text/plain")
        return HttpResponse("ok", content_type="text/plain", headers={"Cache-Control": "no-store"})
