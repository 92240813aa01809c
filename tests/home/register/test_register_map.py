"""The register on a map: what the server groups, what it says, and that the viewport is a filter of the list too."""

import json
import re
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cases.models import PlanningApplication
from cases.places.box_field import Box
from cases.register.map import SAMPLED, box_of, box_words, cell_size, group, in_window
from cases.register.published import newest_first, public_applications
from cases.statuses import Status
from home.register.map import moves

LIST = "/planning-applications/"
DATA = f"{LIST}map.json"
WINDOW = "-0.7,51.5,-0.6,51.7"


@pytest.fixture
def place(make_public):
    """place(-0.65, 51.6) → a public application with its point there."""

    def make(longitude: float, latitude: float, **fields) -> PlanningApplication:
        return make_public(boundary=None, longitude=longitude, latitude=latitude, **fields)

    return make


@pytest.fixture
def data(visitor):
    def ask(query: str) -> dict:
        answer = visitor.get(f"{DATA}?{query}")
        assert answer.status_code == 200
        return json.loads(answer.content)

    return ask


def test_what_lies_near_is_one_cluster_and_what_stands_alone_is_itself(data, place):
    for number in range(3):
        place(-0.65 + number / 100_000, 51.6)
    alone = place(-0.62, 51.62, description="A <b>bold</b> plan", address="The Old Rectory")
    place(0.5, 51.6)  # outside
    found = data(f"bbox={WINDOW}&zoom=12")
    (cluster,) = found["clusters"]
    assert cluster["count"] == 3
    assert cluster["longitude"] == pytest.approx(-0.64999, abs=1e-5)
    (pin,) = found["applications"]
    assert pin == {
        "reference": alone.reference,
        "address": "The Old Rectory, HP9 2LX",
        "description": "A <b>bold</b> plan",
        "status": "Under assessment",
        "longitude": -0.62,
        "latitude": 51.62,
        "url": f"{LIST}{alone.reference}/",
    }
    assert (found["count"], found["has_more"], found["words"]) == (4, False, "4 applications in this area.")
    assert found["newest"][0]["reference"] == alone.reference
    assert len(found["newest"]) == 4


def test_zooming_in_takes_a_cluster_apart(data, place):
    place(-0.6499, 51.6)
    place(-0.6491, 51.6)
    far = [len(data(f"bbox={WINDOW}&zoom={zoom}")["clusters"]) for zoom in (9, 18)]
    assert far == [1, 1]  # the cells of a wide window stay wide, whatever zoom is claimed
    narrow = data("bbox=-0.6505,51.5995,-0.6485,51.6005&zoom=18")
    assert (len(narrow["clusters"]), len(narrow["applications"])) == (0, 2)


def test_the_list_of_a_cluster_has_exactly_its_applications(data, place, visitor):
    inside = [place(-0.65, 51.6), place(-0.6501, 51.6)]
    place(-0.62, 51.62)
    (cluster,) = data(f"bbox={WINDOW}&zoom=13")["clusters"]
    listed = visitor.get(cluster["list"])
    assert {entry.reference for entry in listed.context["entries"]} == {one.reference for one in inside}
    assert "chosen on the map" in listed.content.decode()


def test_only_public_applications_of_this_council(data, place, make_application, other_authority, visitor):
    place(-0.65, 51.6)
    hidden = place(-0.65, 51.6, published_at=None, description="mark-private")
    pending = place(-0.65, 51.6, status=Status.NOT_STARTED, description="mark-private")
    foreign = make_application(
        status=Status.IN_ASSESSMENT,
        authority=other_authority,
        published_at=timezone.now(),
        boundary=None,
        longitude=-0.65,
        latitude=51.6,
        description="mark-foreign",
    )
    found = data(f"bbox={WINDOW}&zoom=3")
    assert found["count"] == 1
    text = json.dumps(found) + visitor.get(f"{LIST}map/?bbox={WINDOW}").content.decode()
    for other in (hidden, pending):
        assert other.reference not in text
    assert foreign.description not in text
    assert "mark-" not in text


def test_the_search_of_the_list_holds_on_the_map(data, place, visitor):
    place(-0.65, 51.6, description="A dormer")
    place(-0.65, 51.6, description="A dormer", status=Status.WITHDRAWN)
    place(-0.65, 51.6, description="A garage")
    query = f"q=dormer&status=withdrawn&bbox={WINDOW}"
    found = data(f"{query}&zoom=10")
    assert [one["description"] for one in found["applications"]] == ["A dormer"]
    address = urlsplit(found["list"])
    assert parse_qs(address.query) == {
        "q": ["dormer"],
        "status": ["withdrawn"],
        "bbox": ["-0.70000,51.50000,-0.60000,51.70000"],
    }
    assert len(visitor.get(found["list"]).context["entries"]) == 1


def test_a_red_line_that_reaches_in_counts(data, make_public):
    make_public()  # the square of every test, around -0.6464
    assert data("bbox=-0.64655,51.6154,-0.64650,51.61545&zoom=15")["count"] == 1
    assert data("bbox=-0.6470,51.6154,-0.6467,51.61545&zoom=15")["count"] == 0


def test_more_than_the_limit_is_said(data, place, monkeypatch):
    monkeypatch.setattr("cases.register.map.MOST_GROUPED", 2)
    old = place(-0.65, 51.6, received_on=timezone.localdate().replace(year=2020))
    for _ in range(2):
        place(-0.65, 51.6)
    found = data(f"bbox={WINDOW}&zoom=10")
    assert found["words"] == ("More than 2 applications in this area. The map shows the newest 2: zoom in to see all.")
    assert (found["count"], found["has_more"]) == (2, True)
    assert old.reference not in [one["reference"] for one in found["newest"][:2]]


@pytest.mark.parametrize(
    "query",
    [
        "", "bbox=", "bbox=1,2,3", "bbox=a,b,c,d", "bbox=nan,0,1,1", "bbox=1e400,0,1,1", "bbox=1,1,0,0", "bbox=0,0,0,0",
        "bbox=-1e9,-1e9,1e9,1e9", "zoom=x", "zoom=-1", "zoom=99999", f"bbox={WINDOW}&zoom=999", "q=%00", "status=zz",
        "q=zzqqx", f"q=zzqqx&bbox={WINDOW}",
        "received_from=nonsense", "bbox=179,89.9,180,90&zoom=22", "bbox=%F0%9F%98%80",
    ],
)  # fmt: skip
def test_nonsense_is_answered(visitor, data, place, query):
    place(-0.65, 51.6)
    data(query)
    assert visitor.get(f"{LIST}map/?{query}").status_code == 200
    assert visitor.get(f"{LIST}?{query}").status_code == 200


def test_a_register_without_places_has_a_map(data, make_public):
    assert data("")["count"] == 0
    make_public(boundary=None, latitude=None, longitude=None)
    assert data("")["words"] == "0 applications in this area."


def test_without_a_viewport_the_map_shows_where_the_search_is(visitor, place):
    for number in range(3):
        place(-0.65 + number / 1000, 51.6)
    answer = visitor.get(f"{LIST}map/")
    window = box_of(answer.context["bbox"])
    assert window.west < -0.65 < -0.648 < window.east
    assert window.east - window.west < 0.01
    assert "3 applications in this area." in answer.content.decode()


def test_the_page_is_a_list_with_ways_on_without_scripts(visitor, place):
    shown = place(-0.65, 51.6, description="A dormer")
    place(-0.55, 51.6, description="Another dormer")
    page = visitor.get(f"{LIST}map/?q=dormer&bbox=-0.66,51.59,-0.64,51.61").content.decode()
    assert f'href="{LIST}{shown.reference}/"' in page
    assert "Another dormer" not in page
    assert "“dormer”" in page
    ways = dict(reversed(way) for way in re.findall(r'href="(/[^"]*map/\?[^"]*)">([^<]+)</a>', page))
    assert set(ways) >= {"Zoom in", "Zoom out", "North", "East", "South", "West"}
    wider = ways["Zoom out"].replace("&amp;", "&")
    for _ in range(4):
        page = visitor.get(wider).content.decode()
        ways = dict(reversed(way) for way in re.findall(r'href="(/[^"]*map/\?[^"]*)">([^<]+)</a>', page))
        wider = ways["Zoom out"].replace("&amp;", "&")
    assert "Another dormer" in page


def test_moves_stay_on_the_globe():
    for words, window in moves(Box(-180, -90, 180, 90)):
        assert -180 <= window.west < window.east <= 180, words
        assert -90 <= window.south < window.north <= 90, words


def test_windows_are_written_as_they_are_read():
    assert box_of(box_words(Box(-0.7, 51.5, -0.6, 51.7))) == Box(-0.7, 51.5, -0.6, 51.7)


def test_cells_are_few_however_the_map_is_asked():
    window = Box(-6, 50, 2, 56)
    wide, high = cell_size(window, 22)
    assert (window.east - window.west) / wide <= 24
    assert (window.north - window.south) / high <= 24


def test_both_forms_of_the_condition_find_the_same(place, authority, monkeypatch):
    """The form is chosen for its plan: what it finds never depends on it."""
    inside = {place(-0.65 + number / 1000, 51.6).pk for number in range(20)}
    place(0.5, 51.6)
    window = box_of(WINDOW)
    forms = {}
    for name in ("overlaps", "overlaps_rarely", "overlaps_often"):
        found = public_applications(authority).filter(**{f"extent__{name}": window})
        forms[name] = {row.pk for row in found}
    assert forms == dict.fromkeys(forms, inside)
    # A sample of everything: a window that holds nearly all is read from the newest day on.
    assert SAMPLED < 1
    monkeypatch.setattr("cases.register.map.SAMPLED", 1)
    monkeypatch.setattr("cases.register.map.MOST_GROUPED", 5)
    sql = str(in_window(public_applications(authority), authority, window).query)
    assert "box_overlap" in sql
    sql = str(in_window(public_applications(authority), authority, Box(1, 1, 2, 2)).query)
    assert "&&" in sql
    grouped = group(newest_first(in_window(public_applications(authority), authority, window)), window=window, zoom=3)
    assert (grouped.count, grouped.has_more, sum(one.count for one in grouped.clusters)) == (5, True, 6)


def test_queries_do_not_grow_and_the_answer_may_be_kept(visitor, place):
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            visitor.get(f"{DATA}?bbox={WINDOW}&zoom=14")
        return len(captured)

    place(-0.65, 51.6)
    queries()
    with_one = queries()
    for number in range(3):
        place(-0.65 + number / 50, 51.6)
    assert queries() == with_one
    assert with_one <= 8
    answer = visitor.get(f"{DATA}?bbox={WINDOW}&zoom=14")
    assert answer.headers["Cache-Control"] == "public, max-age=60"
    again = visitor.get(f"{DATA}?bbox={WINDOW}&zoom=14", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    assert not answer.cookies
