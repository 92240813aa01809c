"""PostgreSQL's own type `box`: a rectangle on the map, west and south to east and north, in degrees of WGS84.

Enough to find what lies in a window of the map or overlaps a site, with a GiST index and no PostGIS.
"""

import re
from typing import Any, NamedTuple

from django.db import models
from django.db.models import Lookup

_NUMBERS = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")


class Box(NamedTuple):
    west: float
    south: float
    east: float
    north: float

    def __str__(self) -> str:
        return f"(({self.west!r},{self.south!r}),({self.east!r},{self.north!r}))"


class BoxField(models.Field):
    """A rectangle. Read as `Box`; asked with the lookup `overlaps`, borders included."""

    def db_type(self, connection: Any) -> str:
        return "box"

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> Box | None:
        if value is None:
            return None
        east, north, west, south = map(float, _NUMBERS.findall(value))  # PostgreSQL says the upper right corner first
        return Box(west, south, east, north)

    def get_prep_value(self, value: Box | None) -> str | None:
        return None if value is None else str(Box(*value))


@BoxField.register_lookup
class Overlaps(Lookup):
    lookup_name = "overlaps"
    form = "{left} && {right}::box"

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        left, left_params = self.process_lhs(compiler, connection)
        right, right_params = self.process_rhs(compiler, connection)
        return self.form.format(left=left, right=right), [*left_params, *right_params]


# The same question in two other forms. PostgreSQL takes it that one box in two hundred overlaps, whatever the window,
# and plans by that; cases/register/map.py knows better.


@BoxField.register_lookup
class OverlapsRarely(Overlaps):
    """Said twice, so that the planner expects few rows and goes through the spatial index."""

    lookup_name = "overlaps_rarely"
    form = "({left} && {right}::box AND {right}::box && {left})"

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        left, left_params = self.process_lhs(compiler, connection)
        right, right_params = self.process_rhs(compiler, connection)
        return self.form.format(left=left, right=right), [*left_params, *right_params, *right_params, *left_params]


@BoxField.register_lookup
class OverlapsOften(Overlaps):
    """As a function, of which the planner expects every third row and which no index answers: rows in their order."""

    lookup_name = "overlaps_often"
    form = "box_overlap({left}, {right}::box)"
