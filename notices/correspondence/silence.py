"""No answer in time, where that means yes: only once the letter really went out, and counted from the day it did.

A message that is held, waits or failed has told nobody anything. What the letter said as the last day stands; when it
left later than it was written, the applicant has so many days more.
"""

from datetime import date

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from cases.locking import locked
from cases.models import ValidationRequest
from cases.requests.answers.silence import accept_silence, silent_requests
from cases.requests.sending import last_day
from notices.models import Message

WENT_OUT = (Message.Status.SENT, Message.Status.DELIVERED)
# The letters that put the question; a reminder does not start the time again, nor does it stand for a first letter.
ASK = ("invalid", "requests_sent")
AT_ONCE = 500


def sweep() -> int:
    """Accept every request on which no answer means yes and whose time is over. Returns how many."""
    today = timezone.localdate()
    # Those whose letter never left wait for as long as it does: they must not stand in the way of the others.
    told = Message.objects.filter(requests=OuterRef("pk"), about__in=ASK, status__in=WENT_OUT)
    return sum(_accept(request, today) for request in silent_requests(today).filter(Exists(told))[:AT_ONCE])


@transaction.atomic
def _accept(request: ValidationRequest, today: date) -> bool:
    # The case first, as everywhere: the answer may be on its way in another transaction.
    locked(request.application_id)
    end = time_ends_on(request)
    return end is not None and end < today and accept_silence(request, waited_until=end)


def time_ends_on(request: ValidationRequest) -> date | None:
    """The last day for an answer, counted from the day on which the letter left; None when none has left.

    Never earlier than the day that the letter names.
    """
    letter = (
        request.messages.filter(about__in=ASK, status__in=WENT_OUT, sent_at__isnull=False).order_by("sent_at").first()
    )
    if letter is None or request.sent_at is None:
        return None
    left_on = max(timezone.localdate(letter.sent_at), timezone.localdate(request.sent_at))
    end = last_day(request, sent_on=left_on, by_post=letter.channel == Message.Channel.LETTER)
    return max(end, request.due_on) if end and request.due_on else None
