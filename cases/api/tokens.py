"""Who calls: the bearer token of a system, made by `manage.py create_api_token`."""

from datetime import timedelta

from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone
from ninja.security import HttpBearer

from accounts.models import ApiToken

USED_EVERY = timedelta(minutes=1)


class BearerToken(HttpBearer):
    """A token made by `manage.py create_api_token`."""

    def authenticate(self, request: HttpRequest, token: str) -> ApiToken | None:
        found = ApiToken.objects.named_by(token)
        if found is not None:
            _note_use(found)
        return found


def _note_use(token: ApiToken) -> None:
    """When the token was last used: to the minute is enough, and saves a write for every request."""
    now = timezone.now()
    not_just_now = Q(last_used_at=None) | Q(last_used_at__lt=now - USED_EVERY)
    ApiToken.objects.filter(not_just_now, pk=token.pk).update(last_used_at=now)
