"""An officer without a mouse: from sign-in to a finished task, by Tab, Enter and typing alone."""

import re

import pytest
from django.db import transaction
from playwright.sync_api import expect

from cases.models import Check, PlanningApplication
from cases.statuses import Status
from tests.browser.visitor import Visitor
from tests.making import PASSWORD


@pytest.fixture
def authority(council):
    """The council of `make_application` is the one on the live server."""
    return council


@pytest.fixture
def case(make_application, assessor) -> PlanningApplication:
    with transaction.atomic():
        return make_application("ldc.proposed", status=Status.NOT_STARTED, officer=assessor)


def skip_to_main(visitor: Visitor) -> None:
    """Past the menu: the first thing on every page."""
    skip = visitor.page.get_by_role("link", name="Skip to main content")
    visitor.page.keyboard.press("Tab")
    expect(skip).to_be_focused()
    visitor.page.keyboard.press("Enter")


def test_a_task_is_done_without_a_mouse(visit, assessor, case):
    officer = visit()
    page, keyboard = officer.page, officer.page.keyboard
    officer.go("/admin/")
    officer.tab_to(officer.field("E-mail"))
    keyboard.type(assessor.email)
    officer.tab_to(officer.field("Password"))
    keyboard.type(PASSWORD)
    officer.enter(page.get_by_role("button", name="Sign in"))

    officer.enter(page.get_by_role("link", name="Cases", exact=True).first)
    skip_to_main(officer)
    officer.enter(page.get_by_role("link", name=case.reference))
    skip_to_main(officer)
    officer.enter(page.locator(".case-stages").get_by_role("link", name="Check description"))
    skip_to_main(officer)
    officer.tab_to(officer.field("Description"))
    keyboard.press("Control+A")
    keyboard.type("Single-storey rear extension")
    officer.enter(page.get_by_role("button", name="Save and mark complete"))

    case.refresh_from_db()
    assert case.description == "Single-storey rear extension"
    assert case.checks.get(task="check_description").outcome == Check.Outcome.DONE
    expect(page.get_by_role("heading", name="Check red line", exact=True)).to_be_visible()


def test_a_refused_form_puts_the_reader_before_what_is_wrong(visit, assessor, case):
    officer = visit(assessor)
    officer.go(f"/admin/cases/{case.pk}/tasks/check_description/")
    officer.field("Description").fill("")
    officer.press("Save and mark complete")
    summary = officer.page.get_by_role("alert")
    expect(summary).to_be_focused()
    expect(officer.page).to_have_title(re.compile("^Error: "))
    officer.page.keyboard.press("Tab")
    officer.page.keyboard.press("Enter")
    expect(officer.field("Description")).to_be_focused()
