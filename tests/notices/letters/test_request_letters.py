"""Letters about requests: every fault with its remedy and its day, the recipient's own link, and what silence does."""

import re
from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from cases.models import ApplicantLink, Condition, Party, PlanningApplication
from cases.requests.answers.settling import cancel_request
from cases.requests.links import TOKEN, opened_by, token_of
from cases.requests.sending import send_requests
from cases.statuses import Origin, Status
from cases.validation import validity
from notices.letters import templates as letters
from notices.letters.fields import Letter
from notices.models import LetterTemplate, Message
from notices.outbox.messages import send_again, words_shown
from tests.cases.asking import answer, ask, draft
from tests.cases.document_files import make_document
from tests.clock import at, moment

pytestmark = pytest.mark.django_db
SENT = moment("2026-06-03 10:00")


@pytest.fixture
def application(make_application):
    return make_application("pp.full.householder")


def letter(application: PlanningApplication, about: str) -> Message:
    return application.messages.get(about=about)


def test_the_letter_lists_every_fault_with_its_reason_remedy_and_day(application, officer):
    draft(
        application, "fee", by=officer, title="Fee too low", text="£290 are missing.", what_to_send="Please pay £290."
    )
    draft(
        application, "ownership", by=officer, title="No certificate", text="There is none.", what_to_send="Fill it in."
    )
    draft(application, "description", by=officer, title="Description", proposed_description="A porch", what_to_send="")
    with at(SENT):
        validity.invalidate(application, by=officer)
    body = letter(application, "invalid").body
    assert "1. Fee too low\n£290 are missing.\nWhat to send: Please pay £290.\nAnswer by: 24 June 2026" in body
    assert "2. No certificate\n" in body
    assert "3. Description\n" in body
    assert "We suggest: “A porch”" in body
    assert "{{" not in body


def test_the_link_in_the_letter_is_the_recipients_own_and_opens(application, officer, authority):
    ask(application, "fee", by=officer)
    body = letter(application, "invalid").body
    link = ApplicantLink.objects.get()
    address = reverse("applicant_requests", args=[token_of(link)])
    assert f"http://testshire.example{address}" in body
    assert opened_by(TOKEN.search(body)[0], authority=authority) == link


def test_the_agent_is_asked_where_there_is_one(application, officer):
    agent = Party.objects.create(application=application, role="agent", last_name="Agent", email="a@example.com")
    ask(application, "fee", by=officer)
    assert letter(application, "invalid").to_email == "a@example.com"
    assert ApplicantLink.objects.get().party == agent


def test_on_paper_the_link_is_a_code_to_scan_and_an_address_to_type(application, officer):
    application.parties.update(email="")
    ask(application, "fee", by=officer)
    message = letter(application, "invalid")
    assert message.channel == Message.Channel.LETTER
    (address,) = set(re.findall(r"http\S+/your-application/\S+", message.body))
    assert f"QR: {address}\n\n{address}\n" in message.body


def test_what_silence_does_is_said_of_the_kinds_for_which_it_does_it_and_of_no_other(application, officer):
    draft(application, "red_line", by=officer)
    draft(application, "description", by=officer, proposed_description="A porch")
    with at(SENT):
        validity.invalidate(application, by=officer)
    body = letter(application, "invalid").body
    assert "Number 2: if we have not heard from you by 10 June 2026, we take it that you agree" in body
    assert "Number 1: if" not in body
    assert "Nothing else is taken as agreed because we have not heard from you." in body


@pytest.mark.parametrize("kind", ["fee", "red_line", "other"])
def test_a_letter_about_other_things_promises_nothing_of_silence(application, officer, kind):
    ask(application, kind, by=officer)
    assert "not heard from you" not in letter(application, "invalid").body


def test_the_words_of_a_condition_and_its_full_reasons_are_in_the_letter(make_application, officer):
    application = make_application("pp.full.householder", status=Status.IN_ASSESSMENT)
    condition = Condition.objects.create(
        application=application,
        title="Materials",
        text="Samples first.",
        reason="For looks.",
        type="pre_commencement",
        pre_commencement_reason="Brick is laid first.",
    )
    ask(application, "pre_commencement", by=officer, condition=condition, what_to_send="")
    body = letter(application, "requests_sent").body
    assert "The condition: Samples first.\nThe reasons: For looks. Brick is laid first." in body
    assert "we may impose the condition" in body


def test_an_extension_is_asked_for_with_its_day_and_silence_gives_none(make_application, officer):
    application = make_application("pp.full.householder", status=Status.IN_ASSESSMENT)
    with at(SENT):
        ask(application, "extension_of_time", by=officer, proposed_until=date(2027, 3, 31), what_to_send="")
    body = letter(application, "requests_sent").body
    assert "that we decide by 31 March 2027" in body
    assert "not heard from you" not in body


def test_a_councils_own_words_without_a_link_get_it_all_the_same(application, officer, authority):
    LetterTemplate.objects.create(authority=authority, slug="invalid", name="Ours", subject="S", body="{{ faults }}")
    ask(application, "fee", by=officer)
    body = letter(application, "invalid").body
    assert "Answer here: http://testshire.example/your-application/" in body


def test_a_sample_makes_no_link(application, officer):
    ask(application, "fee", by=officer)
    before = ApplicantLink.objects.count()
    _, body = letters.sample(letters.template_for(application.authority, "requests_sent"), officer)
    assert "the recipient's own link" in body
    assert not TOKEN.search(body)
    assert ApplicantLink.objects.count() == before


def test_the_link_is_hidden_from_colleagues_once_the_letter_has_left(application, officer, client):
    ask(application, "fee", by=officer)
    message = letter(application, "invalid")
    token = TOKEN.search(message.body)[0]
    page = reverse("notices_message_modeladmin_inspect", args=[message.pk])
    client.force_login(officer)
    assert message.status == Message.Status.HELD  # no key is set: this is how a demonstration reads its letters
    assert token in client.get(page).content.decode()
    for status in (Message.Status.SENT, Message.Status.DELIVERED):
        Message.objects.filter(pk=message.pk).update(status=status)
        shown = client.get(page).content.decode()
        assert token not in shown
        assert "Something is missing" in shown
    message.refresh_from_db()
    assert token in message.body
    assert token not in words_shown(message)


def test_a_letter_with_a_link_goes_to_nobody_else(application, officer):
    ask(application, "fee", by=officer)
    message = letter(application, "invalid")
    with pytest.raises(ValidationError, match="for this address alone"):
        send_again(message, by=officer, to_email="somebody@example.com")
    send_again(message, by=officer)


def test_the_answers_are_acknowledged_to_whoever_gave_them_without_their_words(application, officer):
    request = ask(application, "other", by=officer)
    answer(request, "disagreed", text="That is nobody's business.")
    body = letter(application, "answers_received").body
    assert f"{request.number}. {request.title}: you disagreed" in body
    assert "nobody's business" not in body
    assert not TOKEN.search(body)


def test_what_an_applicant_typed_makes_no_link_in_the_acknowledgement(application, officer):
    request = ask(application, "other", by=officer)
    row = answer(request, "replied", text="[click](https://evil.example)", name="[me](https://evil.example)")
    assert "evil" not in letter(application, "answers_received").body
    assert row.answered_name.startswith("[me]")


def test_nobody_to_write_to_is_noted(application, officer):
    application.parties.update(email="", address="")
    ask(application, "fee", by=officer)
    assert application.events.get(kind="nobody_to_tell").data["about"] == "invalid"


def test_several_requests_are_one_letter(application, officer):
    requests = [draft(application, "description", by=officer)]
    send_requests(requests, by=officer)
    assert list(letter(application, "requests_sent").requests.all()) == requests


def test_a_letter_without_requests_needs_no_link(application):
    to = application.parties.get()
    subject, body = letters.write(letters.template_for(application.authority, "valid"), Letter(application, to))
    assert subject
    assert not TOKEN.search(body)


def test_who_was_asked_is_told_that_it_is_no_longer_asked_for(application, officer):
    untold = draft(application, "other", by=officer)
    cancel_request(untold, because="It was there.", by=officer)
    assert not application.messages.filter(about="request_withdrawn").exists()
    request = ask(application, "fee", by=officer, title="Fee too low")
    cancel_request(request, because="Mistake of ours: the officer had overlooked it.", by=officer)
    body = letter(application, "request_withdrawn").body
    assert "Fee too low" in body
    assert "overlooked" not in body  # the reason is for colleagues


def test_what_applicants_typed_is_no_markdown_in_a_letter_about_requests(application, officer):
    plan = make_document(application, title="# [Click](https://evil.example/) ((x))")
    ask(application, "replacement_document", by=officer, document=plan)
    ask(application, "description", by=officer, proposed_description="A shed [here](https://evil.example/)")
    for slug in ("invalid", "requests_sent"):
        body = letter(application, slug).body
        assert "evil.example" in body
        assert "https://evil" not in body
        assert "](" not in body


def test_a_condition_is_in_the_letter_as_the_notice_will_say_it(make_application, officer):
    application = make_application("pp.full.householder", status=Status.IN_ASSESSMENT, address="7 [Blyton](x) Close")
    condition = Condition.objects.create(
        application=application,
        title="Materials",
        text="Samples for {{ site_address }} first.",
        reason="For looks.",
        type="pre_commencement",
    )
    ask(application, "pre_commencement", by=officer, condition=condition, what_to_send="")
    body = letter(application, "requests_sent").body
    assert "The condition: Samples for 7 (Blyton)(x) Close" in body
    assert "{{" not in body


def test_of_a_case_from_an_older_register_the_applicant_is_asked_like_any_other(make_application, officer):
    application = make_application("pp.full.householder", origin=Origin.IMPORTED)
    asked = ask(application, "fee", by=officer)
    assert TOKEN.search(letter(application, "invalid").body)
    assert answer(asked, "replied", text="It was paid on Monday.").answer == "replied"
    assert letter(application, "answers_received")
