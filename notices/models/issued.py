"""The decision as it was issued: kept whole in the row, never changed."""

from datetime import date

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.plain_text import PlainCharField, PlainTextField
from cases.models import PlanningApplication
from cases.statuses import Decision

from .decision_notice import DecisionNotice


class IssuedNotice(models.Model):
    """An issued decision notice: HTML, PDF and JSON, each with its sha256. Immutable by trigger.

    A correction is a new version with a reason; the old one stays. `issued_on` is the day of this version; the day of
    the decision is that of the first, and the application's `decided_on`.
    """

    application = models.ForeignKey(PlanningApplication, on_delete=models.PROTECT, related_name="issued_notices")
    notice = models.ForeignKey(DecisionNotice, on_delete=models.PROTECT, related_name="issued")
    version = models.PositiveSmallIntegerField(default=1)
    decision = models.CharField(max_length=30, choices=Decision)
    issued_on = models.DateField()
    issued_at = models.DateTimeField(default=timezone.now)
    signed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    signed_name = PlainCharField(max_length=200)
    html = models.TextField()
    pdf = models.BinaryField()
    snapshot = models.JSONField()
    html_sha256 = models.CharField(max_length=64)
    pdf_sha256 = models.CharField(max_length=64)
    snapshot_sha256 = models.CharField(max_length=64)
    report_html = models.TextField(blank=True, help_text="The officer's report as it stood.")
    report_pdf = models.BinaryField(null=True, blank=True)
    correction_reason = PlainTextField(blank=True)

    class Meta:
        default_permissions = ("view",)
        ordering = ["-version"]
        constraints = [
            models.UniqueConstraint(fields=["application", "version"], name="issued_version_once"),
            models.UniqueConstraint(fields=["notice"], name="notice_issued_once"),
            models.CheckConstraint(
                name="correction_has_reason", condition=models.Q(version=1) | ~models.Q(correction_reason="")
            ),
        ]
        indexes = [models.Index(fields=["pdf_sha256"], name="issued_by_pdf_hash")]

    def __str__(self) -> str:
        return f"{self.application_id} version {self.version}"

    @property
    def corrected_on(self) -> date | None:
        """The day of the correction; None for the first version."""
        return self.issued_on if self.version > 1 else None
