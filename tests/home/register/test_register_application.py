"""One application on the register: its addresses, its facts, and what is never among them."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cases.models import (
    Appeal,
    Comment,
    Constraint,
    ConstraintType,
    Document,
    ExtensionOfTime,
    Party,
    PreviousReference,
    Publicity,
)
from cases.register.published import UNDER_ASSESSMENT, Words, public_application
from cases.register.site_history import site_history
from cases.register.timeline import public_timeline
from cases.statuses import Decision, Origin, PublicStatus, Resolution, Sentiment, Status
from home.register.application import bars
from tests.home.conftest import PDF

LIST = "/planning-applications/"


def page_of(visitor, application) -> str:
    answer = visitor.get(f"{LIST}{application.reference}/")
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.fixture
def make_comment():
    def make(application, text="It takes our light.", *, published=True, **fields) -> Comment:
        return Comment.objects.create(
            **{
                "application": application,
                "name": "Quentin Kirrin",
                "address": "9 Blyton Close",
                "email": "q@example.com",
                "sentiment": Sentiment.OBJECTION,
                "text": f"Original words: {text}",
                "redacted_text": text,
                "published_at": timezone.now() if published else None,
                "received_on": date(2026, 6, 9),
                **fields,
            }
        )

    return make


# --- Addresses


@pytest.mark.parametrize("untidy", ["26-00100-happ", "26.00100.HAPP", "2600100HAPP"])
def test_untidy_references_are_sent_on_for_good(visitor, make_public, untidy):
    application = make_public()
    answer = visitor.get(f"{LIST}{untidy}/")
    assert (answer.status_code, answer.headers["Location"]) == (301, f"{LIST}{application.reference}/")


def test_a_previous_reference_is_sent_on_for_good_with_what_hangs_on_it(visitor, make_public, authority, make_document):
    application = make_public()
    document = make_document(application)
    PreviousReference.objects.create(application=application, authority=authority, reference="25-00007-LDCP")
    answer = visitor.get(f"{LIST}25-00007-LDCP/documents/{document.pk}/")
    assert (answer.status_code, answer.headers["Location"]) == (
        301,
        f"{LIST}{application.reference}/documents/{document.pk}/",
    )


def test_references_of_an_older_register_have_addresses_too(visitor, make_public):
    first = make_public(reference="98/00123/FUL", origin=Origin.IMPORTED)
    second = make_public(reference="98/0012/3FUL", origin=Origin.IMPORTED)
    assert first.reference in visitor.get(f"{LIST}98-00123-FUL/").content.decode()
    assert second.reference in visitor.get(f"{LIST}98-0012-3FUL/").content.decode()


@pytest.mark.parametrize("nonsense", ["xx", "%00%00%00", "no-such-thing", "%F0%9F%98%80abc", "a" * 60, "a" * 61])
def test_unknown_references_are_not_found(visitor, authority, nonsense):
    assert visitor.get(f"{LIST}{nonsense}/").status_code == 404


# --- Facts


def test_key_facts_in_sentences(visitor, make_public):
    text = page_of(visitor, make_public())
    assert (
        "Enid Blyton applied on 1 June 2026 about 7 Blyton Close, Beaconsfield, HP9 2LX, "
        "and a decision is due by 27 July 2026."
    ) in text


def test_a_withdrawn_application_says_so(visitor, make_public):
    text = page_of(visitor, make_public(status=Status.WITHDRAWN, withdrawn_on=date(2026, 6, 20)))
    assert "; the application was withdrawn on 20 June 2026, so there is no decision." in text
    assert "due by" not in text


def test_the_agent_is_named_and_nobody_can_be_reached(visitor, make_public):
    application = make_public()
    Party.objects.create(
        application=application,
        role=Party.Role.AGENT,
        first_name="Julian",
        last_name="Kirrin",
        company="Kirrin Plans Ltd",
        email="julian@example.com",
        phone="01494 000111",
        address="1 Agent Street",
    )
    Party.objects.create(application=application, role=Party.Role.OWNER, last_name="Ownerson")
    text = page_of(visitor, application)
    assert "Julian Kirrin, Kirrin Plans Ltd" in text
    for private in (
        "julian@example.com",
        "01494 000111",
        "1 Agent Street",
        "famousfive@example.com",
        "05555 555555",
        "05555555555",
        "Ownerson",
    ):
        assert private not in text


@pytest.mark.parametrize(
    "status", [Status.AWAITING_DETERMINATION, Status.TO_BE_REVIEWED, Status.IN_ASSESSMENT, Status.IN_COMMITTEE]
)
def test_what_was_recommended_or_drafted_is_never_seen(visitor, make_public, officer, status):
    application = make_public(status=status, recommended=Decision.REFUSED, recommended_by=officer)
    application.refusal_reasons.create(title="Overbearing", text="It would loom over number 9.")
    application.conditions.create(title="Materials", text="Matching bricks.", reason="Looks.")
    text = page_of(visitor, application)
    for private in ("It keeps the limits", "loom over", "Matching bricks", "Refused", "refused", "sign-off"):
        assert private not in text
    (entry,) = visitor.get(LIST).context["entries"]
    assert (entry.decision, entry.decided_on) == ("", None)
    assert visitor.get(f"{LIST}{application.reference}/officer-report/").status_code == 404
    assert visitor.get(f"{LIST}{application.reference}/decision/").status_code == 404


def test_waiting_for_sign_off_looks_like_any_other_assessment(visitor, make_public):
    application = make_public(status=Status.AWAITING_DETERMINATION)
    assert UNDER_ASSESSMENT.words in page_of(visitor, application)


def test_an_imported_decision_is_shown_without_a_notice_of_ours(visitor, make_public):
    application = make_public(
        status=Status.DETERMINED, decision=Decision.GRANTED, decided_on=date(2026, 7, 1), origin=Origin.IMPORTED
    )
    text = page_of(visitor, application)
    assert "and the council decided on 1 July 2026: " in text
    assert "/decision/" not in text
    assert "officer-report" not in text


def test_appeals(visitor, make_public):
    application = make_public(
        status=Status.DETERMINED, decision=Decision.REFUSED, decided_on=date(2026, 7, 1), origin=Origin.IMPORTED
    )
    Appeal.objects.create(
        application=application,
        ground="refusal",
        lodged_on=date(2026, 8, 1),
        reference="APP/X/26/1",
        outcome="dismissed",
        decided_on=date(2026, 10, 1),
    )
    text = page_of(visitor, application)
    assert "APP/X/26/1" in text
    assert "Dismissed, 1 October 2026" in text


def test_constraints_that_apply(visitor, make_public):
    application = make_public()
    kinds = ConstraintType.objects.order_by("code")[:2]
    Constraint.objects.create(
        application=application, constraint_type=kinds[0], source="submission", entities=[{"name": "Old Town"}, "?", {}]
    )
    Constraint.objects.create(
        application=application, constraint_type=kinds[1], source="submission", removed_because="Next door only"
    )
    text = page_of(visitor, application)
    assert "Old Town" in text
    assert "Next door only" not in text
    assert f"<li>{kinds[1].name}" not in text


def test_related_applications_are_public_ones(visitor, make_public, other_authority, make_application):
    parent = make_public(uprn="", boundary=None)
    application = make_public(parent=parent, uprn="200000000001", boundary=None)
    sibling = make_public(parent=parent, uprn="", boundary=None)
    child = make_public(parent=application, uprn="", boundary=None)
    same_property = make_public(uprn="200000000001", boundary=None)
    hidden = make_public(uprn="200000000001", published_at=None)
    foreign = make_application(
        status=Status.IN_ASSESSMENT,
        authority=other_authority,
        published_at=timezone.now(),
        uprn="200000000001",
        description="Somewhere else entirely",
    )
    answer = visitor.get(f"{LIST}{application.reference}/")
    assert {one.entry.reference: one.how for one in answer.context["history"].related} == {
        parent.reference: "The application that this one follows from",
        sibling.reference: "Follows from the same application",
        child.reference: "Follows from this application",
        same_property.reference: "Same property",
    }
    text = answer.content.decode()
    assert f"{LIST}{same_property.reference}/" in text
    assert f"{LIST}{hidden.reference}/" not in text
    assert foreign.description not in text
    everything = visitor.get(f"{LIST}property/200000000001/").content.decode()
    assert application.reference in everything
    assert same_property.reference in everything
    assert hidden.reference not in everything
    assert foreign.description not in everything


def square(west: float, south: float, side: float = 0.0004) -> dict:
    east, north = west + side, south + side
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


L_SHAPE = {
    "type": "Polygon",
    "coordinates": [
        [
            [-0.64, 51.6],
            [-0.63, 51.6],
            [-0.63, 51.601],
            [-0.639, 51.601],
            [-0.639, 51.61],
            [-0.64, 51.61],
            [-0.64, 51.6],
        ]
    ],
}


def test_site_history_is_where_red_lines_truly_overlap(visitor, make_public, make_application, other_authority):
    application = make_public(boundary=L_SHAPE, uprn="1")
    overlapping = make_public(boundary=square(-0.6395, 51.605), uprn="2")
    inside_the_corner = make_public(boundary=square(-0.632, 51.608), uprn="3")  # in the rectangle, not in the L
    sharing_an_edge = make_public(boundary=square(-0.6404, 51.605), uprn="4")
    not_yet_public = make_public(boundary=square(-0.6395, 51.605), uprn="5", published_at=None)
    elsewhere = make_application(
        "pp.full.householder",
        status=Status.IN_ASSESSMENT,
        authority=other_authority,
        published_at=timezone.now(),
        boundary=square(-0.6395, 51.605),
        uprn="6",
    )
    no_geometry = make_public(boundary={"type": "Polygon", "coordinates": [[[-0.6395, 51.605], [-0.6395, 51.605]]]})
    history = site_history(public_application(application.authority, application.reference))
    assert [(one.entry.reference, one.how) for one in history.related] == [(overlapping.reference, "Site overlaps")]
    text = page_of(visitor, application)
    for other in (inside_the_corner, sharing_an_edge, not_yet_public, no_geometry):
        assert f"{other.reference}/" not in text
    assert f"{overlapping.reference}/" in text
    assert elsewhere.reference not in [one.entry.reference for one in history.related]


def test_a_long_history_is_cut_and_says_so(visitor, make_public, monkeypatch):
    monkeypatch.setattr("cases.register.site_history.MOST_SHOWN", 2)
    application = make_public()
    newest = make_public(received_on=date(2026, 6, 20))
    for _ in range(3):
        make_public()
    answer = visitor.get(f"{LIST}{application.reference}/")
    history = answer.context["history"]
    assert (len(history.related), history.has_more) == (2, True)
    assert history.related[0].entry.reference == newest.reference
    assert "The newest 2 of the applications on this land" in answer.content.decode()


def test_a_boundary_that_cannot_be_drawn_is_left_out(visitor, make_public):
    for boundary in (
        None,
        {},
        [],
        {"type": "Point", "coordinates": [0, 51]},
        {"type": "Polygon", "coordinates": [[["x"]]]},
    ):
        assert "No boundary is published" in page_of(visitor, make_public(boundary=boundary))


def test_the_property_page_says_where_and_what(visitor, make_public):
    first = make_public(uprn="200000000009", boundary=None)
    second = make_public(uprn="200000000009", status=Status.WITHDRAWN, address="Flat 2, 7 Blyton Close")
    text = visitor.get(f"{LIST}property/200000000009/").content.decode()
    assert "2 applications at this property: " in text
    assert "1 withdrawn" in text
    assert "1 under assessment" in text
    assert f"Outline of the site of application {second.reference}" in text
    assert "Also written as: " in text
    assert f"{LIST}{first.reference}/" in text
    assert visitor.get(f"{LIST}property/200000000008/").status_code == 404
    assert visitor.get(f"{LIST}property/%00/").status_code == 404


# --- Timeline


def test_the_timeline_has_mhclgs_codes_in_order(make_public, officer):
    application = make_public(
        status=Status.IN_COMMITTEE,
        received_on=date(2026, 5, 29),
        valid_from=date(2026, 6, 1),
        consultation_ends_on=date(2026, 6, 28),
        committee_on=date(2026, 7, 20),
        committee_resolution=Resolution.GRANT,
        published_at=timezone.make_aware(timezone.datetime(2026, 6, 2, 12)),
    )
    Publicity.objects.create(
        application=application,
        kind=Publicity.Kind.SITE_NOTICE,
        begins_on=date(2026, 6, 8),
        days=21,
        ends_on=date(2026, 6, 28),
        details="On the lamp post of Mrs Secret",
        by=officer,
    )
    moments = public_timeline(application)
    assert [moment.code for moment in moments] == [
        "application-submitted",
        "validation-completed",
        "valid-from",
        "application-published",
        "publicity-start",
        "consultation-start",
        "consultation-end",
        "resolution-to-grant",
        "",
    ]
    assert "Mrs Secret" not in str(moments)


def test_an_invalid_time_is_told_with_its_days_and_without_its_reasons(visitor, make_public, officer):
    application = make_public(
        received_on=date(2026, 6, 1),
        invalidated_on=date(2026, 6, 5),
        valid_from=date(2026, 6, 19),
        validated_on=date(2026, 6, 24),
    )
    asked = (("Plan", 17, ""), ("Fee", 19, ""), ("Not asked for", None, "A mistake"))
    for number, (title, arrived_on, cancelled) in enumerate(asked, start=1):
        application.validation_requests.create(
            number=number,
            outcome="cancelled" if cancelled else "accepted",
            resolved_at=timezone.now(),
            kind="other",
            title=title,
            text="The secret reason",
            what_to_send="A secret thing",
            raised_by=officer,
            sent_at=timezone.make_aware(timezone.datetime(2026, 6, 5, 23, 30)),
            cancelled_because=cancelled,
            arrived_on=arrived_on and date(2026, 6, arrived_on),
        )
    told = [(moment.code, moment.on.day) for moment in public_timeline(application)][:6]
    assert told == [
        ("application-submitted", 1),
        ("invalid-from", 5),
        ("additional-information-requested", 5),
        ("additional-information-received", 19),
        ("valid-from", 19),
        ("validation-completed", 24),
    ]
    text = page_of(visitor, application)
    assert "Found invalid" in text
    assert "secret" not in text


def test_extensions_consultees_and_appeals_are_moments(make_public, officer):
    application = make_public(
        status=Status.DETERMINED, decision=Decision.REFUSED, decided_on=date(2026, 7, 20), origin=Origin.IMPORTED
    )
    Publicity.objects.create(
        application=application,
        kind=Publicity.Kind.CONSULTEES,
        begins_on=date(2026, 6, 3),
        days=21,
        ends_on=date(2026, 6, 24),
        by=officer,
    )
    ExtensionOfTime.objects.create(
        application=application,
        agreed_until=date(2026, 8, 3),
        agreed_with="Mrs Secret",
        by=officer,
        agreed_in_writing_on=date(2026, 7, 1),
        evidence="E-mail of Mrs Secret",
    )
    Appeal.objects.create(
        application=application,
        ground="refusal",
        lodged_on=date(2026, 8, 1),
        outcome="allowed",
        decided_on=date(2026, 10, 1),
    )
    moments = public_timeline(application)
    told = [(moment.code, moment.words, moment.detail) for moment in moments if moment.on >= date(2026, 6, 3)]
    assert [one for one in told if one[1] != "Published on the register"] == [
        ("consultees-contacted", "Consultees asked", "Until 24 June 2026"),
        ("consultation-start", "Consultation opens", ""),
        ("time-extension-agreed", "Extension of time agreed", "Decision due by 3 August 2026"),
        ("", "Decision issued", "Planning permission refused"),
        ("", "Appeal lodged", "Against refusal"),
        ("", "Appeal decided", "Allowed"),
    ]
    assert "Secret" not in str(moments)


def test_what_is_to_come_is_told_apart(visitor, make_public):
    ahead = timezone.localdate() + timedelta(days=10)
    application = make_public(
        received_on=timezone.localdate() - timedelta(days=3),
        consultation_ends_on=ahead,
    )
    moments = {moment.words: moment.is_to_come for moment in public_timeline(application)}
    assert moments["Last day of publicity"] is True
    assert moments["Application received"] is False
    assert "(still to come)" in page_of(visitor, application)


# --- Documents


@pytest.mark.parametrize("status", [PublicStatus.NOT_ASSESSED, PublicStatus.WITHHOLD])
def test_documents_that_are_not_published_are_neither_listed_nor_given_out(visitor, make_public, make_document, status):
    application = make_public()
    document = make_document(application, "Medical letter", public_status=status)
    assert "Medical letter" not in page_of(visitor, application)
    assert visitor.get(f"{LIST}{application.reference}/documents/{document.pk}/").status_code == 404


def test_a_published_document_is_given_out_and_kept_from_search_engines(visitor, make_public, make_document):
    application = make_public()
    document = make_document(application, "Site plan", drawing_number="101", revision="B")
    answer = visitor.get(f"{LIST}{application.reference}/documents/{document.pk}/")
    assert b"".join(answer.streaming_content) == PDF
    assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
    text = page_of(visitor, application)
    assert "drawing 101 revision B" in text
    assert "PDF, " in text


def test_a_document_is_found_only_under_its_own_application(visitor, make_public, make_document):
    one, other = make_public(), make_public()
    document = make_document(one)
    assert visitor.get(f"{LIST}{other.reference}/documents/{document.pk}/").status_code == 404


def test_documents_of_an_application_that_left_the_register_are_gone(visitor, make_public, make_document):
    application = make_public()
    document = make_document(application)
    application.published_at = None
    application.save()
    assert visitor.get(f"{LIST}{application.reference}/documents/{document.pk}/").status_code == 404


def test_harmful_files_are_not_given_out(visitor, make_public, make_document):
    application = make_public()
    document = make_document(application, scan_status=Document.ScanStatus.INFECTED)
    assert visitor.get(f"{LIST}{application.reference}/documents/{document.pk}/").status_code == 404


def test_superseded_documents_stand_apart(visitor, make_public, make_document):
    application = make_public()
    new = make_document(application, "Elevations, newer")
    make_document(application, "Elevations, older", superseded_by=new)
    text = page_of(visitor, application)
    assert "Superseded documents (1)" in text
    assert text.index("Elevations, newer") < text.index("Superseded documents (1)") < text.index("Elevations, older")
    assert f'href="#document-{new.pk}"' in text


def test_a_superseding_document_that_is_withheld_is_not_mentioned(visitor, make_public, make_document):
    application = make_public()
    new = make_document(application, "Withheld one", public_status=PublicStatus.WITHHOLD)
    make_document(application, "Elevations, older", superseded_by=new)
    assert f"document-{new.pk}" not in page_of(visitor, application)


def test_documents_can_be_narrowed_to_one_type_and_are_paged(visitor, make_public, make_document, monkeypatch):
    monkeypatch.setattr("home.register.application.DOCUMENTS_ON_A_PAGE", 2)
    monkeypatch.setattr("home.register.application.DOCUMENTS_AT_FIRST", 2)
    application = make_public()
    for title in ("One", "Two", "Three"):
        make_document(application, title, "elevations.proposed")
    make_document(application, "Old", "elevations.proposed", superseded_by=application.documents.get(title="One"))
    make_document(application, "Where", "locationPlan")
    make_document(application, "Withheld", "heritageStatement", public_status=PublicStatus.WITHHOLD)
    base = f"{LIST}{application.reference}/documents/"

    first = visitor.get(base)
    assert {kind.code: kind.count for kind in first.context["kinds"]} == {"elevations.proposed": 4, "locationPlan": 1}
    assert "1 of them superseded" in first.content.decode()
    pages = [visitor.get(f"{base}?page={number}").content.decode() for number in (1, 2, 3)]
    shown = [title for page in pages for title in ("One", "Two", "Three", "Where", "Old") if f">{title}<" in page]
    assert sorted(shown) == ["Old", "One", "Three", "Two", "Where"]  # each of them once
    assert ">Old<" in pages[2]  # superseded ones at the end
    assert "Withheld" not in "".join(pages)

    narrowed = visitor.get(f"{base}?type=locationPlan").content.decode()
    assert ">Where<" in narrowed
    assert ">One<" not in narrowed
    for nonsense in ("?type=heritageStatement", "?type=%00", "?page=99999999999", "?page=x&type="):
        assert visitor.get(f"{base}{nonsense}").status_code == 200
    page = page_of(visitor, application)
    assert "All 5 documents, and those of one type" in page
    assert "These are the newest 2" in page
    assert "1 superseded document stands at the end" in page


def test_many_documents_and_comments_are_shown_in_part(visitor, make_public):
    application = make_public()
    Document.objects.bulk_create(
        Document(
            application=application,
            title=f"Drawing {number}",
            public_status="publish",
            file="x.pdf",
            size=1_000_000,
            received_on=date(2026, 6, 1),
            fetch_status="here",
            types=["elevations.proposed"],
        )
        for number in range(800)
    )
    Comment.objects.bulk_create(
        Comment(
            application=application,
            sentiment=Sentiment.OBJECTION,
            text="x",
            redacted_text="It takes our light.",
            published_at=timezone.now(),
            received_on=date(2026, 6, 9),
            topics=["light"],
        )
        for _ in range(2000)
    )
    answer = visitor.get(f"{LIST}{application.reference}/")
    text = answer.content.decode()
    assert text.count('role="row" id="document-') == 50
    assert "Download all 800 documents as one file (ZIP, about 762.9\xa0MB)" in text
    assert "Read all 2,000 comments" in text
    assert len(text) < 150_000
    assert visitor.get(f"{LIST}{application.reference}/documents/").content.decode().count(' id="document-') == 100


# --- Comments


@pytest.mark.parametrize(("names", "addresses"), [(False, False), (False, True), (True, False), (True, True)])
def test_names_and_addresses_of_commenters_by_the_councils_switches(
    visitor, authority, make_public, make_comment, names, addresses
):
    authority.publishes_commenter_names, authority.publishes_commenter_addresses = names, addresses
    authority.save()
    application = make_public()
    make_comment(application)
    for text in (
        page_of(visitor, application),
        visitor.get(f"{LIST}{application.reference}/comments/").content.decode(),
    ):
        assert "It takes our light." in text
        assert ("Quentin Kirrin" in text) == names
        assert ("9 Blyton Close" in text) == addresses
        assert "Original words" not in text
        assert "q@example.com" not in text


def test_comments_that_are_not_published_are_not_there_and_not_counted(visitor, make_public, make_comment):
    application = make_public()
    make_comment(application, "Published")
    make_comment(application, "Held back", published=False)
    text = page_of(visitor, application)
    assert "Held back" not in text
    assert "Comments (1)" in text


def test_comments_are_counted_by_what_they_say_and_paged(visitor, make_public, make_comment):
    application = make_public()
    for number in range(7):
        make_comment(
            application, f"Words {number}", sentiment=Sentiment.SUPPORTIVE if number < 2 else Sentiment.OBJECTION
        )
    answer = visitor.get(f"{LIST}{application.reference}/")
    counted = {words.slug: number for words, number in answer.context["comment_counts"].by_sentiment}
    assert counted == {"objection": 5, "neutral": 0, "supportive": 2}
    assert "Read all 7 comments" in answer.content.decode()
    assert len(answer.context["comments"]) == 5
    assert len(visitor.get(f"{LIST}{application.reference}/comments/").context["comments"]) == 7


def test_comments_are_counted_by_topic_and_can_be_narrowed(visitor, make_public, make_comment):
    application = make_public()
    make_comment(application, "Too dark", topics=["light", "privacy"])
    make_comment(application, "Dark, but good", topics=["light", "no-such-topic"], sentiment=Sentiment.SUPPORTIVE)
    make_comment(application, "Held back", topics=["noise"], published=False)
    make_comment(application, "Highways do not mind", kind=Comment.Kind.CONSULTEE, topics=["traffic"], organisation="H")
    base = f"{LIST}{application.reference}/comments/"
    counts = visitor.get(base).context["comment_counts"]
    assert [(words.slug, number) for words, number in counts.by_topic] == [("light", 2), ("privacy", 1)]
    assert counts.replies == 1

    def told(query: str) -> list[str]:
        return [comment.text for comment in visitor.get(base + query).context["comments"]]

    assert told("?topic=privacy") == ["Too dark"]
    assert told("?topic=light&sentiment=supportive") == ["Dark, but good"]
    assert told("?from=consultees") == ["Highways do not mind"]
    assert len(told("?topic=%00&sentiment=x&from=y")) == 2
    text = visitor.get(base).content.decode()
    assert "About: Daylight and sunlight; Privacy of neighbours" in text
    assert "no-such-topic" not in text


def test_bars_say_the_number_and_draw_no_less_than_something():
    counted = ((Words("a", "A"), 1), (Words("b", "B"), 1000), (Words("c", "C"), 0))
    assert [(bar.number, bar.share) for bar in bars(counted)] == [(1, 1), (1000, 20), (0, 0)]
    assert bars(()) == []


def test_consultees_are_named_as_bodies(visitor, make_public, make_comment):
    application = make_public()
    make_comment(application, "No objection.", kind=Comment.Kind.CONSULTEE, organisation="County Highways", address="")
    text = page_of(visitor, application)
    assert "County Highways" in text
    assert "Quentin Kirrin" not in text
    assert "Comments (0)" in text


def test_texts_of_strangers_are_escaped(visitor, make_public, make_comment, make_document):
    application = make_public(description="<script>alert(1)</script>", address="<b>Bold House</b>")
    make_comment(application, "<img src=x onerror=alert(1)>")
    make_document(application, "<i>plan</i>")
    text = page_of(visitor, application) + visitor.get(LIST).content.decode()
    for raw in ("<script>alert", "<b>Bold", "<img src=x", "<i>plan"):
        assert raw not in text


# --- Queries, caches


def test_queries_do_not_grow_with_what_the_case_holds(visitor, make_public, make_document, make_comment, officer):
    application = make_public(latitude=Decimal("51.6"))

    def fill():
        make_document(application)
        make_comment(application)
        make_comment(application, kind=Comment.Kind.CONSULTEE)
        make_public()
        Appeal.objects.create(application=application, ground="refusal", lodged_on=date(2026, 8, 1))

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            page_of(visitor, application)
        return len(captured)

    fill()
    with_one = queries()
    fill()
    fill()
    assert queries() == with_one
    assert with_one <= 17


def test_the_page_may_be_kept_for_a_minute(visitor, make_public):
    answer = visitor.get(f"{LIST}{make_public().reference}/")
    assert answer.headers["Cache-Control"] == "public, max-age=60"
    assert "Cookie" not in answer.headers.get("Vary", "")
    again = visitor.get(answer.request["PATH_INFO"], headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
