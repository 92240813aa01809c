"""The red line as a small drawing of its own, without map tiles: nobody's leave is needed to print or keep it."""

import math
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe

WIDTH, MARGIN = 480.0, 40.0
METRES_PER_DEGREE = 111_320.0


def site_plan_svg(boundary: dict[str, Any]) -> str:
    """An SVG document of a GeoJSON Polygon or MultiPolygon (WGS84, degrees), with north up and a bar of scale.

    Local metres by an equirectangular projection: true to a few centimetres over the size of a site.
    Raises ValueError when the geometry is neither.
    """
    polygons = _polygons(boundary)
    points = [point for polygon in polygons for ring in polygon for point in ring]
    west, east = min(p[0] for p in points), max(p[0] for p in points)
    south, north = min(p[1] for p in points), max(p[1] for p in points)
    shrink = math.cos(math.radians((south + north) / 2))
    wide = max((east - west) * shrink * METRES_PER_DEGREE, 1.0)
    high = max((north - south) * METRES_PER_DEGREE, 1.0)
    scale = (WIDTH - 2 * MARGIN) / max(wide, high)
    height = high * scale + 2 * MARGIN + 24

    def place(point: list[float]) -> str:
        x = MARGIN + (WIDTH - 2 * MARGIN - wide * scale) / 2 + (point[0] - west) * shrink * METRES_PER_DEGREE * scale
        y = MARGIN + (north - point[1]) * METRES_PER_DEGREE * scale
        return f"{x:.1f} {y:.1f}"

    path = " ".join("M" + " L".join(place(p) for p in ring) + " Z" for polygon in polygons for ring in polygon)
    bar = _round_length(wide)
    return format_html(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {w} {h}" width="{w}" height="{h}">'
        '<rect width="{w}" height="{h}" fill="#ffffff"/>{grid}'
        '<path d="{path}" fill="#d4351c" fill-opacity="0.08" stroke="#d4351c" stroke-width="3" fill-rule="evenodd"/>'
        '<path d="M{nx} 14 l7 18 l-7 -5 l-7 5 Z" fill="#0b0c0c"/>'
        '<text x="{nx}" y="48" text-anchor="middle" font-family="Arial, sans-serif" font-size="13">N</text>'
        '<path d="M{m} {by} h{bw}" stroke="#0b0c0c" stroke-width="3"/>'
        '<text x="{m}" y="{ty}" font-family="Arial, sans-serif" font-size="13">{bar} metres</text></svg>',
        w=round(WIDTH),
        h=round(height),
        path=path,
        nx=round(WIDTH - 22),
        m=round(MARGIN),
        by=round(height - 22),
        bw=round(bar * scale, 1),
        ty=round(height - 6),
        bar=bar,
        grid=_grid(height),
    )


def _polygons(boundary: dict[str, Any]) -> list[list[list[list[float]]]]:
    kind, coordinates = boundary.get("type"), boundary.get("coordinates")
    if kind == "Polygon" and coordinates:
        return [coordinates]
    if kind == "MultiPolygon" and coordinates:
        return coordinates
    raise ValueError(f"A red line is a Polygon or a MultiPolygon, not {kind!r}.")


def _round_length(wide: float) -> int:
    """A round number of metres that is about a third of the width."""
    wanted = max(wide / 3, 1.0)
    magnitude = 10 ** math.floor(math.log10(wanted))
    return int(max(step * magnitude for step in (1, 2, 5) if step * magnitude <= wanted))


def _grid(height: float) -> str:
    lines = [(f"M0 {y} H{WIDTH:.0f}",) for y in range(0, round(height), 40)]
    lines += [(f"M{x} 0 V{height:.0f}",) for x in range(0, round(WIDTH), 40)]
    return format_html_join("", '<path d="{}" stroke="#e3e5e8" stroke-width="1"/>', lines) or mark_safe("")
