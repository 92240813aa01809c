"""Who listens to whom in home: a room below does not know the rooms above it, so they are introduced here.

`HomeConfig.ready()` calls this once.
"""

from typing import Any

from django.db.models.signals import pre_save
from django.http import HttpRequest
from wagtail.users.models import UserProfile

from accounts.models import LocalAuthority
from cases import timeline
from cases.register.published import newest_entries
from notices import due_work

from . import site_changes
from .editors_files import clean_avatar
from .models import HomePage, RegisterPage
from .register.listing import listing
from .register.searching import RegisterSearch
from .responses import commenting, digests, following

# What `bin/manage run_due` does beside the work of notices: what is said of it → the function, which returns how many.
JOBS = {
    "old drafts of comments deleted": commenting.delete_old_drafts,
    "alerts written": digests.send_digests,
    "alerts that nobody confirmed deleted": following.forget_unconfirmed,
    "old e-mails of alerts deleted": following.forget_old_messages,
    "old marks of a changed website deleted": site_changes.forget_old_changes,
}


def connect() -> None:
    pre_save.connect(clean_avatar, sender=UserProfile)
    timeline.listen("comment_entered", commenting.acknowledge)
    for words, job in JOBS.items():
        due_work.add_job(words, job)
    HomePage.register_context = staticmethod(_front_door)
    RegisterPage.register_context = staticmethod(listing)  # for the preview; visitors are answered by register.views


def _front_door(request: HttpRequest, council: LocalAuthority | None, page: HomePage) -> dict[str, Any]:
    return {"form": RegisterSearch(), "newest": newest_entries(council, count=5) if council else []}
