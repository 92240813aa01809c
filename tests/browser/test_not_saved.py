"""An officer writes while a manager withdraws the case: what was written comes back, on any width, for any reader."""

import pytest
from django.db import transaction
from django.urls import reverse

from cases.application import ending
from cases.models import AssessmentSection, PlanningApplication
from cases.statuses import Status

pytestmark = pytest.mark.browser
WORDS = "The site lies at the end of a close. Its garden falls to the river."


@pytest.fixture
def authority(council):
    return council


@pytest.fixture
def application(make_application, assessor) -> PlanningApplication:
    with transaction.atomic():
        return make_application("pp.full.householder", status=Status.IN_ASSESSMENT, officer=assessor)


def test_what_was_written_comes_back_and_is_saved_once_the_case_is_there_again(visit, application, assessor, reviewer):
    writer = visit(assessor)
    writer.go(reverse("case_task", args=[application.pk, "site_description"]))
    writer.page.get_by_label("Site and surroundings").fill(WORDS)
    held = PlanningApplication.objects.get(pk=application.pk)
    ending.withdraw(held, by=reviewer, note="Letter of today", withdrawn_on=held.received_on)
    with writer.page.expect_navigation():
        writer.page.locator("form.case-form button[type=submit]").first.click()
    page = writer.page
    assert page.get_by_role("alert").inner_text().startswith("What you typed was not saved")
    assert page.get_by_label("Site and surroundings").input_value() == WORDS
    assert "Withdrawn" in page.get_by_role("alert").inner_text()
    writer.look()
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    ending.reopen(PlanningApplication.objects.get(pk=application.pk), by=reviewer, note="By mistake")
    with page.expect_navigation():
        page.get_by_role("button", name="Try to save it again").click()
    assert AssessmentSection.objects.get(application=application, slug="site_description").text == WORDS
