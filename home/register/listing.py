"""The register's list: what a visitor asks for, and what the page shows of the answer."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, QueryDict
from django.utils.formats import date_format
from django.utils.functional import cached_property

from accounts.models import LocalAuthority
from cases.models import PlanningApplication
from cases.register import (
    PUBLIC_DECISIONS,
    PUBLIC_STATUSES,
    Entry,
    entry_of,
    newest_first,
    public_applications,
    public_types,
    with_public_decision,
    with_public_status,
)
from cases.search import LONGEST_SEARCH, search_applications

PAGE_LENGTH = 25
MOST_COUNTED = 10_000  # nobody reads on; counting a million rows takes a second
DATES = ["%d/%m/%Y", "%d/%m/%y", "%d-%m-%Y", "%d.%m.%Y", "%d %B %Y", "%d %b %Y", "%Y-%m-%d"]


class DayField(forms.DateField):
    """A day, written in any of the ways people write one."""

    widget = forms.TextInput(attrs={"class": "govuk-input govuk-input--width-10", "autocomplete": "off"})

    def __init__(self, label: str):
        super().__init__(label=label, required=False, input_formats=DATES)
        self.error_messages["invalid"] = f"{label}: enter a real date, like 27/3/2026"


class RegisterSearch(forms.Form):
    """What may be asked of the register. Every field is optional, and stands in the address of the answer."""

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
    received_from = DayField("Received on or after")
    received_to = DayField("Received on or before")
    decided_from = DayField("Decided on or after")
    decided_to = DayField("Decided on or before")

    CHOICES = ("type", "status", "decision")
    DAYS = ("received_from", "received_to", "decided_from", "decided_to")
    NARROWING = (*CHOICES, *DAYS)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        kinds = [(row.code, row.name) for row in public_types()]
        self.fields["type"].choices = [("", "Any type"), *kinds]
        for name in self.CHOICES:
            self.fields[name].widget.attrs["class"] = "govuk-select"
        for name in self.NARROWING:
            self._describe(name)

    def _describe(self, name: str) -> None:
        """Tie a control to its hint and to what is wrong with it, so that both are read out."""
        attrs, said = self.fields[name].widget.attrs, []
        if name in self.DAYS:
            said.append(f"id_{name}-hint")
        if self.errors.get(name):
            said.append(f"id_{name}-error")
            attrs["class"] += f" {attrs['class'].split()[0]}--error"
        if said:
            attrs["aria-describedby"] = " ".join(said)

    def clean(self) -> dict[str, Any]:
        asked = super().clean() or {}
        for first, last in (("received_from", "received_to"), ("decided_from", "decided_to")):
            if asked.get(first) and asked.get(last) and asked[first] > asked[last]:
                self.add_error(last, f"{self.fields[last].label}: enter a date that is not before the first one")
        return asked

    def choices(self) -> list[forms.BoundField]:
        return [self[name] for name in self.CHOICES]

    def days(self) -> list[forms.BoundField]:
        return [self[name] for name in self.DAYS]

    def applied(self) -> list["AppliedFilter"]:
        """The filters in force beside the search words, each with the address of the list without it."""
        return [
            AppliedFilter(self.fields[name].label, self._said(name), without(self.data, name))
            for name in self.NARROWING
            if self.cleaned_data.get(name)
        ]

    def _said(self, name: str) -> str:
        value = self.cleaned_data[name]
        if isinstance(value, date):
            return date_format(value, "j F Y")
        return dict(self.fields[name].choices)[value]


@dataclass(frozen=True)
class AppliedFilter:
    label: str
    words: str
    address_without: str


class RegisterPaginator(Paginator):
    """Counts no further than MOST_COUNTED and makes no pages beyond."""

    @cached_property
    def seen(self) -> int:
        return self.object_list.order_by().values("pk")[: MOST_COUNTED + 1].count()

    @cached_property
    def count(self) -> int:
        return min(self.seen, MOST_COUNTED)

    @property
    def has_more(self) -> bool:
        return self.seen > MOST_COUNTED


def found(applications: QuerySet[PlanningApplication], asked: dict[str, Any]) -> QuerySet[PlanningApplication]:
    """The applications that fit the cleaned search, newest first."""
    applications = search_applications(applications, asked["q"])
    if asked["type"]:
        applications = applications.filter(application_type__code=asked["type"])
    if asked["status"]:
        applications = with_public_status(applications, asked["status"])
    if asked["decision"]:
        applications = with_public_decision(applications, asked["decision"])
    bounds = {
        "received_on__gte": asked["received_from"],
        "received_on__lte": asked["received_to"],
        "decided_on__gte": asked["decided_from"],
        "decided_on__lte": asked["decided_to"],
    }
    return newest_first(applications.filter(**{lookup: day for lookup, day in bounds.items() if day}))


def listing(request: HttpRequest, council: LocalAuthority | None, register_page) -> dict[str, Any]:
    """What the list's template shows. A search that cannot be understood finds nothing and says what is wrong."""
    form = RegisterSearch(request.GET)
    nothing = PlanningApplication.objects.none()
    answer = found(public_applications(council), form.cleaned_data) if council and form.is_valid() else nothing
    page = RegisterPaginator(answer, PAGE_LENGTH).get_page(request.GET.get("page"))
    entries: list[Entry] = [entry_of(application) for application in page]
    return {
        "form": form,
        "register_page": register_page,
        "entries": entries,
        "page_of_results": page,
        "pages": page_links(page, without(request.GET)) if page.paginator.num_pages > 1 else None,
        "applied": form.applied() if form.is_valid() else [],
        "is_narrowed": form.is_valid() and any(form.cleaned_data.get(name) for name in form.NARROWING),
        "is_searched": any(request.GET.get(name, "").strip() for name in form.fields),
    }


def without(query: QueryDict, *names: str) -> str:
    """The query of the same list without some of its parts, and from its first page: "?q=dormer", or "?"."""
    kept = {name: query[name] for name in RegisterSearch.base_fields if query.get(name) and name not in names}
    left = QueryDict(mutable=True)
    left.update(kept)
    return f"?{left.urlencode()}"


def page_links(page: Page, start: str) -> dict[str, Any]:
    """Links of a pagination: first, last, and those around the present one; None among them stands for a gap.

    `start` is the query that every link begins with, as `without` makes it.
    """
    join = "" if start == "?" else "&"

    def address(number: int) -> str:
        return f"{start}{join}page={number}"

    last = page.paginator.num_pages
    links: list[dict[str, Any] | None] = []
    before = 0
    for number in sorted({1, last, *range(max(1, page.number - 1), min(last, page.number + 1) + 1)}):
        if number - before > 1:
            links.append(None)
        links.append({"number": number, "address": address(number), "is_current": number == page.number})
        before = number
    return {
        "links": links,
        "previous": address(page.number - 1) if page.has_previous() else "",
        "next": address(page.number + 1) if page.has_next() else "",
    }
