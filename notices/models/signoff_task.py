"""Wagtail's workflow task for signing a decision off."""

from wagtail.models import AbstractGroupApprovalTask


class SignOffTask(AbstractGroupApprovalTask):
    """Approval by a group, never by the author or the submitter."""

    class Meta:
        verbose_name = "sign-off task"
