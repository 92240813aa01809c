"""Dates typed at a browser as people type them: understood in words beside the box, or refused, and never changed."""

import re
from collections.abc import Iterator
from datetime import date, time

import pytest
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Locator, expect

from accounts.models import LocalAuthority
from accounts.roles import ADMINISTRATOR
from cases.models import PlanningApplication, SiteVisit, ValidationRequest
from cases.statuses import Status
from home.models import StandardPage
from tests import clock
from tests.browser.visitor import Visitor
from tests.home.applicants import Applicant, ask

pytestmark = pytest.mark.browser

OCTOBER, NOVEMBER = "Friday 30 October 2026", "Thursday 5 November 2026"
UNDERSTOOD = {
    "2026-10-30": OCTOBER,
    "30/10/26": OCTOBER,
    "30.10.2026": OCTOBER,
    "30 October": OCTOBER,
    "Fri 30 Oct": OCTOBER,
    "5 Nov": NOVEMBER,
    "5 November 2026": NOVEMBER,
    "5/11": NOVEMBER,
    "05112026": NOVEMBER,
    "yesterday": "Saturday 21 November 2026",
    "today": "Sunday 22 November 2026",
}
REFUSED = {
    "32/01/2026": "January 2026 has 31 days",
    "31/11/2026": "November 2026 has 30 days",
    "10/30/26": "for 30 October 2026 enter 30/10/2026",
    "Monday": "may be more than one day",
    "Thursday 30 October 2026": "30 October 2026 is a Friday",
    "soon": "not a date that we can read",
}


def day_of(words: str) -> date:
    return {OCTOBER: date(2026, 10, 30), NOVEMBER: date(2026, 11, 5)}.get(
        words, date(2026, 11, int(re.findall(r"\d+", words)[0]))
    )


@pytest.fixture(autouse=True)
def _november() -> Iterator[None]:
    with clock.at("2026-11-22 10:00"):
        yield


@pytest.fixture
def authority(council) -> LocalAuthority:
    return council


@pytest.fixture
def case(make_application, assessor) -> PlanningApplication:
    with transaction.atomic():
        return make_application(
            "pp.full.householder", status=Status.IN_ASSESSMENT, officer=assessor, received_on=date(2026, 10, 1)
        )


def words_beside(box: Locator) -> Locator:
    return box.locator("xpath=ancestor::*[@data-date-box]").locator(".date-box__words")


def type_in(person: Visitor, box: Locator, text: str) -> None:
    """As fingers do: key by key, and on with Tab."""
    box.fill("")
    box.press_sequentially(text)
    person.page.keyboard.press("Tab")


def test_an_officer_sees_in_words_what_is_understood_and_that_is_kept(visit, case, assessor):
    officer = visit(assessor)
    address = f"/admin/cases/{case.pk}/tasks/site_visit/?open=add"
    for number, (text, words) in enumerate(UNDERSTOOD.items(), start=1):
        officer.go(address)
        box = officer.page.locator("#id_add-visited_on")
        type_in(officer, box, text)
        expect(words_beside(box)).to_have_text(words)
        expect(box).to_have_value(text)
        officer.page.locator("#id_add-notes").fill("Seen from the road.")
        officer.press("Record it")
        assert SiteVisit.objects.count() == number
        assert SiteVisit.objects.latest("pk").visited_on == day_of(words), text


def test_a_refusal_is_said_at_once_and_what_was_typed_stays(visit, case, assessor):
    officer = visit(assessor)
    officer.go(f"/admin/cases/{case.pk}/tasks/site_visit/?open=add")
    for text, why in REFUSED.items():
        box = officer.page.locator("#id_add-visited_on")
        type_in(officer, box, text)
        expect(words_beside(box)).to_contain_text(why)
        officer.page.locator("#id_add-notes").fill("Seen from the road.")
        officer.press("Record it")
        box = officer.page.locator("#id_add-visited_on")
        expect(officer.page.get_by_role("alert")).to_contain_text(why)
        expect(box).to_have_value(text)
        expect(officer.page.locator("#id_add-notes")).to_have_value("Seen from the road.")
    box = officer.page.locator("#id_add-visited_on")
    type_in(officer, box, "tomorrow")
    expect(words_beside(box)).to_have_text("Monday 23 November 2026")
    officer.press("Record it")
    expect(officer.page.get_by_role("alert")).to_contain_text("That day has not come yet")
    expect(officer.page.locator("#id_add-visited_on")).to_have_value("tomorrow")
    assert not SiteVisit.objects.exists()


def test_the_browsers_calendar_is_a_help_that_fills_the_line_in(visit, case, assessor):
    officer = visit(assessor)
    officer.go(f"/admin/cases/{case.pk}/tasks/site_visit/?open=add")
    box = officer.page.locator("#id_add-visited_on")
    box.focus()
    officer.page.evaluate(
        "() => { HTMLInputElement.prototype.showPicker = function () { this.dataset.shown = 'yes'; }; }"
    )
    officer.tab_to(officer.page.get_by_role("button", name="Calendar"))
    officer.page.keyboard.press("Enter")
    native = officer.page.locator("input[type=date][data-shown]")
    native.fill("2026-10-30")
    expect(box).to_have_value("30/10/2026")
    expect(words_beside(box)).to_have_text(OCTOBER)
    assert native.get_attribute("name") is None  # never sent
    officer.look()
    for width in (1280, 390):
        officer.page.set_viewport_size({"width": width, "height": 900})
        assert officer.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_filters_of_a_list_and_times_of_the_day_are_read_by_the_same_rules(visit, case, assessor, council, make_user):
    officer = visit(assessor)
    officer.go(f"{reverse('case_list')}?received_on_from=1+Oct&received_on_to=this+month")
    officer.reads(case.reference)
    expect(officer.page.locator(".w-active-filters")).to_contain_text("1 Oct 2026 - 30 Nov 2026")
    officer.go(f"{reverse('case_list')}?received_on_to=31/11/26")
    officer.reads(
        "“Received” is not known to this list, so it was left out. “31/11/26” is not a real date: November 2026"
    )
    officer.go(f"{reverse('case_list')}?received_on_to=30/9/26")
    officer.reads_not(case.reference)
    box = officer.page.locator("[name=received_on_to]")
    expect(words_beside(box)).to_have_text("Wednesday 30 September 2026")

    administrator = visit(make_user("admin", ADMINISTRATOR, authority=council))
    administrator.go(f"/admin/council/edit/{council.pk}/")
    box = administrator.page.locator("#id_working_day_ends_at")
    type_in(administrator, box, "5.30pm")
    expect(words_beside(box)).to_have_text("5:30pm")
    administrator.press("Save")
    council.refresh_from_db()
    assert council.working_day_ends_at == time(17, 30)


def test_a_page_is_scheduled_for_a_day_and_a_time(visit, council, make_user):
    page = StandardPage.objects.child_of(council.site.root_page).first()
    editor = visit(make_user("editor", ADMINISTRATOR, authority=council))
    editor.go(reverse("wagtailadmin_pages:edit", args=[page.pk]))
    editor.page.get_by_role("button", name="Toggle status").click()
    editor.page.get_by_role("button", name="Set schedule").click()
    box = editor.page.locator("#id_go_live_at")
    type_in(editor, box, "9am tomorrow")
    expect(words_beside(box)).to_contain_text("is not a day with a time of day")
    type_in(editor, box, "tomorrow at 9am")
    expect(words_beside(box)).to_have_text("Monday 23 November 2026 at 9am")
    editor.press("Save schedule")
    page.refresh_from_db()
    scheduled = page.get_latest_revision_as_object().go_live_at
    assert timezone.localtime(scheduled).isoformat() == "2026-11-23T09:00:00+00:00"


def test_without_scripts_an_applicant_reads_the_day_in_words_on_the_page_after(visit, make_application, officer):
    with transaction.atomic():
        invalid = make_application("pp.full.householder", status=Status.INVALIDATED, received_on=date(2026, 10, 1))
    asked = ask(invalid, ValidationRequest.Kind.OWNERSHIP, by=officer)
    way, person = Applicant(invalid), visit(may_run_scripts=False)
    for text, why in REFUSED.items():
        answer_with(person, way, text)
        person.reads(why)
        expect(person.page.locator("#id_owners-0-notice_on")).to_have_value(text)
    answer_with(person, way, "tomorrow")
    person.reads("Monday 23 November 2026 is in the future")
    for text, words in UNDERSTOOD.items():
        answer_with(person, way, text)
        asked.refresh_from_db()
        assert asked.draft_answer["ownership"]["owners"][0]["notice_on"] == day_of(words).isoformat(), text
        person.reads(f"Notice given on {words.split(' ', 1)[1]}")
        person.go(way.at("applicant_request", 1))
        expect(words_beside(person.page.locator("#id_owners-0-notice_on"))).to_have_text(words)


def answer_with(person: Visitor, way: Applicant, day: str) -> None:
    person.go(way.at("applicant_request", 1))
    page = person.page
    page.get_by_label("No, somebody else owned some or all of it").check()
    page.get_by_label("Yes, all of them").check()
    page.locator("#id_owners-0-name").fill("Ann Owner")
    page.locator("#id_owners-0-address").fill("1 High Street")
    page.locator("#id_owners-0-notice_on").fill(day)
    page.locator("#id_agricultural").check()
    person.press("Save and continue")


@pytest.mark.parametrize("may_run_scripts", [True, False])
def test_the_register_says_in_words_which_days_it_was_asked_for(visit, authority, may_run_scripts):
    person = visit(may_run_scripts=may_run_scripts)
    person.go(f"{reverse('register')}?received_from=5+Nov")
    box = person.page.locator("#id_received_from")
    expect(words_beside(box)).to_have_text(NOVEMBER)
    if may_run_scripts:
        type_in(person, box, "June 2026")
        expect(words_beside(box)).to_have_text("Monday 1 June 2026")
    box.fill("31/2/2026")
    person.press("Apply filters")
    person.reads("February 2026 has 28 days")
    expect(person.page.locator("#id_received_from")).to_have_value("31/2/2026")
