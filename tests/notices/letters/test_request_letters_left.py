"""What officers are told of letters about requests: which have not left and why, and when was reminded."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.models import PlanningApplication
from cases.requests.letters import letters_about
from cases.requests.sending import remind
from cases.worklists.officer_lists import in_list
from cases.worklists.task_list import facts_of, task_list
from cases.worklists.with_the_applicant import say_what_is_asked
from notices.correspondence import silence
from notices.models import Message
from notices.outbox.messages import send_again
from tests.cases.asking import ask, draft
from tests.clock import at, later, moment

pytestmark = pytest.mark.django_db
SENT = moment("2026-06-03 10:00")
LATER = moment("2026-08-03 10:00")
NO_KEY = "There is no GOV.UK Notify key for this council."


@pytest.fixture
def application(make_application):
    return make_application("pp.full.householder")


@pytest.fixture
def held(application, officer):
    """A description asked about by a council without a key: the letter is held."""
    with at(SENT):
        return ask(application, "description", by=officer, proposed_description="A porch")


@pytest.fixture
def page(client, officer, application):
    def read() -> str:
        client.force_login(officer)
        return client.get(f"/admin/cases/{application.pk}/requests/").content.decode()

    return read


def goes_out(request, at: datetime = SENT, **only) -> None:
    request.messages.filter(**only).update(status=Message.Status.SENT, sent_at=at)


def said_of(application) -> list[str]:
    (case,) = PlanningApplication.objects.filter(pk=application.pk)
    say_what_is_asked([case])
    rows = [said for said in case.asked if not said.words.endswith("missing")]
    return [f"{said.words}. {said.why}" if said.why else said.words for said in rows]


def words_of_task(application, slug: str) -> str:
    rows = {row.task.slug: row for _, stage in task_list(facts_of(application)) for row in stage}
    return rows[slug].words


def test_a_held_letter_is_said_to_be_held_with_the_way_to_it(application, held, page):
    message = held.messages.get()
    assert message.status == Message.Status.HELD
    html = page()
    assert f"The letter has not left.</span> {NO_KEY}" in html
    assert f"/inspect/{message.pk}/" in html
    assert "No answer by then" not in html
    assert said_of(application) == [f"Letter to the applicant has not left. {NO_KEY}"]
    goes_out(held)
    assert "has not left" not in page()
    with at(SENT):
        assert said_of(application) == ["With the applicant until 10 Jun 2026"]


def test_who_sends_it_is_told_at_once(client, officer, application):
    draft(application, "description", by=officer, proposed_description="A porch", what_to_send="")
    client.force_login(officer)
    address = f"/admin/cases/{application.pk}/requests/letter/?request=1"
    form = client.get(address).context["letter_form"]
    done = client.post(address, {"action": "send", form.add_prefix("seen"): form["seen"].value()}, follow=True)
    html = done.content.decode()
    assert f"One request is written to the applicant. The letter has not left: {NO_KEY}" in html
    assert "on the way to the applicant" not in html
    reminded = client.post(f"/admin/cases/{application.pk}/requests/", {"action": "remind"}, follow=True)
    assert "A reminder of one thing is written. The letter has not left" in reminded.content.decode()


def test_no_day_counts_for_a_letter_that_has_not_left(application, held, page, officer):
    """Neither silence nor a late answer: nobody has been asked."""
    with at(LATER):
        assert silence.sweep() == 0
        everything = PlanningApplication.objects.all()
        assert not in_list(everything, "answers_overdue", officer).exists()
        assert in_list(everything, "waiting_for_applicant", officer).exists()
        assert words_of_task(application, "send_validation_decision") == "1 with the applicant"
        assert "overdue" not in page()
        assert not any(words.startswith("Answer was due") for words in said_of(application))
        held.messages.update(status=Message.Status.FAILED, status_detail="No such mailbox.")
        assert not in_list(everything, "answers_overdue", officer).exists()
        assert "No such mailbox." in page()
        goes_out(held)
        assert in_list(everything, "answers_overdue", officer).exists()
        assert words_of_task(application, "send_validation_decision") == "1 with the applicant, 1 late"
        assert "overdue" in page()
        assert said_of(application) == ["Answer was due 10 Jun 2026"]


def test_where_nobody_can_be_written_to_the_officer_tells_them_and_the_day_counts(application, officer):
    application.parties.update(email="", address="")
    with at(SENT):
        request = ask(application, "fee", by=officer)
    assert not request.messages.exists()
    with at(LATER):
        assert in_list(PlanningApplication.objects.all(), "answers_overdue", officer).exists()


def test_a_reminder_leaves_its_mark(application, held, page, officer):
    goes_out(held)
    assert "Reminded" not in page()
    with at(SENT + timedelta(days=2)):
        remind(application, by=officer)
    assert f"A reminder of 5 June 2026 has not left: {NO_KEY}" in page()
    assert "Reminded on" not in page()
    goes_out(held, SENT + timedelta(days=2), about="reminder")
    html = page()
    assert "Reminded on 5 June 2026." in html
    assert f"/inspect/{held.messages.get(about='reminder').pk}/" in html
    with at(SENT):
        assert said_of(application) == ["With the applicant until 10 Jun 2026", "Reminded 5 Jun 2026"]


def test_a_reminder_is_no_mark_on_what_was_asked_after_it(application, held, officer, page):
    goes_out(held)
    with at(SENT + timedelta(days=2)):
        remind(application, by=officer)
    goes_out(held, SENT + timedelta(days=2), about="reminder")
    with at(SENT + timedelta(days=3)):
        later = ask(application, "fee", by=officer)
    letters = letters_about([held, later], reader=officer)
    assert [letter.is_reminder for letter in letters[held.pk]] == [False, True, False]  # the last one told of both
    assert [letter.is_reminder for letter in letters[later.pk]] == [False]


def test_a_letter_that_was_sent_again_is_told_once(application, held, officer):
    Message.objects.filter(pk=held.messages.get().pk).update(status=Message.Status.FAILED, notify_id=held_id())
    again = send_again(held.messages.get(), by=officer)
    (letter,) = letters_about([held], reader=officer)[held.pk]
    assert str(again.pk) in letter.url


def held_id():
    return "00000000-0000-4000-8000-000000000001"


def test_who_may_not_read_messages_has_no_way_to_them(application, held, make_user, authority):
    stranger = make_user("plain", authority=authority)
    (letter,) = letters_about([held], reader=stranger)[held.pk]
    assert (letter.url, letter.why) == ("", NO_KEY)


def test_the_number_of_queries_does_not_grow_with_the_letters(application, officer, page):
    ask(application, "other", by=officer)
    application.refresh_from_db()
    remind(application, by=officer)
    page()
    with CaptureQueriesContext(connection) as few:
        page()
    for _ in range(3):
        application.refresh_from_db()
        ask(application, "other", by=officer)
    with later(days=1):
        remind(application, by=officer)
    with CaptureQueriesContext(connection) as many:
        page()
    assert len(many) <= len(few)
