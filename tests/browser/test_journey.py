"""From a submission over HTTP to an issued decision on the public register, as its people do it in the browser."""

import json
import re
import urllib.request
from io import BytesIO
from pathlib import Path

import pytest
from django.core.management import call_command
from playwright.sync_api import expect
from pypdf import PdfReader

from cases.models import PlanningApplication
from cases.statuses import Status
from tests.browser.visitor import Visitor
from tests.cases import files, payloads

EXAMPLE = Path(__file__).resolve().parents[2] / (
    "../shared/odp/examples/application/lawfulDevelopmentCertificate-proposed.json"
)
APPLICANT = "famousfive@example.com"
COMMENT = "Remind the applicant of the party wall, and say on top what the certificate is about."
TITLE = "Certificate of lawful development: rear extension"


@pytest.fixture
def submission() -> bytes:
    """The published example of a certificate for a rear extension; where it is not there, our own in its likeness."""
    if EXAMPLE.exists():
        return EXAMPLE.read_bytes()
    ours = payloads.changed("data/application/type", {"value": "ldc.proposed", "description": "Proposed use"})
    applicant, address = ours["data"]["applicant"], ours["data"]["property"]["address"]
    del applicant["agent"], ours["data"]["property"]["planning"]
    applicant |= {"email": APPLICANT, "name": {"first": "Enid", "last": "Blyton"}}
    del address["paoEnd"]
    address |= {"title": "7, BLYTON CLOSE", "pao": "7", "street": "BLYTON CLOSE", "town": "BEACONSFIELD"}
    return payloads.as_bytes(ours)


def send(address: str, body: bytes, token: str) -> dict:
    """POST as PlanX does. Raises urllib's HTTPError for any answer but success."""
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    request = urllib.request.Request(f"{address}/api/v2/planning_applications", body, headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


@pytest.mark.pdf
def test_from_submission_to_the_register(live_server, council, assessor, reviewer, submission, visit, capsys):
    call_command("create_api_token", authority=council.code, name="PlanX")
    token = re.search(r"bops_\S+", capsys.readouterr().out).group()
    first, again = (send(live_server.url, submission, token) for _ in range(2))
    assert first["id"] == again["id"]
    case = PlanningApplication.objects.get()
    assert case.reference == first["id"]

    officer = visit(assessor)
    find_and_take(officer, case)
    validate(officer, case)
    assess(officer)
    recommend(officer, summary="It keeps every limit of Class A.")
    submit(officer)

    manager = visit(reviewer)
    open_sign_off(manager, case)
    send_back(manager)
    change_and_submit_again(officer, case)
    open_sign_off(manager, case)
    approve(manager)

    case.refresh_from_db()
    assert case.status == Status.DETERMINED
    find_the_message(officer, case)
    read_as_the_public(visit(), case)
    read_as_the_public(visit(may_run_scripts=False), case)


# --- The officer -----------------------------------------------------------------------------------------------------


def find_and_take(officer: Visitor, case: PlanningApplication) -> None:
    officer.go("/admin/")
    officer.field("Find a case").fill("blyton close")
    officer.press("Search", within=officer.page.locator(".case-home__search"))
    officer.follow(case.reference)
    officer.reads("7 Blyton Close")
    officer.follow("Take this case")
    officer.press("Take this case")
    officer.reads("This is your case now")


def done(officer: Visitor, *, next_task: str) -> None:
    """Finish the task of this page; the officer lands on the next one."""
    officer.press("Save and mark complete")
    expect(officer.page.get_by_role("heading", name=next_task, exact=True)).to_be_visible()


def validate(officer: Visitor, case: PlanningApplication) -> None:
    officer.follow("Check documents", within=officer.page.locator(".case-next"))
    give_missing_files(officer)
    describe_and_publish(officer)
    done(officer, next_task="Check description")

    officer.fill(description="Single-storey rear extension, 3.9 metres deep")
    officer.field("Why it was changed").fill("Agreed with the applicant by e-mail.")
    done(officer, next_task="Check red line")
    done(officer, next_task="Check fee")

    officer.field("Fee payable").fill("129")
    officer.field("Fee paid").fill("0")
    officer.press("Save and mark complete")
    expect(officer.page.get_by_role("alert")).to_contain_text("Less was paid than is due")
    officer.field("Exemption or reduction").fill("Works for a disabled resident")
    done(officer, next_task="Check constraints")

    officer.field("Constraint").select_option(label="Article 4 direction area")
    officer.press("Add constraint")
    row = officer.page.locator(".case-row", has_text="Article 4 direction area")
    officer.follow("It does not apply", within=row, exact=False)
    officer.field("Why it does not apply").fill("The direction is about flats.")
    officer.press("Take off the list")
    officer.reads("The direction is about flats.")
    done(officer, next_task="Valid or invalid")

    officer.press("Mark as valid")
    officer.reads("In assessment")


def give_missing_files(officer: Visitor) -> None:
    """Their host is not one that we fetch from, so an officer has put them in by hand."""
    officer.reads("Could not be fetched")
    missing = officer.page.locator(".case-document-row", has_text="Could not be fetched")
    for number in range(missing.count()):
        officer.follow("Change", within=missing.first, exact=False)
        plan = {
            "name": f"plan-{number}.pdf",
            "mimeType": "application/pdf",
            "buffer": files.pdf(words=f"Plan {number}"),
        }
        form = officer.page.locator("form", has=officer.page.get_by_role("button", name="Give it this file"))
        officer.field("File", within=form).set_input_files(plan)
        officer.press("Give it this file")
        officer.reads("The file is here")


def describe_and_publish(officer: Visitor) -> None:
    upload = officer.open("Add documents")
    plan = {"name": "location plan.pdf", "mimeType": "application/pdf", "buffer": files.pdf()}
    photograph = {"name": "rear.png", "mimeType": "image/png", "buffer": files.image()}
    officer.field("Files", within=upload).set_input_files([plan, photograph])
    upload.get_by_role("button", name="Upload", exact=True).click()
    officer.reads("2 documents added")
    expect(officer.page.locator("#documents-list")).to_contain_text("location plan")

    row = officer.page.locator(".case-document-row", has_text="location plan")
    officer.follow("Change", within=row, exact=False)
    opened = officer.page.locator("#opened")
    officer.field("Title", within=opened).fill("Location plan")
    officer.field("Drawing number", within=opened).fill("A-001")
    officer.field("Types", within=opened).select_option(label="Location plan")
    officer.press("Save document")

    for tick in officer.page.locator(".case-document-row__tick").all():
        tick.check()
    officer.field("What to do with them").select_option(label="Publish")
    officer.press("Continue")
    officer.press("Publish", exact=False)
    expect(officer.page.get_by_role("link", name="Undo: withhold them again")).to_be_visible()


def assess(officer: Visitor) -> None:
    task_list = officer.page.locator(".case-stages")
    officer.follow("Site visit", within=task_list)
    officer.field("Day of the visit").fill("2026-06-15")
    officer.field("What you saw").fill("A detached house with a level garden.")
    officer.press("Record it")
    done(officer, next_task="Planning history")
    done(officer, next_task="Site and proposal in words")
    officer.field("Site and surroundings").fill("A detached house of 1930 in a quiet close.")
    officer.field("The proposal").fill("A single-storey extension at the back, 3.9 metres deep and 3.5 metres high.")
    officer.press("Save")
    choose_class(officer)
    answer_limits(officer)


def choose_class(officer: Visitor) -> None:
    """Class A is ticked from what the submission says of the works."""
    expect(officer.page.get_by_label("Class A: Enlargement", exact=False)).to_be_checked()
    officer.press("Save the classes")


def answer_limits(officer: Visitor) -> None:
    limits = officer.page.locator(".case-limit")
    depth = limits.filter(has_text="beyond the rear wall").first
    depth.get_by_label("Complies", exact=True).check()
    officer.field("Measured", within=depth).fill("3.9 m")
    for rest in officer.page.get_by_label("The limits of this class that have no answer do not apply").all():
        rest.check()
    officer.press("Save the assessment")


def recommend(officer: Visitor, *, summary: str) -> None:
    officer.follow("Informatives", within=officer.page.locator(".case-stages"))
    officer.follow("Pick from the library")
    officer.page.locator("#opened").get_by_role("checkbox").first.check()
    officer.press("Add the ticked texts")
    done(officer, next_task="Reasons for refusal")
    done(officer, next_task="Plans on the notice")
    officer.page.get_by_label("Location plan", exact=False).first.check()
    done(officer, next_task="Recommendation")
    officer.page.get_by_label("Certificate of lawfulness granted", exact=True).check()
    officer.field("Why").fill(summary)
    officer.field("Conclusion").fill("The proposal is permitted development.")
    officer.press("Save the recommendation")
    officer.follow("Read the officer's report")
    officer.reads("3.9 metres deep")
    officer.page.go_back()


def submit(officer: Visitor) -> None:
    officer.follow("Draft the decision notice")
    officer.press("Draft the notice")
    officer.press("Submit for sign-off")
    officer.reads("is submitted for sign-off")


def change_and_submit_again(officer: Visitor, case: PlanningApplication) -> None:
    officer.go("/admin/")
    officer.follow(case.reference, within=officer.page.get_by_role("region", name="Sent back"))
    officer.reads(COMMENT)
    officer.follow("Informatives", within=officer.page.locator(".case-stages"))
    officer.follow("Write your own")
    officer.field("Title").fill("Party wall")
    officer.field("Text").fill("The Party Wall etc. Act 1996 may apply.")
    officer.press("Add it")
    officer.follow("Decision notice", within=officer.page.locator(".case-stages"))
    expect(officer.page.frame_locator(".notice-frame").get_by_text("The Party Wall etc. Act 1996 may")).to_be_visible()
    officer.reads(COMMENT)
    officer.follow("Change the words")
    officer.page.get_by_role("textbox", name=re.compile("^Title")).first.fill(TITLE)
    officer.press("Save draft")
    officer.go(f"/admin/cases/{case.pk}/notice/")
    expect(officer.page.frame_locator(".notice-frame").get_by_role("heading", name=TITLE)).to_be_visible()
    officer.press("Submit for sign-off")
    officer.reads("is submitted for sign-off")


# --- The manager -----------------------------------------------------------------------------------------------------


def open_sign_off(manager: Visitor, case: PlanningApplication) -> None:
    manager.go("/admin/")
    manager.follow(case.reference, within=manager.page.locator("section", has_text="Waiting for my sign-off").last)
    manager.follow("Sign-off", within=manager.page.locator(".case-stages"))


def send_back(manager: Visitor) -> None:
    manager.field("Your comment").fill(COMMENT)
    manager.press("Send back")


def approve(manager: Visitor) -> None:
    manager.reads("What changed since the last review")
    manager.reads("The Party Wall etc. Act 1996 may apply.")
    expect(manager.page.frame_locator(".notice-frame").get_by_role("heading", name=TITLE)).to_be_visible()
    manager.press("Approve and issue")
    expect(manager.page.get_by_role("alert")).to_contain_text("Confirm that you have read")
    manager.field("I have read the report").check()
    manager.press("Approve and issue")
    manager.reads("is issued (version 1)")


# --- What exists then ------------------------------------------------------------------------------------------------


def find_the_message(officer: Visitor, case: PlanningApplication) -> None:
    officer.go("/admin/")
    officer.follow("Messages")
    officer.field("Search").fill(case.reference)
    officer.page.keyboard.press("Enter")
    officer.page.wait_for_url("**q=*")
    officer.look()
    officer.follow(f"Decision on {case.reference}", exact=False)
    officer.reads(APPLICANT)
    officer.reads("Held: not sent")


def read_as_the_public(neighbour: Visitor, case: PlanningApplication) -> None:
    neighbour.go("/planning-applications/")
    neighbour.field("Search by reference").fill("blyton close")
    neighbour.press("Search")
    neighbour.follow("7 Blyton Close", exact=False)
    neighbour.reads("Certificate of lawfulness granted")
    neighbour.reads("Location plan")
    neighbour.follow("Read the decision notice")
    neighbour.reads(TITLE)
    neighbour.reads("The Party Wall etc. Act 1996 may apply.")
    neighbour.follow("Guidance")
    neighbour.follow("Lawful development certificates")
    neighbour.go(f"/planning-applications/{case.reference}/")
    link = neighbour.page.get_by_role("link", name="Decision notice (PDF)")
    answer = neighbour.page.request.get(link.get_attribute("href"))
    assert answer.body().startswith(b"%PDF")
    catalogue = PdfReader(BytesIO(answer.body())).trailer["/Root"]
    assert catalogue["/MarkInfo"]["/Marked"].value
    assert catalogue["/StructTreeRoot"]["/K"]
