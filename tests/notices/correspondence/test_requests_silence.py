"""No answer in time means yes for two kinds, once the letter has really left, and never for a red line."""

from datetime import date, datetime, timedelta

import pytest
from django.utils import timezone

from cases.application import ending
from cases.models import Condition, PlanningApplication, ValidationRequest
from cases.requests.answers.answering import keep_draft
from cases.requests.answers.settling import cancel_request
from cases.requests.answers.silence import accept_silence, silent_requests
from cases.requests.sending import remind
from cases.statuses import Status
from notices import due_work
from notices.correspondence import silence
from notices.models import Message
from notices.outbox.messages import send_again
from tests.cases.asking import LINE, answer, ask, link_of
from tests.clock import at, moment
from tests.home.applicants import Applicant

pytestmark = pytest.mark.django_db
SENT = moment("2026-06-03 10:00")  # a Wednesday: five working days end on the 10th, ten on the 17th
State, Outcome = ValidationRequest.State, ValidationRequest.Outcome


@pytest.fixture
def application(make_application):
    return make_application("pp.full.householder")


@pytest.fixture
def porch(application, officer):
    """A description that the applicant was asked to agree to, and whose letter went out the same day."""
    with at(SENT):
        request = ask(application, "description", by=officer, proposed_description="A porch")
        goes_out(request)
    return request


def goes_out(request: ValidationRequest, *, at: datetime | None = None, status: str = Message.Status.SENT) -> None:
    request.messages.update(status=status, sent_at=at or timezone.now())


def sweep_on(year: int, month: int, day: int) -> int:
    with at(date(year, month, day)):
        return silence.sweep()


def description_of(application: PlanningApplication) -> str:
    return PlanningApplication.objects.values_list("description", flat=True).get(pk=application.pk)


def test_a_description_is_accepted_after_five_working_days_and_not_on_the_last_of_them(application, porch):
    assert sweep_on(2026, 6, 10) == 0
    assert sweep_on(2026, 6, 11) == 1
    porch.refresh_from_db()
    assert (porch.answer, porch.outcome, porch.resolved_by) == ("silence", Outcome.ACCEPTED, None)
    assert porch.before == {"description": "Rear extension of a house"}
    assert description_of(application) == "A porch"
    event = application.events.get(kind="request_accepted_by_silence")
    assert event.by is None
    (letter,) = application.messages.filter(about="accepted_by_silence")
    assert porch.title in letter.body
    assert sweep_on(2026, 6, 12) == 0


def test_a_bank_holiday_is_no_working_day(application, officer):
    with at("2026-05-21 10:00"):  # Thursday before the spring bank holiday
        goes_out(ask(application, "description", by=officer, proposed_description="A porch"))
    assert sweep_on(2026, 5, 29) == 0
    assert sweep_on(2026, 5, 30) == 1


def test_a_condition_is_accepted_after_ten_working_days(make_application, officer):
    application = make_application("pp.full.householder", status=Status.IN_ASSESSMENT)
    condition = Condition.objects.create(
        application=application, title="Materials", text="Samples first.", reason="Looks.", type="pre_commencement"
    )
    with at(SENT):
        request = ask(application, "pre_commencement", by=officer, condition=condition, what_to_send="")
        goes_out(request)
    assert sweep_on(2026, 6, 17) == 0
    assert sweep_on(2026, 6, 18) == 1
    condition.refresh_from_db()
    assert condition.agreed_on is None  # nobody has agreed in writing: the request itself says how it came to be


@pytest.mark.parametrize(
    ("kind", "facts"),
    [
        ("red_line", {"proposed_boundary": LINE}),
        ("red_line", {}),
        ("additional_document", {}),
        ("fee", {}),
        ("ownership", {}),
        ("other", {}),
        ("description", {}),
    ],
)
def test_silence_accepts_nothing_else_however_long_it_lasts(application, officer, kind, facts):
    with at(SENT):
        request = ask(application, kind, by=officer, **facts)
        goes_out(request)
    assert sweep_on(2027, 6, 3) == 0
    with at("2027-06-03 00:00"):
        assert not accept_silence(request)
    request.refresh_from_db()
    assert request.state == State.SENT


@pytest.mark.parametrize("kind", ["extension_of_time", "heads_of_terms"])
def test_silence_gives_the_council_no_time_and_no_terms(make_application, officer, kind):
    with at(SENT):
        application = make_application("pp.full.householder", status=Status.IN_ASSESSMENT)
        facts = {"proposed_until": date(2026, 9, 30)} if kind == "extension_of_time" else {}
        goes_out(ask(application, kind, by=officer, what_to_send="", **facts))
    before = application.expires_on
    assert sweep_on(2026, 8, 30) == 0
    application.refresh_from_db()
    assert application.expires_on == before


@pytest.mark.parametrize("status", [Message.Status.HELD, Message.Status.QUEUED, Message.Status.FAILED])
def test_what_never_left_the_house_was_asked_of_nobody(application, porch, status):
    porch.messages.update(status=status, sent_at=None)
    assert sweep_on(2026, 7, 1) == 0
    assert description_of(application) == "Rear extension of a house"


def test_a_letter_that_came_back_told_nobody_anything(porch):
    porch.messages.update(status=Message.Status.FAILED)
    assert sweep_on(2026, 7, 1) == 0


def test_the_days_are_counted_from_the_day_on_which_the_letter_left(application, porch):
    goes_out(porch, at=SENT + timedelta(days=5))  # Monday the 8th: five working days end on the 15th
    assert sweep_on(2026, 6, 15) == 0
    assert sweep_on(2026, 6, 16) == 1


def test_a_letter_that_was_sent_again_counts_from_then(application, officer, porch):
    porch.messages.update(status=Message.Status.FAILED, sent_at=None)
    with at(SENT + timedelta(days=12)):  # Monday the 15th
        again = send_again(porch.messages.get(), by=officer)
        Message.objects.filter(pk=again.pk).update(status=Message.Status.SENT, sent_at=timezone.now())
    assert sweep_on(2026, 6, 22) == 0
    assert sweep_on(2026, 6, 23) == 1


def test_a_letter_on_paper_has_the_days_of_the_post_besides(application, officer):
    application.parties.update(email="")
    with at(SENT):
        goes_out(ask(application, "description", by=officer, proposed_description="A porch"))
    assert sweep_on(2026, 6, 12) == 0  # two working days for the post
    assert sweep_on(2026, 6, 13) == 1


def test_an_answer_is_no_silence(application, porch):
    with at(SENT + timedelta(days=2)):
        answer(porch, "disagreed", text="It is no porch.")
    assert sweep_on(2026, 7, 1) == 0
    assert description_of(application) == "Rear extension of a house"


def test_what_was_filled_in_and_not_sent_is_still_silence(application, porch):
    with at(SENT):
        keep_draft(porch, link=link_of(application), draft={"answer": "disagreed", "text": "x"})
    assert sweep_on(2026, 6, 11) == 1


def test_a_request_that_was_withdrawn_is_not_accepted(porch, officer):
    cancel_request(porch, because="Never mind.", by=officer)
    assert sweep_on(2026, 7, 1) == 0


@pytest.mark.parametrize("status", [Status.WITHDRAWN, Status.CLOSED, Status.RETURNED, Status.AWAITING_DETERMINATION])
def test_an_application_that_ended_or_waits_for_its_decision_is_left_alone(application, porch, status):
    day = date(2026, 6, 5)
    PlanningApplication.objects.filter(pk=application.pk).update(
        status=status, withdrawn_on=day, returned_on=day, closed_on=day, valid_from=date(2026, 6, 1)
    )
    assert sweep_on(2026, 7, 1) == 0
    with at("2026-07-01 00:00"):
        assert not accept_silence(porch)
    assert description_of(application) == "Rear extension of a house"


def test_the_list_of_the_silent_is_one_question_and_knows_its_kinds(application, porch, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert list(silent_requests(date(2026, 6, 11))) == [porch]
    assert not silent_requests(date(2026, 6, 10)).exists()


def test_it_is_part_of_the_work_that_falls_due():
    assert silence.sweep in [job for _, job in due_work.JOBS]


def test_silence_says_nothing_while_the_application_was_ended(application, porch, officer, manager):
    with at(SENT + timedelta(days=1)):
        ending.close(application, by=manager, note="Sent twice.")
    assert sweep_on(2026, 6, 20) == 0
    with at("2026-06-22 09:00"):
        ending.reopen(application, by=manager, note="It was not.")
    assert sweep_on(2026, 7, 20) == 0  # the page had said that nothing more was needed: ask again
    assert description_of(application) == "Rear extension of a house"


def test_after_a_reopening_page_letter_and_officers_say_that_silence_counts_no_more(
    application, porch, officer, manager, client
):
    def told() -> tuple[str, str]:
        client.force_login(officer)
        page = client.get(f"/admin/cases/{application.pk}/requests/").content.decode()
        return Applicant(application).reads("applicant_request", porch.number), page

    with at(SENT + timedelta(days=1)):
        for_applicant, for_officer = told()
        assert "we take it that you agree" in for_applicant
        assert "No answer by then counts as agreement" in for_officer
        ending.close(application, by=manager, note="Sent twice.")
        ending.reopen(application, by=manager, note="It was not.")
        application.refresh_from_db()
        for_applicant, for_officer = told()
        remind(application, by=officer)
    assert "we take it that you agree" not in for_applicant
    assert "That no longer holds, because the application has been reopened since" in for_applicant
    assert "counts as agreement" not in for_officer
    assert "No answer changes nothing: the case was reopened after this was sent" in for_officer
    letter = application.messages.get(about="reminder").body
    assert "we take it that you agree" not in letter
    assert "Number 1: what we wrote of no answer no longer holds" in letter
    assert "Nothing is taken as agreed because we have not heard from you." in letter


def test_what_is_asked_anew_after_a_reopening_counts_again(application, porch, officer, manager):
    with at(SENT + timedelta(days=1)):
        ending.close(application, by=manager, note="Sent twice.")
        ending.reopen(application, by=manager, note="It was not.")
        application.refresh_from_db()
        cancel_request(porch, because="Asked anew.", by=officer)
    with at(SENT + timedelta(days=1, hours=1)):
        again = ask(application, "description", by=officer, proposed_description="A porch")
        goes_out(again)
        page = Applicant(application).reads("applicant_request", again.number)
    assert "we take it that you agree" in page
    assert sweep_on(2026, 6, 11) == 0
    assert sweep_on(2026, 6, 12) == 1


def test_letters_that_never_left_do_not_stand_in_the_way_of_the_others(make_application, officer, monkeypatch):
    monkeypatch.setattr(silence, "AT_ONCE", 1)
    with at(SENT):
        ask(make_application("pp.full.householder"), "description", by=officer, proposed_description="A shed")
        told = make_application("pp.full.householder")
        goes_out(ask(told, "description", by=officer, proposed_description="A porch"))
    assert sweep_on(2026, 6, 12) == 1
    assert description_of(told) == "A porch"
