"""The weekly and monthly lists: what was received, what became valid and what was decided, by ward or parish.

Every question is a range of one of the register's indexes, so that a week costs the same in a register of a million.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from django import forms
from django.core.paginator import Page, Paginator
from django.db.models import Q, QuerySet, Value
from django.db.models.functions import NullIf
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone

from accounts.models import LocalAuthority
from accounts.plain_text import PlainWords
from cases.models import PlanningApplication
from cases.register.published import Entry, entry_of, public_applications
from home.tables import spreadsheet_safe

from .listing import page_links
from .periods import Period, month_of, week_of

PAGE_LENGTH = 200
LIST_ADDRESSES = {"week": "weekly_list", "month": "monthly_list"}


@dataclass(frozen=True)
class Kind:
    slug: str
    title: str
    column: str
    words_of_day: str


KINDS = (
    Kind("received", "Received", "received_on", "Received"),
    Kind("validated", "Valid", "valid_from", "Valid from"),
    Kind("decided", "Decided", "decided_on", "Decided"),
)
CSV_COLUMNS = (
    "list", "reference", "url", "application_type", "status", "description", "address", "ward", "parish",
    "received_on", "valid_from", "decision", "decided_on",
)  # fmt: skip


GROUPINGS = [("ward", "Ward"), ("parish", "Parish"), ("none", "Not at all")]


class PeriodFilter(PlainWords, forms.Form):
    """What may be asked of one week's or month's lists; all of it optional, and in the address of the answer."""

    ward = forms.CharField(required=False, max_length=120, label="Ward")
    parish = forms.CharField(required=False, max_length=120, label="Parish")
    group = forms.ChoiceField(required=False, label="Group by", choices=GROUPINGS)
    list = forms.ChoiceField(required=False, choices=[("", "All"), *((kind.slug, kind.title) for kind in KINDS)])


@dataclass(frozen=True)
class Group:
    name: str
    entries: list[Entry]


@dataclass(frozen=True)
class Section:
    """One of the three lists, or a page of it."""

    kind: Kind
    count: int
    groups: list[Group]
    pages: dict[str, Any] | None
    page: Page
    address_of_all: str  # where its further pages begin; empty when they are shown here


def applications_in(
    council: LocalAuthority, period: Period, kind: Kind, asked: dict[str, Any]
) -> QuerySet[PlanningApplication]:
    """Public applications of one list of the period, in the wards and parishes asked for, in no order."""
    places = {name: asked[name] for name in ("ward", "parish") if asked.get(name)}
    days = {f"{kind.column}__range": (period.first, period.last)}
    return public_applications(council).filter(**days, **places).defer("boundary", "extent")


def places_in(council: LocalAuthority, period: Period) -> tuple[list[str], list[str]]:
    """The wards and the parishes that the lists of the period name, in order of the alphabet."""
    days = Q()
    for kind in KINDS:
        days |= Q(**{f"{kind.column}__range": (period.first, period.last)})
    pairs = set(public_applications(council).filter(days).order_by().values_list("ward", "parish").distinct())
    wards, parishes = ({pair[number] for pair in pairs} - {""} for number in (0, 1))
    return sorted(wards), sorted(parishes)


def period_lists(council: LocalAuthority, period: Period, query: QueryDict) -> dict[str, Any]:
    """What the page of a week or month shows. Of a filter that cannot be understood nothing is asked."""
    form = PeriodFilter(query)
    asked = form.cleaned_data if form.is_valid() else {}
    wards, parishes = places_in(council, period)
    group = asked.get("group") or ("ward" if wards else "parish" if parishes else "none")
    kinds = [kind for kind in KINDS if not asked.get("list") or kind.slug == asked["list"]]
    sections = [_section(council, period, kind, asked, group, query) for kind in kinds]
    today, earliest = timezone.localdate(), earliest_day(council)
    return {
        "period": period,
        "is_running": period.last >= today,
        "before": period.before if earliest and period.before.last >= earliest else None,
        "after": period.after if period.after.first <= today else None,
        "list_address": LIST_ADDRESSES[period.kind],
        "sections": sections,
        "asked": {**asked, "group": group},
        "is_filtered": bool(asked.get("ward") or asked.get("parish")),
        "wards": _with_asked(wards, asked.get("ward")),
        "parishes": _with_asked(parishes, asked.get("parish")),
        "groupings": [
            (slug, words) for slug, words in GROUPINGS if slug == "none" or (wards if slug == "ward" else parishes)
        ],
        "csv_query": _query(asked, "ward", "parish", "list"),
    }


def _with_asked(places: list[str], asked: str | None) -> list[str]:
    """What was asked for stays to be seen, also where the period has nothing of it."""
    return places if not asked or asked in places else sorted([*places, asked])


def _query(asked: dict[str, Any], *names: str) -> str:
    query = QueryDict(mutable=True)
    query.update({name: asked[name] for name in names if asked.get(name)})
    return f"?{query.urlencode()}" if query else ""


def _section(
    council: LocalAuthority, period: Period, kind: Kind, asked: dict[str, Any], group: str, query: QueryDict
) -> Section:
    ordered = _in_order(applications_in(council, period, kind, asked), kind, group)
    is_alone = asked.get("list") == kind.slug
    page = Paginator(ordered, PAGE_LENGTH).get_page(query.get("page") if is_alone else 1)
    applications = list(page)
    start = _query({**asked, "list": kind.slug}, "ward", "parish", "group", "list")
    return Section(
        kind=kind,
        count=page.paginator.count,
        groups=list(_grouped(applications, group)),
        page=page,
        pages=page_links(page, start) if is_alone and page.paginator.num_pages > 1 else None,
        address_of_all=start if not is_alone and page.paginator.num_pages > 1 else "",
    )


def _in_order(applications: QuerySet[PlanningApplication], kind: Kind, group: str) -> QuerySet[PlanningApplication]:
    """By place, those of no known place last; then by the day of the list."""
    if group == "none":
        return applications.order_by(kind.column, "pk")
    place = NullIf(group, Value(""))
    return applications.order_by(place.asc(nulls_last=True), kind.column, "pk")


def _grouped(applications: list[PlanningApplication], group: str) -> Iterator[Group]:
    if group == "none":
        if applications:
            yield Group("", [entry_of(application) for application in applications])
        return
    for name, rows in groupby(applications, key=lambda application: getattr(application, group)):
        yield Group(name or f"No {group} recorded", [entry_of(application) for application in rows])


def earliest_day(council: LocalAuthority) -> date | None:
    """The first day on which the register's oldest application was received; None while the register is empty."""
    oldest = public_applications(council).order_by("received_on", "pk").values_list("received_on", flat=True)
    return oldest.first()


def years_and_periods(council: LocalAuthority, asked_year: str) -> dict[str, Any]:
    """What the page of all lists shows: the weeks and months of one year, the newest first, and the other years."""
    today, earliest = timezone.localdate(), earliest_day(council)
    first_year = max(earliest.year, 1900) if earliest else today.year
    year = int(asked_year) if asked_year.isascii() and asked_year.isdigit() and len(asked_year) == 4 else today.year
    year = min(max(year, first_year), today.year)
    begin = max(date(year, 1, 1), earliest) if earliest else today
    end = min(date(year, 12, 31), today)
    return {
        "year": year,
        "is_this_year": year == today.year,
        "years": list(range(today.year, first_year - 1, -1)),
        "weeks": _back(week_of(end), begin),
        "months": _back(month_of(end), begin),
        "is_empty": earliest is None,
    }


def _back(period: Period, begin: date) -> list[Period]:
    """The period and those before it, as long as they reach to the day `begin`."""
    periods = []
    while period.last >= begin:
        periods.append(period)
        period = period.before
    return periods


def csv_rows(council: LocalAuthority, period: Period, query: QueryDict, *, site: str) -> Iterator[list[str]]:
    """The same lists as rows for a spreadsheet, in the order of CSV_COLUMNS. An application may stand in two lists."""
    form = PeriodFilter(query)
    asked = form.cleaned_data if form.is_valid() else {}
    for kind in KINDS:
        if asked.get("list") and kind.slug != asked["list"]:
            continue
        rows = applications_in(council, period, kind, asked).order_by(kind.column, "pk")
        for application in rows.iterator(chunk_size=2000):
            entry = entry_of(application)
            values = [
                kind.slug,
                entry.reference,
                site + reverse("register_application", args=[entry.reference]),
                entry.type_name,
                entry.status.slug,
                entry.description,
                entry.address,
                application.ward,
                application.parish,
                entry.received_on,
                entry.valid_from,
                entry.decision,
                entry.decided_on,
            ]
            yield [spreadsheet_safe("" if value is None else str(value)) for value in values]
