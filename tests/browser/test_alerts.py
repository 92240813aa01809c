"""Following an application by e-mail in a real browser: with scripts and without, by keyboard alone, as axe sees it."""

import re
from datetime import date, timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from playwright.sync_api import expect

from cases.statuses import Decision, Origin, Status
from home.models import Alert
from home.responses import digests
from notices.models import Message
from tests.clock import at, moment
from tests.home.happening import happens

ANN = "ann@example.org"


@pytest.fixture
def authority(council):
    """The council of every other fixture is the one on the live server."""
    return council


@pytest.fixture
def application(make_application):
    with transaction.atomic():
        return make_application(
            "pp.full.householder", status=Status.IN_ASSESSMENT, published_at=moment("2026-06-03 09:00"), ward="Abbey"
        )


def path_in(message: Message, ending: str) -> str:
    """The page that a link of the e-mail leads to."""
    return re.search(rf"https?://[^/\s]+(/\S+{ending}/)", message.body)[1]


@pytest.mark.parametrize("may_run_scripts", [True, False])
def test_an_application_is_followed_and_left_by_keyboard_alone(visit, application, may_run_scripts):
    neighbour = visit(may_run_scripts=may_run_scripts)
    page = neighbour.page
    neighbour.go(f"/planning-applications/{application.reference}/")
    neighbour.enter(page.get_by_role("link", name="Get e-mails about this application"))

    neighbour.enter(page.get_by_role("button", name="Send me the link"))
    expect(page).to_have_title(re.compile("^Error: "))
    neighbour.reads("Enter your e-mail address")
    neighbour.tab_to(neighbour.field("Your e-mail address"))
    page.keyboard.type(ANN)
    neighbour.enter(page.get_by_role("button", name="Send me the link"))
    neighbour.reads("Check your e-mail")

    asked = Message.objects.get(about="alert_confirm")
    neighbour.go(path_in(asked, "confirm"))
    assert Alert.objects.get().confirmed_at is None
    neighbour.enter(page.get_by_role("button", name="Yes, send me these e-mails"))
    neighbour.reads("You will get these e-mails")

    Alert.objects.update(told_until=moment("2026-11-20 12:00"))
    with transaction.atomic():
        happens(application, "comment_published", moment("2026-11-21 10:00"))
    with at("2026-11-22 08:00"):
        assert digests.send_digests() == 1
    told = Message.objects.get(about="alert_digest")
    assert "* Comments published" in told.body

    neighbour.go(path_in(told, r"alerts/[0-9a-f-]{36}"))
    neighbour.reads(application.reference)
    neighbour.enter(page.get_by_role("link", name=re.compile("^Stop")))
    neighbour.enter(page.get_by_role("button", name="Stop these e-mails"))
    neighbour.reads("We will not tell you about this any more")
    assert not Alert.objects.exists()
    neighbour.go(path_in(told, "stop"))
    neighbour.press("Stop all of them")
    neighbour.reads("All e-mails stopped")


@pytest.mark.parametrize("may_run_scripts", [True, False])
def test_an_area_is_followed_from_the_list(visit, application, may_run_scripts):
    neighbour = visit(may_run_scripts=may_run_scripts)
    neighbour.go("/planning-applications/alerts/")
    neighbour.follow("Follow the area around a postcode")
    neighbour.field("Postcode").fill("SW1A 1AA")
    neighbour.field("Your e-mail address").fill(ANN)
    neighbour.press("Send me the link")
    neighbour.reads("We do not know where SW1A 1AA is")
    expect(neighbour.page.get_by_role("link", name="a search for SW1A 1AA")).to_be_visible()
    neighbour.field("Postcode").fill("hp92lx")
    neighbour.field("How far around it").select_option(label="1 kilometre")
    neighbour.press("Send me the link")
    neighbour.reads("Check your e-mail")
    assert Alert.objects.get().radius_metres == 1000


@pytest.mark.parametrize("may_run_scripts", [True, False])
def test_the_weekly_lists_are_read_and_left_for_other_weeks(visit, make_application, may_run_scripts):
    today = timezone.localdate()
    for weeks in (1, 2):
        with transaction.atomic():
            make_application(
                status=Status.IN_ASSESSMENT,
                published_at=timezone.now(),
                ward=f"Ward {weeks}",
                received_on=today - timedelta(weeks=weeks),
            )
    with transaction.atomic():
        make_application(
            status=Status.DETERMINED,
            origin=Origin.IMPORTED,
            decision=Decision.LDC_REFUSED,
            published_at=timezone.now(),
            decided_on=today - timedelta(weeks=1),
            received_on=date(2026, 1, 5),
            ward="Abbey",
            parish="Upton",
        )
    reader = visit(may_run_scripts=may_run_scripts)
    reader.go("/planning-applications/weekly/")
    # By key: words of some weeks are broken over two lines, and between the lines nothing can be pressed.
    reader.enter(reader.page.locator("#weeks + ul a").nth(1))
    reader.reads("Ward 1")
    reader.reads("Abbey")
    reader.leave(reader.page.locator("a[rel=prev]"))
    reader.reads("Ward 2")
    reader.reads_not("Ward 1")
    reader.field("Group by").select_option(label="Not at all")
    reader.press("Show")
    reader.reads("Decided: 0 applications")


def test_on_a_narrow_screen_nothing_is_cut_off(visit, make_application, application):
    with transaction.atomic():
        long = make_application(
            status=Status.IN_ASSESSMENT,
            published_at=timezone.now(),
            ward="St Michael-under-Wychwood and Great Missenden",
            address="The Old Rectory and Adjoining Outbuildings, Little-Missenden-under-Wychwood, Buckinghamshire",
            description="Averyveryveryverylongfilenamewithoutanyspaceinit " * 3,
        )
    reader = visit()
    reader.page.set_viewport_size({"width": 320, "height": 640})
    week = "{}-W{:02d}".format(*long.received_on.isocalendar()[:2])
    for path in (
        "/planning-applications/weekly/",
        f"/planning-applications/weekly/{week}/",
        f"/planning-applications/{long.reference}/follow/",
        "/planning-applications/alerts/area/",
        "/planning-applications/alerts/",
    ):
        reader.go(path)
        wide = reader.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, path
