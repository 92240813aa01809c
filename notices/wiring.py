"""Who listens to whom in notices: a room below does not know the rooms above it, so they are introduced here.

`NoticesConfig.ready()` calls this once.
"""

from cases import timeline
from cases.requests import letters as letters_of_requests
from cases.worklists import task_list

from . import permissions
from .correspondence import events, request_letters
from .drafting.rendering import preview_of_notice
from .drafting.samples import preview_of_template
from .letters.templates import preview_of_letter
from .models import DecisionNotice, LetterTemplate, NoticeTemplate, SignOffTask
from .models.signoff_task import Verbs
from .outbox import checks
from .signoff import approving, following, officer_tasks, submitting

# Event on a case → the letter that it makes the council write.
LETTERS = {
    "received": events.acknowledge,
    "invalidate": events.say_what_is_missing,
    "requests_sent": events.ask,
    "reminded": events.remind,
    "request_answered": events.acknowledge_answers,
    "request_accepted_by_silence": events.tell_of_silence,
    "request_cancelled": events.withdraw_request,
    "validate": events.confirm_validity,
    "determine": events.send_decision,
    "notice_corrected": events.send_corrected_decision,
    "withdraw": events.confirm_withdrawal,
}
# Steps of a case that its notice's workflow follows.
FOLLOWED = ("send_back", "recall", "withdraw", "close")


def connect() -> None:
    checks.register()
    for kind, write in LETTERS.items():
        timeline.listen(kind, write)
    for kind in FOLLOWED:
        timeline.listen(kind, following.follow_the_case)
    for task in officer_tasks.TASKS:
        task_list.register(task)
    letters_of_requests.register(
        letters_of_requests.Source(annotations=request_letters.annotations, letters=request_letters.letters)
    )
    SignOffTask.verbs = Verbs(
        begin=submitting.begin_sign_off,
        why_not=permissions.why_not_sign_off,
        approve=approving.approve,
        send_back=approving.send_back,
        waiting_for=permissions.waiting_for,
    )
    DecisionNotice.preview_made_by = staticmethod(preview_of_notice)
    NoticeTemplate.preview_made_by = staticmethod(preview_of_template)
    LetterTemplate.preview_made_by = staticmethod(preview_of_letter)
