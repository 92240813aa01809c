"""Conditions, informatives and reasons for refusal: the libraries, and the rows of one application.

The libraries stand here and not in `notices`, because officers pick from them while they assess
(docs/decisions/libraries-in-cases.md).
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from accounts.plain_text import PlainCharField, PlainTextField

from .application import PlanningApplication
from .application_type import Policy, ReferenceRow


class ConditionType(models.TextChoices):
    TIME_LIMIT = "time_limit", "Time limit"
    APPROVED_PLANS = "approved_plans", "Approved plans"
    PRE_COMMENCEMENT = "pre_commencement", "Before work starts"
    PRIOR_TO_OCCUPATION = "prior_to_occupation", "Before occupation"
    COMPLIANCE = "compliance", "To be kept to"


class LibraryRow(ReferenceRow):
    authority = models.ForeignKey(
        "accounts.LocalAuthority",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Empty: shared by every council of the installation.",
    )
    slug = models.SlugField(max_length=80)
    title = PlainCharField(max_length=160)
    text = PlainTextField()
    categories = ArrayField(
        models.CharField(max_length=20),
        default=list,
        blank=True,
        help_text="Categories of application types that it suits; empty: all.",
    )

    class Meta:
        abstract = True
        ordering = ["title", "pk"]

    def __str__(self) -> str:
        return self.title


class StandardCondition(LibraryRow):
    reason = PlainTextField()
    type = models.CharField(max_length=20, choices=ConditionType, default=ConditionType.COMPLIANCE)

    class Meta(LibraryRow.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["authority", "slug"], name="standard_condition_slug_once", nulls_distinct=False
            )
        ]


class StandardInformative(LibraryRow):
    class Meta(LibraryRow.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["authority", "slug"], name="standard_informative_slug_once", nulls_distinct=False
            )
        ]


class StandardReason(LibraryRow):
    policy_slugs = ArrayField(
        models.SlugField(max_length=80),
        default=list,
        blank=True,
        help_text="National policies that bear on it; the officer adds those of the development plan.",
    )

    class Meta(LibraryRow.Meta):
        verbose_name = "standard reason for refusal"
        verbose_name_plural = "standard reasons for refusal"
        constraints = [
            models.UniqueConstraint(
                fields=["authority", "slug"], name="standard_reason_slug_once", nulls_distinct=False
            )
        ]


class OrderedRow(models.Model):
    """A row of an application that the officer can put in order."""

    sort_order = models.PositiveSmallIntegerField(default=0)
    title = PlainCharField(max_length=160)
    text = PlainTextField()

    class Meta:
        abstract = True
        ordering = ["sort_order", "pk"]

    def __str__(self) -> str:
        return self.title


class Condition(OrderedRow):
    application = models.ForeignKey(PlanningApplication, on_delete=models.PROTECT, related_name="conditions")
    standard = models.ForeignKey(StandardCondition, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    reason = PlainTextField(blank=True)
    type = models.CharField(max_length=20, choices=ConditionType, default=ConditionType.COMPLIANCE)
    pre_commencement_reason = PlainTextField(blank=True)
    agreed_on = models.DateField(
        null=True, blank=True, help_text="The day the applicant agreed to a pre-commencement condition in writing."
    )
    policies = models.ManyToManyField(Policy, blank=True, related_name="+")

    class Meta(OrderedRow.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["application", "standard"], condition=Q(standard__isnull=False), name="standard_condition_once"
            )
        ]


class Informative(OrderedRow):
    application = models.ForeignKey(PlanningApplication, on_delete=models.PROTECT, related_name="informatives")
    standard = models.ForeignKey(
        StandardInformative, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta(OrderedRow.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["application", "standard"],
                condition=Q(standard__isnull=False),
                name="standard_informative_once",
            )
        ]


class RefusalReason(OrderedRow):
    application = models.ForeignKey(PlanningApplication, on_delete=models.PROTECT, related_name="refusal_reasons")
    standard = models.ForeignKey(StandardReason, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    policies = models.ManyToManyField(Policy, blank=True, related_name="+")

    class Meta(OrderedRow.Meta):
        pass
