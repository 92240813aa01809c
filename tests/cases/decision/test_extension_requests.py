"""More time, asked of the applicant: their acceptance is the evidence, and nothing else moves a date."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django.utils import timezone

from accounts.roles import PLANNING_OFFICER
from cases.decision.extension import agree_extension, agree_on_request, ask_for_extension, warning_of
from cases.lifecycle import StepNotAllowed
from cases.models import Appeal, ExtensionOfTime, ValidationRequest
from cases.requests.answers.answering import keep_draft, send_answers
from cases.requests.answers.settling import cancel_request, leave_as_it_was, record_reply
from cases.requests.links import link_for
from cases.statuses import Status

State = ValidationRequest.State
REASON = "The highway authority has asked for amended plans."


@pytest.fixture
def application(make_application, officer):
    """Valid for ten days, due in 46."""
    return make_application(
        "pp.full.householder",
        status=Status.IN_ASSESSMENT,
        officer=officer,
        received_on=timezone.localdate() - timedelta(days=10),
    )


@pytest.fixture
def until(application) -> date:
    return application.expires_on + timedelta(days=28)


@pytest.fixture
def asked(application, officer, until):
    return ask_for_extension(application, until=until, reason=REASON, by=officer)


def answer(request, word, text=""):
    link = link_for(request.application.parties.get(role="applicant"))
    keep_draft(request, link=link, draft={"answer": word, "text": text})
    send_answers([request], link=link, name="Enid Blyton")
    request.refresh_from_db()
    return request


def due(application) -> date:
    application.refresh_from_db()
    return application.expires_on


def kinds(application) -> list[str]:
    return list(application.events.order_by("sequence").values_list("kind", flat=True))


# --- Asking ----------------------------------------------------------------------------------------------------------


def test_asking_sends_a_letter_and_moves_nothing(application, asked, until):
    before = application.expires_on

    assert asked.state == State.SENT
    assert asked.proposed_until == until
    assert asked.due_on is not None
    assert due(application) == before
    assert "requests_sent" in kinds(application)
    assert "extension_agreed" not in kinds(application)


@pytest.mark.parametrize(
    ("days", "reason", "field"),
    [(0, REASON, "until"), (-1, REASON, "until"), (365 * 6, REASON, "until"), (28, "  ", "reason")],
)
def test_what_is_asked_for_must_make_sense(application, officer, days, reason, field):
    with pytest.raises(ValidationError) as refused:
        ask_for_extension(application, until=application.expires_on + timedelta(days=days), reason=reason, by=officer)

    assert field in refused.value.message_dict
    assert not application.validation_requests.exists()


def test_a_day_that_has_passed_is_not_asked_for(make_application, officer):
    long_due = timezone.localdate() - timedelta(days=80)
    application = make_application("pp.full.householder", status=Status.IN_ASSESSMENT, received_on=long_due)

    with pytest.raises(ValidationError, match="lies ahead"):
        ask_for_extension(application, until=application.expires_on + timedelta(days=1), reason=REASON, by=officer)


def test_only_one_is_open_at_a_time(application, officer, asked, until):
    with pytest.raises(ValidationError, match="asks for this already"):
        ask_for_extension(application, until=until + timedelta(days=7), reason=REASON, by=officer)

    cancel_request(asked, because="Not needed after all.", by=officer)

    assert ask_for_extension(application, until=until, reason=REASON, by=officer).state == State.SENT


def test_who_may_not_extend_may_not_ask(application, until, support_officer, reader, other_officer, superuser):
    for somebody in (support_officer, reader, other_officer, superuser):
        with pytest.raises(PermissionDenied):
            ask_for_extension(application, until=until, reason=REASON, by=somebody)


def test_an_application_that_is_not_valid_has_no_time_to_extend(make_application, officer, until):
    with pytest.raises(PermissionDenied):
        ask_for_extension(make_application("pp.full.householder"), until=until, reason=REASON, by=officer)


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2026, 7, 28), ""),
        (date(2026, 7, 26), "Friday 24 July 2026"),  # a Sunday
        (date(2026, 8, 31), "Friday 28 August 2026"),  # the summer bank holiday
        (date(2026, 12, 25), "Thursday 24 December 2026"),
    ],
)
def test_a_day_on_which_nobody_decides_is_pointed_out(day, words):
    assert (words in warning_of(day)) if words else (warning_of(day) == "")


# --- Accepted --------------------------------------------------------------------------------------------------------


def test_acceptance_on_the_signed_page_is_the_evidence(application, officer, asked, until):
    before = application.expires_on

    answer(asked, "agreed")

    extension = application.extensions.get()
    today = timezone.localdate()
    assert due(application) == extension.agreed_until == until
    assert (extension.request, extension.by, extension.agreed_with) == (asked, officer, "Enid Blyton")
    assert extension.agreed_in_writing_on == today
    assert extension.evidence == f"Accepted on the signed page by Enid Blyton on {today:%-d %B %Y}, request 1."
    event = application.events.get(kind="extension_agreed")
    assert event.by is None
    assert (event.data["before"], event.data["after"]) == (before.isoformat(), until.isoformat())
    assert asked.state == State.SETTLED
    assert asked.outcome == ValidationRequest.Outcome.ACCEPTED


def test_the_statutory_day_never_moves(application, asked):
    statutory = application.statutory_expiry_on

    answer(asked, "agreed")

    application.refresh_from_db()
    assert application.statutory_expiry_on == statutory


def test_an_accepted_extension_is_applied_once(application, asked, until):
    answer(asked, "agreed")

    again = agree_on_request(asked, agreed_with="Enid Blyton", agreed_on=timezone.localdate())

    assert again == application.extensions.get()
    assert kinds(application).count("extension_agreed") == 1


def test_an_agreement_by_letter_is_recorded_as_such(application, asked, officer, until):
    record_reply(asked, by=officer, arrived_on=timezone.localdate(), resolution="E-mail of the agent")

    extension = application.extensions.get()
    assert due(application) == until
    assert extension.evidence.startswith("Recorded as accepted by post or e-mail of ")


def test_the_acceptance_stands_when_the_officer_who_asked_has_left(application, asked, officer, until):
    officer.groups.clear()
    officer.is_active = False
    officer.save()

    answer(asked, "agreed")

    assert due(application) == until


def test_the_later_of_two_agreements_stands(application, asked, officer, until):
    later = until + timedelta(days=14)
    agree_extension(
        application,
        agreed_until=later,
        agreed_with="A. Agent",
        agreed_in_writing_on=timezone.localdate(),
        evidence="E-mail",
        by=officer,
    )

    answer(asked, "agreed")

    assert due(application) == later
    assert application.extensions.count() == 2


# --- After the day ---------------------------------------------------------------------------------------------------


@pytest.fixture
def overdue(make_application, officer):
    """Its 56 days ended four days ago; asked for while they ran."""
    received_on = timezone.localdate() - timedelta(days=60)
    return make_application(
        "pp.full.householder", status=Status.IN_ASSESSMENT, officer=officer, received_on=received_on
    )


def test_more_time_may_still_be_agreed_when_the_day_has_passed(overdue, officer):
    until = timezone.localdate() + timedelta(days=20)

    answer(ask_for_extension(overdue, until=until, reason=REASON, by=officer), "agreed")

    assert due(overdue) == until


def test_where_silence_permits_no_more_time_can_be_agreed_once_the_day_has_passed(make_application, officer):
    application = make_application("pa.part1.classA", status=Status.IN_ASSESSMENT, officer=officer)
    application.refresh_from_db()  # due on 13 July 2026
    until = timezone.localdate() + timedelta(days=20)

    with pytest.raises(ValidationError, match="may go ahead"):
        ask_for_extension(application, until=until, reason=REASON, by=officer)
    late = {"agreed_until": until, "agreed_with": "A", "evidence": "E-mail", "by": officer}
    with pytest.raises(ValidationError, match="may go ahead"):
        agree_extension(application, agreed_in_writing_on=date(2026, 7, 14), **late)

    agree_extension(application, agreed_in_writing_on=date(2026, 7, 13), **late)
    assert due(application) == until


def test_with_an_appeal_for_want_of_a_decision_no_more_time_can_be_agreed(overdue, officer):
    before, today = overdue.expires_on, timezone.localdate()
    request = ask_for_extension(overdue, until=today + timedelta(days=20), reason=REASON, by=officer)
    Appeal.objects.create(application=overdue, ground=Appeal.Ground.NON_DETERMINATION, lodged_on=today)

    answer(request, "agreed")

    assert request.state == State.ANSWERED, "it waits for an officer, who reads why"
    assert due(overdue) == before
    with pytest.raises(StepNotAllowed, match="appeal for want of a decision"):
        agree_on_request(request, agreed_with="Enid Blyton", agreed_on=today)
    with pytest.raises(ValidationError, match="appeal for want of a decision"):
        agree_extension(
            overdue,
            agreed_until=today + timedelta(days=20),
            agreed_with="A",
            agreed_in_writing_on=today,
            evidence="E-mail",
            by=officer,
        )


def test_an_acceptance_after_the_proposed_day_gives_no_time(application, asked, until):
    with pytest.raises(StepNotAllowed, match="after the day that was proposed"):
        agree_on_request(asked, agreed_with="Enid Blyton", agreed_on=until + timedelta(days=1))

    assert not ExtensionOfTime.objects.exists()
    agree_on_request(asked, agreed_with="Enid Blyton", agreed_on=until)
    assert due(application) == until


# --- Not accepted ----------------------------------------------------------------------------------------------------


def test_a_refused_extension_changes_nothing(application, asked, officer):
    before = application.expires_on

    answer(asked, "disagreed", "I want my decision.")
    assert due(application) == before
    leave_as_it_was(asked, because="They would rather not.", by=officer)

    assert due(application) == before
    assert not application.extensions.exists()
    assert "extension_agreed" not in kinds(application)


def test_a_withdrawn_extension_request_changes_nothing(application, asked, officer):
    before = application.expires_on

    cancel_request(asked, because="The plans came.", by=officer)

    assert due(application) == before
    assert not application.extensions.exists()


@pytest.mark.parametrize("status", [Status.WITHDRAWN, Status.CLOSED, Status.RETURNED])
def test_an_application_that_has_ended_is_given_no_time(application, asked, status):
    """Whoever calls: the verb asks by itself (an officer's page and the applicant's would not offer it)."""
    before, today = due(application), timezone.localdate()
    ended = {"withdrawn_on": today, "closed_on": today, "returned_on": today}
    type(application).objects.filter(pk=application.pk).update(status=status, **ended)
    with pytest.raises(StepNotAllowed, match="not open any more"):
        agree_on_request(asked, agreed_with="Enid Blyton", agreed_on=today)
    assert due(application) == before
    assert not ExtensionOfTime.objects.exists()


def test_only_a_request_for_time_that_was_sent_gives_time(application, officer, make_user, authority):
    draft = ValidationRequest.objects.create(
        application=application,
        number=1,
        kind=ValidationRequest.Kind.EXTENSION_OF_TIME,
        title="More time",
        text=REASON,
        proposed_until=application.expires_on + timedelta(days=9),
        raised_by=officer,
    )

    with pytest.raises(StepNotAllowed):
        agree_on_request(draft, agreed_with="Enid Blyton", agreed_on=timezone.localdate())


# --- The page --------------------------------------------------------------------------------------------------------


@pytest.fixture
def url(application):
    return reverse("case_extension", args=[application.pk])


@pytest.fixture
def signed_in(client, officer):
    client.force_login(officer)
    return client


def weekday(day: date) -> date:
    """The first working day from this one on."""
    while warning_of(day):
        day += timedelta(days=1)
    return day


def test_an_officer_asks_on_the_page_and_sees_how_it_stands(signed_in, url, application, until):
    day = weekday(until)

    response = signed_in.post(url, {"action": "ask", "ask-until": day.isoformat(), "ask-reason": REASON}, follow=True)

    page = response.content.decode()
    assert application.validation_requests.get().state == State.SENT
    assert "With the applicant" in page
    assert f"Until {day:%-d %B %Y}" in page
    assert "Ask the applicant for more time" not in page, "one is open"


def test_a_day_that_is_no_working_day_is_confirmed_first(signed_in, url, application, until):
    sunday = until + timedelta(days=6 - until.weekday())
    form = {"action": "ask", "ask-until": sunday.isoformat(), "ask-reason": REASON}

    warned = signed_in.post(url, form)
    assert warned.status_code == 422
    assert "is not a working day" in warned.content.decode()
    assert not application.validation_requests.exists()

    assert signed_in.post(url, {**form, "ask-all_the_same": "on"}).status_code == 302
    assert application.validation_requests.get().proposed_until == sunday


def test_a_request_is_withdrawn_on_the_page_with_a_reason(signed_in, url, application, asked):
    assert signed_in.post(url, {"action": "withdraw", "withdraw-because": ""}).status_code == 422

    page = signed_in.post(url, {"action": "withdraw", "withdraw-because": "The plans came."}, follow=True)

    assert "It changed no date." in page.content.decode()
    asked.refresh_from_db()
    assert asked.state == State.CANCELLED


def test_an_accepted_extension_shows_its_evidence(signed_in, url, asked):
    answer(asked, "agreed")

    assert "Accepted on the signed page by Enid Blyton" in signed_in.get(url).content.decode()


def test_who_may_not_extend_reads_the_page_and_asks_nothing(client, url, application, support_officer, until):
    client.force_login(support_officer)

    assert client.get(url).status_code == 200
    client.post(url, {"action": "ask", "ask-until": until.isoformat(), "ask-reason": REASON})
    assert not application.validation_requests.exists()


def test_another_officer_of_the_council_may_withdraw_it(client, url, asked, make_user, authority):
    client.force_login(make_user("colleague", PLANNING_OFFICER, authority=authority))

    assert client.post(url, {"action": "withdraw", "withdraw-because": "The plans came."}).status_code == 302
