"""E-mails to people who are no party: their templates, what may stand in them, and how they leave."""

import uuid

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import transaction

from cases import timeline
from notices.letters import fields as letter_fields
from notices.letters import person_fields
from notices.letters import templates as letters
from notices.models import LetterTemplate, Message
from notices.outbox import delivery, messages
from tests.notices.fake_notify import notify_server  # noqa: F401

pytestmark = pytest.mark.django_db

COMMENT = {
    "reference": "26-00100-HAPP",
    "site_address": "7 Blyton Close",
    "description": "Rear extension",
    "application_link": "https://testshire.example/planning-applications/26-00100-HAPP/",
    "comment_reference": "C-000001",
    "received_date": "22 November 2026",
}
TEMPLATES = "/admin/snippets/notices/lettertemplate/"


def write(authority, **changes) -> Message:
    values = {
        "authority": authority,
        "template_slug": "comment_received",
        "to_email": "ann@example.org",
        "fields": COMMENT,
    }
    return messages.queue_to_person(**{**values, **changes})


@pytest.mark.parametrize("slug", sorted(person_fields.FIELDS))
def test_every_template_is_shipped_with_words_for_each_of_its_fields_and_no_holes(authority, slug):
    template = letters.template_for(authority, slug)
    subject, body = letters.write_to_person(template, slug, person_fields.samples(slug, authority))
    assert subject
    assert "{{" not in subject + body
    assert authority.name in body
    used = "".join((template.subject, template.body))
    unused = {name for name in person_fields.FIELDS[slug] if name not in used} - {"description"}
    assert unused == set()


def test_the_message_is_the_councils_email_and_stands_on_the_case(authority, make_application):
    application = make_application()
    message = write(authority, application=application, to_name="Ann Neighbour")
    assert (message.authority, message.application, message.about) == (authority, application, "comment_received")
    assert (message.channel, message.to_email, message.to_name) == ("email", "ann@example.org", "Ann Neighbour")
    assert message.subject == "We have received your comment C-000001"
    assert "https://testshire.example/planning-applications/26-00100-HAPP/" in message.body
    assert authority.email in message.body
    event = application.events.get(kind="message_queued", data__message=str(message.pk))
    assert "@" not in str(event.data)
    assert "Neighbour" not in str(event.data)
    assert list(timeline.broken_links(application.pk)) == []


def test_without_an_application_there_is_no_event_and_without_a_key_it_is_held(authority):
    message = write(authority)
    assert message.application is None
    assert message.status == Message.Status.HELD


def test_a_message_goes_with_its_cause_and_not_without(authority):
    savepoint = transaction.savepoint()
    write(authority)
    transaction.savepoint_rollback(savepoint)
    assert not Message.objects.exists()


def test_what_the_public_typed_makes_no_link_and_what_we_wrote_keeps_its_own(authority):
    typed = "[Pay here](https://evil.example)\n# Urgent\nwww.evil.example {{ council_email }}"
    body = write(authority, fields={**COMMENT, "site_address": typed}).body
    site = body.split("Site: ")[1].split("# What happens next")[0]
    for mark in ("https://", "www.", "[", "# ", "{{", "]("):
        assert mark not in site
    assert COMMENT["application_link"] in body


def test_a_name_of_a_field_in_what_was_typed_is_not_filled_in(authority):
    body = write(authority, fields={**COMMENT, "site_address": "{{ comment_reference }} {{ authority_contact }}"}).body
    assert body.count("C-000001") == 1
    assert body.count(authority.email) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"template_slug": "valid"},
        {"template_slug": "unheard-of"},
        {"fields": {**COMMENT, "applicant_name": "Enid"}},
        {"fields": {"changes": "x"}},
    ],
)
def test_other_templates_and_fields_that_are_not_of_the_list_are_refused(authority, changes):
    with pytest.raises(ValueError, match="no party"):
        write(authority, **changes)


def test_another_councils_application_and_a_bad_address_are_refused(other_authority, make_application):
    with pytest.raises(ValueError, match="another council"):
        write(other_authority, application=make_application())
    with pytest.raises(ValidationError):
        write(other_authority, to_email="nobody")


def test_the_councils_own_words_are_taken(authority):
    own = LetterTemplate.objects.create(
        authority=authority, slug="comment_received", name="Ours", subject="Thanks: {{ comment_reference }}", body="x"
    )
    message = write(authority)
    assert (message.subject, message.template) == ("Thanks: C-000001", own)


def test_one_click_unsubscribing_goes_to_notify_and_stays_on_the_row(notify_server, authority):  # noqa: F811
    address = "https://testshire.example/planning-applications/alerts/all/key/stop/"
    message = write(authority, unsubscribe_url=address)
    delivery.deliver(message.pk)
    plain = write(authority)
    delivery.deliver(plain.pk)
    with_header, without = (sent["body"] for sent in notify_server.sent())
    assert with_header["one_click_unsubscribe_url"] == address
    assert "one_click_unsubscribe_url" not in without
    message.refresh_from_db()
    assert (message.unsubscribe_url, message.status) == (address, Message.Status.SENT)


def test_sent_again_it_keeps_the_way_out_and_goes_to_nobody_else(authority, support_officer):
    message = write(authority, unsubscribe_url="https://testshire.example/stop/")
    Message.objects.filter(pk=message.pk).update(status=Message.Status.FAILED, notify_id=uuid.uuid4())
    with pytest.raises(ValidationError, match="no other"):
        messages.send_again(message, by=support_officer, to_email="eve@example.org")
    again = messages.send_again(message, by=support_officer)
    assert again.pk != message.pk
    assert again.unsubscribe_url == message.unsubscribe_url


# --- In the admin ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("slug", "text", "is_refused"),
    [
        ("comment_received", "{{ comment_reference }}", False),
        ("comment_received", "{{ applicant_name }}", True),
        ("comment_received", "{{ confirm_link }}", True),
        ("alert_digest", "{{ changes }}", False),
        ("valid", "{{ comment_reference }}", True),
        ("valid", "{{ applicant_name }}", False),
    ],
)
def test_an_editor_may_name_the_fields_of_this_template_and_no_others(client, administrator, slug, text, is_refused):
    client.force_login(administrator)
    form = {"slug": slug, "name": "Ours", "subject": "x", "body": text}
    answer = client.post(f"{TEMPLATES}add/", form)
    if is_refused:
        assert "no merge field" in str(answer.context["form"].errors["body"])
    else:
        assert answer.status_code == 302
    assert LetterTemplate.objects.filter(slug=slug).exists() is not is_refused


def test_the_preview_fills_in_examples_and_the_councils_name(client, administrator):
    template = LetterTemplate.objects.create(
        authority=administrator.authority, slug="alert_digest", name="x", subject="x", body="y"
    )
    client.force_login(administrator)
    address = f"{TEMPLATES}preview/{template.pk}/"
    form = {
        "slug": "alert_digest",
        "name": "x",
        "subject": "{{ how_many }}",
        "body": "{{ changes }} {{ authority_name }}",
    }
    assert client.post(address, form).json()["is_valid"]
    page = client.get(address).content.decode()
    assert "2 planning applications" in page
    assert "Testshire Council" in page
    assert "{{" not in page


def test_the_page_of_the_editor_lists_the_fields_of_each(client, administrator):
    client.force_login(administrator)
    page = client.get(f"{TEMPLATES}add/").content.decode()
    for name in ("comment_reference", "confirm_link", "changes", "appeal_advice"):
        assert name in page


def test_what_was_not_filled_in_leaves_no_field_behind():
    assert letter_fields.fill_for_person("a{{ changes }}b{{ other }}c", "alert_digest", {}) == "abc"


def test_all_are_loaded_with_the_others():
    call_command("load_letter_templates", verbosity=0)
    assert set(person_fields.FIELDS) <= set(LetterTemplate.objects.values_list("slug", flat=True))
