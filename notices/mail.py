"""Django's own e-mails (password resets, Wagtail's notifications) become outbox rows."""

from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction

from accounts.models import User

from .messages import post
from .models import Message


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
                user = users.get(address.lower())
                message = Message.objects.create(
                    authority=user.authority if user else None,
                    about="system",
                    channel=Message.Channel.EMAIL,
                    to_name=str(user) if user else "",
                    to_email=address,
                    subject=" ".join(mail.subject.split())[:250],
                    body=mail.body,
                    is_confidential=True,
                )
                post(message)
        return len(rows)
