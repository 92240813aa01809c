"""More time, agreed in writing (DMPO 2015 art. 34(2)(c))."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.plain_text import PlainCharField, PlainTextField

from .application import PlanningApplication
from .document import Document


class ExtensionOfTime(models.Model):
    """A later day on which both sides agreed. Never an edit of the due date."""

    application = models.ForeignKey(PlanningApplication, on_delete=models.PROTECT, related_name="extensions")
    agreed_until = models.DateField()
    agreed_with = PlainCharField(max_length=200, help_text="Who agreed for the applicant.")
    agreed_in_writing_on = models.DateField()
    evidence = PlainTextField(help_text="Where the written agreement is, for example: e-mail of 3 May.")
    document = models.ForeignKey(Document, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    request = models.OneToOneField(
        "cases.ValidationRequest",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="extension",
        help_text="The request that the applicant accepted on a signed page: the acceptance is the evidence.",
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", help_text="Who recorded or asked for it."
    )
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["agreed_until", "pk"]
        verbose_name_plural = "extensions of time"
        constraints = [
            models.CheckConstraint(
                name="extension_after_agreement",
                condition=models.Q(agreed_until__gte=models.F("agreed_in_writing_on")),
            )
        ]

    def __str__(self) -> str:
        return f"Until {self.agreed_until}"
