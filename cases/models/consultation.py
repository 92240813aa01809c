"""Publicity and what people answer."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.plain_text import PlainCharField, PlainTextField
from cases.statuses import Sentiment

from .application import PlanningApplication


class Publicity(models.Model):
    """One way in which the application was made known, and until when it runs (DMPO 2015 art. 15)."""

    class Kind(models.TextChoices):
        SITE_NOTICE = "site_notice", "Site notice"
        NEIGHBOUR_LETTERS = "neighbour_letters", "Neighbour letters"
        PRESS = "press", "Newspaper"
        WEBSITE = "website", "Website"
        CONSULTEES = "consultees", "Consultees"

    application = models.ForeignKey(PlanningApplication, on_delete=models.PROTECT, related_name="publicity")
    kind = models.CharField(max_length=20, choices=Kind)
    begins_on = models.DateField(help_text="Day one: display, service or publication.")
    days = models.PositiveSmallIntegerField()
    ends_on = models.DateField(help_text="Computed: bank holidays are skipped where the law says so.")
    details = PlainTextField(blank=True, help_text="Where, to whom, which newspaper.")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["begins_on", "pk"]
        verbose_name_plural = "publicity"
        constraints = [
            models.CheckConstraint(name="publicity_ends_after_it_begins", condition=Q(ends_on__gte=F("begins_on")))
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} until {self.ends_on}"


class Comment(models.Model):
    """What a neighbour, a consultee or anybody else said. Public only in its redacted text, when published."""

    class Kind(models.TextChoices):
        PUBLIC = "public", "Member of the public"
        CONSULTEE = "consultee", "Consultee"

    class Source(models.TextChoices):
        OFFICER = "officer", "Entered by an officer"
        WEBSITE = "website", "Written on the website"
        API = "api", "Sent by another system"

    application = models.ForeignKey(PlanningApplication, on_delete=models.PROTECT, related_name="comments")
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.PUBLIC)
    name = PlainCharField(max_length=200)
    organisation = PlainCharField(max_length=200, blank=True)
    address = PlainCharField(max_length=400, blank=True)
    email = models.EmailField(blank=True)
    phone = PlainCharField(max_length=40, blank=True)
    sentiment = models.CharField(max_length=12, choices=Sentiment)
    topics = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    text = PlainTextField(validators=[MaxLengthValidator(50_000)])
    redacted_text = PlainTextField(blank=True)
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    received_on = models.DateField()
    source = models.CharField(max_length=10, choices=Source, default=Source.OFFICER)
    # One submission, one comment: pressed twice, or sent again by a system that heard no answer.
    submission_key = models.CharField(max_length=64, blank=True, editable=False)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-received_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="published_comment_was_redacted", condition=Q(published_at=None) | ~Q(redacted_text="")
            ),
            models.CheckConstraint(
                name="changes_are_wanted_by_consultees", condition=~Q(sentiment="amendments") | Q(kind="consultee")
            ),
            models.UniqueConstraint(
                fields=["application", "submission_key"],
                condition=~Q(submission_key=""),
                name="comment_sent_once",
            ),
        ]
        indexes = [models.Index(fields=["application", "-received_on"], name="comment_newest_first")]

    def __str__(self) -> str:
        return f"{self.name}: {self.get_sentiment_display()}"

    @property
    def reference(self) -> str:
        """What the acknowledgement names: C-000123."""
        return f"C-{self.pk:06d}"
