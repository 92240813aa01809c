"""Fixtures of the tests of notices: a case on its way to a decision."""

from collections.abc import Callable

import pytest

from accounts.models import User
from cases.models import GpdoClass, PlanningApplication, Recommendation
from cases.statuses import Decision, Status
from notices.models import DecisionNotice
from notices.signoff.drafting import draft_notice
from notices.signoff.submitting import submit_for_sign_off


@pytest.fixture
def recommended(make_application, officer) -> Callable[..., PlanningApplication]:
    """recommended("ldc.proposed", "ldc_granted", by=officer) → a case in assessment with that recommendation."""

    def make(
        type_code: str = "ldc.proposed", decision: str = Decision.LDC_GRANTED, *, by: User = officer, **fields
    ) -> PlanningApplication:
        application = make_application(type_code, status=Status.IN_ASSESSMENT, officer=by, **fields)
        if application.application_type.assessment_kind == "gpdo":
            application.class_assessments.create(gpdo_class=GpdoClass.objects.get(code="part1.classA"))
        Recommendation.objects.create(application=application, decision=decision, summary="It keeps the limits.", by=by)
        return application

    return make


@pytest.fixture
def submitted(recommended, officer) -> Callable[..., DecisionNotice]:
    """submitted() → a notice that waits for its sign-off, drafted and submitted by `officer`."""

    def make(*args, by: User = officer, **fields) -> DecisionNotice:
        application = recommended(*args, by=by, **fields)
        notice = draft_notice(application, by=by)
        return submit_for_sign_off(notice, by=by)

    return make
