"""A manager signs what they have read; what makes no sense breaks nothing; a runaway program takes nothing with it."""

import pytest
from django.urls import reverse

from cases.jobs import child
from notices.models import DecisionNotice, IssuedNotice
from notices.printing import pdf
from notices.signoff import approving, submitting
from tests.notices.issuing.test_issue_papers import assert_as_it_was

pytestmark = pytest.mark.django_db


def hidden(page: str) -> str:
    return page.split('name="seen" value="')[1].split('"')[0]


def test_a_page_opened_before_the_notice_was_submitted_anew_signs_nothing(
    submitted, officer, manager, second_manager, client
):
    notice = submitted()
    address = reverse("case_sign_off", args=[notice.application_id])
    client.force_login(manager)
    seen = hidden(client.get(address).content.decode())
    approving.send_back(notice, by=second_manager, comment="The schedule is wrong.")
    submitting.submit_for_sign_off(DecisionNotice.objects.get(pk=notice.pk), by=officer)
    page = client.post(address, {"action": "approve", "issue": "on", "comment": "Agreed.", "seen": seen})
    assert page.status_code == 422
    html = page.content.decode()
    assert "submitted again after you opened this page" in html
    assert "Agreed." in html
    assert_as_it_was(notice)
    again = {"action": "approve", "issue": "on", "seen": hidden(html)}
    assert client.post(address, again).status_code == 302
    assert IssuedNotice.objects.get().notice_id == notice.pk


def test_a_page_that_showed_other_words_signs_nothing(submitted, manager, client):
    """As one does that was opened before a release which prints the same notice in other words."""
    notice = submitted()
    address = reverse("case_sign_off", args=[notice.application_id])
    client.force_login(manager)
    submission, _ = hidden(client.get(address).content.decode()).split(":")
    for seen in (submission, f"{submission}:0123456789abcdef"):
        assert client.post(address, {"action": "approve", "issue": "on", "seen": seen}).status_code == 422
    assert_as_it_was(notice)


@pytest.mark.parametrize(
    "sent",
    [
        {"body": "words"},
        {"body-count": "many", "x": "words"},
        {
            "body-count": "1",
            "body-0-deleted": "",
            "body-0-type": "paragraph",
            "body-0-order": "0",
            "body-0-value": "words",
        },
    ],
)
def test_what_the_editor_never_sent_is_refused_and_breaks_nothing(submitted, officer, client, sent):
    """A notice in sign-off: the officer cannot change it, whatever is posted."""
    notice = submitted()
    client.force_login(officer)
    client.raise_request_exception = False
    address = reverse(DecisionNotice.snippet_viewset.get_url_name("edit"), args=[notice.pk])
    response = client.post(address, sent)
    assert response.status_code == 403
    assert "words" in response.content.decode()


HOARDS = """
import sys; sys.path.insert(0, sys.argv[1])
from notices.printing import writer
writer.write = lambda **paper: b"x" * 3_000_000_000
"""


def test_the_program_that_writes_pdfs_cannot_eat_the_memory_of_the_machine(monkeypatch):
    monkeypatch.setattr(child, "PROGRAM", HOARDS + child.PROGRAM)
    with pytest.raises(pdf.NotWritten, match="MemoryError"):
        pdf.html_to_pdf("<p>x</p>", title="x")
