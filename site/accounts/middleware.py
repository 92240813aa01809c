"""Signs people out who have left their desk, or whose account or council was closed."""

import time
from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import SESSION_KEY, logout
from django.http import HttpRequest, HttpResponse

from .models import User
from .sign_in import why_shut_out

LAST_SEEN = "last_seen_at"
WRITE_EVERY_SECONDS = 60  # one session write a minute, not one a request


class SessionEndMiddleware:
    """Ends a session after SESSION_IDLE_SECONDS without a request, and that of whoever may not work here any more."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # Visitors without a session cookie stay without one, so that public pages can be cached.
        if settings.SESSION_COOKIE_NAME in request.COOKIES:
            if request.user.is_authenticated:
                _end_if_idle(request)
            elif SESSION_KEY in request.session:
                _end_and_say_why(request)
        return self.get_response(request)


def _end_if_idle(request: HttpRequest) -> None:
    now = int(time.time())
    last_seen = request.session.get(LAST_SEEN)
    if last_seen and now - last_seen > settings.SESSION_IDLE_SECONDS:
        logout(request)
    elif not last_seen or now - last_seen > WRITE_EVERY_SECONDS:
        request.session[LAST_SEEN] = now


def _end_and_say_why(request: HttpRequest) -> None:
    """Somebody signed in, and was shut out since (accounts/sign_in.py)."""
    user = User.objects.select_related("authority").filter(pk=request.session[SESSION_KEY]).first()
    logout(request)
    if user and (words := why_shut_out(user)):
        messages.error(request, f"{words} You were signed out.")
