"""The register's list: a page of what was asked for, and the links that lead on from it."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Q
from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils import timezone

from accounts.models import LocalAuthority
from cases.application.search import Applications, Found, How
from cases.models import PlanningApplication
from cases.register.published import Entry, entry_of

from .searching import PRESETS, SORTS, RegisterSearch, canonical_query, results, search_words, value_words

PAGE_LENGTH = 25
BESIDE = (  # name of the address → words of its link
    ("register_map", "Map"),
    ("register_list_csv", "CSV"),
    ("register_list_json", "JSON"),
    ("register_list_geojson", "GeoJSON"),
    ("register_feed", "Atom feed"),
)


@dataclass(frozen=True)
class AppliedFilter:
    label: str
    words: str
    address_without: str


@dataclass(frozen=True)
class Link:
    words: str
    address: str
    is_current: bool = False


class RegisterPaginator(Paginator):
    """Pages of what was found, as far as it is counted; beyond lead links to what is older."""

    def __init__(self, found: Found):
        super().__init__(found.applications if found.keys is None else found.keys, PAGE_LENGTH)
        self.count = found.counted


@dataclass(frozen=True)
class After:
    """The last application of a page: the next page begins after it, however deep in the register that is."""

    day: date | datetime
    pk: int

    @classmethod
    def read(cls, text: str, sort: str) -> "After | None":
        """From an address: 2026-06-01.4711. None where it is no place in a list of this order."""
        day, _, pk = text.rpartition(".")
        if not (pk.isascii() and pk.isdigit() and len(pk) < 19):
            return None
        try:
            if sort != "changed":
                return cls(date.fromisoformat(day), int(pk))
            moment = datetime.fromisoformat(day)
            # In UTC: PostgreSQL does not take every zone that Python reads.
            return cls(moment.astimezone(UTC), int(pk)) if timezone.is_aware(moment) else None
        except (ValueError, OverflowError):
            return None

    @classmethod
    def of(cls, application: PlanningApplication, sort: str) -> "After":
        return cls(getattr(application, SORTS[sort].column), application.pk)

    def __str__(self) -> str:
        day = self.day.isoformat().replace("+00:00", "Z")  # a + in an address is a space
        return f"{day}.{self.pk}"

    def further(self, applications: Applications, sort: str) -> Applications:
        column = SORTS[sort].column
        older = Q(**{f"{column}__lt": self.day}) | Q(pk__lt=self.pk)
        return applications.filter(older, **{f"{column}__lte": self.day})


def listing(request: HttpRequest, council: LocalAuthority | None, register_page) -> dict[str, Any]:
    """What the list's template shows. A search that cannot be understood finds nothing and says what is wrong."""
    form = RegisterSearch(request.GET, council=council)
    nothing = PlanningApplication.objects.none()
    is_understood = form.is_valid()
    found = Found(nothing, nothing, How.NOTHING, 0)
    if council and is_understood:
        found = results(council, form.cleaned_data)
    sort = form.cleaned_data.get("sort", "received")
    query = canonical_query(form)
    return {
        "form": form,
        "register_page": register_page,
        **_page(found, request.GET, sort, query),
        "found": found,
        "applied": applied_filters(form) if is_understood else [],
        "is_narrowed": is_understood and form.is_narrowed(),
        "is_searched": any(request.GET.get(name, "").strip() for name in form.fields),
        "words": search_words(form) if is_understood else "",
        "order": SORTS[sort],
        "orders": _orders(form, sort),
        "presets": [Link(words, f"?{preset}", preset == query) for words, preset in PRESETS],
        "beside": [Link(words, _with(reverse(name), query)) for name, words in BESIDE] if is_understood else [],
        "address": _with(reverse("register"), query),
        "follow_address": _with(reverse("alert_search"), query) if is_understood else "",
    }


def _page(found: Found, asked: QueryDict, sort: str, query: str) -> dict[str, Any]:
    """The entries of the page that was asked for by number, or by the application that it comes after."""
    start = f"?{query}"
    after = After.read(asked.get("after", ""), sort)
    if after:
        rows = list(after.further(found.applications, sort)[: PAGE_LENGTH + 1])
        shown, goes_on = rows[:PAGE_LENGTH], len(rows) > PAGE_LENGTH
        page, pages = None, None
    else:
        page = RegisterPaginator(found).get_page(asked.get("page"))
        shown = list(page) if found.keys is None else _by_keys(found.applications, list(page))
        goes_on = found.has_more and not page.has_next()
        pages = page_links(page, start) if page.paginator.num_pages > 1 else None
    older = f"{_joined(start)}after={After.of(shown[-1], sort)}" if shown and goes_on else ""
    entries: list[Entry] = [entry_of(application) for application in shown]
    return {
        "entries": entries,
        "page_of_results": page,
        "pages": pages,
        "older_address": older,
        "first_address": start if after else "",
    }


def _by_keys(applications: Applications, keys: list[int]) -> list[PlanningApplication]:
    """In the order of the keys. One that has left the register since they were read is left out."""
    rows = applications.order_by().in_bulk(keys)
    return [rows[key] for key in keys if key in rows]


def applied_filters(form: RegisterSearch) -> list[AppliedFilter]:
    """The filters in force beside the search words, each with the address of the list without it."""
    return [
        AppliedFilter(str(form.fields[name].label), value_words(form, name), f"?{canonical_query(form, without=name)}")
        for name in form.NARROWING
        if form.cleaned_data.get(name)
    ]


def _orders(form: RegisterSearch, sort: str) -> list[Link]:
    """The orders that the list can have, each with its address."""
    rest = f"?{canonical_query(form, without='sort')}"
    return [
        Link(order.words, rest if slug == "received" else f"{_joined(rest)}sort={slug}", slug == sort)
        for slug, order in SORTS.items()
    ]


def _with(address: str, query: str) -> str:
    return f"{address}?{query}" if query else address


def _joined(start: str) -> str:
    """A query to which one more part can be added."""
    return start if start == "?" else f"{start}&"


def page_links(page: Page, start: str) -> dict[str, Any]:
    """Links of a pagination: first, last, and those around the present one; None among them stands for a gap.

    `start` is the query that every link begins with: "?" or "?q=dormer".
    """
    joined = _joined(start)

    def address(number: int) -> str:
        return f"{joined}page={number}"

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
