"""Django's own e-mails (password resets, Wagtail's notifications) become outbox rows."""

import logging
from datetime import timedelta

from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from notices.letters.templates import tidy_subject
from notices.models import Message

from .messages import post

logger = logging.getLogger(__name__)
# Anybody may ask for a new password for any address: nobody's mailbox, and no limit of Notify's, is filled that way.
MOST_IN_AN_HOUR = 10
PASSWORD, RESET_PATH = "password", "/password_reset/confirm/"


def _had_enough(address: str) -> bool:
    since = timezone.now() - timedelta(hours=1)
    links = Message.objects.filter(about=PASSWORD, to_email__iexact=address, queued_at__gte=since)
    return links.count() >= MOST_IN_AN_HOUR


class OutboxBackend(BaseEmailBackend):
    """Writes a `Message` for each recipient, with the recipient's council; the outbox delivers it like any other.

    These are letters to one colleague, often with a link that signs in: nobody else may read them in the admin.
    """

    def send_messages(self, email_messages) -> int:
        rows = [(mail, address) for mail in email_messages or [] for address in mail.recipients()]
        with transaction.atomic():
            users = {
                user.email.lower(): user
                for user in User.objects.filter(email__in=[address.lower() for _, address in rows]).select_related(
                    "authority"
                )
            }
            for mail, address in rows:
                about = PASSWORD if RESET_PATH in mail.body else "system"
                if about == PASSWORD and _had_enough(address):
                    logger.warning("More than %d links to set a password to one address in an hour", MOST_IN_AN_HOUR)
                    continue
                user = users.get(address.lower())
                message = Message.objects.create(
                    authority=user.authority if user else None,
                    about=about,
                    channel=Message.Channel.EMAIL,
                    to_name=str(user) if user else "",
                    to_email=address,
                    subject=tidy_subject(mail.subject),
                    body=mail.body,
                    is_confidential=True,
                )
                post(message)
        return len(rows)
