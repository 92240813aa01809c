"""Referral to committee and what it resolved."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from cases.decision.committee import change_committee_date, record_resolution, send_to_committee
from cases.lifecycle import StepNotAllowed, apply_step
from cases.statuses import Decision, Resolution, Route, Status

MEETING = date(2026, 7, 15)


@pytest.fixture
def waiting(make_application, officer):
    return make_application(
        "pp.full.major",
        status=Status.AWAITING_DETERMINATION,
        officer=officer,
        recommended=Decision.GRANTED_WITH_CONDITIONS,
        recommended_by=officer,
    )


@pytest.fixture
def at_committee(waiting, manager):
    send_to_committee(waiting, committee_on=MEETING, by=manager)
    return waiting


def test_the_case_goes_to_committee_with_its_day(waiting, manager):
    send_to_committee(waiting, committee_on=MEETING, by=manager, note="Called in")
    waiting.refresh_from_db()
    assert (waiting.status, waiting.committee_on, waiting.route) == (Status.IN_COMMITTEE, MEETING, Route.COMMITTEE)
    assert waiting.events.order_by("sequence").last().kind == "send_to_committee"


def test_only_from_sign_off_and_only_by_a_manager(make_application, waiting, officer, manager, other_officer):
    for user in (officer, other_officer):
        with pytest.raises(PermissionDenied):
            send_to_committee(waiting, committee_on=MEETING, by=user)
    assessed = make_application("pp.full.major", status=Status.IN_ASSESSMENT)
    with pytest.raises(StepNotAllowed):
        send_to_committee(assessed, committee_on=MEETING, by=manager)


def test_a_meeting_before_the_application_was_valid_is_a_slip(waiting, manager):
    with pytest.raises(ValidationError):
        send_to_committee(waiting, committee_on=date(2025, 7, 15), by=manager)
    waiting.refresh_from_db()
    assert waiting.status == Status.AWAITING_DETERMINATION


def test_the_resolution_is_recorded_and_decides_nothing(at_committee, manager):
    record_resolution(at_committee, resolution=Resolution.GRANT, note="", by=manager)
    at_committee.refresh_from_db()
    assert at_committee.committee_resolution == Resolution.GRANT
    assert (at_committee.status, at_committee.decision) == (Status.IN_COMMITTEE, "")
    event = at_committee.events.order_by("sequence").last()
    assert (event.kind, event.data["resolution"]) == ("committee_resolved", "grant")


def test_a_committee_that_goes_against_the_recommendation_gives_reasons(at_committee, manager):
    with pytest.raises(ValidationError, match="reasons"):
        record_resolution(at_committee, resolution=Resolution.REFUSE, note=" ", by=manager)
    record_resolution(at_committee, resolution=Resolution.REFUSE, note="Harm to the street scene.", by=manager)
    at_committee.refresh_from_db()
    assert at_committee.committee_note == "Harm to the street scene."


def test_deferred_to_another_meeting(at_committee, manager):
    record_resolution(at_committee, resolution=Resolution.DEFER, note="For a site visit", by=manager)
    change_committee_date(at_committee, committee_on=date(2026, 8, 12), by=manager)
    at_committee.refresh_from_db()
    assert (at_committee.status, at_committee.committee_on) == (Status.IN_COMMITTEE, date(2026, 8, 12))


def test_no_resolution_before_the_meeting(waiting, manager):
    send_to_committee(waiting, committee_on=timezone.localdate() + timedelta(days=7), by=manager)
    with pytest.raises(ValidationError, match="meets only on"):
        record_resolution(waiting, resolution=Resolution.GRANT, note="", by=manager)


def test_nor_where_the_case_is_not_at_committee_nor_by_an_officer(waiting, at_committee, officer, other_officer):
    for user in (officer, other_officer):
        with pytest.raises(PermissionDenied):
            record_resolution(at_committee, resolution=Resolution.GRANT, note="", by=user)


def test_not_at_committee_no_resolution(make_application, manager):
    assessed = make_application("pp.full.major", status=Status.AWAITING_DETERMINATION)
    with pytest.raises(PermissionDenied):
        record_resolution(assessed, resolution=Resolution.GRANT, note="", by=manager)


def test_an_earlier_meetings_resolution_does_not_count_for_a_second_referral(at_committee, manager, officer):
    record_resolution(at_committee, resolution=Resolution.GRANT, note="", by=manager)
    apply_step(at_committee, "send_back", by=manager, note="The plans changed")
    apply_step(at_committee, "submit", by=officer)
    send_to_committee(at_committee, committee_on=date(2026, 9, 9), by=manager)
    at_committee.refresh_from_db()
    assert at_committee.committee_resolution == ""
