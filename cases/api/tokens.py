"""Who calls: the bearer token of a system, made by `bin/manage create_api_token`; what it may do, and how often."""

from datetime import timedelta
from http import HTTPStatus

from django.conf import settings
from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone
from ninja.errors import HttpError
from ninja.security import HttpBearer

from accounts.models import ApiToken, LocalAuthority
from accounts.rate_limits import nameless, use
from accounts.sign_in import home_address

from .councils import council_named, refuse_another

SUBMIT, READ, RESPOND = ApiToken.Scope.SUBMIT, ApiToken.Scope.READ, ApiToken.Scope.RESPOND
USED_EVERY = timedelta(minutes=1)
MINUTE = 60
# Tokens that nobody has, from one address within a minute: somebody is guessing, or has forgotten to change theirs.
FAILURES_A_MINUTE = 30
_MAY_NOT = {
    SUBMIT: "This token may not send submissions.",
    READ: "This token may not read cases.",
    RESPOND: "This token may not send comments.",
}


class BearerToken(HttpBearer):
    """A token in use that has one of the scopes; any token where no scope is named. Refusals: 401, 403, 404, 429."""

    def __init__(self, *scopes: ApiToken.Scope):
        super().__init__()
        self.scopes = scopes

    def authenticate(self, request: HttpRequest, token: str) -> ApiToken | None:
        found = ApiToken.objects.named_by(token)
        if found is None:
            _count_failure(request)
            return None
        _count_use(request, found)
        _note_use(found)
        refuse_another(council_named(request), token_of=found.authority)
        if self.scopes and not set(self.scopes) & set(found.scopes):
            raise HttpError(HTTPStatus.FORBIDDEN, _MAY_NOT[self.scopes[0]])
        return found


def token_of(request: HttpRequest) -> ApiToken:
    """The token that an authenticated operation was called with."""
    return request.auth  # type: ignore[attr-defined]


def council_of_token(request: HttpRequest) -> LocalAuthority:
    """The council whose cases the caller may reach: the token's, whatever the host name says."""
    return token_of(request).authority


def council_of_token_brought(request: HttpRequest) -> LocalAuthority | None:
    """Of a path that asks for no token: the council of the one that it is called with all the same; None without one.

    Raises HttpError 401 for one that is not in use: whose answer it wants cannot be told.
    """
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        return None
    found = ApiToken.objects.named_by(secret.strip())
    if found is None:
        _count_failure(request)
        raise HttpError(HTTPStatus.UNAUTHORIZED, "This token is not in use.")
    return found.authority


def _count_use(request: HttpRequest, token: ApiToken) -> None:
    allowance = use(f"api-token:{token.pk}", limit=settings.API_REQUESTS_PER_MINUTE, seconds=MINUTE)
    request.allowance = allowance  # type: ignore[attr-defined]  # config.middleware writes the headers from it
    if not allowance.is_allowed:
        raise HttpError(HTTPStatus.TOO_MANY_REQUESTS, "Too many requests with this token. Wait, then go on.")


def _count_failure(request: HttpRequest) -> None:
    allowance = use(nameless("api-failure", home_address(request)), limit=FAILURES_A_MINUTE, seconds=MINUTE)
    if not allowance.is_allowed:
        request.allowance = allowance  # type: ignore[attr-defined]
        raise HttpError(HTTPStatus.TOO_MANY_REQUESTS, "Too many tokens that are not in use. Wait, then try again.")


def _note_use(token: ApiToken) -> None:
    """When the token was last used: to the minute is enough, and saves a write for every request."""
    now = timezone.now()
    if token.last_used_at is None or token.last_used_at < now - USED_EVERY:
        not_just_now = Q(last_used_at=None) | Q(last_used_at__lt=now - USED_EVERY)
        ApiToken.objects.filter(not_just_now, pk=token.pk).update(last_used_at=now)
