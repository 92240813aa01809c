"""What became of an application, step by step, in words for the public and codes of MHCLG's data specification.

Made from the dates of the case and not from its events: an imported application has dates and hardly an event, and
what officers do among themselves (recommend, submit for sign-off, send back) is never part of it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.utils import timezone
from django.utils.formats import date_format

from .models import Appeal, CaseEvent, ExtensionOfTime, PlanningApplication, Publicity
from .statuses import Resolution, Status
from .timeline import KINDS

_PUBLICITY = {
    Publicity.Kind.SITE_NOTICE: "Site notice displayed",
    Publicity.Kind.NEIGHBOUR_LETTERS: "Neighbours told by letter",
    Publicity.Kind.PRESS: "Notice in a newspaper",
    Publicity.Kind.WEBSITE: "Publicised on the website",
    Publicity.Kind.CONSULTEES: "Consultees asked",
}
_RESOLUTION_CODES: dict[str, str] = {Resolution.GRANT: "resolution-to-grant", Resolution.REFUSE: "resolution-to-refuse"}


@dataclass(frozen=True)
class Moment:
    """One line of the public timeline. `code` is MHCLG's permission-process-event; empty where it has none."""

    on: date
    words: str
    code: str = ""
    detail: str = ""
    is_to_come: bool = False


def public_timeline(application: PlanningApplication) -> list[Moment]:
    """Every public moment of the application, oldest first, with what is still to come at the end."""
    today = timezone.localdate()
    moments = [*_arrival(application), *_publicity(application), *_extensions(application), *_ending(application)]
    ahead = [Moment(m.on, m.words, m.code, m.detail, is_to_come=m.on > today) for m in moments]
    return sorted(ahead, key=lambda moment: moment.on)  # sorting is stable: moments of one day keep their order


def _said(kind: str, on: date, detail: str = "") -> Moment:
    return Moment(on, KINDS[kind].public, KINDS[kind].mhclg, detail)


def _arrival(application: PlanningApplication) -> Iterator[Moment]:
    yield _said("received", application.received_on)
    if application.valid_from:
        yield _said("validate", application.valid_from)
    if application.published_at:
        yield _said("published", timezone.localdate(application.published_at))


def _publicity(application: PlanningApplication) -> Iterator[Moment]:
    # Never `details`: they may hold neighbours' addresses.
    for row in Publicity.objects.filter(application=application).only("kind", "begins_on"):
        code = "consultees-contacted" if row.kind == Publicity.Kind.CONSULTEES else "publicity-start"
        yield Moment(row.begins_on, _PUBLICITY[Publicity.Kind(row.kind)], code)
    if application.consultation_ends_on:
        yield Moment(application.consultation_ends_on, "Last day of publicity", "consultation-end")


def _extensions(application: PlanningApplication) -> Iterator[Moment]:
    for row in ExtensionOfTime.objects.filter(application=application).only("agreed_in_writing_on", "agreed_until"):
        yield _said(
            "extension_agreed", row.agreed_in_writing_on, f"Decision due by {date_format(row.agreed_until, 'j F Y')}"
        )


def _ending(application: PlanningApplication) -> Iterator[Moment]:
    if application.committee_on:
        resolution = application.committee_resolution
        words = application.get_committee_resolution_display() if resolution else ""
        yield Moment(
            application.committee_on, "Planning committee", _RESOLUTION_CODES.get(resolution, "committee-date"), words
        )
    if application.is_decided and application.decided_on:
        yield _said("determine", application.decided_on, application.decision_words)
        corrections = CaseEvent.objects.filter(application=application, kind="notice_corrected").order_by("sequence")
        yield from (_said("notice_corrected", timezone.localdate(event.at)) for event in corrections)
    elif application.is_open and application.expires_on:
        yield Moment(application.expires_on, "Decision due")
    if application.status == Status.WITHDRAWN and application.withdrawn_on:
        yield _said("withdraw", application.withdrawn_on)
    if application.status == Status.CLOSED and application.closed_on:
        yield _said("close", application.closed_on)
    for appeal in Appeal.objects.filter(application=application):
        yield _said("appeal_lodged", appeal.lodged_on, appeal.get_ground_display())
        if appeal.decided_on:
            yield _said("appeal_decided", appeal.decided_on, appeal.get_outcome_display())
