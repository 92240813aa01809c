"""The outbox: every e-mail and letter, and the templates they are written from."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.plain_text import PlainCharField, PlainTextField
from cases.models import PlanningApplication

from .previewing import PreviewedFromAbove


class LetterTemplate(PreviewedFromAbove, models.Model):
    """The words of an e-mail or letter, with merge fields; of one authority, or shared."""

    authority = models.ForeignKey(
        "accounts.LocalAuthority",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Empty: shared by every council of the installation.",
    )
    slug = models.SlugField(max_length=60, help_text="When it is used: acknowledgement, invalid, valid, decision …")
    name = PlainCharField(max_length=160)
    subject = PlainCharField(max_length=200)
    body = PlainTextField()
    is_customised = models.BooleanField(default=False, editable=False)

    preview_template = "notices/admin/letter_preview.html"

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["authority", "slug"], name="letter_template_slug_once", nulls_distinct=False
            )
        ]

    def __str__(self) -> str:
        return self.name


class Message(models.Model):
    """One e-mail or letter to one person. Its UUID is GOV.UK Notify's `reference`, so a retry is recognised."""

    class Channel(models.TextChoices):
        EMAIL = "email", "E-mail"
        LETTER = "letter", "Letter"

    class Status(models.TextChoices):
        QUEUED = "queued", "Waiting to be sent"
        SENDING = "sending", "Being sent"
        SENT = "sent", "With GOV.UK Notify"
        DELIVERED = "delivered", "Delivered"
        FAILED = "failed", "Failed"
        HELD = "held", "Held: not sent"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    authority = models.ForeignKey(
        "accounts.LocalAuthority", null=True, on_delete=models.PROTECT, related_name="messages"
    )
    application = models.ForeignKey(
        PlanningApplication, null=True, blank=True, on_delete=models.PROTECT, related_name="messages"
    )
    requests = models.ManyToManyField(
        "cases.ValidationRequest", blank=True, related_name="messages", help_text="The requests that it tells of."
    )
    template = models.ForeignKey(LetterTemplate, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    about = models.SlugField(max_length=60, help_text="The template's slug, or what kind of message it is.")
    channel = models.CharField(max_length=10, choices=Channel)
    to_name = PlainCharField(max_length=200, blank=True)
    to_email = models.EmailField(blank=True)
    to_address = PlainTextField(blank=True)
    subject = PlainCharField(max_length=250)
    body = PlainTextField()
    is_confidential = models.BooleanField(
        default=False,
        help_text="For the eyes of the recipient alone, such as a link to set a password: "
        "never shown, erased once sent.",
    )
    unsubscribe_url = models.URLField(
        max_length=300, blank=True, help_text="For mail that people asked to be sent: ends it at one click (RFC 8058)."
    )
    status = models.CharField(max_length=10, choices=Status, default=Status.QUEUED)
    status_detail = PlainCharField(max_length=300, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True, blank=True)
    notify_id = models.UUIDField(null=True, blank=True, unique=True)
    notify_template_version = models.PositiveIntegerField(null=True, blank=True)
    queued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    queued_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True, blank=True)
    asked_at = models.DateTimeField(null=True, blank=True, help_text="When Notify was last asked how it stands.")
    completed_at = models.DateTimeField(null=True, blank=True)
    sent_again_as = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="sent_before"
    )

    class Meta:
        default_permissions = ("view",)
        permissions = [("resend_message", "Can send a message again")]
        ordering = ["-queued_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="message_has_an_address",
                condition=Q(channel="email") & ~Q(to_email="") | Q(channel="letter") & ~Q(to_address=""),
            )
        ]
        indexes = [
            models.Index(fields=["status", "next_attempt_at"], name="message_due"),
            models.Index(fields=["application", "-queued_at"], name="message_of_application"),
        ]

    def __str__(self) -> str:
        return self.subject
