"""Of which council a request of the public API asks. Decided here for every public API, and nowhere else."""

from http import HTTPStatus

from django.http import HttpRequest
from ninja.errors import HttpError

from accounts.models import LocalAuthority
from cases.api.councils import CLIENT, council_named, refuse_another
from cases.api.tokens import council_of_token_brought
from home.council import council_of
from home.pages import register_page_of

# What an answer depends on beside its address.
VARIES_BY = [CLIENT, "Authorization"]


def council_of_api_request(request: HttpRequest) -> LocalAuthority:
    """The council that the request names, by its token or by the header `x-client`; else the council of the host name.

    Raises HttpError: 401 for a token that is not in use, 403 where token and header do not agree, 404 where no council
    is meant or nobody has the name, 503 while the council's register is closed.
    """
    named, of_token = council_named(request), council_of_token_brought(request)
    if of_token is not None:
        refuse_another(named, token_of=of_token)
    council = of_token or named or council_of(request)
    if council is None:
        raise HttpError(HTTPStatus.NOT_FOUND, "No council has its register at this address.")
    page = register_page_of(council)
    if page is not None and page.is_closed:
        raise HttpError(HTTPStatus.SERVICE_UNAVAILABLE, "The register is closed for the moment.")
    return council
