"""The letter about requests as it will be sent, for officers to read before it goes."""

from collections.abc import Iterable

from django.utils import timezone

from cases.application.recipients import recipients
from cases.models import PlanningApplication, ValidationRequest
from cases.requests.sending import goes_by_post, last_day
from notices.correspondence.events import missing_or_wrong
from notices.letters.fields import Letter
from notices.letters.templates import template_for, write
from notices.models import Message


def preview(
    application: PlanningApplication, requests: Iterable[ValidationRequest], *, marks_invalid: bool
) -> list[dict[str, str]]:
    """[{"to", "channel", "subject", "body"}]: one letter for each recipient, with the last days as of today.

    In the place of the recipient's own link stands that it will stand there: nobody else opens the page in their name.
    With `marks_invalid` the letter tells of everything open that nobody has answered, sent before or not.
    """
    drafts = {request.pk: request for request in requests}
    told = missing_or_wrong(application.pk) if marks_invalid else sorted(drafts.values(), key=lambda row: row.number)
    by_post = goes_by_post(application)
    for row in told:
        row.application = application
        if row.sent_at is None:
            row.due_on = last_day(row, sent_on=timezone.localdate(), by_post=by_post)
    template = template_for(application.authority, "invalid" if marks_invalid else "requests_sent")
    return [_letter(template, Letter(application, to, told)) for to in recipients(application)]


def _letter(template, letter: Letter) -> dict[str, str]:
    subject, body = write(template, letter)
    to = letter.to
    channel = Message.Channel.EMAIL if to.email else Message.Channel.LETTER
    where = to.email or ", ".join(to.address.splitlines())
    return {"to": f"{to.name}, {where}", "channel": str(channel.label), "subject": subject, "body": body}
