"""What must not happen to requests: an officer and an applicant at once, days that are not so, numbers without end."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from cases.assessment.conditions import remove_row
from cases.lifecycle import StepNotAllowed
from cases.models import Condition, ValidationRequest
from cases.places.geometry import BadGeometry, read_boundary
from cases.requests.answers.settling import accept_answer, ask_again, cancel_request, record_reply
from cases.requests.raising import drop_request
from cases.statuses import Status
from tests.cases.asking import LINE, answer, ask
from tests.clock import later

Outcome = ValidationRequest.Outcome


@pytest.fixture
def application(make_application):
    return make_application("pp.full.householder")


@pytest.mark.django_db
def test_a_follow_up_of_which_only_one_may_be_open_can_be_dropped_again(application, officer):
    asked = answer(ask(application, "red_line", by=officer), "replied", boundary=LINE)
    follow_up = ask_again(asked, by=officer, title="Again", text="Not enough.", what_to_send="A line.")
    drop_request(follow_up, by=officer)
    asked.refresh_from_db()
    assert (asked.state, asked.outcome) == ("answered", "")


@pytest.mark.django_db
def test_what_was_answered_meanwhile_is_not_overwritten_by_what_came_by_post(application, officer):
    asked = ask(application, "description", by=officer, proposed_description="A porch")
    answer(asked, "disagreed", text="It is no porch.")
    with pytest.raises(StepNotAllowed, match="has answered"):
        record_reply(asked, by=officer, arrived_on=timezone.localdate())
    asked.refresh_from_db()
    assert (asked.answer, asked.outcome) == ("disagreed", "")
    application.refresh_from_db()
    assert application.description == "Rear extension of a house"


@pytest.mark.django_db
def test_files_sent_meanwhile_are_looked_at_and_not_passed_over(application, officer):
    asked = ask(application, "other", by=officer)
    answer(asked, "replied", text="Here it is.")
    with pytest.raises(StepNotAllowed, match="has answered"):
        record_reply(asked, by=officer, arrived_on=timezone.localdate())


@pytest.mark.django_db
def test_nobody_agrees_before_they_were_asked(application, officer):
    with later(days=9):
        asked = ask(application, "description", by=officer, proposed_description="A porch")
        with pytest.raises(ValidationError, match="before"):
            record_reply(asked, by=officer, arrived_on=timezone.localdate() - timedelta(days=1))
        record_reply(asked, by=officer, arrived_on=timezone.localdate())


@pytest.mark.django_db
def test_a_condition_was_agreed_on_the_day_of_the_answer_and_not_of_the_look_at_it(make_application, officer):
    application = make_application("pp.full.householder", status=Status.IN_ASSESSMENT)
    condition = Condition.objects.create(
        application=application,
        title="Materials",
        text="Samples first.",
        reason="Looks.",
        type="pre_commencement",
    )
    asked = ask(application, "pre_commencement", by=officer, condition=condition, what_to_send="")
    type(application).objects.filter(pk=application.pk).update(status=Status.AWAITING_DETERMINATION)
    answer(asked, "agreed")  # it waits: nothing takes effect while the case is with the manager
    answered_on = timezone.localdate()
    type(application).objects.filter(pk=application.pk).update(status=Status.TO_BE_REVIEWED)
    with later(days=6):
        accept_answer(asked, by=officer)
    condition.refresh_from_db()
    assert condition.agreed_on == answered_on


@pytest.mark.django_db
def test_a_condition_is_not_taken_away_while_the_applicant_is_asked_about_it(make_application, officer):
    application = make_application("pp.full.householder", status=Status.IN_ASSESSMENT)
    condition = Condition.objects.create(
        application=application,
        title="Materials",
        text="Samples first.",
        reason="Looks.",
        type="pre_commencement",
    )
    asked = ask(application, "pre_commencement", by=officer, condition=condition, what_to_send="")
    with pytest.raises(ValidationError, match="Request 1"):
        remove_row(condition, by=officer)
    cancel_request(asked, because="We leave it out.", by=officer)
    remove_row(condition, by=officer)


def test_a_number_too_long_for_a_float_is_no_place():
    with pytest.raises(BadGeometry):
        read_boundary({"type": "Polygon", "coordinates": [[[10**400, 51], [0, 51], [0, 52]]]})
