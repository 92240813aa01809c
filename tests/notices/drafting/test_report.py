"""The officer's report: assembled from its parts, and safe to publish."""

import re
from datetime import date
from io import BytesIO

import pytest
from django.urls import reverse
from pypdf import PdfReader

from cases.assessment.conditions import add_condition, add_from_library, add_informative, add_refusal_reason, list_plans
from cases.assessment.considerations import assess_consideration
from cases.assessment.permitted_development import LimitAnswer, assess_limits, choose_classes
from cases.assessment.recommendation import recommend
from cases.assessment.report_words import write_sections
from cases.assessment.site_visits import record_site_visit
from cases.consultation.comments import enter_comment
from cases.consultation.publicity import record_publicity
from cases.models import (
    CaseNote,
    Consideration,
    Document,
    GpdoClass,
    HistoryEntry,
    Policy,
    StandardCondition,
)
from cases.statuses import Decision, Status
from notices.drafting.report import report_context, report_html, report_pdf


@pytest.fixture
def householder(make_application, officer):
    return make_application("pp.full.householder", status=Status.IN_ASSESSMENT, officer=officer)


@pytest.fixture
def certificate(make_application, officer):
    return make_application("ldc.proposed", status=Status.IN_ASSESSMENT, officer=officer)


def recommended(application, decision, by):
    return recommend(application, decision=decision, summary="It keeps the limits.", route="officer", by=by)


def plain(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_an_empty_case_says_what_is_missing_and_breaks_nothing(certificate):
    report = plain(report_html(certificate, for_public=False))
    for words in ("No recommendation has been made.", "No publicity is recorded.", "No assessment is recorded."):
        assert words in report
    assert certificate.reference in report
    assert "Enid Blyton" in report  # the applicant stands in the statutory register too


def test_limits_are_said_one_by_one(certificate, officer):
    porch = GpdoClass.objects.get(code="part1.classD")
    choose_classes(certificate, classes=[porch], by=officer)
    first, second, third, *rest = porch.limits.all()
    answers = {
        first.pk: LimitAnswer("complies", "2.9 square metres"),
        second.pk: LimitAnswer("fails", "3.2 metres", "To the ridge"),
        third.pk: LimitAnswer("not_applicable"),
    }
    assess_limits(certificate, answers=answers, notes={porch.pk: "A porch at the front."}, by=officer)
    report = plain(report_html(certificate, for_public=True))
    assert "Complies : 2.9 square metres" in report or "Complies: 2.9 square metres" in report
    assert "3.2 metres" in report
    assert "To the ridge" in report
    assert f"These do not apply: {third.paragraph}" in report
    assert "A porch at the front." in report
    assert f"{len(rest)} limit" in report if rest else True


def test_considerations_stand_with_their_policies(householder, officer):
    policy = Policy.objects.filter(authority=None).first()
    assess_consideration(
        householder,
        consideration=Consideration.objects.first(),
        outcome="acceptable",
        text="Matches the street.",
        policies=[policy],
        by=officer,
    )
    report = plain(report_html(householder, for_public=True))
    assert "Matches the street." in report
    assert str(policy) in report


def test_conditions_for_a_grant_reasons_for_a_refusal_never_both(householder, officer):
    add_condition(householder, title="Materials", text="Brick to match.", reason="Looks.", by=officer)
    add_refusal_reason(householder, title="Bulk", text="Too bulky.", by=officer)
    add_informative(householder, title="Party wall", text="Ask the neighbour.", by=officer)
    recommended(householder, Decision.GRANTED_WITH_CONDITIONS, officer)
    granted = plain(report_html(householder, for_public=True))
    assert "Brick to match." in granted
    assert "Reason: Looks." in granted
    assert "Too bulky." not in granted
    recommended(householder, Decision.REFUSED, officer)
    refused = plain(report_html(householder, for_public=True))
    assert "Too bulky." in refused
    assert "Brick to match." not in refused
    assert "Ask the neighbour." in refused
    recommended(
        householder, Decision.SPLIT, officer
    ) if "split" in householder.application_type.decision_words else None


def test_merge_fields_are_filled_in(householder, officer):
    standard = StandardCondition.objects.create(slug="x", title="X", text="At {{ site_address }}.", reason="y")
    from cases.models import Condition

    add_from_library(householder, kind=Condition, standards=[standard], by=officer)
    recommended(householder, Decision.GRANTED_WITH_CONDITIONS, officer)
    report = plain(report_html(householder, for_public=False))
    assert "At 7 Blyton Close, Beaconsfield, HP9 2LX." in report
    assert "{{" not in report


def test_plans_are_listed(householder, officer):
    plan = Document.objects.create(
        application=householder,
        title="Site plan",
        drawing_number="001",
        revision="A",
        received_on=date(2026, 6, 1),
        fetch_status=Document.FetchStatus.WAITING,
    )
    list_plans(householder, documents=[plan], by=officer)
    recommended(householder, Decision.GRANTED, officer)
    assert "Site plan, drawing 001 revision A, received 1 June 2026" in plain(report_html(householder, for_public=True))


class TestWhatThePublicMayRead:
    @pytest.fixture
    def full(self, householder, officer):
        """A case in which every private thing has been written down."""
        enter_comment(
            householder,
            name="Ann Neighbour",
            text="SECRET WORDS of a neighbour",
            sentiment="objection",
            address="9 Blyton Close",
            email="ann@example.net",
            phone="01494 111222",
            topics=["light"],
            received_on=date(2026, 6, 10),
            by=officer,
        )
        enter_comment(
            householder,
            kind="consultee",
            name="Bob Engineer",
            organisation="County Highways",
            text="SECRET ADVICE",
            sentiment="neutral",
            received_on=date(2026, 6, 10),
            by=officer,
        )
        record_site_visit(
            householder,
            visited_on=date(2026, 6, 9),
            notes="Sloping site.",
            neighbours_seen="SEEN FROM No 9",
            by=officer,
        )
        write_sections(
            householder,
            by=officer,
            texts={"conclusion": "Agent: 07700 900123, agent@example.net. Council: planning@testshire.example."},
        )
        CaseNote.objects.create(application=householder, text="NOTE TO COLLEAGUES", by=officer)
        HistoryEntry.objects.create(application=householder, reference="04/1", description="Write to old@example.net")
        record_publicity(householder, kind="site_notice", begins_on=date(2026, 6, 3), details="AT THE GATE", by=officer)
        recommended(householder, Decision.GRANTED, officer)
        return householder

    PRIVATE = [
        "Ann Neighbour", "SECRET WORDS", "9 Blyton Close Beacons", "ann@example.net", "01494 111222", "Bob Engineer",
        "SECRET ADVICE", "SEEN FROM", "07700 900123", "agent@example.net", "NOTE TO COLLEAGUES", "old@example.net",
        "famousfive@example.com", "05555 555555", "not public",
    ]  # fmt: skip

    def test_nothing_private_is_in_the_public_version(self, full):
        report = report_html(full, for_public=True)
        assert [words for words in self.PRIVATE if words in report] == []
        assert "planning@testshire.example" in report  # the council's own

    def test_what_the_public_should_know_is(self, full):
        report = plain(report_html(full, for_public=True))
        for words in (
            "1 person commented",
            "Objects: 1",
            "Daylight and sunlight: 1",
            "County Highways: no comment / neutral",
            "Sloping",
        ):
            assert words in report

    def test_the_officers_version_says_more_and_that_it_is_a_draft(self, full):
        report = report_html(full, for_public=False)
        for words in ("SEEN FROM No 9", "07700 900123", "not public"):
            assert words in report
        assert "SECRET WORDS" not in report


def test_what_officers_type_is_never_markup(householder, officer):
    write_sections(householder, texts={"conclusion": "<script>alert(1)</script> & <b>bold</b>"}, by=officer)
    report = report_html(householder, for_public=True)
    assert "<script>" not in report
    assert "&lt;b&gt;bold" in report


@pytest.mark.pdf
def test_the_pdf_is_a_pdf_with_its_title(certificate, officer):
    recommended(certificate, Decision.LDC_GRANTED, officer)
    pdf = PdfReader(BytesIO(report_pdf(certificate)))
    assert pdf.metadata.title == f"Officer's report {certificate.reference}"
    assert pdf.trailer["/Root"]["/MarkInfo"]["/Marked"]  # tagged: readers aloud find its headings and tables
    assert "It keeps the limits." in " ".join(page.extract_text() for page in pdf.pages)


def test_queries_do_not_grow_with_rows(householder, officer, django_assert_num_queries, django_assert_max_num_queries):
    policies = list(Policy.objects.filter(authority=None)[:2])

    def fill(number):
        for n in range(number):
            add_condition(householder, title=str(n), text="x", reason="y", policies=policies, by=officer)
            HistoryEntry.objects.create(application=householder, reference=f"{number}/{n}", description="x")
            assess_consideration(
                householder,
                consideration=Consideration.objects.all()[number + n],
                outcome="neutral",
                text="x",
                policies=policies,
                by=officer,
            )
            enter_comment(
                householder, name="Ann", text="x", sentiment="neutral", received_on=date(2026, 6, 10), by=officer
            )
        recommended(householder, Decision.GRANTED_WITH_CONDITIONS, officer)

    fill(1)
    with django_assert_max_num_queries(40) as one:
        report_context(householder)
    fill(3)
    with django_assert_num_queries(len(one.captured_queries)):
        report_context(householder)


@pytest.mark.parametrize("name", ["case_report", "case_report_pdf"])
class TestViews:
    def test_whoever_may_see_the_case(self, client, householder, officer, reader, name):
        for user in (officer, reader):
            client.force_login(user)
            assert client.get(reverse(name, args=[householder.pk])).status_code == 200

    def test_nobody_of_another_council(self, client, householder, other_officer, name):
        client.force_login(other_officer)
        assert client.get(reverse(name, args=[householder.pk])).status_code == 404

    def test_nobody_who_is_not_signed_in(self, client, householder, name):
        assert client.get(reverse(name, args=[householder.pk])).status_code == 302
