"""The outbox in the admin: read, filtered, sent again; by colleagues, and never in confidential words."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.roles import ADMINISTRATOR
from notices.models import LetterTemplate, Message

pytestmark = pytest.mark.django_db
LIST = "/admin/notices/message/"


@pytest.fixture
def make_message(authority, make_application, monkeypatch):
    with monkeypatch.context() as nobody_listens:
        nobody_listens.setattr("cases.timeline._LISTENERS", {})
        application = make_application()

    def make(**fields) -> Message:
        values = {
            "authority": authority,
            "application": application,
            "about": "valid",
            "channel": "email",
            "to_name": "Enid Blyton",
            "to_email": "enid@example.com",
            "subject": "Your application is valid",
            "body": "Dear Enid,\n\n<script>alert(1)</script>",
            "status": "failed",
            "status_detail": "No such address",
        }
        return Message.objects.create(**{**values, **fields})

    return make


def test_the_list_says_what_became_of_each_message_and_why_nothing_leaves(client, officer, make_message):
    make_message()
    client.force_login(officer)
    page = client.get(LIST).content.decode()
    for words in ("Your application is valid", "enid@example.com", "Failed", "No such address", "no key"):
        assert words in page
    assert "Your application is valid" not in client.get(f"{LIST}?status__exact=held").content.decode()
    assert "Your application is valid" in client.get(f"{LIST}?status__exact=failed").content.decode()
    assert client.get(f"{LIST}?made_up=1").url == LIST


def test_the_list_makes_as_many_queries_for_four_as_for_one(client, officer, make_message):
    client.force_login(officer)
    make_message()
    client.get(LIST)
    with CaptureQueriesContext(connection) as one:
        client.get(LIST)
    for _ in range(3):
        make_message()
    with CaptureQueriesContext(connection) as four:
        client.get(LIST)
    assert len(four) == len(one)


def test_a_message_can_be_read_and_its_words_are_only_words(client, officer, make_message):
    message = make_message()
    client.force_login(officer)
    page = client.get(f"{LIST}inspect/{message.pk}/").content.decode()
    assert "<p>Dear Enid,</p>" in page
    assert "<script>alert(1)" not in page
    assert f"/admin/messages/{message.pk}/send-again/" in page


@pytest.mark.parametrize("path", ["create/", "edit/{pk}/", "delete/{pk}/"])
def test_nothing_is_made_changed_or_deleted_by_hand(client, officer, make_user, authority, make_message, path):
    message = make_message()
    for user in (officer, make_user("adm", ADMINISTRATOR, authority=authority)):
        client.force_login(user)
        address = LIST + path.format(pk=message.pk)
        assert client.get(address).status_code in {302, 404}
        client.post(address, {"subject": "Changed"})
    assert list(Message.objects.values_list("subject", flat=True)) == ["Your application is valid"]


def test_the_link_in_a_password_reset_is_shown_to_nobody(
    client, officer, administrator, manager, superuser, make_message
):
    message = make_message(
        application=None, about="system", is_confidential=True, body="https://example.org/reset/secret-link"
    )
    for user in (officer, administrator, manager, superuser):
        client.force_login(user)
        for path in (LIST, f"{LIST}inspect/{message.pk}/", f"{LIST}?q=secret-link"):
            assert "reset/secret" not in client.get(path).content.decode()


def test_sending_again_to_a_corrected_address(client, officer, make_message):
    message = make_message()
    client.force_login(officer)
    address = f"/admin/messages/{message.pk}/send-again/"
    assert "enid@example.com" in client.get(address).content.decode()
    wrong = client.post(address, {"to_email": "no address"})
    assert wrong.status_code == 200
    assert "valid email address" in wrong.content.decode()
    response = client.post(address, {"to_email": "right@example.com"})
    message.refresh_from_db()
    assert response.url == f"{LIST}inspect/{message.sent_again_as_id}/"
    assert message.sent_again_as.to_email == "right@example.com"
    assert client.post(address, {"to_email": "right@example.com"}).status_code == 302  # refused: it went out again
    assert Message.objects.count() == 2


def test_the_case_page_has_a_panel_of_messages(client, officer, reader, make_message):
    message = make_message()
    for user, is_shown in ((officer, True), (reader, False)):
        client.force_login(user)
        page = client.get(f"/admin/cases/{message.application_id}/").content.decode()
        assert ("Your application is valid" in page) is is_shown


# --- Templates ------------------------------------------------------------------------------------------------------

TEMPLATES = "/admin/snippets/notices/lettertemplate/"


def template_form(**changes) -> dict:
    values = {"slug": "valid", "name": "Ours", "subject": "About {{ reference }}", "body": "Dear {{ recipient_name }}"}
    return {**values, **changes}


def test_an_administrator_writes_the_councils_own_version(client, administrator, other_authority):
    client.force_login(administrator)
    response = client.post(f"{TEMPLATES}add/", template_form(authority=other_authority.pk))
    assert response.status_code == 302
    template = LetterTemplate.objects.get(name="Ours")
    assert template.authority == administrator.authority
    assert template.is_customised


@pytest.mark.parametrize(
    ("field", "text", "words"),
    [
        ("body", "Dear {{ secret }}", "no merge field secret"),
        ("subject", "{{ reference", "broken"),
        ("slug", "unheard-of", "Nothing would ever use"),
    ],
)
def test_errors_stand_at_the_field(client, administrator, field, text, words):
    client.force_login(administrator)
    page = client.post(f"{TEMPLATES}add/", template_form(**{field: text}))
    assert page.status_code == 200
    assert words in " ".join(page.context["form"].errors[field])


def test_what_all_councils_share_only_the_installation_changes(client, administrator, superuser, other_authority):
    shared = LetterTemplate.objects.create(slug="valid", name="Shared words", subject="x", body="y")
    client.force_login(administrator)
    assert "Shared words" in client.get(TEMPLATES).content.decode()
    client.post(f"{TEMPLATES}edit/{shared.pk}/", template_form())
    shared.refresh_from_db()
    assert shared.body == "y"
    begun = client.get(f"{TEMPLATES}add/?from=valid").content.decode()
    assert "Shared words" in begun
    client.force_login(superuser)
    client.post(f"{TEMPLATES}edit/{shared.pk}/", template_form(body="z"))
    shared.refresh_from_db()
    assert (shared.body, shared.is_customised) == ("z", True)


def test_another_councils_templates_do_not_exist(client, administrator, other_authority):
    foreign = LetterTemplate.objects.create(
        authority=other_authority, slug="valid", name="Their words", subject="x", body="y"
    )
    client.force_login(administrator)
    assert "Their words" not in client.get(TEMPLATES).content.decode()
    for page in ("edit", "history", "usage", "delete", "preview"):
        path = f"{TEMPLATES}{page}/{foreign.pk}/"
        for response in (client.get(path), client.post(path, template_form())):
            assert response.status_code in {302, 403, 404}, page
    foreign.refresh_from_db()
    assert foreign.body == "y"


def test_the_preview_shows_unsaved_words_with_a_real_case(client, administrator, make_application):
    application = make_application("pp.full.householder")
    template = LetterTemplate.objects.create(
        authority=administrator.authority, slug="decision_refused", name="x", subject="x", body="y"
    )
    client.force_login(administrator)
    address = f"{TEMPLATES}preview/{template.pk}/"
    answer = client.post(
        address, template_form(slug="decision_refused", body="Now {{ decision }}. {{ appeal_advice }}")
    )
    assert answer.json() == {"is_valid": True, "is_available": True}
    page = client.get(address).content.decode()
    assert f"About {application.reference}" in page
    assert "Now Planning permission refused" in page
    assert "within 12 weeks" in page
    template.refresh_from_db()
    assert template.body == "y"
