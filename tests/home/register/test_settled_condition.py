"""What an officer writes into a condition once its request is settled is for nobody yet."""

import pytest

from cases.assessment.conditions import change_row
from cases.models import Condition, ValidationRequest
from cases.requests.answers.settling import cancel_request, leave_as_it_was
from cases.statuses import Status
from tests.home.applicants import Applicant, ask

pytestmark = pytest.mark.django_db
Kind = ValidationRequest.Kind
ASKED, DRAFT = "No work starts before drainage is approved.", "No work starts before the planning committee has met."


@pytest.fixture
def assessed(make_application, officer):
    return make_application("pp.full.householder", status=Status.IN_ASSESSMENT, officer=officer)


@pytest.mark.parametrize("how", ["withdrawn", "disagreed"])
def test_the_page_of_a_settled_request_does_not_show_the_words_of_today(assessed, officer, how):
    asked = ask(assessed, Kind.PRE_COMMENCEMENT, by=officer)
    applicant = Applicant(assessed)
    assert ASKED in applicant.reads("applicant_request", asked.number)
    if how == "withdrawn":
        cancel_request(asked, because="We write it anew.", by=officer)
    else:
        applicant.answers(asked, answer="disagreed", text="It is not needed.")
        applicant.sends(asked)
        leave_as_it_was(ValidationRequest.objects.get(pk=asked.pk), because="It is written anew.", by=officer)
    change_row(Condition.objects.get(pk=asked.condition_id), by=officer, text=DRAFT, pre_commencement_reason="Floods.")
    page = applicant.reads("applicant_request", asked.number)
    assert DRAFT not in page
    assert asked.title in page
