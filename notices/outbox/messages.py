"""The outbox: writing a message in the transaction that causes it, and sending one again by hand.

A row of `Message` is written here; notices/outbox/delivery.py brings it to GOV.UK Notify after the commit.
"""

from collections.abc import Sequence
from datetime import timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import LocalAuthority, User
from cases.application.recipients import can_be_written_to
from cases.jobs.background import enqueue
from cases.models import Party, PlanningApplication, ValidationRequest
from cases.permissions import same_authority
from cases.requests.links import TOKEN, link_for
from cases.timeline import record
from notices.letters import person_fields
from notices.letters import templates as letters
from notices.letters.fields import Letter
from notices.models import Message
from notices.printing.glyphs import in_print

from . import delivery

# Nobody retries a message that is on its way or has arrived.
CAN_BE_SENT_AGAIN = frozenset({Message.Status.FAILED, Message.Status.HELD})
FORGOTTEN_AT_ONCE = 5000


def messages_for(user: User) -> QuerySet[Message]:
    """Every message this user may see: those of the user's own council. The installation's administrator sees all."""
    if not user.is_active or not user.has_perm("notices.view_message"):
        return Message.objects.none()
    if user.authority_id is None:
        return Message.objects.all() if user.is_superuser else Message.objects.none()
    return Message.objects.filter(authority=user.authority_id)


def can_view(user: User, message: Message) -> bool:
    """The rule of `messages_for`, for a row that is at hand."""
    if not user.is_active or not user.has_perm("notices.view_message"):
        return False
    if user.authority_id is None:
        return user.is_superuser
    return message.authority_id == user.authority_id


def can_send_again(user: User, message: Message) -> bool:
    """Somebody of the same council, for a message that failed or was held and was not sent again already."""
    return (
        message.status in CAN_BE_SENT_AGAIN
        and message.sent_again_as_id is None
        and not (message.is_confidential and not message.body)
        and user.is_active
        and user.authority_id is not None
        and user.authority_id == message.authority_id
        and user.has_perm("notices.resend_message")
    )


# --- Writing --------------------------------------------------------------------------------------------------------


def queue(
    *,
    application: PlanningApplication,
    template_slug: str,
    to: Party,
    by: User | None,
    or_else: str = "",
    requests: Sequence[ValidationRequest] = (),
    with_link: bool = False,
) -> Message:
    """Write one message in the present transaction, as an e-mail, or as a letter where there is no e-mail address.

    It is delivered after the commit, or held where no key is set. `or_else` is the template to take when there is
    none with the first slug. `requests` are what it tells of; `with_link` gives the recipient their own way in to
    answer, open for 90 days from now. Raises LookupError for an unknown template, ValueError when the person has
    no address.
    """
    if to.application_id != application.pk:
        raise ValueError("The recipient is not party to this application.")
    if not can_be_written_to(to):
        raise ValueError("The recipient has neither an e-mail address nor a postal one.")
    template = letters.template_for(application.authority, *filter(None, (template_slug, or_else)))
    link = link_for(to) if with_link else None
    subject, body = letters.write(template, Letter(application, to, requests, link))
    if not to.email:
        subject, body = in_print(subject), in_print(body)
    message = Message.objects.create(
        authority=application.authority,
        application=application,
        template=template if template.pk else None,
        about=template_slug,
        channel=Message.Channel.EMAIL if to.email else Message.Channel.LETTER,
        to_name=to.name,
        to_email=to.email,
        to_address="" if to.email else to.address,
        subject=subject,
        body=body,
        queued_by=by,
    )
    message.requests.add(*requests)
    record(
        application,
        "message_queued",
        by=by,
        message=str(message.pk),
        about=template_slug,
        channel=message.channel,
        to=to.get_role_display(),
    )
    post(message)
    return message


def queue_to_person(
    *,
    authority: LocalAuthority,
    template_slug: str,
    to_email: str,
    to_name: str = "",
    fields: dict[str, str],
    application: PlanningApplication | None = None,
    unsubscribe_url: str = "",
) -> Message:
    """Write one e-mail to somebody who is no party, in the present transaction. Delivered like any other.

    `fields` are the template's own (person_fields.py); the council's name and contact are filled in here. With an
    `application` the message stands on its case, with an event that names nobody. Raises ValueError for a template
    or a field that is not of the list, or an application of another council, ValidationError for a bad address.
    """
    known = person_fields.FIELDS.get(template_slug)
    if known is None or fields.keys() - known.keys():
        raise ValueError(
            f"{template_slug}: no template to people who are no party, or not its fields: {sorted(fields)}"
        )
    if application and application.authority_id != authority.pk:
        raise ValueError("The application is another council's.")
    validate_email(to_email)
    template = letters.template_for(authority, template_slug)
    values = {**fields, **person_fields.council_values(authority)}
    subject, body = letters.write_to_person(template, template_slug, values)
    message = Message.objects.create(
        authority=authority,
        application=application,
        template=template if template.pk else None,
        about=template_slug,
        channel=Message.Channel.EMAIL,
        to_name=to_name[:200],
        to_email=to_email,
        subject=subject,
        body=body,
        unsubscribe_url=unsubscribe_url,
    )
    if application:
        record(
            application,
            "message_queued",
            by=None,
            message=str(message.pk),
            about=template_slug,
            channel=message.channel,
            to="Somebody who is no party",
        )
    post(message)
    return message


def post(message: Message) -> None:
    """Have a message delivered once this transaction is committed; hold it where nothing could leave.

    Held at once, it costs no task, and it is not sent months later when somebody sets a key.
    """
    if words := delivery.why_held(message):
        message.status, message.status_detail = Message.Status.HELD, words
        message.save(update_fields=["status", "status_detail"])
        return
    enqueue(delivery.deliver_soon, str(message.pk))


def words_shown(message: Message) -> str:
    """The words for colleagues: the applicant's own link is hidden once the message has left."""
    if message.status in {Message.Status.SENT, Message.Status.DELIVERED}:
        return TOKEN.sub("(the recipient's own link)", message.body)
    return message.body


# --- Never mind -----------------------------------------------------------------------------------------------------


def take_back(*, authority: LocalAuthority, slugs: list[str], to_email: str, because: str) -> int:
    """Have nothing of these templates sent any more that still waits to be sent to the address. Returns how many."""
    waiting = Message.objects.filter(
        authority=authority, about__in=slugs, to_email__iexact=to_email, status=Message.Status.QUEUED
    )
    return waiting.update(
        status=Message.Status.FAILED, status_detail=because, next_attempt_at=None, completed_at=timezone.now()
    )


@transaction.atomic
def forget_old(*, slugs: list[str], older_than: timedelta) -> int:
    """Delete messages of these templates that stand on no case and are done with. Returns how many."""
    old = Message.objects.filter(about__in=slugs, application=None, queued_at__lt=timezone.now() - older_than).exclude(
        status__in=[Message.Status.QUEUED, Message.Status.SENDING]
    )
    keys = list(old.values_list("pk", flat=True)[:FORGOTTEN_AT_ONCE])
    Message.objects.filter(pk__in=keys).update(sent_again_as=None)
    return Message.objects.filter(pk__in=keys, sent_before=None).delete()[0]


# --- Sending again --------------------------------------------------------------------------------------------------


@transaction.atomic
def send_again(message: Message, *, by: User, to_email: str = "", to_address: str = "") -> Message:
    """Send a failed or held message again, to the same address or to a corrected one. Returns what will be sent.

    The same row when Notify never took it and the address is the same: its reference still protects against sending
    twice. Else a new row, and the old one names it. Raises PermissionDenied, ValidationError for a bad address.
    """
    message = (
        Message.objects.select_for_update(of=("self",)).select_related("authority", "application").get(pk=message.pk)
    )
    if not can_send_again(by, message):
        raise PermissionDenied("This message cannot be sent again by you now.")
    address = _address(message, to_email.strip(), to_address.strip())
    changed = any(getattr(message, field) != value for field, value in address.items())
    again = _copy(message, by=by, **address) if changed or message.notify_id else _requeue(message)
    if message.application and same_authority(by, message.application):
        record(
            message.application,
            "message_queued",
            by=by,
            message=str(again.pk),
            about=again.about,
            channel=again.channel,
            again=True,
        )
    post(again)
    return again


def _address(message: Message, to_email: str, to_address: str) -> dict[str, str]:
    if message.channel == Message.Channel.EMAIL:
        email = to_email or message.to_email
        validate_email(email)
        if message.is_confidential and email.lower() != message.to_email.lower():
            # It may hold a link with which a password is chosen: who has that signs in, and signs, as the colleague.
            raise ValidationError("This e-mail is for one colleague alone. It goes to no other address.")
        if message.unsubscribe_url and email.lower() != message.to_email.lower():
            # Its links stop the e-mails of the person who asked for them: they are nobody else's.
            raise ValidationError("The person asked for this e-mail at this address. It goes to no other.")
        if TOKEN.search(message.body) and email.lower() != message.to_email.lower():
            # Its link opens what was asked of the person at this address, and nothing once that has changed.
            raise ValidationError(
                "The link in this e-mail is for this address alone. Correct the address of the person on the case, and "
                "send a reminder: it brings a new link."
            )
        return {"to_email": email}
    address = to_address or message.to_address
    if not address.strip():
        raise ValidationError("A letter needs a postal address.")
    return {"to_address": address}


def _requeue(message: Message) -> Message:
    message.status, message.status_detail, message.next_attempt_at = Message.Status.QUEUED, "", None
    message.completed_at = None
    # As often as the first time; but one that was begun stays begun: Notify is asked first whether it has it already.
    message.attempts = min(message.attempts, 1)
    message.save(update_fields=["status", "status_detail", "next_attempt_at", "completed_at", "attempts"])
    return message


def _copy(message: Message, *, by: User, **address: str) -> Message:
    same = (
        "authority",
        "application",
        "template",
        "about",
        "channel",
        "to_name",
        "to_email",
        "to_address",
        "subject",
        "body",
        "is_confidential",
        "unsubscribe_url",
    )
    copy = Message.objects.create(**{**{field: getattr(message, field) for field in same}, **address}, queued_by=by)
    copy.requests.set(message.requests.all())
    message.sent_again_as = copy
    message.save(update_fields=["sent_again_as"])
    return copy
