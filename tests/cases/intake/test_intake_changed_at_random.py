"""A good submission, changed at random and sent: a case with everything kept, or a refusal that names what is wrong.

Fields left out, of a wrong kind, far too long, holding what PostgreSQL refuses; red lines that are none; files twice.
"""

import copy
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as settings_of_django
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck, example, given, note, settings
from hypothesis import strategies as st

from accounts.models import ApiToken
from cases.models import Document, PlanningApplication, Submission
from tests.cases.payloads import RED_LINE, payload

SCHEMAS = Path("../shared/odp/schemas")
CREATED, NOT_READABLE, OTHERS, TOO_LARGE, CANNOT = 200, 400, 403, 413, 422
OFTEN = settings(
    max_examples=80,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
Way = tuple[str | int, ...]


# --- What may become of a value -------------------------------------------------------------------------------------

RING = RED_LINE["geometry"]["coordinates"][0]


def polygon(*rings: Any) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": list(rings)}


ODD_TEXTS = (
    "", " ", "\t\n", "x" * 401, "x" * 2_001, "x" * 100_001, "NUL\x00inside", "half \ud800 of a pair", "\u202egnp.exe",
    "-1", "1e5", "NaN", "Infinity", "2026-02-30", "0000-00-00T99:99:99Z", "2026-06-01T10:00:60+99:99", "999999-01-01",
    "'; DROP TABLE cases_document; --", "<script>alert(1)</script>", "{{ 7 * 7 }}", "https://", "javascript:alert(1)",
    "https://[::1", "https://a:b@c/d", "٣", "１２", "pp.full.householder ", "null", "𝔘𝔫𝔦𝔠𝔬𝔡𝔢",
)  # fmt: skip
ODD_VALUES = (
    None, True, False, 0, -1, 1, 0.1, -0.0, 1e308, -1e-308, 10**12, 10**19, 10**25, [], {}, [[]], [{}], [None],
    {"": ""},
    {"value": None}, {"value": {"value": "x"}}, ["x"] * 300, [None] * 10_001, float("nan"), float("inf"), *ODD_TEXTS,
)  # fmt: skip
ODD_LINES = (
    polygon(), polygon([]), polygon(RING[:2]), polygon(RING[:-1]), polygon([RING[0]] * 5), polygon(RING, RING),
    polygon([[y, x] for x, y in RING]), polygon([[x + 180, y] for x, y in RING]),
    polygon([[str(x), y] for x, y in RING]),
    polygon([[x, y, 12.5] for x, y in RING]), polygon([[x] for x, _ in RING]), polygon([[None, y] for _, y in RING]),
    polygon([RING[0], RING[2], RING[1], RING[3], RING[0]]), polygon([[493_000, 190_000], [493_020, 190_000], [0, 0]]),
    polygon([[1e300, 1e300], [-1e300, 0], [0, -1e300], [1e300, 1e300]]), polygon(RING * 3_000),
    {"type": "Point", "coordinates": [-0.6, 51.6]}, {"type": "MultiPolygon", "coordinates": [[RING], [RING]]},
    {"type": "MultiPolygon", "coordinates": []}, {"type": "LineString", "coordinates": RING},
    {"type": "GeometryCollection", "geometries": [polygon(RING)]}, {"type": "FeatureCollection", "features": []},
    {"type": "FeatureCollection", "features": [{"type": "Feature", "geometry": None, "properties": {}}]},
    {"type": "Feature", "geometry": None}, {"type": "Feature", "geometry": polygon(RING)}, {"type": ["Polygon"]},
    {"type": "Polygon"}, {"type": "Polygon", "coordinates": {"0": RING}}, {"coordinates": [RING]},
)  # fmt: skip
LINE = ("data", "proposal", "boundary", "site")
FILES = ("files",)


def deep(value: Any) -> Any:
    for _ in range(80):
        value = [value]
    return value


def ways(value: Any, way: Way = ()) -> Iterator[Way]:
    """Every place in the submission, the places of objects and lists among them; corners of the red line left out."""
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, member in members:
        yield (*way, key)
        if (*way, key) != (*LINE, "geometry"):
            yield from ways(member, (*way, key))


def at(body: Any, way: Way) -> Any:
    for step in way:
        body = body[step]
    return body


def change(body: Any, way: Way, make: Callable[[Any], Any]) -> bool:
    """Whether the place was still there to be changed."""
    try:
        holder = at(body, way[:-1])
        holder[way[-1]] = make(holder[way[-1]])
    except (KeyError, IndexError, TypeError):
        return False
    return True


def take_out(body: Any, way: Way) -> bool:
    try:
        del at(body, way[:-1])[way[-1]]
    except (KeyError, IndexError, TypeError):
        return False
    return True


PLACES = sorted(ways(payload()), key=str)
CHANGES = st.one_of(
    st.tuples(st.just("leave out"), st.sampled_from(PLACES), st.none()),
    st.tuples(st.just("put"), st.sampled_from(PLACES), st.sampled_from(ODD_VALUES)),
    st.tuples(st.just("put"), st.sampled_from(PLACES), st.text(max_size=60)),
    st.tuples(st.just("put"), st.just(LINE), st.sampled_from(ODD_LINES)),
    st.tuples(st.just("in a list"), st.sampled_from(PLACES), st.none()),
    st.tuples(st.just("deep inside"), st.sampled_from(PLACES), st.none()),
    st.tuples(st.just("twice"), st.sampled_from([way for way in PLACES if isinstance(way[-1], int)]), st.none()),
    st.tuples(st.just("many files"), st.just(FILES), st.integers(2, 12)),
    st.tuples(st.just("another member"), st.sampled_from([way for way in PLACES if way]), st.sampled_from(ODD_TEXTS)),
)


def changed(changes: list[tuple[str, Way, Any]]) -> tuple[Any, list[str]]:
    """The submission, and the paths at which it was changed."""
    body, touched = payload(), []
    for kind, way, value in changes:
        match kind:
            case "leave out":
                done = take_out(body, way)
            case "put":
                done = change(body, way, lambda old, new=value: copy.deepcopy(new))
            case "in a list":
                done = change(body, way, lambda old: [old])
            case "deep inside":
                done = change(body, way, deep)
            case "twice":
                done = change(body, way[:-1], lambda old, place=way[-1]: [*old, copy.deepcopy(old[place])])
            case "many files":
                done = change(body, way, lambda old, times=value: old * times)
            case _:
                done = change(body, way, lambda old, key=value: old | {key: key} if isinstance(old, dict) else old)
        if done:
            touched.append("/" + "/".join(map(str, way)))
    return body, touched


# --- Sending --------------------------------------------------------------------------------------------------------


@pytest.fixture
def send(authority, settings):
    """send(bytes) → (status, answer), as a sender over HTTP reads it; a server error is raised here."""
    settings.API_REQUESTS_PER_MINUTE = 1_000_000
    settings.ODP_SCHEMA_DIR = Path("there-is-none")
    _, secret = ApiToken.create(authority=authority, name="Sender", scopes=["submit"])
    client = Client(headers={"Authorization": f"Bearer {secret}"})

    def send(body: bytes) -> tuple[int, dict[str, Any]]:
        # The header besides the argument: of an empty body Django's client leaves the type away.
        answer = client.post(
            "/api/v2/planning_applications", body, content_type="application/json", CONTENT_TYPE="application/json"
        )
        return answer.status_code, answer.json()

    return send


def check(send, changes: list[tuple[str, Way, Any]]) -> None:
    body, touched = changed(changes)
    sent, limit = json.dumps(body).encode(), settings_of_django.MAX_SUBMISSION_BYTES
    note(f"changed at {touched}")
    with transaction.atomic():  # each example on its own
        status, answer = send(sent)
        note(f"{status}: {str(answer)[:600]}")
        if len(sent) > limit:
            assert (status, Submission.objects.exists()) == (TOO_LARGE, False)
            return
        kept = Submission.objects.get()
        assert bytes(kept.body) == sent, "what comes is kept as it came"
        if status == CREATED:
            check_case(body, kept, answer)
            assert send(sent) == (status, answer), "again it is the same"
            assert PlanningApplication.objects.count() == Submission.objects.count() == 1
        else:
            check_refusal(status, kept, answer, touched)
        transaction.set_rollback(True)


def check_case(body: Any, kept: Submission, answer: dict[str, Any]) -> None:
    """Everything that was sent became a row, or is named among the faults that officers read."""
    case = PlanningApplication.objects.get(reference=answer["id"])
    assert (kept.outcome, kept.application) == (Submission.Outcome.ACCEPTED, case)
    noted = [fault["path"] for fault in kept.faults]
    sent_files = body.get("files") or []
    assert Document.objects.filter(application=case).count() == len(sent_files)
    for number, file in enumerate(sent_files):
        name = file.get("name")
        has_row = isinstance(name, str) and case.documents.filter(source_url=name.strip()).exists()
        assert has_row or any(path.startswith(f"/files/{number}") for path in noted) or not name
    for way in (("data", "proposal", "description"), ("data", "property", "ward")):
        words = said(body, way)
        row = case.description if way[-1] == "description" else case.ward
        assert words == row or named(noted, way) or words.lower() in ("unknown", "none", "n/a")
    assert not said(body, LINE) or case.boundary, "a red line that was sent and cannot be read is refused"
    assert case.parties.exists() == bool(said(body, ("data", "applicant")))
    assert case.status == "not_started"
    assert case.valid_from is case.decided_on is case.published_at is None


def said(body: Any, way: Way) -> Any:
    try:
        value = at(body, way)
    except (KeyError, IndexError, TypeError):
        return ""
    return str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else value or ""


def named(paths: list[str], way: Way) -> bool:
    return any(is_about(path, "/" + "/".join(map(str, way))) for path in paths)


def check_refusal(status: int, kept: Submission, answer: dict[str, Any], touched: list[str]) -> None:
    """It says why, in words and with the place, and names a place that was changed. No half of a case is left."""
    assert status in (NOT_READABLE, OTHERS, CANNOT)
    assert kept.outcome == Submission.Outcome.REFUSED
    assert not PlanningApplication.objects.exists()
    assert not Document.objects.exists()
    faults = answer["faults"]
    assert faults
    assert all(set(fault) >= {"path", "reason"} and fault["reason"] for fault in faults)
    assert not any("fault of this system" in fault["reason"] for fault in faults)
    assert answer["detail"]
    if status != NOT_READABLE:  # what is no JSON at all has no places
        assert any(is_about(fault["path"], way) for fault in faults for way in touched), (faults, touched)


def is_about(path: str, way: str) -> bool:
    """Whether one is the other's place, or lies inside it."""
    return f"{path}/".startswith(f"{way}/") or f"{way}/".startswith(f"{path}/")


# --- The tests ------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
@OFTEN
@given(changes=st.lists(CHANGES, min_size=1, max_size=1))
def test_with_one_change_it_is_a_case_with_everything_kept_or_a_refusal_that_names_the_place(send, changes):
    check(send, changes)


@pytest.mark.django_db
@OFTEN
@given(changes=st.lists(CHANGES, min_size=2, max_size=6))
def test_with_many_changes_too(send, changes):
    check(send, changes)


@pytest.mark.django_db
@settings(OFTEN, max_examples=40)
@given(line=st.sampled_from(ODD_LINES), changes=st.lists(CHANGES, max_size=1))
def test_a_red_line_is_drawn_or_refused_and_never_dropped(send, line, changes):
    check(send, [*changes, ("put", LINE, line)])


@pytest.mark.skipif(not SCHEMAS.is_dir(), reason="the published schemas are not beside this repository")
@pytest.mark.django_db
@settings(OFTEN, max_examples=40)
@given(changes=st.lists(CHANGES, min_size=1, max_size=3))
def test_the_published_schema_only_notes(send, settings, changes):
    settings.ODP_SCHEMA_DIR = SCHEMAS
    check(send, changes)


@pytest.mark.django_db
@settings(OFTEN, max_examples=60)
@given(place=st.integers(0, 6_000), what=st.binary(min_size=1, max_size=4), how=st.sampled_from(["put", "cut", "over"]))
@example(place=0, what=b"-", how="cut")  # nothing came
def test_bytes_that_were_damaged_on_the_way(send, place, what, how):
    sent = json.dumps(payload()).encode()
    place %= len(sent)
    damaged = {
        "put": sent[:place] + what + sent[place:],
        "cut": sent[:place],
        "over": sent[:place] + what + sent[place + len(what) :],
    }[how]
    with transaction.atomic():
        status, answer = send(damaged)
        note(f"{status}: {str(answer)[:600]}")
        assert status in (CREATED, NOT_READABLE, OTHERS, CANNOT)
        assert bytes(Submission.objects.get().body) == damaged
        assert PlanningApplication.objects.exists() == (status == CREATED)
        assert status == CREATED or answer["faults"]
        transaction.set_rollback(True)
