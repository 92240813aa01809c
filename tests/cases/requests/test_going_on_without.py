"""Going on without what was asked: called by its name for each kind, with its reason, and told as it is."""

import pytest
from django.utils import timezone

from cases.lifecycle import StepNotAllowed
from cases.models import ValidationRequest
from cases.requests.answers.going_on_without import going_on_without, what_it_does
from cases.requests.answers.settling import accept_answer, leave_as_it_was
from cases.statuses import Status
from cases.validation.checklist import Standing, checklist, propose
from cases.validation.validity import invalidate
from tests.cases.asking import answer, ask, link_of
from tests.home.applicants import Applicant

pytestmark = pytest.mark.django_db
Kind = ValidationRequest.Kind


@pytest.fixture
def application(make_application):
    return make_application("pp.full.householder")


@pytest.mark.parametrize("kind", Kind.values)
def test_every_kind_says_what_is_done_what_it_does_and_how_it_ended(application, kind):
    request = ValidationRequest(application=application, kind=kind)
    words = going_on_without(request)
    assert all([words.deed, words.done, words.told, words.effect])
    assert what_it_does(request).startswith(words.effect)
    # “Leave it as it was” can be said only of what is there.
    assert words.deed.startswith("Leave") is (kind in {Kind.DESCRIPTION, Kind.RED_LINE})


def test_a_missing_document_is_gone_on_without(application, officer, client):
    request = ask(application, "additional_document", by=officer, title="Roof plan missing")
    answer(request, "disagreed", text="The roof is flat.")
    client.force_login(officer)
    page = f"/admin/cases/{application.pk}/tasks/send_validation_decision/"
    before = client.get(page).content.decode()
    assert "Go on without it" in before
    assert "Leave it as it was" not in before
    assert "It no longer stands in the way of the application being valid" in before
    post = {"action": "leave", "row": "1", "leave-1-because": "The elevations show it."}
    assert "We went on without it." in client.post(page, post, follow=True).content.decode()
    assert "We went on without it: The elevations show it." in client.get(page).content.decode()
    told = Applicant(application).reads()
    assert "You did not agree. This was settled on" in told
    assert "the council goes on without it." in told
    assert "The elevations show it." not in told  # the officer's own words


def test_who_answered_something_else_is_not_told_that_they_did_not_agree(application, officer):
    request = ask(application, "other", by=officer)
    answer(request, "replied", text="I have no such thing.")
    leave_as_it_was(request, because="It is not needed.", by=officer)
    told = Applicant(application).reads()
    assert "the council goes on without it." in told
    assert "You did not agree" not in told


def test_the_checklist_keeps_the_item_to_be_looked_at_and_says_why(application, officer):
    item = next(row for row in checklist(application) if row.standing == Standing.MISSING)
    (request,) = propose(application, by=officer, requirements=[item.requirement])
    ValidationRequest.objects.filter(pk=request.pk).update(text="It is not there.", what_to_send="Send it.")
    invalidate(application, by=officer)
    request.refresh_from_db()
    assert "The checklist keeps the item as one to look at" in what_it_does(request)
    answer(request, "disagreed", text="No.", link=link_of(application))
    leave_as_it_was(request, because="Not needed.", by=officer)
    (now,) = [row for row in checklist(application) if row.requirement == item.requirement]
    assert now.standing == Standing.LOOK
    assert now.words == f"Asked for in request {request.number}. {going_on_without(request).done}."
    again = [row.requirement for row in propose(application, by=officer)]
    assert item.requirement not in again


def test_what_was_asked_by_hand_promises_nothing_of_the_checklist(application, officer):
    request = ask(application, "additional_document", by=officer)
    assert "checklist" not in what_it_does(request)


def test_on_a_valid_application_no_date_moves_and_validity_is_no_matter(make_application, officer):
    valid = make_application("pp.full.householder", status=Status.IN_ASSESSMENT)
    request = ask(valid, "heads_of_terms", by=officer, what_to_send="")
    assert what_it_does(request) == "Nothing changes on the case. No date moves."


def test_a_disagreement_cannot_be_accepted_and_the_other_way_is_named(application, officer):
    request = ask(application, "fee", by=officer)
    answer(request, "disagreed", text="It is paid.")
    with pytest.raises(StepNotAllowed, match="Go on with the fee as paid, withdraw the request, or ask again"):
        accept_answer(request, by=officer, arrived_on=timezone.localdate())
