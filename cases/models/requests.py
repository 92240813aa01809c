"""What is missing or wrong, as the applicant is told it."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from .application import PlanningApplication
from .application_type import InvalidReason


class ValidationRequest(models.Model):
    """One fault that keeps an application from being valid, and when the remedy arrived."""

    class Kind(models.TextChoices):
        DOCUMENT = "document", "Document"
        DESCRIPTION = "description", "Description"
        RED_LINE = "red_line", "Red line"
        FEE = "fee", "Fee"
        OWNERSHIP = "ownership", "Ownership certificate"
        OTHER = "other", "Other"

    application = models.ForeignKey(PlanningApplication, on_delete=models.PROTECT, related_name="validation_requests")
    kind = models.CharField(max_length=15, choices=Kind)
    reason = models.ForeignKey(InvalidReason, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    title = models.CharField(max_length=200)
    text = models.TextField(help_text="What is wrong.")
    what_to_send = models.TextField(help_text="What would put it right.")
    raised_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    raised_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True, blank=True)
    arrived_on = models.DateField(
        null=True, blank=True, help_text="The day the remedy arrived, whenever it was checked."
    )
    resolution = models.TextField(blank=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    resolved_at = models.DateTimeField(null=True, blank=True)
    cancelled_because = models.TextField(blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                name="resolved_request_has_arrival",
                condition=Q(resolved_at=None) | Q(arrived_on__isnull=False) | ~Q(cancelled_because=""),
            )
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_open(self) -> bool:
        return self.resolved_at is None


OPEN_REQUESTS = Q(resolved_at=None)
