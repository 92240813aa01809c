"""Wagtail's workflow task for signing a decision off. What it may and does is in notices/signoff/."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from wagtail.models import Task, TaskState, WorkflowState

from accounts.models import User
from cases.lifecycle import StepNotAllowed


@dataclass(frozen=True)
class Verbs:
    """What the sign-off does when Wagtail asks for it."""

    begin: Callable[..., None]  # the notice, by=…: raises where it cannot be submitted
    why_not: Callable[[Any, User], str]  # why this user may not decide on the notice; empty when they may
    approve: Callable[..., Any]  # the notice, by=…, comment=…
    send_back: Callable[..., Any]
    waiting_for: Callable[[User], QuerySet]


class SignOffTask(Task):
    """A planning manager of the same council signs off, never somebody who wrote, submitted or recommended it.

    Not a group approval task of Wagtail's: that one lets superusers approve, knows nothing of councils, and mails every
    member of the group in every council.
    """

    verbs: ClassVar[Verbs]

    class Meta:
        verbose_name = "sign-off task"

    def start(self, workflow_state: WorkflowState, user: User | None = None) -> TaskState:
        """However the workflow is started, the case is submitted with it or it does not start."""
        # Wagtail 8.0.1 holds a notice cached before the newest revision was saved; the approval must be tied to the
        # text that is really submitted.
        workflow_state.content_object.refresh_from_db(fields=["latest_revision"])
        self.verbs.begin(workflow_state.content_object, by=user)
        return super().start(workflow_state, user=user)

    def get_actions(self, obj: Any, user: User) -> list[tuple[str, Any, bool]]:
        if self.verbs.why_not(obj, user):
            return []
        return [("reject", _("Send back"), True), ("approve", _("Approve and issue"), False)]

    def on_action(self, task_state: TaskState, user: User, action_name: str, **kwargs: Any) -> None:
        verb = {"approve": self.verbs.approve, "reject": self.verbs.send_back}.get(action_name)
        if verb is None:
            raise PermissionDenied("There is no such action on a decision notice.")
        # The notice is the one that the task state is about, whatever object the address named.
        notice = task_state.workflow_state.content_object
        try:
            verb(notice, by=user, comment=kwargs.get("comment") or "")
        except (StepNotAllowed, ValidationError) as refusal:
            # Wagtail's own pages know only this refusal; our sign-off page shows the words.
            raise PermissionDenied(str(refusal)) from refusal

    def get_task_states_user_can_moderate(self, user: User, **kwargs: Any):
        notices = [str(pk) for pk in self.verbs.waiting_for(user).values_list("pk", flat=True)]
        return self.task_states.filter(status=TaskState.STATUS_IN_PROGRESS, workflow_state__object_id__in=notices)

    def locked_for_user(self, obj: Any, user: User) -> bool:
        return True  # nobody edits a text under sign-off: what is approved is what was submitted

    def user_can_access_editor(self, obj: Any, user: User) -> bool:
        return False  # managers work on the sign-off page, not in the editor

    @classmethod
    def get_description(cls) -> str:
        return "A planning manager of the same council, other than the author, signs the decision off"
