"""The weekly and monthly lists: what stands in them, their addresses, their spreadsheet, and what they cost."""

import csv
import io
import re
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cases.statuses import Decision, Origin, Status
from home.register import period_lists
from home.register.periods import month_of, week_of
from tests.clock import at
from tests.database import make_authority

WEEK = "/planning-applications/weekly/2026-W25/"  # 15 to 21 June 2026
MONDAY = date(2026, 6, 15)


def text_of(response) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def sections(response) -> dict[str, list[str]]:
    """List → references in it, in order."""
    page = response.content.decode()
    parts = re.split(r'<section class="period-section" id="(\w+)"', page)[1:]
    return {
        slug: re.findall(r'rowheader"><a [^>]*>([^<]+)</a>', part)
        for slug, part in zip(parts[::2], parts[1::2], strict=True)
    }


@pytest.fixture
def one_of_each(make_public):
    """Received, become valid and decided in the week; and one of everything the week before and after."""
    made = {}
    for name, day in (
        ("before", MONDAY - timedelta(days=1)),
        ("in", MONDAY),
        ("last", MONDAY + timedelta(days=6)),
        ("after", MONDAY + timedelta(days=7)),
    ):
        made[name] = make_public(received_on=day, valid_from=day + timedelta(days=100))
    made["valid"] = make_public(received_on=date(2026, 5, 1), valid_from=MONDAY)
    made["decided"] = make_public(
        received_on=date(2026, 3, 2),
        status=Status.DETERMINED,
        decision=Decision.REFUSED,
        decided_on=MONDAY,
        origin=Origin.IMPORTED,
    )
    return made


# --- What stands in a list ------------------------------------------------------------------------------------------


def test_a_week_is_from_monday_to_sunday_and_each_list_goes_by_its_own_day(visitor, one_of_each):
    response = visitor.get(WEEK)
    assert response.status_code == 200
    assert sections(response) == {
        "received": [one_of_each["in"].reference, one_of_each["last"].reference],
        "validated": [one_of_each["valid"].reference],
        "decided": [one_of_each["decided"].reference],
    }
    page = text_of(response)
    assert "Week from 15 to 21 June 2026" in page
    assert "Planning permission refused" in page


def test_a_month_is_the_calendars(visitor, make_public):
    inside = [make_public(received_on=day).reference for day in (date(2026, 6, 1), date(2026, 6, 30))]
    make_public(received_on=date(2026, 5, 31))
    make_public(received_on=date(2026, 7, 1))
    response = visitor.get("/planning-applications/monthly/2026-06/")
    assert sections(response)["received"] == inside
    assert "June 2026" in text_of(response)


def test_what_is_not_on_the_register_and_other_councils_is_in_no_list(
    visitor, make_application, make_public, other_authority
):
    make_application(received_on=MONDAY, status=Status.NOT_STARTED)
    make_application("preApp", received_on=MONDAY, status=Status.IN_ASSESSMENT, published_at=timezone.now())
    make_application(received_on=MONDAY, status=Status.IN_ASSESSMENT)
    make_public(received_on=MONDAY, authority=other_authority)
    response = visitor.get(WEEK)
    assert sections(response) == {"received": [], "validated": [], "decided": []}
    assert text_of(response).count("None in this week") == 3
    assert len(list(csv.reader(io.StringIO(visitor.get(f"{WEEK[:-1]}.csv").content.decode())))) == 1


def test_lists_are_grouped_by_ward_and_filtered_by_ward_and_parish(visitor, make_public):
    abbey = make_public(received_on=MONDAY, ward="Abbey", parish="Upton")
    make_public(received_on=MONDAY, ward="Castle", parish="Upton")
    nowhere = make_public(received_on=MONDAY)
    captions = re.findall(r"<caption[^>]*>([^<]+)</caption>", visitor.get(WEEK).content.decode())
    assert captions[:3] == ["Abbey", "Castle", "No ward recorded"]
    by_parish = visitor.get(f"{WEEK}?group=parish").content.decode()
    assert re.findall(r"<caption[^>]*>([^<]+)</caption>", by_parish)[:2] == ["Upton", "No parish recorded"]
    assert sections(visitor.get(f"{WEEK}?ward=Abbey"))["received"] == [abbey.reference]
    assert len(sections(visitor.get(f"{WEEK}?parish=Upton"))["received"]) == 2
    assert nowhere.reference in sections(visitor.get(f"{WEEK}?group=none"))["received"]
    empty = visitor.get(f"{WEEK}?ward=Nowhere+at+all")
    assert text_of(empty).count("None here in this week") == 3
    assert "<option selected>Nowhere at all</option>" in text_of(empty)


@pytest.mark.parametrize("query", ["?group=x", "?list=x", "?page=x", "?list=received&page=999", "?ward=%00"])
def test_a_query_that_makes_no_sense_still_gives_the_list(visitor, make_public, query):
    application = make_public(received_on=MONDAY)
    response = visitor.get(f"{WEEK}{query}")
    assert response.status_code == 200
    assert application.reference in sections(response)["received"]


def test_a_long_list_has_pages_of_its_own(visitor, make_public, monkeypatch):
    monkeypatch.setattr(period_lists, "PAGE_LENGTH", 2)
    references = [make_public(received_on=MONDAY).reference for _ in range(5)]
    first = visitor.get(WEEK)
    assert sections(first)["received"] == references[:2]
    assert "?list=received" in first.content.decode()
    last = visitor.get(f"{WEEK}?list=received&page=3")
    assert sections(last) == {"received": references[4:]}
    assert "page 3 of 3" in text_of(last)
    assert "?list=received&amp;page=2" in last.content.decode()


# --- Addresses ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        "weekly/2026-W54/",
        "weekly/2027-W10/",
        "weekly/2026-47/",
        "weekly/0000-W01/",
        "monthly/2026-13/",
        "monthly/2026-00/",
        "monthly/2026-W47/",
        "monthly/2999-01/",
        "weekly/2026-W54.csv",
        "monthly/2027-06.csv",
    ],
)
def test_weeks_that_no_year_has_and_times_that_have_not_begun_do_not_exist(visitor, address):
    with at("2026-11-22 12:00"):
        assert visitor.get(f"/planning-applications/{address}").status_code == 404


def test_neighbours_lead_back_to_the_oldest_application_and_on_to_today(visitor, make_public):
    make_public(received_on=date(2026, 6, 10))
    with at("2026-06-24 12:00"):
        links = {
            week: re.findall(
                r'href="/planning-applications/weekly/(2026-W\d+)/" rel="(\w+)"',
                visitor.get(f"/planning-applications/weekly/{week}/").content.decode(),
            )
            for week in ("2026-W24", "2026-W25", "2026-W26")
        }
        assert "is not over" in text_of(visitor.get("/planning-applications/weekly/2026-W26/"))
    assert links == {
        "2026-W24": [("2026-W25", "next")],
        "2026-W25": [("2026-W24", "prev"), ("2026-W26", "next")],
        "2026-W26": [("2026-W25", "prev")],
    }


def test_a_new_week_begins_at_midnight_in_england(visitor, make_public):
    make_public(received_on=date(2026, 6, 10))
    with at("2026-06-21 23:59"):
        assert visitor.get("/planning-applications/weekly/2026-W26/").status_code == 404
    with at("2026-06-22 00:01"):
        assert visitor.get("/planning-applications/weekly/2026-W26/").status_code == 200


def test_the_page_of_all_lists_goes_from_this_week_to_the_oldest_application(visitor, make_public):
    assert "no application on the register yet" in text_of(visitor.get("/planning-applications/weekly/"))
    make_public(received_on=date(2025, 12, 30))
    with at("2026-01-06 12:00"):
        page = visitor.get("/planning-applications/weekly/").content.decode()
        assert re.findall(r"weekly/(\d{4}-W\d\d)/", page) == ["2026-W02", "2026-W01"]
        assert re.findall(r"monthly/(\d{4}-\d\d)/", page) == ["2026-01"]
        old = visitor.get("/planning-applications/weekly/?year=2025").content.decode()
        assert re.findall(r"weekly/(\d{4}-W\d\d)/", old) == ["2026-W01"]
        for year in ("0001", "9999", "x", "²⁰²⁵"):
            assert visitor.get("/planning-applications/weekly/", {"year": year}).status_code == 200


@pytest.mark.parametrize(
    ("day", "slug", "words"),
    [
        (date(2026, 11, 18), "2026-W47", "Week from 16 to 22 November 2026"),
        (date(2026, 11, 30), "2026-W49", "Week from 30 November to 6 December 2026"),
        (date(2027, 1, 1), "2026-W53", "Week from 28 December 2026 to 3 January 2027"),
    ],
)
def test_weeks_are_those_of_iso_8601_in_words_that_people_use(day, slug, words):
    assert (week_of(day).slug, week_of(day).words) == (slug, words)
    assert week_of(day).before.after == week_of(day)


def test_months_know_their_length():
    assert month_of(date(2024, 2, 10)).last == date(2024, 2, 29)
    assert month_of(date(2026, 12, 1)).after.slug == "2027-01"


# --- The spreadsheet ------------------------------------------------------------------------------------------------


def test_the_spreadsheet_holds_the_three_lists_and_no_formula(visitor, one_of_each, make_public):
    evil = {"description": '=HYPERLINK("https://evil.example")', "ward": "@Abbey"}
    make_public(received_on=MONDAY, valid_from=date(2026, 9, 1), **evil)
    response = visitor.get(f"{WEEK[:-1]}.csv")
    assert response.headers["Content-Type"].startswith("text/csv")
    assert "2026-W25.csv" in response.headers["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(response.content.decode(), newline="")))
    assert [row["list"] for row in rows] == ["received"] * 3 + ["validated", "decided"]
    assert rows[-1]["decision"] == "Planning permission refused"
    assert rows[0]["url"].startswith("http://testshire.example/planning-applications/")
    evil = next(row for row in rows if "HYPERLINK" in row["description"])
    assert (evil["description"][0], evil["ward"]) == ("'", "'@Abbey")
    filtered = visitor.get(f"{WEEK[:-1]}.csv?list=decided").content.decode()
    assert len(filtered.strip().splitlines()) == 2


# --- Costs ----------------------------------------------------------------------------------------------------------


def test_queries_do_not_grow_with_the_week(visitor, make_public):
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert visitor.get(WEEK).status_code == 200
        return len(queries)

    make_public(received_on=MONDAY, ward="Abbey")
    visitor.get(WEEK)
    one = count()
    for number in range(4):
        make_public(received_on=MONDAY, ward=f"Ward {number}")
    assert count() == one
    assert one <= 14


def test_a_week_that_was_read_is_not_sent_again(visitor, make_public):
    make_public(received_on=MONDAY)
    for address in (WEEK, f"{WEEK[:-1]}.csv"):
        first = visitor.get(address)
        assert not first.cookies
        assert visitor.get(address, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304


def test_without_a_council_there_is_no_list(db, client):
    make_authority("XXX", "Xshire", "xshire.example")
    assert client.get(WEEK).status_code == 404
