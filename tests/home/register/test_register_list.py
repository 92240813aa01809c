"""The register's list: what is found, in which order, at which addresses, and how long it may be kept."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cases.application import search
from cases.models import PlanningApplication, PreviousReference
from cases.statuses import Decision, Origin, Status
from home import remembering
from home.register import listing
from home.register.searching import PRESETS, RegisterSearch, canonical_query, results, search_words

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
    from cases.register.published import PUBLIC_DECISIONS

    groups = list(PUBLIC_DECISIONS.values())
    assert frozenset().union(*groups) == frozenset(Decision)
    assert sum(map(len, groups)) == len(Decision)


@pytest.mark.parametrize("status", [s for s in Status if s not in {Status.DETERMINED}])
def test_what_is_on_the_register(visitor, make_public, status):
    from cases.register.published import PUBLIC_STATUS

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
        "Status": "?q=blyton&received_from=2026-06-01",
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


def test_counting_stops_and_links_lead_on_to_the_end(visitor, make_public, monkeypatch):
    """The whole register can be walked by links; what nobody counts is still there."""
    monkeypatch.setattr(listing, "PAGE_LENGTH", 2)
    monkeypatch.setattr(search, "MOST_COUNTED", 4)
    made = [make_public(received_on=date(2026, 5, 1 + number // 3)) for number in range(9)]
    first, last = visitor.get(LIST), visitor.get(LIST, {"page": "9"})
    assert "<strong>More than 4</strong> applications" in first.content.decode()
    assert first.context["older_address"] == ""
    assert last.context["page_of_results"].number == 2
    walked, answer = references(first) + references(last), last
    while answer.context["older_address"]:
        assert 'rel="next">Older applications</a>' in answer.content.decode()
        answer = visitor.get(LIST + answer.context["older_address"])
        walked += references(answer)
    assert walked == [one.reference for one in reversed(made)]
    assert answer.context["first_address"] == "?"


@pytest.mark.parametrize(
    ("sort", "column"),
    [("decided", "decided_on"), ("changed", "public_changed_at"), ("closing", "consultation_ends_on")],
)
def test_every_order_is_newest_first_and_can_be_walked(visitor, decided, make_public, monkeypatch, sort, column):
    monkeypatch.setattr(listing, "PAGE_LENGTH", 2)
    monkeypatch.setattr(search, "MOST_COUNTED", 2)
    without = make_public(consultation_ends_on=None)
    made = []
    for number in (3, 1, 2, 2, 5):
        one = decided(Decision.GRANTED, decided_on=date(2026, 7, number), consultation_ends_on=date(2026, 7, number))
        made.append((number, one.pk, one.reference))
        PlanningApplication.objects.filter(pk=one.pk).update(
            public_changed_at=datetime(2026, 7, number, 9, 30, 15, 123456, tzinfo=UTC)
        )
    PlanningApplication.objects.filter(pk=without.pk).update(public_changed_at=None)
    answer = visitor.get(LIST, {"sort": sort})
    walked = references(answer)
    while answer.context["older_address"]:
        answer = visitor.get(LIST + answer.context["older_address"])
        walked += references(answer)
    assert walked == [reference for *_, reference in sorted(made, reverse=True)]
    assert f"sort={sort}" in answer.context["first_address"]


@pytest.mark.parametrize(
    "after", ["", "x", "2026-06-01", "2026-06-01.", ".5", "2026-13-01.5", "2026-06-01.99999999999999999999999",
              "2026-06-01.-5", "2026-06-01.٥", "\x00.1", "2026-06-01T09:00:00Z.5"],
)  # fmt: skip
@pytest.mark.parametrize("sort", ["received", "changed"])
def test_a_place_in_the_list_that_is_none_shows_its_beginning(visitor, make_public, after, sort):
    application = make_public()
    if after.startswith("2026-06-01T") and sort == "changed":
        pytest.skip("a place in this order")
    PlanningApplication.objects.update(public_changed_at=timezone.now())
    assert references(visitor.get(LIST, {"after": after, "sort": sort})) == [application.reference]


def test_a_list_of_few_is_sorted_too(visitor, make_public):
    """Few results are asked for by their keys, many are read by date: the order is the same."""
    made = [make_public(ward="Abbey", received_on=date(2026, 5, day)) for day in (2, 9, 5)]
    make_public(ward="Bridge")
    by_date = [one.reference for one in sorted(made, key=lambda one: one.received_on, reverse=True)]
    assert references(visitor.get(LIST, {"ward": "Abbey"})) == by_date
    assert references(visitor.get(LIST, {"q": "extension", "ward": "Abbey"})) == by_date


@pytest.mark.parametrize("most", [2, 10_000])
def test_few_and_many_are_filtered_alike(authority, make_public, decided, monkeypatch, most):
    monkeypatch.setattr(search, "MOST_COUNTED", most)
    for _ in range(3):
        make_public()
    wanted = [decided(Decision.REFUSED) for _ in range(3)]
    elsewhere = decided(Decision.REFUSED, description="Lighthouse")
    expected = {one.reference for one in wanted}

    def found(**asked):
        return {one.reference for one in results(authority, asked).applications}

    assert found(q="extension", decision="refused") == expected
    assert found(q="blyton -lighthouse", status="decided") == expected
    assert found(decision="refused") == expected | {elsewhere.reference}
    assert found(q="blyton", decision="refused", sort="decided") == expected | {elsewhere.reference}


def test_wards_and_parishes_are_those_of_the_register(visitor, visitor_elsewhere, make_public, other_authority):
    wanted = make_public(ward="Abbey", parish="Coleshill")
    make_public(ward="Bridge")
    make_public(ward="Hidden", published_at=None)
    make_public(ward="Faraway", authority=other_authority)
    answer = visitor.get(LIST, {"ward": "Abbey"})
    text = answer.content.decode()
    assert references(answer) == [wanted.reference]
    assert '<option value="Abbey" selected>Abbey</option>' in text
    assert '<option value="Bridge">Bridge</option>' in text
    assert '<option value="Coleshill">Coleshill</option>' in text
    assert "Hidden" not in text
    assert "Faraway" not in text
    assert "Abbey" not in visitor_elsewhere.get(LIST).content.decode()
    assert references(visitor.get(LIST, {"parish": "Coleshill"})) == [wanted.reference]
    assert references(visitor.get(LIST, {"ward": "Nowhere"})) == []


def test_types_to_choose_from_are_those_of_the_register(visitor, make_public):
    make_public("ldc.proposed")
    text = visitor.get(LIST).content.decode()
    assert '<option value="ldc.proposed">' in text
    assert '<option value="pp.full.householder">' not in text
    # One that was asked for by an old link is shown as chosen, and finds nothing.
    answer = visitor.get(LIST, {"type": "pp.full.householder"})
    assert '<option value="pp.full.householder" selected>' in answer.content.decode()
    assert references(answer) == []


@pytest.mark.parametrize(
    ("name", "column"), [("valid", "valid_from"), ("consultation", "consultation_ends_on"), ("decided", "decided_on")]
)
def test_periods(visitor, decided, name, column):
    made = {}
    for day in (1, 2, 3):
        dates = {"decided_on": date(2026, 7, 1), column: date(2026, 7, day)}
        made[day] = decided(Decision.GRANTED, received_on=date(2026, 7, 1), **dates).reference

    def found(**ends):
        return set(references(visitor.get(LIST, {f"{name}_{end}": day for end, day in ends.items()})))

    assert found(**{"from": "2/7/2026"}) == {made[2], made[3]}
    assert found(to="2/7/2026") == {made[1], made[2]}
    assert found(**{"from": "2 July 2026", "to": "2026-07-02"}) == {made[2]}


def test_published_on_a_day_means_the_day_in_england(visitor, make_public):
    late = datetime(2026, 6, 1, 23, 30, tzinfo=UTC)  # half past midnight of 2 June, summer time
    application = make_public(published_at=late)
    assert references(visitor.get(LIST, {"published_from": "2/6/2026", "published_to": "2/6/2026"})) == [
        application.reference
    ]
    assert references(visitor.get(LIST, {"published_to": "1/6/2026"})) == []


def test_a_search_has_one_address_and_can_be_said(authority):
    written = {
        "q": "  dormer   loft",
        "sort": "received",
        "received_from": "1 June 2026",
        "ward": "Abbey",
        "type": "",
        "decided_from": "This  week",
        "page": "3",
        "utm": "x",
    }
    form = RegisterSearch(written)
    assert canonical_query(form) == "q=dormer+loft&ward=Abbey&received_from=2026-06-01&decided_from=this+week"
    same = RegisterSearch(QueryDict(canonical_query(form)))
    assert canonical_query(same) == canonical_query(form)
    assert search_words(RegisterSearch({"q": "dormer", "ward": "Abbey", "received_from": "1/6/26"})) == (
        "“dormer”, in Abbey ward, received from 1 June 2026"
    )
    assert canonical_query(RegisterSearch({})) == canonical_query(RegisterSearch()) == ""
    assert search_words(RegisterSearch()) == search_words(RegisterSearch({})) == "All applications"


def test_the_list_leads_to_its_other_forms(visitor, make_public):
    make_public()
    text = visitor.get(LIST, {"q": "blyton", "page": "1", "received_from": "1/6/2026"}).content.decode()
    query = "?q=blyton&amp;received_from=2026-06-01"
    for address in (
        "/planning-applications.csv",
        "/planning-applications.json",
        "/planning-applications.geojson",
        "/planning-applications.atom",
        "/planning-applications/map/",
        "/planning-applications/alerts/search/",
    ):
        assert f'href="{address}{query}"' in text
    assert 'href="/planning-applications/weekly/"' in visitor.get(LIST).content.decode()


def test_ready_made_searches_are_understood(visitor, make_public):
    make_public(received_on=timezone.localdate())
    for _, query in PRESETS:
        form = RegisterSearch(QueryDict(query))
        assert form.is_valid()
        assert canonical_query(form) == query  # so that the link is the address of the list it leads to
        assert visitor.get(f"{LIST}?{query}").status_code == 200


def test_words_that_were_put_right_are_said(visitor, make_public):
    wanted = make_public(address="7 Blyton Close")
    answer = visitor.get(LIST, {"q": "7 Bylton Close"})
    assert references(answer) == [wanted.reference]
    assert "These have the words <strong>“7 blyton close”</strong>" in answer.content.decode()
    assert "These have the words" not in visitor.get(LIST, {"q": "7 Blyton Close"}).content.decode()


def test_an_entry_is_a_heading_with_a_link_and_nothing_in_it_is_taken_for_html(visitor, make_public):
    application = make_public(address="1 <b>Bold</b> Street", description='A "porch" & <script>', postcode="")
    text = visitor.get(LIST).content.decode()
    link = f'<a class="govuk-link entry__address" href="{LIST}{application.reference}/">'
    assert f'<h2 class="entry__title">{link}1 &lt;b&gt;Bold&lt;/b&gt; Street</a></h2>' in text
    assert "A &quot;porch&quot; &amp; &lt;script&gt;</p>" in text
    assert "<div><dt>Received</dt><dd>1 June 2026</dd></div>" in text


def test_nothing_found_gives_advice(visitor, make_public):
    make_public()
    assert "No application matches" in visitor.get(LIST, {"q": "zebra"}).content.decode()


def test_an_empty_register_says_so(visitor, authority):
    assert "There is no application on the register yet" in visitor.get(LIST).content.decode()


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"q": "extension"},
        {"q": "HP9 2LX"},
        {"status": "under-assessment"},
        {"q": "blyton", "ward": "Abbey"},
        {"q": "exetnsion"},
        {"sort": "changed"},
        {"after": "2026-12-01.999999"},
    ],
)
def test_queries_do_not_grow_with_rows(visitor, make_public, django_assert_num_queries, query):
    fields = {"ward": "Abbey", "public_changed_at": timezone.now()}
    make_public(**fields)
    with CaptureQueriesContext(connection) as one:
        assert len(references(visitor.get(LIST, query))) == 1
    for number in range(2):
        make_public("ldc.existing" if number else "pp.full.minor", **fields)
    with django_assert_num_queries(len(one)):
        # The choices of the search are read in one question each, but for types: one more row of them is no query.
        assert len(references(visitor.get(LIST, query))) == 3
    assert len(one) <= 18


def test_what_stands_around_is_remembered_for_visitors_alone_until_it_changes(visitor, officer, make_public, settings):
    settings.REMEMBER_SECONDS = 60
    remembering.forget()
    make_public(ward="Abbey")
    visitor.get(LIST)
    with CaptureQueriesContext(connection) as again:
        visitor.get(LIST)
    assert len(again) <= 3
    officer.authority.name = "Another name"
    officer.authority.save()
    assert "Another name" in visitor.get(LIST).content.decode()
    visitor.get(LIST)
    visitor.force_login(officer)
    with CaptureQueriesContext(connection) as anew:
        visitor.get(LIST)
    assert len(anew) > len(again) + 3, "the session's own questions are no more than that"
    remembering.forget()


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
