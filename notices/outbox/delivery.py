"""From the outbox to GOV.UK Notify, once and only once, and back with what became of it.

A message is claimed in a short transaction (`sending`, with a lease), handed over outside of any transaction, and its
outcome written in another. The message's UUID is Notify's `reference`: whoever tries a second time asks Notify first
whether it has the message already, so a worker that died or a time-out never sends twice. A callback that overtakes
the answer is kept: an outcome is never replaced by an earlier state.
"""

import logging
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django_tasks import task

from cases.jobs.background import Priority
from cases.jobs.leased import LeasedJob, NotDone
from notices.models import Message

from . import notify

logger = logging.getLogger(__name__)

# A claimed message whose worker has not come back after this long is taken up again. Far above the client's time-out.
LEASE = timedelta(minutes=15)
# Waiting after the first, second … failed attempt; after the last of them a person must look.
DELAYS = [timedelta(minutes=m) for m in (1, 5, 15, 60, 240, 720, 1440)]
MINUTE_LIMIT_DELAY = timedelta(minutes=2)
# Notify keeps a message for seven days, so nothing can be asked after that.
ASK_FOR = timedelta(days=7)
ASK_AGAIN_AFTER = timedelta(minutes=15)
ASK_AT_ONCE = 200
SENT_MEANWHILE = "Notify had already taken it"

QUEUE = "messages"
Status = Message.Status
# Notify's words → ours. Every other word means that it is still on its way.
DELIVERED_WORDS = {"delivered": "", "received": "Printed and posted"}
FAILED_WORDS = {
    "permanent-failure": "There is no such address, or the post brought the letter back.",
    "temporary-failure": "The mailbox could not be reached, perhaps because it is full.",
    "technical-failure": "GOV.UK Notify had a fault of its own.",
    "validation-failed": "GOV.UK Notify could not print the letter. A letter has ten pages at most.",
    "virus-scan-failed": "GOV.UK Notify found something harmful in the letter.",
    "cancelled": "The letter was cancelled at GOV.UK Notify.",
}


def _waiting() -> QuerySet[Message]:
    """Messages that have not left yet.

    Those of a closed council wait until it is open again. But one that was begun is finished: Notify may have it, and
    cannot be asked for it for longer than ASK_FOR.
    """
    is_open = Q(authority=None) | Q(authority__is_active=True) | Q(attempts__gt=0)
    waiting = Message.objects.filter(Q(status=Status.QUEUED) & is_open | Q(status=Status.SENDING))
    return waiting.select_related("authority")


# --- Delivering -----------------------------------------------------------------------------------------------------


@task(queue_name=QUEUE, priority=Priority.LETTER)
def deliver_soon(message_id: str) -> str:
    """`deliver`, in the background. Returns the status that the message then has, or that there was nothing to do."""
    return deliver(message_id)


def deliver(message_id: UUID | str) -> str:
    """Hand the message over to Notify, if it is due and nobody else is at it. Returns what became of it in a word."""
    return Message.objects.get(pk=message_id).status if DELIVERY.run(message_id) else "not due"


def _deliver(message: Message) -> None:
    if words := why_held(message):
        held = {"status": Status.HELD, "status_detail": words, "next_attempt_at": None}
        DELIVERY.ours(message).update(**held, attempts=F("attempts") - 1)
        return
    try:
        report = _hand_over(message)
    except notify.LimitReached as limit:
        raise NotDone(str(limit), again=True, at=_after_limit(limit), counts=False) from limit
    except notify.TryLater as problem:
        raise NotDone(str(problem), again=True) from problem
    except notify.NotAccepted as refusal:
        raise NotDone(str(refusal)) from refusal
    take_report(report)


def why_held(message: Message) -> str:
    """Why the message cannot leave as things are set up, in a sentence; empty when it can."""
    if refusal := notify.why_not(notify.key_for(message.authority)):
        return refusal
    is_email = message.channel == Message.Channel.EMAIL
    template = (
        notify.email_template_for(message.authority) if is_email else notify.letter_template_for(message.authority)
    )
    return "" if template else f"The council has no GOV.UK Notify template for {'e-mails' if is_email else 'letters'}."


def _hand_over(message: Message) -> notify.Report:
    """No transaction is open here, and no lock is held."""
    reference = str(message.pk)
    if message.attempts > 1 and (found := notify.find(message.authority, reference=reference)):
        logger.info("Message %s: %s", reference, SENT_MEANWHILE)
        return found
    words = {"reference": reference, "subject": message.subject, "body": message.body}
    if message.channel == Message.Channel.EMAIL:
        return notify.send_email(
            message.authority, to=message.to_email, unsubscribe_url=message.unsubscribe_url, **words
        )
    address = [message.to_name, *message.to_address.splitlines()]
    return notify.send_letter(message.authority, address=address, **words)


def _after_limit(limit: notify.LimitReached) -> datetime:
    now = timezone.now()
    if limit.for_today:  # Notify counts days in UTC
        return now.replace(hour=0, minute=10, second=0, microsecond=0) + timedelta(days=1)
    return now + MINUTE_LIMIT_DELAY


def _give_up(message: Message, words: str) -> None:
    if DELIVERY.ours(message).update(
        status=Status.FAILED, status_detail=words[:300], next_attempt_at=None, completed_at=timezone.now()
    ):
        logger.error("Message %s was not sent: %s", message.pk, words)


DELIVERY = LeasedJob(
    task=deliver_soon,
    waiting=_waiting,
    work=_deliver,
    give_up=_give_up,
    while_working={"status": Status.SENDING},
    put_back=lambda message, words: {"status": Status.QUEUED, "status_detail": words[:300]},
    fault="It could not be sent because of a fault of this system.",
    due_at="next_attempt_at",
    undated_are_due=True,
    lease=LEASE,
    waits=DELAYS,
)


# --- What became of it ----------------------------------------------------------------------------------------------


@transaction.atomic
def take_report(report: notify.Report) -> bool:
    """Write what Notify says of a message: an answer, a callback or a poll, in any order and as often as it comes.

    Found by Notify's id, else by our reference. False when the message is not ours.
    """
    message = _message_of(report)
    if message is None:
        return False
    status, words = _ours(report.status)
    message.notify_id = message.notify_id or report.id
    message.notify_template_version = message.notify_template_version or report.template_version
    message.sent_at = message.sent_at or timezone.now()
    if message.status not in {Status.DELIVERED, Status.FAILED} or _came_back(message, status):
        message.status, message.status_detail, message.next_attempt_at = status, words, None
        if status != Status.SENT:
            message.completed_at = report.completed_at or timezone.now()
    if message.is_confidential:
        message.body = ""
    message.save()
    return True


def _message_of(report: notify.Report) -> Message | None:
    locked = Message.objects.select_for_update(of=("self",))
    if message := locked.filter(notify_id=report.id).first():
        return message
    try:
        reference = UUID(report.reference)
    except ValueError:
        return None
    # A message that Notify knows by another id is left alone.
    return locked.filter(pk=reference, notify_id=None).first()


def _ours(word: str) -> tuple[str, str]:
    if word in DELIVERED_WORDS:
        return Status.DELIVERED, DELIVERED_WORDS[word]
    if word in FAILED_WORDS:
        return Status.FAILED, FAILED_WORDS[word]
    return Status.SENT, ""


def _came_back(message: Message, status: str) -> bool:
    """A letter counts as delivered when it is posted; weeks later the post may bring it back."""
    letter = message.channel == Message.Channel.LETTER
    return letter and message.status == Status.DELIVERED and status == Status.FAILED


# --- Due work -------------------------------------------------------------------------------------------------------


def erase_confidential(*, older_than: timedelta) -> int:
    """Erase the words of confidential messages that never left: their links have expired. Returns how many."""
    return (
        Message.objects.filter(is_confidential=True, queued_at__lt=timezone.now() - older_than)
        .exclude(body="")
        .exclude(status=Status.SENDING)
        .update(body="", status=Status.FAILED, status_detail="Never sent; the link in it has expired.")
    )


def ask_for_outcomes() -> int:
    """Ask Notify how the messages stand that it has taken and not finished. Returns how many answers came."""
    now = timezone.now()
    open_ones = (
        Message.objects.filter(status=Status.SENT, sent_at__gt=now - ASK_FOR, notify_id__isnull=False)
        .filter(Q(asked_at=None, sent_at__lt=now - ASK_AGAIN_AFTER / 3) | Q(asked_at__lt=now - ASK_AGAIN_AFTER))
        .select_related("authority")
        .order_by(F("asked_at").asc(nulls_first=True))[:ASK_AT_ONCE]
    )
    answered, silent = 0, set()
    for message in open_ones:
        if message.notify_id is None or message.authority_id in silent:
            continue
        Message.objects.filter(pk=message.pk).update(asked_at=now)
        try:
            answered += take_report(notify.ask(message.authority, notify_id=message.notify_id))
        except notify.TryLater as problem:
            logger.warning("Message %s: %s", message.pk, problem)
            silent.add(message.authority_id)  # the others of this council would fare no better
        except notify.NotAccepted as problem:
            logger.warning("Message %s: %s", message.pk, problem)
    return answered
