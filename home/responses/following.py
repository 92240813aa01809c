"""Following something by e-mail: asking, confirming, stopping, and forgetting who never confirmed.

Nobody learns whether an address follows anything: asking does the same for everybody, and the rest goes by tokens
that only the address was sent.
"""

import hashlib
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone

from accounts.models import LocalAuthority
from accounts.public_address import public_url
from home.models import Alert
from notices.outbox.messages import forget_old, queue_to_person, take_back
from notices.wording.merge import long_date

from .followed import Followed

KEPT_UNCONFIRMED = timedelta(days=7)
KEPT_MESSAGES = timedelta(days=30)
MOST_FOLLOWED = 100  # things that one address follows
CONFIRM, DIGEST = "alert_confirm", "alert_digest"
_LONGEST_WORDS = 150


class FollowsEnough(Exception):
    """The address follows as much as it may. `str()` is a sentence for its owner."""


@transaction.atomic
def follow(*, authority: LocalAuthority, email: str, followed: Followed) -> None:
    """Ask the address whether it wants to hear of this. Nothing else is sent before it says yes.

    Somebody who follows it already is asked again, so that nobody can tell the one from the other.
    """
    email = email.strip().lower()
    alert = Alert(
        authority=authority,
        email=email,
        kind=followed.kind,
        subject=followed.subject,
        address_key=address_key(authority, email),
        **followed.fields,
    )
    Alert.objects.bulk_create([alert], ignore_conflicts=True)
    alert = of_address(authority.pk, email).select_for_update().get(subject=followed.subject)
    if alert.confirmed_at is None:
        alert.created_at = timezone.now()  # the week begins anew
        alert.save(update_fields=["created_at"])
    queue_to_person(
        authority=authority,
        template_slug=CONFIRM,
        to_email=email,
        fields={
            "followed": _harmless(followed.words),
            "confirm_link": public_url(authority, reverse("alert_confirm", args=[alert.token])),
            "last_day": long_date(timezone.localdate(timezone.now() + KEPT_UNCONFIRMED)),
        },
    )


def _harmless(words: str) -> str:
    """What somebody typed, for the mailbox of perhaps somebody else: short, and with nothing a mail program links."""
    short = words if len(words) <= _LONGEST_WORDS else f"{words[:_LONGEST_WORDS]}…"
    return short.replace(".", " ").replace("@", " ").replace("/", " ")


def address_key(authority: LocalAuthority, email: str) -> UUID:
    """The same for all that an address follows at one council, also after it stopped everything and began anew."""
    said = f"{authority.pk}:{email}".encode()
    digest = hashlib.blake2b(said, key=settings.SECRET_KEY.encode()[:64], digest_size=16, person=b"alerts")
    return UUID(bytes=digest.digest())


# --- By token -------------------------------------------------------------------------------------------------------


def of_address(authority_id: int, email: str) -> QuerySet[Alert]:
    """Everything that an address asked a council for, however it spells itself; by the index of the constraint."""
    return Alert.objects.filter(authority=authority_id).alias(address=Lower("email")).filter(address=email.lower())


def alerts_of(authority: LocalAuthority) -> QuerySet[Alert]:
    """The council's alerts that still count: confirmed, or asked for within the week."""
    alerts = Alert.objects.filter(authority=authority).select_related("authority__site")
    return alerts.exclude(confirmed_at=None, created_at__lt=timezone.now() - KEPT_UNCONFIRMED)


def alert_with(authority: LocalAuthority, token: UUID) -> Alert | None:
    return alerts_of(authority).filter(token=token).first()


def confirmed_of_same_address(alert: Alert) -> QuerySet[Alert]:
    """Everything that the alert's address follows at its council, in the order in which it began."""
    same = of_address(alert.authority_id, alert.email).select_related("authority__site")
    return same.exclude(confirmed_at=None).order_by("confirmed_at", "pk")


@transaction.atomic
def confirm(alert: Alert) -> Alert:
    """The address says yes: from now on it is told. A second yes changes nothing. Raises FollowsEnough."""
    held = Alert.objects.select_for_update().get(pk=alert.pk)
    if held.confirmed_at is None:
        if confirmed_of_same_address(held).count() >= MOST_FOLLOWED:
            raise FollowsEnough(f"You follow {MOST_FOLLOWED} things already. Stop one of them first.")
        held.confirmed_at = held.told_until = timezone.now()
        held.save(update_fields=["confirmed_at", "told_until"])
    return held


@transaction.atomic
def stop(alert: Alert) -> None:
    """Follow it no longer. The row goes; when it was the last of the address, so does what still waits to be sent."""
    # Deleting waits for a digest that is being written, so that it is there to be taken back.
    Alert.objects.filter(pk=alert.pk).delete()
    if not confirmed_of_same_address(alert).exists():
        _take_back(alert.authority, alert.email)


@transaction.atomic
def stop_everything(*, authority: LocalAuthority, key: UUID) -> int:
    """Stop all that the address with this key follows or was asked about. Returns how many; 0 when there is nothing."""
    emails = set(Alert.objects.filter(authority=authority, address_key=key).values_list(Lower("email"), flat=True))
    number = 0
    for email in emails:
        number += of_address(authority.pk, email).delete()[0]
        _take_back(authority, email)
    return number


def _take_back(authority: LocalAuthority, email: str) -> None:
    take_back(authority=authority, slugs=[CONFIRM, DIGEST], to_email=email, because="The person stopped these e-mails.")


# --- Forgetting -----------------------------------------------------------------------------------------------------


def forget_unconfirmed() -> int:
    """Delete alerts that nobody confirmed within a week. Returns how many."""
    old = Alert.objects.filter(confirmed_at=None, created_at__lt=timezone.now() - KEPT_UNCONFIRMED)
    return old.delete()[0]


def forget_old_messages() -> int:
    """Delete the e-mails of alerts a month after they were written: they say who followed what. Returns how many."""
    return forget_old(slugs=[CONFIRM, DIGEST], older_than=KEPT_MESSAGES)
