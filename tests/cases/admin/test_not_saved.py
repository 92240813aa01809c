"""A refusal loses nothing: what was typed on a case that a colleague moved on comes back to be copied or sent again."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from cases.application import ending
from cases.assessment import site_visits
from cases.models import AssessmentSection, PlanningApplication
from cases.statuses import Status
from tests.cases.asking import draft

pytestmark = pytest.mark.django_db

LONG = "The site lies at the end of a close.\nIts garden falls to the river."


@pytest.fixture
def application(make_application, officer):
    return make_application("pp.full.householder", status=Status.IN_ASSESSMENT, officer=officer)


def task(application, slug: str) -> str:
    return reverse("case_task", args=[application.pk, slug])


def withdraw(application, manager):
    ending.withdraw(
        PlanningApplication.objects.get(pk=application.pk),
        by=manager,
        note="Letter of today",
        withdrawn_on=application.received_on,
    )


# Page → (address, what is posted there). All of them are allowed while the case is assessed and not once it ended.
FORMS = {
    "a task": (lambda case: task(case, "site_description"), {"site_description": LONG, "works_description": ""}),
    "a judgement": (
        lambda case: task(case, "check_description"),
        {"outcome": "fault", "description": "Rear extension", "judgement-note": LONG},
    ),
    "a row": (
        lambda case: task(case, "site_visit"),
        {"action": "add", "add-notes": LONG, "add-visited_on": "2026-06-02"},
    ),
    "the whole case": (lambda case: reverse("case_facts", args=[case.pk]), {"address": LONG}),
    "a request": (lambda case: reverse("case_request_new", args=[case.pk]) + "?kind=other", {"text": LONG}),
}


@pytest.mark.parametrize("form", FORMS)
def test_what_was_typed_comes_back_with_who_moved_the_case_and_where_it_stands(
    form, application, officer, manager, client
):
    address, posted = FORMS[form]
    client.force_login(officer)
    withdraw(application, manager)
    response = client.post(address(application), posted)
    page = response.content.decode()
    assert response.status_code == 403
    assert LONG in page.replace("&#x27;", "'")
    for words in ("What you typed was not saved", "The case is now “Withdrawn”", str(manager), "Letter of today"):
        assert words in page
    for name, value in posted.items():
        assert f'<input type="hidden" name="{name}" value="{value}">' in page
    assert not AssessmentSection.objects.exists()
    assert "Site and surroundings" in page or form != "a task"


def test_it_is_sent_again_from_there_once_the_case_has_come_back(application, officer, manager, client):
    client.force_login(officer)
    withdraw(application, manager)
    refused = client.post(task(application, "site_description"), {"site_description": LONG})
    application.refresh_from_db()
    ending.reopen(application, by=manager, note="By mistake")
    sent = dict(refused.context["not_saved"].sent)
    assert client.post(task(application, "site_description"), sent).status_code == 302
    assert (
        AssessmentSection.objects.get(application=application, slug="site_description").text.replace("\r", "") == LONG
    )


def test_a_choice_comes_back_in_its_words_and_files_are_named(make_application, officer, manager, client):
    application = make_application("pp.full.householder", status=Status.IN_ASSESSMENT)
    client.force_login(officer)
    withdraw(application, manager)
    file = SimpleUploadedFile("plan of the roof.pdf", b"%PDF-1.4")
    posted = {
        "action": "upload",
        "upload-files": file,
        "upload-types": ["roofPlan.proposed"],
        "upload-received_on": "2026-06-02",
    }
    response = client.post(task(application, "check_documents"), posted)
    page = response.content.decode()
    assert response.status_code == 403
    assert "Files that were not kept" in page
    assert "plan of the roof.pdf" in page
    assert "Roof plan" in page
    assert "Try to save it again" not in page  # it would come without its file


def test_the_row_that_a_colleague_removed_meanwhile_takes_no_words_with_it(application, officer, client):
    visit = site_visits.record_site_visit(application, visited_on=application.received_on, notes="Seen", by=officer)
    client.force_login(officer)
    row = visit.pk
    visit.delete()
    posted = {"action": "change", "row": row, f"change-{row}-notes": LONG}
    response = client.post(task(application, "site_visit"), posted)
    assert response.status_code == 404
    assert LONG in response.content.decode()


def test_a_stranger_is_told_nothing(application, other_officer, client):
    client.force_login(other_officer)
    response = client.post(task(application, "site_description"), {"site_description": LONG})
    assert response.status_code == 404
    assert application.reference not in response.content.decode()
    assert "What you typed" not in response.content.decode()


def test_who_never_might_reads_nothing_private(application, reader, officer, client):
    draft(application, "other", by=officer)
    client.force_login(reader)
    page = client.post(task(application, "site_description"), {"site_description": LONG}).content.decode()
    assert "famousfive@example.com" not in page


def test_what_was_typed_cannot_break_out_of_the_page(application, officer, manager, client):
    client.force_login(officer)
    withdraw(application, manager)
    hostile = '</textarea><script>alert(1)</script>"><img src=x onerror=alert(2)>'
    page = client.post(task(application, "site_description"), {"site_description": hostile}).content.decode()
    assert "<script>alert(1)" not in page
    assert "<img src=x" not in page


def test_a_button_alone_is_refused_as_ever(application, officer, manager, client):
    client.force_login(officer)
    withdraw(application, manager)
    response = client.post(reverse("case_take", args=[application.pk]))
    assert response.status_code == 302  # Wagtail's own refusal
    assert response.url == reverse("wagtailadmin_home")
