"""Which event on a case makes the council write, and to whom. NoticesConfig.ready() sets it going.

The listeners run inside the transaction of the event: when it fails, nothing was written.
"""

import logging

from cases import timeline
from cases.models import CaseEvent, PlanningApplication
from cases.statuses import Origin

from .messages import queue, recipients

logger = logging.getLogger(__name__)


def listen() -> None:
    timeline.listen("received", acknowledge)
    timeline.listen("invalidate", say_what_is_missing)
    timeline.listen("validate", confirm_validity)
    timeline.listen("determine", send_decision)
    timeline.listen("notice_corrected", send_corrected_decision)
    timeline.listen("withdraw", confirm_withdrawal)


def acknowledge(event: CaseEvent) -> None:
    """DMPO 2015 art. 11: the council acknowledges receipt as soon as it reasonably can."""
    _write(event, "acknowledgement")


def say_what_is_missing(event: CaseEvent) -> None:
    _write(event, "invalid")


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


def _write(event: CaseEvent, slug: str, *, or_else: str = "", copy_to_applicant: bool = False) -> None:
    application = _application(event)
    if event.is_imported or application.origin == Origin.IMPORTED:
        return  # what another system did, it also wrote about
    to = recipients(application, copy_to_applicant=copy_to_applicant)
    if not to:
        timeline.record(application, "nobody_to_tell", by=None, about=slug)
        logger.warning("%s: nobody has an address to write to about “%s”", application.reference, slug)
    for party in to:
        queue(application=application, template_slug=slug, to=party, by=event.by, or_else=or_else)


def _application(event: CaseEvent) -> PlanningApplication:
    """The row as the event has just left it, whatever the caller's object still holds."""
    return PlanningApplication.objects.select_related("application_type", "authority__site", "officer").get(
        pk=event.application_id
    )
