"""What ships as reference data is right by the law, loads as it should, and leaves administrators' changes alone."""

import json
import shutil
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
import yaml
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.models import (
    ApplicationType,
    ClassAssessment,
    ConstraintType,
    DocumentType,
    Fee,
    GpdoClass,
    GpdoLimit,
    InvalidReason,
    LimitAssessment,
    Policy,
    StandardCondition,
    StandardInformative,
    StandardReason,
    ValidationRequest,
)
from cases.reference_data import loading
from cases.reference_data.loading import DATA, FILES, ReferenceDataError, load_reference_data, read_reference_data
from cases.statuses import Decision, Status
from cases.worklists import task_list

ODP_SCHEMA = Path(__file__).parents[4] / "shared/odp/schemas/v0.7.7/application.json"

# Days to decide, by the law. DMPO art. 34 (8, 13 weeks); GPDO; TCPA ss.96A, 211; SI 2017/402; SI 1997/1160.
PERIODS = {
    "ldc.proposed": 56,
    "ldc.existing": 56,
    "ldc.breachOfCondition": 56,
    "ldc.listedBuildingWorks": 56,
    "pp.full.householder": 56,
    "pp.full.householder.retro": 56,
    "pp.full.minor": 56,
    "pp.full.major": 91,
    "pp.full.demolition": 56,
    "pp.outline.minor.all": 56,
    "pp.outline.minor.some": 56,
    "pp.outline.major.all": 91,
    "pp.outline.major.some": 91,
    "pp.pip": 35,
    "pp.full.minor.technicalDetails": 35,
    "pp.full.major.technicalDetails": 70,
    "pa.part1.classA": 42,
    "pa.part1.classAA": 56,
    "pa.part3.classMA": 56,
    "pa.part3.classG": 56,
    "pa.part3.classM": 56,
    "pa.part3.classN": 56,
    "pa.part3.classQ": 56,
    "pa.part3.classR": 56,
    "pa.part3.classS": 56,
    "pa.part3.classT": 56,
    "pa.part6.classA": 28,
    "pa.part6.classB": 28,
    "pa.part6.classE": 28,
    "pa.part11.classB": 28,
    "pa.part16.classA": 56,
    "pa.part20.classA": 56,
    "pa.part20.classAA": 56,
    "pa.part20.classAB": 56,
    "pa.part20.classAC": 56,
    "pa.part20.classAD": 56,
    "pa.part20.classZA": 56,
    "listed": 56,
    "advertConsent": 56,
    "wtt.consent": 56,
    "wtt.notice": 42,
    "hedgerowRemovalNotice": 42,
    "nonMaterialAmendment": 28,
    "approval.conditions": 56,
    "preApp": None,
}


@pytest.fixture(scope="module")
def files():
    """The rows as they stand in the files."""
    return read_reference_data()


@pytest.fixture(scope="module")
def types(files):
    return {row["code"]: row for row in files["application_types"]}


@pytest.fixture
def folder(tmp_path):
    """A copy of the files, to be spoilt."""
    return Path(shutil.copytree(DATA, tmp_path / "data"))


def edit(folder, name, change):
    """Rewrite one file of the folder after `change` was made to its rows."""
    path = folder / f"{name}.yaml"
    rows = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    change(rows)
    path.write_text(yaml.dump(rows, Dumper=yaml.CSafeDumper, allow_unicode=True), encoding="utf-8")


def problems_of(folder):
    with pytest.raises(ReferenceDataError) as error:
        read_reference_data(folder)
    return error.value.problems


# --- What the files say --------------------------------------------------------------------------------------------


def test_every_file_of_data_is_loaded():
    assert {path.stem for path in DATA.glob("*.yaml")} == {file.name for file in FILES} | {"schema"}


def test_every_file_says_what_it_is_and_when_it_was_checked():
    for file in FILES:
        comment = (DATA / f"{file.name}.yaml").read_text(encoding="utf-8").split("\n\n")[0]
        assert comment.startswith("# ")
        assert "Source" in comment
        assert "Last checked: " in comment.replace("\n# ", " ")


def test_periods_are_those_of_the_law(types):
    assert {code: row["period_days"] for code, row in types.items()} == PERIODS


def test_larger_home_extension_is_42_days_and_silence_permits_it(types):
    larger_extension = types["pa.part1.classA"]

    assert larger_extension["period_days"] == 42
    assert larger_extension["silence_permits"]
    assert larger_extension["publicity"]["neighbour_letters"]
    assert not larger_extension["publicity"]["site_notice"]


def test_environmental_impact_gives_planning_permission_16_weeks(types):
    for code, row in types.items():
        is_permission = row["category"] in ("householder", "full") and code != "pp.pip"
        assert row["eia_period_days"] == (112 if is_permission else None), code


def test_silence_permits_only_where_the_law_says_so(types):
    permits = {code for code, row in types.items() if row["silence_permits"]}

    assert {"pa.part1.classA", "pa.part3.classMA", "wtt.notice"} < permits
    assert not permits & {"pa.part1.classAA", "pa.part20.classAB", "pp.full.householder", "ldc.proposed", "listed"}


@pytest.mark.parametrize(
    ("code", "limits"),
    [
        ("ldc.proposed", {"no_limit": True}),
        ("ldc.existing", {"no_limit": True}),
        ("pp.full.householder", {"refusal_weeks": 12, "conditions_months": 6, "non_determination_months": 6}),
        ("pp.full.minor", {"refusal_months": 6, "conditions_months": 6, "non_determination_months": 6}),
        ("pp.full.major", {"refusal_months": 6, "conditions_months": 6, "non_determination_months": 6}),
        ("pa.part1.classA", {"refusal_weeks": 12, "conditions_months": 6}),
        ("pa.part3.classMA", {"refusal_months": 6, "conditions_months": 6}),
        ("listed", {"refusal_months": 6, "conditions_months": 6, "non_determination_months": 6}),
        ("advertConsent", {"refusal_weeks": 8, "conditions_weeks": 8, "non_determination_weeks": 8}),
        ("wtt.consent", {"refusal_days": 28, "conditions_days": 28, "non_determination_no_limit": True}),
        ("wtt.notice", {}),
        ("preApp", {}),
    ],
)
def test_appeal_limits_are_those_of_the_law(types, code, limits):
    appeal = types[code]["appeal"]

    assert {key: value for key, value in appeal.items() if key not in ("basis", "form_url")} == limits
    assert bool(appeal["basis"]) == bool(limits)


def test_who_can_be_refused_can_appeal_unless_the_type_has_no_appeal(types):
    for code, row in types.items():
        if row["appeal"]["basis"]:
            limits = set(row["appeal"]) & {"no_limit", "refusal_days", "refusal_weeks", "refusal_months"}
            assert len(limits) == 1, code


def test_publicity_of_the_law(types):
    def required(code):
        publicity = types[code]["publicity"]
        means = ("site_notice", "neighbour_letters", "press", "website")
        return publicity["kind"], {name for name in means if publicity[name]}, publicity["days"]

    assert required("ldc.proposed") == ("none", set(), 21)
    assert required("pp.full.householder") == ("one_of", {"site_notice", "neighbour_letters", "website"}, 21)
    assert required("pp.full.major") == ("one_of", {"site_notice", "neighbour_letters", "press", "website"}, 21)
    assert required("pa.part1.classA") == ("all", {"neighbour_letters"}, 21)
    assert required("pa.part3.classMA") == ("one_of", {"site_notice", "neighbour_letters"}, 21)
    assert required("listed") == ("all", {"site_notice", "press"}, 21)
    assert required("pp.pip") == ("all", {"site_notice", "website"}, 14)


def test_a_publicity_task_goes_with_publicity_that_the_law_wants(types):
    for code, row in types.items():
        assert ("publicity" in row["tasks"]) == (row["publicity"]["kind"] != "none"), code


def test_certificates_of_ownership_and_biodiversity_statements(types):
    certificates = {code for code, row in types.items() if row["needs_ownership_certificate"]}
    biodiversity = {code for code, row in types.items() if row["needs_bng_statement"]}
    permissions = {code for code, row in types.items() if row["category"] in ("householder", "full")} - {"pp.pip"}

    assert biodiversity == permissions
    assert certificates == permissions | {"listed"}
    assert certificates == {code for code, row in types.items() if "check_ownership_certificate" in row["tasks"]}


def test_tasks_are_known_and_fit_the_assessment(types):
    elsewhere = {"extension_of_time"}  # stands on the case page, not in the task list
    for code, row in types.items():
        for slug in set(row["tasks"]) - elsewhere:
            assert task_list.task_named(slug).slug == slug
        assert ("assess_gpdo" in row["tasks"]) == (row["assessment_kind"] == "gpdo"), code
        assert ("assess_policies" in row["tasks"]) == (row["assessment_kind"] == "policies"), code


def test_decisions_are_known_and_a_tree_notice_cannot_be_refused(types):
    for code, row in types.items():
        assert {decision["code"] for decision in row["decisions"]} <= set(Decision.values), code

    assert [d["code"] for d in types["wtt.notice"]["decisions"]] == ["tree_no_objection", "tree_tpo_made"]
    assert "conditions" not in types["wtt.notice"]["tasks"]
    assert [d["code"] for d in types["pp.full.householder"]["decisions"]] == [
        "granted",
        "granted_with_conditions",
        "refused",
    ]
    assert not any(
        "unlawful" in d["words"] for code in types if code.startswith("ldc") for d in types[code]["decisions"]
    )


def test_pre_application_advice_is_not_published(types):
    assert [code for code, row in types.items() if not row["is_publishable"]] == ["preApp"]


@pytest.mark.skipif(not ODP_SCHEMA.exists(), reason="the Open Digital Planning schemas are not beside the repository")
def test_codes_are_those_of_open_digital_planning(files, types):
    definitions = json.loads(ODP_SCHEMA.read_text())["definitions"]

    def codes(name):
        for choice in definitions[name]["anyOf"]:
            if "$ref" in choice:
                yield from codes(choice["$ref"].rsplit("/", 1)[-1])
            elif "anyOf" in choice:
                yield from (part["properties"]["value"]["const"] for part in choice["anyOf"])
            else:
                yield choice["properties"]["value"]["const"]

    known = set(codes("ApplicationType")) | {"preApp"}
    for code, row in types.items():
        assert code in known or known & set(row.get("other_codes", [])), code
    assert {row["code"] for row in files["document_types"]} == set(codes("FileType"))
    assert {row["code"] for row in files["constraints"]} == set(codes("PlanningDesignation"))


def test_documents_and_constraints_are_complete(files):
    constraints = {row["code"]: row for row in files["constraints"]}

    assert len(files["document_types"]) == 102
    assert len(constraints) == 72
    assert {code for code, row in constraints.items() if row.get("is_article_2_3")} == {
        "designated",
        "designated.AONB",
        "designated.WHS",
        "designated.conservationArea",
        "designated.nationalPark",
        "designated.nationalPark.broads",
    }


def test_personal_evidence_is_marked(files):
    personal = {row["code"] for row in files["document_types"] if row["often_personal"]}

    assert {
        "bankStatement",
        "councilTaxBill",
        "utilityBill",
        "tenancyAgreement",
        "disabilityExemptionEvidence",
    } < personal
    assert not personal & {"locationPlan", "elevations.proposed"}


def test_permitted_development_limits(files):
    classes = {row["code"]: row for row in files["gpdo"]}

    def limit(code, paragraph, applies_to=""):
        rows = classes[code]["limits"]
        return next(r for r in rows if (r["paragraph"], r.get("applies_to", "")) == (paragraph, applies_to)).get(
            "limit"
        )

    assert {f"part1.class{letter}" for letter in ("A", "AA", "B", "C", "D", "E", "F", "G", "H")} < set(classes)
    assert limit("part1.classA", "A.1(f)(i)", "single storey, detached house") == 4
    assert limit("part1.classA", "A.1(f)(i)", "single storey, any other house") == 3
    assert limit("part1.classA", "A.1(g)(i)", "larger home extension, detached house") == 8
    assert limit("part1.classA", "A.1(g)(i)", "larger home extension, any other house") == 6
    assert limit("part1.classA", "A.1(i)", "within 2 metres of the boundary") == 3
    assert limit("part1.classB", "B.1(d)(i)", "terrace house") == 40
    assert limit("part1.classE", "E.1(e)(ii)", "within 2 metres of the boundary") == 2.5
    assert not any(r["paragraph"] in ("MA.1(1)(a)", "MA.1(1)(c)") for r in classes["part3.classMA"]["limits"]), (
        "repealed"
    )


def test_fees_say_which_amounts_are_not_official(files):
    fees = {(row["rule"], row["effective_from"]): row for row in files["fees"]}

    assert fees["householder", "2025-04-01"]["amount"] == 528
    assert fees["householder", "2026-04-01"]["amount"] == 548
    assert fees["dwellings_under_10", "2026-04-01"]["amount"] == 610
    assert not fees["householder", "2026-04-01"].get("is_estimated")
    assert fees["ldc_proposed_half", "2026-04-01"] == {
        "rule": "ldc_proposed_half",
        "effective_from": "2026-04-01",
        "amount": 274,
        "is_estimated": True,
        "words": fees["ldc_proposed_half", "2026-04-01"]["words"],
    }
    official_2026 = {rule for (rule, day), row in fees.items() if day == "2026-04-01" and not row.get("is_estimated")}
    assert official_2026 == {"householder", "dwellings_under_10", "change_of_use", "ldc_existing_full", "none"}


def test_libraries_are_large_enough_to_work_with(files):
    assert len(files["conditions"]) >= 25
    assert len(files["informatives"]) >= 20
    assert len(files["refusal_reasons"]) >= 15
    assert len(files["invalid_reasons"]) >= 20


def test_refusals_of_permission_rest_on_policies_and_those_of_certificates_do_not(files):
    for row in files["refusal_reasons"]:
        if set(row["categories"]) & {"householder", "full"}:
            assert row["policy_slugs"], row["slug"]
        if set(row["categories"]) <= {"certificate", "prior_approval"}:
            assert not row["policy_slugs"], row["slug"]
            assert "unlawful" not in row["text"]


# --- Loading -------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_loading_fills_every_table():
    for file in reversed(FILES):  # what names rows of an earlier file goes first
        file.model.objects.all().delete()

    tallies = load_reference_data()

    assert all(tally.created and not tally.updated and not tally.unchanged for tally in tallies)
    counted = [DocumentType, ConstraintType, GpdoClass, StandardCondition, StandardInformative, StandardReason]
    assert [model.objects.count() for model in counted] == [102, 72, 10, 41, 26, 29]
    assert ApplicationType.objects.get(code="pa.part1.classA").period_days == 42
    assert GpdoLimit.objects.get(paragraph="C.1(b)").limit == Decimal("0.15")
    assert Fee.objects.get(rule="householder", effective_from="2026-04-01").amount == Decimal(548)
    assert list(Policy.objects.exclude(authority=None)) == []


@pytest.mark.django_db
def test_loading_again_changes_nothing():
    load_reference_data()

    again = load_reference_data()

    assert not any(tally.created or tally.updated or tally.kept for tally in again)
    assert sum(tally.unchanged for tally in again) == sum(file.model.objects.count() for file in FILES) + 121


@pytest.mark.django_db
def test_what_an_administrator_changed_is_kept():
    load_reference_data()
    ApplicationType.objects.filter(code="pp.full.householder").update(name="House extensions", is_customised=True)
    GpdoClass.objects.filter(code="part1.classD").update(title="Our porches", is_customised=True)
    GpdoLimit.objects.filter(paragraph="D.1(b)").update(text="Our words")

    tallies = {tally.name: tally for tally in load_reference_data()}

    assert ApplicationType.objects.get(code="pp.full.householder").name == "House extensions"
    assert GpdoClass.objects.get(code="part1.classD").title == "Our porches"
    assert GpdoLimit.objects.get(paragraph="D.1(b)").text == "Our words"
    assert tallies["application types"].kept == 1


@pytest.mark.django_db
def test_a_row_that_drifted_without_an_administrator_is_put_right():
    load_reference_data()
    ApplicationType.objects.filter(code="pa.part1.classA").update(period_days=56)
    GpdoLimit.objects.filter(paragraph="D.1(b)").update(limit=30)

    tallies = {tally.name: tally for tally in load_reference_data()}

    assert ApplicationType.objects.get(code="pa.part1.classA").period_days == 42
    assert GpdoLimit.objects.get(paragraph="D.1(b)").limit == 3
    assert (tallies["application types"].updated, tallies["gpdo limits"].updated) == (1, 1)


@pytest.mark.django_db
def test_a_row_that_was_switched_off_stays_off():
    load_reference_data()
    ApplicationType.objects.filter(code="pp.pip").update(is_active=False)

    load_reference_data()

    assert not ApplicationType.objects.get(code="pp.pip").is_active


@pytest.mark.django_db
def test_a_councils_own_wording_with_the_same_slug_is_left_alone(authority):
    load_reference_data()
    own = StandardCondition.objects.create(
        authority=authority, slug="matching-materials", title="Ours", text="x", reason="y"
    )

    assert not any(tally.updated for tally in load_reference_data())

    own.refresh_from_db()
    assert own.title == "Ours"


@pytest.mark.django_db
def test_a_dropped_limit_goes_unless_an_assessment_rests_on_it(folder, make_application, officer):
    load_reference_data()
    application = make_application("ldc.proposed", status=Status.IN_ASSESSMENT)
    porches = GpdoClass.objects.get(code="part1.classD")
    held = porches.limits.get(paragraph="D.1(b)")
    assessment = ClassAssessment.objects.create(application=application, gpdo_class=porches)
    LimitAssessment.objects.create(class_assessment=assessment, limit=held, outcome="complies", by=officer)

    def drop(rows):
        row = next(row for row in rows if row["code"] == "part1.classD")
        row["limits"] = [limit for limit in row["limits"] if limit["paragraph"] not in ("D.1(b)", "D.1(c)")]

    edit(folder, "gpdo", drop)
    load_reference_data(folder)

    assert set(porches.limits.values_list("paragraph", flat=True)) == {"D.1(a)", "D.1(b)", "D.1(d)", "D.1(e)"}


@pytest.mark.django_db
def test_queries_do_not_grow_with_rows(folder):
    def queries_of_a_load():
        with CaptureQueriesContext(connection) as captured:
            load_reference_data(folder)
        return len(captured)

    load_reference_data()
    with_all_rows = queries_of_a_load()
    for name in ("document_types", "constraints", "informatives", "requirements"):
        edit(folder, name, lambda rows: rows.__delitem__(slice(1, None)))

    assert queries_of_a_load() == with_all_rows


@pytest.mark.django_db
def test_the_command_reports_and_is_silent_when_told():
    out = StringIO()
    call_command("load_reference_data", stdout=out)
    assert "application types: 0 created, 0 updated, 45 unchanged" in out.getvalue()

    silent = StringIO()
    call_command("load_reference_data", stdout=silent, verbosity=0)
    assert silent.getvalue() == ""


# --- Broken files --------------------------------------------------------------------------------------------------


def first(**values):
    return lambda rows: rows[0].update(values)


@pytest.mark.parametrize(
    ("name", "change", "words"),
    [
        ("application_types", first(colour="red"), "row 1 (ldc.proposed): Additional properties"),
        (
            "application_types",
            lambda rows: rows[0].pop("period_days"),
            'row 1 (ldc.proposed): "period_days" is a required property',
        ),
        ("application_types", first(period_days="56"), "row 1 (ldc.proposed), period_days"),
        ("application_types", first(tasks=["make_tea"]), "row 1 (ldc.proposed), tasks.0"),
        ("application_types", first(category="garden"), "row 1 (ldc.proposed), category"),
        ("application_types", first(decisions=[{"code": "maybe", "words": "Maybe"}]), "no such decision: maybe"),
        ("application_types", first(fee_rule="gold"), "fees.yaml has no rule gold"),
        ("application_types", first(suffix="HAPP"), "HAPP belongs to another type too"),
        ("application_types", first(other_codes=["listed"]), "the code listed names two types"),
        (
            "application_types",
            first(appeal={"basis": "x", "refusal_fortnights": 2}),
            "'refusal_fortnights' was unexpected",
        ),
        ("application_types", lambda rows: rows.append(rows[0]), "row 46 (ldc.proposed): stands in the file twice"),
        ("document_types", first(usual_for=["pp.palace"]), "no such application type: pp.palace"),
        (
            "constraints",
            first(name="x" * 201),
            "row 1 (archaeologicalPriorityArea), name: Ensure this value has at most 200",
        ),
        ("gpdo", lambda rows: rows[0]["limits"].append({"paragraph": "A.9", "text": "t", "unit": "m"}), "limits.31"),
        ("gpdo", lambda rows: rows[0]["limits"].append(dict(rows[0]["limits"][0])), "A.1(a) stands twice"),
        ("gpdo", lambda rows: rows[0]["limits"].append({"paragraph": "x" * 31, "text": "t"}), "at most 30"),
        ("conditions", first(text="See {{ applicant_phone }}."), "no such merge field: {{ applicant_phone }}"),
        ("conditions", first(reason="See {site_address}."), "row 1 (time-limit-full), reason: no such merge field"),
        ("refusal_reasons", first(policy_slugs=["local-plan-d1"]), "policies.yaml has no local-plan-d1"),
        ("fees", first(amount="free"), "row 1 (householder 2025-04-01), amount"),
        ("fees", first(effective_from="2025-04-31"), "row 1 (householder 2025-04-31), effective_from"),
        ("policies", lambda rows: rows.clear(), "policies.yaml must be a list of rows"),
    ],
)
def test_a_broken_file_is_refused_with_words(folder, name, change, words):
    edit(folder, name, change)

    problems = problems_of(folder)

    assert any(words in problem for problem in problems), problems
    assert all(".yaml" in problem for problem in problems)


def test_text_that_is_not_yaml_or_not_there_is_refused_with_words(folder):
    (folder / "fees.yaml").write_text("- {rule: [\n", encoding="utf-8")
    (folder / "gpdo.yaml").write_bytes(b"\xff\xfe\x00")
    (folder / "policies.yaml").unlink()

    problems = problems_of(folder)

    assert [problem.split(" is ")[0] for problem in problems] == ["gpdo.yaml", "policies.yaml", "fees.yaml"]
    assert problems[1] == "policies.yaml is missing."


def test_a_key_that_stands_twice_is_refused(folder):
    (folder / "considerations.yaml").write_text("- {slug: a, name: b, name: c, guidance: d, sort_order: 1}\n")

    assert "the key name stands twice" in problems_of(folder)[0]


@pytest.mark.django_db
def test_a_broken_file_changes_nothing(folder):
    load_reference_data()
    edit(folder, "application_types", lambda rows: rows[0].update(name="Changed"))
    edit(folder, "fees", lambda rows: rows[0].update(colour="red"))

    with pytest.raises(ReferenceDataError):
        load_reference_data(folder)

    assert not ApplicationType.objects.filter(name="Changed").exists()


@pytest.mark.django_db
def test_a_clash_in_the_database_is_told_and_changes_nothing(folder):
    load_reference_data()
    ApplicationType.objects.filter(code="pp.pip").update(code="local.advice", is_customised=True)
    edit(folder, "application_types", lambda rows: rows[0].update(name="Changed"))

    with pytest.raises(ReferenceDataError, match=r"application_types\.yaml clashes with a row in the database.*PIPA"):
        load_reference_data(folder)

    assert not ApplicationType.objects.filter(name="Changed").exists()


@pytest.mark.django_db
def test_the_command_refuses_with_words(folder, monkeypatch):
    (folder / "fees.yaml").unlink()
    monkeypatch.setattr(loading.load_reference_data, "__defaults__", (folder,))

    with pytest.raises(CommandError, match=r"nothing has changed\.\nfees\.yaml is missing\."):
        call_command("load_reference_data")


@pytest.mark.django_db
def test_reasons_for_invalidity_tell_the_applicant_what_to_send():
    load_reference_data()

    assert InvalidReason.objects.filter(what_to_send="").count() == 0
    kinds = set(InvalidReason.objects.values_list("kind", flat=True))
    assert {"red_line", "fee", "ownership", "additional_document", "replacement_document"} <= kinds
    assert kinds <= set(ValidationRequest.Kind.values)  # a reason is offered only where a request can be raised
