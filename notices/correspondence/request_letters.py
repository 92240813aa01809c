"""What the outbox knows of the letters about requests: which left, which stand still and why, when was reminded."""

from collections import defaultdict
from collections.abc import Collection
from typing import Any

from django.db.models import Exists, Max, OuterRef, Q, Subquery
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from cases.requests.letters import Letter
from notices.models import Message

from .silence import ASK, WENT_OUT

REMINDER = "reminder"
TELL = (*ASK, REMINDER)
STAND_STILL = (Message.Status.HELD, Message.Status.FAILED)
# What is said where the message itself gives no reason.
_WHY = {
    Message.Status.QUEUED: "It is waiting to be sent.",
    Message.Status.SENDING: "It is being sent.",
    Message.Status.FAILED: "It could not be delivered.",
    Message.Status.HELD: "It is held.",
}


def annotations() -> dict[str, Any]:
    """Expressions over a request: `letter_has_not_left`, `why_not_left`, `reminded_at`."""
    about = Message.objects.filter(requests=OuterRef("pk"), about__in=TELL)
    left = about.filter(status__in=WENT_OUT)
    reminders = left.filter(about=REMINDER).order_by().values("requests")
    return {
        "letter_has_not_left": Q(Exists(about)) & ~Q(Exists(left)),
        "why_not_left": Subquery(about.exclude(status__in=WENT_OUT).order_by("-queued_at").values("status_detail")[:1]),
        "reminded_at": Subquery(reminders.annotate(last=Max("sent_at")).values("last")),
    }


def letters(requests: Collection[int], reader: User) -> dict[int, list[Letter]]:
    """Key of the request → its letters, oldest first. A letter sent again stands for the one that failed."""
    links = Message.requests.through.objects.filter(
        validationrequest__in=requests, message__about__in=TELL, message__sent_again_as=None
    )
    told: dict[int, list[Letter]] = defaultdict(list)
    may_read = reader.has_perm("notices.view_message")
    for link in links.select_related("message").order_by("message__queued_at", "message"):
        told[link.validationrequest_id].append(_letter(link.message, may_read=may_read))
    return dict(told)


def _letter(message: Message, *, may_read: bool) -> Letter:
    left = message.status in WENT_OUT
    return Letter(
        is_reminder=message.about == REMINDER,
        written_on=timezone.localdate(message.queued_at),
        left_on=timezone.localdate(message.sent_at or message.queued_at) if left else None,
        why="" if left else message.status_detail or _WHY[Message.Status(message.status)],
        stands_still=message.status in STAND_STILL,
        url=reverse("notices_message_modeladmin_inspect", args=[message.pk]) if may_read else "",
    )
