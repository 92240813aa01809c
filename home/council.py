"""Which council a visitor reads: the one whose public site has the host name of the request.

Asked at most once a request and without a session, so that public pages can be cached.
"""

from django.http import Http404, HttpRequest
from wagtail.models import Site

from accounts.models import LocalAuthority

from .remembering import remembered

_REMEMBERED = "_bops_council"


def council_of(request: HttpRequest) -> LocalAuthority | None:
    """The council of the request's host name; None where the host name belongs to no active council."""
    if not hasattr(request, _REMEMBERED):
        setattr(request, _REMEMBERED, remembered(request, "council", lambda: _asked_for(request)))
    return getattr(request, _REMEMBERED)


def _asked_for(request: HttpRequest) -> LocalAuthority | None:
    site = Site.find_for_request(request)
    councils = LocalAuthority.objects.select_related("site__root_page", "logo").filter(is_active=True)
    return councils.filter(site=site).first() if site else None


def council_or_404(request: HttpRequest) -> LocalAuthority:
    """As `council_of`; a page that is not there where the host name belongs to no council."""
    council = council_of(request)
    if council is None:
        raise Http404("No council has its public site at this address.")
    return council
