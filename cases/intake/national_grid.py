"""British National Grid (EPSG:27700, metres) → WGS84 (degrees), as the Planning Portal and older registers give places.

Without the Ordnance Survey's correction grid the result is right to a few metres, which is said where it is used: a red
line from such coordinates wants a look on the map.
"""

from collections.abc import Iterable
from decimal import Decimal
from functools import cache
from typing import Any

from pyproj import Transformer

# The grid covers Great Britain; beyond it a number was mistyped.
MOST_EAST, MOST_NORTH = 700_000, 1_300_000


class NotOnTheGrid(ValueError):
    """The numbers are no easting and northing of Great Britain."""


@cache
def _to_degrees() -> Transformer:
    return Transformer.from_crs("EPSG:27700", "EPSG:4326", always_xy=True)


def to_degrees(easting: float, northing: float) -> tuple[Decimal, Decimal]:
    """(longitude, latitude) to six places. Raises NotOnTheGrid."""
    ((longitude, latitude),) = many_to_degrees([(easting, northing)])
    return Decimal(str(round(longitude, 6))), Decimal(str(round(latitude, 6)))


def many_to_degrees(places: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    """As `to_degrees`, for many places at once: (longitude, latitude) each."""
    places = list(places)
    for easting, northing in places:
        if not (0 < easting < MOST_EAST and 0 < northing < MOST_NORTH):
            raise NotOnTheGrid("is not an easting and northing of Great Britain")
    return list(_to_degrees().itransform(places))


def geojson_to_degrees(geojson: Any) -> Any:
    """GeoJSON in metres of the grid as GeoJSON in degrees; a height is left out. Raises NotOnTheGrid."""
    if isinstance(geojson, dict):
        return {
            key: _positions(value) if key == "coordinates" else geojson_to_degrees(value)
            for key, value in geojson.items()
            if key not in ("crs", "bbox")
        }
    return [geojson_to_degrees(item) for item in geojson] if isinstance(geojson, list) else geojson


def _positions(coordinates: Any) -> Any:
    if not isinstance(coordinates, list) or not coordinates:
        raise NotOnTheGrid("is not a list of positions")
    if all(isinstance(number, int | float) and not isinstance(number, bool) for number in coordinates):
        if len(coordinates) < 2:
            raise NotOnTheGrid("is not a position")
        ((longitude, latitude),) = many_to_degrees([(coordinates[0], coordinates[1])])
        return [round(longitude, 7), round(latitude, 7)]
    return [_positions(item) for item in coordinates]
