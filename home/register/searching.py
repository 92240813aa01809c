"""What may be asked of the register, and which applications answer it: for the list and everything beside it.

The page, its files (CSV, JSON, GeoJSON), the map, the feed and the alerts take one search from here, so that the same
address always means the same applications.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.db.models import F, OrderBy, QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html_join
from django.utils.safestring import mark_safe

from accounts.dates.fields import DayField, End, PublicDateBox
from accounts.dates.reading import Year, is_relative, tidied
from accounts.models import LocalAuthority
from accounts.plain_text import PlainWords
from cases.application.search import LONGEST_SEARCH, Found, How, count_up_to_most, find, search_applications, settled
from cases.models import PlanningApplication
from cases.register.map import box_of, box_words, in_window
from cases.register.places import parishes_on_the_register, types_on_the_register, wards_on_the_register
from cases.register.published import (
    PUBLIC_DECISIONS,
    PUBLIC_STATUSES,
    public_applications,
    public_types,
    with_public_decision,
    with_public_status,
)
from home.remembering import kept

RECEIVED = "received"
GUESSES = frozenset({How.CORRECTED_WORDS, How.SIMILAR_ADDRESSES})


@dataclass(frozen=True)
class Order:
    """An order of the list, newest first. The column and the key together have an index."""

    words: str
    column: str
    left_out: str = ""  # which applications are not in it, for they have no such date


SORTS = {
    RECEIVED: Order("Date received", "received_on"),
    "decided": Order("Date decided", "decided_on", "Applications without a decision are left out."),
    "changed": Order("Last changed", "public_changed_at", "Applications that have not changed are left out."),
    "closing": Order(
        "Closing date", "consultation_ends_on", "Applications without a date by which to comment are left out."
    ),
}
# What people come for, as a link each: words → the query of the list.
PRESETS = (
    ("Received this week", "received_from=this+week"),
    ("Open for comments", "consultation_from=today&sort=closing"),
    ("Decided this week", "decided_from=this+week&sort=decided"),
    ("Decided in the last 28 days", "decided_from=28+days+ago&sort=decided"),
)
# Pairs of fields → the column that they bound, and the verb for it in words.
PERIODS = {
    "received": ("received_on", "received"),
    "valid": ("valid_from", "valid"),
    "published": ("published_at", "published"),
    "consultation": ("consultation_ends_on", "consultation ending"),
    "decided": ("decided_on", "decided"),
}
MOMENTS = {"published_at"}  # columns with a time of the day


class PeriodField(DayField):
    """One end of a period; its refusals name it, since they stand together above the list too."""

    def clean(self, value: Any) -> date | None:
        try:
            return super().clean(value)
        except forms.ValidationError as refusal:
            raise forms.ValidationError(f"{self.label}: {refusal.messages[0]}", code="invalid") from refusal


def _period(words: str) -> tuple[PeriodField, PeriodField]:
    first, last = (
        PeriodField(label=f"{words} on or {side}", end=end, year=Year.PRESENT, required=False, widget=PublicDateBox)
        for end, side in ((End.FIRST, "after"), (End.LAST, "before"))
    )
    return first, last


class RegisterSearch(PlainWords, forms.Form):
    """What may be asked of the register. Every field is optional, and stands in the address of the answer.

    With a council the choices are those that its register has; without one any type, ward and parish may be asked for.
    """

    q = forms.CharField(
        required=False, label="Search by reference, address, postcode or words", max_length=LONGEST_SEARCH
    )
    type = forms.ChoiceField(required=False, label="Type of application")
    status = forms.ChoiceField(
        required=False, label="Status", choices=[("", "Any status"), *((s.slug, s.words) for s in PUBLIC_STATUSES)]
    )
    decision = forms.ChoiceField(
        required=False, label="Decision", choices=[("", "Any decision"), *((d.slug, d.words) for d in PUBLIC_DECISIONS)]
    )
    ward = forms.CharField(required=False, label="Ward", max_length=120)
    parish = forms.CharField(required=False, label="Parish", max_length=120)
    received_from, received_to = _period("Received")
    valid_from, valid_to = _period("Valid")
    published_from, published_to = _period("Published")
    consultation_from, consultation_to = _period("Consultation ends")
    decided_from, decided_to = _period("Decided")
    bbox = forms.CharField(required=False, label="Part of the map", max_length=100)
    sort = forms.ChoiceField(
        required=False, label="Sort by", choices=[(slug, order.words) for slug, order in SORTS.items()]
    )

    CHOICES = ("type", "status", "decision")
    PLACES = ("ward", "parish")
    DAYS = tuple(f"{period}_{end}" for period in PERIODS for end in ("from", "to"))
    NARROWING = (*CHOICES, *PLACES, *DAYS, "bbox")

    def __init__(self, data=None, *args, council: LocalAuthority | None = None, **kwargs):
        super().__init__(data, *args, **kwargs)
        choices = choices_of(council)
        kind = self.fields["type"]
        assert isinstance(kind, forms.ChoiceField)  # noqa: S101 - as it is declared above
        kind.choices = [("", "Any type"), *choices.types]
        self.types_to_offer = choices.types_there
        self.places_to_offer = {"ward": choices.wards, "parish": choices.parishes}

    def clean_bbox(self) -> str:
        """A part of the map, as its page writes it: west,south,east,north in degrees."""
        written = self.cleaned_data["bbox"]
        window = box_of(written)
        # What is less than a metre wide is no window when it is written down again: it would narrow nothing.
        if written and (window is None or box_of(box_words(window)) is None):
            raise forms.ValidationError("Part of the map: search again from the map", code="invalid")
        return box_words(window) if window else ""

    def clean(self) -> dict[str, Any]:
        asked = super().clean() or {}
        asked["sort"] = asked.get("sort") or RECEIVED
        for period in PERIODS:
            first, last = asked.get(f"{period}_from"), asked.get(f"{period}_to")
            if first and last and first > last:
                label = self.fields[f"{period}_to"].label
                self.add_error(f"{period}_to", f"{label}: enter a date that is not before the first one")
        return asked

    def is_narrowed(self) -> bool:
        """Whether a valid search has filters beside its words."""
        return any(self.cleaned_data.get(name) for name in self.NARROWING)

    def selects(self) -> list["Select"]:
        """The filters that are chosen from a list; a place is none where the council has no names of its kind."""
        offered = {
            "type": self.types_to_offer,
            "status": [(one.slug, one.words) for one in PUBLIC_STATUSES],
            "decision": [(one.slug, one.words) for one in PUBLIC_DECISIONS],
            **{name: [(place, place) for place in places] for name, places in self.places_to_offer.items()},
        }
        return [
            Select(name, str(self.fields[name].label), self.data.get(name, ""), choices, self._wrong(name))
            for name, choices in offered.items()
            if choices
        ]

    def periods(self) -> list[tuple[str, list[tuple[str, forms.BoundField]]]]:
        """The filters by date: what it is the date of, and its first and last day with a word for each."""
        return [
            (
                str(self.fields[f"{period}_from"].label).removesuffix(" on or after"),
                [("On or after", self[f"{period}_from"]), ("On or before", self[f"{period}_to"])],
            )
            for period in PERIODS
        ]

    def _wrong(self, name: str) -> list[str]:
        return [str(sentence) for sentence in self.errors.get(name, ())]

    def kept(self) -> list[tuple[str, str]]:
        """What the form has no control for and a new search keeps: the order, and the part of the map."""
        return [(name, self.data[name]) for name in ("sort", "bbox") if self.data.get(name)]


@dataclass(frozen=True)
class Select:
    """A list to choose from. What was asked for stays to be seen, even when the register no longer has it."""

    name: str
    label: str
    chosen: str
    offered: list[tuple[str, str]]
    errors: list[str]

    @property
    def options(self) -> str:
        offered = [("", "Any"), *self.offered]
        if self.chosen and all(value != self.chosen for value, _ in offered):
            offered.append((self.chosen, self.chosen))
        return format_html_join(
            "\n",
            '<option value="{}"{}>{}</option>',
            ((value, SELECTED if value == self.chosen else "", words) for value, words in offered),
        )


SELECTED = mark_safe(" selected")


@dataclass(frozen=True)
class Choices:
    types: list[tuple[str, str]]  # every type that may be asked for
    types_there: list[tuple[str, str]]  # those that the council's register has
    wards: list[str]
    parishes: list[str]


def choices_of(council: LocalAuthority | None) -> Choices:
    """What can be chosen on a council's register, as it was within the last minute."""
    return kept(("choices", council.pk if council else 0), lambda: _choices_now(council))


def _choices_now(council: LocalAuthority | None) -> Choices:
    types = list(public_types())
    there = types_on_the_register(council) if council else {row.pk for row in types}
    return Choices(
        types=[(row.code, row.name) for row in types],
        types_there=[(row.code, row.name) for row in types if row.pk in there],
        wards=wards_on_the_register(council) if council else [],
        parishes=parishes_on_the_register(council) if council else [],
    )


def found(council: LocalAuthority, asked: dict[str, Any]) -> QuerySet[PlanningApplication]:
    """The council's public applications that fit a cleaned search, in no order: see `in_order`.

    `asked` is `RegisterSearch.cleaned_data`; what is missing or empty asks nothing.
    """
    applications = search_applications(public_applications(council), asked.get("q") or "")
    return _in_window(narrowed(applications, asked), council, asked)


def found_as_written(council: LocalAuthority, asked: dict[str, Any]) -> QuerySet[PlanningApplication]:
    """As `found`, without guesses at what may have been meant: for feeds and alerts, which nobody looks over.

    Who follows a word that no application has yet must not be told of words and addresses that look like it.
    """
    answer = find(public_applications(council), asked.get("q") or "")
    if answer.how in GUESSES:
        return answer.applications.none()
    return _in_window(narrowed(answer.applications, asked), council, asked)


def _in_window(
    applications: QuerySet[PlanningApplication], council: LocalAuthority, asked: dict[str, Any]
) -> QuerySet[PlanningApplication]:
    window = box_of(asked.get("bbox") or "")
    return in_window(applications, council, window) if window else applications


def narrowed(applications: QuerySet[PlanningApplication], asked: dict[str, Any]) -> QuerySet[PlanningApplication]:
    """Those of public applications that pass the filters of a cleaned search, whatever its words."""
    if asked.get("type"):
        applications = applications.filter(application_type__code=asked["type"])
    if asked.get("status"):
        applications = with_public_status(applications, asked["status"])
    if asked.get("decision"):
        applications = with_public_decision(applications, asked["decision"])
    places = {name: asked[name] for name in RegisterSearch.PLACES if asked.get(name)}
    bounds: dict[str, date | datetime] = {}
    for period, (column, _) in PERIODS.items():
        first, last = asked.get(f"{period}_from"), asked.get(f"{period}_to")
        if first:
            bounds[f"{column}__gte"] = _beginning(first) if column in MOMENTS else first
        if last and column in MOMENTS:
            bounds[f"{column}__lt"] = _beginning(last + timedelta(days=1))
        elif last:
            bounds[f"{column}__lte"] = last
    return applications.filter(**places, **bounds) if places or bounds else applications


def _beginning(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def in_order(applications: QuerySet[PlanningApplication], sort: str = RECEIVED) -> QuerySet[PlanningApplication]:
    """Newest first by the date of the sort: "received", "decided", "changed" or "closing".

    Sorted by a date that not every application has, those without it are left out. Raises KeyError for another sort.
    """
    return having_date(applications, sort).order_by(_newest(sort), "-pk")


def having_date(applications: QuerySet[PlanningApplication], sort: str) -> QuerySet[PlanningApplication]:
    order = SORTS[sort or RECEIVED]
    return applications.filter(**{f"{order.column}__isnull": False}) if order.left_out else applications


def _newest(sort: str) -> OrderBy:
    # As the indexes are written.
    return F(SORTS[sort or RECEIVED].column).desc(nulls_last=True if sort == "changed" else None)


def results(council: LocalAuthority, asked: dict[str, Any]) -> Found:
    """As `found`, in the order that was asked for, with their number and what the words were taken for.

    The number comes first: PostgreSQL goes through the register by date where there are many, and sorts where there are
    few, and is told which.
    """
    register, sort = public_applications(council), asked.get("sort") or RECEIVED
    answer = find(register, asked.get("q") or "")
    is_narrowed = any(asked.get(name) for name in RegisterSearch.NARROWING) or bool(SORTS[sort].left_out)
    if is_narrowed and answer.number != 0:
        countable = _in_window(having_date(narrowed(answer.countable, asked), sort), council, asked)
        counted = settled(countable, among=register, newest_by=SORTS[sort].column)
        many = _in_window(having_date(narrowed(answer.applications, asked), sort), council, asked)
        applications = many if counted.has_more else counted.applications
        answer = replace(answer, applications=applications, number=counted.number, keys=counted.keys)
    elif answer.number is None:
        answer = replace(answer, number=count_up_to_most(answer.countable))
    return replace(answer, applications=in_order(answer.applications, sort))


def canonical(form: RegisterSearch) -> dict[str, str]:
    """What the form asks, field → one spelling of its value, in the form's order; the page is no part of it."""
    if not form.is_bound:
        return {}
    form.is_valid()
    asked: dict[str, str] = {}
    for name in form.fields:
        value = form.cleaned_data.get(name)
        if not value or (name == "sort" and value == RECEIVED):
            continue
        asked[name] = _one_spelling(form, name, value)
    return asked


def _one_spelling(form: RegisterSearch, name: str, value: Any) -> str:
    if not isinstance(value, date):
        return " ".join(value.split())
    written = form.data.get(name, "")
    # "This week" goes on meaning this week, in a bookmark and in an alert.
    return tidied(written) if is_relative(written) else value.isoformat()


def canonical_query(form: RegisterSearch, *, without: str = "") -> str:
    """The search as one stable query, "q=dormer&type=pp.full": empty when everything is asked for."""
    return urlencode({name: value for name, value in canonical(form).items() if name != without})


def search_words(form: RegisterSearch) -> str:
    """The search as people say it: “dormer”, Householder, in Abbey ward, received from 1 June 2026.

    "All applications" where nothing is asked.
    """
    if not form.is_bound:
        return "All applications"
    form.is_valid()
    asked = form.cleaned_data
    said = [f"“{' '.join(asked['q'].split())}”"] if asked.get("q") else []
    said += [value_words(form, name) for name in form.CHOICES if asked.get(name)]
    said += [f"in {asked['ward']} ward"] if asked.get("ward") else []
    said += [f"in the parish of {asked['parish']}"] if asked.get("parish") else []
    said += ["in a part of the map"] if asked.get("bbox") else []
    for period, (_, verb) in PERIODS.items():
        ends = [
            f"{word} {value_words(form, f'{period}_{end}')}"
            for end, word in (("from", "from"), ("to", "to"))
            if asked.get(f"{period}_{end}")
        ]
        said += [f"{verb} {' '.join(ends)}"] if ends else []
    return ", ".join(said) or "All applications"


def value_words(form: RegisterSearch, name: str) -> str:
    """The value of a valid field as it is shown."""
    value = form.cleaned_data[name]
    if isinstance(value, date):
        return date_format(value, "j F Y")
    if name == "bbox":
        return "as chosen on the map"
    choices = getattr(form.fields[name], "choices", None)
    return dict(choices).get(value, value) if choices else value
