"""The daily e-mail: for each address at each council, once a day, what has changed in all that it follows.

It tells what happened up to seven in the morning. That moment is the same for whoever works on it and whenever, and
`told_until` moves to it in the transaction that writes the e-mail: what was told is not told again, what was not told
is told by the next run, whether a worker dies in the middle or two run at once.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import NamedTuple

from django.db import transaction
from django.db.models import Min
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone

from accounts.models import LocalAuthority
from accounts.public_address import public_url
from cases.models import PlanningApplication
from home.models import Alert
from home.register.changes import news_of
from notices.letters.fields import inert, register_url
from notices.outbox.messages import queue_to_person
from notices.wording.merge import long_date

from .followed import changed_applications, path_of, words_of
from .following import DIGEST, of_address

logger = logging.getLogger(__name__)

SEVEN = time(7)
# Changes are written with the time at which they began to be written: what is on its way at seven has arrived by then.
GRACE = timedelta(minutes=10)
ADDRESSES_AT_ONCE = 500
MOST_TOLD = 25  # applications in one e-mail
LONGEST_DESCRIPTION = 200


class Address(NamedTuple):
    """Whose turn it is. The first of its alerts is locked for all of them."""

    authority_id: int
    email: str
    first: int


@dataclass
class Part:
    """What is new in one thing that is followed."""

    alert: Alert
    applications: list[PlanningApplication]
    not_shown: int = 0


def told_up_to(now: datetime) -> datetime:
    """The last seven in the morning of which everything can be known by `now`."""
    day = timezone.localtime(now - GRACE)
    seven = timezone.make_aware(datetime.combine(day.date(), SEVEN))
    if seven <= day:
        return seven
    return timezone.make_aware(datetime.combine(day.date() - timedelta(days=1), SEVEN))


def send_digests() -> int:
    """Write every e-mail that is due and not yet written. Returns how many. May run at any time and twice at once."""
    until = told_up_to(timezone.now())
    written, last = 0, 0
    while addresses := _due_addresses(until, after=last):
        for address in addresses:
            written += _tell(address, until)
        last = addresses[-1].first
    return written


def _due_addresses(until: datetime, *, after: int) -> list[Address]:
    """The next addresses that were not told up to then, in the order of their first alert."""
    due = (
        Alert.objects.filter(confirmed_at__isnull=False, told_until__lt=until, authority__is_active=True)
        .annotate(address=Lower("email"))
        .values_list("authority_id", "address")
        .annotate(first=Min("pk"))
        .filter(first__gt=after)
        .order_by("first")
    )
    return [Address(*row) for row in due[:ADDRESSES_AT_ONCE]]


def _tell(address: Address, until: datetime) -> bool:
    """Write to one address. What goes wrong with it is logged, and keeps nobody else waiting."""
    try:
        return _write(address, until)
    except Exception:
        logger.exception("The alerts of an address (alert %d) could not be told", address.first)
        return False


@transaction.atomic
def _write(address: Address, until: datetime) -> bool:
    due = of_address(address.authority_id, address.email).filter(confirmed_at__isnull=False, told_until__lt=until)
    # Whoever has the first row has the address. Another run passes over it; it has nothing left to tell.
    if not due.filter(pk=address.first).select_for_update(skip_locked=True).exists():
        return False
    alerts = list(due.select_related("authority__site").select_for_update(of=("self",)).order_by("pk"))
    if not alerts:
        return False
    parts, news = _news(alerts, until)
    Alert.objects.filter(pk__in=[alert.pk for alert in alerts]).update(told_until=until)
    if not parts:
        return False
    _queue(alerts[0], parts, news, until)
    return True


def _news(alerts: list[Alert], until: datetime) -> tuple[list[Part], dict[int, list[str]]]:
    """What to tell, each application once, under the first of the things followed that it belongs to."""
    parts = [Part(alert, changed_applications(alert)) for alert in alerts]
    since: dict[int, datetime] = {}
    for part in parts:
        for application in part.applications:
            since[application.pk] = min(part.alert.told_until, since.get(application.pk, until))
    every = {application.pk: application for part in parts for application in part.applications}
    news = news_of(every.values(), since=since, until=until)
    told: set[int] = set()
    for part in parts:
        part.applications = [one for one in part.applications if one.pk in news and one.pk not in told]
        told.update(application.pk for application in part.applications)
    return _shortened([part for part in parts if part.applications]), news


def _shortened(parts: list[Part]) -> list[Part]:
    """No more than MOST_TOLD applications in all, and in each part how many more there are."""
    room = MOST_TOLD
    for part in parts:
        part.not_shown = max(0, len(part.applications) - room)
        part.applications = part.applications[:room]
        room -= len(part.applications)
    return parts


# --- The e-mail -----------------------------------------------------------------------------------------------------


def _queue(alert: Alert, parts: list[Part], news: dict[int, list[str]], until: datetime) -> None:
    council, root = alert.authority, public_url(alert.authority)
    number = sum(len(part.applications) + part.not_shown for part in parts)
    stop = root + reverse("alert_stop_all", args=[alert.address_key])
    queue_to_person(
        authority=council,
        template_slug=DIGEST,
        to_email=alert.email,
        fields={
            "day": long_date(timezone.localdate(until)),
            "how_many": _how_many(number, "planning application"),
            "changes": "\n\n".join(_part_in_words(part, news, council) for part in parts),
            "manage_link": root + reverse("alert_manage", args=[alert.token]),
            "stop_link": stop,
        },
        unsubscribe_url=stop,
    )


def _how_many(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _part_in_words(part: Part, news: dict[int, list[str]], council: LocalAuthority) -> str:
    said = [f"# {inert(words_of(part.alert))}"]
    said += [_application_in_words(one, news[one.pk], council) for one in part.applications]
    if part.not_shown:
        more = f"and {part.not_shown} more" if part.applications else _how_many(part.not_shown, "application")
        said.append(f"{more}: {public_url(council, path_of(part.alert))}")
    return "\n\n".join(said)


def _application_in_words(application: PlanningApplication, news: list[str], council: LocalAuthority) -> str:
    application.authority = council  # known already: no query for each
    description = " ".join(application.description.split())
    if len(description) > LONGEST_DESCRIPTION:
        description = f"{description[:LONGEST_DESCRIPTION].rsplit(' ', 1)[0]}…"
    lines = [inert(application.full_address), f"{application.reference}: {inert(description)}"]
    return "\n".join([*lines, *(f"* {words}" for words in news), register_url(application)])
