"""The draft notice is always what would be issued: its page shows it, and what is submitted is what was shown."""

import re
from html import unescape

import pytest
from django.urls import reverse

from cases.models import Condition
from cases.statuses import Decision, Status
from notices.drafting.changes import Change, changes
from notices.drafting.rendering import lines_of, preview_of, render_draft
from notices.models import DecisionNotice
from notices.signoff.approving import approve
from notices.signoff.drafting import draft_notice

from .test_templates import complete_case

pytestmark = pytest.mark.django_db


@pytest.fixture
def application(make_application, officer):
    application = complete_case(make_application, officer, "pp.full.householder", Decision.GRANTED_WITH_CONDITIONS)
    draft_notice(application, by=officer)
    return application


@pytest.fixture
def page(client, officer, application):
    client.force_login(officer)
    address = reverse("case_notice", args=[application.pk])

    class Page:
        preview = staticmethod(
            lambda: client.get(reverse("case_notice_preview", args=[application.pk])).content.decode()
        )
        read = staticmethod(lambda: client.get(address).content.decode())

        @staticmethod
        def submit(html: str):
            shown = unescape(re.search(r'name="shown" value="([^"]*)"', html)[1])
            return client.post(address, {"action": "submit", "shown": shown.replace("\n", "\r\n")})

    return Page


def submitted(application) -> DecisionNotice:
    return DecisionNotice.objects.get(application=application, live=False).get_latest_revision_as_object()


def test_a_changed_condition_is_on_the_page_and_goes_as_it_was_shown(application, page, manager):
    condition = application.conditions.get()
    condition.text = "Begin within five years."
    condition.save()
    shown, preview = page.read(), page.preview()
    assert "Begin within five years." in preview
    assert "Begin within three years." not in preview
    assert page.submit(shown).status_code == 302
    assert preview_of(submitted(application)) in preview
    sent = render_draft(submitted(application))
    issued = approve(submitted(application), by=manager)
    # Nothing but what the issue adds is another: that it is a draft, the date, the signature, the proof.
    assert [one for one in changes(lines_of(sent), lines_of(issued.html)) if not is_of_the_issue(one)] == []


OF_THE_ISSUE = ("Draft.", "(the day of issue)", "that is by", "To be signed", "version 1", "For Testshire")


def is_of_the_issue(change: Change) -> bool:
    text = " ".join(part.text for part in change.parts)
    return any(words in text for words in OF_THE_ISSUE) or re.fullmatch("[0-9a-f]{64}", text) is not None


def test_a_gap_that_was_filled_is_no_fault_any_more(application, page):
    gap = Condition.objects.create(application=application, title="Glass", text="The [side] window.", reason="Privacy.")
    assert "A gap has not been filled in: [side]" in page.read()
    gap.text = "The side window."
    gap.save()
    html = page.read()
    assert "It cannot go out like this" not in html
    assert page.submit(html).status_code == 302


def test_what_changed_after_it_was_shown_is_not_submitted_unseen(application, page, officer):
    html = page.read()
    application.conditions.update(text="Begin within ten years.")
    refused = page.submit(html)
    assert refused.status_code == 422
    words = refused.content.decode()
    assert "The notice has changed since you opened this page, so nothing was submitted" in words
    assert '<del><span class="w-sr-only">removed: </span>three</del>' in words
    assert '<ins><span class="w-sr-only">added: </span>ten</ins>' in words
    application.refresh_from_db()
    assert application.status == Status.IN_ASSESSMENT
    assert not submitted(application).workflow_in_progress
    assert page.submit(words).status_code == 302  # which shows it as it is now
    assert "Begin within ten years." in render_draft(submitted(application))


def test_words_that_a_colleague_saved_are_not_submitted_unseen(application, page, second_manager, officer):
    html = page.read()
    notice = submitted(application)
    notice.body = [*((child.block_type, child.value) for child in notice.body), ("heading", "Written meanwhile")]
    notice.save_revision(user=officer)
    assert page.submit(html).status_code == 422
    assert "Written meanwhile" not in html


def test_what_was_submitted_stays_as_it_is_shown(application, page, manager, client):
    page.submit(page.read())
    type(application).objects.filter(pk=application.pk).update(description="Something else")
    client.force_login(manager)
    preview = page.preview()
    assert "Something else" not in preview
    assert "Something else" not in approve(submitted(application), by=manager).html
