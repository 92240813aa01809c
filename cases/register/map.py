"""The register by where: applications in a window of the map, grouped by the database, at a bounded cost.

PostgreSQL knows nothing of how many boxes overlap a window (it assumes one in two hundred), and the two good plans
differ by a hundred times: through the spatial index where the window holds few, from the newest day on where it holds
many. So a small sample of the register is asked first, and the condition is written in the form that fits.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import F, FloatField, Func, QuerySet
from django.db.models.functions import Left

from accounts.models import LocalAuthority
from cases.models import PlanningApplication
from cases.places.box_field import Box
from cases.statuses import Status

from .published import PUBLIC_STATUS, Words

MOST_GROUPED = 10_000
MOST_PINS = 25  # the newest in the window, told with their words whether they stand alone on the map or not
CELL_PIXELS, TILE_PIXELS, FURTHEST_ZOOM = 64, 256, 22
MOST_CELLS_ACROSS = 24
LONGEST_DESCRIPTION = 200

# The same thousandth of the register's pages each time, so that they stay in memory.
SAMPLED = 0.001
_SAMPLE = """
    SELECT count(*), count(*) FILTER (WHERE extent && %(window)s::box)
    FROM cases_planningapplication TABLESAMPLE SYSTEM (100 * %(sampled)s) REPEATABLE (1)
    WHERE is_on_register AND authority_id = %(authority)s
"""
# What reading a row through the spatial index costs, in rows read from the newest day on: those lie together.
SPATIAL_COST = 8

_GROUPS = """
    WITH newest AS MATERIALIZED (SELECT row_number() OVER () AS place, found.* FROM ({found}) AS found)
    SELECT count(*), avg(x), avg(y), min(x), min(y), max(x), max(y), min(id),
           array_agg(place) FILTER (WHERE place <= {pins}), array_agg(id) FILTER (WHERE place <= {pins})
    FROM newest GROUP BY floor(x / %s), floor(y / %s)
"""
_AROUND = """
    SELECT percentile_disc(ARRAY[0.02, 0.98]) WITHIN GROUP (ORDER BY x),
           percentile_disc(ARRAY[0.02, 0.98]) WITHIN GROUP (ORDER BY y)
    FROM ({found}) AS found
"""


@dataclass(frozen=True)
class Pin:
    """One application on the map, as far as the map tells of it."""

    reference: str
    address: str
    description: str
    status: Words
    longitude: float
    latitude: float


@dataclass(frozen=True)
class Cluster:
    """Applications that stand too near each other to be told apart at this zoom."""

    count: int
    longitude: float
    latitude: float
    around: Box


@dataclass(frozen=True)
class Grouped:
    clusters: list[Cluster]
    pins: list[Pin]  # those that stand alone
    newest: list[Pin]
    count: int  # never more than MOST_GROUPED
    has_more: bool  # there are more, older ones, which are not on the map


def in_window(
    applications: QuerySet[PlanningApplication], authority: LocalAuthority, window: Box
) -> QuerySet[PlanningApplication]:
    """Those of one authority's public applications whose site lies in the window, wholly or partly. Asks once."""
    return applications.filter(**{f"extent__{_lookup(authority, window)}": window})


def _lookup(authority: LocalAuthority, window: Box) -> str:
    """Which form of the same condition leads to the better plan; see `cases.places.box_field`."""
    with connection.cursor() as cursor:
        cursor.execute(_SAMPLE, {"window": str(window), "authority": authority.pk, "sampled": SAMPLED})
        sampled, inside = cursor.fetchone()
    if not inside:
        return "overlaps_rarely"
    read_from_the_newest = min(sampled / SAMPLED, MOST_GROUPED * sampled / inside)
    return "overlaps_often" if inside / SAMPLED * SPATIAL_COST > read_from_the_newest else "overlaps_rarely"


def group(applications: QuerySet[PlanningApplication], *, window: Box, zoom: int) -> Grouped:
    """The first MOST_GROUPED of ordered applications of `in_window`, grouped in cells of CELL_PIXELS. Two queries."""
    found = applications.select_related(None).annotate(x=_centre("x"), y=_centre("y")).values("id", "x", "y")
    try:
        sql, params = found[: MOST_GROUPED + 1].query.sql_with_params()
    except EmptyResultSet:  # a search that cannot find anything is no question to the database
        return Grouped([], [], [], 0, has_more=False)
    with connection.cursor() as cursor:
        cursor.execute(_GROUPS.format(found=sql, pins=MOST_PINS), [*params, *cell_size(window, zoom)])
        cells = cursor.fetchall()
    count = sum(cell[0] for cell in cells)
    alone = [cell[7] for cell in cells if cell[0] == 1]
    places = dict(sorted(pair for cell in cells for pair in zip(cell[8] or (), cell[9] or (), strict=True)))
    pins = dict(_pins(applications.model, {*alone, *places.values()}))
    return Grouped(
        clusters=[Cluster(cell[0], cell[1], cell[2], Box(*cell[3:7])) for cell in cells if cell[0] > 1],
        pins=[pins[pk] for pk in alone if pk in pins],
        newest=[pins[pk] for pk in places.values() if pk in pins],
        count=min(count, MOST_GROUPED),
        has_more=count > MOST_GROUPED,
    )


def cell_size(window: Box, zoom: int) -> tuple[float, float]:
    """Width and height of a cell in degrees: square on a map in Mercator's projection, and not too many of them."""
    width = 360 / (TILE_PIXELS * 2 ** max(0, min(zoom, FURTHEST_ZOOM))) * CELL_PIXELS
    height = width * max(0.1, math.cos(math.radians((window.south + window.north) / 2)))
    return (
        max(width, (window.east - window.west) / MOST_CELLS_ACROSS),
        max(height, (window.north - window.south) / MOST_CELLS_ACROSS),
    )


class _centre(Func):
    """Longitude ("x") or latitude ("y") of the middle of the site's rectangle."""

    template = "(center(%(expressions)s))[%(axis)s]"

    def __init__(self, axis: str):
        super().__init__(F("extent"), axis="01"["xy".index(axis)], output_field=FloatField())


def _pins(model: type[PlanningApplication], pks: set[int]) -> Iterator[tuple[int, Pin]]:
    """Only fields of PUBLIC_FIELDS, of applications that were found on the register."""
    rows = (
        model.objects.on_the_register()
        .filter(pk__in=pks)
        .values_list(
            "pk",
            "reference",
            "address",
            "postcode",
            Left("description", LONGEST_DESCRIPTION + 1),
            "status",
            _centre("x"),
            _centre("y"),
        )
    )
    for pk, reference, address, postcode, description, status, x, y in rows:
        if len(description) > LONGEST_DESCRIPTION:
            description = f"{description[:LONGEST_DESCRIPTION].rsplit(' ', 1)[0]} …"
        full_address = f"{address}, {postcode}" if postcode else address
        yield pk, Pin(reference, full_address, description, PUBLIC_STATUS[Status(status)], x, y)


def box_around(applications: QuerySet[PlanningApplication]) -> Box | None:
    """A window that shows most of the newest of ordered applications; None where none has a place.

    One in fifty at each side may lie outside: an old register has sites in the sea.
    """
    found = applications.select_related(None).filter(extent__isnull=False).annotate(x=_centre("x"), y=_centre("y"))
    try:
        sql, params = found.values("x", "y")[:1000].query.sql_with_params()
    except EmptyResultSet:
        return None
    with connection.cursor() as cursor:
        cursor.execute(_AROUND.format(found=sql), params)
        xs, ys = cursor.fetchone()
    return Box(xs[0], ys[0], xs[1], ys[1]) if xs else None


def box_of(text: str) -> Box | None:
    """A window written as west,south,east,north in degrees; None when it is none."""
    parts = text.split(",")
    if len(parts) != 4:
        return None
    try:
        west, south, east, north = (float(Decimal(part.strip())) for part in parts)
    except (ArithmeticError, ValueError):  # ValueError: sNaN is a decimal and no float
        return None
    if not all(map(math.isfinite, (west, south, east, north))):
        return None
    window = Box(max(west, -180.0), max(south, -90.0), min(east, 180.0), min(north, 90.0))
    return window if window.west < window.east and window.south < window.north else None


def box_words(window: Box) -> str:
    """As `box_of` reads it: five decimals, which is a metre."""
    return ",".join(f"{degrees:.5f}" for degrees in window)
