"""The draft of a decision: written by the officer, signed off by a manager, then issued."""

from django.conf import settings
from django.contrib.contenttypes.fields import GenericRelation
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import Q
from django.utils import timezone
from wagtail.actions import action_registry
from wagtail.admin.panels import FieldPanel
from wagtail.fields import StreamField
from wagtail.models import DraftStateMixin, LockableMixin, RevisionMixin, WorkflowMixin

from accounts.plain_text import PlainJSONField, PlainTextField
from cases.models import PlanningApplication
from cases.statuses import Decision
from notices.wording.blocks import NoticeBody

from .previewing import PreviewedFromAbove
from .template import NoticeTemplate


class DecisionNotice(WorkflowMixin, DraftStateMixin, LockableMixin, RevisionMixin, PreviewedFromAbove, models.Model):
    """A decision notice on its way: draft, in sign-off, issued. What was issued is an `IssuedNotice`.

    The way is notices/signoff/approving.py. Nothing but an approved sign-off publishes it: neither a permission nor a
    superuser.
    """

    application = models.ForeignKey(PlanningApplication, on_delete=models.PROTECT, related_name="decision_notices")
    template = models.ForeignKey(NoticeTemplate, null=True, on_delete=models.PROTECT, related_name="+")
    decision = models.CharField(max_length=30, choices=Decision)
    body = StreamField(NoticeBody())
    particulars = PlainJSONField(
        default=dict,
        blank=True,
        editable=False,
        help_text="The case's facts as they stood when the notice was last drafted: conditions, reasons, plans …",
    )
    correction_reason = PlainTextField(blank=True, help_text="Why an issued notice is replaced.")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    _revisions = GenericRelation("wagtailcore.Revision", related_query_name="decisionnotice")
    workflow_states = GenericRelation(
        "wagtailcore.WorkflowState",
        content_type_field="base_content_type",
        object_id_field="object_id",
        related_query_name="decisionnotice",
        for_concrete_model=False,
    )

    panels = [FieldPanel("body")]

    class Meta:
        default_permissions = ("add", "change", "view")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["application"], condition=Q(live=False), name="one_draft_notice"),
            models.CheckConstraint(
                name="notice_is_never_scheduled", condition=Q(go_live_at=None, expire_at=None, expired=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.application.reference}: {self.get_decision_display()}"

    @property
    def revisions(self):
        return self._revisions

    @property
    def is_correction(self) -> bool:
        return bool(self.correction_reason)

    @property
    def was_issued(self) -> bool:
        return self.issued.exists()

    @property
    def standing(self) -> str:
        """Where the notice is on its way, in words."""
        if self.live:
            return "Issued"
        return "Waiting for sign-off" if self.workflow_in_progress else "Draft"

    def publish(self, revision, user=None, **kwargs):
        """Asks Wagtail's registry, in which the issue of the decision stands as the way to publish (wiring.py)."""
        return action_registry.get_action_class(type(self), "publish")(revision, user=user).execute()

    def unpublish(self, *args, **kwargs):
        raise PermissionDenied("An issued decision notice cannot be withdrawn. A correction is a new version.")
