"""Judgements that no other fact holds."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.plain_text import PlainTextField

from .application import PlanningApplication


class Check(models.Model):
    """Somebody looked at a task and said how it stands. Append-only: the last one counts."""

    class Outcome(models.TextChoices):
        LOOKED_AT = "looked_at", "In progress"
        DONE = "done", "Done"
        FAULT = "fault", "Something is wrong"

    application = models.ForeignKey(PlanningApplication, on_delete=models.PROTECT, related_name="checks")
    task = models.SlugField(max_length=40)
    outcome = models.CharField(max_length=10, choices=Outcome)
    note = PlainTextField(blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        default_permissions = ("view",)
        ordering = ["-pk"]
        indexes = [models.Index(fields=["application", "task", "-id"], name="check_last_one")]

    def __str__(self) -> str:
        return f"{self.task}: {self.get_outcome_display()}"
