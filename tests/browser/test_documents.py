"""The officers' document pages in a browser: many files with progress and retry, suggestions, pages, comparison."""

import re
from datetime import date

import pytest
from django.db import transaction
from playwright.sync_api import expect

from cases.models import Document
from cases.statuses import PublicStatus, Status
from tests.browser.visitor import Visitor
from tests.cases import files
from tests.cases.document_files import make_document

DROP = """([target, names]) => {
    const data = new DataTransfer();
    names.forEach((name) => data.items.add(new File([`col,${name}\\n1,2\\n`], name, {type: "text/csv"})));
    for (const kind of ["dragenter", "dragover", "drop"])
        target.dispatchEvent(new DragEvent(kind, {bubbles: true, cancelable: true, dataTransfer: data}));
}"""


@pytest.fixture
def authority(council):
    return council


@pytest.fixture
def case(make_application):
    with transaction.atomic():
        return make_application("pp.full.householder", status=Status.IN_ASSESSMENT)


def address(case) -> str:
    return f"/admin/cases/{case.pk}/tasks/check_documents/"


def file(name: str, content: bytes) -> dict:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": content}


def queue(officer: Visitor, name: str):
    return officer.page.locator(".doc-queue__file", has_text=name)


def test_many_files_come_one_by_one_and_what_failed_is_tried_again(visit, assessor, case):
    make_document(case, "Already here")
    officer = visit(assessor)
    officer.go(address(case))
    page = officer.page
    page.get_by_label("Choose Already here").check()
    upload = officer.open("Add documents")
    lost = []

    def lose_the_first(route):
        if "letter" in (route.request.post_data_buffer or b"").decode("latin-1") and not lost:
            lost.append(route)
            return route.abort("connectionfailed")
        return route.continue_()

    page.route("**/documents/upload/", lose_the_first)
    officer.field("Files", within=upload).set_input_files(
        [
            file("Proposed elevations.png", files.image(colour="red")),
            file("program.pdf", b"MZ\x90\x00\x03" + bytes(300)),
            file("letter.csv", b"address,letter\n1,2\n"),
        ]
    )
    officer.look()
    upload.get_by_role("button", name="Upload", exact=True).click()
    expect(page.locator("[data-queue-said]")).to_contain_text("1 document added. 1 file could not be taken")
    expect(queue(officer, "Proposed elevations.png")).to_contain_text("Elevations - proposed")
    expect(queue(officer, "program.pdf")).to_contain_text("not accepted")
    expect(queue(officer, "letter.csv")).to_contain_text("connection was lost")
    # The list has the new one, and what was ticked is ticked still.
    expect(page.locator("#documents-list")).to_contain_text("Proposed elevations")
    expect(page.get_by_label("Choose Already here")).to_be_checked()
    upload.get_by_role("button", name="Try the failed ones again").click()
    expect(queue(officer, "letter.csv")).to_contain_text("Added")
    expect(page.locator("#documents-list")).to_contain_text("letter")
    assert {document.title for document in case.documents.all()} == {"Already here", "Proposed elevations", "letter"}
    officer.look()

    # One click takes the suggestion over.
    row = page.locator(".case-document-row", has_text="Proposed elevations")
    row.get_by_role("button", name=re.compile("^Use Elevations - proposed")).click()
    expect(row.locator(".doc-suggestion")).to_have_count(0)
    assert case.documents.get(title="Proposed elevations").types == ["elevations.proposed"]
    refused = {fault for fault in officer.faults if fault.startswith("422: ")}
    assert len(refused) == 1  # the program: what the script is told
    for fault in refused:
        del officer.faults[fault]


def test_files_are_dropped_taken_out_and_cancelled(visit, assessor, case):
    officer = visit(assessor)
    officer.go(address(case))
    page = officer.page
    drop = page.locator("[data-drop]").element_handle()
    page.evaluate(DROP, [drop, ["one.csv", "two.csv"]])
    queue(officer, "two.csv").get_by_role("button", name="Take out two.csv").click()
    expect(queue(officer, "two.csv")).to_contain_text("Cancelled")
    page.get_by_role("button", name="Upload", exact=True).click()
    expect(page.locator("[data-queue-said]")).to_contain_text("1 document added.")
    assert [document.title for document in case.documents.all()] == ["one"]

    held = []
    page.route("**/documents/upload/", lambda route: held.append(route))
    page.evaluate(DROP, [drop, ["three.csv", "four.csv", "five.csv"]])
    page.get_by_role("button", name="Upload", exact=True).click()
    expect(page.locator(".doc-queue__file", has_text="Sending")).to_have_count(2)  # two at a time
    page.get_by_role("button", name="Cancel", exact=True).click()
    for name in ("three", "four", "five"):
        expect(queue(officer, f"{name}.csv")).to_contain_text("Cancelled")
    assert len(held) <= 2
    assert case.documents.count() == 1


@pytest.mark.parametrize("may_run_scripts", [True, False])
def test_many_are_published_after_one_question_and_withheld_again(visit, assessor, case, may_run_scripts):
    for n in range(3):
        make_document(case, f"Plan {n}")
    make_document(case, "Script", active_content=["javascript"])
    officer = visit(assessor, may_run_scripts=may_run_scripts)
    officer.go(address(case))
    for tick in officer.page.locator(".case-document-row__tick").all():
        tick.check()
    officer.field("What to do with them").select_option(label="Publish")
    officer.press("Continue")
    officer.reads("3 documents will be public at once")
    officer.reads("1 document cannot, and stays as it is")
    officer.press("Publish 3 documents")
    officer.reads("Script")
    assert case.documents.filter(public_status=PublicStatus.PUBLISH).count() == 3
    # By its address: without scripts Wagtail's own notice lies over the message.
    officer.go(officer.page.get_by_role("link", name="Undo: withhold them again").get_attribute("href"))
    officer.press("Withhold 3 documents")
    assert case.documents.filter(public_status=PublicStatus.WITHHOLD).count() == 3


def test_without_scripts_the_form_takes_them_all(visit, assessor, case):
    officer = visit(assessor, may_run_scripts=False)
    officer.go(address(case))
    officer.field("Files").set_input_files([file("a.csv", b"address,b\n1,2\n"), file("b.csv", b"address,d\n1,2\n")])
    officer.press("Upload")
    assert {document.title for document in case.documents.all()} == {"a", "b"}


@pytest.mark.parametrize("width", [1280, 390])
def test_the_pages_by_keyboard_and_two_revisions_beside_each_other(visit, assessor, case, width):
    old = make_document(
        case, "Elevation " + "averyverylongname" * 6, revision="A", pages=["A slate roof", "Notes", "End"]
    )
    new = make_document(case, "Elevation", revision="B", pages=["A tiled roof", "Notes"], received_on=date(2026, 6, 8))
    Document.objects.filter(pk=old.pk).update(superseded_by=new)
    for document in (old, new):
        colour = "black" if document == new else "white"
        for page in document.pages.all():
            with page.preview.storage.open(page.preview.name, "wb") as stored:
                stored.write(files.image("JPEG", size=(400, 560), colour=colour))
    officer = visit(assessor)
    page = officer.page
    page.set_viewport_size({"width": width, "height": 900})
    officer.go(f"/admin/cases/documents/{new.pk}/view/")
    pages = page.locator("[data-pages]")
    pages.focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#doc-page")).to_have_value("2")
    page.keyboard.press("+")
    expect(pages).to_have_attribute("data-size", "150")
    page.keyboard.press("0")
    expect(pages).to_have_attribute("data-size", "100")
    officer.fill(find_in_this_document="tiled")
    officer.press("Find")
    officer.reads("on 1 page")
    officer.follow("Compare with the version before")
    expect(page.locator(".doc-pair")).to_have_count(3)
    page.get_by_label("One over the other").check()
    expect(page.get_by_label("How much of the right one shows")).to_be_visible()
    officer.look()
    page.get_by_label("Mark the differences").check()
    expect(page.locator(".doc-pair__title").first).to_contain_text("differences marked")
    expect(page.locator(".doc-pair canvas").first).to_be_visible()
    officer.look()
    page.get_by_label("Side by side").check()
    expect(page.locator(".doc-pair canvas")).to_have_count(0)
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    officer.go("/admin/cases/documents/search/?q=slate")
    officer.reads("slate")
