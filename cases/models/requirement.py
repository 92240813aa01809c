"""What must come with an application: the national requirements, and each council's own list."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from accounts.plain_text import PlainCharField

from .application_type import InvalidReason, ReferenceRow


class Requirement(ReferenceRow):
    """One item of the checklist: for which applications, what must be there, and the words that ask for it.

    Without a council it is of the national list (DMPO 2015 arts 7 to 14; GPDO 2015); with one, of that council's local
    list, which binds only while it has been reviewed within two years (LocalAuthority.local_list_reviewed_on).
    """

    class Rule(models.TextChoices):
        DOCUMENT = "document", "A document of one of these types"
        RED_LINE = "red_line", "A red line on the map"
        DESCRIPTION = "description", "A description of the proposal"
        FEE = "fee", "The fee, or why none is due"
        OWNERSHIP = "ownership", "An ownership certificate"
        APPLICANT = "applicant", "The applicant's name and address"
        LOOK = "look", "Something that only a person can see"

    authority = models.ForeignKey(
        "accounts.LocalAuthority",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Empty: required everywhere.",
    )
    slug = models.SlugField(max_length=80)
    title = PlainCharField(max_length=160)
    basis = PlainCharField(max_length=200, help_text="The law or the list that asks for it.")
    rule = models.CharField(max_length=15, choices=Rule)
    document_types = ArrayField(
        models.CharField(max_length=80),
        default=list,
        blank=True,
        help_text="Codes of document types; one of them is enough.",
    )
    application_types = ArrayField(
        models.CharField(max_length=80), default=list, blank=True, help_text="Codes of application types; empty: all."
    )
    constraints = ArrayField(
        models.CharField(max_length=80),
        default=list,
        blank=True,
        help_text="Codes of constraints; needed only where one of them applies. Empty: everywhere.",
    )
    reason = models.ForeignKey(
        InvalidReason,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="The ready words with which it is asked for.",
    )
    sort_order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["sort_order", "title", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["authority", "slug"], name="requirement_slug_once", nulls_distinct=False),
            models.CheckConstraint(
                name="document_requirement_has_types",
                condition=~models.Q(rule="document") | ~models.Q(document_types=[]),
            ),
        ]

    def __str__(self) -> str:
        return self.title
