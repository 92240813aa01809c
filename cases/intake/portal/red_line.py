"""The Planning Portal's red line: GeoJSON in degrees, or in metres of the National Grid."""

from typing import Any

from cases.places.national_grid import NotOnTheGrid, longitudes_and_latitudes


def in_degrees(geojson: Any) -> Any:
    """GeoJSON in metres of the National Grid as GeoJSON in degrees of WGS84; a height is left out.

    Raises NotOnTheGrid for what is no place in Great Britain, or no position at all.
    """
    if isinstance(geojson, dict):
        return {
            key: _positions(value) if key == "coordinates" else in_degrees(value)
            for key, value in geojson.items()
            if key not in ("crs", "bbox")
        }
    return [in_degrees(item) for item in geojson] if isinstance(geojson, list) else geojson


def _positions(coordinates: Any) -> Any:
    if not isinstance(coordinates, list) or not coordinates:
        raise NotOnTheGrid
    if all(isinstance(number, int | float) and not isinstance(number, bool) for number in coordinates):
        if len(coordinates) < 2:
            raise NotOnTheGrid
        (longitude,), (latitude,) = longitudes_and_latitudes([float(coordinates[0])], [float(coordinates[1])])
        return [round(longitude, 7), round(latitude, 7)]
    return [_positions(item) for item in coordinates]
