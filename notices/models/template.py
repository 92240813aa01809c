"""Editable templates of decision notices."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from wagtail.fields import StreamField
from wagtail.models import DraftStateMixin, PreviewableMixin, RevisionMixin

from cases.statuses import Decision
from notices.blocks import NoticeBody


class NoticeTemplate(DraftStateMixin, RevisionMixin, PreviewableMixin, models.Model):
    """The shape of a decision notice for some types and decisions; of one authority, or shared by all."""

    authority = models.ForeignKey(
        "accounts.LocalAuthority", null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        help_text="Empty: shared by every council of the installation.",
    )  # fmt: skip
    name = models.CharField(max_length=160)
    slug = models.SlugField(max_length=80, help_text="Stable name, by which the shipped templates are known.")
    application_types = models.ManyToManyField("cases.ApplicationType", related_name="+")
    decisions = ArrayField(models.CharField(max_length=30, choices=Decision))
    body = StreamField(NoticeBody())
    is_customised = models.BooleanField(default=False, editable=False)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["authority", "slug"], name="notice_template_slug_once", nulls_distinct=False
            )
        ]

    def __str__(self) -> str:
        return self.name
