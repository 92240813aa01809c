"""A list of the register on a map: the viewport is a filter, and the server groups what lies in it."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.humanize.templatetags.humanize import intcomma
from django.http import QueryDict
from django.urls import reverse

from accounts.models import LocalAuthority
from cases.places.box_field import Box
from cases.register.map import FURTHEST_ZOOM, Cluster, Grouped, Pin, box_around, box_of, box_words, group, in_window

from .searching import RegisterSearch, canonical, canonical_query, found, in_order, search_words

ENGLAND = Box(-6.4, 49.9, 1.8, 55.9)
SMALLEST = 0.002  # degrees; a window around a single point is a street wide
A_METRE = 0.00001


@dataclass(frozen=True)
class MapAsked:
    """What is asked of the map: a search as of the list, the part of the map, and how far it is zoomed in."""

    form: RegisterSearch
    window: Box
    zoom: int

    @property
    def query(self) -> str:
        """The search alone, as it stands in addresses."""
        return canonical_query(self.form)

    def address(self, view: str, window: Box) -> str:
        """Where the list ("register") or the map ("register_map") of this search has this part of the map."""
        return f"{reverse(view)}?{urlencode(canonical(self.form) | {'bbox': box_words(window)})}"


def map_asked(council: LocalAuthority, query: QueryDict) -> MapAsked:
    """What the query asks. Without a part of the map: the part where most of the search's newest applications are."""
    search = query.copy()
    search.pop("bbox", None)  # the part of the map is no part of the search here: it moves
    form = RegisterSearch(search)
    window = box_of(query.get("bbox", ""))
    if window is None:
        there = box_around(in_order(found(council, form.cleaned_data))) if form.is_valid() else None
        window = _not_too_small(there) if there else ENGLAND
    return MapAsked(form, window, _zoom(query.get("zoom", ""), window))


def grouped(council: LocalAuthority, asked: MapAsked) -> Grouped:
    """The applications of the search in the window, the newest MOST_GROUPED of them grouped. A wrong search: none."""
    if not asked.form.is_valid():
        return Grouped([], [], [], 0, has_more=False)
    cleaned = asked.form.cleaned_data
    there = in_window(found(council, cleaned), council, asked.window)
    return group(in_order(there, cleaned["sort"]), window=asked.window, zoom=asked.zoom)


def map_data(council: LocalAuthority, query: QueryDict) -> dict[str, Any]:
    """The answer of map.json: what to draw, what to say, and the newest applications in words."""
    asked = map_asked(council, query)
    shown = grouped(council, asked)
    return {
        "words": words_of(shown),
        "count": shown.count,
        "has_more": shown.has_more,
        "clusters": [_cluster(asked, one) for one in shown.clusters],
        "applications": [_pin(one) for one in shown.pins],
        "newest": [_pin(one) for one in shown.newest],
        "list": asked.address("register", asked.window),
    }


def map_page(council: LocalAuthority, query: QueryDict) -> dict[str, Any]:
    """What the template of the map shows: complete without scripts, as a list with ways to other parts of the map."""
    asked = map_asked(council, query)
    shown = grouped(council, asked)
    return {
        "form": asked.form,
        "is_searched": bool(asked.query),
        "search_words": search_words(asked.form),
        "query": asked.query,
        "bbox": box_words(asked.window),
        "words": words_of(shown),
        "shown": shown,
        "newest": [_pin(one) for one in shown.newest],
        "list_address": asked.address("register", asked.window),
        "moves": [(words, asked.address("register_map", window)) for words, window in moves(asked.window)],
        "tile_url": settings.MAP_TILE_URL,
        "attribution": settings.MAP_ATTRIBUTION,
    }


def words_of(shown: Grouped) -> str:
    if shown.has_more:
        return (
            f"More than {intcomma(shown.count)} applications in this area. "
            f"The map shows the newest {intcomma(shown.count)}: zoom in to see all."
        )
    return f"{intcomma(shown.count)} application{'' if shown.count == 1 else 's'} in this area."


def moves(window: Box) -> list[tuple[str, Box]]:
    """The windows beside this one, nearer and farther."""
    wide, high = window.east - window.west, window.north - window.south

    def moved(east: float, north: float, grown: float = 0.0) -> Box:
        return Box(
            max(-180.0, window.west + wide * (east - grown)),
            max(-90.0, window.south + high * (north - grown)),
            min(180.0, window.east + wide * (east + grown)),
            min(90.0, window.north + high * (north + grown)),
        )

    ways = [
        ("Zoom in", moved(0, 0, -0.25)),
        ("Zoom out", moved(0, 0, 0.5)),
        ("North", moved(0, 0.5)),
        ("East", moved(0.5, 0)),
        ("South", moved(0, -0.5)),
        ("West", moved(-0.5, 0)),
    ]
    return [(words, box) for words, box in ways if box.west < box.east and box.south < box.north]


def _zoom(text: str, window: Box) -> int:
    """The zoom as asked, or one at which the window is about a thousand pixels wide."""
    if text.isdecimal() and len(text) < 4:
        return min(int(text), FURTHEST_ZOOM)
    zoom = 0
    while zoom < FURTHEST_ZOOM and (window.east - window.west) * 256 * 2 ** (zoom + 1) / 360 <= 1024:
        zoom += 1
    return zoom


def _not_too_small(window: Box) -> Box:
    wide, high = max(SMALLEST, window.east - window.west) * 0.55, max(SMALLEST, window.north - window.south) * 0.55
    x, y = (window.west + window.east) / 2, (window.south + window.north) / 2
    return Box(x - wide, y - high, x + wide, y + high)


def _pin(pin: Pin) -> dict[str, Any]:
    return {
        "reference": pin.reference,
        "address": pin.address,
        "description": pin.description,
        "status": pin.status.words,
        "longitude": round(pin.longitude, 6),
        "latitude": round(pin.latitude, 6),
        "url": reverse("register_application", args=[pin.reference]),
    }


def _cluster(asked: MapAsked, cluster: Cluster) -> dict[str, Any]:
    west, south, east, north = cluster.around
    around = Box(west - A_METRE, south - A_METRE, east + A_METRE, north + A_METRE)
    return {
        "count": cluster.count,
        "longitude": round(cluster.longitude, 6),
        "latitude": round(cluster.latitude, 6),
        "around": [round(degrees, 6) for degrees in around],
        "list": asked.address("register", around),
    }
