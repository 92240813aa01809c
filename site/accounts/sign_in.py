"""Signing in: who may, from which address, and how often from one address. django-axes counts and locks."""

from datetime import timedelta
from ipaddress import ip_address, ip_network
from typing import ClassVar

from axes.handlers.database import AxesDatabaseHandler
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import AnonymousUser
from django.db.models import Sum
from django.http import HttpRequest
from django.utils import timezone
from wagtail.admin.forms.auth import LoginForm

from .models import User

# Five failures lock the pair of e-mail and address. This many, whatever the e-mails, lock the address: somebody is
# trying one password on everybody. High, since a whole council may share an address.
FAILURES_FROM_ONE_ADDRESS = 50


def why_shut_out(user: User) -> str:
    """Why this user may not work here now, in a sentence; empty when they may."""
    if not user.is_active:
        return "Your account was closed. Ask an administrator of your council if you need it again."
    if user.authority and not user.authority.is_active:
        return f"{user.authority} is closed in BoPS at present, so nobody of the council can work here."
    return ""


class PeopleAtWork(ModelBackend):
    """People whose account and whose council are active. Asked at each request, and before each permission."""

    def user_can_authenticate(self, user: User | AnonymousUser | None) -> bool:
        return isinstance(user, User) and not why_shut_out(user)

    def get_user(self, user_id: int) -> User | None:
        user = User.objects.select_related("authority").filter(pk=user_id).first()
        return user if user and self.user_can_authenticate(user) else None

    def _get_permissions(self, user_obj, obj, from_name: str) -> set[str]:
        if user_obj.is_anonymous or why_shut_out(user_obj):
            return set()
        return super()._get_permissions(user_obj, obj, from_name)  # type: ignore[misc]  # the stubs leave it out


class SignInForm(LoginForm):
    """Wagtail's, with words that are true for whoever was shut out, too.

    They are the same for all: who does not work here is not told whose account there is, nor that a password was right.
    """

    error_messages: ClassVar = LoginForm.error_messages | {
        "invalid_login": "Your %(username_field)s and password did not match, or your account or council is closed in "
        "BoPS. Try again, or ask your administrator."
    }


def client_address(request: HttpRequest) -> str:
    """The address of the browser: behind PROXY_COUNT proxies of ours, what the outermost of them wrote down.

    What a client puts in front of the header itself is never read.
    """
    proxies = settings.PROXY_COUNT
    passed = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()]
    if proxies and len(passed) >= proxies:
        return passed[-proxies]
    return request.META["REMOTE_ADDR"]


def home_address(request: HttpRequest) -> str:
    """The network address of the visitor; of IPv6 its first half, since the other is the visitor's to choose."""
    address = client_address(request)
    try:
        known = ip_address(address)
    except ValueError:
        return address
    return str(ip_network((known, 64), strict=False)) if known.version == 6 else address


def name_of(request: HttpRequest, credentials: dict | None = None) -> str | None:
    """The e-mail that somebody tries to sign in with. In small letters, as accounts are found: or EVE@ and eve@ would
    each have tries of their own."""
    name = (credentials or {}).get("username") or request.POST.get(settings.AXES_USERNAME_FORM_FIELD)
    return name.strip().lower() if name else None


class SignInHandler(AxesDatabaseHandler):
    def is_locked(self, request, credentials: dict | None = None) -> bool:
        if super().is_locked(request, credentials):
            return True
        if failures_from(client_address(request)) < FAILURES_FROM_ONE_ADDRESS:
            return False
        request.axes_locked_out = True  # so that axes' middleware answers with the page that says so
        return True


def failures_from(address: str) -> int:
    """Failed sign-ins from an address within the time that a lock lasts."""
    since = timezone.now() - timedelta(hours=settings.AXES_COOLOFF_TIME)
    rows = AccessAttempt.objects.filter(ip_address=address, attempt_time__gte=since)
    return rows.aggregate(number=Sum("failures_since_start"))["number"] or 0
