"""Where: address, point and red line of an Open Digital Planning payload."""

import re
from dataclasses import replace
from decimal import Decimal
from math import cos, hypot, radians
from typing import Any

from cases.places import addresses, geometry

from .incoming import IncomingSite
from .payload import Findings, Part

FAR_FROM_THE_SITE_M = 1_000
LONGEST_ADDRESS = 400  # characters of a line
AREA_MAY_DIFFER = Decimal("0.1")


def site(property_: Part, findings: Findings) -> IncomingSite:
    """Address, numbers and point of the site, as far as they are given."""
    address = property_["address"].object()
    postcode = addresses.tidy_postcode(address["postcode"].text(10))
    if postcode and not addresses.is_postcode(postcode):
        findings.note(address["postcode"].path, "does not look like a postcode")
    type_ = property_["type"].object()
    return IncomingSite(
        address=findings.cut(address.path, _address_line(address, postcode), LONGEST_ADDRESS),
        postcode=postcode,
        uprn=_digits(address["uprn"], 12).lstrip("0"),
        usrn=_digits(address["usrn"], 8),
        ward=property_["ward"].said(120),
        parish=property_["parish"].said(120),
        property_type=type_["description"].text(200) or type_["value"].text(200),
        latitude=_degrees(address["latitude"], 90),
        longitude=_degrees(address["longitude"], 180),
    )


def _address_line(address: Part, postcode: str) -> str:
    """The site in one line. The sender's own title, unless it leaves out that a range of numbers is meant."""
    title = address["title"].text(400) or address["singleLine"].text(400)
    pao, pao_end = address["pao"].text(100), address["paoEnd"].text(100)
    street, town = address["street"].text(150), address["town"].text(100)
    numbers = addresses.range_of(pao, pao_end)
    if title and not (pao_end and numbers not in title):
        return addresses.one_line(addresses.without_postcode(title, postcode))
    flats = addresses.range_of(address["sao"].text(100), address["saoEnd"].text(100))
    return addresses.one_line(address["organisation"].text(100), flats, f"{numbers} {street}", town)


def _digits(part: Part, length: int) -> str:
    text = part.text(40)
    if text and not re.fullmatch(rf"[0-9]{{1,{length}}}", text):
        part.findings.note(part.path, f"is not a number of up to {length} digits")
        return ""
    return text


def _degrees(part: Part, limit: int) -> Decimal | None:
    degrees = part.number()
    if degrees is None:
        return None
    if abs(degrees) > limit:
        part.findings.note(part.path, "is not in degrees")
        return None
    return degrees.quantize(Decimal("0.000001"))


def boundary(part: Part, findings: Findings) -> tuple[dict[str, Any] | None, Decimal | None]:
    """The red line and its area. Absent is possible; present and unreadable stops the submission."""
    part = part.object()
    if not part.is_there or not part.value:
        return None, None
    drawn = part if part["type"].is_there else part["site"]  # a bare geometry or the object around it
    if not drawn.is_there:
        return None, None
    try:
        red_line = geometry.read_boundary(drawn.value, path=drawn.path)
    except geometry.BadGeometry as error:
        findings.stop(error.path, error.reason)
        return None, None
    for fault in red_line.faults:
        findings.note(*fault)
    stated = part["area"].object()["squareMetres"].number()
    if stated and abs(stated - red_line.area_sqm) > AREA_MAY_DIFFER * red_line.area_sqm:
        findings.note(part["area"]["squareMetres"].path, "differs from the area inside the red line")
    return red_line.geometry, red_line.area_sqm


def placed(site: IncomingSite, boundary: dict[str, Any] | None, property_: Part, findings: Findings) -> IncomingSite:
    """The site with a point: the address's own, else the middle of the red line. There must be some place."""
    if not site.address and boundary is None:
        findings.stop(property_["address"].path, "names no place, and there is no red line either")
    if not site.address:
        findings.note(property_["address"].path, "holds no address")
    if boundary is None:
        return site
    longitude, latitude = geometry.middle_of(boundary)
    if site.latitude is None or site.longitude is None:
        site = replace(site, latitude=latitude, longitude=longitude)
    elif _metres_between(site.latitude, site.longitude, latitude, longitude) > FAR_FROM_THE_SITE_M:
        findings.note(property_["address"].path, "lies more than a kilometre from the red line")
    return site


def _metres_between(latitude: Decimal, longitude: Decimal, other_latitude: Decimal, other_longitude: Decimal) -> float:
    north = float(latitude - other_latitude) * 111_200
    east = float(longitude - other_longitude) * 111_200 * cos(radians(float(latitude)))
    return hypot(north, east)
