"""HTTP in: the Planning Portal's notices, by a bearer token or by the Portal's own signature."""

import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from uuid import NAMESPACE_URL, UUID, uuid5

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from ninja import Schema
from ninja.security.base import AuthBase
from pydantic import Field

from accounts.models import ApiToken, LocalAuthority
from cases.intake.planning_portal import announce
from cases.models import PortalDelivery

SIGNED_AT_MOST = timedelta(hours=1)  # a signature that somebody overheard is of no use afterwards


class Announced(Schema):
    uuid: UUID
    message: str = Field(examples=["Submission was successfully created"])


class PortalSignature(AuthBase):
    """`Authorization: base64(HMAC-SHA256(secret, "product|client|timestamp"))` and `tq-timestamp: timestamp`."""

    openapi_type = "apiKey"
    openapi_in = "header"
    openapi_name = "Authorization"

    def __call__(self, request: HttpRequest) -> LocalAuthority | None:
        code = request.resolver_match.kwargs.get("council", "") if request.resolver_match else ""
        code = code if code.isalpha() else ""  # a U+0000 is more than PostgreSQL takes
        authority = LocalAuthority.objects.filter(code__iexact=code, is_active=True).first()
        secret = settings.PLANNING_PORTAL_SECRETS.get(authority.code, "") if authority else ""
        # Compared also where there is no such council: how long the answer takes tells nothing.
        is_right = is_signed(
            request.headers.get("Authorization", ""), request.headers.get("tq-timestamp", ""), secret=secret
        )
        return authority if secret and is_right else None


def is_signed(signature: str, timestamp: str, *, secret: str) -> bool:
    """Whether the Planning Portal signed this moment with the secret, and not long ago."""
    said = f"{settings.PLANNING_PORTAL_PRODUCT_ID}|{settings.PLANNING_PORTAL_CLIENT_ID}|{timestamp}"
    expected = base64.b64encode(hmac.digest(secret.encode(), said.encode(), hashlib.sha256))
    is_same = hmac.compare_digest(expected, signature.strip().encode())
    at = moment_of(timestamp)
    return is_same and at is not None and abs(timezone.now() - at) <= SIGNED_AT_MOST


def moment_of(timestamp: str) -> datetime | None:
    """ISO 8601, or seconds or milliseconds since 1970; None for anything else."""
    text = timestamp.strip()
    try:
        if text.isascii() and text.isdigit():
            seconds = int(text) / (1000 if len(text) > 11 else 1)
            return datetime.fromtimestamp(seconds, UTC)
        moment = datetime.fromisoformat(text.upper())
    except (ValueError, OverflowError, OSError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def take_notice(body: bytes, content_type: str, token: ApiToken) -> dict[str, object]:
    """Planning Portal, by bearer token: the ZIP that the notice names is fetched afterwards."""
    return answer_to(announce(body, authority=token.authority, through=f"API token {token.name}"))


def take_signed_notice(body: bytes, content_type: str, authority: LocalAuthority) -> dict[str, object]:
    return answer_to(announce(body, authority=authority, through="the Planning Portal's signature"))


def answer_to(delivery: PortalDelivery) -> dict[str, object]:
    name = f"{delivery.authority_id}/{delivery.application_ref}/{delivery.version}"
    return {
        "uuid": uuid5(NAMESPACE_URL, name),
        "message": f"Submission was successfully created for application with reference: {delivery.application_ref}",
    }
