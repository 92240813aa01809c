"""The applicants' pages in a real browser: files with progress, the red line by keyboard, without scripts, on a narrow
screen, and as axe sees every page."""

import re
from collections.abc import Callable

import pytest
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from cases.models import AnswerFile, ApplicantLink, ValidationRequest
from cases.requests.links import TOKEN
from cases.statuses import Status
from notices.models import Message
from tests.browser.visitor import Visitor
from tests.cases.files import pdf
from tests.home.applicants import MOVED, Applicant, ask

Kind = ValidationRequest.Kind


@pytest.fixture
def authority(council):
    """The council of every other fixture is the one on the live server."""
    return council


@pytest.fixture
def application(make_application):
    with transaction.atomic():  # a reference is allotted inside a transaction
        return make_application("pp.full.householder", status=Status.INVALIDATED)


@pytest.fixture
def assessed(make_application):
    with transaction.atomic():
        return make_application(
            "pp.full.householder", status=Status.IN_ASSESSMENT, received_on=timezone.localdate(), uprn="1"
        )


@pytest.fixture
def asked(application, officer) -> Callable[..., ValidationRequest]:
    return lambda kind, **fields: ask(application, kind, by=officer, **fields)


def file(name: str, words: str = "Plan") -> dict:
    return {"name": name, "mimeType": "application/pdf", "buffer": pdf(words=words)}


def fits(page: Page) -> None:
    wide = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    assert not wide, f"{page.url} is wider than the screen"


def test_files_are_sent_and_removed_by_finger_alone(visit, application, asked):
    asked(Kind.ADDITIONAL_DOCUMENT, title="Floor plans are missing")
    way, person = Applicant(application), visit(has_touch=True)
    page = person.page
    page.set_viewport_size({"width": 820, "height": 1180})
    person.go(way.at("applicant_request", 1))
    with page.expect_file_chooser() as chosen:
        page.get_by_label("Files", exact=True).tap()
    assert chosen.value.is_multiple()
    chosen.value.set_files([file("ground.pdf", "Ground"), file("first.pdf", "First")])
    for name in ("ground.pdf", "first.pdf"):
        expect(page.get_by_role("button", name=f"Remove {name}")).to_be_visible()
    page.get_by_role("button", name="Remove first.pdf").tap()
    expect(the_file_list(page)).to_have_count(1)
    assert {one.original_name for one in AnswerFile.objects.all()} == {"ground.pdf"}
    fits(page)
    person.look()


def the_file_list(page: Page):
    return page.locator("[data-uploads-list] li")


def test_files_by_script_with_progress_retry_and_removal(visit, application, asked):
    asked(Kind.ADDITIONAL_DOCUMENT, title="Floor plans are missing")
    way, person = Applicant(application), visit()
    page = person.page
    person.go(way.at("applicant_request", 1))
    page.get_by_label("Files", exact=True).set_input_files([file("ground.pdf", "Ground"), file("first.pdf", "First")])
    expect(page.get_by_role("button", name="Remove first.pdf")).to_be_visible()
    expect(page.get_by_role("button", name="Remove ground.pdf")).to_be_visible()
    expect(page.get_by_role("status")).to_contain_text("2 files are here")
    person.look()

    # One that is refused says why; one whose connection broke is sent again.
    page.get_by_label("Files", exact=True).set_input_files(
        [{"name": "plan.pdf", "mimeType": "application/pdf", "buffer": b"MZ\x90\x00 a program"}]
    )
    row = the_file_list(page).filter(has_text="plan.pdf")
    expect(row).to_contain_text("was not sent")
    expect(row.get_by_role("button", name="Try again")).to_have_count(0)
    person.look()
    row.get_by_role("button", name="Leave out").click()
    page.route("**/upload", lambda route: route.abort())
    page.get_by_label("Files", exact=True).set_input_files([file("roof.pdf", "Roof")])
    again = page.get_by_role("button", name="Try again roof.pdf")
    expect(again).to_be_visible()
    page.unroute("**/upload")
    again.click()
    expect(page.get_by_role("button", name="Remove roof.pdf")).to_be_visible()

    page.get_by_role("button", name="Remove first.pdf").click()
    expect(the_file_list(page)).to_have_count(2)
    assert {one.original_name for one in AnswerFile.objects.all()} == {"ground.pdf", "roof.pdf"}
    person.press("Save and continue")
    person.reads("Check your answers before you send them")
    person.faults = {fault: at for fault, at in person.faults.items() if not fault.startswith("422: ")}


def test_files_are_dropped_on_the_page(visit, application, asked):
    asked(Kind.ADDITIONAL_DOCUMENT)
    person = visit()
    page = person.page
    person.go(Applicant(application).at("applicant_request", 1))
    transfer = page.evaluate_handle(
        "() => { const held = new DataTransfer();"
        " held.items.add(new File(['A note in plain words'], 'note.txt', {type: 'text/plain'})); return held }"
    )
    page.dispatch_event("[data-uploads-drop]", "drop", {"dataTransfer": transfer})
    expect(page.get_by_role("button", name="Remove note.txt")).to_be_visible()
    assert AnswerFile.objects.get().original_name == "note.txt"


def test_a_whole_answer_with_the_red_line_by_keyboard_alone(visit, application, asked):
    asked(Kind.RED_LINE, title="The red line leaves out the drive")
    way, person = Applicant(application), visit()
    page = person.page
    person.go(way.at())
    person.enter(page.get_by_role("link", name="1. The red line leaves out the drive", exact=True))
    person.tab_to(page.get_by_label("I draw the line here"))
    page.keyboard.press("Space")
    first = page.get_by_role("button", name="Corner 1", exact=True)
    person.tab_to(first)
    before = page.locator("#id_corners").input_value()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Shift+ArrowLeft")
    expect(first).to_be_focused()
    expect(page.locator("[data-draw-said]")).to_contain_text("square metres")
    expect(page.locator("#id_corners")).not_to_have_value(before)
    person.look()

    # And in the list of corners.
    person.tab_to(page.locator("[data-draw-list] summary"))
    page.keyboard.press("Enter")
    person.tab_to(page.get_by_role("button", name="Add one after: corner 1", exact=True))
    page.keyboard.press("Enter")
    expect(page.get_by_label("Latitude of corner 2")).to_be_focused()
    expect(page.locator("[data-draw-said]")).to_contain_text("5 corners")
    person.tab_to(page.get_by_role("button", name="Take out: corner 2", exact=True))
    page.keyboard.press("Enter")
    person.tab_to(page.get_by_label("Longitude of corner 3"))
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("-0.6465")
    page.keyboard.press("Tab")
    expect(page.locator("[data-draw-said]")).to_contain_text("Corner 3 moved.")
    person.look()
    corners = page.locator("#id_corners").input_value()
    person.enter(page.get_by_role("button", name="Save and continue", exact=True))
    person.tab_to(page.get_by_label("Your full name"))
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("Enid Blyton")
    person.enter(page.get_by_role("button", name="Send", exact=True))
    person.reads("We have your answer")
    sent = ValidationRequest.objects.get()
    assert (sent.answer, sent.answered_name) == ("replied", "Enid Blyton")
    drawn = [f"{latitude:.7f}, {longitude:.7f}" for longitude, latitude in sent.answer_boundary["coordinates"][0][:-1]]
    assert drawn == corners.splitlines()


def test_the_red_line_by_mouse(visit, application, asked):
    asked(Kind.RED_LINE, proposed_boundary=MOVED)
    person = visit()
    page = person.page
    person.go(Applicant(application).at("applicant_request", 1))
    page.get_by_label("I draw another line here").check()
    corner = page.get_by_role("button", name="Corner 1", exact=True)
    corner.scroll_into_view_if_needed()
    box, before = corner.bounding_box(), page.locator("#id_corners").input_value()
    page.mouse.move(box["x"] + 12, box["y"] + 12)
    page.mouse.down()
    page.mouse.move(box["x"] - 28, box["y"] - 8, steps=5)
    page.mouse.up()
    expect(page.locator("[data-draw-said]")).to_contain_text("Corner 1 moved.")
    expect(page.locator("#id_corners")).not_to_have_value(before)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#id_corners")).to_have_value(before)

    # A new line, corner after corner.
    page.get_by_role("button", name="Draw a new line").click()
    canvas = page.locator("[data-draw-map]").bounding_box()
    for x, y in ((100, 100), (300, 100), (300, 250), (100, 250)):
        page.mouse.click(canvas["x"] + x, canvas["y"] + y)
    expect(page.locator("[data-draw-said]")).to_contain_text("4 corners")
    person.look()
    person.press("Save and continue")
    person.reads("As you drew it")


def test_everything_without_scripts(visit, application, asked):
    asked(Kind.ADDITIONAL_DOCUMENT, title="Floor plans are missing")
    asked(Kind.RED_LINE)
    asked(Kind.DESCRIPTION)
    asked(Kind.OWNERSHIP)
    way, person = Applicant(application), visit(may_run_scripts=False)
    page = person.page
    person.go(way.at())
    person.reads("There are 4 things that we need from you")
    person.follow("1. Floor plans are missing")
    page.locator("#id_attached").set_input_files([file("ground.pdf", "Ground"), file("first.pdf", "First")])
    person.press("Upload the chosen files")
    expect(the_file_list(page)).to_have_count(2)
    page.get_by_label("Anything that we should know").fill("The roof follows.")
    person.press("Remove ground.pdf")
    expect(the_file_list(page)).to_have_count(1)
    expect(page.get_by_label("Anything that we should know")).to_have_value("The roof follows.")
    person.press("Save and continue")

    person.go(way.at("applicant_request", 2))
    page.get_by_label("I draw the line here").check()
    page.get_by_label("Corners of the red line").fill("here, there")
    person.press("Save and continue")
    person.reads("Line 1 must hold two numbers")
    page.get_by_label("Corners of the red line").fill(
        "51.6156, -0.6467\n51.6156, -0.6461\n51.6151, -0.6461\n51.6151, -0.6467"
    )
    person.press("Save and continue")

    person.go(way.at("applicant_request", 3))
    page.get_by_label("No, I do not agree with these words").check()
    page.get_by_label("Why do you not agree?").fill("It is at the rear.")
    person.press("Save and continue")

    person.go(way.at("applicant_request", 4))
    page.get_by_label("No, somebody else owned some or all of it").check()
    page.get_by_label("Yes, all of them").check()
    page.locator("#id_owners-0-name").fill("Ann Owner")
    person.press("Add another owner")
    expect(page.locator("#id_owners-0-name")).to_have_value("Ann Owner")
    expect(page.locator("#id_owners-1-name")).to_have_value("")
    page.locator("#id_owners-0-address").fill("1 High Street")
    page.locator("#id_owners-0-notice_on").fill("3 May 2026")
    page.locator("#id_agricultural").check()
    person.press("Save and continue")

    person.reads("Certificate B")
    person.press("Sign and send")
    person.reads("Tick the box to sign")
    page.get_by_label("I declare this").check()
    person.press("Sign and send")
    person.reads("We have your answers")
    page.reload()
    person.reads("We have your answers")
    assert not ValidationRequest.objects.filter(answer="").exists()
    person.follow("Back to all requests")
    person.reads("You do not need to do anything now")


def pages_of(way: Applicant) -> list[str]:
    numbers = way.application.validation_requests.values_list("number", flat=True)
    return [way.at(), *(way.at("applicant_request", number) for number in numbers), way.at("applicant_check")]


@pytest.mark.parametrize("width", [1280, 320])
def test_every_page_of_every_kind(visit, application, assessed, officer, asked, width):
    for kind in (
        Kind.ADDITIONAL_DOCUMENT,
        Kind.DESCRIPTION,
        Kind.RED_LINE,
        Kind.FEE,
        Kind.OWNERSHIP,
        Kind.OTHER,
    ):
        asked(kind, **({"proposed_boundary": MOVED} if kind == Kind.RED_LINE else {}))
    for kind in (Kind.PRE_COMMENCEMENT, Kind.HEADS_OF_TERMS, Kind.EXTENSION_OF_TIME):
        ask(assessed, kind, by=officer)
    person = visit()
    page = person.page
    page.set_viewport_size({"width": width, "height": 900})
    for way in (Applicant(application), Applicant(assessed)):
        for address in pages_of(way):
            person.go(address)
            fits(page)
            _open_everything(person, page)
    # Errors, checking, sending, and what is closed afterwards.
    way = Applicant(assessed)
    for number, answer in ((1, "No, I do not agree"), (2, "Yes, I agree"), (3, "Yes, I agree")):
        person.go(way.at("applicant_request", number))
        if number == 1:
            person.press("Save and continue")
            person.reads("Choose yes or no")
            fits(page)
        page.get_by_label(re.compile(answer)).check()
        if number == 1:
            page.get_by_label("Why do you not agree?").fill(f"{'Averylongwordwithoutanyspaceinit' * 8}")
        person.press("Save and continue")
        fits(page)
    page.get_by_label("I declare this").check()
    person.press("Sign and send")
    person.reads("We have your answers")
    fits(page)
    person.follow("Back to all requests")
    page.locator("details summary").first.click()
    person.look()
    fits(page)
    for address in (way.at("applicant_request", 1), way.at("applicant_request", 3), "/your-application/nonsense/"):
        person.go(address)
        fits(page)
    person.reads("This link does not work")


def _open_everything(person: Visitor, page: Page) -> None:
    """Each choice in turn, so that what stands behind it is looked at as well."""
    radios = page.locator("form.answer > .govuk-form-group .govuk-radios__input:visible")
    for number in range(radios.count()):
        radios.nth(number).check(force=True)
        person.look()
        fits(page)


@pytest.mark.parametrize("may_run_scripts", [True, False])
def test_from_a_link_that_has_expired_to_a_new_one(visit, application, asked, may_run_scripts):
    asked(Kind.OTHER, title="A question")
    way, person = Applicant(application), visit(may_run_scripts=may_run_scripts)
    person.page.set_viewport_size({"width": 390, "height": 900})
    person.go(way.at("applicant_request", 77))
    person.reads("This question is not there any more")
    person.follow("See everything that we ask you")
    person.reads("A question")
    ApplicantLink.objects.update(expires_at=timezone.now())
    person.go(way.at())
    fits(person.page)
    person.press("Get a new link by e-mail")
    person.press("Send me a new link")
    person.reads("Enter the reference of the application")
    fits(person.page)
    person.field("Reference of the application").fill(application.reference)
    person.field("Your e-mail address").fill("famousfive@example.com")
    person.press("Send me a new link")
    person.reads("Check your e-mail")
    fits(person.page)
    [letter] = Message.objects.filter(about="new_link")
    person.go(reverse("applicant_requests", args=[TOKEN.search(letter.body)[0]]))
    person.reads("A question")
