"""The officer's page of the notice and the manager's sign-off page, as ordinary users meet them."""

import pytest
from django.urls import reverse

from accounts.roles import PLANNING_MANAGER, PLANNING_OFFICER
from cases.statuses import Decision, Status
from notices.drafting.changes import ADDED, REMOVED, SAME, changes
from notices.models import DecisionNotice, IssuedNotice
from notices.signoff.approving import approve, send_back
from notices.signoff.drafting import draft_notice, save_draft, start_correction
from notices.signoff.submitting import submit_for_sign_off

pytestmark = pytest.mark.django_db


def notice_url(application) -> str:
    return reverse("case_notice", args=[application.pk])


def sign_off_url(application) -> str:
    return reverse("case_sign_off", args=[application.pk])


def press(client, address: str, action: str, **data):
    return client.post(address, {"action": action, **data})


def test_the_officer_drafts_submits_and_takes_back(recommended, officer, client):
    application = recommended()
    client.force_login(officer)
    assert "Draft the notice" in client.get(notice_url(application)).content.decode()
    assert press(client, notice_url(application), "draft").status_code == 302
    page = client.get(notice_url(application)).content.decode()
    assert "Submit for sign-off" in page
    assert (
        "Draft. This is not a decision"
        in client.get(reverse("case_notice_preview", args=[application.pk])).content.decode()
    )
    assert press(client, notice_url(application), "submit").status_code == 302
    application.refresh_from_db()
    assert application.status == Status.AWAITING_DETERMINATION
    assert press(client, notice_url(application), "recall").status_code == 302
    application.refresh_from_db()
    assert application.status == Status.IN_ASSESSMENT


def test_what_the_law_lacks_stands_on_the_page(recommended, officer, client):
    application = recommended(decision=Decision.LDC_REFUSED)
    draft_notice(application, by=officer)
    client.force_login(officer)
    assert "The refusal has no reasons." in client.get(notice_url(application)).content.decode()
    response = press(client, notice_url(application), "submit")
    assert response.status_code == 422
    assert "There is a problem" in response.content.decode()


def test_the_manager_reads_and_approves(submitted, manager, client):
    application = submitted().application
    client.force_login(manager)
    page = client.get(sign_off_url(application)).content.decode()
    for words in ("Approve and issue", "Send back", "It cannot be taken back", "It keeps the limits."):
        assert words in page
    unconfirmed = press(client, sign_off_url(application), "approve")
    assert unconfirmed.status_code == 422
    assert "Confirm that you have read" in unconfirmed.content.decode()
    assert press(client, sign_off_url(application), "approve", issue="on", comment="Agreed").status_code == 302
    assert IssuedNotice.objects.filter(application=application).exists()
    assert "has been issued" in client.get(sign_off_url(application)).content.decode()


def test_pressing_approve_twice_says_so(submitted, manager, second_manager, client):
    notice = submitted()
    approve(notice, by=second_manager)
    client.force_login(manager)
    response = press(client, sign_off_url(notice.application), "approve", issue="on")
    assert response.status_code == 422
    assert "already been issued" in response.content.decode()
    assert IssuedNotice.objects.count() == 1


def test_sending_back_keeps_what_was_typed_when_it_is_refused(submitted, manager, client):
    application = submitted().application
    client.force_login(manager)
    assert "what the officer should change" in press(client, sign_off_url(application), "send_back").content.decode()
    kept = press(client, sign_off_url(application), "approve", comment="A long comment").content.decode()
    assert "A long comment" in kept
    assert press(client, sign_off_url(application), "send_back", comment="Name the plan.").status_code == 302
    application.refresh_from_db()
    assert application.status == Status.TO_BE_REVIEWED


def test_the_second_review_shows_what_changed_and_what_was_said(submitted, manager, officer, client):
    notice = submitted()
    send_back(notice, by=manager, comment="Say which wall.")
    save_draft(
        notice, by=officer, body=[*((c.block_type, c.value) for c in notice.body), ("heading", "The north wall only")]
    )
    submit_for_sign_off(DecisionNotice.objects.get(pk=notice.pk), by=officer)
    client.force_login(manager)
    page = client.get(sign_off_url(notice.application)).content.decode()
    assert "Say which wall." in page
    assert '<ins><span class="w-sr-only">added: </span>The north wall only</ins>' in page


@pytest.mark.parametrize("who", ["officer", "support_officer", "reader"])
def test_who_may_not_sign_reads_why_and_has_no_button(submitted, request, client, who):
    application = submitted().application
    client.force_login(request.getfixturevalue(who))
    page = client.get(sign_off_url(application)).content.decode()
    assert "Approve and issue" not in page
    response = press(client, sign_off_url(application), "approve", issue="on")
    assert (response.status_code, response.url) == (302, reverse("wagtailadmin_home"))
    application.refresh_from_db()
    assert application.status == Status.AWAITING_DETERMINATION


def test_a_manager_who_submitted_reads_why(recommended, make_user, authority, client):
    both = make_user("both", PLANNING_OFFICER, PLANNING_MANAGER, authority=authority)
    application = recommended(by=both)
    submit_for_sign_off(draft_notice(application, by=both), by=both)
    client.force_login(both)
    assert "somebody else must sign it off" in client.get(sign_off_url(application)).content.decode()


def test_a_correction_from_the_page_to_the_new_version(submitted, manager, officer, client):
    issued = approve(submitted(), by=manager)
    application = issued.application
    client.force_login(officer)
    page = client.get(notice_url(application)).content.decode()
    assert "Begin a correction" in page
    assert press(client, notice_url(application), "correct", reason="The street is misspelt.").status_code == 302
    details = reverse("case_notice_details", args=[application.pk])
    form = client.get(details).context["form"]
    data = {name: field.initial or "" for name, field in form.fields.items()}
    assert client.post(details, {**data, "site_address": ""}).status_code == 422
    assert client.post(details, {**data, "site_address": "9 Blyton Close"}).status_code == 302
    assert press(client, notice_url(application), "submit").status_code == 302
    client.force_login(manager)
    assert press(client, sign_off_url(application), "approve", issue="on").status_code == 302
    newest = IssuedNotice.objects.first()
    assert newest.version == 2
    assert "9 Blyton Close" in newest.html
    assert "9 Blyton Close" not in issued.html
    pdf = client.get(reverse("case_notice_pdf", args=[application.pk, 1]))
    assert pdf.content == bytes(issued.pdf)


def test_the_reason_of_a_correction_can_be_put_right_before_it_is_published(submitted, manager, officer, client):
    application = approve(submitted(), by=manager).application
    start_correction(application, reason="Mrs Blyton of 01234 567890 complained.", by=officer)
    client.force_login(officer)
    details = reverse("case_notice_details", args=[application.pk])
    data = {name: field.initial or "" for name, field in client.get(details).context["form"].fields.items()}
    assert client.post(details, {**data, "correction_reason": " "}).status_code == 422
    assert client.post(details, {**data, "correction_reason": "The street is misspelt."}).status_code == 302
    assert press(client, notice_url(application), "submit").status_code == 302
    client.force_login(manager)
    assert press(client, sign_off_url(application), "approve", issue="on").status_code == 302
    newest = IssuedNotice.objects.first()
    assert newest.correction_reason == newest.snapshot["correction_reason"] == "The street is misspelt."
    assert "01234 567890" not in newest.html  # the number of the notice is a hash, and may hold a few digits


def test_the_details_of_a_draft_are_not_corrected_by_hand(recommended, officer, client):
    application = recommended()
    draft_notice(application, by=officer)
    client.force_login(officer)
    assert client.get(reverse("case_notice_details", args=[application.pk])).status_code == 404


@pytest.mark.parametrize("name", ["case_notice", "case_sign_off", "case_notice_preview", "case_notice_details"])
def test_another_council_finds_nothing(submitted, manager, officer, make_user, other_authority, client, name):
    issued = approve(submitted(), by=manager)
    start_correction(issued.application, reason="A slip.", by=officer)
    client.force_login(make_user("elsewhere", PLANNING_MANAGER, authority=other_authority))
    assert client.get(reverse(name, args=[issued.application_id])).status_code == 404
    assert client.post(reverse(name, args=[issued.application_id]), {"action": "approve"}).status_code in {404, 405}
    assert client.get(reverse("case_notice_pdf", args=[issued.application_id, 1])).status_code == 404


@pytest.mark.parametrize("name", ["case_notice", "case_sign_off"])
def test_the_pages_need_a_sign_in(submitted, client, name):
    response = client.get(reverse(name, args=[submitted().application_id]))
    assert response.status_code == 302
    assert "login" in response.url


# --- Changes in words -------------------------------------------------------------------------------------------------


def test_changed_words_of_a_paragraph():
    (change,) = changes(["The wall is three metres high."], ["The wall is four metres high."])
    assert [(part.kind, part.text) for part in change.parts] == [
        (SAME, "The wall is"),
        (REMOVED, "three"),
        (ADDED, "four"),
        (SAME, "metres high."),
    ]


def test_added_and_removed_paragraphs():
    found = changes(["One", "Two"], ["One", "Two", "Three"])
    assert [(part.kind, part.text) for change in found for part in change.parts] == [(ADDED, "Three")]
    found = changes(["One", "Two"], ["Two"])
    assert [(part.kind, part.text) for change in found for part in change.parts] == [(REMOVED, "One")]


def test_the_same_text_has_no_changes():
    assert changes(["One", "Two"], ["One", "Two"]) == []
