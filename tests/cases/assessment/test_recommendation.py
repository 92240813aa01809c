"""The recommendation: what it may be, who makes it, and what is pointed out before sign-off."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError
from django.utils import timezone

from cases.assessment.conditions import add_condition, add_from_library, add_refusal_reason, library
from cases.assessment.permitted_development import LimitAnswer, assess_limits, choose_classes
from cases.assessment.recommendation import newest_recommendation, recommend
from cases.consultation.publicity import record_publicity
from cases.models import Condition, GpdoClass, Policy, Recommendation
from cases.register.published import PUBLIC_FIELDS
from cases.statuses import Decision, Route, Status
from cases.worklists.before_sign_off import remarks
from tests.database import as_owner


@pytest.fixture
def householder(make_application, officer):
    return make_application("pp.full.householder", status=Status.IN_ASSESSMENT, officer=officer)


def words(application, decision) -> str:
    return " | ".join(remark.words for remark in remarks(application, decision=decision))


def stopping(application, decision) -> list[str]:
    return [remark.task for remark in remarks(application, decision=decision) if remark.stops]


def test_the_newest_counts_and_the_status_stays(householder, officer):
    recommend(householder, decision=Decision.REFUSED, summary="Harm.", route=Route.OFFICER, by=officer)
    recommend(householder, decision=Decision.GRANTED, summary=" No harm. ", route=Route.OFFICER, by=officer)
    newest = newest_recommendation(householder)
    assert (newest.decision, newest.summary, newest.by) == (Decision.GRANTED, "No harm.", officer)
    householder.refresh_from_db()
    # Nothing of it stands on the application, whose fields the public reads.
    assert (householder.status, householder.decision, householder.route) == (Status.IN_ASSESSMENT, "", Route.OFFICER)
    assert "recommendations" not in PUBLIC_FIELDS


@pytest.mark.parametrize(
    ("faulty", "field"),
    [
        ({"decision": Decision.LDC_GRANTED}, "decision"),  # not a householder decision
        ({"decision": ""}, "decision"),
        ({"summary": "  "}, "summary"),
        ({"route": "lottery"}, "route"),
    ],
)
def test_what_it_cannot_be(householder, officer, faulty, field):
    facts = {"decision": Decision.GRANTED, "summary": "No harm.", "route": Route.OFFICER, **faulty}
    with pytest.raises(ValidationError) as refusal:
        recommend(householder, by=officer, **facts)
    assert field in refusal.value.error_dict
    assert not householder.recommendations.exists()


def test_who_and_when(householder, make_application, officer, support_officer, reader, other_officer, superuser):
    facts = {"decision": Decision.GRANTED, "summary": "No harm.", "route": Route.OFFICER}
    for user in (support_officer, reader, other_officer, superuser):
        with pytest.raises(PermissionDenied):
            recommend(householder, by=user, **facts)
    waiting = make_application("pp.full.householder", status=Status.AWAITING_DETERMINATION)
    with pytest.raises(PermissionDenied):
        recommend(waiting, by=officer, **facts)


def test_a_recommendation_is_never_rewritten(householder, officer):
    recommend(householder, decision=Decision.GRANTED, summary="No harm.", route=Route.OFFICER, by=officer)
    with pytest.raises(IntegrityError), as_owner():
        Recommendation.objects.filter(application=householder).update(decision=Decision.REFUSED)


class TestRemarks:
    def test_publicity_that_still_runs_stops(self, householder, officer):
        today = timezone.localdate()
        record_publicity(householder, kind="site_notice", begins_on=today - timedelta(days=2), by=officer)
        assert stopping(householder, Decision.GRANTED) == ["publicity"]

    def test_publicity_that_ended_does_not(self, householder, officer):
        record_publicity(householder, kind="site_notice", begins_on=date(2026, 6, 3), by=officer)
        assert stopping(householder, Decision.GRANTED) == []

    def test_a_refusal_needs_reasons_that_name_the_development_plan(self, householder, officer, authority):
        assert stopping(householder, Decision.REFUSED) == ["refusal_reasons"]
        national = Policy.objects.filter(authority=None).first()
        reason = add_refusal_reason(householder, title="Harm", text="x", policies=[national], by=officer)
        assert "development plan" in words(householder, Decision.REFUSED)
        reason.policies.add(
            Policy.objects.create(authority=authority, slug="d", plan="P", title="T", is_development_plan=True)
        )
        assert stopping(householder, Decision.REFUSED) == []

    def test_a_refused_certificate_needs_reasons_and_no_policies(self, make_application, officer):
        certificate = make_application("ldc.proposed", status=Status.IN_ASSESSMENT)
        assert stopping(certificate, Decision.LDC_REFUSED) == ["refusal_reasons"]
        add_refusal_reason(certificate, title="Too deep", text="x", by=officer)
        assert stopping(certificate, Decision.LDC_REFUSED) == []

    def test_a_conditional_grant_needs_conditions_and_the_usual_two_are_missed(self, householder, officer):
        assert stopping(householder, Decision.GRANTED_WITH_CONDITIONS) == ["conditions"]
        own = library(householder, Condition).filter(type="compliance").first()
        add_from_library(householder, kind=Condition, standards=[own], by=officer)
        assert stopping(householder, Decision.GRANTED_WITH_CONDITIONS) == []
        assert words(householder, Decision.GRANTED_WITH_CONDITIONS).count("There is no condition of the kind") == 2

    def test_a_condition_before_work_that_nobody_agreed_to(self, householder, officer):
        add_condition(
            householder,
            title="Drains",
            text="x",
            reason="y",
            type="pre_commencement",
            pre_commencement_reason="z",
            by=officer,
        )
        assert "agreed in writing" in words(householder, Decision.GRANTED_WITH_CONDITIONS)

    def test_a_limit_that_fails_does_not_go_with_a_certificate(self, make_application, officer):
        certificate = make_application("ldc.proposed", status=Status.IN_ASSESSMENT)
        porch = GpdoClass.objects.get(code="part1.classD")
        choose_classes(certificate, classes=[porch], by=officer)
        assess_limits(certificate, answers={porch.limits.first().pk: LimitAnswer("fails")}, by=officer)
        assert "the limit is not kept" in words(certificate, Decision.LDC_GRANTED)
        assert "the limit is not kept" not in words(certificate, Decision.LDC_REFUSED)

    def test_unfinished_tasks_are_named(self, householder):
        assert "Site visit: nobody has looked at it." in words(householder, Decision.GRANTED)

    def test_queries_do_not_grow_with_rows(self, householder, officer, django_assert_max_num_queries):
        def count() -> int:
            with django_assert_max_num_queries(40) as captured:
                remarks(householder, decision=Decision.GRANTED_WITH_CONDITIONS)
            return len(captured.captured_queries)

        add_condition(householder, title="One", text="x", reason="y", by=officer)
        with_one = count()
        for n in range(3):
            add_condition(householder, title=str(n), text="x", reason="y", by=officer)
            add_refusal_reason(householder, title=str(n), text="x", by=officer)
        assert count() <= with_one
