"""Atom feeds: valid, complete, the newest change first, and the same as long as nothing changed."""

import re
from datetime import date, timedelta
from xml.etree import ElementTree

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from cases import timeline
from cases.models import PlanningApplication
from cases.statuses import Decision, Origin, Status
from home.register import feeds
from tests.home.happening import happens

ATOM = "{http://www.w3.org/2005/Atom}"
FEED = "/planning-applications.atom"


def read(response) -> ElementTree.Element:
    """The feed, after what RFC 4287 wants of every one."""
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    feed = ElementTree.fromstring(response.content)
    assert feed.tag == f"{ATOM}feed"
    names = [child.tag.removeprefix(ATOM) for child in feed]
    for once in ("id", "title", "updated"):
        assert names.count(once) == 1
    assert feed.findtext(f"{ATOM}author/{ATOM}name")  # so that entries need none
    relations = {link.get("rel"): link.get("href") for link in feed.findall(f"{ATOM}link")}
    assert set(relations) == {"self", "alternate"}
    assert all(address.startswith("http://testshire.example/") for address in relations.values())
    idents = [entry.findtext(f"{ATOM}id") for entry in entries(feed)]
    assert len(idents) == len(set(idents))
    for entry in [feed, *entries(feed)]:
        assert entry.findtext(f"{ATOM}id").startswith("urn:uuid:")
        assert entry.findtext(f"{ATOM}title")
        assert parse_datetime(entry.findtext(f"{ATOM}updated")).tzinfo
    return feed


def entries(feed: ElementTree.Element) -> list[ElementTree.Element]:
    return feed.findall(f"{ATOM}entry")


def titles(feed: ElementTree.Element) -> list[str]:
    return [entry.findtext(f"{ATOM}title") for entry in entries(feed)]


def change(application, kind: str, *, minutes: int) -> None:
    """Something that the public can see happens so many minutes from now."""
    happens(application, kind, timezone.now() + timedelta(minutes=minutes))


# --- Searches -------------------------------------------------------------------------------------------------------


def test_what_changed_last_comes_first_with_words_for_people(visitor, make_public):
    older, newer = make_public(), make_public()
    change(newer, "published", minutes=1)
    change(older, "comment_published", minutes=5)
    feed = read(visitor.get(FEED))
    assert [title.split(":")[0] for title in titles(feed)] == [older.reference, newer.reference]
    first = entries(feed)[0]
    assert first.find(f"{ATOM}link").get("href") == (
        f"http://testshire.example/planning-applications/{older.reference}/"
    )
    summary = first.find(f"{ATOM}summary")
    assert summary.get("type") == "html"
    assert "Rear extension of a house" in summary.text
    assert "Under assessment" in summary.text
    assert "Latest: Comments published." in summary.text
    assert "Latest: New on the register." in entries(feed)[1].find(f"{ATOM}summary").text
    assert feed.findtext(f"{ATOM}updated") == first.findtext(f"{ATOM}updated")


def test_the_latest_is_something_that_can_be_read(visitor, make_public):
    application = make_public()
    change(application, "description_changed", minutes=1)
    happens(application, "documents_published", timezone.now() + timedelta(minutes=2), documents=[], status="withhold")
    (entry,) = entries(read(visitor.get(FEED)))
    assert "Latest: Details of the application changed." in entry.find(f"{ATOM}summary").text


def test_the_feed_is_of_the_search_in_its_address(visitor, make_public):
    dormer = make_public(description="Rear dormer window")
    make_public(description="Front porch")
    feed = read(visitor.get(f"{FEED}?q=dormer&page=7"))
    assert [title.split(":")[0] for title in titles(feed)] == [dormer.reference]
    assert "“dormer”" in feed.findtext(f"{ATOM}title")
    (page,) = [link.get("href") for link in feed.findall(f"{ATOM}link") if link.get("rel") == "alternate"]
    assert page == "http://testshire.example/planning-applications/?q=dormer"
    assert read(visitor.get(FEED)).findtext(f"{ATOM}id") != feed.findtext(f"{ATOM}id")


def test_only_public_applications_of_this_council_and_no_more_than_fifty(
    visitor, make_application, make_public, other_authority, monkeypatch
):
    monkeypatch.setattr(feeds, "MOST_ENTRIES", 2)
    make_application(status=Status.IN_ASSESSMENT)
    make_public("preApp")
    make_public(authority=other_authority)
    for _ in range(3):
        make_public()
    assert len(entries(read(visitor.get(FEED)))) == 2


def test_an_empty_feed_is_a_feed_and_stays_the_same(visitor):
    first, again = visitor.get(f"{FEED}?q=nothing"), visitor.get(f"{FEED}?q=nothing")
    assert entries(read(first)) == []
    assert first.content == again.content


def test_a_search_that_is_not_understood_is_refused_in_words(visitor):
    response = visitor.get(f"{FEED}?received_from=yesteryear")
    assert response.status_code == 400
    assert "is not a date that we can read" in response.content.decode()


def test_an_application_keeps_its_identifier_with_another_reference_status_and_host(visitor, make_public, authority):
    application = make_public()
    before = read(visitor.get(FEED))
    PlanningApplication.objects.filter(pk=application.pk).update(
        reference="26-99999-FULL", status=Status.WITHDRAWN, withdrawn_on=date(2026, 7, 1)
    )
    after = read(visitor.get(FEED))
    assert titles(before) != titles(after)
    assert entries(before)[0].findtext(f"{ATOM}id") == entries(after)[0].findtext(f"{ATOM}id")


def test_what_people_typed_is_text_and_never_markup_or_bad_xml(visitor, make_public):
    make_public(description="<script>alert(1)</script> & \x0b\x01 ]]> porch", address="1 <b>High</b> Street\x02")
    feed = read(visitor.get(FEED))
    summary = entries(feed)[0].find(f"{ATOM}summary").text
    assert "&lt;script&gt;" in summary
    assert "<script>" not in summary
    assert "<b>High</b>" in titles(feed)[0]  # a title is plain text, not HTML


def test_who_has_the_feed_is_not_sent_it_again_until_something_changes(visitor, make_public):
    application = make_public()
    tag = visitor.get(FEED).headers["ETag"]
    unchanged = visitor.get(FEED, headers={"If-None-Match": tag})
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    change(application, "comment_published", minutes=1)
    assert visitor.get(FEED, headers={"If-None-Match": tag}).status_code == 200


def test_queries_do_not_grow_with_entries(visitor, make_public):
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            read(visitor.get(FEED))
        return len(queries)

    make_public()
    visitor.get(FEED)
    one = count()
    for _ in range(3):
        make_public()
    assert count() == one


# --- One application, one property ----------------------------------------------------------------------------------


def test_the_feed_of_an_application_is_its_public_timeline(visitor, make_public, officer):
    application = make_public(
        received_on=date(2026, 3, 2),
        valid_from=date(2026, 3, 4),
        status=Status.DETERMINED,
        origin=Origin.IMPORTED,
        decision=Decision.REFUSED,
        decided_on=date(2026, 4, 20),
        published_at=timezone.make_aware(timezone.datetime(2026, 3, 5, 9)),
    )
    timeline.record(application, "recommended", by=officer)
    timeline.record(application, "note_added", by=officer)
    feed = read(visitor.get(f"/planning-applications/{application.reference}/changes.atom"))
    assert titles(feed)[0] == "Decision issued"
    assert titles(feed)[-1] == "Application received"
    assert "Recommendation" not in " ".join(titles(feed))
    assert "Planning permission refused" in entries(feed)[0].find(f"{ATOM}summary").text
    assert feed.findtext(f"{ATOM}updated").startswith("2026-04-20")
    again = read(visitor.get(f"/planning-applications/{application.reference}/changes.atom"))
    assert [e.findtext(f"{ATOM}id") for e in entries(feed)] == [e.findtext(f"{ATOM}id") for e in entries(again)]


def test_what_is_still_to_come_is_not_in_the_feed(visitor, make_public):
    soon = timezone.localdate() + timedelta(days=20)
    application = make_public(consultation_ends_on=soon, expires_on=soon, statutory_expiry_on=soon)
    feed = read(visitor.get(f"/planning-applications/{application.reference}/changes.atom"))
    assert not re.search("Last day|Decision due", " ".join(titles(feed)))


def test_the_feed_of_a_property_has_every_application_there(visitor, make_public):
    here = [make_public(uprn="100000000001") for _ in range(2)]
    make_public(uprn="100000000002")
    feed = read(visitor.get("/planning-applications/property/100000000001.atom"))
    assert {title.split(":")[0] for title in titles(feed)} == {application.reference for application in here}


def test_of_what_is_not_on_the_register_there_is_no_feed(visitor, make_application):
    application = make_application(uprn="100000000009", status=Status.IN_ASSESSMENT)
    for tail in (f"{application.reference}/changes.atom", "property/100000000009.atom"):
        assert visitor.get(f"/planning-applications/{tail}").status_code == 404


def test_another_councils_application_has_no_feed_here(visitor_elsewhere, make_public):
    application = make_public()
    address = f"/planning-applications/{application.reference}/changes.atom"
    assert visitor_elsewhere.get(address).status_code == 404
