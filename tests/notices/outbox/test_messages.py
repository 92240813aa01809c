"""Who is written to, what the words are, and that the outbox row belongs to the transaction of its cause."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.mail import send_mail
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone

from cases import lifecycle, timeline
from cases.application.recipients import recipients
from cases.models import CaseEvent, Condition, Party, PlanningApplication
from cases.requests.answers.settling import record_reply
from cases.requests.raising import draft_request
from cases.statuses import Decision, Origin, Status
from cases.validation import validity
from notices.letters import fields as letter_fields
from notices.letters import templates as letters
from notices.models import LetterTemplate, Message
from notices.outbox import messages
from tests.notices.fake_notify import notify_server  # noqa: F401

pytestmark = pytest.mark.django_db


@pytest.fixture
def application(make_application, monkeypatch):
    """An application whose receipt nobody was told of."""
    with monkeypatch.context() as nobody_listens:
        nobody_listens.setattr("cases.timeline._LISTENERS", {})
        return make_application("pp.full.householder", status=Status.IN_ASSESSMENT)


def add_agent(application, **fields) -> Party:
    values = {"first_name": "Ann", "last_name": "Agent", "email": "ann@agents.example"}
    return Party.objects.create(application=application, role=Party.Role.AGENT, **{**values, **fields})


def decided(application: PlanningApplication, decision: Decision) -> letter_fields.Letter:
    """The letter as it would be after the decision; the row itself stays undecided."""
    application.decision, application.decided_on = decision, date(2026, 7, 27)
    return letter_fields.Letter(application, application.parties.get(role="applicant"))


# --- To whom --------------------------------------------------------------------------------------------------------


def test_the_agent_is_written_to_and_for_a_decision_the_applicant_too(application):
    agent, applicant = add_agent(application), application.parties.get(role="applicant")
    assert recipients(application) == [agent]
    assert recipients(application, copy_to_applicant=True) == [agent, applicant]


def test_nobody_is_written_to_twice_at_one_address(application):
    agent = add_agent(application, email="FamousFive@example.com")
    assert recipients(application, copy_to_applicant=True) == [agent]


def test_an_agent_without_an_address_gives_way_to_the_applicant(application):
    add_agent(application, email="", address=" ")
    (to,) = recipients(application)
    assert to.role == Party.Role.APPLICANT


def test_without_an_email_address_it_is_a_letter(application, officer):
    application.parties.update(email="")
    to = application.parties.get()
    message = messages.queue(application=application, template_slug="valid", to=to, by=officer)
    assert message.channel == Message.Channel.LETTER
    assert message.to_address.endswith("HP9 2LX")
    assert message.to_email == ""


SHOWN_HERE = "Flat 🏡 for 李小龙 👍🏽"


@pytest.mark.parametrize(
    ("email", "said"), [("", "Flat (house with garden) for 李小龙 (thumbs up sign)"), ("enid@example.com", SHOWN_HERE)]
)
def test_a_letter_by_post_says_an_emoji_by_its_name_and_an_email_holds_it(application, officer, email, said):
    application.description = SHOWN_HERE
    application.save()
    LetterTemplate.objects.filter(slug="valid", authority=None).delete()
    LetterTemplate.objects.create(slug="valid", name="Valid", subject="{{ description }}", body="{{ description }}.")
    application.parties.update(email=email)
    message = messages.queue(application=application, template_slug="valid", to=application.parties.get(), by=officer)
    assert (message.subject, message.body) == (said, f"{said}.")


def test_a_subject_that_is_cut_says_that_it_goes_on(application, officer):
    application.description = "W" * 400
    application.save()
    template = LetterTemplate(slug="valid", subject="About {{ description }}", body="x")
    subject, _ = letters.write(template, letter_fields.Letter(application, application.parties.get()))
    assert len(subject) == letters.MAX_SUBJECT
    assert subject.endswith("W…")


def test_where_nobody_can_be_reached_the_case_says_so_and_goes_on(application, officer):
    application.parties.update(email="", address="")
    lifecycle.apply_step(
        application, "withdraw", by=with_closing(officer), note="They asked", withdrawn_on=timezone.localdate()
    )
    assert Message.objects.count() == 0
    assert application.events.filter(kind="nobody_to_tell").exists()


def with_closing(user):
    assert user.has_perm("cases.close_application")
    return user


def test_a_stranger_to_the_case_is_not_written_to(application, make_application, officer):
    other = make_application().parties.get()
    with pytest.raises(ValueError, match="not party"):
        messages.queue(application=application, template_slug="valid", to=other, by=officer)


# --- Events write ---------------------------------------------------------------------------------------------------


def test_receipt_is_acknowledged(make_application):
    application = make_application()
    (message,) = Message.objects.all()
    assert message.about == "acknowledgement"
    assert message.authority == application.authority
    assert message.to_email == "famousfive@example.com"
    assert application.reference in message.subject
    assert "Received: 1 June 2026" in message.body
    event = application.events.get(kind="message_queued")
    assert event.data["message"] == str(message.pk)
    assert "@" not in str(event.data)
    assert list(timeline.broken_links(application.pk)) == []


def test_imported_applications_are_not_written_about(make_application):
    make_application(origin=Origin.IMPORTED)
    assert Message.objects.count() == 0


def test_the_invalid_notice_lists_every_open_fault_with_its_remedy(make_application, officer):
    application = make_application()
    for number in (1, 2):
        draft_request(
            application,
            kind="other",
            title=f"Fault {number}",
            text=f"Wrong {number}",
            what_to_send=f"Remedy {number}",
            by=officer,
        )
    put_right = draft_request(application, kind="fee", title="Put right", text="x", what_to_send="y", by=officer)
    record_reply(put_right, arrived_on=date(2026, 6, 2), by=officer)
    validity.invalidate(application, by=officer)
    body = Message.objects.get(about="invalid").body
    for number in (1, 2):
        assert f"{number}. Fault {number}\nWrong {number}\nWhat to send: Remedy {number}\nAnswer by: " in body
    assert "Put right" not in body


def test_the_validation_notice_has_the_dates_and_what_may_be_done_when_it_is_late(make_application, officer):
    application = make_application("pp.full.householder")
    lifecycle.apply_step(
        application,
        "validate",
        by=officer,
        valid_from=date(2026, 6, 1),
        validated_on=date(2026, 6, 3),
        statutory_expiry_on=date(2026, 7, 27),
        expires_on=date(2026, 7, 27),
    )
    body = Message.objects.get(about="valid").body
    assert "Valid from: 1 June 2026" in body
    assert "We must decide by: 27 July 2026" in body
    assert "appeal to the Secretary of State under the Town and Country Planning Act 1990, section 78" in body
    assert "within 6 months of that day" in body


@pytest.mark.parametrize(
    ("type_code", "words"),
    [
        ("pa.part1.classA", "you may carry out the development as you described it"),
        ("ldc.proposed", "section 195"),
        ("preApp", ""),
    ],
)
def test_what_may_be_done_without_a_decision_depends_on_the_type(make_application, type_code, words):
    application = make_application(type_code, status=Status.IN_ASSESSMENT, expires_on=date(2026, 12, 1))
    said = letter_fields.if_decided_late(letter_fields.Letter(application, application.parties.get()))
    assert words in said
    assert bool(words) == bool(said)


def test_a_message_goes_with_its_cause_and_not_without(make_application):
    case = make_application()
    before = Message.objects.count()
    savepoint = transaction.savepoint()
    timeline.record(case, "received", by=None)
    assert Message.objects.count() == before + 1
    transaction.savepoint_rollback(savepoint)
    assert Message.objects.count() == before


def test_nothing_leaves_before_the_commit(notify_server, application, officer, django_capture_on_commit_callbacks):  # noqa: F811
    to = application.parties.get()
    with django_capture_on_commit_callbacks(execute=True):
        message = messages.queue(application=application, template_slug="valid", to=to, by=officer)
        assert notify_server.requests == []
    message.refresh_from_db()
    assert message.status == Message.Status.SENT
    assert len(notify_server.sent()) == 1


def test_without_a_key_it_is_held_at_once_and_stays_readable(application, officer, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as later:
        message = messages.queue(
            application=application, template_slug="valid", to=application.parties.get(), by=officer
        )
    assert message.status == Message.Status.HELD
    assert application.reference in message.body
    assert later == []


# --- Words ----------------------------------------------------------------------------------------------------------


def test_every_outcome_of_every_type_has_words_without_holes_and_without_nonsense(make_application):
    from cases.models import ApplicationType

    for kind in ApplicationType.objects.all():
        application = make_application(kind.code, status=Status.IN_ASSESSMENT)
        for row in kind.decisions:
            letter = decided(application, row["code"])
            template = letters.template_for(application.authority, f"decision_{row['code']}", "decision")
            subject, body = letters.write(template, letter)
            assert "{{" not in subject + body
            assert "grant you a" not in body
            assert application.reference in subject
            if "refus" in row["code"]:
                assert "granted" not in body.replace("not granted", "")
                basis = kind.appeal.get("basis", "")
                assert basis in body
            if row["code"] in {"pa_not_required", "ldc_granted", "tree_no_objection"}:
                assert "you can appeal" not in body


@pytest.mark.parametrize(
    ("type_code", "decision", "words"),
    [
        (
            "pp.full.householder",
            Decision.REFUSED,
            "within 12 weeks of the date of the notice, that is by 19 October 2026",
        ),
        ("pp.full.major", Decision.REFUSED, "within 6 months of the date of the notice, that is by 27 January 2027"),
        ("ldc.proposed", Decision.LDC_REFUSED, "section 195. There is no time limit."),
        ("ldc.existing", Decision.LDC_GRANTED_PART, "what was not granted"),
        ("pa.part1.classA", Decision.PA_NOT_REQUIRED, ""),
        ("pp.full.householder", Decision.GRANTED, ""),
        ("advertConsent", Decision.REFUSED, "8 weeks of the day on which you receive the notice"),
    ],
)
def test_appeal_advice_is_that_of_the_type_and_the_outcome(make_application, type_code, decision, words):
    advice = letter_fields.appeal_advice(decided(make_application(type_code, status=Status.IN_ASSESSMENT), decision))
    assert words in advice
    assert bool(advice) == bool(words)


def test_conditions_of_a_grant_have_six_months_even_for_a_householder(make_application):
    application = make_application("pp.full.householder", status=Status.IN_ASSESSMENT)
    Condition.objects.create(
        application=application, title="Time", text="Three years", reason="s.91", type="time_limit"
    )
    advice = letter_fields.appeal_advice(decided(application, Decision.GRANTED_WITH_CONDITIONS))
    assert "a condition of this decision" in advice
    assert "6 months" in advice
    assert "12 weeks" not in advice


@pytest.mark.parametrize(
    "typed",
    [
        "[Pay here](https://evil.example)",
        "# HEADING",
        "https://evil.example/pay",
        "www.evil.example",
        "{{ council_email }}",
        "((name))\n# x",
    ],
)
def test_what_other_people_typed_makes_no_link_and_no_heading(application, typed):
    application.description = typed
    template = LetterTemplate(subject="x", body="Proposal: {{ description }}")
    _, body = letters.write(template, letter_fields.Letter(application, application.parties.get()))
    for mark in ("https://", "www.", "[", "\n#", "{{", "](", "Proposal: #"):
        assert mark not in body


@pytest.mark.parametrize(
    "text", ["{{ secret_key }}", "{{ application.officer.password }}", "{% load x %}", "{{ reference"]
)
def test_unknown_and_broken_merge_fields_are_refused(text):
    with pytest.raises(ValidationError):
        letter_fields.check(text)


def test_loading_templates_again_changes_nothing_and_leaves_edited_ones_alone():
    call_command("load_letter_templates", verbosity=0)
    number = LetterTemplate.objects.count()
    assert number == len(letters.shipped())
    LetterTemplate.objects.filter(slug="valid").update(body="Ours", is_customised=True)
    LetterTemplate.objects.filter(slug="invalid").update(body="Old words")
    assert letters.load_templates() == {"created": 0, "updated": 1, "left alone": 1, "unchanged": number - 2}
    assert LetterTemplate.objects.get(slug="valid").body == "Ours"


def test_the_councils_own_template_wins_and_another_councils_is_never_taken(application, other_authority):
    call_command("load_letter_templates", verbosity=0)
    LetterTemplate.objects.create(authority=other_authority, slug="valid", name="x", subject="theirs", body="x")
    assert letters.template_for(application.authority, "valid").authority is None
    own = LetterTemplate.objects.create(
        authority=application.authority, slug="valid", name="x", subject="ours", body="x"
    )
    assert letters.template_for(application.authority, "valid") == own


# --- Again ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def failed(application, authority):
    return Message.objects.create(
        authority=authority,
        application=application,
        about="valid",
        channel="email",
        to_email="old@example.com",
        subject="x",
        body="y",
        status=Message.Status.FAILED,
        attempts=8,
    )


def test_a_failed_message_goes_out_again_under_the_same_reference(
    notify_server,  # noqa: F811
    failed,
    officer,
    django_capture_on_commit_callbacks,
):
    with django_capture_on_commit_callbacks(execute=True):
        again = messages.send_again(failed, by=officer)
    assert again.pk == failed.pk
    again.refresh_from_db()
    assert again.status == Message.Status.SENT
    # Notify was asked first whether it had it already.
    assert [method for method, _ in notify_server.requests] == ["GET", "POST"]


def test_one_that_bounced_becomes_a_new_message_to_the_corrected_address(failed, officer):
    Message.objects.filter(pk=failed.pk).update(notify_id="7f4c2d4e-6b0a-4b6e-9a53-000000000001")
    again = messages.send_again(failed, by=officer, to_email="new@example.com")
    failed.refresh_from_db()
    assert again.pk != failed.pk
    assert (again.to_email, again.attempts, again.notify_id) == ("new@example.com", 0, None)
    assert failed.sent_again_as == again
    with pytest.raises(PermissionDenied):
        messages.send_again(failed, by=officer)


def test_only_colleagues_with_the_permission_send_again(failed, other_officer, reader, superuser, make_user, authority):
    from accounts.roles import ADMINISTRATOR

    for user in (other_officer, reader, superuser):
        with pytest.raises(PermissionDenied):
            messages.send_again(failed, by=user)
    assert messages.can_send_again(make_user("adm", ADMINISTRATOR, authority=authority), failed)


@pytest.mark.parametrize("status", ["queued", "sending", "sent", "delivered"])
def test_what_is_on_its_way_or_there_is_not_sent_again(failed, officer, status):
    Message.objects.filter(pk=failed.pk).update(status=status)
    with pytest.raises(PermissionDenied):
        messages.send_again(failed, by=officer)


def test_a_bad_address_is_refused(failed, officer):
    with pytest.raises(ValidationError):
        messages.send_again(failed, by=officer, to_email="not an address")


# --- Django's own e-mails -------------------------------------------------------------------------------------------


def test_what_django_sends_waits_in_the_outbox_of_its_recipients_council(officer, superuser, other_officer, settings):
    settings.EMAIL_BACKEND = "notices.outbox.mail.OutboxBackend"  # Django's test runner puts another in its place
    send_mail("Reset your password", "secret link", None, [officer.email.upper(), other_officer.email, superuser.email])
    assert {m.to_email.lower(): m.authority_id for m in Message.objects.filter(about="system")} == {
        officer.email: officer.authority_id,
        other_officer.email: other_officer.authority_id,
        superuser.email: None,
    }
    assert set(Message.objects.values_list("is_confidential", flat=True)) == {True}


def test_nobodys_mailbox_is_filled_by_asking_for_new_passwords(officer, manager, settings, client):
    settings.EMAIL_BACKEND = "notices.outbox.mail.OutboxBackend"
    for _ in range(12):
        client.post("/admin/password_reset/", {"email": officer.email})
    client.post("/admin/password_reset/", {"email": manager.email})
    assert Message.objects.filter(to_email=officer.email).count() == 10
    assert Message.objects.filter(to_email=manager.email).count() == 1


def test_councils_see_their_own_messages_only(
    make_application, other_authority, officer, other_officer, reader, superuser
):
    make_application()
    make_application(authority=other_authority)
    assert {m.authority_id for m in messages.messages_for(officer)} == {officer.authority_id}
    assert {m.authority_id for m in messages.messages_for(other_officer)} == {other_authority.pk}
    assert messages.messages_for(superuser).count() == 2
    assert messages.messages_for(reader).count() == 0  # e-mail addresses are no reading matter
    assert CaseEvent.objects.filter(kind="message_queued").count() == 2


def test_an_expired_confidential_message_is_erased(authority):
    from notices.outbox import delivery

    old = Message.objects.create(
        authority=authority,
        about="system",
        channel="email",
        to_email="a@example.org",
        subject="x",
        body="link",
        is_confidential=True,
        status=Message.Status.HELD,
        queued_at=timezone.now() - timedelta(days=4),
    )
    assert delivery.erase_confidential(older_than=timedelta(days=3)) == 1
    old.refresh_from_db()
    assert old.body == ""
