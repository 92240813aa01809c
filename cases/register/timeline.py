"""What became of an application, step by step, in words for the public and codes of MHCLG's data specification.

Made from the dates of the case and not from its events: an imported application has dates and hardly an event, and
what officers do among themselves (recommend, submit for sign-off, send back) is never part of it. Why an application
was invalid and what was asked for is between the council and the applicant; that it was, and from when, is told.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection
from django.utils import timezone
from django.utils.formats import date_format

from cases.models import Appeal, PlanningApplication, Publicity
from cases.request_kinds import FAULTS
from cases.statuses import Resolution, Status
from cases.timeline import KINDS

_PUBLICITY = {
    Publicity.Kind.SITE_NOTICE: "Site notice displayed",
    Publicity.Kind.NEIGHBOUR_LETTERS: "Neighbours told by letter",
    Publicity.Kind.PRESS: "Notice in a newspaper",
    Publicity.Kind.WEBSITE: "Publicised on the website",
    Publicity.Kind.CONSULTEES: "Consultees asked",
}
_RESOLUTION_CODES: dict[str, str] = {Resolution.GRANT: "resolution-to-grant", Resolution.REFUSE: "resolution-to-refuse"}
_PUBLICITY_ROW, _EXTENSION_ROW, _REQUEST_ROW, _CORRECTION_ROW, _APPEAL_ROW = range(5)

# Everything with a date that hangs on the application, in one question. Never `details` of publicity: they may hold
# neighbours' addresses. Never what a validation request says; and only those that ask for something to be sent, not to
# agree to words or to more time, and not what the council gave up asking for.
_DATED = """
    SELECT 0, kind, begins_on, ends_on, '' FROM cases_publicity WHERE application_id = %(application)s
    UNION ALL
    SELECT 1, '', agreed_in_writing_on, agreed_until, '' FROM cases_extensionoftime
    WHERE application_id = %(application)s
    UNION ALL
    SELECT 2, '', (sent_at AT TIME ZONE %(zone)s)::date, arrived_on, '' FROM cases_validationrequest
    WHERE application_id = %(application)s AND sent_at IS NOT NULL AND cancelled_because = ''
        AND kind = ANY(%(faults)s) AND (resolved_at IS NULL OR arrived_on IS NOT NULL)
    UNION ALL
    SELECT 3, '', (at AT TIME ZONE %(zone)s)::date, NULL, '' FROM cases_caseevent
    WHERE application_id = %(application)s AND kind = 'notice_corrected'
    UNION ALL
    SELECT 4, ground, lodged_on, decided_on, outcome FROM cases_appeal WHERE application_id = %(application)s
"""


@dataclass(frozen=True)
class Moment:
    """One line of the public timeline. `code` is MHCLG's permission-process-event; empty where it has none."""

    on: date
    words: str
    code: str = ""
    detail: str = ""
    is_to_come: bool = False


@dataclass(frozen=True)
class _Row:
    """A dated fact that hangs on the application: what it is, its day, the day that it leads to, and a code."""

    what: int
    kind: str
    on: date
    until: date | None
    outcome: str


def public_timeline(application: PlanningApplication) -> list[Moment]:
    """Every public moment of the application, oldest first, with what is still to come at the end. One query."""
    today = timezone.localdate()
    rows = _rows(application)
    moments = [
        *_arrival(application, rows),
        *_publicity(application, rows),
        *_extensions(rows),
        *_ending(application, rows),
    ]
    ahead = [Moment(m.on, m.words, m.code, m.detail, is_to_come=m.on > today) for m in moments]
    return sorted(ahead, key=lambda moment: moment.on)  # sorting is stable: moments of one day keep their order


def _rows(application: PlanningApplication) -> list[_Row]:
    with connection.cursor() as cursor:
        asked: dict[str, Any] = {
            "application": application.pk,
            "zone": timezone.get_current_timezone_name(),
            "faults": sorted(FAULTS),
        }
        cursor.execute(_DATED, asked)
        return sorted((_Row(*row) for row in cursor.fetchall()), key=lambda row: (row.what, row.on))


def _of(rows: Iterable[_Row], what: int) -> list[_Row]:
    return [row for row in rows if row.what == what]


def _said(kind: str, on: date, detail: str = "") -> Moment:
    return Moment(on, KINDS[kind].public, KINDS[kind].mhclg, detail)


def _arrival(application: PlanningApplication, rows: list[_Row]) -> Iterator[Moment]:
    yield _said("received", application.received_on)
    if application.invalidated_on:
        yield Moment(application.invalidated_on, "Found invalid", "invalid-from")
    yield from _requests(_of(rows, _REQUEST_ROW))
    if application.valid_from:
        yield _said("validate", application.valid_from)
    if application.validated_on:
        yield Moment(application.validated_on, "Checked and found valid", "validation-completed")
    if application.published_at:
        yield _said("published", timezone.localdate(application.published_at))


def _requests(asked: list[_Row]) -> Iterator[Moment]:
    """What was asked for on one day is one moment; so is its arrival, which is the day on which the last part came."""
    for day in sorted({row.on for row in asked}):
        yield Moment(day, "More information asked for", "additional-information-requested")
        arrivals = [row.until for row in asked if row.on == day]
        if None not in arrivals:
            yield Moment(max(filter(None, arrivals)), "The information arrived", "additional-information-received")


def _publicity(application: PlanningApplication, rows: list[_Row]) -> Iterator[Moment]:
    publicised = _of(rows, _PUBLICITY_ROW)
    for row in publicised:
        code = "consultees-contacted" if row.kind == Publicity.Kind.CONSULTEES else "publicity-start"
        until = f"Until {date_format(row.until, 'j F Y')}" if row.until else ""
        yield Moment(row.on, _PUBLICITY[Publicity.Kind(row.kind)], code, until)
    if publicised:
        yield Moment(publicised[0].on, "Consultation opens", "consultation-start")
    if application.consultation_ends_on:
        yield Moment(application.consultation_ends_on, "Last day of publicity", "consultation-end")


def _extensions(rows: list[_Row]) -> Iterator[Moment]:
    for row in _of(rows, _EXTENSION_ROW):
        until = date_format(row.until, "j F Y") if row.until else ""
        yield _said("extension_agreed", row.on, f"Decision due by {until}")


def _ending(application: PlanningApplication, rows: list[_Row]) -> Iterator[Moment]:
    if application.committee_on:
        resolution = application.committee_resolution
        words = application.get_committee_resolution_display() if resolution else ""
        yield Moment(
            application.committee_on, "Planning committee", _RESOLUTION_CODES.get(resolution, "committee-date"), words
        )
    if application.is_decided and application.decided_on:
        yield _said("determine", application.decided_on, application.decision_words)
        yield from (_said("notice_corrected", row.on) for row in _of(rows, _CORRECTION_ROW))
    elif application.is_open and application.expires_on:
        yield Moment(application.expires_on, "Decision due")
    if application.status == Status.WITHDRAWN and application.withdrawn_on:
        yield _said("withdraw", application.withdrawn_on)
    if application.status == Status.CLOSED and application.closed_on:
        yield _said("close", application.closed_on)
    for row in _of(rows, _APPEAL_ROW):
        yield _said("appeal_lodged", row.on, str(Appeal.Ground(row.kind).label))
        if row.until:
            yield _said("appeal_decided", row.until, str(Appeal.Outcome(row.outcome).label))
