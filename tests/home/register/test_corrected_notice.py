"""A correction puts the words of a notice right and dates nothing anew: wherever the decision is told, it says so.

A council has no power to change its decision or its day. Appeals count from the notice of the decision (DMPO 2015
art. 37), the time to begin from the day of the permission (TCPA 1990 s.91).
"""

import io
import json
from dataclasses import dataclass
from importlib import import_module
from types import SimpleNamespace

import pypdfium2
import pytest
from django.db import DatabaseError, connection
from django.test import Client
from django.urls import reverse

from accounts.models import ApiToken
from cases.models import Condition, Recommendation, RefusalReason
from cases.statuses import Decision
from notices.drafting.rendering import lines_of
from notices.letters.templates import load_templates
from notices.models import DecisionNotice, IssuedNotice, Message
from notices.signoff.approving import approve
from notices.signoff.drafting import draft_notice, save_draft, start_correction
from notices.signoff.submitting import submit_for_sign_off
from tests.clock import at
from tests.database import as_owner
from tests.notices.drafting.test_templates import filled_in

pytestmark = pytest.mark.django_db
DECIDED, CORRECTED = "2026-09-27", "2026-12-30"
DECIDED_ON, CORRECTED_ON = "27 September 2026", "30 December 2026"
REASON = "The drawing number was wrong."


@dataclass(frozen=True)
class Case:
    type_code: str
    decision: Decision
    last_days: tuple[str, ...]  # every last day of an appeal that may be named, and no other
    appeal: str  # what the notice says of the time to appeal


CASES = {
    "a refusal": Case(
        "pp.full.householder", Decision.REFUSED, ("20 December 2026",),
        "The appeal must be made within 12 weeks of the date of this notice, that is by 20 December 2026.",
    ),
    "a grant": Case(
        "pp.full.minor", Decision.GRANTED_WITH_CONDITIONS, ("27 March 2027",),
        "The appeal must be made within 6 months of the date of this notice, that is by 27 March 2027.",
    ),
    "a split": Case(
        "pp.full.minor", Decision.SPLIT, ("27 March 2027",),
        "The appeal must be made within 6 months of the date of this notice, that is by 27 March 2027.",
    ),
    "a certificate": Case("ldc.proposed", Decision.LDC_GRANTED, (), ""),
    "a certificate refused": Case(
        "ldc.proposed", Decision.LDC_REFUSED, (), "There is no time limit for this appeal.",
    ),
    "an advertisement refused": Case(
        "advertConsent", Decision.REFUSED, (),
        "The appeal must be made within 8 weeks of the day on which you received the first notice, of "
        "27 September 2026.",
    ),
}  # fmt: skip


@pytest.fixture(params=CASES)
def case(request) -> Case:
    return CASES[request.param]


@pytest.fixture
def _read_afterwards():
    """Everything is read a week after the correction."""
    with at("2027-01-06"):
        yield


@pytest.fixture
def corrected(case, make_public, officer, second_manager, manager) -> IssuedNotice:
    """The second version of the notice of the case, issued three months after its decision."""
    load_templates()
    with at(DECIDED):
        application = make_public(case.type_code, officer=officer)
        Condition.objects.create(
            application=application,
            title="Time",
            type="time_limit",
            reason="Section 91.",
            text="Begin within three years beginning with the date of this permission.",
        )
        RefusalReason.objects.create(application=application, title="Bulk", text="It is too large.")
        Recommendation.objects.create(application=application, decision=case.decision, summary="So.", by=officer)
        make_lawful(application, officer)
        notice = draft_notice(application, by=officer)
        save_draft(notice, by=officer, body=filled_in(notice).body)
        first = approve(submit_for_sign_off(notice, by=officer), by=manager)
    with at(CORRECTED):
        correction = start_correction(application, reason=REASON, by=officer)
        submit_for_sign_off(correction, by=officer)
        newest = approve(correction, by=second_manager)
    assert (first.version, newest.version) == (1, 2)
    return newest


def make_lawful(application, officer) -> None:
    """What the case still lacks for its notice."""
    policy = {"plan": "Local Plan", "title": "Design", "is_development_plan": True}
    if application.application_type.category in {"householder", "full"}:
        for reason in application.refusal_reasons.all():
            reason.policies.create(slug="dm1", **policy)
    if application.application_type.assessment_kind == "gpdo":
        application.class_assessments.create(gpdo_class_id=1)
    if application.application_type.category == "certificate":
        application.conditions.all().delete()


def without_what_is_right(text: str, case: Case) -> str:
    """The text without the day of the correction beside that word, and without the last days of appeals."""
    for fine in (
        f"corrected on {CORRECTED_ON}",
        f"Corrected on: {CORRECTED_ON}",
        f"corrected\n{CORRECTED_ON}",
        *case.last_days,
    ):
        text = text.replace(fine, "")
    return text


@pytest.mark.usefixtures("_read_afterwards")
def test_papers_page_letter_api_and_appeals_agree(corrected, case, visitor, authority, officer, client):
    application = corrected.application
    application.refresh_from_db()
    assert application.decided_on.isoformat() == DECIDED

    # The papers
    words = "\n".join(lines_of(corrected.html))
    assert f"Version 2, corrected on {CORRECTED_ON}. What was corrected: {REASON}" in words
    assert f"Date of this notice: {DECIDED_ON}\nCorrected on: {CORRECTED_ON}" in words
    assert case.appeal in words
    assert words.count(CORRECTED_ON) == 2
    data = corrected.snapshot
    assert (data["decided_on"], data["corrected_on"], data["issued_on"]) == (DECIDED, CORRECTED, CORRECTED)
    assert CORRECTED_ON not in json.dumps(data)
    first = application.issued_notices.get(version=1)
    assert (first.snapshot["decided_on"], first.snapshot["corrected_on"]) == (DECIDED, None)
    assert (corrected.report_html, bytes(corrected.report_pdf)) == (first.report_html, bytes(first.report_pdf))

    # The page, the notice as a page, and the page that verifies it
    page = read(visitor, "register_application", application.reference)
    assert f"Decided on {DECIDED_ON} by Testshire Council, signed by {first.signed_name}." in page
    assert f"The notice was corrected on {CORRECTED_ON}: {REASON}" in page
    notice = read(visitor, "issued_notice", application.reference)
    assert f"Version 2, corrected on {CORRECTED_ON} (this page): {REASON}" in notice
    assert f"Version 1, issued on {DECIDED_ON}" in notice
    number = {"number": corrected.snapshot_sha256}
    verified = "\n".join(lines_of(visitor.get(reverse("verify_notice"), number).content.decode()))
    assert f"Issued\n{DECIDED_ON}\nVersion\n2, corrected on {CORRECTED_ON}" in verified

    # The letter
    letter = Message.objects.filter(about="decision_corrected").first()
    assert f"corrected on {CORRECTED_ON}." in letter.body
    assert f"What was corrected: {REASON}" in letter.body
    assert f"Date of the decision: {DECIDED_ON}" in letter.body
    if case.last_days:
        assert f"that is by {case.last_days[0]}." in letter.body
    if "received" in case.appeal:
        assert f"the first notice, of {DECIDED_ON}." in letter.body

    # The APIs and the open data
    correction = {"version": 2, "correctedOn": CORRECTED, "reason": REASON}
    public = visitor.get(f"/api/v2/public/planning_applications/{application.reference}").json()["application"]
    assert (public["determinationDate"], public["noticeCorrections"]) == (DECIDED, [correction])
    _, secret = ApiToken.create(authority=authority, name="Reader", scopes=["read"])
    own = client.get(
        f"/api/v2/planning_applications/{application.reference}", headers={"Authorization": f"Bearer {secret}"}
    ).json()
    assert (own["determination_date"], own["notice_corrections"]) == (DECIDED, [correction])
    (odp,) = visitor.get("/api/@next/public/applications").json()["data"]
    assert odp["data"]["assessment"]["planningOfficerDecisionDate"] == DECIDED
    assert odp["data"]["assessment"]["decisionNotice"]["url"].endswith("/decision/2.pdf")
    (row,) = streamed(visitor, "/register.json")["applications"]
    assert (row["decided_on"], row["notice_corrected_on"]) == (DECIDED, CORRECTED)
    (row,) = streamed(visitor, "/open-data/decision-notice.json")
    assert row["decision-date"] == DECIDED
    assert row["notes"] == f"Corrected on {CORRECTED}; the decision and its date are as they were. {REASON}"

    # The officers' page of appeals
    client.force_login(officer)
    appeals = client.get(reverse("case_appeals", args=[application.pk]), HTTP_HOST="localhost").content.decode()
    for last_day in case.last_days:
        assert f"from {DECIDED_ON} to {last_day}" in appeals

    for text in (words, page, notice, letter.body):
        left = without_what_is_right(text, case)
        assert CORRECTED_ON not in left
        assert "2027" not in left


def read(visitor: Client, name: str, *args: str) -> str:
    return "\n".join(lines_of(visitor.get(reverse(name, args=args)).content.decode()))


def streamed(visitor: Client, path: str) -> list[dict]:
    return json.loads(b"".join(visitor.get(path).streaming_content))


@pytest.mark.pdf
@pytest.mark.parametrize("case", ["a refusal"], indirect=True)
def test_the_paper_itself_says_the_day_of_the_decision(corrected):
    document = pypdfium2.PdfDocument(io.BytesIO(bytes(corrected.pdf)))
    text = " ".join(" ".join(page.get_textpage().get_text_range() for page in document).split())
    assert "that is by 20 December 2026" in text
    assert f"Date of this notice: {DECIDED_ON}" in text
    assert f"Corrected on: {CORRECTED_ON}" in text
    assert text.count(CORRECTED_ON) == 2


@pytest.mark.parametrize("case", ["a refusal"], indirect=True)
def test_the_draft_of_a_correction_has_the_date_of_the_decision(corrected, officer, client):
    with at("2027-01-05"):
        start_correction(corrected.application, reason="Another slip.", by=officer)
        client.force_login(officer)
        page = client.get(reverse("case_notice_preview", args=[corrected.application_id])).content.decode()
    words = "\n".join(lines_of(page))
    assert "Version 3, corrected on (the day of issue). What was corrected: Another slip." in words
    assert f"Date of this notice: {DECIDED_ON}" in words
    assert "that is by 20 December 2026" in words
    assert DecisionNotice.objects.filter(live=False).count() == 1


@pytest.mark.parametrize("case", ["a refusal"], indirect=True)
def test_the_database_keeps_the_day_of_the_decision(corrected):
    with pytest.raises(DatabaseError, match=r"refused|change"), as_owner() as cursor:
        cursor.execute("UPDATE cases_planningapplication SET decided_on = %s", [CORRECTED])


@pytest.mark.parametrize("case", ["a refusal"], indirect=True)
def test_a_correction_of_the_version_before_is_named_when_the_database_is_migrated(corrected, capsys):
    migration = import_module("notices.migrations.0012_name_corrections_dated_anew")
    with as_owner() as cursor:
        migration.name_those_dated_anew(None, SimpleNamespace(connection=connection))
        assert capsys.readouterr().out == ""
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("UPDATE notices_issuednotice SET snapshot = snapshot - 'decided_on'")
        cursor.execute("SET LOCAL session_replication_role = origin")
        migration.name_those_dated_anew(None, SimpleNamespace(connection=connection))
    said = capsys.readouterr().out
    assert f"{corrected.application.reference}: version 2 of its notice prints {CORRECTED_ON} as its date" in said
    assert f"the decision is of {DECIDED_ON}" in said
