"""The issue of a decision: everything at once, or nothing and it can be pressed again."""

import hashlib
import io
import json

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pypdf import PdfReader
from wagtail.models import TaskState

from cases.models import CaseEvent, Document
from cases.statuses import Status
from notices.drafting.particulars import particulars_of
from notices.issuing import issue as issue_module
from notices.issuing.issue import canonical_json
from notices.models import DecisionNotice, IssuedNotice, Message
from notices.signoff.approving import approve
from notices.signoff.drafting import draft_notice
from notices.signoff.submitting import submit_for_sign_off

pytestmark = pytest.mark.django_db


def test_what_an_issue_leaves_behind(submitted, manager, authority):
    notice = submitted()
    issued = approve(notice, by=manager)
    application = issued.application
    assert (application.status, application.decision) == (Status.DETERMINED, notice.decision)
    assert (application.decided_on, application.decided_by) == (timezone.localdate(), manager)
    event = CaseEvent.objects.get(application=application, kind="determine")
    assert event.data["snapshot_sha256"] == issued.snapshot_sha256
    assert event.data["version"] == 1
    assert issued.signed_name == authority.signatory_name
    assert issued.report_html
    assert bytes(issued.report_pdf).startswith(b"%PDF")
    assert Message.objects.filter(application=application).exists()


@pytest.mark.pdf
def test_each_form_has_its_hash_and_the_notice_carries_the_number(submitted, manager):
    issued = approve(submitted(), by=manager)
    issued = IssuedNotice.objects.get(pk=issued.pk)  # as PostgreSQL gives it back
    assert issued.html_sha256 == hashlib.sha256(issued.html.encode()).hexdigest()
    assert issued.pdf_sha256 == hashlib.sha256(bytes(issued.pdf)).hexdigest()
    assert issued.snapshot_sha256 == hashlib.sha256(canonical_json(issued.snapshot)).hexdigest()
    assert issued.snapshot_sha256 in issued.html
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(bytes(issued.pdf))).pages)
    assert issued.snapshot_sha256 in text.replace("\n", "")
    assert "Draft" not in text


def test_the_notice_is_dated_and_signed(submitted, manager, authority):
    issued = approve(submitted(), by=manager)
    today = timezone.localdate()
    assert f"Date of this notice: {today.day} {today:%B %Y}" in issued.html
    assert authority.signatory_name in issued.html
    assert (issued.signed_by, issued.signed_name) == (manager, authority.signatory_name)
    assert issued.snapshot["issued_on"] == today.isoformat()


def test_where_the_council_names_no_signatory_the_manager_signs(submitted, manager, authority):
    authority.signatory_name = ""
    authority.save()
    issued = approve(submitted(), by=manager)
    assert issued.signed_name == str(manager)
    assert str(manager) in issued.html


def test_the_notice_holds_no_way_to_reach_the_applicant(submitted, manager):
    issued = approve(submitted(), by=manager)
    everything = issued.html + json.dumps(issued.snapshot)
    for secret in ("famousfive@example.com", "05555 555555"):
        assert secret not in everything


def test_what_was_issued_does_not_follow_the_case(submitted, manager):
    issued = approve(submitted(), by=manager)
    before = issued.html
    Document.objects.create(
        application=issued.application, title="Late plan", received_on="2026-06-01", is_approved_plan=True, file="x.pdf"
    )
    issued.application.informatives.create(title="Late", text="Late.")
    assert IssuedNotice.objects.get(pk=issued.pk).html == before


BREAKS = {
    "the PDF": ("write_pdfs", OSError("no process could be started")),
    "the report": ("public_report", OSError("a template is gone")),
    "the logo": ("logo_address", RuntimeError("storage is down")),
    "the case": ("apply_step", DatabaseError("connection lost")),
}


@pytest.mark.parametrize("part", BREAKS)
def test_when_any_part_fails_nothing_is_issued_and_it_can_be_pressed_again(submitted, manager, monkeypatch, part):
    notice = submitted()
    name, fault = BREAKS[part]

    def fail(*args, **kwargs):
        raise fault

    with monkeypatch.context() as broken:
        broken.setattr(issue_module, name, fail)
        with pytest.raises(type(fault)):
            approve(notice, by=manager)
    notice.refresh_from_db()
    application = notice.application
    application.refresh_from_db()
    assert not IssuedNotice.objects.exists()
    assert (application.status, application.decision) == (Status.AWAITING_DETERMINATION, "")
    assert not notice.live
    assert TaskState.objects.get().status == TaskState.STATUS_IN_PROGRESS
    assert not CaseEvent.objects.filter(kind="determine").exists()
    approve(DecisionNotice.objects.get(pk=notice.pk), by=manager)
    assert IssuedNotice.objects.count() == 1


def test_when_the_messages_cannot_be_written_nothing_is_issued(submitted, manager, monkeypatch):
    notice = submitted()
    queued = Message.objects.count()

    def fail(*args, **kwargs):
        raise DatabaseError("disk full")

    with monkeypatch.context() as broken:
        broken.setattr(Message, "save", fail)
        with pytest.raises(DatabaseError):
            approve(notice, by=manager)
    assert not IssuedNotice.objects.exists()
    assert Message.objects.count() == queued
    approve(DecisionNotice.objects.get(pk=notice.pk), by=manager)


def test_a_notice_is_issued_once(submitted, manager):
    notice = submitted()
    approve(notice, by=manager)
    notice.refresh_from_db()
    with pytest.raises(PermissionDenied, match="already been issued"):
        notice.get_latest_revision().publish(user=manager)
    assert IssuedNotice.objects.count() == 1


def test_a_council_without_a_public_site_can_issue(submitted, manager, authority):
    authority.site = None
    authority.save()
    issued = approve(submitted(), by=manager)
    assert "Verify a notice" in issued.html


def test_the_number_of_queries_does_not_grow_with_conditions(recommended, django_assert_num_queries):
    application = recommended()

    def add(number: int) -> None:
        application.conditions.create(title=f"C{number}", text="x", reason="y")
        application.refusal_reasons.create(title=f"R{number}", text="x")
        application.informatives.create(title=f"I{number}", text="x")

    add(1)
    with CaptureQueriesContext(connection) as with_one:
        particulars_of(application, "ldc_granted")
    add(2)
    add(3)
    with django_assert_num_queries(len(with_one)):
        particulars_of(application, "ldc_granted")


# --- Only what belongs to the decision is published -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("type_code", "decision", "kept", "dropped"),
    [
        ("ldc.proposed", "ldc_refused", "reasons_for_refusal", "conditions"),
        ("pp.full.householder", "granted_with_conditions", "conditions", "reasons_for_refusal"),
    ],
)
def test_what_was_drafted_for_another_outcome_is_not_in_the_notice(
    recommended, officer, manager, type_code, decision, kept, dropped
):
    application = recommended(type_code, decision)
    application.conditions.create(title="Drafted", text="DRAFTED CONDITION", reason="r", sort_order=0)
    application.refusal_reasons.create(title="Drafted", text="DRAFTED REASON", sort_order=0)
    issued = approve(submit_for_sign_off(draft_notice(application, by=officer), by=officer), by=manager)
    assert len(issued.snapshot[kept]) == 1
    assert issued.snapshot[dropped] == []
    gone = "DRAFTED CONDITION" if dropped == "conditions" else "DRAFTED REASON"
    everything = issued.html + json.dumps(issued.snapshot) + json.dumps(issued.notice.particulars)
    assert gone not in everything
