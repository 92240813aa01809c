"""The shipped templates: one for every decision of every type, and each makes a notice that the law allows."""

from datetime import date

import pytest
import yaml

from cases.models import Condition, Document, GpdoClass, Policy, Recommendation, RefusalReason
from cases.statuses import REFUSALS, Decision, Origin, Status, WorkStatus
from notices.drafting.findings import CERTIFICATES, PLANNING_PERMISSION, Level
from notices.drafting.rendering import NOT_ISSUED, lines_of, render_notice
from notices.drafting.statute import IN_PART, MAY_HAVE_CONDITIONS, lint
from notices.drafting.templates import FILE, load_notice_templates
from notices.models import NoticeTemplate
from notices.signoff.drafting import draft_notice, template_for

pytestmark = pytest.mark.django_db

SHIPPED = yaml.safe_load(FILE.read_text())["templates"]
EVERY = [(kind, decision) for row in SHIPPED for kind in row["types"] for decision in row["decisions"]]
# The types come from their own file, so that the tests can be told apart before there is a database.
TYPES = yaml.safe_load((FILE.parents[2] / "cases" / "data" / "application_types.yaml").read_text())
REAL = [(kind["code"], row["code"]) for kind in TYPES for row in kind["decisions"]]


def complete_case(make_application, officer, type_code: str, decision: str):
    """A case with everything that a lawful notice of this decision needs."""
    parent = make_application(
        "pp.full.minor",
        origin=Origin.IMPORTED,
        status=Status.DETERMINED,
        decision="granted_with_conditions",
        decided_on=date(2025, 3, 1),
    )
    work_status = WorkStatus.EXISTING if type_code in {"ldc.existing", "ldc.breachOfCondition"} else WorkStatus.PROPOSED
    application = make_application(
        type_code, status=Status.IN_ASSESSMENT, officer=officer, parent=parent, work_status=work_status
    )
    Document.objects.create(
        application=application,
        title="Proposed elevations",
        drawing_number="A-101",
        revision="B",
        received_on="2026-06-01",
        is_approved_plan=True,
        file="x.pdf",
    )
    kind = application.application_type
    if decision in MAY_HAVE_CONDITIONS:
        Condition.objects.create(
            application=application,
            title="Time limit",
            type="time_limit",
            text="Begin within three years.",
            reason="To comply with section 91.",
        )
    if decision in REFUSALS | IN_PART:
        reason = RefusalReason.objects.create(
            application=application, title="Harm", text="The roof would dominate the street scene of Blyton Close."
        )
        if kind.category in PLANNING_PERMISSION:
            reason.policies.add(
                Policy.objects.create(
                    authority=application.authority,
                    slug="dm1",
                    plan="Local Plan",
                    number="DM1",
                    title="Design",
                    is_development_plan=True,
                )
            )
    if kind.category == "certificate" or kind.code == "pa.part1.classA":
        application.class_assessments.create(gpdo_class=GpdoClass.objects.get(code="part1.classA"))
    Recommendation.objects.create(application=application, decision=decision, summary="So.", by=officer)
    return application


def filled_in(notice):
    """The notice with the gaps of its template filled in, as its officer does."""
    notice.body = [
        (child.block_type, {**child.value, "text": "<p>The part shown as A.</p>"})
        if child.block_type == "granted_part"
        else (child.block_type, child.value)
        for child in notice.body
    ]
    return notice


def test_each_decision_of_each_type_has_exactly_one_template(db):
    assert set(REAL) <= set(EVERY)
    assert len(EVERY) == len(set(EVERY))


@pytest.mark.parametrize(("type_code", "decision"), REAL)
def test_a_complete_case_makes_a_lawful_notice(make_application, officer, type_code, decision):
    application = complete_case(make_application, officer, type_code, decision)
    notice = filled_in(draft_notice(application, by=officer))
    errors = [str(finding) for finding in lint(notice) if finding.level == Level.ERROR]
    assert errors == []
    html = render_notice(notice, particulars=notice.particulars, issue=NOT_ISSUED)
    assert html.count("<h1>") == 1
    assert "{{" not in html
    assert application.reference in html


@pytest.mark.parametrize(
    "type_code", ["ldc.proposed", "ldc.existing", "ldc.breachOfCondition", "ldc.listedBuildingWorks"]
)
def test_a_refused_certificate_certifies_nothing(make_application, officer, type_code):
    application = complete_case(make_application, officer, type_code, Decision.LDC_REFUSED)
    notice = draft_notice(application, by=officer)
    text = "\n".join(lines_of(render_notice(notice, particulars=notice.particulars, issue=NOT_ISSUED))).lower()
    assert "refuses the application for a certificate" in text
    for words in ("certify", "certifies", "unlawful", "not lawful"):
        assert words not in text


def test_householder_refusal_has_twelve_weeks_and_its_conditions_six_months(make_application, officer):
    refused = complete_case(make_application, officer, "pp.full.householder", Decision.REFUSED)
    notice = draft_notice(refused, by=officer)
    text = "\n".join(lines_of(render_notice(notice, particulars=notice.particulars, issue=NOT_ISSUED)))
    assert "within 12 weeks of the date of this notice" in text
    assert "Biodiversity" not in text


def test_certificates_of_a_decision_exist_for_both_sections(db):
    for code in CERTIFICATES:
        assert NoticeTemplate.objects.filter(
            decisions__contains=[code], application_types__code="ldc.existing"
        ).exists()


def test_loading_again_changes_nothing(db):
    before = dict(NoticeTemplate.objects.values_list("slug", "latest_revision_id"))
    loaded = load_notice_templates()
    assert (loaded.created, loaded.updated, loaded.unchanged) == (0, 0, len(SHIPPED))
    assert dict(NoticeTemplate.objects.values_list("slug", "latest_revision_id")) == before


def test_what_an_administrator_changed_stays(db):
    template = NoticeTemplate.objects.get(slug="householder-refused")
    template.name, template.is_customised = "Our own refusal", True
    template.save()
    loaded = load_notice_templates()
    template.refresh_from_db()
    assert loaded.customised == 1
    assert template.name == "Our own refusal"


def test_the_councils_own_template_comes_before_the_shared_one(make_application, authority, other_authority):
    shared = NoticeTemplate.objects.get(slug="householder-refused")
    for owner in (other_authority, authority):
        own = NoticeTemplate.objects.create(
            authority=owner, slug="householder-refused", name=owner.name, decisions=["refused"], body=shared.body
        )
        own.application_types = shared.application_types.all()
        own.save()
    application = make_application("pp.full.householder")
    assert template_for(application, "refused").authority == authority


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ({"body": [{"paragraph": "<p>{{ owner_password }}</p>"}]}, "owner_password"),
        ({"body": [{"poem": "x"}]}, "poem"),
        ({"types": ["no.such.type"]}, "no.such.type"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_broken_file_is_refused_whole(tmp_path, db, fault, words):
    good = {"slug": "good", "name": "Good", "types": ["preApp"], "decisions": ["advice_given"], "body": []}
    good["body"] = [{"heading": "Advice"}]
    path = tmp_path / "templates.yaml"
    path.write_text(yaml.safe_dump({"templates": [good, {**good, "slug": "bad", **fault}]}))
    with pytest.raises(ValueError, match=words):
        load_notice_templates(path)
    assert not NoticeTemplate.objects.filter(slug__in=["good", "bad"]).exists()
