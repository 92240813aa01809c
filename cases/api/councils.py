"""Whose answers a request wants, where it says so itself: by the header `x-client`, or by the token of a council."""

from http import HTTPStatus

from django.db.models import Q
from django.http import HttpRequest
from ninja.errors import HttpError

from accounts.models import LocalAuthority

CLIENT = "X-Client"  # the Digital Planning Register names the council so; public answers vary by it
_LONGEST_NAME = 60


def council_named(request: HttpRequest) -> LocalAuthority | None:
    """The council that `x-client` names, by what the Digital Planning Register calls it or by its code; None where the
    header is missing. Raises HttpError 404 for a name that nobody has: never the answer of another council."""
    name = request.headers.get(CLIENT, "")
    if not name:
        return None
    council = _called(name) if len(name) <= _LONGEST_NAME and name.isascii() and name.isprintable() else None
    if council is None:
        raise HttpError(HTTPStatus.NOT_FOUND, "No council here has the name that the header x-client gives.")
    return council


def _called(name: str) -> LocalAuthority | None:
    councils = LocalAuthority.objects.select_related("site__root_page", "logo").filter(is_active=True)
    return councils.filter(Q(code=name.upper()) | Q(client_name=name.lower())).first()


def refuse_another(council: LocalAuthority | None, *, token_of: LocalAuthority) -> None:
    """Raise HttpError 403 where the header names another council than the token's."""
    if council is not None and council != token_of:
        raise HttpError(HTTPStatus.FORBIDDEN, "This token is of another council than the header x-client names.")
