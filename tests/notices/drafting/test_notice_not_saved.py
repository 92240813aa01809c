"""What was typed about a notice that a colleague moved on comes back: a manager's comment, a correction, the editor."""

import pytest
from django.urls import reverse
from wagtail.test.utils.form_data import nested_form_data, streamfield

from cases.application import ending
from cases.models import PlanningApplication
from notices.models import DecisionNotice
from notices.signoff import approving, drafting, submitting

pytestmark = pytest.mark.django_db

LONG = "Condition 2 says nothing of the bricks. Say which."


def test_a_managers_comment_survives_that_the_officer_took_the_notice_back(submitted, officer, manager, client):
    notice = submitted()
    client.force_login(manager)
    submitting.recall(notice, by=officer)
    address = reverse("case_sign_off", args=[notice.application_id])
    response = client.post(address, {"action": "send_back", "comment": LONG})
    page = response.content.decode()
    assert response.status_code == 422
    assert "What you typed was not saved" in page
    assert LONG in page
    assert str(officer) in page
    assert "Recalled by the officer" in page


def test_a_comment_is_on_the_page_itself_as_long_as_it_can_be_sent(submitted, manager, client):
    notice = submitted()
    client.force_login(manager)
    address = reverse("case_sign_off", args=[notice.application_id])
    page = client.post(address, {"action": "approve", "comment": LONG}).content.decode()  # without the tick
    assert "What you typed was not saved" not in page
    assert LONG in page


def test_the_reason_of_a_correction_survives_that_somebody_else_began_one(submitted, officer, manager, client):
    application = approving.approve(submitted(), by=manager).application
    client.force_login(officer)
    drafting.start_correction(application, reason="A slip", by=officer)
    response = client.post(reverse("case_notice", args=[application.pk]), {"action": "correct", "reason": LONG})
    assert response.status_code == 422
    assert LONG in response.content.decode()


def test_the_details_of_a_correction_survive_its_submission(submitted, officer, manager, client):
    application = approving.approve(submitted(), by=manager).application
    client.force_login(officer)
    notice = drafting.start_correction(application, reason="A slip", by=officer)
    submitting.submit_for_sign_off(notice, by=officer)
    response = client.post(reverse("case_notice_details", args=[application.pk]), {"description": LONG})
    assert response.status_code == 403
    assert LONG in response.content.decode()


def test_the_editors_words_survive_the_withdrawal_of_the_case(submitted, recommended, officer, manager, client):
    application = recommended()
    notice = drafting.draft_notice(application, by=officer)
    client.force_login(officer)
    fresh = PlanningApplication.objects.get(pk=application.pk)
    ending.withdraw(fresh, by=manager, note="Letter", withdrawn_on=application.received_on)
    address = reverse(DecisionNotice.snippet_viewset.get_url_name("edit"), args=[notice.pk])
    response = client.post(address, nested_form_data({"body": streamfield([("informatives", {"heading": LONG})])}))
    page = response.content.decode()
    assert response.status_code == 403
    assert LONG in page
    assert "The case is now “Withdrawn”" in page
    assert application.status != PlanningApplication.objects.get(pk=application.pk).status
