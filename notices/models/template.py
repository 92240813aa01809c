"""Editable templates of decision notices."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from modelcluster.fields import ParentalManyToManyField
from modelcluster.models import ClusterableModel
from wagtail.fields import StreamField
from wagtail.models import DraftStateMixin, RevisionMixin

from accounts.plain_text import PlainCharField
from cases.statuses import Decision
from notices.wording.blocks import NoticeBody

from .previewing import PreviewedFromAbove


class NoticeTemplate(DraftStateMixin, RevisionMixin, PreviewedFromAbove, ClusterableModel):
    """The shape of a decision notice for some types and decisions; of one authority, or shared by all."""

    authority = models.ForeignKey(
        "accounts.LocalAuthority",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Empty: shared by every council of the installation.",
    )
    name = PlainCharField(max_length=160)
    slug = models.SlugField(max_length=80, help_text="Stable name, by which the shipped templates are known.")
    application_types = ParentalManyToManyField("cases.ApplicationType", related_name="+")
    decisions = ArrayField(models.CharField(max_length=30, choices=Decision))
    body = StreamField(NoticeBody())
    is_customised = models.BooleanField(default=False, editable=False)

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["authority", "slug"], name="notice_template_slug_once", nulls_distinct=False
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def preview_modes(self):
        """One preview for each decision that the template is for."""
        known = [code for code in self.decisions or () if code in Decision.values]
        return [(code, Decision(code).label) for code in known] or [("", "Notice")]
