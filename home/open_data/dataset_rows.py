"""The rows of MHCLG's datasets: a chunk of applications at a time, each in a number of queries that never grows."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import quote

from django.db.models import Case, F, Q, QuerySet, Value, When
from django.urls import reverse
from django.utils import timezone

from accounts.models import LocalAuthority
from cases.models import (
    Document,
    ExtensionOfTime,
    PlanningApplication,
    Publicity,
    Recommendation,
    ValidationRequest,
)
from cases.request_kinds import FAULTS
from cases.statuses import REFUSALS, Decision, Origin
from home.register.addresses import in_address
from notices.models import IssuedNotice

from . import datasets
from .codes import DECISION_MAKERS, RESOLUTIONS, application_type, development_scale, planning_authority
from .datasets import Dataset
from .rows import RED_LINE, Row, in_chunks, kinds

_FIELDS = (
    "pk", "reference", "application_type_id", "application_type__category", "description", "address", "postcode",
    "received_on", "invalidated_on", "valid_from", "validated_on", "published_at", "consultation_ends_on",
    "committee_on", "committee_resolution", "route", "decision", "decided_on", "withdrawn_on", "origin",
)  # fmt: skip
# The parent's reference, if the public may know that the parent is there.
_LINKED = Case(
    When(
        Q(parent__is_on_register=True, parent__application_type__is_publishable=True, parent__authority=F("authority")),
        then=F("parent__reference"),
    ),
    default=Value(""),
)


@dataclass(frozen=True)
class Council:
    """What all rows of a file have in common."""

    code: str  # as MHCLG writes it
    register: str  # address of the register's list
    type_codes: dict[int, str]
    type_names: dict[int, str]
    decision_words: dict[int, dict[str, str]]

    def page_of(self, application: Any) -> str:
        return f"{self.register}{quote(in_address(application.reference))}/"

    def words_of(self, decision: str, application: Any) -> str:
        own = self.decision_words[application.application_type_id]
        return own.get(decision) or Decision(decision).label


def dataset_rows(
    dataset: Dataset, council: LocalAuthority, applications: QuerySet[PlanningApplication], *, site: str
) -> Iterator[list[Row]]:
    """The dataset's rows over public `applications`, chunk by chunk; lists for fields that can hold several values.

    `site` is the scheme and host that addresses begin with.
    """
    known = kinds()
    common = Council(
        code=planning_authority(council),
        register=f"{site}{reverse('register')}",
        type_codes={key: kind.code for key, kind in known.items()},
        type_names={key: kind.name for key, kind in known.items()},
        decision_words={key: kind.decisions for key, kind in known.items()},
    )
    if dataset in _OF_DECISIONS:
        applications = applications.exclude(decision="").filter(decided_on__isnull=False)
    extra = {"linked": _LINKED} if dataset is datasets.PLANNING_APPLICATION else {}
    extra |= {"red_line": RED_LINE} if dataset is datasets.SITE else {}
    rows = applications.annotate(**extra).order_by("pk").values_list(*_FIELDS, *extra, named=True)
    write = _ROWS[dataset.slug]
    for chunk in in_chunks(lambda after, size: rows.filter(pk__gt=after)[:size]):
        yield list(write(common, chunk))


def _applications(council: Council, chunk: list) -> Iterator[Row]:
    for row in chunk:
        code = council.type_codes[row.application_type_id]
        theirs = application_type(code, row.application_type__category)
        yield (
            row.reference,
            f"{council.type_names[row.application_type_id]}: {_full_address(row)}",
            row.description,
            [theirs] if theirs else [],
            _site_of(row),
            row.received_on,
            council.code,
            development_scale(code),
            "",
            row.withdrawn_on,
            [row.linked] if row.linked else [],
            "",
            council.page_of(row),
            "",
        )


def _full_address(row: Any) -> str:
    return f"{row.address}, {row.postcode}" if row.postcode else row.address


def _site_of(row: Any) -> str:
    return f"site-{row.pk}"


def _sites(council: Council, chunk: list) -> Iterator[Row]:
    for row in chunk:
        yield _site_of(row), row.address, _full_address(row), row.postcode, "", multipolygon(row.red_line)


def multipolygon(red_line: str | None) -> str:
    """A GeoJSON Polygon or MultiPolygon (JSON text) as WKT; empty where there is none that could be drawn."""
    if not red_line:
        return ""
    shape = json.loads(red_line)
    try:
        polygons = [shape["coordinates"]] if shape["type"] == "Polygon" else shape["coordinates"]
        return f"MULTIPOLYGON ({', '.join(map(_polygon, polygons))})"
    except (IndexError, TypeError, ValueError):
        return ""  # an imported register may hold anything


def _polygon(rings: list) -> str:
    def position(at: list) -> str:
        return f"{float(at[0]):.15g} {float(at[1]):.15g}"

    return "({})".format(", ".join("({})".format(", ".join(map(position, ring))) for ring in rings))


def _moments(council: Council, chunk: list) -> Iterator[Row]:
    """The public timeline of each application (cases/register/timeline.py), in the codes that the list has."""
    keys = [row.pk for row in chunk]
    publicity = _by_application(
        Publicity.objects.filter(application__in=keys)
        .order_by("begins_on", "pk")
        .values_list("application_id", "pk", "kind", "begins_on")
    )
    extensions = _by_application(
        ExtensionOfTime.objects.filter(application__in=keys)
        .order_by("pk")
        .values_list("application_id", "pk", "agreed_in_writing_on")
    )
    requests = _by_application(
        ValidationRequest.objects.filter(
            application__in=keys, sent_at__isnull=False, cancelled_because="", kind__in=FAULTS
        )
        .exclude(resolved_at__isnull=False, arrived_on=None)
        .order_by("sent_at")
        .values_list("application_id", "sent_at", "arrived_on")
    )
    for row in chunk:
        moments = [
            *_dates(row),
            *_requests(requests[row.pk]),
            *_publicity(publicity[row.pk]),
            *((f"time-extension-agreed-{pk}", "time-extension-agreed", on) for pk, on in extensions[row.pk]),
        ]
        for tail, event, on in moments:
            yield f"{row.pk}-{tail}", row.reference, event, on


def _by_application(rows: Iterable[Row]) -> defaultdict[int, list[Row]]:
    """Rows that begin with the key of their application, by that key and without it."""
    found: defaultdict[int, list[Row]] = defaultdict(list)
    for key, *rest in rows:
        found[key].append(tuple(rest))
    return found


Moment = tuple[str, str, date]  # the end of its reference, the event's code, the day


def _dates(row: Any) -> Iterator[Moment]:
    resolution = RESOLUTIONS.get(row.committee_resolution)
    days = {
        "application-submitted": row.received_on,
        "invalid-from": row.invalidated_on,
        "valid-from": row.valid_from,
        "validation-completed": row.validated_on,
        "application-published": timezone.localdate(row.published_at),
        "consultation-end": row.consultation_ends_on,
        "committee-date": row.committee_on,
        **({resolution: row.committee_on} if resolution else {}),
    }
    return ((event, event, on) for event, on in days.items() if on)


def _requests(asked: list[Row]) -> Iterator[Moment]:
    """What was asked for on one day is one moment; it has arrived when the last part has."""
    by_day: dict[date, list[date | None]] = {}
    for sent_at, arrived_on in asked:
        by_day.setdefault(timezone.localdate(sent_at), []).append(arrived_on)
    for number, (day, arrivals) in enumerate(by_day.items(), start=1):
        event = "additional-information-requested"
        yield f"{event}-{number}", event, day
        if None not in arrivals:
            event = "additional-information-received"
            yield f"{event}-{number}", event, max(filter(None, arrivals))


def _publicity(rows: list[Row]) -> Iterator[Moment]:
    for pk, kind, begins_on in rows:
        event = "consultees-contacted" if kind == Publicity.Kind.CONSULTEES else "publicity-start"
        yield f"{event}-{pk}", event, begins_on
    if rows:
        yield "consultation-start", "consultation-start", rows[0][2]


def _documents(council: Council, chunk: list) -> Iterator[Row]:
    applications = {row.pk: row for row in chunk}
    public = Document.objects.public()
    documents = public.filter(application__in=applications).order_by("application", "pk")
    rows = documents.values_list("pk", "application_id", "title")
    # A document that nobody may see is not named as what another replaces.
    replaced = dict(
        public.filter(application__in=applications, superseded_by__isnull=False)
        .order_by("pk")
        .values_list("superseded_by", "pk")
    )
    for pk, key, title in rows:
        page = council.page_of(applications[key])
        replaces = f"document-{replaced[pk]}" if pk in replaced else ""
        yield f"document-{pk}", applications[key].reference, f"{page}documents/{pk}/", page, title, replaces


@dataclass(frozen=True)
class _Notice:
    """The newest issued version of an application's notice."""

    version: int
    conditions: list[dict[str, Any]]
    notes: str  # when and why it was corrected


def _notices(chunk: list, *, with_conditions: bool = False) -> dict[int, _Notice]:
    fields = ["application_id", "version", "issued_on", "correction_reason"]
    fields += ["snapshot__conditions"] if with_conditions else []
    issued = IssuedNotice.objects.filter(application__in=[row.pk for row in chunk])
    notices: dict[int, _Notice] = {}
    for key, version, on, reason, *conditions in issued.order_by("application", "version").values_list(*fields):
        held = conditions[0] if conditions and conditions[0] else []
        notes = f"Corrected on {on}; the decision and its date are as they were. {reason}" if version > 1 else ""
        notices[key] = _Notice(version, held, notes)
    return notices


def _notice_reference(row: Any, notice: _Notice | None) -> str:
    return f"notice-{row.pk}-{notice.version if notice else 1}"


def _decisions(council: Council, chunk: list) -> Iterator[Row]:
    notices = _notices(chunk)
    recommended = _recommended(chunk)
    for row in chunk:
        notice = notices.get(row.pk)
        page = council.page_of(row)
        yield (
            _notice_reference(row, notice),
            row.reference,
            council.words_of(row.decision, row),
            row.decided_on,
            council.code,
            _decision_maker(row),
            council.words_of(recommended[row.pk], row) if row.pk in recommended else "",
            f"{page}decision/{notice.version}.pdf" if notice else "",
            f"{page}decision/" if notice else page,
            notice.notes if notice else "",
        )


def _decision_maker(row: Any) -> str:
    """An imported register that said nothing has the usual route, and that is nobody's knowledge."""
    if row.origin == Origin.IMPORTED and not row.committee_on:
        return ""
    return DECISION_MAKERS[row.route]


def _recommended(chunk: list) -> dict[int, str]:
    """The recommendation in the published report of each decided application: the last before its notice was issued."""
    first = IssuedNotice.objects.filter(version=1, application__in=[row.pk for row in chunk])
    issued_at = dict(first.exclude(report_html="").values_list("application_id", "issued_at"))
    made = Recommendation.objects.filter(application__in=issued_at).order_by("pk")
    rows = made.values_list("application_id", "decision", "at")
    return {key: decision for key, decision, at in rows if at <= issued_at[key]}


def _held_conditions(chunk: list) -> Iterator[tuple[Any, _Notice, dict[str, Any]]]:
    """Every condition of each notice in force, read from the notice as it was issued: never from what is drafted."""
    notices = _notices(chunk, with_conditions=True)
    for row in chunk:
        if row.pk in notices and row.decision not in REFUSALS:
            for condition in notices[row.pk].conditions:
                yield row, notices[row.pk], condition


def _condition_reference(row: Any, notice: _Notice, condition: dict[str, Any]) -> str:
    return f"condition-{row.pk}-{notice.version}-{condition['number']}"


def _conditions(council: Council, chunk: list) -> Iterator[Row]:
    for row, notice, held in _held_conditions(chunk):
        yield _condition_reference(row, notice, held), held["title"], held["text"], held["reason"], council.code


def _decision_conditions(council: Council, chunk: list) -> Iterator[Row]:
    for row, notice, held in _held_conditions(chunk):
        notice_reference = _notice_reference(row, notice)
        condition = _condition_reference(row, notice, held)
        yield f"{notice_reference}-{held['number']}", notice_reference, condition, council.code, "", ""


_OF_DECISIONS = (datasets.DECISION_NOTICE, datasets.PLANNING_CONDITION, datasets.DECISION_CONDITION)
_ROWS: dict[str, Callable[[Council, list], Iterator[Row]]] = {
    datasets.PLANNING_APPLICATION.slug: _applications,
    datasets.SITE.slug: _sites,
    datasets.TIMELINE.slug: _moments,
    datasets.DOCUMENT.slug: _documents,
    datasets.DECISION_NOTICE.slug: _decisions,
    datasets.PLANNING_CONDITION.slug: _conditions,
    datasets.DECISION_CONDITION.slug: _decision_conditions,
}
