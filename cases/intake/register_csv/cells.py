"""One cell of an older register → one value, or a sentence that says why it cannot be read."""

import json
import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from shapely import from_wkt
from shapely.errors import ShapelyError
from shapely.geometry import mapping as as_geojson

from accounts.plain_text import plain
from cases.intake.portal.red_line import in_degrees
from cases.places.geometry import BadGeometry, Boundary, read_boundary
from cases.places.national_grid import NotOnTheGrid, position

# A day is often kept as a moment: midnight says nothing more than the day.
_MIDNIGHT = re.compile(r"[T ]0?0:00(:00(\.0+)?)?$")
_DIGITS = re.compile(r"(\d+)(\.0+)?")
_MONEY = re.compile(r"[£,\s]")
EARLIEST = date(1900, 1, 1)  # before any planning register; what lies before it is an empty date of some old system
YES = frozenset({"yes", "y", "true", "t", "1"})
NO = frozenset({"no", "n", "false", "f", "0"})


class Unreadable(Exception):
    """The cell cannot be read. `str()` says why, to be read after the field's name."""


def text(cell: str, longest: int | None) -> str:
    clean = cell.strip()
    if not clean.isprintable():  # most are
        clean = plain(clean.replace("\r\n", "\n")).strip()
    if longest and len(clean) > longest:
        raise Unreadable(f"has {len(clean):,} characters; there is room for {longest:,}")
    return clean


def one_of_digits(cell: str, longest: int | None) -> str:
    """A number that is a name: 0100012345 and 100012345.0 are 100012345."""
    found = _DIGITS.fullmatch(cell.replace(" ", ""))
    if not found:
        hint = "; a spreadsheet has shortened it" if "E+" in cell.upper() else ""
        raise Unreadable(f"“{_short(cell)}” is not a whole number{hint}")
    digits = found[1].lstrip("0")
    if longest and len(digits) > longest:
        raise Unreadable(f"has {len(digits)} digits; there is room for {longest}")
    return digits


def number(cell: str) -> Decimal:
    try:
        value = Decimal(_MONEY.sub("", cell))
    except InvalidOperation:
        raise Unreadable(f"“{_short(cell)}” is not a number") from None
    if not value.is_finite() or abs(value) >= 10**8:
        raise Unreadable(f"“{_short(cell)}” is not a number that can be kept")
    return value


def yes_or_no(cell: str) -> bool:
    word = cell.casefold()
    if word in YES | NO:
        return word in YES
    raise Unreadable(f"“{_short(cell)}” is neither yes nor no")


def day_reader(formats: tuple[str, ...], *, today: date) -> Callable[[str], date]:
    """A function that reads a day in one of these ways, and each day only once: a register has many rows and few days.

    A year of two digits is the last such year: 58 is 1958. Raises Unreadable.
    """

    @lru_cache(maxsize=50_000)
    def read(cell: str) -> date:
        day_only = _MIDNIGHT.sub("", cell)
        for written in formats:
            try:
                day = datetime.strptime(day_only, written).date()  # noqa: DTZ007 - a day has no time zone
            except ValueError:
                continue
            if "%y" in written and day.year > today.year + 5:
                day = day.replace(year=day.year - 100)
            if not EARLIEST <= day <= today.replace(year=today.year + 50, day=1):
                raise Unreadable(f"{day:%-d %B} {day.year} cannot be right")
            return day
        raise Unreadable(f"“{_short(cell)}” is not a day that there is, written as {' or '.join(formats)}")

    return read


def place(easting: Decimal, northing: Decimal) -> tuple[Decimal, Decimal]:
    """Longitude and latitude of a place on the National Grid."""
    try:
        return position(float(easting), float(northing))
    except NotOnTheGrid:
        raise Unreadable(f"{easting}, {northing} is not a place in Great Britain on the National Grid") from None


def boundary(cell: str) -> Boundary:
    """A red line in GeoJSON or WKT, in degrees of WGS84 or metres of the National Grid; which, the numbers tell."""
    try:
        return read_boundary(_as_degrees(json.loads(cell) if cell.startswith("{") else _from_wkt(cell)))
    except BadGeometry as error:
        raise Unreadable(f"{error.reason}") from None
    except NotOnTheGrid:
        raise Unreadable("has points that are not in Great Britain") from None
    except (ValueError, TypeError, RecursionError):
        raise Unreadable("is neither GeoJSON nor WKT") from None


def _from_wkt(cell: str) -> dict[str, Any]:
    try:
        shape = from_wkt(re.sub(r"^SRID=\d+;", "", cell))
    except ShapelyError:
        raise Unreadable("is neither GeoJSON nor WKT") from None
    return json.loads(json.dumps(as_geojson(shape)))


def _as_degrees(geojson: Any) -> Any:
    """The geometry with its eastings and northings, if it has such, made longitudes and latitudes."""
    first = _first_position(geojson)
    return geojson if first is None or abs(first[0]) <= 180 else in_degrees(geojson)


def _first_position(part: Any) -> list[float] | None:
    while isinstance(part, dict):
        inner = part.get("coordinates", part.get("geometry", part.get("features", part.get("geometries"))))
        part = inner
    while isinstance(part, list) and part and isinstance(part[0], list | dict):
        if isinstance(part[0], dict):
            return _first_position(part[0])
        part = part[0]
    numbers = isinstance(part, list) and part and all(isinstance(one, int | float) for one in part)
    return part if numbers else None


def _short(cell: str) -> str:
    return cell if len(cell) <= 40 else f"{cell[:39]}…"
