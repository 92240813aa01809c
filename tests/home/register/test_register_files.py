"""The register as CSV, JSON and GeoJSON: whole, and any list of it."""

import csv
import gzip
import io
import json
import tracemalloc
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.http import StreamingHttpResponse
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases.models import ApplicationType, PlanningApplication
from cases.register.published import PUBLIC_FIELDS
from cases.statuses import Decision, Origin, Status
from home.models import RegisterPage
from home.open_data import register_files, rows
from home.open_data.columns import COLUMNS, NAMES
from home.tables import CSV_STYLE, csv_pieces, json_pieces, object_rows, spreadsheet_safe, zipped
from tests.database import give_public_site
from tests.making import SQUARE

WHOLE = {one: f"/register.{one}" for one in ("csv", "json", "geojson")}
LISTS = {one: f"/planning-applications.{one}" for one in WHOLE}
FILES = [*WHOLE.values(), *LISTS.values()]


def body(answer) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def table(answer) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(body(answer).decode(), newline="")))


def data(answer) -> dict:
    return json.loads(body(answer))


@pytest.fixture
def decided(make_public):
    def make(**fields):
        given = {"decision": Decision.GRANTED_WITH_CONDITIONS, "decided_on": date(2026, 7, 1)}
        return make_public(status=Status.DETERMINED, origin=Origin.IMPORTED, **given | fields)

    return make


@pytest.fixture
def aged(make_public):
    """Applications whose last change is long ago: conditional requests by time have whole seconds."""

    def make(**fields):
        application = make_public(**fields)
        PlanningApplication.objects.filter(pk=application.pk).update(
            updated_at=datetime(2026, 8, 1, 12, tzinfo=UTC), public_changed_at=datetime(2026, 7, 1, tzinfo=UTC)
        )
        return application

    return make


def test_addresses_stay():
    """Other people's programs ask for them every night."""
    assert [reverse(f"register_{one}") for one in WHOLE] == list(WHOLE.values())
    assert [reverse(f"register_list_{one}") for one in LISTS] == list(LISTS.values())


def test_columns_stay():
    """A new column goes to the end of this list; what is here now stays."""
    assert NAMES[:29] == (
        "reference", "url", "planning_authority", "application_type", "application_type_code", "status", "description",
        "address", "postcode", "uprn", "ward", "parish", "latitude", "longitude", "received_on", "valid_from",
        "published_on", "consultation_ends_on", "decision_due_on", "committee_on", "decision", "decision_code",
        "decision_group", "decided_on", "withdrawn_on", "closed_on", "is_eia", "changed_at",
        "notice_corrected_on",
    )  # fmt: skip
    assert all(column.words for column in COLUMNS)


def test_only_public_fields_are_read():
    read = {field.removesuffix("_id") for field in rows.FIELDS}
    assert read <= set(PUBLIC_FIELDS)


@pytest.mark.parametrize("address", [WHOLE["csv"], LISTS["csv"]])
def test_a_row_of_csv(visitor, make_public, address):
    application = make_public(
        ward="Abbey", parish="", description='A "shed",\nwith a view', published_at=datetime(2026, 6, 1, 23, tzinfo=UTC)
    )
    PlanningApplication.objects.update(public_changed_at=datetime(2026, 6, 3, 10, 5, 6, 789, tzinfo=UTC))
    (row,) = table(visitor.get(address))
    assert row == {
        "reference": application.reference,
        "url": f"http://testshire.example/planning-applications/{application.reference}/",
        "planning_authority": "BKM",
        "application_type": "Householder planning permission",
        "application_type_code": "pp.full.householder",
        "status": "under-assessment",
        "description": 'A "shed",\nwith a view',
        "address": "7 Blyton Close, Beaconsfield",
        "postcode": "HP9 2LX",
        "uprn": "100080482163",
        "ward": "Abbey",
        "parish": "",
        "latitude": "51.615446",
        "longitude": "-0.646327",
        "received_on": "2026-06-01",
        "valid_from": "2026-06-01",
        "published_on": "2026-06-02",  # summer time
        "consultation_ends_on": "",
        "decision_due_on": "2026-07-27",
        "committee_on": "",
        "decision": "",
        "decision_code": "",
        "decision_group": "",
        "decided_on": "",
        "withdrawn_on": "",
        "closed_on": "",
        "is_eia": "false",
        "changed_at": "2026-06-03T10:05:06Z",
        "notice_corrected_on": "",
    }
    assert visitor.get(row["url"]).status_code == 200


@pytest.mark.parametrize("address", [WHOLE["json"], LISTS["json"]])
def test_a_row_of_json(visitor, decided, address):
    decided(reference="24/00107/HAPP A", is_eia=True, latitude=None, longitude=None)
    answer = visitor.get(address)
    assert answer.headers["Content-Type"] == "application/json"
    told = data(answer)
    (row,) = told["applications"]
    assert list(row) == list(NAMES)
    assert told["count"] == 1
    assert told["licence"].endswith("/open-government-licence/version/3/")
    assert row["is_eia"] is True
    assert row["latitude"] is row["parish"] is row["withdrawn_on"] is row["decision_due_on"] is None
    assert row["decision"] == "Planning permission granted subject to conditions"
    assert (row["decision_code"], row["decision_group"]) == ("granted_with_conditions", "approved")
    assert row["status"] == "decided"
    assert visitor.get(row["url"]).status_code == 200  # slashes and spaces of an older register


@pytest.mark.parametrize("address", [WHOLE["geojson"], LISTS["geojson"]])
def test_geojson_has_the_red_line_else_the_point_else_nothing(visitor, make_public, address):
    outline = make_public(boundary={**SQUARE, "properties": {"owner": "Quentin Kirrin"}})
    point = make_public(boundary=None)
    nowhere = make_public(boundary=None, latitude=None, longitude=None)
    odd = make_public(boundary={"type": "Polygon", "coordinates": []})
    answer = visitor.get(address)
    assert answer.headers["Content-Type"] == "application/geo+json"
    told = data(answer)
    assert told["type"] == "FeatureCollection"
    features = {feature["properties"]["reference"]: feature for feature in told["features"]}
    assert all(set(feature) == {"type", "geometry", "properties"} for feature in features.values())
    at = {"type": "Point", "coordinates": [-0.646327, 51.615446]}
    assert features[outline.reference]["geometry"] == SQUARE  # and nothing else that was in the column
    assert features[point.reference]["geometry"] == at
    assert features[nowhere.reference]["geometry"] is None
    assert features[odd.reference]["geometry"] == at
    assert list(features[point.reference]["properties"]) == list(NAMES)


@pytest.mark.parametrize("address", FILES)
def test_only_what_is_public_and_of_this_council(visitor, visitor_elsewhere, make_public, other_authority, address):
    make_public(description="ours")
    make_public(description="theirs", authority=other_authority)
    make_public(description="unpublished", published_at=None)
    make_public(description="invalid", status=Status.INVALIDATED)
    make_public(description="returned", status=Status.RETURNED)
    make_public("preApp", description="advice")
    assert b"ours" in (told := body(visitor.get(address)))
    assert not any(word in told for word in (b"theirs", b"unpublished", b"invalid", b"returned", b"advice"))
    assert b"ours" not in (told := body(visitor_elsewhere.get(address)))
    assert b"theirs" in told


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
        ("+44", "'+44"),
        ("-1", "'-1"),
        ("@SUM", "'@SUM"),
        ("\t=1", "'\t=1"),
        ("  =1", "'  =1"),
        ("＝1", "'＝1"),
        ("\r=1", "'\r=1"),
        ("1=1", "1=1"),
        ("", ""),
        ("a\n=1", "a\n=1"),
    ],
)
def test_text_that_a_spreadsheet_would_run(text, cell):
    assert spreadsheet_safe(text) == cell


def test_no_cell_of_csv_is_a_formula(visitor, make_public):
    """Every text of every column; numbers and dates cannot be one."""
    evil = "=cmd|' /C calc'!A0"
    ApplicationType.objects.filter(code="pp.full.householder").update(
        name=evil, decisions=[{"code": Decision.GRANTED, "words": evil}]
    )
    words = dict.fromkeys(("description", "address", "postcode", "uprn", "ward", "parish", "reference"), evil[:10])
    make_public(
        **words,
        status=Status.DETERMINED,
        decision=Decision.GRANTED,
        decided_on=date(2026, 7, 1),
        origin=Origin.IMPORTED,
    )
    for address in (WHOLE["csv"], LISTS["csv"]):
        (row,) = table(visitor.get(address))
        risky = {name for name, cell in row.items() if cell.startswith(("=", "+", "@", "\t"))}
        assert risky == set()
        assert row["description"] == f"'{evil[:10]}"
    (row,) = data(visitor.get(WHOLE["json"]))["applications"]
    assert row["description"] == evil[:10]


@pytest.mark.parametrize("address", FILES)
def test_an_empty_register_is_a_file_too(visitor, address):
    answer = visitor.get(address)
    told = body(answer)
    if address.endswith("csv"):
        assert told.decode() == ",".join(NAMES) + "\r\n"
    else:
        assert json.loads(told)["count"] == 0


# --- Lists ----------------------------------------------------------------------------------------------------------


def test_a_list_is_the_search_in_its_order(visitor, make_public, decided):
    make_public(description="Shed", received_on=date(2026, 5, 1))
    first = decided(description="Dormer", decided_on=date(2026, 7, 1), received_on=date(2026, 5, 3))
    second = decided(description="Dormer", decided_on=date(2026, 7, 9), received_on=date(2026, 5, 2))
    for extension, address in LISTS.items():
        for sort, expected in (("decided", [second, first]), ("received", [first, second])):
            answer = visitor.get(address, {"q": "dormer", "decision": "approved", "sort": sort})
            if extension == "csv":
                references = [row["reference"] for row in table(answer)]
            else:
                told = data(answer)
                found = told.get("applications") or [feature["properties"] for feature in told["features"]]
                references = [row["reference"] for row in found]
            assert references == [one.reference for one in expected]


def test_a_list_says_when_there_are_more(visitor, make_public, monkeypatch):
    for _ in range(3):
        make_public()
    assert visitor.get(LISTS["csv"]).headers["X-Has-More"] == "false"
    assert data(visitor.get(LISTS["json"]))["has_more"] is False
    monkeypatch.setattr(register_files, "MOST_ROWS", 2)
    for extension, address in LISTS.items():
        answer = visitor.get(address, {"q": "house"})
        assert answer.headers["X-Row-Count"] == "2"
        assert answer.headers["X-Has-More"] == "true"
        whole = answer.headers["X-Whole-Register"]
        assert whole == f"http://testshire.example/register.{extension}"
        if extension != "csv":
            told = data(answer)
            assert (told["count"], told["has_more"], told["whole_register"]) == (2, True, whole)


def test_a_question_without_sense_is_refused_in_words(visitor, make_public):
    make_public()
    answer = visitor.get(LISTS["csv"], {"received_from": "the day before"})
    assert answer.status_code == 400
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert "is not a date that we can read" in answer.content.decode()


# --- How they are sent ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", FILES)
def test_nobody_fetches_twice_what_did_not_change(visitor, aged, address):
    application = aged()
    answer = visitor.get(address)
    tag, time = answer.headers["ETag"], answer.headers["Last-Modified"]
    assert time == "Sat, 01 Aug 2026 12:00:00 GMT"
    for headers in ({"If-None-Match": tag}, {"If-Modified-Since": time}):
        with CaptureQueriesContext(connection) as queries:
            again = visitor.get(address, headers=headers)
        assert again.status_code == 304
        assert not again.streaming
        assert again.headers["ETag"] == tag
        assert not [query for query in queries if 'application"."description"' in query["sql"]]  # no row was read
    application.description = "Something else"
    application.save()
    for headers in ({"If-None-Match": tag}, {"If-Modified-Since": time}):
        assert visitor.get(address, headers=headers).status_code == 200


@pytest.mark.parametrize("address", FILES)
def test_what_was_taken_off_is_gone_from_the_next_answer(visitor, aged, address):
    application = aged(description="taken off")
    answer = visitor.get(address)
    assert b"taken off" in body(answer)
    application.published_at = None
    application.save()
    again = visitor.get(address, headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 200
    assert b"taken off" not in body(again)


def test_a_change_that_comes_to_light_late_is_seen(visitor, aged, authority):
    """A long transaction commits a time that is older than the newest one already seen."""
    old, new = aged(), aged()
    PlanningApplication.objects.filter(pk=new.pk).update(updated_at=datetime(2026, 8, 2, tzinfo=UTC))
    tag = visitor.get(WHOLE["csv"]).headers["ETag"]
    PlanningApplication.objects.filter(pk=old.pk).update(
        description="Late", updated_at=datetime(2026, 8, 1, 13, tzinfo=UTC)
    )
    assert visitor.get(WHOLE["csv"], headers={"If-None-Match": tag}).status_code == 200


def test_no_time_is_told_while_its_second_lasts(visitor, make_public):
    make_public()
    answer = visitor.get(WHOLE["csv"])
    assert "Last-Modified" not in answer.headers
    assert answer.headers["ETag"]


def test_another_question_another_tag(visitor, aged):
    aged()
    addresses = [*FILES, *(f"{LISTS['csv']}?{query}" for query in ("q=shed", "received_from=today", "sort=decided"))]
    tags = [visitor.get(address).headers["ETag"] for address in addresses]
    assert len(set(tags)) == len(tags)
    assert visitor.get(f"{LISTS['csv']}?q=shed&page=7").headers["ETag"] == tags[6]  # pages are none of theirs


def test_new_words_of_a_type_are_a_change(visitor, aged):
    aged()
    tag = visitor.get(WHOLE["csv"]).headers["ETag"]
    ApplicationType.objects.filter(code="pp.full.householder").update(name="House works")
    answer = visitor.get(WHOLE["csv"], headers={"If-None-Match": tag})
    assert answer.status_code == 200
    assert b"House works" in body(answer)


def test_a_type_that_is_no_longer_in_use_is_still_named(visitor, make_public):
    make_public()
    ApplicationType.objects.filter(code="pp.full.householder").update(is_active=False)
    (row,) = table(visitor.get(WHOLE["csv"]))
    assert row["application_type_code"] == "pp.full.householder"


@pytest.mark.parametrize("address", FILES)
def test_head_says_the_same_without_a_row(visitor, aged, address):
    aged()
    got, head = visitor.get(address), visitor.head(address)
    assert head.status_code == 200
    assert not head.streaming
    assert head.content == b""
    assert {name: value for name, value in head.headers.items() if name != "Content-Length"} == dict(got.headers)


@pytest.mark.parametrize("address", FILES)
def test_gzip_where_it_is_taken(visitor, aged, address):
    aged()
    plain = body(visitor.get(address))
    packed = visitor.get(address, headers={"Accept-Encoding": "br, GZIP;q=0.5"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(body(packed)) == plain
    for refused in ("", "br", "gzip;q=0", "gzip; q=0.0, *"):
        answer = visitor.get(address, headers={"Accept-Encoding": refused})
        assert "Content-Encoding" not in answer.headers
        assert "Accept-Encoding" in answer.headers["Vary"]


@pytest.mark.parametrize("address", FILES)
def test_kept_like_the_pages_and_without_a_cookie(visitor, aged, settings, address):
    aged()
    answer = visitor.get(address)
    assert answer.headers["Cache-Control"] == "public, max-age=60"
    assert not answer.cookies
    assert "noindex" in answer.headers["X-Robots-Tag"]
    visitor.cookies[settings.SESSION_COOKIE_NAME] = "somebody"
    assert "private" in visitor.get(address).headers["Cache-Control"]


@pytest.mark.parametrize("address", FILES)
def test_closed_with_the_register(visitor, authority, make_public, address):
    make_public()
    give_public_site(authority)
    page = RegisterPage.objects.child_of(authority.site.root_page).get()
    page.is_closed = True
    page.save()
    answer = visitor.get(address)
    assert answer.status_code == 503
    assert b"Blyton" not in answer.content


@pytest.mark.parametrize("address", FILES)
def test_nothing_but_reading(visitor, address):
    assert visitor.post(address).status_code == 405


@pytest.mark.parametrize("address", FILES)
def test_queries_do_not_grow_with_rows(visitor, make_public, address):
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            body(visitor.get(address))
        return len(queries)

    make_public()
    visitor.get(address)
    one = asked()
    for _ in range(4):
        make_public()
    assert asked() == one


# --- Streaming ------------------------------------------------------------------------------------------------------


def test_the_whole_register_is_read_while_it_is_sent(visitor, make_public, monkeypatch):
    """A query for each chunk and none before its time; nothing is left out or told twice where chunks meet."""
    monkeypatch.setattr(rows, "CHUNK", 2)
    wanted = [make_public().reference for _ in range(5)]
    answer = visitor.get(WHOLE["csv"])
    assert isinstance(answer, StreamingHttpResponse)
    pieces = iter(answer.streaming_content)
    with CaptureQueriesContext(connection) as queries:
        text = next(pieces)
    assert len(queries) == 1
    assert text.count(b"\r\n") == 3
    with CaptureQueriesContext(connection) as queries:
        text += b"".join(pieces)
    assert len(queries) == 2
    assert [row["reference"] for row in csv.DictReader(io.StringIO(text.decode()))] == wanted


def test_rows_that_come_while_it_is_sent_break_nothing(visitor, make_public, monkeypatch):
    monkeypatch.setattr(rows, "CHUNK", 2)
    first = [make_public() for _ in range(4)]
    pieces = iter(visitor.get(WHOLE["csv"]).streaming_content)
    text = next(pieces)
    gone = first[3]
    gone.published_at = None
    gone.save()
    late = make_public()
    text += b"".join(pieces)
    references = [row["reference"] for row in csv.DictReader(io.StringIO(text.decode()))]
    assert references == [first[0].reference, first[1].reference, first[2].reference, late.reference]


def generated(count: int):
    """What `in_chunks` reads from: rows as the database gives them, made as they are asked for."""
    today = date(2026, 11, 22)

    def read(after: int, size: int):
        for key in range(after + 1, min(after + size, count) + 1):
            yield (
                key, f"26-{key:06d}-HAPP", 1, "in_assessment", f"Extension number {key}", f"{key} High Street",
                "HP9 2LX", str(key), "Abbey", "", "", False, str(today), str(today), None,
                str(today + timedelta(days=key % 60)), None, None, None, None, "2026-11-22T05:12:00Z", "51.615446",
                "-0.646327", str(today), None,
            )  # fmt: skip

    return read


@pytest.mark.parametrize("writer", ["csv", "json", "gzip"])
def test_a_long_file_takes_no_more_memory_than_a_short_one(authority, writer):
    kinds = {1: rows.Kind("pp.full.householder", "Householder", {})}
    shown = rows.Shown(authority, site="http://testshire.example", style=CSV_STYLE, kinds=kinds)

    def pieces(count: int):
        chunks = (map(shown, chunk) for chunk in rows.in_chunks(generated(count)))
        if writer == "json":
            return json_pieces({"a": 1}, "applications", object_rows(NAMES, chunks))
        return zipped(csv_pieces(NAMES, chunks)) if writer == "gzip" else csv_pieces(NAMES, chunks)

    def peak(count: int) -> tuple[int, int]:
        tracemalloc.start()
        size = sum(len(piece) for piece in pieces(count))
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most, size

    peak(1_000)
    (short, some), (long, many) = peak(2_000), peak(30_000)
    assert many > 10 * some
    assert long < 1.2 * short


def red_line_of(number: int) -> dict:
    ring = SQUARE["coordinates"][0]
    return {"type": "Polygon", "coordinates": [[[east + number / 100, north] for east, north in ring]]}


def test_the_red_lines_of_a_list_are_read_while_it_is_sent(make_public, visitor, monkeypatch):
    """Ten thousand red lines are a hundred times as long as all else: never more than a chunk of them is held."""
    made = [make_public(boundary=red_line_of(number)) for number in range(5)]
    monkeypatch.setattr(register_files, "CHUNK", 2)
    with CaptureQueriesContext(connection) as before_the_first_byte:
        answer = visitor.get(LISTS["geojson"])
    assert answer.headers["X-Row-Count"] == "5"
    assert not [query for query in before_the_first_byte.captured_queries if "boundary" in query["sql"]]
    told = data(answer)
    shown = {one["properties"]["reference"]: one["geometry"] for one in told["features"]}
    assert shown == {row.reference: red_line_of(number) for number, row in enumerate(made)}
    assert told["count"] == 5


def test_each_question_for_red_lines_is_about_one_chunk(make_public, visitor, monkeypatch):
    for number in range(5):
        make_public(boundary=red_line_of(number))
    monkeypatch.setattr(register_files, "CHUNK", 2)
    answer = visitor.get(LISTS["geojson"])
    pieces = iter(answer.streaming_content)
    for chunks in (0, 1, 2, 3):  # the heading first, then a question for each chunk, as it is written
        with CaptureQueriesContext(connection) as queries:
            next(pieces)
        assert len(queries) == (1 if chunks else 0)


def test_the_red_line_of_what_leaves_the_register_meanwhile_is_not_sent(make_public, visitor, monkeypatch):
    application = make_public(boundary=red_line_of(1))
    answer = visitor.get(LISTS["geojson"])
    PlanningApplication.objects.filter(pk=application.pk).update(published_at=None)
    (feature,) = data(answer)["features"]
    assert feature["geometry"]["type"] == "Point"
