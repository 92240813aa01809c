"""The red line, in whatever shape it comes, is one sound shape that can be drawn and measured."""

from decimal import Decimal

import pytest

from cases.places.geometry import MAX_VERTICES, BadGeometry, middle_of, read_boundary

SQUARE = [[-0.6466, 51.6155], [-0.6462, 51.6155], [-0.6462, 51.6152], [-0.6466, 51.6152], [-0.6466, 51.6155]]
NEXT_DOOR = [[x + 0.001, y] for x, y in SQUARE]
POLYGON = {"type": "Polygon", "coordinates": [SQUARE]}


def feature(geometry):
    return {"type": "Feature", "geometry": geometry, "properties": {"planx_user_action": "Drew it"}}


def test_a_polygon_stays_what_it_is():
    boundary = read_boundary(POLYGON)
    assert boundary.geometry == POLYGON
    assert boundary.faults == []


@pytest.mark.parametrize(
    "geojson",
    [
        feature(POLYGON),
        {"type": "FeatureCollection", "features": [feature(POLYGON)]},
        {"type": "GeometryCollection", "geometries": [POLYGON]},
        feature({"type": "GeometryCollection", "geometries": [POLYGON]}),
        {"type": "Polygon", "coordinates": [[[x, y, 12.5] for x, y in SQUARE]]},
    ],
)
def test_the_same_square_however_it_is_wrapped(geojson):
    assert read_boundary(geojson).geometry == POLYGON


def test_several_polygons_become_one_multipolygon():
    collection = {
        "type": "FeatureCollection",
        "features": [feature(POLYGON), feature({"type": "Polygon", "coordinates": [NEXT_DOOR]})],
    }
    boundary = read_boundary(collection)
    assert boundary.geometry == {"type": "MultiPolygon", "coordinates": [[SQUARE], [NEXT_DOOR]]}
    assert boundary.area_sqm == pytest.approx(2 * read_boundary(POLYGON).area_sqm, rel=Decimal("0.001"))


def test_area_is_measured_on_the_ground():
    # 0.0004° of longitude and 0.0003° of latitude at 51.6° north: 27.70 m by 33.38 m (WGS84).
    assert float(read_boundary(POLYGON).area_sqm) == pytest.approx(27.70 * 33.38, rel=0.002)


def test_a_hole_is_not_part_of_the_site():
    hole = [[-0.6465, 51.6154], [-0.6464, 51.6154], [-0.6464, 51.6153], [-0.6465, 51.6153], [-0.6465, 51.6154]]
    with_hole = read_boundary({"type": "Polygon", "coordinates": [SQUARE, hole]})
    assert with_hole.area_sqm < read_boundary(POLYGON).area_sqm
    assert len(with_hole.geometry["coordinates"]) == 2


def test_an_open_ring_is_closed_and_that_is_told():
    boundary = read_boundary({"type": "Polygon", "coordinates": [SQUARE[:-1]]})
    assert boundary.geometry == POLYGON
    assert "closed" in boundary.faults[0].reason


def test_a_bow_tie_is_repaired_and_that_is_told():
    bow_tie = [SQUARE[0], SQUARE[2], SQUARE[1], SQUARE[3], SQUARE[0]]
    boundary = read_boundary({"type": "Polygon", "coordinates": [bow_tie]})
    assert boundary.geometry["type"] == "MultiPolygon"
    assert "repaired" in boundary.faults[0].reason


def test_lines_beside_the_polygon_are_left_out():
    line = {"type": "LineString", "coordinates": SQUARE[:2]}
    boundary = read_boundary({"type": "GeometryCollection", "geometries": [line, POLYGON]})
    assert boundary.geometry == POLYGON
    assert "left out" in boundary.faults[0].reason


def test_the_middle_lies_inside():
    longitude, latitude = middle_of(POLYGON)
    assert -0.6466 < longitude < -0.6462
    assert 51.6152 < latitude < 51.6155


BAD = [
    None,
    [],
    "POLYGON((0 0))",
    {},
    {"type": "Feature"},
    {"type": "Feature", "geometry": None},
    {"type": "Circle", "coordinates": [SQUARE]},
    {"type": "Point", "coordinates": SQUARE[0]},
    {"type": "FeatureCollection", "features": {}},
    {"type": "Polygon"},
    {"type": "Polygon", "coordinates": []},
    {"type": "Polygon", "coordinates": [[]]},
    {"type": "Polygon", "coordinates": [SQUARE[:2]]},
    {"type": "Polygon", "coordinates": SQUARE},
    {"type": "Polygon", "coordinates": [[["a", "b"]] * 5]},
    {"type": "Polygon", "coordinates": [[[True, 51.6]] * 5]},
    {"type": "Polygon", "coordinates": [[[None, 51.6]] * 5]},
    {"type": "Polygon", "coordinates": [[[-0.6466]] * 5]},
    {"type": "Polygon", "coordinates": [[SQUARE[0]] * 5]},  # no area at all
    {"type": "Polygon", "coordinates": [[[y, x] for x, y in SQUARE]]},  # latitude first
    {"type": "Polygon", "coordinates": [[[530787, 175754], [530797, 175754], [530797, 175764], [530787, 175754]]]},
    {"type": "Polygon", "coordinates": [[[2.35, 48.85], [2.36, 48.85], [2.36, 48.86], [2.35, 48.85]]]},  # Paris
    {"type": "Polygon", "coordinates": [SQUARE * MAX_VERTICES]},
]


@pytest.mark.parametrize("geojson", BAD, ids=range(len(BAD)))
def test_what_is_no_boundary_is_refused_with_its_place(geojson):
    with pytest.raises(BadGeometry) as refusal:
        read_boundary(geojson, path="/site")
    assert refusal.value.path.startswith("/site")
    assert refusal.value.reason


def test_a_tangle_of_very_many_points_is_not_repaired():
    tangle = [[-0.6466 + (i * 7919 % 997) / 1e6, 51.6155 + (i * 104729 % 991) / 1e6] for i in range(2500)]
    with pytest.raises(BadGeometry, match="too many points"):
        read_boundary({"type": "Polygon", "coordinates": [[*tangle, tangle[0]]]})
