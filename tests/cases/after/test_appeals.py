"""Appeals: on what grounds, when, and what came of them. They never change the case's status."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from cases.after.appeals import appeal_window, possible_grounds, record_appeal, record_appeal_outcome
from cases.models import Appeal
from cases.statuses import Decision, Origin, Status


@pytest.fixture
def decided(make_application):
    """decided("pp.full.householder", Decision.REFUSED): decided on 20 July 2026, as imported registers are."""

    def make(type_code, decision):
        return make_application(
            type_code, status=Status.DETERMINED, origin=Origin.IMPORTED, decision=decision, decided_on=date(2026, 7, 20)
        )

    return make


def test_an_appeal_against_refusal_is_lodged_and_decided(decided, officer):
    application = decided("pp.full.householder", Decision.REFUSED)
    appeal = record_appeal(
        application, ground="refusal", lodged_on=date(2026, 9, 1), reference=" APP/X0415/D/26/1 ", by=officer
    )
    assert appeal.reference == "APP/X0415/D/26/1"
    record_appeal_outcome(appeal, outcome="dismissed", decided_on=date(2026, 9, 21), by=officer)
    application.refresh_from_db()
    assert application.status == Status.DETERMINED
    kinds = list(application.events.order_by("sequence").values_list("kind", flat=True))
    assert kinds[-2:] == ["appeal_lodged", "appeal_decided"]


def test_the_ground_must_fit_the_decision(decided, officer):
    granted = decided("pp.full.householder", Decision.GRANTED_WITH_CONDITIONS)
    assert possible_grounds(granted) == [Appeal.Ground.CONDITIONS]
    for ground in ("refusal", "non_determination", "spite"):
        with pytest.raises(ValidationError) as refusal:
            record_appeal(granted, ground=ground, lodged_on=date(2026, 9, 1), by=officer)
        assert "ground" in refusal.value.error_dict
    assert not granted.appeals.exists()


def test_for_want_of_a_decision_only_after_the_last_day(make_application, officer):
    application = make_application("pp.full.householder", status=Status.IN_ASSESSMENT)  # due on 27 July 2026
    with pytest.raises(ValidationError, match="27 July 2026"):
        record_appeal(application, ground="non_determination", lodged_on=date(2026, 7, 27), by=officer)
    assert record_appeal(application, ground="non_determination", lodged_on=date(2026, 7, 28), by=officer).pk


def test_one_open_appeal_on_a_ground(decided, officer):
    application = decided("pp.full.householder", Decision.REFUSED)
    appeal = record_appeal(application, ground="refusal", lodged_on=date(2026, 9, 1), by=officer)
    with pytest.raises(ValidationError, match="open already"):
        record_appeal(application, ground="refusal", lodged_on=date(2026, 9, 2), by=officer)
    record_appeal_outcome(appeal, outcome="withdrawn", decided_on=date(2026, 9, 3), by=officer)
    assert record_appeal(application, ground="refusal", lodged_on=date(2026, 9, 4), by=officer).pk


@pytest.mark.parametrize("days", [-40, 1])
def test_lodged_before_the_decision_or_after_today_is_a_slip(decided, officer, days):
    application = decided("pp.full.householder", Decision.REFUSED)
    lodged_on = application.decided_on + timedelta(days=days) if days < 0 else timezone.localdate() + timedelta(days)
    with pytest.raises(ValidationError) as refusal:
        record_appeal(application, ground="refusal", lodged_on=lodged_on, by=officer)
    assert "lodged_on" in refusal.value.error_dict


def test_an_outcome_cannot_come_before_the_appeal(decided, officer):
    application = decided("pp.full.householder", Decision.REFUSED)
    appeal = record_appeal(application, ground="refusal", lodged_on=date(2026, 9, 1), by=officer)
    with pytest.raises(ValidationError):
        record_appeal_outcome(appeal, outcome="allowed", decided_on=date(2026, 8, 31), by=officer)
    appeal.refresh_from_db()
    assert appeal.outcome == ""


def test_who_may(decided, make_application, officer, support_officer, reader, other_officer):
    application = decided("pp.full.householder", Decision.REFUSED)
    for user in (support_officer, reader, other_officer):
        with pytest.raises(PermissionDenied):
            record_appeal(application, ground="refusal", lodged_on=date(2026, 9, 1), by=user)
    withdrawn = make_application("pp.full.householder", status=Status.WITHDRAWN)
    with pytest.raises(PermissionDenied):
        record_appeal(withdrawn, ground="non_determination", lodged_on=date(2026, 9, 1), by=officer)


def test_how_long_an_appeal_can_be_made(decided, make_application):
    householder = decided("pp.full.householder", Decision.REFUSED)
    assert appeal_window(householder, "refusal").closes_on == date(2026, 10, 12)  # 12 weeks
    assert appeal_window(householder, "conditions").closes_on == date(2027, 1, 20)  # six months
    assert appeal_window(decided("advertConsent", Decision.REFUSED), "refusal").closes_on == date(
        2026, 9, 14
    )  # 8 weeks
    assert appeal_window(decided("ldc.proposed", Decision.LDC_REFUSED), "refusal") is None  # no limit: s. 195
    undecided = make_application("pp.full.householder", status=Status.IN_ASSESSMENT)
    assert appeal_window(undecided, "non_determination") == (date(2026, 7, 28), date(2027, 1, 27))
