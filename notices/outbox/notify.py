"""GOV.UK Notify, and nothing else: the only module that speaks to it.

A key has the form name-service-secret (two UUIDs at the end). Notify knows three kinds of key: *test* (nothing is
delivered), *team* (only to the team and its guest list) and *live*. The key itself does not say its kind, so its name
must: "test…", "team…" or "live…", with the council's own words after it.
"""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils.dateparse import parse_datetime
from notifications_python_client import NotificationsAPIClient
from notifications_python_client.errors import APIError, HTTPError

from accounts.models import LocalAuthority

logger = logging.getLogger(__name__)

_UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_KEY = re.compile(rf"(?P<name>.+?)-(?P<service>{_UUID})-(?P<secret>{_UUID})", re.IGNORECASE)
MOST_ADDRESS_LINES = 7
FEWEST_ADDRESS_LINES = 3


class NotifyError(Exception):
    """Notify did not take the message. `str()` is a sentence for an administrator."""


class NotAccepted(NotifyError):
    """Notify refused, and would refuse again: somebody must put something right first."""


class TryLater(NotifyError):
    """Notify could not be asked, or had no time: the same request may succeed later."""


class LimitReached(TryLater):
    """Notify's limit for this minute or this day is used up. Nothing is wrong with the message."""

    def __init__(self, words: str, *, for_today: bool):
        super().__init__(words)
        self.for_today = for_today


class KeyKind(StrEnum):
    NONE = "no key"
    TEST = "test key: nothing is delivered"
    TEAM = "team key: only the team and its guest list are reached"
    LIVE = "live key: messages reach anybody"
    UNKNOWN = "a key whose name does not begin with test, team or live"


@dataclass(frozen=True)
class Report:
    """What Notify says of one message. `status` is Notify's own word."""

    id: UUID
    reference: str
    status: str
    completed_at: datetime | None = None
    template_version: int | None = None


# --- Keys -----------------------------------------------------------------------------------------------------------


def key_for(authority: LocalAuthority | None) -> str:
    """The authority's own key, else the installation's; empty when there is none."""
    own = settings.NOTIFY_API_KEYS.get(authority.code, "") if authority else ""
    return own or settings.NOTIFY_API_KEY


def kind_of(key: str) -> KeyKind:
    if not key:
        return KeyKind.NONE
    match = _KEY.fullmatch(key)
    name = match["name"].lower() if match else ""
    for kind in (KeyKind.TEST, KeyKind.TEAM, KeyKind.LIVE):
        if re.match(rf"{kind.name.lower()}(?![a-z])", name):
            return kind
    return KeyKind.UNKNOWN


def why_not(key: str) -> str:
    """Why this key must not be used in this environment, in a sentence; empty when it may.

    A test key in production would throw real notices away; a live key anywhere else would write to real people.
    """
    kind = kind_of(key)
    if kind is KeyKind.NONE:
        return "There is no GOV.UK Notify key for this council."
    if kind is KeyKind.UNKNOWN:
        return "The name of the GOV.UK Notify key does not begin with test, team or live, so its kind is not known."
    if settings.IS_PRODUCTION and kind is KeyKind.TEST:
        return "The GOV.UK Notify key is a test key: in production nothing would be delivered."
    if not settings.IS_PRODUCTION and kind is KeyKind.LIVE:
        return "The GOV.UK Notify key is a live key: outside production it would write to real people."
    return ""


def email_template_for(authority: LocalAuthority | None) -> str:
    own = authority.notify_email_template_id if authority else None
    return str(own or settings.NOTIFY_EMAIL_TEMPLATE_ID)


def letter_template_for(authority: LocalAuthority | None) -> str:
    own = authority.notify_letter_template_id if authority else None
    return str(own or settings.NOTIFY_LETTER_TEMPLATE_ID)


# --- Sending and asking ---------------------------------------------------------------------------------------------


def send_email(
    authority: LocalAuthority | None,
    *,
    reference: str,
    to: str,
    subject: str,
    body: str,
    unsubscribe_url: str = "",
) -> Report:
    """Hand an e-mail over to Notify. Raises NotAccepted or TryLater.

    `unsubscribe_url` becomes the header by which mail programs offer to unsubscribe at one click (RFC 8058).
    """
    reply_to = str(authority.notify_reply_to_id) if authority and authority.notify_reply_to_id else None
    with _speaking(authority) as client:
        answer = client.send_email_notification(
            email_address=to,
            template_id=email_template_for(authority),
            personalisation={"subject": subject, "body": body},
            reference=reference,
            email_reply_to_id=reply_to,
            one_click_unsubscribe_url=unsubscribe_url or None,
            # The subject holds nothing but words. The body needs its own links: notices/letters/templates.py has
            # already made inert what other people typed into it.
            sanitise_content_for=["subject"],
        )
        return _accepted(answer, reference)


def send_letter(
    authority: LocalAuthority | None, *, reference: str, address: list[str], subject: str, body: str
) -> Report:
    """Hand a letter over to Notify; `address` is name, street … postcode. Raises NotAccepted or TryLater."""
    lines = {f"address_line_{number}": line for number, line in enumerate(address_lines(address), start=1)}
    with _speaking(authority) as client:
        answer = client.send_letter_notification(
            template_id=letter_template_for(authority),
            personalisation={**lines, "subject": subject, "body": body},
            reference=reference,
        )
        return _accepted(answer, reference)


def find(authority: LocalAuthority | None, *, reference: str) -> Report | None:
    """The message that Notify already has under our reference, or None. Raises NotAccepted or TryLater."""
    with _speaking(authority) as client:
        rows = client.get_all_notifications(reference=reference)["notifications"]
        if len(rows) > 1:
            logger.error("GOV.UK Notify holds %d messages with the reference %s", len(rows), reference)
        return report_from(rows[0]) if rows else None


def ask(authority: LocalAuthority | None, *, notify_id: UUID) -> Report:
    """How a message stands that Notify has taken. Raises NotAccepted or TryLater."""
    with _speaking(authority) as client:
        return report_from(client.get_notification_by_id(notify_id))


def report_from(data: dict[str, Any]) -> Report:
    """Notify's notification or callback as a Report. Raises ValueError when it is neither."""
    if not isinstance(data, dict):
        raise ValueError("not an object")
    template = data.get("template") or {}
    version = data.get("template_version") or (template.get("version") if isinstance(template, dict) else None)
    completed = data.get("completed_at")
    completed_at = parse_datetime(completed) if isinstance(completed, str) else None
    return Report(
        id=UUID(str(data.get("id"))),
        reference=str(data.get("reference") or ""),
        status=str(data.get("status") or ""),
        completed_at=completed_at if completed_at and completed_at.tzinfo else None,
        template_version=version if isinstance(version, int) else None,
    )


def address_lines(address: list[str]) -> list[str]:
    """The three to seven lines that Notify prints, postcode last. Raises NotAccepted when there are too few."""
    lines = [line.strip() for line in address if line.strip()]
    if len(lines) < FEWEST_ADDRESS_LINES:
        raise NotAccepted("The postal address is too short for a letter: it needs a name, a street and a postcode.")
    while len(lines) > MOST_ADDRESS_LINES:
        lines[-3:-1] = [", ".join(lines[-3:-1])]
    return lines


def _accepted(answer: dict[str, Any], reference: str) -> Report:
    return report_from({"status": "created", **answer, "reference": reference})


@contextmanager
def _speaking(authority: LocalAuthority | None) -> Iterator[NotificationsAPIClient]:
    """A client for one authority, with every failure turned into NotAccepted or TryLater."""
    key = key_for(authority)
    if refusal := why_not(key):
        raise NotAccepted(refusal)
    client = NotificationsAPIClient(key, base_url=settings.NOTIFY_BASE_URL, timeout=settings.NOTIFY_TIMEOUT_SECONDS)
    try:
        yield client
    except HTTPError as error:
        raise _in_words(error) from error
    except (APIError, ValueError, KeyError, TypeError) as error:
        raise TryLater("GOV.UK Notify gave an answer that could not be read.") from error
    finally:
        client.request_session.close()


def _in_words(error: HTTPError) -> NotifyError:
    """What a failed request means. The client reports a time-out or a broken line as 503."""
    said = _said(error)
    if error.status_code == 429:
        # RateLimitError is the minute's limit, TooManyRequestsError the day's.
        return LimitReached(f"GOV.UK Notify's limit is reached: {said}", for_today="TooManyRequests" in said)
    if error.status_code >= 500:
        return TryLater(f"GOV.UK Notify could not be reached or had a fault ({error.status_code}).")
    if error.status_code in {401, 403}:
        return NotAccepted(f"GOV.UK Notify refused the key ({error.status_code}): {said}")
    return NotAccepted(f"GOV.UK Notify refused the message ({error.status_code}): {said}")


def _said(error: HTTPError) -> str:
    said = error.message
    if isinstance(said, list):
        said = "; ".join(f"{row.get('error', '')}: {row.get('message', '')}" for row in said if isinstance(row, dict))
    return str(said)[:200]
