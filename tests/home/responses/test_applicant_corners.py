"""The red line as people write it down, and the words with which a line that is none is refused."""

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from home.responses.applicant_pages.red_line_text import NoRedLine, as_corners, read_corners
from tests.home.applicants import CORNERS, MOVED
from tests.making import SQUARE


def test_latitude_and_longitude_in_either_order():
    swapped = "\n".join(", ".join(reversed(line.split(", "))) for line in CORNERS.splitlines())
    assert read_corners(CORNERS) == read_corners(swapped) == MOVED


def test_written_as_maps_and_people_write_it():
    text = "51.6156° N 0.6467° W\r\n51.6156 -0.6461\n(51.6151, -0.6461)\n51.6151;-0.6467\n51.6156, -0.6467\n"
    assert read_corners(text) == MOVED


def test_metres_of_the_national_grid():
    line = read_corners("493700 190600\n493740 190600\n493740 190570\n493700 190570")
    longitude, latitude = line["coordinates"][0][0]
    assert -0.66 < longitude < -0.63
    assert 51.60 < latitude < 51.62


def test_two_areas_with_an_empty_line_between_them():
    second = CORNERS.replace("51.61", "51.62")
    assert read_corners(f"{CORNERS}\n\n\n{second}")["type"] == "MultiPolygon"


def test_geojson_is_read_as_well():
    assert read_corners(json.dumps({"type": "Feature", "geometry": SQUARE})) == SQUARE


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "Draw the red line, or enter the position of each corner"),
        ("51.6156, -0.6467", "needs at least 3 corners"),
        ("51.6156, -0.6467\n51.6156", "Line 2 must hold two numbers"),
        ("51.6156, -0.6467 by the gate", "Line 1 must hold two numbers"),
        ("48.8566, 2.3522\n1, 1\n2, 2", "Line 1 is not a place in England"),
        ("51.6, -0.6\n51.7, -0.5\n51.6, -0.5\n51.7, -0.6", "crosses itself"),
        ("51.6156, -0.6467\n51.6156, -0.6467001\n51.6156001, -0.6467", "less than a square metre"),
        ("690000 1290000\n690100 1290000\n690100 1290100", "National Grid"),
        ('{"type": "Polygon", "coordinates": [[[', "not complete"),
        ('{"type": "Point", "coordinates": [0, 51]}', "holds no polygon"),
        ("[" * 5_000, "Line 1 must hold two numbers"),
        ('{"a":' * 50_000, "not complete"),
    ],
)
def test_what_is_no_red_line_is_refused_in_words(text, words):
    with pytest.raises(NoRedLine, match=words):
        read_corners(text)


def test_a_line_far_from_the_site_is_a_slip_of_the_pen():
    place = (Decimal("-0.646327"), Decimal("51.615446"))
    assert read_corners(CORNERS, near=place) == MOVED
    with pytest.raises(NoRedLine, match="111 km from the site"):
        read_corners(CORNERS.replace("51.61", "52.61"), near=place)


def test_written_out_and_read_again_it_is_the_same_line():
    assert read_corners(as_corners(MOVED)) == MOVED
    two = read_corners(f"{CORNERS}\n\n{CORNERS.replace('51.61', '51.62')}")
    assert read_corners(as_corners(two)) == two
    hole = [[-0.6465, 51.6154], [-0.6463, 51.6154], [-0.6463, 51.6153], [-0.6465, 51.6154]]
    with_hole = {"type": "Polygon", "coordinates": [MOVED["coordinates"][0], hole]}
    assert json.loads(as_corners(with_hole)) == with_hole
    assert as_corners(None) == ""


@given(st.text(alphabet='0123456789.,-+ \n°NSEW{}[]":e', max_size=200) | st.text(max_size=60))
def test_whatever_is_written_is_a_line_or_a_sentence(text):
    try:
        said = read_corners(text)["type"]
    except NoRedLine as refusal:
        said = str(refusal)
    assert said[0].isupper()
