"""The register's list: what is found, in which order, at which addresses, and how long it may be kept."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from cases.models import PreviousReference
from cases.statuses import Decision, Origin, Status
from home.register import listing

LIST = "/planning-applications/"


def references(answer) -> list[str]:
    return [entry.reference for entry in answer.context["entries"]]


@pytest.fixture
def decided(make_public):
    """A decided application of an older register: it needs no notice of ours."""

    def make(decision: Decision, **fields):
        fields = {"decided_on": date(2026, 7, 1), "origin": Origin.IMPORTED, **fields}
        return make_public(status=Status.DETERMINED, decision=decision, **fields)

    return make


def test_newest_first(visitor, make_public):
    old, new, newer = (make_public(received_on=date(2026, 5, day)) for day in (1, 8, 8))
    assert references(visitor.get(LIST)) == [newer.reference, new.reference, old.reference]


@pytest.mark.parametrize(
    "words",
    ["26-00100", "26/00100", "2600100", "26 00100", "26-00100-HAPP", "2600100happ", "00100", "hp9 2lx", "HP92LX", "hp9",
     "blyton close", "extension house", "extensions"],
)  # fmt: skip
def test_search_finds(visitor, make_public, words):
    wanted = make_public()
    other = make_public(address="1 Kirrin Island", postcode="SL7 1AA", description="Lighthouse", uprn="")
    found = references(visitor.get(LIST, {"q": words}))
    assert wanted.reference in found
    assert other.reference not in found


def test_search_finds_a_previous_reference(visitor, make_public, authority):
    application = make_public()
    PreviousReference.objects.create(application=application, authority=authority, reference="25-00007-LDCP")
    assert references(visitor.get(LIST, {"q": "25/00007"})) == [application.reference]


def test_filters(visitor, make_public, decided):
    open_case = make_public(received_on=date(2026, 6, 1))
    certificate = make_public("ldc.proposed", received_on=date(2026, 6, 2))
    committee = make_public(status=Status.IN_COMMITTEE, received_on=date(2026, 6, 3))
    granted = decided(Decision.GRANTED, decided_on=date(2026, 7, 1))
    refused = decided(Decision.REFUSED, decided_on=date(2026, 7, 9))
    split = decided(Decision.SPLIT, decided_on=date(2026, 7, 10))

    def found(**query):
        return set(references(visitor.get(LIST, query)))

    assert found(type="ldc.proposed") == {certificate.reference}
    assert found(status="under-assessment") == {open_case.reference, certificate.reference}
    assert found(status="committee") == {committee.reference}
    assert found(status="decided") == {granted.reference, refused.reference, split.reference}
    assert found(decision="approved") == {granted.reference}
    assert found(decision="refused") == {refused.reference}
    assert found(decision="part") == {split.reference}
    assert found(decided_from="2/7/2026") == {refused.reference, split.reference}
    assert found(decided_from="2 July 2026", decided_to="2026-07-09") == {refused.reference}
    assert found(received_from="2/6/26", received_to="2/6/26") == {certificate.reference}
    assert found(status="decided", decision="approved", type="ldc.proposed") == set()


def test_every_decision_can_be_looked_for(visitor, decided):
    from cases.register import PUBLIC_DECISIONS

    groups = list(PUBLIC_DECISIONS.values())
    assert frozenset().union(*groups) == frozenset(Decision)
    assert sum(map(len, groups)) == len(Decision)


@pytest.mark.parametrize("status", [s for s in Status if s not in {Status.DETERMINED}])
def test_what_is_on_the_register(visitor, make_public, status):
    from cases.register import PUBLIC_STATUS

    application = make_public(status=status)
    assert (references(visitor.get(LIST)) == [application.reference]) == (status in PUBLIC_STATUS)
    assert visitor.get(f"{LIST}{application.reference}/").status_code == (200 if status in PUBLIC_STATUS else 404)


def test_unpublished_and_unpublishable_applications_are_not_there(visitor, make_public):
    unpublished = make_public(published_at=None)
    advice = make_public("preApp")
    assert references(visitor.get(LIST)) == []
    for application in (unpublished, advice):
        assert visitor.get(f"{LIST}{application.reference}/").status_code == 404


def test_another_council_shows_nothing_of_this_one(visitor_elsewhere, make_public):
    application = make_public()
    answer = visitor_elsewhere.get(LIST)
    assert answer.status_code == 200
    assert references(answer) == []
    for tail in ("", "comments/", "officer-report/", "documents/1/"):
        assert visitor_elsewhere.get(f"{LIST}{application.reference}/{tail}").status_code == 404
    assert visitor_elsewhere.get(f"{LIST}property/{application.uprn}/").status_code == 404


def test_a_council_that_is_not_in_use_has_no_register(visitor, authority, make_public):
    make_public()
    authority.is_active = False
    authority.save()
    assert visitor.get(LIST).status_code == 404


def test_a_date_that_is_none_is_told_and_finds_nothing(visitor, make_public):
    make_public()
    answer = visitor.get(LIST, {"received_from": "31/2/2026"})
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "<title>Error: " in text
    assert 'href="#id_received_from"' in text
    assert 'value="31/2/2026"' in text
    assert references(answer) == []


def test_dates_in_the_wrong_order_are_told(visitor, db, authority):
    text = visitor.get(LIST, {"received_from": "2/6/2026", "received_to": "1/6/2026"}).content.decode()
    assert 'href="#id_received_to"' in text


@pytest.mark.parametrize("query", [{"q": "x" * 5000}, {"q": "\x00"}, {"q": "'\"&<|!:*("}, {"status": "nonsense"},
                                   {"page": "-1"}, {"page": "999999"}, {"page": "abc"}, {"type": "\x00"}])  # fmt: skip
def test_nonsense_is_answered(visitor, make_public, query):
    make_public()
    assert visitor.get(LIST, query).status_code == 200


def test_filters_in_force_are_links_that_remove_them(visitor, make_public):
    make_public()
    answer = visitor.get(
        LIST, {"q": "blyton", "status": "decided", "received_from": "1/6/2026", "page": "3", "utm": "x"}
    )
    applied = {f.label: f.address_without for f in answer.context["applied"]}
    assert applied == {
        "Status": "?q=blyton&received_from=1%2F6%2F2026",
        "Received on or after": "?q=blyton&status=decided",
    }


def test_pages_keep_the_search_and_have_titles(visitor, make_public, monkeypatch):
    monkeypatch.setattr(listing, "PAGE_LENGTH", 2)
    for _ in range(5):
        make_public()
    answer = visitor.get(LIST, {"q": "blyton", "page": "2"})
    text = answer.content.decode()
    assert len(references(answer)) == 2
    assert "(page 2 of 3)" in text
    assert 'href="?q=blyton&amp;page=3"' in text
    # An address beyond the end shows the last page, as a bookmark of a list that grew shorter should.
    assert len(references(visitor.get(LIST, {"page": "9"}))) == 1


def test_counting_stops(visitor, make_public, monkeypatch):
    monkeypatch.setattr(listing, "PAGE_LENGTH", 2)
    monkeypatch.setattr(listing, "MOST_COUNTED", 4)
    for _ in range(6):
        make_public()
    first, last = visitor.get(LIST), visitor.get(LIST, {"page": "9"})
    assert "<strong>More than 4</strong> applications" in first.content.decode()
    assert last.context["page_of_results"].number == 2
    assert "The list stops here" in last.content.decode()


def test_nothing_found_gives_advice(visitor, make_public):
    make_public()
    assert "No application matches" in visitor.get(LIST, {"q": "zebra"}).content.decode()


def test_an_empty_register_says_so(visitor, authority):
    assert "There is no application on the register yet" in visitor.get(LIST).content.decode()


def test_queries_do_not_grow_with_rows(visitor, make_public, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    make_public()
    with CaptureQueriesContext(connection) as one:
        visitor.get(LIST)
    for number in range(2):
        make_public("ldc.existing" if number else "pp.full.minor")
    with django_assert_num_queries(len(one)):
        visitor.get(LIST)
    assert len(one) <= 12


def test_the_list_may_be_kept_for_a_minute_and_is_the_same_for_all(visitor, make_public):
    make_public()
    answer = visitor.get(LIST)
    assert answer.headers["Cache-Control"] == "public, max-age=60"
    assert "Cookie" not in answer.headers.get("Vary", "")
    assert not answer.cookies
    again = visitor.get(LIST, headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    make_public()
    assert visitor.get(LIST, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 200


def test_somebody_with_a_session_sees_what_is_new(visitor, officer, make_public):
    visitor.force_login(officer)
    assert visitor.get(LIST).headers["Cache-Control"] == "private, no-cache"


def test_search_results_are_not_for_search_engines(visitor, make_public):
    make_public()
    assert 'name="robots" content="noindex"' in visitor.get(LIST, {"q": "blyton"}).content.decode()
    assert 'name="robots"' not in visitor.get(LIST).content.decode()


def test_a_late_case_is_shown_with_its_due_date(visitor, make_public):
    due = timezone.localdate() - timedelta(days=9)
    make_public(received_on=due - timedelta(days=60), statutory_expiry_on=due, expires_on=due)
    assert f"{due.day} {due:%B %Y}" in visitor.get(LIST).content.decode()
