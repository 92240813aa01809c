"""What happened, in order, for ever: the audit and the timeline in one (design §5)."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.plain_text import PlainTextField

from .application import PlanningApplication


class CaseEvent(models.Model):
    """One thing that happened to an application. Append-only by trigger; each holds the hash of the one before.

    Written by cases/timeline.py alone.
    """

    application = models.ForeignKey(PlanningApplication, on_delete=models.PROTECT, related_name="events")
    sequence = models.PositiveIntegerField(help_text="1, 2, 3 … within the application")
    kind = models.CharField(max_length=40)
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    by_name = models.CharField(max_length=200, help_text="As it was then; the system has a name too.")
    from_status = models.CharField(max_length=30, blank=True)
    to_status = models.CharField(max_length=30, blank=True)
    data = models.JSONField(default=dict)
    is_imported = models.BooleanField(default=False)
    previous_hash = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)

    class Meta:
        default_permissions = ("view",)
        ordering = ["application", "sequence"]
        constraints = [models.UniqueConstraint(fields=["application", "sequence"], name="event_sequence_once")]
        indexes = [models.Index(fields=["-at"], name="event_newest_first")]

    def __str__(self) -> str:
        return f"{self.application_id}/{self.sequence} {self.kind}"


class CaseNote(models.Model):
    """An officer's note to colleagues. Never public."""

    application = models.ForeignKey(PlanningApplication, on_delete=models.PROTECT, related_name="notes")
    text = PlainTextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return self.text[:60]
