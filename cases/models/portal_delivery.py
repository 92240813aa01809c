"""What the Planning Portal told us to fetch."""

from uuid import uuid4

from django.db import models
from django.utils import timezone

from accounts.plain_text import PlainCharField, PlainTextField

from .application import Submission
from .document import case_storage


def stored_package(delivery: "PortalDelivery", filename: str) -> str:
    return f"planning-portal/{delivery.pk or uuid4().hex}.zip"  # one that is uploaded has no number yet


class PortalDelivery(models.Model):
    """One notice of the Planning Portal that an application waits in a ZIP, and what became of fetching it.

    The notice is not the application: the ZIP is. Both are kept as they came; the case is made from the ZIP's contents
    by cases/intake/planning_portal.py.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "To be fetched"
        TAKEN_IN = "taken_in", "Became a case"
        FAILED = "failed", "Could not be taken in"

    authority = models.ForeignKey("accounts.LocalAuthority", on_delete=models.PROTECT, related_name="portal_deliveries")
    application_ref = PlainCharField("Planning Portal reference", max_length=40)
    version = models.PositiveIntegerField(default=1)
    notice = models.BinaryField(help_text="The request's body, byte for byte; empty for a ZIP that was uploaded.")
    package_url = models.URLField(max_length=2000, blank=True)
    package_expires_at = models.DateTimeField(null=True, blank=True)
    package = models.FileField(storage=case_storage, upload_to=stored_package, max_length=200, blank=True)
    package_sha256 = models.CharField(max_length=64, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    failed_because = PlainTextField(blank=True)
    notes = models.JSONField(default=list, blank=True, help_text="What officers should know, such as a left-out entry")
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(null=True, blank=True, help_text="When it is to be tried next.")
    submission = models.ForeignKey(Submission, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    received_through = PlainCharField(max_length=80)
    received_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name_plural = "portal deliveries"
        default_permissions = ("view",)
        ordering = ["-received_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["authority", "application_ref", "version"], name="portal_delivery_once_per_version"
            )
        ]
        indexes = [models.Index(fields=["state", "due_at"], name="portal_delivery_due")]

    def __str__(self) -> str:
        return f"{self.application_ref} version {self.version}"
