"""What a file is, guessed from its name and its words: what is suggested, and what is rather not."""

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest
import yaml

from cases.documents import type_suggestions
from cases.documents.type_suggestions import suggested_types

EXAMPLES = Path(__file__).parents[4] / "shared/odp/examples"
PORTAL = Path(__file__).parents[4] / "shared/planning-portal/PT-10079425.json"


@pytest.mark.parametrize(
    ("name", "suggested"),
    [
        ("Site location plan.pdf", ["locationPlan"]),
        ("1234-SLP-A.pdf", ["locationPlan"]),
        ("Block Plan 1-500.pdf", ["sitePlan.proposed", "sitePlan.existing"]),
        ("elevations_existing_01.jpg", ["elevations.existing"]),
        ("PROPOSED_ELEVATIONS.PDF", ["elevations.proposed"]),
        ("ProposedElevationsRevB.pdf", ["elevations.proposed"]),
        ("HouseNo7_ElevProp_RevB.pdf", ["elevations.proposed"]),
        ("ex elevs.pdf", ["elevations.existing"]),
        ("A-101_GA Plans_Proposed.pdf", ["floorPlan.proposed"]),
        ("proposed%20roof%20plan.pdf", ["roofPlan.proposed"]),
        ("uploads/2024/Proposed section A-A.pdf", ["sections.proposed"]),
        ("D&A Statement.pdf", ["designAndAccessStatement"]),
        ("Design and Access Statement (final) v3.docx", ["designAndAccessStatement"]),
        ("Bat Survey Report 2024.pdf", ["ecologyReport"]),
        ("FRA.pdf", ["floodRiskAssessment"]),
        ("Joiner’s report.pdf", ["joinersReport"]),
        ("Site photos.pdf", ["photographs.existing"]),
        ("bank statement march.pdf", ["bankStatement"]),
    ],
)
def test_the_name_tells(name, suggested):
    assert suggested_types(name, "") == suggested


@pytest.mark.parametrize(
    ("name", "suggested"),
    [
        ("Existing and proposed elevations.pdf", ["elevations.proposed", "elevations.existing"]),
        (
            "Existing elevations, proposed floor plans and site plan.pdf",
            ["elevations.existing", "floorPlan.proposed", "sitePlan.proposed"],
        ),
        ("Floor plans - existing, elevations - proposed.pdf", ["floorPlan.existing", "elevations.proposed"]),
        ("Elevations (existing & proposed).pdf", ["elevations.proposed", "elevations.existing"]),
    ],
)
def test_what_is_there_and_what_is_wanted_are_told_apart(name, suggested):
    assert suggested_types(name, "") == suggested


def test_a_name_that_does_not_say_which_leaves_it_to_the_sheet():
    assert set(suggested_types("Elevations.pdf", "")) == {"elevations.existing", "elevations.proposed"}
    assert suggested_types("Elevations.pdf", "Scale 1:100\nProposed elevations\nDrawing PL-02") == [
        "elevations.proposed"
    ]


def test_of_several_drawings_each_is_named_before_one_is_named_twice():
    suggested = suggested_types("Floor plans, elevations, sections and roof plan.pdf", "")
    assert suggested == ["floorPlan.proposed", "elevations.proposed", "sections.proposed"]


@pytest.mark.parametrize(
    "name",
    [
        "", "IMG_2034.JPG", "scan001.pdf", "Document1.docx", "PL-01.pdf", "myPlans.pdf", "Planning.pdf",
        "elevated walkway.pdf", "Section 106 agreement.pdf", "Section 73 cover.pdf", "Application Form.pdf",
        "ApplicationFormRedacted.pdf", "FeeCalculation.pdf", "AttachmentSummary.pdf", "Drawing register.pdf",
        "Community Infrastructure Levy - Completed form_included_in_Detail Drawing.pdf", "…", "plan" * 60,
    ],
)  # fmt: skip
def test_rather_nothing_than_a_guess(name):
    assert suggested_types(name, "") == []


def test_a_silent_name_leaves_it_to_the_text():
    sheet = "12 High Street\nPROPOSED GROUND FLOOR PLAN\nScale 1:100 at A3\nexisting wall"
    assert suggested_types("PL-01.pdf", sheet) == ["floorPlan.proposed"]
    report = "Heritage Statement\n12 High Street\n" + "The elevations and the site plan show the barn.\n" * 200
    assert suggested_types("2401 final.pdf", report) == ["heritageStatement"]


def test_the_name_weighs_more_than_the_text():
    assert suggested_types("Heritage statement.pdf", "Proposed elevations\nProposed elevations\nSite plan") == [
        "heritageStatement"
    ]


def test_what_a_report_speaks_of_is_not_what_it_is():
    letter = "Dear Sir,\nI write about the floor plans and the elevations that were sent to you in spring this year."
    assert suggested_types("scan001.pdf", letter) == []
    # Short forms, and words that texts use for other things, are read in names alone.
    assert suggested_types("scan001.pdf", "FRA\nMaterials to match\nGround floor") == []


def test_every_suggestion_is_a_type_that_is_known():
    rows = yaml.safe_load(type_suggestions.FILE.read_text(encoding="utf-8"))
    for row in rows:
        for words in row.get("known_by", []):
            suggested = suggested_types(f"{words}.pdf", "")
            base = row["code"].removesuffix(".existing").removesuffix(".proposed")
            assert any(code.startswith(base) for code in suggested), (words, suggested)
            assert len(suggested) <= 3
            assert set(suggested) <= {row["code"] for row in rows}


# --- Files that really came -----------------------------------------------------------------------------------------


def _stated() -> Iterator[tuple[str, frozenset[str]]]:
    """(name of the file, types that its sender gave it) of every file in the examples."""
    for path in sorted(EXAMPLES.rglob("*.json")):
        for file in json.loads(path.read_text(encoding="utf-8")).get("files", []):
            types = frozenset(kind["value"] if isinstance(kind, dict) else kind for kind in file["type"])
            yield unquote(file["name"].rsplit("/", 1)[-1]), types


@pytest.mark.skipif(not EXAMPLES.exists(), reason="the examples of Open Digital Planning are not here")
def test_how_often_it_is_right_on_files_that_came(capsys):
    """Half of the names say nothing (myPlans.pdf, other.pdf); of those that say something most are right."""
    files = sorted(set(_stated()), key=lambda file: (file[0], sorted(file[1])))
    answers = [(name, types, suggested_types(name, "")) for name, types in files]
    said = [(name, types, codes) for name, types, codes in answers if codes]
    right = [name for name, types, codes in said if set(codes) <= types]
    with capsys.disabled():
        print(f"\n  suggested for {len(said)} of {len(files)} files, right for {len(right)}:", ", ".join(sorted(right)))
    assert len(right) / len(said) >= 0.7
    assert all(not codes for name, _, codes in answers if name in ("myPlans.pdf", "other.pdf"))


@pytest.mark.skipif(not PORTAL.exists(), reason="the Planning Portal's example is not here")
def test_the_planning_portals_own_words_are_understood():
    listed = json.loads(PORTAL.read_text(encoding="utf-8"))["documentList"]
    suggested = {file["name"]: suggested_types(file["name"], "") for file in listed}
    assert suggested == {
        "Application Form": [],
        "Application Form - Without Personal Data": [],
        "How the fee was calculated": [],
        "A summary of the attachments in the proposal": [],
        "The location plan": ["locationPlan"],
        "Detail Drawing": ["otherDrawing"],
        "Elevation (Front) - Existing": ["elevations.existing"],
        "Community Infrastructure Levy - Completed form": [],
    }
