"""Which event on a case makes the council write, and to whom. notices/wiring.py names the events.

The listeners run inside the transaction of the event: when it fails, nothing was written.
"""

import logging
from collections.abc import Sequence

from django.db.models import QuerySet

from cases import timeline
from cases.application.recipients import can_be_written_to, recipients
from cases.models import ApplicantLink, CaseEvent, Party, PlanningApplication, ValidationRequest
from cases.request_kinds import BEFORE_VALIDITY, Kind
from cases.statuses import Origin
from notices.outbox.messages import queue

logger = logging.getLogger(__name__)


def acknowledge(event: CaseEvent) -> None:
    """DMPO 2015 art. 11: the council acknowledges receipt as soon as it reasonably can. What was imported has been."""
    if PlanningApplication.objects.filter(pk=event.application_id).exclude(origin=Origin.IMPORTED).exists():
        _write(event, "acknowledgement")


def say_what_is_missing(event: CaseEvent) -> None:
    """One letter with every fault that is still open, whenever it was noted (DMPO 2015 art. 11(5))."""
    _write(event, "invalid", requests=missing_or_wrong(event.application_id), with_link=True)


def missing_or_wrong(application_id: int) -> list[ValidationRequest]:
    """What the letter tells of that says an application is invalid: everything open that nobody has answered."""
    asked = ValidationRequest.objects.open().filter(application=application_id, kind__in=BEFORE_VALIDITY, answer="")
    return _in_order(asked)


def ask(event: CaseEvent) -> None:
    _write(event, "requests_sent", requests=_told_of(event), with_link=True)


def remind(event: CaseEvent) -> None:
    _write(event, "reminder", requests=_told_of(event), with_link=True)


def acknowledge_answers(event: CaseEvent) -> None:
    """To whoever answered, agent or applicant."""
    link = ApplicantLink.objects.select_related("party").filter(pk=event.data.get("link")).first()
    to = [link.party] if link and link.party and can_be_written_to(link.party) else None
    _write(event, "answers_received", requests=_told_of(event), to=to)


def tell_of_silence(event: CaseEvent) -> None:
    """A condition that nobody answered about may be imposed; nobody has agreed to it (SI 2018/566 reg. 2)."""
    is_condition = event.data.get("request_kind") == Kind.PRE_COMMENCEMENT
    _write(event, "condition_unanswered" if is_condition else "accepted_by_silence", requests=_told_of(event))


def withdraw_request(event: CaseEvent) -> None:
    """Nobody shall have a plan drawn that is no longer asked for. What was never sent is withdrawn in silence."""
    if sent := [request for request in _told_of(event) if request.sent_at is not None]:
        _write(event, "request_withdrawn", requests=sent)


def _told_of(event: CaseEvent) -> list[ValidationRequest]:
    keys = event.data.get("requests") or [event.data.get("request")]
    return _in_order(ValidationRequest.objects.filter(application=event.application_id, pk__in=keys))


def _in_order(requests: QuerySet[ValidationRequest]) -> list[ValidationRequest]:
    return list(requests.select_related("follows", "document", "condition").order_by("number"))


def confirm_validity(event: CaseEvent) -> None:
    """DMPO 2015 art. 11(3) and Schedule 1: by when the council must decide, and the right to appeal after that."""
    _write(event, "valid")


def send_decision(event: CaseEvent) -> None:
    decision = event.data.get("decision") or event.application.decision
    _write(event, f"decision_{decision}", or_else="decision", copy_to_applicant=True)


def send_corrected_decision(event: CaseEvent) -> None:
    _write(event, "decision_corrected", copy_to_applicant=True)


def confirm_withdrawal(event: CaseEvent) -> None:
    _write(event, "withdrawn", copy_to_applicant=True)


def _write(
    event: CaseEvent,
    slug: str,
    *,
    or_else: str = "",
    copy_to_applicant: bool = False,
    to: list[Party] | None = None,
    requests: Sequence[ValidationRequest] = (),
    with_link: bool = False,
) -> None:
    application = _application(event)
    if event.is_imported:
        return  # what another system did, it also wrote about; what is done here since is ours to tell
    to = to or recipients(application, copy_to_applicant=copy_to_applicant)
    if not to:
        timeline.record(application, "nobody_to_tell", by=None, about=slug)
        logger.warning("%s: nobody has an address to write to about “%s”", application.reference, slug)
    for party in to:
        queue(
            application=application,
            template_slug=slug,
            to=party,
            by=event.by,
            or_else=or_else,
            requests=requests,
            with_link=with_link,
        )


def _application(event: CaseEvent) -> PlanningApplication:
    """The row as the event has just left it, whatever the caller's object still holds."""
    return PlanningApplication.objects.select_related("application_type", "authority__site", "officer").get(
        pk=event.application_id
    )
