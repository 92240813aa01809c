"""Pages of the register in a browser, with scripts and without: documents, the map, one property; many and none."""

import io
import re
import zipfile
from datetime import date

import pytest
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone
from playwright.sync_api import expect

from cases.models import Comment, Document
from cases.statuses import PublicStatus, Sentiment, Status

REGISTER = "/planning-applications/"
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
            return make_application(*args, published_at=timezone.now(), status=Status.IN_ASSESSMENT, **fields)

    return make


def add_document(application, title: str, *types: str, **fields) -> Document:
    row = {"mime_type": "application/pdf", "received_on": date(2026, 6, 1), "size": len(PDF), **fields}
    document = Document(
        application=application, title=title, types=list(types), public_status=PublicStatus.PUBLISH, **row
    )
    document.clean_mime_type, document.clean_size = document.mime_type, document.size  # as the background leaves it
    document.clean_file.save("x.clean.pdf", ContentFile(PDF), save=False)
    document.file.save("x.pdf", ContentFile(PDF), save=True)
    return document


@pytest.fixture
def busy(made):
    """A public application with long words, many documents of several types, comments on many topics, and a history."""
    application = made("pp.full.householder", description=LONG, address="The Old Rectory and Adjoining Outbuildings")
    made("pp.full.householder", description="An older extension", received_on=date(2020, 1, 2))
    new = add_document(application, "Proposed elevations", "elevations.proposed", drawing_number="101", revision="B")
    add_document(application, "Proposed elevations", "elevations.proposed", revision="A", superseded_by=new)
    add_document(application, "Averyveryveryverylongfilenamewithoutanyspaceinit_final_FINAL_2_copy.pdf", "locationPlan")
    for number in range(60):
        add_document(application, f"Photograph {number}", "photographs.existing")
    for number in range(7):
        Comment.objects.create(
            application=application,
            name="A neighbour",
            text="x",
            redacted_text="It takes our light.",
            sentiment=Sentiment.OBJECTION if number else Sentiment.SUPPORTIVE,
            published_at=timezone.now(),
            received_on=date(2026, 6, 9),
            topics=["light", "privacy"] if number % 2 else ["noise"],
        )
    Comment.objects.create(
        application=application,
        kind=Comment.Kind.CONSULTEE,
        organisation="County Highways",
        text="x",
        redacted_text="No objection.",
        sentiment=Sentiment.NEUTRAL,
        published_at=timezone.now(),
        received_on=date(2026, 6, 9),
    )
    return application


@pytest.mark.parametrize("may_run_scripts", [True, False])
def test_documents_and_comments_with_and_without_scripts(visit, live_server, busy, may_run_scripts):
    neighbour = visit(may_run_scripts=may_run_scripts)
    page = neighbour.page
    neighbour.go(f"{REGISTER}{busy.reference}/")
    neighbour.reads("Every application on the register that belongs to this one")
    download = page.get_by_role("link", name=re.compile("^Download all 63 documents as one file"))
    packed = page.request.get(f"{live_server.url}{download.get_attribute('href')}").body()
    with zipfile.ZipFile(io.BytesIO(packed)) as files:
        assert "superseded/Proposed elevations A.pdf" in files.namelist()
        assert len(files.namelist()) == 65

    neighbour.follow("All 63 documents, and those of one type")
    page.get_by_label("Type of document").select_option(label="Location plan (1)")
    neighbour.press("Show documents")
    neighbour.reads("1 document of the type “Location plan”.")
    neighbour.follow("Show all types")
    neighbour.reads("63 documents, 1 of them superseded.")

    neighbour.go(f"{REGISTER}{busy.reference}/")
    neighbour.follow("Read all 7 comments")
    page.get_by_label("About").select_option(label="Noise (4)")
    neighbour.press("Show comments")
    expect(page.get_by_role("article")).to_have_count(4)
    neighbour.follow("Replies of consultees (1)")
    neighbour.reads("County Highways")

    neighbour.go(f"{REGISTER}{busy.reference}/")
    neighbour.follow("Everything at this property")
    neighbour.reads("2 applications at this property")


def test_the_map_without_scripts_is_a_list_with_ways_on(visit, busy):
    neighbour = visit(may_run_scripts=False)
    neighbour.go(f"{REGISTER}map/?q=rectory")
    neighbour.reads("1 application in this area.")
    expect(neighbour.page.locator("#register-map")).to_be_hidden()
    neighbour.follow("East")
    neighbour.follow("East")
    neighbour.follow("East")
    neighbour.reads("0 applications in this area.")
    neighbour.follow("List instead, or change the search")
    neighbour.reads("The Old Rectory")


def test_the_map_by_keyboard(visit, busy, made):
    """Clusters and points can be reached, have names, and lead on; what is there is said after each movement."""
    made("pp.full.householder", description="A garage", latitude="51.62", longitude="-0.62", boundary=None)
    neighbour = visit()
    page = neighbour.page
    neighbour.go(f"{REGISTER}map/?bbox=-0.70,51.59,-0.58,51.64")
    words = page.locator("#map-words")
    expect(words).to_have_text("3 applications in this area.")
    expect(words).to_have_attribute("aria-live", "polite")
    cluster = page.get_by_role("button", name=re.compile("^2 applications: "))
    expect(cluster).to_be_visible()
    neighbour.look()

    point = page.get_by_role("button", name=re.compile("A garage"))
    point.focus()
    page.keyboard.press("Enter")
    link = page.get_by_role("link", name=re.compile("7 Blyton Close")).first
    expect(link).to_be_focused()
    neighbour.look()
    page.keyboard.press("Escape")
    expect(point).to_be_focused()

    cluster.focus()
    with page.expect_response(re.compile(r"map\.json")):
        page.keyboard.press("Enter")
    expect(words).to_have_text("2 applications in this area.")
    expect(page).to_have_url(re.compile("bbox="))
    listed = page.get_by_role("link", name="List of the applications in this area")
    neighbour.go(listed.get_attribute("href"))
    neighbour.reads("The Old Rectory")


def test_a_new_page_of_each_kind_is_accessible_and_fits(visit, busy, made):
    quiet = made("pp.full.householder", boundary=None, latitude=None, longitude=None, uprn="", address="1 Low Lane")
    neighbour, too_wide = visit(), []
    for path in (
        f"{REGISTER}{busy.reference}/",
        f"{REGISTER}{quiet.reference}/",
        f"{REGISTER}{busy.reference}/documents/",
        f"{REGISTER}{quiet.reference}/documents/",
        f"{REGISTER}{busy.reference}/documents/?type=photographs.existing",
        f"{REGISTER}{busy.reference}/comments/?topic=light",
        f"{REGISTER}{busy.reference}/comments/?from=consultees",
        f"{REGISTER}property/{busy.uprn}/",
        f"{REGISTER}map/",
        f"{REGISTER}map/?q=rectory&received_from=nonsense",
        f"{REGISTER}?bbox=-0.70,51.59,-0.58,51.64",
    ):
        for width in (320, 1280):
            neighbour.page.set_viewport_size({"width": width, "height": 900})
            if width == 320:
                neighbour.go(path)
            else:  # the window is made larger
                neighbour.look()
            if neighbour.page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
                too_wide.append((width, path))
    assert too_wide == []
