"""A correction in the browser: begun, put right, and signed off by a manager who reads that it is one."""

import pytest
from django.db import transaction
from playwright.sync_api import expect

from cases.models import GpdoClass, PlanningApplication, Recommendation
from cases.statuses import Decision, Status
from notices.signoff.approving import approve
from notices.signoff.drafting import draft_notice
from notices.signoff.submitting import submit_for_sign_off
from tests.making import new_application

NARROW = {"width": 390, "height": 844}


@pytest.fixture
def decided(council, assessor, reviewer) -> PlanningApplication:
    with transaction.atomic():
        application = new_application("ldc.proposed", authority=council, status=Status.IN_ASSESSMENT, officer=assessor)
        application.class_assessments.create(gpdo_class=GpdoClass.objects.get(code="part1.classA"))
        Recommendation.objects.create(
            application=application, decision=Decision.LDC_GRANTED, summary="So.", by=assessor
        )
        approve(submit_for_sign_off(draft_notice(application, by=assessor), by=assessor), by=reviewer)
    return application


def test_a_correction_is_begun_read_and_signed(decided, assessor, reviewer, visit):
    officer = visit(assessor)
    officer.go(f"/admin/cases/{decided.pk}/notice/")
    officer.field("What is wrong with the notice that was issued?").fill("The street is misspelt.")
    officer.press("Begin a correction")
    officer.reads("A correction of the notice that was issued")
    officer.reads("Not a word of the notice differs")
    officer.follow("Correct the details")
    officer.field("Site").fill("7 Blyton Crescent, Beaconsfield, HP9 2LX")
    officer.press("Save")
    officer.reads("What differs from version 1")
    officer.press("Submit for sign-off")
    officer.reads("A correction waits for its sign-off")

    manager = visit(reviewer)
    manager.go("/admin/cases/?list=to_sign_off")
    manager.follow(decided.reference)
    manager.follow("Sign-off", within=manager.page.locator(".case-stages"))
    manager.reads("The street is misspelt.")
    expect(manager.page.locator("del").first).to_contain_text("Close")
    expect(manager.page.locator("ins").first).to_contain_text("Crescent")
    manager.page.set_viewport_size(NARROW)
    assert manager.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    manager.page.get_by_label("I have read what is corrected and why").check()
    manager.press("Approve the correction")
    manager.reads("is issued (version 2)")
    manager.reads("Nothing is left to do")
