"""The red line as people write it: a line for each corner, in degrees or metres of the National Grid; or GeoJSON."""

import json
import re
from decimal import Decimal
from math import cos, hypot, radians
from typing import Any

from shapely.geometry import Polygon

from cases.places.geometry import EAST, MAX_VERTICES, NORTH, SOUTH, WEST, BadGeometry, middle_of, read_boundary
from cases.places.national_grid import NotOnTheGrid, longitudes_and_latitudes
from cases.wording.figures import exactly

EXAMPLE = "51.615520, -0.646600"
FURTHEST_KM = 10  # from the point of the application: further away, somebody mistyped a number
GRID_FROM = 1_000  # metres; no degree is so large
KM_PER_DEGREE = 111.2

_NUMBER = re.compile(r"([+-]?\d+(?:\.\d+)?)\s*°?\s*([NSEW]\b)?", re.IGNORECASE)
Place = tuple[float, float]  # longitude, latitude


class NoRedLine(Exception):
    """What was written is no red line. `str()` is a sentence for whoever wrote it."""


def read_corners(text: str, *, near: tuple[Decimal | None, Decimal | None] = (None, None)) -> dict[str, Any]:
    """The GeoJSON of the line that `text` writes down, in WGS84.

    Each line holds two numbers: latitude and longitude, in either order (in England the two cannot be mistaken for each
    other), or easting and northing in metres. An empty line begins another area. `near` is the longitude and latitude
    of the application. Raises NoRedLine.
    """
    text = text.strip()
    if not text:
        raise NoRedLine("Draw the red line, or enter the position of each corner")
    geometry = _geojson(text) if text.startswith("{") else _written(text)
    try:
        boundary = read_boundary(geometry).geometry
    except BadGeometry as wrong:
        of_what = "A corner of the red line" if wrong.path else "The red line"
        raise NoRedLine(f"{of_what} {wrong.reason}") from wrong
    _refuse_far_away(boundary, near)
    return boundary


def as_corners(boundary: dict[str, Any] | None) -> str:
    """The line written down so that `read_corners` reads it: corners where that is possible, else GeoJSON."""
    if not boundary:
        return ""
    polygons = boundary["coordinates"] if boundary["type"] == "MultiPolygon" else [boundary["coordinates"]]
    if any(len(rings) > 1 for rings in polygons):  # an area with a hole
        return json.dumps(boundary)
    return "\n\n".join(
        "\n".join(f"{latitude:.7f}, {longitude:.7f}" for longitude, latitude, *_ in rings[0][:-1]) for rings in polygons
    )


def area_in_words(boundary: dict[str, Any] | None) -> str:
    """Square metres, 1,240.37; empty where there is no line, or none that can be measured (of an older register)."""
    try:
        return exactly(read_boundary(boundary).area_sqm) if boundary else ""
    except BadGeometry:
        return ""


def _geojson(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise NoRedLine("The GeoJSON of the red line is not complete. Copy all of it") from error


def _written(text: str) -> dict[str, Any]:
    lines = text.splitlines()
    if len(lines) > MAX_VERTICES:
        raise NoRedLine(f"The red line must have {MAX_VERTICES:,} corners or fewer")
    areas: list[list[Place]] = [[]]
    for number, line in enumerate(lines, 1):
        if line.strip():
            areas[-1].append(_corner(line, number))
        elif areas[-1]:
            areas.append([])
    rings = [_closed(area, number) for number, area in enumerate(filter(None, areas), 1)]
    return {"type": "MultiPolygon", "coordinates": [[ring] for ring in rings]}


def _closed(corners: list[Place], number: int) -> list[list[float]]:
    if corners[0] == corners[-1]:
        corners = corners[:-1]
    of_area = f"Area {number} of the red line" if number > 1 else "The red line"
    if len(corners) < 3:
        raise NoRedLine(f"{of_area} needs at least 3 corners")
    if not Polygon(corners).is_valid:
        raise NoRedLine(f"{of_area} crosses itself. Put the corners in the order in which you would walk around it")
    return [list(corner) for corner in [*corners, corners[0]]]


def _corner(line: str, number: int) -> Place:
    found = _NUMBER.findall(line)
    if len(found) != 2 or _NUMBER.sub("", line).strip(" ,;\t()[]"):
        raise NoRedLine(f"Line {number} must hold two numbers, like {EXAMPLE}")
    first, second = (-float(n) if letter.upper() in ("S", "W") else float(n) for n, letter in found)
    if min(first, second) >= GRID_FROM:
        return _on_the_grid(first, second, number)
    for longitude, latitude in ((second, first), (first, second)):
        if WEST <= longitude <= EAST and SOUTH <= latitude <= NORTH:
            return longitude, latitude
    raise NoRedLine(f"Line {number} is not a place in England. Write latitude and longitude like {EXAMPLE}")


def _on_the_grid(easting: float, northing: float, number: int) -> Place:
    try:
        (longitude,), (latitude,) = longitudes_and_latitudes([easting], [northing])
    except NotOnTheGrid as error:
        raise NoRedLine(f"Line {number} is not a place on the National Grid. Write the easting first") from error
    return longitude, latitude


def _refuse_far_away(boundary: dict[str, Any], near: tuple[Decimal | None, Decimal | None]) -> None:
    longitude, latitude = near
    if longitude is None or latitude is None:
        return
    there_longitude, there_latitude = middle_of(boundary)
    east = float(there_longitude - longitude) * cos(radians(float(latitude)))
    away = hypot(east, float(there_latitude - latitude)) * KM_PER_DEGREE
    if away > FURTHEST_KM:
        raise NoRedLine(f"The red line is about {away:,.0f} km from the site of the application. Check the numbers")
