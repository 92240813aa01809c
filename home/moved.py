"""Sends visitors on from where a council's public pages were to where they are now (accounts/public_address.py).

What was sealed or sent with an old address goes on working, as long as the old host name still leads here and stands in
ALLOWED_HOSTS.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect

from accounts.models import LocalAuthority
from accounts.public_address import public_url, without_usual_port

from .remembering import kept

# Officers sign in where they always did, and programs send no token along when they are sent on: both are answered.
ANSWERED_WHERE_THEY_ARE = ("/admin/", "/api/")
AN_HOUR = "public, max-age=3600"  # a browser that kept it for good would go in circles if the council moved back


class MovedMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        host = without_usual_port(request.get_host())
        council = kept(("moved from", host), lambda: _council_that_was_at(host))
        if council is None:
            return self.get_response(request)
        if request.method in {"GET", "HEAD"} and not request.path_info.startswith(ANSWERED_WHERE_THEY_ARE):
            address = public_url(council, request.get_full_path())
            return HttpResponsePermanentRedirect(address, headers={"Cache-Control": AN_HOUR})
        # A form that was open when the council moved is taken: nothing typed is lost. What Wagtail remembers of a
        # request is the one way to tell it whose site this is.
        request._wagtail_site = council.site  # type: ignore[attr-defined]
        return self.get_response(request)


def _council_that_was_at(host: str) -> LocalAuthority | None:
    councils = LocalAuthority.objects.filter(former_addresses__host=host, site__isnull=False)
    return councils.select_related("site").first()
