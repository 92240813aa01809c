"""A new link for whose link has expired or is lost: asked for on the website, sent to the address on file alone.

Whatever was typed, the same is answered and the same done while the visitor waits: one question to the database and one
task. So nobody learns whether there is such an application, or who is party to it. The letter is written by the task.
"""

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django_tasks import task

from accounts.models import LocalAuthority
from accounts.rate_limits import nameless, use
from cases.jobs.background import Priority
from cases.models import ApplicantLink, Party, ValidationRequest, reference_key
from cases.statuses import OPEN
from notices.outbox.delivery import QUEUE
from notices.outbox.messages import queue

ABOUT = "new_link"
NOBODY = 0
HOUR = 3600
SENT_TO_ONE_ADDRESS = 3  # an hour: so many e-mails a stranger can have us send to somebody


def ask_for_link(*, authority: LocalAuthority, reference: str, email: str) -> None:
    """Have a new link sent, if this is the e-mail address of somebody to whom one was sent before. Tells nothing."""
    key = reference_key(reference)
    asking = _entitled().filter(
        application__authority=authority, application__reference_key=key, email__iexact=email.strip()
    )
    send_new_link.enqueue(asking.values_list("pk", flat=True).first() or NOBODY)


@task(queue_name=QUEUE, priority=Priority.LETTER)
def send_new_link(party_id: int) -> bool:
    """Write the letter with the link to this person, if they may still have one. Returns whether it was written.

    Only letters that are written count towards SENT_TO_ONE_ADDRESS, by the address on file: so nobody can use up
    somebody else's by typing it, nor have more sent by typing it in letters that look alike.
    """
    party = _entitled().filter(pk=party_id).select_related("application__authority__site").first()
    if party is None:
        return False
    mailbox = nameless("applicant new link to", f"{party.application.authority_id} {party.email.lower()}")
    if not use(mailbox, limit=SENT_TO_ONE_ADDRESS, seconds=HOUR).is_allowed:
        return False
    return _write(party_id)


@transaction.atomic
def _write(party_id: int) -> bool:
    party = _entitled().filter(pk=party_id).select_related("application__authority__site").first()
    if party is None:
        return False
    queue(application=party.application, template_slug=ABOUT, to=party, by=None, with_link=True)
    return True


def _entitled() -> QuerySet[Party]:
    """People with an e-mail address who were sent a link to an open application of which something was asked.

    Not where an officer revoked the last link of the person: the officer's next letter brings a new one.
    """
    links = ApplicantLink.objects.filter(party=OuterRef("pk"))
    asked = ValidationRequest.objects.known_to_the_applicant().filter(application=OuterRef("application"))
    return (
        Party.objects.filter(Exists(links), Exists(asked), application__status__in=OPEN)
        .exclude(email="")
        .annotate(taken_back_by=Subquery(links.order_by("-created_at").values("revoked_by")[:1]))
        .filter(taken_back_by=None)
        .order_by("pk")
    )
