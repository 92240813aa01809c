"""The draft of a decision: written by the officer, signed off by a manager, then issued."""

from django.conf import settings
from django.contrib.contenttypes.fields import GenericRelation
from django.db import models
from django.utils import timezone
from wagtail.fields import StreamField
from wagtail.models import DraftStateMixin, LockableMixin, PreviewableMixin, RevisionMixin, WorkflowMixin

from cases.models import PlanningApplication
from cases.statuses import Decision
from notices.blocks import NoticeBody

from .template import NoticeTemplate


class DecisionNotice(WorkflowMixin, DraftStateMixin, LockableMixin, RevisionMixin, PreviewableMixin, models.Model):
    """A decision notice on its way: draft, in sign-off, issued. What was issued is an `IssuedNotice`."""

    application = models.ForeignKey(PlanningApplication, on_delete=models.PROTECT, related_name="decision_notices")
    template = models.ForeignKey(NoticeTemplate, null=True, on_delete=models.PROTECT, related_name="+")
    decision = models.CharField(max_length=30, choices=Decision)
    body = StreamField(NoticeBody())
    particulars = models.JSONField(
        default=dict, blank=True, editable=False,
        help_text="The case's facts as they stood when the notice was last drafted: conditions, reasons, plans …",
    )  # fmt: skip
    correction_reason = models.TextField(blank=True, help_text="Why an issued notice is replaced.")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    _revisions = GenericRelation("wagtailcore.Revision", related_query_name="decisionnotice")
    workflow_states = GenericRelation(
        "wagtailcore.WorkflowState", content_type_field="base_content_type", object_id_field="object_id",
        related_query_name="decisionnotice", for_concrete_model=False,
    )  # fmt: skip

    class Meta:
        default_permissions = ("add", "change", "view")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.application.reference}: {self.get_decision_display()}"

    @property
    def revisions(self):
        return self._revisions
