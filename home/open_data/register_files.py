"""The register as files: the whole of it, and any list of it at the list's own address with another ending."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse

from accounts.models import LocalAuthority
from accounts.public_address import public_url
from cases.register.published import public_applications
from home.register.searching import RegisterSearch, found, in_order
from home.register.views import of_the_register
from home.tables import CSV_STYLE, JSON_STYLE, csv_pieces, feature, json_pieces, object_rows

from .answers import LICENCE, attribution, file_answer, refusal
from .columns import NAMES
from .rows import CHUNK, Row, Shown, all_rows, kinds, values_of, with_red_lines

MOST_ROWS = 10_000  # of a list; who wants more wants the whole register
Head = dict[str, Any]


@of_the_register
def whole_register(request: HttpRequest, *, council: LocalAuthority, register_page, extension: str) -> HttpResponseBase:
    """Every application on the council's register, written while it is read."""

    def write() -> tuple[Iterator[bytes], dict[str, str]]:
        chunks = all_rows(public_applications(council), with_red_line=extension == "geojson")
        return _pieces(council, extension, _head(council), chunks), {}

    return file_answer(
        request,
        council=council,
        name=f"{council.code}-planning-register",
        extension=extension,
        depends_on=[NAMES],
        write=write,
    )


@of_the_register
def register_list(request: HttpRequest, *, council: LocalAuthority, register_page, extension: str) -> HttpResponseBase:
    """The list at the same query: its first 10,000 applications in its order, and whether there are more."""
    form = RegisterSearch(request.GET, council=council)
    if not form.is_valid():
        return refusal([str(error) for errors in form.errors.values() for error in errors])
    asked = form.cleaned_data

    def write() -> tuple[Iterator[bytes], dict[str, str]]:
        applications = in_order(found(council, asked), asked["sort"])
        # Read whole before the first byte is sent: whether there are more stands in the heading. Not so the red lines,
        # of which one may be as long as all else together.
        rows = list(values_of(applications)[: MOST_ROWS + 1])
        has_more = len(rows) > MOST_ROWS
        del rows[MOST_ROWS:]
        whole = public_url(council, reverse(f"register_{extension}"))
        head = {**_head(council), "has_more": has_more, "whole_register": whole}
        headers = {"X-Row-Count": str(len(rows)), "X-Has-More": str(has_more).lower(), "X-Whole-Register": whole}
        chunks: Iterator[list[tuple]] = (rows[start : start + CHUNK] for start in range(0, len(rows), CHUNK))
        if extension == "geojson":
            chunks = with_red_lines(public_applications(council), chunks)
        return _pieces(council, extension, head, chunks), headers

    return file_answer(
        request,
        council=council,
        name=f"{council.code}-planning-applications",
        extension=extension,
        depends_on=[NAMES, sorted(asked.items(), key=str)],
        write=write,
    )


def _head(council: LocalAuthority) -> Head:
    """What JSON files say before their rows."""
    return {
        "planning_authority": council.code,
        "planning_authority_name": council.name,
        "licence": LICENCE,
        "attribution": attribution(council),
        "documentation": public_url(council, reverse("open_data")),
    }


def _pieces(council: LocalAuthority, extension: str, head: Head, chunks: Iterable[list[Row]]) -> Iterator[bytes]:
    style = CSV_STYLE if extension == "csv" else JSON_STYLE
    shown = Shown(council, site=public_url(council), style=style, kinds=kinds())
    return _WRITERS[extension](head, shown, chunks)


def _csv(head: Head, shown: Shown, chunks: Iterable[list[Row]]) -> Iterator[bytes]:
    return csv_pieces(NAMES, (map(shown, chunk) for chunk in chunks))


def _json(head: Head, shown: Shown, chunks: Iterable[list[Row]]) -> Iterator[bytes]:
    return json_pieces(head, "applications", object_rows(NAMES, (map(shown, chunk) for chunk in chunks)))


def _geojson(head: Head, shown: Shown, chunks: Iterable[list[Row]]) -> Iterator[bytes]:
    def features() -> Iterator[list[str]]:
        for chunk in chunks:
            # The red line is the last thing that was read of a row.
            yield [feature(dict(zip(NAMES, shown(row), strict=True)), row[-1]) for row in chunk]

    return json_pieces({"type": "FeatureCollection", **head}, "features", features())


_WRITERS: dict[str, Callable[[Head, Shown, Iterable[list[Row]]], Iterator[bytes]]] = {
    "csv": _csv,
    "json": _json,
    "geojson": _geojson,
}
