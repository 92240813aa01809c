"""A condition that nobody answered about may be imposed, and nothing calls that an agreement (SI 2018/566 reg. 2)."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from cases.assessment.conditions import change_row
from cases.assessment.pre_commencement import Basis, basis_of, conditions_not_agreed
from cases.assessment.recommendation import recommend
from cases.models import Condition
from cases.requests.answers.settling import record_reply
from cases.statuses import Decision, Status
from cases.worklists.before_sign_off import remarks
from notices.correspondence import silence
from notices.drafting.particulars import particulars_of
from notices.drafting.report import report_html
from notices.models import Message
from tests.cases.asking import ask
from tests.clock import at, moment
from tests.home.applicants import Applicant

pytestmark = pytest.mark.django_db
SENT = moment("2026-06-03 10:00")  # a Wednesday: ten working days end on the 17th
UNTIL = date(2026, 6, 17)


@pytest.fixture
def case(make_application):
    return make_application("pp.full.householder", status=Status.IN_ASSESSMENT)


@pytest.fixture
def drains(case) -> Condition:
    return Condition.objects.create(
        application=case,
        title="Drains",
        text="No work starts before drains are approved.",
        reason="Floods.",
        pre_commencement_reason="They lie below.",
        type="pre_commencement",
    )


@pytest.fixture
def asked(case, drains, officer):
    with at(SENT):
        request = ask(case, "pre_commencement", by=officer, condition=drains, what_to_send="")
        request.messages.update(status=Message.Status.SENT, sent_at=SENT)
    return request


def let_pass(*, until: date = UNTIL) -> None:
    with at(until + timedelta(days=1)):
        assert silence.sweep() == 1


def is_remarked_on(case) -> bool:
    return any("100ZA(5)" in remark.words for remark in remarks(case, decision=Decision.GRANTED_WITH_CONDITIONS))


def test_the_condition_says_by_when_nobody_answered_and_that_nobody_agreed(case, drains, asked, client, officer):
    assert not basis_of(drains).stands
    let_pass()
    drains.refresh_from_db()
    assert drains.agreed_on is None
    assert basis_of(drains) == Basis(no_answer_by=UNTIL, request_number=asked.number)
    client.force_login(officer)
    page = client.get(reverse("case_task", args=[case.pk, "conditions"])).content.decode()
    assert "No answer came by 17 June 2026, so it may be imposed without the applicant&#x27;s agreement" in page
    assert "agreed in writing on" not in page
    assert f"Open request {asked.number}" in page
    requests = client.get(reverse("case_requests", args=[case.pk])).content.decode()
    assert "No answer came by 17 June 2026, so the condition may be imposed" in requests


def test_every_check_of_the_decision_asks_the_same(case, drains, asked):
    assert is_remarked_on(case)
    assert list(conditions_not_agreed(case)) == [drains]
    assert particulars_of(case, "granted")["conditions"][0]["no_answer_by"] is None
    let_pass()
    assert not is_remarked_on(case)
    assert not conditions_not_agreed(case).exists()
    told = particulars_of(case, "granted")["conditions"][0]
    assert (told["agreed_on"], told["no_answer_by"]) == (None, "2026-06-17")


def test_the_report_tells_the_ground_of_each(case, drains, asked, officer):
    Condition.objects.create(
        application=case, title="Trees", text="x", reason="y", type="pre_commencement", agreed_on=date(2026, 6, 9)
    )
    let_pass()
    case.refresh_from_db()
    recommend(case, decision=Decision.GRANTED_WITH_CONDITIONS, summary="It fits.", route="officer", by=officer)
    html = report_html(case, for_public=True)
    assert "No answer came by 17 June 2026" in html
    assert "agreed in writing on 9 June 2026" in html


def test_the_day_is_the_one_on_which_the_time_really_ended(drains, asked):
    asked.messages.update(sent_at=SENT + timedelta(days=5))  # Monday the 8th: ten working days end on the 22nd
    let_pass(until=date(2026, 6, 22))
    assert basis_of(drains).no_answer_by == date(2026, 6, 22)
    asked.refresh_from_db()
    assert asked.due_on == date(2026, 6, 22)


def test_other_words_are_not_those_that_nobody_answered(drains, asked, officer):
    let_pass()
    change_row(drains, by=officer, text="No work starts before drains and trees are approved.")
    assert not basis_of(Condition.objects.get(pk=drains.pk)).stands


def test_an_agreement_that_was_taken_back_is_no_silence(drains, asked, officer):
    record_reply(asked, by=officer, arrived_on=date(2026, 6, 4))
    drains.refresh_from_db()
    assert basis_of(drains) == Basis(agreed_on=date(2026, 6, 4))
    change_row(drains, by=officer, agreed_on=None)
    drains = Condition.objects.get(pk=drains.pk)
    assert not basis_of(drains).stands
    assert list(conditions_not_agreed(drains.application)) == [drains]


def test_the_letter_and_the_page_do_not_tell_the_applicant_that_they_agreed(case, asked):
    let_pass()
    (letter,) = case.messages.filter(requests=asked).exclude(about="requests_sent")
    assert "impose it without your agreement" in letter.body
    assert "you agree" not in letter.subject + letter.body
    page = Applicant(case).reads("applicant_request", asked.number)
    assert "There was no answer by Wednesday 17 June 2026" in page
    assert "may set the condition without your agreement" in page
    assert "counts as agreed" not in page
    assert "Accepted" not in page
    assert "No answer" in page
    assert "No work starts before drains are approved." in page


def test_before_it_happens_the_page_says_what_will(case, asked):
    with at(SENT + timedelta(days=1)):
        page = Applicant(case).reads("applicant_request", asked.number)
    assert "If you do not answer by Wednesday 17 June 2026, we may set this condition without your agreement." in page
