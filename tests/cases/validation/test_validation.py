"""Valid from the day on which the last item came: never from the day on which somebody looked."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from cases.application.dates import dates_from
from cases.lifecycle import StepNotAllowed
from cases.models import ExtensionOfTime
from cases.requests.answers.settling import cancel_request, record_reply
from cases.requests.raising import draft_request
from cases.statuses import Status
from cases.validation import validity

pytestmark = pytest.mark.django_db
RECEIVED = date(2026, 6, 1)
WORDS = {"kind": "fee", "title": "Fee too low", "text": "£290 are missing.", "what_to_send": "Please pay £290."}


@pytest.fixture
def application(make_application):
    return make_application("pp.full.householder", received_on=RECEIVED)


def raised(application, by):
    return draft_request(application, by=by, **WORDS)


def test_an_application_that_was_complete_is_valid_from_receipt_however_late_it_is_checked(application, officer):
    validity.validate(application, by=officer)
    application.refresh_from_db()
    assert application.status == Status.IN_ASSESSMENT
    assert application.valid_from == RECEIVED
    assert application.validated_on == timezone.localdate()
    assert application.statutory_expiry_on == application.expires_on == RECEIVED + timedelta(days=56)


def test_the_day_of_the_last_remedy_counts_and_not_that_of_the_check(application, officer):
    first, last = raised(application, officer), raised(application, officer)
    validity.invalidate(application, by=officer)
    record_reply(last, arrived_on=date(2026, 7, 9), by=officer)
    record_reply(first, arrived_on=date(2026, 7, 2), by=officer)
    validity.validate(application, by=officer)
    application.refresh_from_db()
    assert application.valid_from == date(2026, 7, 9)
    assert application.expires_on == date(2026, 9, 3)


def test_a_fault_that_was_none_does_not_move_the_day(application, officer):
    request = raised(application, officer)
    cancel_request(request, because="The fee had come.", by=officer)
    validity.validate(application, by=officer)
    assert application.valid_from == RECEIVED


def test_eia_development_has_its_longer_period(application, officer):
    type(application).objects.filter(pk=application.pk).update(is_eia=True)
    application.refresh_from_db()
    application.application_type.eia_period_days = 112
    dates = dates_from(application, RECEIVED)
    assert dates.statutory_expiry_on == RECEIVED + timedelta(days=112)


def test_what_was_agreed_before_is_kept_and_never_shortens_the_period(application, officer):
    for until in (RECEIVED + timedelta(days=10), RECEIVED + timedelta(days=90)):
        ExtensionOfTime.objects.create(
            application=application,
            agreed_until=until,
            agreed_with="Agent",
            agreed_in_writing_on=RECEIVED,
            evidence="E-mail",
            by=officer,
        )
    dates = dates_from(application, RECEIVED)
    assert dates.statutory_expiry_on == RECEIVED + timedelta(days=56)
    assert dates.expires_on == RECEIVED + timedelta(days=90)


def test_another_day_must_be_later_past_and_explained(application, officer):
    for day, note, field in (
        (RECEIVED - timedelta(days=1), "why", "valid_from"),
        (timezone.localdate() + timedelta(days=1), "why", "valid_from"),
        (RECEIVED + timedelta(days=1), " ", "note"),
    ):
        with pytest.raises(ValidationError) as refusal:
            validity.validate(application, valid_from=day, note=note, by=officer)
        assert field in refusal.value.message_dict
    validity.validate(application, valid_from=RECEIVED + timedelta(days=1), note="The fee came by phone.", by=officer)
    assert application.valid_from == RECEIVED + timedelta(days=1)
    assert application.events.get(kind="validate").data["computed_valid_from"] == "2026-06-01"


def test_a_valid_application_stands_on_the_register_and_an_advice_request_does_not(make_application, officer):
    application = make_application("pp.full.householder")
    validity.validate(application, by=officer)
    application.refresh_from_db()
    assert application.published_at
    assert application.events.filter(kind="published").exists()
    advice = make_application("preApp")
    validity.validate(advice, by=officer)
    advice.refresh_from_db()
    assert advice.published_at is None


def test_an_invalid_application_has_no_period_and_its_faults_are_sent(make_application, officer):
    application = make_application(status=Status.IN_ASSESSMENT)
    request = raised(application, officer)
    validity.invalidate(application, by=officer)
    application.refresh_from_db()
    request.refresh_from_db()
    assert application.status == Status.INVALIDATED
    assert (application.valid_from, application.statutory_expiry_on, application.expires_on) == (None, None, None)
    assert request.sent_at
    assert application.events.get(kind="invalidate").data["requests"] == [request.pk]


def test_a_remedy_arrives_between_receipt_and_today(application, officer):
    request = raised(application, officer)
    for day in (RECEIVED - timedelta(days=1), timezone.localdate() + timedelta(days=1)):
        with pytest.raises(ValidationError):
            record_reply(request, arrived_on=day, by=officer)
    request.refresh_from_db()
    assert request.is_open


def test_a_fault_is_settled_once(application, officer):
    request = raised(application, officer)
    record_reply(request, arrived_on=RECEIVED, by=officer)
    with pytest.raises(StepNotAllowed, match="settled already"):
        cancel_request(request, because="No.", by=officer)


def test_only_who_works_cases_of_this_council_says_what_is_wrong(application, reader, other_officer, administrator):
    for user in (reader, other_officer, administrator):
        with pytest.raises(PermissionDenied):
            raised(application, user)
    assert application.validation_requests.count() == 0


def test_taking_off_the_register_needs_a_reason(make_application, officer):
    application = make_application(status=Status.IN_ASSESSMENT, published_at=timezone.now())
    with pytest.raises(ValidationError):
        validity.unpublish(application, because="", by=officer)
    validity.unpublish(application, because="A signature was visible.", by=officer)
    application.refresh_from_db()
    assert application.published_at is None
    assert application.events.get(kind="unpublished").data == {"because": "A signature was visible."}


def test_what_is_not_valid_is_not_published(application, officer):
    with pytest.raises(StepNotAllowed):
        validity.publish(application, by=officer)


def test_what_was_taken_off_the_register_is_put_back_only_by_hand(application, officer):
    validity.validate(application, by=officer)
    validity.unpublish(application, because="A telephone number stands in the description.", by=officer)
    raised(application, officer)
    validity.invalidate(application, by=officer)
    for request in application.validation_requests.all():
        cancel_request(request, because="It was none.", by=officer)
    validity.validate(application, by=officer)
    application.refresh_from_db()
    assert application.published_at is None
    validity.publish(application, by=officer)
    application.refresh_from_db()
    assert application.published_at
