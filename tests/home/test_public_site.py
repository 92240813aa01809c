"""The public site around the register: its look, its errors, its files, and what it asks of the database."""

import re

import pytest
from django.conf import settings
from django.db import connection
from django.template.loader import render_to_string
from django.test import Client
from django.test.utils import CaptureQueriesContext
from wagtail.models import Site

from accounts.models import LocalAuthority
from home.branding import READABLE_SHAPE, READABLE_TEXT, WHITE, contrast, text_on, typefaces, visible_on_white
from home.models import GuidancePage, HomePage, RegisterPage
from tests.database import give_public_site

LIST = "/planning-applications/"


@pytest.fixture
def site(authority):
    give_public_site(authority)
    return authority.site


# --- Look


@pytest.mark.parametrize(
    "colour", ["#ffffff", "#000000", "#ffdd00", "#1d70b8", "#757575", "#777777", "#00ff00", "#2c2d84"]
)
def test_every_colour_leaves_the_councils_name_readable(colour):
    assert contrast(text_on(colour), colour) >= READABLE_TEXT
    assert contrast(visible_on_white(colour), WHITE) >= READABLE_SHAPE


def test_contrast_is_wcags():
    assert round(contrast("#ffffff", "#000000"), 1) == 21
    assert round(contrast("#767676", "#ffffff"), 2) == 4.54


def test_typefaces_end_with_what_everybody_has():
    assert typefaces("Lato, Helvetica Neue") == '"Lato", "Helvetica Neue", arial, sans-serif'
    assert typefaces("") == "arial, sans-serif"


def test_the_stylesheet_is_the_councils_and_its_address_changes_with_it(visitor, authority):
    page = visitor.get(LIST).content.decode()
    address = re.search(r'href="(/council\.css\?v=\w+)"', page)[1]
    answer = visitor.get(address)
    assert answer.headers["Content-Type"] == "text/css"
    assert "immutable" in answer.headers["Cache-Control"]
    assert "--council-colour: #1d70b8" in answer.content.decode()
    authority.brand_colour = "#FFDD00"
    authority.save()
    assert address not in visitor.get(LIST).content.decode()
    assert "immutable" not in visitor.get(address).headers["Cache-Control"]
    assert "--council-text-colour: #000000" in visitor.get(address).content.decode()


def test_pages_hold_no_inline_style_or_script(visitor, site, make_public):
    application = make_public()
    for address in ("/", LIST, f"{LIST}{application.reference}/", "/guidance/how-to-appeal/", "/nowhere/"):
        text = visitor.get(address).content.decode()
        assert not re.search(r'\sstyle="|\son\w+="|<style|<script(?![^>]*(src=|application/json))', text), address


def test_every_page_has_a_title_a_language_one_heading_and_a_skip_link(visitor, site, make_public):
    application = make_public()
    titles = set()
    addresses = [
        "/",
        LIST,
        f"{LIST}{application.reference}/",
        f"{LIST}{application.reference}/comments/",
        "/guidance/",
        "/guidance/how-to-appeal/",
        "/privacy/",
        "/accessibility/",
        "/nowhere/",
    ]
    for address in addresses:
        text = visitor.get(address).content.decode()
        titles.add(re.search(r"<title>(.*?)</title>", text, re.DOTALL)[1])
        assert '<html lang="en-GB"' in text
        assert text.count("<h1") == 1, address
        assert 'href="#main-content"' in text
        assert "Testshire Council" in text
    assert len(titles) == len(addresses)


# --- Errors


def test_an_address_that_is_not_there(visitor, site):
    answer = visitor.get("/nowhere/")
    assert answer.status_code == 404
    assert "Page not found" in answer.content.decode()


def test_a_host_of_no_council_has_no_register(db, authority):
    Site.objects.filter(is_default_site=True).delete()
    Site.objects.update(is_default_site=False)
    answer = Client(HTTP_HOST="nobody.example").get(LIST)
    assert answer.status_code == 404
    assert "Testshire" not in answer.content.decode()


def test_the_page_of_a_fault_needs_no_database():
    text = render_to_string("500.html")
    assert "there is a problem" in text
    assert "/council.css" not in text


def test_a_fault_is_answered_with_our_page(visitor, authority, monkeypatch):
    monkeypatch.setattr("home.register.views.listing", lambda *_: 1 / 0)
    visitor.raise_request_exception = False
    answer = visitor.get(LIST)
    assert answer.status_code == 500
    assert "there is a problem" in answer.content.decode()
    assert "ZeroDivisionError" not in answer.content.decode()


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_the_register_is_only_read(visitor, make_public, method):
    application = make_public()
    for address in (LIST, f"{LIST}{application.reference}/"):
        assert getattr(visitor, method)(address).status_code == 405


# --- Pages


def test_editors_own_the_words_around_the_register(visitor, site):
    page = RegisterPage.objects.get()
    page.title, page.introduction, page.slug = "Search applications", "Look here first.", "elsewhere"
    page.save_revision().publish()
    text = visitor.get(LIST).content.decode()
    assert "Search applications" in text
    assert "Look here first." in text
    assert RegisterPage.objects.get().get_url_parts()[2] == LIST  # whatever the slug


def test_the_register_can_be_closed_with_a_message(visitor, site, make_public):
    application = make_public()
    page = RegisterPage.objects.get()
    page.is_closed, page.closed_message = True, "We move to a new system until Monday."
    page.save_revision().publish()
    for address in (LIST, f"{LIST}{application.reference}/"):
        answer = visitor.get(address)
        assert answer.status_code == 503
        assert "until Monday" in answer.content.decode()
        assert "public" not in answer.headers.get("Cache-Control", "")
        assert application.description not in answer.content.decode()


def test_the_register_works_before_there_are_pages(visitor, make_public):
    make_public()
    assert visitor.get(LIST).status_code == 200


def test_editors_see_the_register_page_before_it_is_published(site, rf, make_public):
    make_public()
    page = RegisterPage.objects.get()
    page.introduction = "A draft of an introduction."
    answer = page.make_preview_request(rf.get("/", HTTP_HOST=site.hostname))
    assert "A draft of an introduction." in answer.content.decode()
    assert "Blyton Close" in answer.content.decode()


def test_pages_may_stand_only_where_they_belong():
    assert HomePage.allowed_subpage_models()
    assert GuidancePage.allowed_subpage_models() == []
    assert RegisterPage.allowed_parent_page_models() == [HomePage]


def test_guidance_may_be_kept_for_a_minute(visitor, site):
    answer = visitor.get("/guidance/how-to-appeal/")
    assert answer.headers["Cache-Control"] == "public, max-age=60"
    assert "Cookie" not in answer.headers.get("Vary", "")
    assert visitor.get("/guidance/how-to-appeal/", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


def test_the_home_page_asks_little(visitor, site, make_public):
    make_public()
    visitor.get("/")
    with CaptureQueriesContext(connection) as one:
        visitor.get("/")
    make_public()
    make_public()
    with CaptureQueriesContext(connection) as three:
        visitor.get("/")
    assert len(three) == len(one) <= 16


# --- Files and search engines


def test_search_engines_are_told_what_to_leave(visitor, site):
    rules = visitor.get("/robots.txt").content.decode()
    assert "Disallow: /admin/" in rules
    assert "Sitemap: http://testshire.example/sitemap.xml" in rules
    found = visitor.get("/sitemap.xml").content.decode()
    assert "testshire.example/guidance/how-to-appeal/" in found


def test_only_pictures_of_pages_are_given_out(visitor, authority, tmp_path):
    root = settings.MEDIA_ROOT
    for folder in ("images", "original_images", "documents"):
        (root / folder).mkdir(parents=True)
        (root / folder / "file.png").write_bytes(b"picture")
    (tmp_path / "secret.txt").write_text("secret")
    assert visitor.get("/media/images/file.png").status_code == 200
    for path in (
        "documents/file.png",
        "original_images/file.png",
        "images/../documents/file.png",
        "images/../../secret.txt",
        "images/",
        "images/none.png",
    ):
        assert visitor.get(f"/media/{path}").status_code == 404, path


def test_a_logo_stands_in_the_header_with_the_councils_name_as_its_text(visitor, authority):
    from wagtail.images.models import Image
    from wagtail.images.tests.utils import get_test_image_file
    from wagtail.models import Collection

    Collection.get_first_root_node() or Collection.add_root(name="Root")
    authority.logo = Image.objects.create(title="Our logo", file=get_test_image_file(filename="logo.png"))
    authority.save()
    text = visitor.get(LIST).content.decode()
    assert 'alt="Testshire Council"' in text
    address = re.search(r'src="(/media/images/[^"]+)"', text)[1]
    assert visitor.get(address).status_code == 200


def test_fields_of_the_council_that_are_shown(visitor, authority):
    LocalAuthority.objects.filter(pk=authority.pk).update(
        phone="01494 123456",
        website="https://testshire.example",
        notify_reply_to_id="0f1b1d9c-98ab-4b7a-9c6c-b2c3b5b8a1aa",
    )
    text = visitor.get(LIST).content.decode()
    assert "01494 123456" in text
    assert "0f1b1d9c" not in text
