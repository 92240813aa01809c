"""An appeal against a decision, or for want of one."""

from django.db import models

from accounts.plain_text import PlainCharField

from .application import PlanningApplication


class Appeal(models.Model):
    class Ground(models.TextChoices):
        REFUSAL = "refusal", "Against refusal"
        CONDITIONS = "conditions", "Against conditions"
        NON_DETERMINATION = "non_determination", "No decision in time"

    class Outcome(models.TextChoices):
        ALLOWED = "allowed", "Allowed"
        DISMISSED = "dismissed", "Dismissed"
        SPLIT = "split", "Split decision"
        WITHDRAWN = "withdrawn", "Withdrawn"

    application = models.ForeignKey(PlanningApplication, on_delete=models.PROTECT, related_name="appeals")
    ground = models.CharField(max_length=20, choices=Ground)
    lodged_on = models.DateField()
    reference = PlainCharField("Planning Inspectorate reference", max_length=60, blank=True)
    outcome = models.CharField(max_length=12, choices=Outcome, blank=True)
    decided_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["-lodged_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="appeal_outcome_has_day",
                condition=models.Q(outcome="", decided_on=None)
                | (~models.Q(outcome="") & models.Q(decided_on__gte=models.F("lodged_on"))),
            )
        ]

    def __str__(self) -> str:
        return self.reference or f"Appeal of {self.lodged_on}"
