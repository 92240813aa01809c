"""The register's list: what a visitor asks for, and what the page shows of the answer."""

from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.http import HttpRequest, QueryDict
from django.utils.functional import cached_property

from accounts.models import LocalAuthority
from cases.models import PlanningApplication
from cases.register import Entry, entry_of

from .searching import RegisterSearch, found, in_order, value_words

PAGE_LENGTH = 25
MOST_COUNTED = 10_000  # nobody reads on; counting a million rows takes a second


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


def applied_filters(form: RegisterSearch) -> list[AppliedFilter]:
    """The filters in force beside the search words, each with the address of the list without it."""
    return [
        AppliedFilter(str(form.fields[name].label), value_words(form, name), without(form.data, name))
        for name in (*form.NARROWING, "bbox")
        if form.cleaned_data.get(name)
    ]


def listing(request: HttpRequest, council: LocalAuthority | None, register_page) -> dict[str, Any]:
    """What the list's template shows. A search that cannot be understood finds nothing and says what is wrong."""
    form = RegisterSearch(request.GET, council=council)
    answer = PlanningApplication.objects.none()
    if council and form.is_valid():
        answer = in_order(found(council, form.cleaned_data), form.cleaned_data["sort"])
    page = RegisterPaginator(answer, PAGE_LENGTH).get_page(request.GET.get("page"))
    entries: list[Entry] = [entry_of(application) for application in page]
    return {
        "form": form,
        "register_page": register_page,
        "entries": entries,
        "page_of_results": page,
        "pages": page_links(page, without(request.GET)) if page.paginator.num_pages > 1 else None,
        "applied": applied_filters(form) if form.is_valid() else [],
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
