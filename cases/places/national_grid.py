"""Eastings and northings of the Ordnance Survey's National Grid → longitude and latitude on the earth (WGS84).

By OSTN15, the transformation that Ordnance Survey itself defines: right to a few centimetres, where a formula alone
would be metres off and put a red line on the wrong side of a fence.
"""

import math
from collections.abc import Sequence
from decimal import Decimal

from convertbng.cutil import convert_osgb36_to_ll

# The grid's own square. What lies inside it and not in Great Britain has no OSTN15 either.
EAST_END, NORTH_END = 700_000, 1_300_000


class NotOnTheGrid(Exception):
    """Not a place in Great Britain."""


def longitudes_and_latitudes(eastings: Sequence[float], northings: Sequence[float]) -> tuple[list[float], list[float]]:
    """Degrees of WGS84 for places in metres of the National Grid (OSGB36), in their order. Raises NotOnTheGrid."""
    longitudes, latitudes = (found.tolist() for found in convert_osgb36_to_ll(eastings, northings))
    if any(math.isnan(longitude) for longitude in longitudes):
        raise NotOnTheGrid
    return longitudes, latitudes


def position(easting: float, northing: float) -> tuple[Decimal, Decimal]:
    """Longitude and latitude of one place, to six decimal places (a hand's breadth). Raises NotOnTheGrid."""
    (longitude,), (latitude,) = longitudes_and_latitudes([easting], [northing])
    return Decimal(f"{longitude:.6f}"), Decimal(f"{latitude:.6f}")
