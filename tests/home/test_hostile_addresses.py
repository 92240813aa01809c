"""What nobody types by accident: odd values in the public addresses are refused or find nothing, and never an error."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from home.models import CommentDraft

pytestmark = pytest.mark.django_db

LIST = "/planning-applications/"
AROUND_THE_WORLD = "2026-06-01T00:00:00%2B23:59"  # no clock on earth; more than PostgreSQL takes


@pytest.mark.parametrize("address", ["", ".json", ".csv", ".geojson", ".atom", "/map/", "/map.json"])
@pytest.mark.parametrize("window", ["sNaN,0,1,1", "0,0,1,sNaN", "NaN,0,1,1", "1e999999,0,1,1", "0,0,0.000001,1"])
def test_a_window_that_is_none(visitor, make_public, address, window):
    make_public()
    answer = visitor.get(f"/planning-applications{address or '/'}?bbox={window}")
    assert answer.status_code in {200, 400}


def test_a_window_too_small_to_be_one_is_not_passed_over(visitor, make_public):
    application = make_public(latitude="51.6", longitude="-0.6")
    answer = visitor.get(f"{LIST}?bbox=0,0,0.000001,0.000001")
    assert application.reference not in answer.content.decode()


@pytest.mark.parametrize(
    "after", [f"{AROUND_THE_WORLD}.5", "0001-01-01T00:00:00%2B12:00.5", "2026-06-01T00:00:00%2B01:00:00.5.5"]
)
def test_a_place_in_the_list_of_changes_that_no_clock_shows(visitor, make_public, after):
    make_public(public_changed_at=timezone.now())
    assert visitor.get(f"{LIST}?sort=changed&after={after}").status_code == 200


def test_addresses_with_a_character_that_no_text_has(visitor, make_public):
    reference = make_public(uprn="100").reference
    here = f"{LIST}{reference}/"
    for address in (
        f"{here}comment/%00/words/",
        f"{here}comment/a%00b/sent/",
        f"{LIST}property/%00.atom",
        f"{LIST}property/1%00/",
        f"{here}documents/?type=%00",
        f"{LIST}?ward=%00&type=%00&q=%00",
        f"{here}comments/?topic=%00&q=%00",
        f"{LIST}weekly/?year=%00",
        f"{LIST}weekly/2026-W40/?ward=%00",
        "/open-data/%00.csv",
        f"{LIST}a%00b/",
    ):
        assert visitor.get(address).status_code < 500, address
    draft = CommentDraft.objects.get_or_create(application_id=make_public().pk)[0]
    assert visitor.post(f"{here}comment/{draft.token}%00/words/", {"text": "x"}).status_code < 500


@pytest.mark.parametrize("asked", ["reference=A", "query=oak", "description=oak", "stage=appeal", "status=determined"])
def test_the_same_question_many_times_is_no_more_than_a_few(visitor, make_public, asked):
    make_public()
    address = f"/api/@next/public/applications?{'&'.join([asked] * 300)}"
    with CaptureQueriesContext(connection) as asked_once:
        assert visitor.get(f"/api/@next/public/applications?{asked}").status_code == 200
    with CaptureQueriesContext(connection) as asked_often:
        assert visitor.get(address).status_code == 200
    assert len(asked_often) <= len(asked_once)
    assert max(len(one["sql"]) for one in asked_often) <= max(len(one["sql"]) for one in asked_once)


def test_different_questions_many_times_are_refused(visitor, make_public):
    make_public()
    for asked in ("reference", "query", "description", "stage", "applicationType"):
        many = "&".join(f"{asked}={number:03}" for number in range(200))
        assert visitor.get(f"/api/@next/public/applications?{many}").status_code == 400, asked
    many = ",".join(map(str, range(200)))
    assert visitor.get(f"/api/@next/public/applications?applicationType={many}").status_code == 400


def test_a_long_row_of_digits_is_answered(visitor, make_public):
    """Two hundred characters that are nearly a reference: read in no time, or not within anybody's life."""
    make_public()
    assert visitor.get(LIST, {"q": "1" * 199 + "!"}).status_code == 200
    assert visitor.get("/api/v2/public/planning_applications/search", {"q": "A1" * 99 + "_"}).status_code == 200
