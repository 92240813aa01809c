"""What the register shows of one property: everything at its UPRN, on a map."""

from collections import Counter
from itertools import islice
from typing import Any

from django.conf import settings

from cases.register.site_history import AtProperty

from .application import drawing_of

MOST_DRAWN = 50


def property_page(history: list[AtProperty], *, uprn: str) -> dict[str, Any]:
    """What the template shows of a property with at least one application, newest first.

    The drawing is the newest red line; the map has the newest MOST_DRAWN.
    """
    newest = history[0]
    drawn = list(islice((one for one in history if drawing_of(one.boundary)), MOST_DRAWN))
    placed = next((one for one in history if one.latitude is not None and one.longitude is not None), None)
    counted = Counter(one.entry.status for one in history)
    return {
        "uprn": uprn,
        "address": newest.entry.address,
        "entries": [one.entry for one in history],
        "counted": counted.most_common(),
        "other_addresses": sorted({one.entry.address for one in history} - {newest.entry.address}),
        "place": {
            "plan": drawing_of(drawn[0].boundary) if drawn else "",
            "plan_of": drawn[0].entry.reference if drawn else "",
            "boundary": _collection(drawn) if drawn else None,
            "latitude": placed.latitude if placed else None,
            "longitude": placed.longitude if placed else None,
            "tile_url": settings.MAP_TILE_URL,
            "attribution": settings.MAP_ATTRIBUTION,
        },
    }


def _collection(drawn: list[AtProperty]) -> dict[str, Any]:
    return {
        "type": "FeatureCollection",
        "features": [
            {"type": "Feature", "properties": {"reference": one.entry.reference}, "geometry": one.boundary}
            for one in drawn
        ],
    }
