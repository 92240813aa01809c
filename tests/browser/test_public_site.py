"""The public site in a real browser: without scripts, by keyboard, on a narrow screen, and as axe sees it."""

import re
from datetime import date, timedelta

import pytest
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone
from playwright.sync_api import expect

from cases.models import Comment, Document
from cases.statuses import Decision, PublicStatus, Sentiment, Status
from notices.drafting.templates import load_notice_templates
from notices.signoff.approving import approve
from notices.signoff.drafting import draft_notice
from notices.signoff.submitting import submit_for_sign_off

REGISTER = "/planning-applications/"
SEARCH = "Search by reference, address, postcode or words"
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
LONG = "Change of use of a barn to a dwelling with new access, parking, landscaping and boundary walls. " * 8


@pytest.fixture
def authority(council):
    """The council of every other fixture is the one on the live server."""
    return council


@pytest.fixture
def made(make_application):
    """make_application for tests whose rows a server must see: a reference is allotted inside a transaction."""

    def make(*args, **fields):
        with transaction.atomic():
            return make_application(*args, published_at=timezone.now(), **fields)

    return make


@pytest.fixture
def busy(made):
    """A public application with documents, comments and much to say."""
    application = made(
        "pp.full.householder",
        status=Status.IN_ASSESSMENT,
        description=LONG,
        address="The Old Rectory and Adjoining Outbuildings, Little-Missenden-under-Wychwood, Buckinghamshire",
        consultation_ends_on=timezone.localdate() + timedelta(days=9),
    )
    for title in (
        "Proposed elevations",
        "Averyveryveryverylongfilenamewithoutanyspaceinit_final_FINAL_2_copy_of_copy.pdf",
    ):
        document = Document(
            application=application,
            title=title,
            types=["elevations.proposed"],
            drawing_number="101",
            revision="B",
            public_status=PublicStatus.PUBLISH,
            mime_type="application/pdf",
            received_on=date(2026, 6, 1),
            size=len(PDF),
            clean_mime_type="application/pdf",
            clean_size=len(PDF),
        )
        document.clean_file.save("x.clean.pdf", ContentFile(PDF), save=False)  # as the background leaves it
        document.file.save("x.pdf", ContentFile(PDF), save=True)
    for number in range(7):
        Comment.objects.create(
            application=application,
            name="A neighbour",
            address=f"{number} Blyton Close",
            text="x",
            redacted_text="It takes our light.",
            sentiment=Sentiment.OBJECTION,
            published_at=timezone.now(),
            received_on=date(2026, 6, 9),
        )
    return application


@pytest.fixture
def decided(made, officer, manager):
    load_notice_templates()
    application = made("ldc.proposed", status=Status.IN_ASSESSMENT)
    application.refusal_reasons.create(title="Too high", text="The eaves are higher than 3 metres.")
    application.recommendations.create(decision=Decision.LDC_REFUSED, summary="Too high.", by=officer)
    approve(submit_for_sign_off(draft_notice(application, by=officer), by=officer), by=manager)
    return application


def test_everything_works_without_scripts(visit, live_server, busy):
    neighbour = visit(may_run_scripts=False)
    page = neighbour.page
    neighbour.go("/")
    page.get_by_label(SEARCH).fill("rectory")
    neighbour.press("Search")
    neighbour.reads("1 application for “rectory”")

    neighbour.open("Filter by type, status, decision, place or date")
    page.get_by_label("Status").select_option("Under assessment")
    neighbour.press("Apply filters")
    neighbour.follow("Remove the filter Status", exact=False)
    assert "status=" not in page.url
    assert "q=rectory" in page.url

    neighbour.follow("The Old Rectory", exact=False)
    expect(page.get_by_role("heading", level=1)).to_contain_text("The Old Rectory")
    expect(page.get_by_role("img", name="Outline of the site")).to_be_visible()
    expect(page.get_by_role("table", name="Plans and drawings")).to_be_visible()
    plan = page.get_by_role("link", name=re.compile("Proposed elevations.*drawing 101 revision B.*PDF"))
    address = plan.get_attribute("href")
    assert page.request.get(f"{live_server.url}{address}").body() == PDF

    neighbour.follow("Read all 7 comments")
    expect(page.get_by_role("article")).to_have_count(7)
    neighbour.follow("Guidance")
    neighbour.follow("How to appeal")
    expect(page.get_by_role("heading", level=1)).to_have_text("How to appeal")


def test_every_kind_of_page_is_accessible_and_fits(visit, busy, decided):
    """`go` looks with axe and at the browser's console; 320 pixels are 1280 enlarged to 400 % (WCAG 1.4.10)."""
    neighbour, too_wide = visit(), []
    for path in (
        "/", "/guidance/", "/guidance/what-plans-to-send/", "/guidance/how-decisions-are-made/", "/privacy/",
        "/accessibility/", "/open-data/",
        REGISTER, f"{REGISTER}?q=rectory&status=under-assessment", f"{REGISTER}?q=zebra",
        f"{REGISTER}?received_from=nonsense", f"{REGISTER}{busy.reference}/", f"{REGISTER}{busy.reference}/comments/",
        f"{REGISTER}{decided.reference}/", f"{REGISTER}property/{decided.uprn}/", "/nothing-is-here/",
    ):  # fmt: skip
        for width in (320, 1280):
            neighbour.page.set_viewport_size({"width": width, "height": 900})
            if width == 320:
                neighbour.go(path)
            else:  # the window is made larger
                neighbour.look()
            if neighbour.page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
                too_wide.append((width, path))
    assert too_wide == []


def test_by_keyboard(visit, busy):
    neighbour = visit()
    neighbour.go(REGISTER)
    keyboard = neighbour.page.keyboard
    keyboard.press("Tab")
    skip = neighbour.page.get_by_role("link", name="Skip to main content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    keyboard.press("Enter")
    keyboard.press("Tab")
    expect(neighbour.page.get_by_label(SEARCH)).to_be_focused()
    keyboard.type("zebra")
    keyboard.press("Enter")
    neighbour.reads("No application matches")

    # An error is put before the reader.
    neighbour.go(f"{REGISTER}?received_from=31/2/2026")
    expect(neighbour.page).to_have_title(re.compile("^Error: "))
    summary = neighbour.page.locator(".govuk-error-summary")
    expect(summary).to_be_focused()
    summary.get_by_role("link").click()
    received = neighbour.page.get_by_role("group", name="Received")
    expect(neighbour.field("On or after", received)).to_be_focused()

    # On a narrow screen the menu opens when it is asked to.
    neighbour.page.set_viewport_size({"width": 320, "height": 700})
    neighbour.go("/")
    guidance = neighbour.page.locator("#navigation").get_by_role("link", name="Guidance")
    expect(guidance).to_be_hidden()
    neighbour.page.get_by_role("button", name="Menu").press("Enter")
    expect(guidance).to_be_visible()
