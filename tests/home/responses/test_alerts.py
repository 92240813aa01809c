"""Alerts: asked for by anybody, begun only by the address itself, told once a day and once only, stopped at a click."""

import re
import threading
import uuid
from datetime import date, timedelta
from urllib.parse import urlsplit

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import RateCount
from cases.models import Comment, Document, PlanningApplication
from cases.statuses import Decision, Origin, PublicStatus, Status
from home.models import Alert
from home.responses import digests, following, places
from notices import due_work
from notices.models import Message
from tests.clock import at, moment
from tests.home import happening

pytestmark = pytest.mark.django_db

ALERTS = "/planning-applications/alerts"
ANN = "ann@example.org"


@pytest.fixture
def make_known(make_public):
    """An application that came onto the register in October."""
    return lambda *args, **fields: make_public(*args, **{"published_at": moment("2026-10-01 09:00"), **fields})


@pytest.fixture
def application(make_known):
    return make_known()


def ask(visitor: Client, path: str, *, email: str = ANN, **more):
    return visitor.post(path, {"email": email, **more})


def link_in(message: Message, name: str) -> str:
    """The path of the link in an e-mail that ends so."""
    (address,) = set(re.findall(rf"https?://\S+/{name}/", message.body))
    return urlsplit(address).path


def follow(visitor: Client, path: str, *, email: str = ANN, since: str = "", **more) -> Alert:
    """Ask and say yes; as if it had been then."""
    ask(visitor, path, email=email, **more)
    message = Message.objects.filter(about="alert_confirm").order_by("queued_at").last()
    answer = visitor.post(link_in(message, "confirm"))
    assert answer.status_code == 302
    alert = Alert.objects.order_by("pk").last()
    if since:
        Alert.objects.filter(pk=alert.pk).update(told_until=moment(since))
        alert.refresh_from_db()
    return alert


def happens(application: PlanningApplication, kind: str, when: str, **data) -> None:
    happening.happens(application, kind, moment(when), **data)


def published(application: PlanningApplication, when: str) -> None:
    PlanningApplication.objects.filter(pk=application.pk).update(published_at=moment(when))
    happens(application, "published", when)


def digest() -> Message:
    return Message.objects.get(about="alert_digest")


def no_digest() -> bool:
    return not Message.objects.filter(about="alert_digest").exists()


# --- Asking ---------------------------------------------------------------------------------------------------------


def test_asking_sends_one_link_and_nothing_begins(visitor, application):
    response = ask(visitor, f"/planning-applications/{application.reference}/follow/", email="Ann@Example.org")
    assert response.url == f"{ALERTS}/asked/"
    alert = Alert.objects.get()
    assert (alert.kind, alert.application, alert.email) == ("application", application, ANN)
    assert alert.confirmed_at is None
    message = Message.objects.get(about="alert_confirm")
    assert message.to_email == ANN
    assert application.reference in message.body
    assert link_in(message, "confirm") == f"{ALERTS}/{alert.token}/confirm/"
    assert message.application is None


def test_what_is_followed_stands_on_the_page_and_what_will_happen(visitor, application):
    page = visitor.get(f"/planning-applications/{application.reference}/follow/").content.decode()
    assert "7 Blyton Close" in page
    assert "Open it within 7 days" in page
    assert 'type="email"' in page
    assert 'autocomplete="email"' in page


@pytest.mark.parametrize("email", ["", "ann", "ann@", "a b@example.org", "x" * 260 + "@example.org"])
def test_no_address_is_asked_for_again_with_the_error_at_the_field(visitor, application, email):
    response = ask(visitor, f"/planning-applications/{application.reference}/follow/", email=email)
    assert response.status_code == 422
    page = response.content.decode()
    assert "<title>Error: " in page
    assert 'href="#id_email"' in page
    assert not Alert.objects.exists()


def test_a_property_can_be_followed_before_anything_is_there(visitor):
    alert = follow(visitor, "/planning-applications/property/100000000007/follow/")
    assert (alert.kind, alert.uprn) == ("property", "100000000007")
    for uprn in ("x", "1234567890123", "²³"):
        assert visitor.get(f"/planning-applications/property/{uprn}/follow/").status_code == 404


def test_a_search_can_be_followed_that_finds_nothing_today(visitor):
    alert = follow(visitor, f"{ALERTS}/search/?q=++lighthouse&sort=decided&page=3")
    assert (alert.kind, alert.query) == ("search", "q=lighthouse")
    page = visitor.get(f"{ALERTS}/search/?q=lighthouse").content.decode()
    assert "Search: “lighthouse”" in page
    assert visitor.get(f"{ALERTS}/search/?type=unheard").status_code == 404


def test_the_same_thing_is_followed_once_however_it_is_written(visitor):
    for query, email in (
        ("q=dormer", ANN),
        ("q=+dormer+&sort=changed", "ANN@example.ORG"),
        ("sort=received&q=dormer", ANN),
    ):
        ask(visitor, f"{ALERTS}/search/?{query}", email=email)
    assert Alert.objects.count() == 1
    assert Message.objects.filter(about="alert_confirm").count() == 3


def test_nobody_learns_whether_an_address_follows_already(visitor, application):
    path = f"/planning-applications/{application.reference}/follow/"
    first = ask(visitor, path)
    follow(visitor, path)
    again = ask(visitor, path)
    assert (first.status_code, first.url) == (again.status_code, again.url)
    assert visitor.get(first.url).content == visitor.get(again.url).content
    bodies = set(Message.objects.filter(about="alert_confirm").values_list("body", flat=True))
    assert len(bodies) == 1


def test_what_somebody_typed_is_short_and_inert_in_an_email_to_perhaps_somebody_else(visitor):
    evil = "You won! https://evil.example/pay eve@evil.example [here](//evil.example) " + "x " * 60
    ask(visitor, f"{ALERTS}/search/", email=ANN)
    visitor.post(f"{ALERTS}/search/?q={evil[:200]}", {"email": ANN})
    body = Message.objects.filter(about="alert_confirm").order_by("queued_at").last().body
    typed = body.split("something changes:")[1].split("# If it was you")[0]
    assert "You won" in typed
    for mark in ("://", "evil.example", "@", "[", "]("):
        assert mark not in typed
    assert len(typed) < 200


def test_applications_that_are_not_public_and_other_councils_cannot_be_followed(
    visitor, visitor_elsewhere, application, make_application
):
    hidden = make_application(status=Status.IN_ASSESSMENT)
    assert ask(visitor, f"/planning-applications/{hidden.reference}/follow/").status_code == 404
    assert ask(visitor_elsewhere, f"/planning-applications/{application.reference}/follow/").status_code == 404
    assert not Alert.objects.exists()


def test_the_pages_are_kept_by_nobody(visitor, application):
    for path in (f"/planning-applications/{application.reference}/follow/", f"{ALERTS}/area/", f"{ALERTS}/asked/"):
        response = visitor.get(path)
        assert "no-store" in response.headers["Cache-Control"]
        assert response.headers["X-Robots-Tag"] == "noindex, nofollow"


def test_a_forged_request_follows_nothing(authority, application):
    visitor = Client(HTTP_HOST=authority.site.hostname, enforce_csrf_checks=True)
    assert ask(visitor, f"/planning-applications/{application.reference}/follow/").status_code == 403


@pytest.mark.usefixtures("one_window")
def test_one_connection_asks_so_often_and_no_more(visitor, monkeypatch):
    monkeypatch.setattr("home.responses.alerts.ASKED_FROM_ONE_PLACE", 2)
    path = f"{ALERTS}/search/?q=dormer"
    answers = [ask(visitor, path, email=f"person{number}@example.org").status_code for number in range(3)]
    assert answers == [302, 302, 429]
    refused = ask(visitor, path)
    assert int(refused.headers["Retry-After"]) > 0
    assert Alert.objects.count() == 2
    assert not RateCount.objects.filter(key__contains="127.0.0.1").exists()


@pytest.mark.usefixtures("one_window")
def test_the_second_half_of_an_ipv6_address_makes_nobody_another(authority, application, monkeypatch):
    monkeypatch.setattr("home.responses.alerts.ASKED_FROM_ONE_PLACE", 2)
    answers = []
    for number in range(3):
        visitor = Client(HTTP_HOST=authority.site.hostname, REMOTE_ADDR=f"2001:db8:1:2::{number:x}")
        answers.append(ask(visitor, f"{ALERTS}/search/", email=f"person{number}@example.org").status_code)
    assert answers == [302, 302, 429]


@pytest.mark.usefixtures("one_window")
def test_one_mailbox_is_written_to_so_often_and_nobody_sees_the_difference(visitor, monkeypatch):
    monkeypatch.setattr("home.responses.alerts.ASKED_FOR_ONE_ADDRESS", 2)
    answers = {
        ask(visitor, f"{ALERTS}/search/?q=word{number}", email=email).url
        for number, email in enumerate([ANN, "ANN@EXAMPLE.ORG", " ann@example.org", ANN])
    }
    assert answers == {f"{ALERTS}/asked/"}
    assert Message.objects.count() == 2
    assert not RateCount.objects.filter(key__icontains="ann").exists()


# --- An area --------------------------------------------------------------------------------------------------------


def area(visitor, **changes):
    return ask(visitor, f"{ALERTS}/area/", **{"postcode": "hp92lx", "radius": "500", **changes})


def test_an_area_is_around_the_applications_with_the_postcode(visitor, application):
    area(visitor)
    alert = Alert.objects.get()
    assert (alert.postcode, alert.radius_metres) == ("HP9 2LX", 500)
    assert (str(alert.latitude), str(alert.longitude)) == ("51.615350", "-0.646400")
    assert "within 500 metres of HP9 2LX" in Message.objects.get(about="alert_confirm").body


def test_without_the_postcode_its_sector_says_where(visitor, application):
    area(visitor, postcode="HP9 2AA")
    assert str(Alert.objects.get().latitude) == "51.615350"
    assert "we take the middle of HP9 2)" in Message.objects.get(about="alert_confirm").body


def test_a_postcode_of_which_nobody_knows_where_it_is_is_said_in_words(visitor, application, make_application):
    make_application(postcode="SW1A 1AA", status=Status.NOT_STARTED)  # on no register: it would give itself away
    for postcode in ("SW1A 1AA", "HP9 3LX", "HP99 2LX"):
        response = area(visitor, postcode=postcode)
        assert response.status_code == 422
        page = response.content.decode()
        assert f"We do not know where {postcode} is" in page
        assert f"{ALERTS}/search/?q={postcode.replace(' ', '%20')}" in page
    assert not Alert.objects.exists()


def test_another_councils_applications_do_not_say_where_a_postcode_is(visitor_elsewhere, application):
    assert area(visitor_elsewhere).status_code == 422


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"postcode": ""}, "Enter a postcode"),
        ({"postcode": "Beaconsfield"}, "Enter a full UK postcode"),
        ({"postcode": "HP9"}, "Enter a full UK postcode"),
        ({"radius": "9"}, "Choose how far around it"),
        ({"radius": ""}, "Choose how far around it"),
    ],
)
def test_what_is_wrong_with_an_area_stands_at_its_field(visitor, application, changes, words):
    response = area(visitor, **changes)
    assert response.status_code == 422
    assert words in response.content.decode()


def test_one_site_far_from_its_postcode_does_not_move_the_area(authority, make_public):
    for latitude in ("51.615400", "51.615500", "55.000000"):
        make_public(latitude=latitude, boundary=None)
    assert str(places.where_is(authority, "HP9 2LX").latitude) == "51.615500"


# --- Confirming -----------------------------------------------------------------------------------------------------


def test_opening_the_link_confirms_nothing_and_pressing_the_button_does(visitor, application):
    ask(visitor, f"/planning-applications/{application.reference}/follow/")
    link = link_in(Message.objects.get(about="alert_confirm"), "confirm")
    for _ in range(2):
        assert visitor.get(link).status_code == 200
        assert visitor.head(link).status_code == 200
    assert Alert.objects.get().confirmed_at is None
    response = visitor.post(link, follow=True)
    assert "You will get these e-mails" in response.content.decode()
    assert Alert.objects.get().confirmed_at
    again = visitor.post(link, follow=True)
    assert again.status_code == 200


def test_from_the_confirmation_on_it_is_told_and_nothing_older(visitor, application):

    ask(visitor, f"/planning-applications/{application.reference}/follow/")
    Alert.objects.update(told_until=timezone.now() - timedelta(days=5))
    before = timezone.now()
    visitor.post(link_in(Message.objects.get(about="alert_confirm"), "confirm"))
    assert Alert.objects.get().told_until >= before
    first = Alert.objects.get().confirmed_at
    following.confirm(Alert.objects.get())
    assert Alert.objects.get().confirmed_at == first


def test_a_link_works_for_a_week(visitor, application):
    ask(visitor, f"/planning-applications/{application.reference}/follow/")
    link = link_in(Message.objects.get(about="alert_confirm"), "confirm")
    Alert.objects.update(created_at=timezone.now() - timedelta(days=7, minutes=1))
    assert visitor.get(link).status_code == 404
    assert visitor.post(link).status_code == 404
    assert Alert.objects.get().confirmed_at is None
    assert following.forget_unconfirmed() == 1
    assert not Alert.objects.exists()


def test_confirmed_ones_are_not_forgotten(visitor, application):
    follow(visitor, f"/planning-applications/{application.reference}/follow/")
    Alert.objects.update(created_at=timezone.now() - timedelta(days=700))
    assert following.forget_unconfirmed() == 0


def test_one_address_follows_so_much_and_no_more(visitor, monkeypatch):
    monkeypatch.setattr(following, "MOST_FOLLOWED", 1)
    follow(visitor, f"{ALERTS}/search/?q=one")
    ask(visitor, f"{ALERTS}/search/?q=two")
    alert = Alert.objects.get(query="q=two")
    response = visitor.post(f"{ALERTS}/{alert.token}/confirm/")
    assert response.status_code == 409
    assert "You follow 1 things already" in response.content.decode()
    alert.refresh_from_db()
    assert alert.confirmed_at is None


# --- Another council ------------------------------------------------------------------------------------------------


def test_another_councils_host_shows_and_stops_nothing_of_a_token(visitor, visitor_elsewhere, application):
    alert = follow(visitor, f"/planning-applications/{application.reference}/follow/")
    for tail in ("", "confirm/", "stop/"):
        page = visitor_elsewhere.get(f"{ALERTS}/{alert.token}/{tail}")
        assert page.status_code == 404
        assert application.reference not in page.content.decode()
    visitor_elsewhere.post(f"{ALERTS}/{alert.token}/stop/")
    visitor_elsewhere.post(f"{ALERTS}/{alert.token}/confirm/")
    visitor_elsewhere.post(f"{ALERTS}/all/{alert.address_key}/stop/")
    assert Alert.objects.count() == 1


def test_the_same_address_at_another_council_is_told_and_stopped_apart(
    visitor, visitor_elsewhere, make_public, other_authority
):
    follow(visitor, f"{ALERTS}/search/?q=dormer", since="2026-11-20 12:00")
    theirs = follow(visitor_elsewhere, f"{ALERTS}/search/?q=dormer", since="2026-11-20 12:00")
    application = make_public(description="Dormer", authority=other_authority)
    published(application, "2026-11-21 10:00")
    with at("2026-11-22 08:00"):
        assert digests.send_digests() == 1
    assert digest().authority == other_authority
    visitor_elsewhere.post(f"{ALERTS}/all/{theirs.address_key}/stop/")
    assert Alert.objects.count() == 1


# --- Stopping -------------------------------------------------------------------------------------------------------


def test_a_link_to_stop_asks_first_and_the_button_stops(visitor, application):
    alert = follow(visitor, f"/planning-applications/{application.reference}/follow/")
    link = f"{ALERTS}/{alert.token}/stop/"
    assert application.reference in visitor.get(link).content.decode()
    assert Alert.objects.count() == 1
    for _ in range(2):
        assert "Stopped" in visitor.post(link).content.decode()
    assert not Alert.objects.exists()
    assert visitor.get(link).status_code == 404


def test_what_one_follows_is_listed_and_each_can_be_stopped_alone(visitor, application):
    first = follow(visitor, f"/planning-applications/{application.reference}/follow/")
    second = follow(visitor, f"{ALERTS}/search/?q=dormer", email="ANN@example.org")
    follow(visitor, f"{ALERTS}/search/?q=porch", email="bob@example.org")
    page = visitor.get(f"{ALERTS}/{first.token}/").content.decode()
    assert application.reference in page
    assert "“dormer”" in page
    assert "porch" not in page
    assert ANN not in page
    stopped = visitor.post(f"{ALERTS}/{second.token}/stop/").content.decode()
    assert f"{ALERTS}/{first.token}/" in stopped
    assert Alert.objects.count() == 2


def test_one_click_unsubscribing_needs_no_cookie_and_no_page(authority, visitor, application, make_public):
    """RFC 8058 §3.2: a POST with the body List-Unsubscribe=One-Click, without any other thing."""
    follow(visitor, f"/planning-applications/{application.reference}/follow/", since="2026-11-20 12:00")
    follow(visitor, f"{ALERTS}/search/?q=dormer")
    follow(visitor, f"{ALERTS}/search/?q=dormer", email="bob@example.org")
    happens(application, "comment_published", "2026-11-21 10:00")
    with at("2026-11-22 08:00"):
        digests.send_digests()
    path = urlsplit(digest().unsubscribe_url).path
    machine = Client(HTTP_HOST=authority.site.hostname, enforce_csrf_checks=True)
    page = machine.get(path)
    assert page.status_code == 200
    assert Alert.objects.count() == 3
    for _ in range(2):
        response = machine.post(path, {"List-Unsubscribe": "One-Click"})
        assert response.status_code == 200
        assert not response.cookies
    assert list(Alert.objects.values_list("email", flat=True)) == ["bob@example.org"]


def test_the_link_of_an_old_email_also_stops_what_was_followed_since(visitor, application):
    old = follow(visitor, f"/planning-applications/{application.reference}/follow/")
    visitor.post(f"{ALERTS}/{old.token}/stop/")
    follow(visitor, f"{ALERTS}/search/?q=dormer")
    visitor.post(f"{ALERTS}/all/{old.address_key}/stop/")
    assert not Alert.objects.exists()


def test_a_key_that_nobody_has_stops_nothing_and_says_no_more(visitor, application):
    alert = follow(visitor, f"/planning-applications/{application.reference}/follow/")
    unknown = visitor.post(f"{ALERTS}/all/{uuid.uuid4()}/stop/")
    assert unknown.status_code == 200
    assert Alert.objects.count() == 1
    known = visitor.post(f"{ALERTS}/all/{alert.address_key}/stop/")
    assert known.content == unknown.content


def test_what_waits_to_be_sent_is_taken_back(visitor, application, settings):
    alert = follow(visitor, f"/planning-applications/{application.reference}/follow/", since="2026-11-20 12:00")
    happens(application, "comment_published", "2026-11-21 10:00")
    with at("2026-11-22 08:00"):
        digests.send_digests()
    Message.objects.update(status=Message.Status.QUEUED)
    visitor.post(f"{ALERTS}/all/{alert.address_key}/stop/")
    message = digest()
    assert message.status == Message.Status.FAILED
    assert "stopped" in message.status_detail


# --- The digest -----------------------------------------------------------------------------------------------------


def test_the_next_morning_tells_what_changed_in_plain_words(visitor, make_known):
    application = make_known(
        status=Status.DETERMINED, origin=Origin.IMPORTED, decision=Decision.REFUSED, decided_on=date(2026, 11, 21)
    )
    follow(visitor, f"/planning-applications/{application.reference}/follow/", since="2026-11-20 12:00")
    for kind in ("comment_published", "documents_published", "documents_published"):
        happens(application, kind, "2026-11-21 10:00")
    happens(application, "determine", "2026-11-21 11:00")
    with at("2026-11-22 08:00"):
        assert digests.send_digests() == 1
    message = digest()
    assert message.subject == "News of 1 planning application, 22 November 2026"
    assert message.to_email == ANN
    lines = message.body.splitlines()
    begin = lines.index("7 Blyton Close, Beaconsfield, HP9 2LX")
    assert lines[begin : begin + 6] == [
        "7 Blyton Close, Beaconsfield, HP9 2LX",
        f"{application.reference}: Rear extension of a house",
        "* Comments published",
        "* New or changed plans and documents",
        "* Decided: planning permission refused",
        f"http://testshire.example/planning-applications/{application.reference}/",
    ]
    alert = Alert.objects.get()
    assert link_in(message, "stop") == f"{ALERTS}/all/{alert.address_key}/stop/"
    assert f"{ALERTS}/{alert.token}/" in message.body
    assert message.unsubscribe_url.endswith(link_in(message, "stop"))
    assert alert.told_until == moment("2026-11-22 07:00")


def news(visitor, application) -> list[str]:
    """What a follower of the application is told in the morning of 22 November."""
    follow(visitor, f"/planning-applications/{application.reference}/follow/", since="2026-11-20 12:00")
    with at("2026-11-22 08:00"):
        digests.send_digests()
    message = Message.objects.filter(about="alert_digest").first()
    return re.findall(r"^\* (.*)", message.body, re.MULTILINE) if message else []


@pytest.mark.parametrize("status", [PublicStatus.WITHHOLD, PublicStatus.NOT_ASSESSED])
def test_that_documents_were_withheld_is_not_told(visitor, application, status):
    document = happening.published_document(application)
    happens(application, "documents_published", "2026-11-21 10:00", documents=[document.pk], status=status)
    assert news(visitor, application) == []


def test_that_a_document_was_replaced_is_told_when_the_newer_one_can_be_read(visitor, application):
    old, new = happening.published_document(application), happening.published_document(application)
    happens(application, "document_superseded", "2026-11-21 10:00", document=old.pk, by_document=new.pk)
    assert news(visitor, application) == []


def test_what_was_taken_back_before_the_morning_is_not_told(visitor, application):
    document, comment = happening.published_document(application), happening.published_comment(application)
    happens(application, "documents_published", "2026-11-21 10:00", documents=[document.pk], status="publish")
    happens(application, "comment_published", "2026-11-21 10:00", comments=[comment.pk])
    Document.objects.filter(pk=document.pk).update(public_status=PublicStatus.WITHHOLD, withheld_because="A face")
    Comment.objects.filter(pk=comment.pk).update(published_at=None)
    assert news(visitor, application) == []


def test_one_that_still_can_be_read_is_enough(visitor, application):
    gone, there = happening.published_document(application), happening.published_document(application)
    pks = [gone.pk, there.pk]
    happens(application, "documents_published", "2026-11-21 10:00", documents=pks, status="publish")
    Document.objects.filter(pk=gone.pk).update(public_status=PublicStatus.WITHHOLD, withheld_because="A face")
    assert news(visitor, application) == ["New or changed plans and documents"]


def test_documents_of_another_application_are_no_news_of_this_one(visitor, application, make_known):
    elsewhere = happening.published_document(make_known())
    happens(application, "documents_published", "2026-11-21 10:00", documents=[elsewhere.pk], status="publish")
    assert news(visitor, application) == []


def test_what_officers_do_among_themselves_is_not_told(visitor, application, officer):
    follow(visitor, f"/planning-applications/{application.reference}/follow/", since="2026-11-20 12:00")
    for kind in ("recommended", "recall", "note_added", "site_visited", "comment_unpublished", "validate"):
        happens(application, kind, "2026-11-21 10:00")
    with at("2026-11-22 08:00"):
        assert digests.send_digests() == 0
    assert no_digest()
    assert Alert.objects.get().told_until == moment("2026-11-22 07:00")


def test_every_kind_that_the_public_sees_has_words(application):
    from home.register import changes

    for kind in changes.TOLD:
        words = changes.words_for(kind, application)
        assert words
        assert "{" not in words


def test_one_email_a_day_for_all_that_an_address_follows(visitor, make_known):
    porch, dormer = make_known(description="Porch"), make_known(description="Dormer and porch", ward="Abbey")
    for query in ("q=porch", "q=dormer", "ward=Abbey"):
        follow(visitor, f"{ALERTS}/search/?{query}", since="2026-11-20 12:00")
    for application in (porch, dormer):
        happens(application, "comment_published", "2026-11-21 10:00")
    with at("2026-11-22 08:00"):
        assert digests.send_digests() == 1
        assert digests.send_digests() == 0
    body = digest().body
    assert "2 planning applications" in digest().subject
    for application in (porch, dormer):
        assert body.count(f"{application.reference}: ") == 1
    assert "# Search: “porch”" in body


def test_nothing_is_told_before_seven_and_all_of_it_after(visitor, application):
    follow(visitor, f"/planning-applications/{application.reference}/follow/", since="2026-11-21 12:00")
    happens(application, "comment_published", "2026-11-22 06:59")
    happens(application, "documents_published", "2026-11-22 07:01")
    for early in ("2026-11-22 06:59", "2026-11-22 07:05"):
        with at(early):
            assert digests.send_digests() == 0
    with at("2026-11-22 07:15"):
        assert digests.send_digests() == 1
    assert "Comments published" in digest().body
    assert "plans and documents" not in digest().body
    with at("2026-11-23 09:00"):
        assert digests.send_digests() == 1
    second = Message.objects.filter(about="alert_digest").order_by("queued_at").last()
    assert "plans and documents" in second.body
    assert "Comments published" not in second.body


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("2026-11-22 07:09", "2026-11-21 07:00"),
        ("2026-11-22 07:10", "2026-11-22 07:00"),
        ("2026-11-22 00:05", "2026-11-21 07:00"),
        ("2026-07-01 07:30", "2026-07-01 07:00"),
        ("2026-10-25 07:30", "2026-10-25 07:00"),  # the night in which the clocks went back
        ("2026-03-29 07:30", "2026-03-29 07:00"),
    ],
)
def test_seven_is_seven_on_the_clocks_of_england(now, until):
    assert digests.told_up_to(moment(now)) == moment(until)


def test_days_on_which_nothing_ran_are_told_together(visitor, application):
    follow(visitor, f"/planning-applications/{application.reference}/follow/", since="2026-11-18 12:00")
    happens(application, "comment_published", "2026-11-18 13:00")
    happens(application, "documents_published", "2026-11-20 13:00")
    with at("2026-11-22 03:00"):  # also in the night, up to seven the day before
        assert digests.send_digests() == 1
    assert "Comments published" in digest().body
    assert "plans and documents" in digest().body


def test_a_new_application_is_news_and_not_what_happened_before_it_was_public(visitor, make_application):
    follow(visitor, f"{ALERTS}/search/?q=extension", since="2026-11-20 12:00")
    application = make_application("pp.full.householder", status=Status.IN_ASSESSMENT)
    for kind in ("description_changed", "documents_published", "extension_agreed"):
        happens(application, kind, "2026-11-21 09:00")
    published(application, "2026-11-21 10:00")
    happens(application, "comment_published", "2026-11-21 11:00")
    with at("2026-11-22 08:00"):
        assert digests.send_digests() == 1
    news = re.findall(r"^\* (.*)", digest().body, re.MULTILINE)
    assert news == ["New on the register", "Comments published"]


def test_an_application_that_left_the_register_is_never_named(visitor, application):
    alert = follow(visitor, f"/planning-applications/{application.reference}/follow/", since="2026-11-20 12:00")
    follow(visitor, f"{ALERTS}/search/?q=extension", since="2026-11-20 12:00")
    happens(application, "comment_published", "2026-11-21 10:00")
    PlanningApplication.objects.filter(pk=application.pk).update(published_at=None)
    happens(application, "unpublished", "2026-11-21 11:00")
    with at("2026-11-22 08:00"):
        assert digests.send_digests() == 0
    page = visitor.get(f"{ALERTS}/{alert.token}/").content.decode()
    assert application.reference not in page
    assert "not on the register now" in page
    # Back on the register, that is the news; what happened meanwhile is not.
    happens(application, "documents_published", "2026-11-22 10:00")
    published(application, "2026-11-22 11:00")
    with at("2026-11-23 08:00"):
        assert digests.send_digests() == 1
    assert re.findall(r"^\* (.*)", digest().body, re.MULTILINE) == ["New on the register"]


def test_an_imported_history_is_not_told_as_news(visitor, application):
    follow(visitor, f"{ALERTS}/search/?q=extension", since="2026-11-20 12:00")
    happens(application, "determine", "2019-03-01 00:00")
    with at("2026-11-22 08:00"):
        assert digests.send_digests() == 0


def test_an_area_tells_of_sites_that_reach_into_it_and_of_no_other(visitor, application, make_known):
    area(visitor, radius="100")
    visitor.post(link_in(Message.objects.get(about="alert_confirm"), "confirm"))
    Alert.objects.update(told_until=moment("2026-11-20 12:00"))
    # 0.001° of latitude is 111 metres. The red line of the second comes within 100 metres, its middle does not.
    far = make_known(boundary=None, latitude="51.616846", address="Far Lane")
    ring = [[-0.6463, 51.6162], [-0.6463, 51.6190], [-0.6440, 51.6190], [-0.6440, 51.6162], [-0.6463, 51.6162]]
    near = make_known(address="Near Lane", boundary={"type": "Polygon", "coordinates": [ring]})
    corner = make_known(boundary=None, latitude="51.616245", longitude="-0.645040", address="Corner")  # 126 m
    for one in (application, far, near, corner):
        happens(one, "comment_published", "2026-11-21 10:00")
    with at("2026-11-22 08:00"):
        assert digests.send_digests() == 1
    body = digest().body
    assert "Near Lane" in body
    assert application.reference in body
    assert "Far Lane" not in body
    assert "Corner" not in body


def test_a_property_tells_of_all_that_is_made_there(visitor, make_public):
    follow(visitor, "/planning-applications/property/100000000007/follow/", since="2026-11-20 12:00")
    here, there = make_public(uprn="100000000007"), make_public(uprn="100000000008")
    for application in (here, there):
        published(application, "2026-11-21 10:00")
    with at("2026-11-22 08:00"):
        assert digests.send_digests() == 1
    assert here.reference in digest().body
    assert there.reference not in digest().body


def test_a_long_digest_stops_and_says_how_many_more_and_where(visitor, make_public, monkeypatch):
    monkeypatch.setattr(digests, "MOST_TOLD", 2)
    follow(visitor, f"{ALERTS}/search/?q=extension&ward=Abbey", since="2026-11-20 12:00")
    follow(visitor, f"{ALERTS}/search/?q=porch", since="2026-11-20 12:00")
    for number in range(5):
        published(make_public(ward="Abbey"), f"2026-11-21 10:0{number}")
    published(make_public(description="Porch"), "2026-11-21 10:00")
    with at("2026-11-22 08:00"):
        digests.send_digests()
    body = digest().body
    assert "6 planning applications" in digest().subject
    assert body.count("* New on the register") == 2
    assert "and 3 more: http://testshire.example/planning-applications/?q=extension&ward=Abbey&sort=changed" in body
    assert "1 application: http://testshire.example/planning-applications/?q=porch&sort=changed" in body


def test_what_applicants_typed_makes_no_link_and_no_heading(visitor, make_public):
    follow(visitor, f"{ALERTS}/search/", since="2026-11-20 12:00")
    published(
        make_public(description="[Pay](https://evil.example)\n# NOW\n* me", address="# 1 www.evil.example"),
        "2026-11-21 10:00",
    )
    with at("2026-11-22 08:00"):
        digests.send_digests()
    body = digest().body
    for mark in ("https://evil", "www.evil", "](", "\n# NOW", "\n* me", "# 1"):
        assert mark not in body


def test_a_search_that_the_register_no_longer_understands_finds_nothing_and_harms_nobody(visitor, make_public):
    follow(visitor, f"{ALERTS}/search/?type=pp.full.householder", since="2026-11-20 12:00")
    Alert.objects.update(query="type=abolished")
    published(make_public(), "2026-11-21 10:00")
    with at("2026-11-22 08:00"):
        assert digests.send_digests() == 0
    assert visitor.get(f"{ALERTS}/{Alert.objects.get().token}/").status_code == 200


def test_nobody_is_told_of_words_and_addresses_that_only_look_like_theirs(visitor, make_known):
    """The list guesses at what was meant, and says so; an e-mail that guessed would be wrong every morning."""
    application = make_known(description="Rear lightwell", address="12 Beacon Hill")
    for text in ("lightvell", "12 Baecon Hill"):
        assert application.reference in visitor.get(f"/planning-applications/?q={text}").content.decode()
        follow(visitor, f"{ALERTS}/search/?q={text}", since="2026-11-20 12:00")
        assert application.reference not in visitor.get(f"/planning-applications.atom?q={text}").content.decode()
    happens(application, "comment_published", "2026-11-21 10:00")
    with at("2026-11-22 08:00"):
        assert digests.send_digests() == 0


def test_unconfirmed_alerts_are_told_nothing(visitor, application):
    ask(visitor, f"/planning-applications/{application.reference}/follow/")
    Alert.objects.update(told_until=moment("2026-11-20 12:00"))
    happens(application, "comment_published", "2026-11-21 10:00")
    with at("2026-11-22 08:00"):
        assert digests.send_digests() == 0


def test_a_council_that_is_no_longer_active_writes_to_nobody(visitor, application, authority):
    follow(visitor, f"/planning-applications/{application.reference}/follow/", since="2026-11-20 12:00")
    happens(application, "comment_published", "2026-11-21 10:00")
    authority.is_active = False
    authority.save()
    with at("2026-11-22 08:00"):
        assert digests.send_digests() == 0


def test_queries_for_an_alert_do_not_grow_with_what_changed(visitor, make_public):
    def count() -> int:
        with CaptureQueriesContext(connection) as queries, at("2026-11-22 08:00"):
            assert digests.send_digests() == 1
        return len(queries)

    follow(visitor, f"{ALERTS}/search/?q=extension", since="2026-11-20 12:00")
    published(make_public(), "2026-11-21 10:00")
    counts = [count()]
    for _ in range(4):
        application = make_public()
        published(application, "2026-11-21 10:00")
        happens(application, "comment_published", "2026-11-21 11:00")
    Alert.objects.update(told_until=moment("2026-11-20 12:00"))
    counts.append(count())
    assert counts[0] == counts[1]


def test_one_address_that_cannot_be_told_keeps_nobody_else_waiting(visitor, application, monkeypatch):
    path = f"/planning-applications/{application.reference}/follow/"
    for email in (ANN, "bob@example.org", "cyd@example.org"):
        follow(visitor, path, email=email, since="2026-11-20 12:00")
    happens(application, "comment_published", "2026-11-21 10:00")
    written = digests.queue_to_person

    def fails_for_bob(**message):
        if message["to_email"].startswith("bob"):
            raise RuntimeError("a fault")
        return written(**message)

    monkeypatch.setattr(digests, "queue_to_person", fails_for_bob)
    with at("2026-11-22 08:00"):
        assert digests.send_digests() == 2
        assert Alert.objects.get(email="bob@example.org").told_until == moment("2026-11-20 12:00")
        monkeypatch.setattr(digests, "queue_to_person", written)
        assert digests.send_digests() == 1
    assert Message.objects.filter(about="alert_digest").count() == 3


def test_many_addresses_are_told_in_batches(visitor, application, monkeypatch):
    monkeypatch.setattr(digests, "ADDRESSES_AT_ONCE", 2)
    path = f"/planning-applications/{application.reference}/follow/"
    for number in range(5):
        follow(visitor, path, email=f"person{number}@example.org", since="2026-11-20 12:00")
    happens(application, "comment_published", "2026-11-21 10:00")
    with at("2026-11-22 08:00"):
        assert digests.send_digests() == 5


# --- Two at once, and dying in the middle ---------------------------------------------------------------------------


@pytest.fixture
def many(authority, make_known):
    """Ten addresses with two alerts each, and something to tell. Committed."""
    with transaction.atomic():
        application = make_known()
        happens(application, "comment_published", "2026-11-21 10:00")
    for number in range(10):
        email = f"person{number}@example.org"
        for subject in ("q=extension", ""):
            Alert.objects.create(
                authority=authority,
                email=email,
                kind="search",
                query=subject,
                subject=f"search:{subject}",
                address_key=following.address_key(authority, email),
                confirmed_at=moment("2026-11-20 12:00"),
                told_until=moment("2026-11-20 12:00"),
            )
    return application


@pytest.mark.django_db(transaction=True)
def test_two_sweeps_at_once_write_to_each_address_once(many):
    begin, written = threading.Barrier(2), []

    def sweep() -> None:
        try:
            begin.wait(60)
            written.append(digests.send_digests())
        finally:
            connection.close()

    with at("2026-11-22 08:00"):
        threads = [threading.Thread(target=sweep) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
    assert sum(written) == 10
    addresses = list(Message.objects.filter(about="alert_digest").values_list("to_email", flat=True))
    assert len(addresses) == len(set(addresses)) == 10
    assert set(Alert.objects.values_list("told_until", flat=True)) == {moment("2026-11-22 07:00")}


@pytest.mark.django_db(transaction=True)
def test_a_sweep_passes_over_the_address_that_another_is_writing_to(many, monkeypatch):
    writing, go_on = threading.Event(), threading.Event()
    queue, slow = digests.queue_to_person, []

    def waits(**message):
        if threading.current_thread() is not threading.main_thread():
            writing.set()
            assert go_on.wait(60)
        return queue(**message)

    def sweep() -> None:
        try:
            slow.append(digests.send_digests())
        finally:
            connection.close()

    monkeypatch.setattr(digests, "queue_to_person", waits)
    with at("2026-11-22 08:00"):
        thread = threading.Thread(target=sweep)
        thread.start()
        assert writing.wait(60)
        quick = digests.send_digests()  # while the other holds the first address
        go_on.set()
        thread.join(60)
    assert (quick, slow) == (9, [1])
    assert Message.objects.filter(about="alert_digest").count() == 10


@pytest.mark.django_db(transaction=True)
def test_dying_in_the_middle_loses_nothing_and_tells_nothing_twice(many, monkeypatch):
    queue, number = digests.queue_to_person, 0

    def dies(**message):
        nonlocal number
        number += 1
        queue(**message)
        if number == 4:
            raise SystemExit  # after the message was written, before anything was committed

    monkeypatch.setattr(digests, "queue_to_person", dies)
    with at("2026-11-22 08:00"):
        with pytest.raises(SystemExit):
            digests.send_digests()
        assert Message.objects.filter(about="alert_digest").count() == 3
        assert Alert.objects.filter(told_until=moment("2026-11-22 07:00")).count() == 6
        monkeypatch.setattr(digests, "queue_to_person", queue)
        assert digests.send_digests() == 7
    addresses = Message.objects.filter(about="alert_digest").values_list("to_email", flat=True)
    assert len(addresses) == len(set(addresses)) == 10


@pytest.mark.django_db(transaction=True)
def test_who_stops_in_between_is_not_written_to(many, authority, monkeypatch):
    """Stopped after the sweep has seen the address, before its turn."""
    queue = digests.queue_to_person

    def stops_the_last(**message):
        if message["to_email"].startswith("person0"):
            following.stop_everything(authority=authority, key=following.address_key(authority, "person9@example.org"))
        return queue(**message)

    monkeypatch.setattr(digests, "queue_to_person", stops_the_last)
    with at("2026-11-22 08:00"):
        assert digests.send_digests() == 9
    assert not Message.objects.filter(to_email="person9@example.org").exists()


# --- The jobs -------------------------------------------------------------------------------------------------------


def test_run_due_does_all_of_it():
    jobs = {job for _, job in due_work.JOBS}
    assert {digests.send_digests, following.forget_unconfirmed, following.forget_old_messages} <= jobs


def test_emails_of_alerts_are_deleted_after_a_month_and_no_others(visitor, application):
    follow(visitor, f"/planning-applications/{application.reference}/follow/")
    acknowledgement = Message.objects.exclude(about="alert_confirm").get()
    Message.objects.update(queued_at=timezone.now() - timedelta(days=29))
    assert following.forget_old_messages() == 0
    Message.objects.update(queued_at=timezone.now() - timedelta(days=31))
    assert following.forget_old_messages() == 1
    assert list(Message.objects.all()) == [acknowledgement]


def test_a_message_that_was_sent_again_can_be_forgotten_too(authority):
    values = {
        "authority": authority,
        "about": "alert_digest",
        "channel": "email",
        "to_email": ANN,
        "subject": "x",
        "body": "x",
        "status": "failed",
        "queued_at": timezone.now() - timedelta(days=40),
    }
    second = Message.objects.create(**values)
    Message.objects.create(**values, sent_again_as=second)
    following.forget_old_messages()
    following.forget_old_messages()
    assert not Message.objects.exists()
