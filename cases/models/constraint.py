"""Planning constraints that touch the site."""

from django.db import models
from django.db.models import Q

from accounts.plain_text import PlainJSONField, PlainTextField

from .application import PlanningApplication
from .application_type import ConstraintType


class Constraint(models.Model):
    class Source(models.TextChoices):
        SUBMISSION = "submission", "From the submission"
        OFFICER = "officer", "Added by an officer"

    application = models.ForeignKey(PlanningApplication, on_delete=models.PROTECT, related_name="constraints")
    constraint_type = models.ForeignKey(ConstraintType, on_delete=models.PROTECT, related_name="+")
    entities = PlainJSONField(default=list, blank=True, help_text="[{name, description, url}]")
    source = models.CharField(max_length=10, choices=Source)
    removed_because = PlainTextField(blank=True, help_text="Why it does not apply after all.")

    class Meta:
        ordering = ["constraint_type__category", "constraint_type__name"]
        constraints = [models.UniqueConstraint(fields=["application", "constraint_type"], name="constraint_once")]

    def __str__(self) -> str:
        return str(self.constraint_type)

    @property
    def applies(self) -> bool:
        return not self.removed_because


APPLYING = Q(removed_because="")
