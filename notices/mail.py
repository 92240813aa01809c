"""Django's own e-mails (password resets, Wagtail's notifications) become outbox rows."""

from django.core.mail.backends.base import BaseEmailBackend

from .models import Message


class OutboxBackend(BaseEmailBackend):
    """Writes a `Message` for each recipient; the outbox delivers it."""

    def send_messages(self, email_messages):
        count = 0
        for mail in email_messages:
            for recipient in mail.recipients():
                Message.objects.create(
                    about="system",
                    channel=Message.Channel.EMAIL,
                    to_email=recipient,
                    subject=mail.subject,
                    body=mail.body,
                )
                count += 1
        return count
