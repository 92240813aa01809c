"""The decision on the register: what was issued, and only from then on."""

from datetime import date

import pytest
from django.utils import timezone

from cases.models import Recommendation
from cases.statuses import Decision, Status
from notices.drafting.templates import load_notice_templates
from notices.signoff.approving import approve
from notices.signoff.drafting import draft_notice
from notices.signoff.submitting import submit_for_sign_off

LIST = "/planning-applications/"


@pytest.fixture
def waiting(make_public, officer, authority):
    """A case with its notice waiting for sign-off, conditions and a reason for refusal drafted."""

    def make(type_code: str, decision: Decision, **fields):
        load_notice_templates()
        application = make_public(type_code, officer=officer, received_on=date(2026, 6, 1), **fields)
        application.conditions.create(
            title="Materials", text="Bricks shall match the house.", reason="For its looks.", type="compliance"
        )
        application.refusal_reasons.create(title="Too high", text="The eaves are higher than 3 metres.")
        Recommendation.objects.create(application=application, decision=decision, summary="Private advice.", by=officer)
        notice = draft_notice(application, by=officer)
        return application, submit_for_sign_off(notice, by=officer)

    return make


def test_a_refused_certificate(visitor, waiting, manager):
    application, notice = waiting("ldc.proposed", Decision.LDC_REFUSED)
    address = f"{LIST}{application.reference}/"
    before = visitor.get(address)
    assert before.context["decision"] is None
    assert "The eaves are higher" not in before.content.decode()
    assert visitor.get(f"{address}decision/").status_code == 404

    issued = approve(notice, by=manager)

    after = visitor.get(address).content.decode()
    assert application.application_type.decision_words[Decision.LDC_REFUSED] in after
    assert "The eaves are higher than 3 metres." in after
    assert "Bricks shall match" not in after  # drafted, but no part of a refusal
    assert "Private advice." not in after
    assert f"{address}decision/" in after
    assert visitor.get(f"{address}decision/").status_code == 200
    assert visitor.get(f"{address}decision/{issued.version}.pdf").status_code == 200
    assert visitor.get(LIST, {"decision": "refused"}).context["entries"][0].reference == application.reference


def test_the_officers_report_is_public_from_the_decision_on(visitor, waiting, manager):
    application, notice = waiting("ldc.proposed", Decision.LDC_REFUSED)
    address = f"{LIST}{application.reference}/officer-report/"
    assert visitor.get(address).status_code == 404
    assert visitor.get(address.replace("report/", "report.pdf")).status_code == 404
    approve(notice, by=manager)
    assert "Private advice." in visitor.get(address).content.decode()  # the recommendation opens the report
    file = visitor.get(address.replace("report/", "report.pdf"))
    assert file.content.startswith(b"%PDF")
    assert file.headers["X-Robots-Tag"] == "noindex, nofollow"


def test_a_decision_is_gone_with_the_application(visitor, waiting, manager):
    application, notice = waiting("ldc.proposed", Decision.LDC_REFUSED)
    approve(notice, by=manager)
    application.refresh_from_db()
    assert application.status == Status.DETERMINED
    assert application.decided_on == timezone.localdate()
    application.published_at = None
    application.save(update_fields=["published_at"])
    for tail in ("", "decision/", "decision/1.pdf", "decision/1.json", "officer-report/", "officer-report.pdf"):
        assert visitor.get(f"{LIST}{application.reference}/{tail}").status_code == 404, tail
