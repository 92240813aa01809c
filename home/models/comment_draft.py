"""A comment that somebody is still writing."""

import secrets

from django.db import models
from django.utils import timezone

from accounts.plain_text import PlainJSONField
from cases.models import PlanningApplication


def new_token() -> str:
    return secrets.token_urlsafe(24)


class CommentDraft(models.Model):
    """What a visitor has answered so far, behind an address that nobody can guess: no account, no cookie, nothing lost.

    Deleted when it is sent, and after a week (home/responses/).
    """

    token = models.CharField(max_length=40, unique=True, default=new_token, editable=False)
    application = models.ForeignKey(PlanningApplication, on_delete=models.CASCADE, related_name="+")
    answers = PlainJSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        default_permissions = ()
        indexes = [models.Index(fields=["updated_at"], name="comment_draft_old")]

    def __str__(self) -> str:
        return f"A comment on {self.application_id}, not sent"
