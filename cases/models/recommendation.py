"""What the officer recommends."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.plain_text import PlainTextField
from cases.statuses import Decision, Route

from .application import PlanningApplication


class Recommendation(models.Model):
    """A recommendation to the person who signs. Append-only: the newest counts. Never public before the decision."""

    application = models.ForeignKey(PlanningApplication, on_delete=models.PROTECT, related_name="recommendations")
    decision = models.CharField(max_length=30, choices=Decision)
    summary = PlainTextField(help_text="Why, in a few sentences; opens the officer's report.")
    route = models.CharField(max_length=10, choices=Route, default=Route.OFFICER)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        default_permissions = ("view",)
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.get_decision_display()
