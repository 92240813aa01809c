"""What can be followed: one application, one property, an area, a search. What it is called, and what belongs to it."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import QueryDict
from django.urls import reverse

from accounts.models import LocalAuthority
from cases.models import PlanningApplication
from cases.register.map import box_words
from cases.register.published import public_applications
from home.models import Alert
from home.register.searching import RegisterSearch, canonical, found_as_written, search_words

from .places import Around, Place, box_around, is_within, within

Kind = Alert.Kind
RADII = {100: "100 metres", 250: "250 metres", 500: "500 metres", 1000: "1 kilometre", 2000: "2 kilometres"}
LONGEST_QUERY = 500
MOST_LOOKED_AT = 500  # of the changes of one day to one thing that is followed


@dataclass(frozen=True)
class Followed:
    """Something to follow, before anybody does. `subject` is the same for the same thing."""

    kind: str
    subject: str
    words: str
    fields: dict[str, Any] = field(default_factory=dict)


def one_application(application: PlanningApplication) -> Followed:
    return Followed(
        Kind.APPLICATION, f"application:{application.pk}", _application_words(application), {"application": application}
    )


def one_property(council: LocalAuthority, uprn: str) -> Followed:
    return Followed(Kind.PROPERTY, f"property:{uprn}", _property_words(council, uprn), {"uprn": uprn})


def one_area(place: Place, radius: int) -> Followed:
    subject = f"area:{place.postcode.replace(' ', '')}:{radius}"
    fields = {
        "postcode": place.postcode,
        "latitude": place.latitude,
        "longitude": place.longitude,
        "radius_metres": radius,
    }
    words = _area_words(place.postcode, radius)
    if place.is_of_sector:
        words += f" (nothing here is at that postcode yet: we take the middle of {place.sector})"
    return Followed(Kind.AREA, subject, words, fields)


def one_search(form: RegisterSearch) -> Followed:
    """The search of a valid form; in which order it is shown makes no difference."""
    query = query_of(form)
    return Followed(Kind.SEARCH, f"search:{query}", _search_words(form), {"query": query})


def query_of(form: RegisterSearch) -> str:
    return urlencode({name: value for name, value in canonical(form).items() if name != "sort"})


# --- In words ---------------------------------------------------------------------------------------------------------


def _application_words(application: PlanningApplication) -> str:
    return f"Application {application.reference}, {application.full_address}"


def _property_words(council: LocalAuthority, uprn: str) -> str:
    there = public_applications(council).filter(uprn=uprn).order_by("-received_on", "-pk").first()
    return f"All applications at {there.full_address}" if there else f"All applications at the property number {uprn}"


def _area_words(postcode: str, radius: int) -> str:
    return f"All applications within {RADII.get(radius, f'{radius} metres')} of {postcode}"


def _search_words(form: RegisterSearch) -> str:
    query = query_of(form)
    return f"Search: {search_words(form)}" if query else "All applications on the register"


def words_of(alert: Alert) -> str:
    """What the alert follows. An application that is not on the register now is not named."""
    council = alert.authority
    if alert.kind == Kind.APPLICATION:
        application = _its_application(alert).first()
        return _application_words(application) if application else "An application that is not on the register now"
    if alert.kind == Kind.PROPERTY:
        return _property_words(council, alert.uprn)
    if alert.kind == Kind.AREA:
        return _area_words(alert.postcode, alert.radius_metres or 0)
    return _search_words(_search_of(alert))


def path_of(alert: Alert) -> str:
    """Where on the public site it can be seen, latest changes first."""
    if alert.kind == Kind.APPLICATION:
        application = _its_application(alert).first()
        return reverse("register_application", args=[application.reference]) if application else reverse("register")
    if alert.kind == Kind.PROPERTY:
        return reverse("register_property", args=[alert.uprn])
    query = QueryDict(alert.query, mutable=True)
    if alert.kind == Kind.AREA:
        query["bbox"] = box_words(box_around(**_around(alert)))
    query["sort"] = "changed"
    return f"{reverse('register')}?{query.urlencode()}"


# --- What belongs to it -----------------------------------------------------------------------------------------------


def changed_applications(alert: Alert) -> list[PlanningApplication]:
    """Public applications that the alert follows and that changed since it was told last, the latest first.

    One query for each alert, and never more than MOST_LOOKED_AT.
    """
    changed = _all_of(alert).filter(public_changed_at__gt=alert.told_until).defer("boundary", "extent")
    latest = list(changed.order_by("-public_changed_at", "-pk")[:MOST_LOOKED_AT])
    if alert.kind != Kind.AREA:
        return latest
    around = _around(alert)
    return [row for row in latest if is_within(row.site_box, **around)]  # type: ignore[attr-defined]  # places.within


def _all_of(alert: Alert) -> QuerySet[PlanningApplication]:
    register = public_applications(alert.authority)
    if alert.kind == Kind.APPLICATION:
        return _its_application(alert)
    if alert.kind == Kind.PROPERTY:
        return register.filter(uprn=alert.uprn)
    if alert.kind == Kind.AREA:
        return within(register, **_around(alert))
    form = _search_of(alert)
    # A type or a word of the search that the register no longer knows: nothing can be found by it.
    return found_as_written(alert.authority, form.cleaned_data) if form.is_valid() else register.none()


def _its_application(alert: Alert) -> QuerySet[PlanningApplication]:
    assert alert.application_id is not None  # noqa: S101 - constraint alert_has_what_its_kind_needs
    return public_applications(alert.authority).filter(pk=alert.application_id)


def _around(alert: Alert) -> Around:
    place = alert.latitude, alert.longitude, alert.radius_metres
    assert place[0] is not None and place[1] is not None and place[2] is not None  # noqa: PT018, S101 - the same
    return {"latitude": place[0], "longitude": place[1], "metres": place[2]}


def _search_of(alert: Alert) -> RegisterSearch:
    return RegisterSearch(QueryDict(alert.query))
