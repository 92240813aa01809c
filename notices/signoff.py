"""Sign-off: Wagtail's workflow, made safe."""

from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from wagtail.models import Workflow, WorkflowContentType, WorkflowTask

from accounts.roles import PLANNING_MANAGER

from .models import DecisionNotice, SignOffTask


def setup_workflow() -> Workflow:
    """Make the one workflow of decision notices: a planning manager signs off. Run as often as you like."""
    task, _ = SignOffTask.objects.get_or_create(name="Sign-off by a planning manager")
    task.groups.set([Group.objects.get(name=PLANNING_MANAGER)])
    workflow, _ = Workflow.objects.get_or_create(name="Decision sign-off")
    WorkflowTask.objects.get_or_create(workflow=workflow, task=task, defaults={"sort_order": 0})
    WorkflowContentType.objects.update_or_create(
        content_type=ContentType.objects.get_for_model(DecisionNotice), defaults={"workflow": workflow}
    )
    return workflow
