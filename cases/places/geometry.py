"""The red line: whatever GeoJSON came → one Polygon or MultiPolygon in WGS84 that can be drawn and measured."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from shapely import make_valid
from shapely.errors import ShapelyError
from shapely.geometry import MultiPolygon, Polygon, mapping
from shapely.geometry import shape as shape_of
from shapely.geometry.base import BaseGeometry

from cases.faults import Fault

MAX_VERTICES = 10_000
MAX_VERTICES_TO_REPAIR = 2_000  # crossings may grow with the square of the points
LARGEST = 1e300  # no number beyond it is a place, and an integer of JSON may be too long for a float
# The box around England with the sea about it. It also tells British National Grid metres from degrees.
WEST, EAST, SOUTH, NORTH = -7.5, 2.5, 49.5, 56.5
EQUATOR_M, POLE_M = 6_378_137.0, 6_356_752.314245  # radii of WGS84


class BadGeometry(Exception):
    """Not a red line. `path` says where in the geometry, `reason` why."""

    def __init__(self, path: str, reason: str):
        super().__init__(reason)
        self.path = path
        self.reason = reason


@dataclass(frozen=True)
class Boundary:
    geometry: dict[str, Any]  # GeoJSON Polygon or MultiPolygon
    area_sqm: Decimal
    faults: list[Fault] = field(default_factory=list)


def read_boundary(geojson: Any, *, path: str = "") -> Boundary:
    """The boundary that a GeoJSON object draws.

    A Feature, a FeatureCollection, a Polygon, a MultiPolygon or a GeometryCollection; several polygons become one
    MultiPolygon. Rings are closed and crossings repaired, and each repair is a fault in the result. Coordinates are
    longitude and latitude; a height is dropped. Raises BadGeometry.
    """
    faults: list[Fault] = []
    polygons = []
    vertices = 0
    for rings, where in _polygons(geojson, path, faults):
        clean = [_ring(ring, f"{where}/{index}", faults) for index, ring in enumerate(rings)]
        vertices += sum(map(len, clean))
        if vertices > MAX_VERTICES:
            raise BadGeometry(where, f"has more than {MAX_VERTICES:,} points")
        polygons.append(Polygon(clean[0], clean[1:]))
    if not polygons:
        raise BadGeometry(path, "holds no polygon")
    shape = _sound(polygons, vertices, path, faults)
    area = area_sqm(shape)
    if area < 1:
        raise BadGeometry(path, "encloses less than a square metre")
    return Boundary(_as_geojson(shape), Decimal(str(round(area, 2))), faults)


def area_sqm(shape: BaseGeometry) -> float:
    """Area in m² of a shape in WGS84 degrees.

    Degrees are scaled to metres at the middle of the shape, with the two radii of curvature of the ellipsoid there:
    for a site a few kilometres wide the error is far below one in a thousand.
    """
    _, south, _, north = shape.bounds
    latitude = math.radians((south + north) / 2)
    eccentricity_2 = 1 - (POLE_M / EQUATOR_M) ** 2
    w_2 = 1 - eccentricity_2 * math.sin(latitude) ** 2
    metres_north = math.radians(1) * EQUATOR_M * (1 - eccentricity_2) / w_2**1.5
    metres_east = math.radians(1) * EQUATOR_M / math.sqrt(w_2) * math.cos(latitude)
    return shape.area * metres_north * metres_east


def middle_of(geometry: dict[str, Any]) -> tuple[Decimal, Decimal]:
    """Longitude and latitude of a point inside the boundary, near its middle."""
    point = shape_of(geometry).representative_point()
    return Decimal(str(round(point.x, 6))), Decimal(str(round(point.y, 6)))


def _polygons(geojson: Any, path: str, faults: list[Fault]) -> Iterator[tuple[list[Any], str]]:
    """Each polygon's rings, wherever in the object they stand. Lines and points beside them are left out and noted."""
    waiting = [(geojson, path)]
    found_other = False
    while waiting:
        part, where = waiting.pop(0)
        if not isinstance(part, dict):
            raise BadGeometry(where, "is not a GeoJSON object")
        match part.get("type"):
            case "Feature":
                waiting.append((part.get("geometry"), f"{where}/geometry"))
            case "FeatureCollection":
                waiting += _members(part, "features", where)
            case "GeometryCollection":
                waiting += _members(part, "geometries", where)
            case "Polygon":
                yield _rings(part.get("coordinates"), f"{where}/coordinates"), f"{where}/coordinates"
            case "MultiPolygon":
                for index, rings in enumerate(_list(part.get("coordinates"), f"{where}/coordinates")):
                    yield _rings(rings, f"{where}/coordinates/{index}"), f"{where}/coordinates/{index}"
            case "Point" | "MultiPoint" | "LineString" | "MultiLineString":
                found_other = True
            case _:
                raise BadGeometry(f"{where}/type", "is not a type of GeoJSON")
    if found_other:
        faults.append(Fault(path, "holds lines or points, which a red line cannot be; they were left out"))


def _members(part: dict[str, Any], key: str, where: str) -> list[tuple[Any, str]]:
    return [(m, f"{where}/{key}/{i}") for i, m in enumerate(_list(part.get(key), f"{where}/{key}"))]


def _list(value: Any, where: str) -> list[Any]:
    if not isinstance(value, list):
        raise BadGeometry(where, "is not a list")
    if len(value) > MAX_VERTICES:
        raise BadGeometry(where, f"has more than {MAX_VERTICES:,} members")
    return value


def _rings(value: Any, where: str) -> list[Any]:
    rings = _list(value, where)
    if not rings:
        raise BadGeometry(where, "is empty")
    return rings


def _ring(ring: Any, where: str, faults: list[Fault]) -> list[tuple[float, float]]:
    points = [_point(point, f"{where}/{index}") for index, point in enumerate(_list(ring, where))]
    if points and points[0] != points[-1]:
        points.append(points[0])
        faults.append(Fault(where, "was not closed; it was closed"))
    if len(points) < 4:
        raise BadGeometry(where, "has too few points to enclose anything")
    return points


def _point(point: Any, where: str) -> tuple[float, float]:
    if not isinstance(point, list) or len(point) not in (2, 3):
        raise BadGeometry(where, "is not a pair of longitude and latitude")
    if not all(isinstance(n, int | float) and not isinstance(n, bool) and abs(n) <= LARGEST for n in point):
        raise BadGeometry(where, "is not a pair of numbers")
    longitude, latitude = float(point[0]), float(point[1])
    if not (WEST <= longitude <= EAST and SOUTH <= latitude <= NORTH):
        raise BadGeometry(where, "is not in England as longitude and latitude (WGS84), longitude first")
    return longitude, latitude


def _sound(polygons: list[Polygon], vertices: int, path: str, faults: list[Fault]) -> BaseGeometry:
    """One valid shape of these polygons: crossings and overlaps are dissolved, and that is noted."""
    shape: BaseGeometry = polygons[0] if len(polygons) == 1 else MultiPolygon(polygons)
    if shape.is_valid:
        return shape
    if vertices > MAX_VERTICES_TO_REPAIR:
        raise BadGeometry(path, "crosses itself and has too many points to be repaired")
    try:
        repaired = make_valid(shape)
    except ShapelyError as error:
        raise BadGeometry(path, "cannot be made into a sound shape") from error
    areas = [part for part in getattr(repaired, "geoms", [repaired]) if part.geom_type in ("Polygon", "MultiPolygon")]
    flat = [polygon for area in areas for polygon in getattr(area, "geoms", [area])]
    if not flat:
        raise BadGeometry(path, "encloses nothing")
    faults.append(Fault(path, "crosses or overlaps itself; it was repaired, so look at it on the map"))
    return flat[0] if len(flat) == 1 else MultiPolygon(flat)


def _as_geojson(shape: BaseGeometry) -> dict[str, Any]:
    def lists(value: Any) -> Any:
        return [lists(item) for item in value] if isinstance(value, list | tuple) else value

    drawn = mapping(shape)
    return {"type": drawn["type"], "coordinates": lists(drawn["coordinates"])}
