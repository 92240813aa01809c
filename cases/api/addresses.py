"""Whole addresses in answers, for programs that read them elsewhere."""

from django.http import HttpRequest
from wagtail.models import Site

from accounts.models import LocalAuthority


def on_public_site(request: HttpRequest, authority: LocalAuthority, path: str) -> str:
    """The address of `path` on the council's public site. The request's own host where that is the council's, which
    may be known by more names than one; the site's host name otherwise."""
    here = Site.find_for_request(request)
    if authority.site is None or (here is not None and here.pk == authority.site_id):
        return request.build_absolute_uri(path)
    return f"{authority.site.root_url}{path}"
