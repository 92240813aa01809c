"""Where a postcode is, as far as the council's own register knows: no gazetteer is asked, nothing leaves the house."""

import math
import re
from dataclasses import dataclass
from decimal import Decimal
from statistics import median
from typing import TypedDict

from django.db.models import F, QuerySet

from accounts.models import LocalAuthority
from cases.models import PlanningApplication
from cases.places.box_field import Box
from cases.register.published import public_applications

_POSTCODE = re.compile(r"(?P<outward>[A-Z]{1,2}\d[A-Z\d]?)(?P<inward>\d[A-Z]{2})")
_LOOKED_AT = 200
METRES_OF_A_DEGREE = 111_195  # of latitude, anywhere; of longitude at the equator


@dataclass(frozen=True)
class Place:
    postcode: str  # HP9 2LX
    latitude: Decimal
    longitude: Decimal
    is_of_sector: bool  # nothing on the register has this very postcode: the middle of what has HP9 2

    @property
    def sector(self) -> str:
        return self.postcode[:-2]


def tidy_postcode(text: str) -> str:
    """A whole postcode as it is written, "HP9 2LX"; empty when it is none."""
    found = _POSTCODE.fullmatch("".join(text.upper().split()))
    return f"{found['outward']} {found['inward']}" if found else ""


def where_is(council: LocalAuthority, postcode: str) -> Place | None:
    """The middle of the public sites with this tidy postcode, else of those in its sector; None without any."""
    key = postcode.replace(" ", "")
    known = public_applications(council).filter(extent__isnull=False)
    here = _middle(known.filter(postcode_key=key))
    if here:
        return Place(postcode, *here, is_of_sector=False)
    sector = key[:-2]
    near = known.filter(
        postcode_key__gte=f"{sector}AA", postcode_key__lte=f"{sector}ZZ", postcode_key__startswith=sector
    )
    around = _middle(near)
    return Place(postcode, *around, is_of_sector=True) if around else None


def _middle(applications: QuerySet[PlanningApplication]) -> tuple[Decimal, Decimal] | None:
    """The median, so that one site far from its postcode does not move it."""
    boxes = applications.values_list("extent", flat=True)[:_LOOKED_AT]
    points = [((box.south + box.north) / 2, (box.west + box.east) / 2) for box in boxes]
    if not points:
        return None
    latitude, longitude = (median(numbers) for numbers in zip(*points, strict=True))
    return Decimal(f"{latitude:.6f}"), Decimal(f"{longitude:.6f}")


class Around(TypedDict):
    """A circle on the map."""

    latitude: Decimal
    longitude: Decimal
    metres: int


def within(
    applications: QuerySet[PlanningApplication], *, latitude: Decimal, longitude: Decimal, metres: int
) -> QuerySet[PlanningApplication]:
    """Those whose site may be so near: all that are, and some in the corners. `is_within` tells them apart.

    Each has its `site_box`.
    """
    around = box_around(latitude=latitude, longitude=longitude, metres=metres)
    return applications.filter(extent__overlaps=around).annotate(site_box=F("extent"))


def box_around(*, latitude: Decimal, longitude: Decimal, metres: int) -> Box:
    """The square of the map that holds the circle."""
    up = metres / METRES_OF_A_DEGREE
    across = up / math.cos(math.radians(float(latitude)))
    north, east = float(latitude), float(longitude)
    return Box(east - across, north - up, east + across, north + up)


def is_within(box: Box, *, latitude: Decimal, longitude: Decimal, metres: int) -> bool:
    """Whether the site's box comes as near to the point."""
    north, east = float(latitude), float(longitude)
    across = (east - min(max(east, box.west), box.east)) * math.cos(math.radians(north))
    up = north - min(max(north, box.south), box.north)
    return math.hypot(across, up) * METRES_OF_A_DEGREE <= metres
