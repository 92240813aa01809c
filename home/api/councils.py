"""Of which council a request of the public API asks. Decided here for every public API, and nowhere else."""

from http import HTTPStatus

from django.db.models import Q
from django.http import HttpRequest
from ninja.errors import HttpError

from accounts.models import LocalAuthority
from home.council import council_of
from home.pages import register_page_of

CLIENT = "X-Client"  # the Digital Planning Register names the council so; answers vary by it
_LONGEST_NAME = 60


def council_of_api_request(request: HttpRequest) -> LocalAuthority:
    """The council that the header `x-client` names (its short name as "south-gloucestershire", or its code); else the
    council of the host name. A name that nobody has says nothing: readers call councils what they like.

    Raises HttpError: 404 where no council is meant, 503 while the council's register is closed.
    """
    council = _named(request.headers.get(CLIENT, "")) or council_of(request)
    if council is None:
        raise HttpError(HTTPStatus.NOT_FOUND, "No council has its register at this address.")
    page = register_page_of(council)
    if page is not None and page.is_closed:
        raise HttpError(HTTPStatus.SERVICE_UNAVAILABLE, "The register is closed for the moment.")
    return council


def _named(slug: str) -> LocalAuthority | None:
    if not slug or len(slug) > _LONGEST_NAME or not slug.isascii() or not slug.replace("-", "").isalnum():
        return None
    named = Q(code__iexact=slug) | Q(short_name__iexact=slug.replace("-", " "))
    councils = LocalAuthority.objects.select_related("site__root_page", "logo").filter(named, is_active=True)
    return councils.order_by("pk").first()
