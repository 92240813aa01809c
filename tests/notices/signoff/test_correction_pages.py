"""Whoever signs a correction is told that it is one, why, and what differs; the case says that one waits."""

import pytest
from django.urls import reverse

from cases.models import PlanningApplication
from cases.worklists.officer_lists import count_lists, in_list
from notices.models import DecisionNotice
from notices.signoff.approving import approve, send_back
from notices.signoff.drafting import save_draft, start_correction
from notices.signoff.submitting import submit_for_sign_off

pytestmark = pytest.mark.django_db
REASON = "The street is misspelt."


@pytest.fixture
def begun(submitted, manager, officer) -> DecisionNotice:
    """A correction of which the street was put right."""
    issued = approve(submitted(address="7 Blighton Close, Beaconsfield"), by=manager)
    correction = start_correction(issued.application, reason=REASON, by=officer)
    right = {"site_address": correction.particulars["values"]["site_address"].replace("Blighton", "Blyton")}
    particulars = {**correction.particulars}
    for kind in ("facts", "values"):
        particulars[kind] = {**particulars[kind], **right}
    return save_draft(correction, by=officer, particulars=particulars)


@pytest.fixture
def waiting(begun, officer) -> DecisionNotice:
    return submit_for_sign_off(begun, by=officer)


def read(client, user, name: str, notice: DecisionNotice) -> str:
    client.force_login(user)
    return client.get(reverse(name, args=[notice.application_id])).content.decode()


DIFFERS = (
    '<del><span class="w-sr-only">removed: </span>Blighton</del>',
    '<ins><span class="w-sr-only">added: </span>Blyton</ins>',
)


def test_the_manager_reads_that_it_is_a_correction_why_and_what_differs(waiting, second_manager, client):
    page = read(client, second_manager, "case_sign_off", waiting)
    assert "A correction of the notice that was issued" in page
    assert REASON in page
    assert "What differs from version 1" in page
    for words in DIFFERS:
        assert words in page
    assert "is issued today in the name of" not in page
    assert "The corrected notice replaces version 1 today." in page
    assert "Approve the correction" in page
    # Nothing but the words that differ: neither the date, nor the signature, nor the number of the notice.
    section = page.split("What differs from version 1")[1].split("</section>")[0]
    assert section.count("<li>") == section.count("Blighton</del>")
    address = reverse("case_sign_off", args=[waiting.application_id])
    assert client.post(address, {"action": "approve", "issue": "on"}).status_code == 302
    assert "What differs from version" not in client.get(address).content.decode()


def test_the_officer_reads_the_same_while_writing_it(begun, officer, client):
    page = read(client, officer, "case_notice", begun)
    assert "A correction of the notice that was issued" in page
    for words in DIFFERS:
        assert words in page


def test_a_correction_that_changes_nothing_says_so(submitted, manager, officer, second_manager, client):
    issued = approve(submitted(), by=manager)
    correction = submit_for_sign_off(start_correction(issued.application, reason=REASON, by=officer), by=officer)
    assert "Not a word of the notice differs" in read(client, second_manager, "case_sign_off", correction)


def test_the_case_says_that_a_correction_is_begun_and_waits(begun, officer, second_manager, reader, client):
    page = read(client, officer, "case_page", begun)
    assert "A correction has been begun" in page
    assert "Nothing is left to do" not in page
    submit_for_sign_off(begun, by=officer)
    for user in (officer, reader, second_manager):
        page = read(client, user, "case_page", begun)
        assert "A correction waits for its sign-off" in page
        assert "Nothing is left to do" not in page
    assert reverse("case_sign_off", args=[begun.application_id]) in page
    approve(begun, by=second_manager)
    assert "Nothing is left to do" in read(client, officer, "case_page", begun)


def test_it_is_among_what_waits_for_the_managers(begun, waiting, officer, manager, second_manager, mailoutbox):
    cases = PlanningApplication.objects.all()
    for user in (manager, second_manager):
        assert list(in_list(cases, "to_sign_off", user)) == [waiting.application]
        assert count_lists(cases, user)["to_sign_off"] == 1
    assert not in_list(cases, "to_sign_off", officer).exists()
    told = [mail.body for mail in mailoutbox if "waits for your sign-off" in mail.subject][-1]
    assert f"submitted a correction of the issued decision notice of {waiting.application.reference}" in told
    assert REASON in told
    send_back(waiting, by=manager, comment="It is right as it is.")
    assert not in_list(cases, "to_sign_off", manager).exists()
