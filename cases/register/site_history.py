"""Other applications on the same land, as the public may know of them: family, same property, overlapping red lines."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import shapely
from django.db import connection

from accounts.models import LocalAuthority
from cases.models import PlanningApplication
from cases.places.box_field import Box

from .published import Entry, entry_of, newest_first, public_applications

MOST_SHOWN = 20
# Red lines compared for one page: enough for a street's worth of history. A site that covers half a town has more,
# and the list of the area shows them.
MOST_COMPARED = 200

PARENT = "The application that this one follows from"
CHILD = "Follows from this application"
SIBLING = "Follows from the same application"
SAME_PROPERTY = "Same property"
OVERLAPS = "Site overlaps"
_FAMILY, _PROPERTY, _NEAR = range(3)

# Each part by itself, so that each has its own index whatever the planner thinks of the others; and in no order, since
# a limit with an order makes it read the register from its newest day on.
_CANDIDATES = """
    (SELECT id, received_on, parent_id, NULL, 0 FROM cases_planningapplication
     WHERE (parent_id = %(pk)s OR id = %(parent)s OR parent_id = %(parent)s)
       AND is_on_register AND authority_id = %(authority)s AND id <> %(pk)s LIMIT %(most)s)
    UNION ALL
    (SELECT id, received_on, parent_id, NULL, 1 FROM cases_planningapplication
     WHERE uprn = %(uprn)s AND uprn <> ''
       AND is_on_register AND authority_id = %(authority)s AND id <> %(pk)s LIMIT %(most)s)
    UNION ALL
    (SELECT id, received_on, parent_id, boundary::text, 2 FROM cases_planningapplication
     WHERE extent && %(area)s::box AND %(area)s::box && extent
       AND is_on_register AND authority_id = %(authority)s AND id <> %(pk)s LIMIT %(most)s)
"""


@dataclass(frozen=True)
class Related:
    entry: Entry
    how: str


@dataclass(frozen=True)
class SiteHistory:
    related: tuple[Related, ...]  # newest first, never more than MOST_SHOWN
    has_more: bool  # more lie on this land than were looked at or are shown
    area: Box | None  # the rectangle around the site


@dataclass(frozen=True)
class _Candidate:
    pk: int
    received_on: date
    parent: int | None
    boundary: str | None  # GeoJSON as text
    why: int


def site_history(application: PlanningApplication) -> SiteHistory:
    """Public applications of the council on the same land as this one, newest first, in two queries.

    Candidates come from indexes (parent, UPRN, the rectangle around the red line); whether red lines truly overlap is
    computed for MOST_COMPARED of them at most. Sharing no more than an edge is no overlap.
    """
    candidates = _candidates(application)
    overlapping = _overlapping(application.boundary, [one for one in candidates if one.why == _NEAR])
    how = {one.pk: OVERLAPS for one in overlapping}
    how |= {one.pk: SAME_PROPERTY for one in candidates if one.why == _PROPERTY}
    how |= {one.pk: _family_words(application, one) for one in candidates if one.why == _FAMILY}
    received = {one.pk: (one.received_on, one.pk) for one in candidates}
    newest = sorted(how, key=received.__getitem__, reverse=True)[:MOST_SHOWN]
    # Only here it is said who may be shown: candidates are mere keys. (No key is 0: one number of queries, always.)
    shown = public_applications(application.authority).defer("boundary", "extent").filter(pk__in=[0, *newest])
    entries = {row.pk: entry_of(row) for row in shown}
    near = sum(one.why == _NEAR for one in candidates)
    return SiteHistory(
        related=tuple(Related(entries[pk], how[pk]) for pk in newest if pk in entries),
        has_more=len(how) > MOST_SHOWN or near >= MOST_COMPARED,
        area=application.extent,
    )


def _candidates(application: PlanningApplication) -> list[_Candidate]:
    with connection.cursor() as cursor:
        asked = {
            "pk": application.pk,
            "authority": application.authority_id,
            "parent": application.parent_id,
            "uprn": application.uprn,
            "area": str(application.extent) if application.boundary and application.extent else None,
            "most": MOST_COMPARED,
        }
        cursor.execute(_CANDIDATES, asked)
        return [_Candidate(*row) for row in cursor.fetchall()]


def _family_words(application: PlanningApplication, other: _Candidate) -> str:
    if other.pk == application.parent_id:
        return PARENT
    return CHILD if other.parent == application.pk else SIBLING


def _overlapping(boundary: object, candidates: Iterable[_Candidate]) -> list[_Candidate]:
    """Those whose red line shares land with `boundary`. What cannot be read as a geometry overlaps nothing."""
    drawn = [one for one in candidates if one.boundary]
    try:
        ours = shapely.geometry.shape(boundary)
        shapely.prepare(ours)
        theirs = shapely.from_geojson([one.boundary for one in drawn], on_invalid="ignore")
        shares = shapely.intersects(ours, theirs) & ~shapely.touches(ours, theirs)
    except (shapely.errors.ShapelyError, ValueError, TypeError, KeyError, AttributeError, IndexError):
        return []
    return [one for one, is_shared in zip(drawn, shares, strict=True) if is_shared]


# --- One property ---------------------------------------------------------------------------------------------------

MOST_AT_A_PROPERTY = 200


@dataclass(frozen=True)
class AtProperty:
    entry: Entry
    boundary: dict | None
    latitude: float | None
    longitude: float | None


def property_history(authority: LocalAuthority, uprn: str) -> list[AtProperty]:
    """Everything on the register at one property, newest first; never more than MOST_AT_A_PROPERTY."""
    if not (uprn.isascii() and uprn.isdecimal()):
        return []
    there = public_applications(authority).filter(uprn=uprn)
    return [
        AtProperty(
            entry=entry_of(application),
            boundary=application.boundary,
            latitude=None if application.latitude is None else float(application.latitude),
            longitude=None if application.longitude is None else float(application.longitude),
        )
        for application in newest_first(there)[:MOST_AT_A_PROPERTY]
    ]
