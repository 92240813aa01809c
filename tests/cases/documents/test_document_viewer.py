"""A document page by page: what is shown, what is said when nothing can be, and to whom."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.models import Document
from cases.statuses import Status
from tests.cases.document_files import make_document

pytestmark = pytest.mark.django_db
PERSONAL = "bankStatement"


@pytest.fixture
def look(client, officer):
    client.force_login(officer)
    return lambda document, query="": client.get(f"/admin/cases/documents/{document.pk}/view/{query}")


def numbers(response) -> list[int]:
    return [page.number for page in response.context["pages"]]


# --- Pages ------------------------------------------------------------------------------------------------------------


def test_pages_stand_in_order_with_their_words_for_who_cannot_see_them(look, make):
    response = look(make(pages=["Ground floor", "First floor <b>bold</b>"]))
    content = response.content.decode()
    assert numbers(response) == [1, 2]
    assert content.index("Ground floor") < content.index("First floor")
    assert "&lt;b&gt;bold" in content
    assert "<b>bold</b>" not in content
    assert 'loading="lazy"' in content


def test_a_long_document_is_shown_some_pages_at_a_time(look, make):
    document, short = make(pages=[f"Page {n}" for n in range(1, 90)]), make("Short", pages=["x"])
    look(short)
    with CaptureQueriesContext(connection) as captured:
        assert numbers(look(document)) == list(range(1, 41))
    long = len(captured)
    assert numbers(look(document, "?page=57")) == list(range(41, 81))
    assert numbers(look(document, "?page=9999")) == list(range(81, 90))
    assert numbers(look(document, "?page=²&zoom=x")) == list(range(1, 41))
    with CaptureQueriesContext(connection) as captured:
        look(short)
    assert len(captured) == long


def test_the_size_can_be_chosen_without_a_script(look, make):
    document = make(pages=["x"])
    assert 'data-size="200"' in look(document, "?zoom=200").content.decode()
    assert 'data-size="100"' in look(document, "?zoom=9999").content.decode()


def test_words_are_found_on_their_page(look, make):
    response = look(make(pages=["A slate roof", "A brick wall", "Walls of brick"]), "?q=brick+wall")
    assert [hit.number for hit in response.context["hits"]] == [2, 3]
    assert "<mark>brick</mark>" in response.content.decode()
    assert "No page of it holds these words" in look(make("Other", pages=["x"]), "?q=brick").content.decode()


# --- Nothing to show --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "words", "waits"),
    [
        ({"fetch_status": "waiting", "file": ""}, "still being fetched", True),
        (
            {"fetch_status": "failed", "file": "", "fetch_error": "Not found."},
            "could not be fetched. Not found.",
            False,
        ),
        ({"scan_status": "infected", "scan_detail": "Eicar"}, "harmful", False),
        ({"scan_status": "waiting"}, "waits for the virus scan", True),
        ({"prepare_error": "The file is damaged."}, "could not be shown: The file is damaged.", False),
        ({}, "being prepared", True),
        ({"mime_type": "text/csv"}, "cannot be shown here", False),
    ],
)
def test_why_there_are_no_pages_is_said(look, make, fields, words, waits):
    content = look(make(pages=None, **fields)).content.decode()
    assert words in content
    assert ("data-waits" in content) is waits
    assert ("Look again" in content) is waits


def test_what_is_locked_away_shows_no_page_though_it_was_prepared(look, make, client):
    for status in ("infected", "waiting"):
        document = make(status, pages=["secret words"], scan_status=status)
        content = look(document).content.decode()
        assert "secret words" not in content
        assert "Download" not in content
        assert client.get(f"/admin/cases/documents/{document.pk}/pages/1/").status_code == 404


def test_a_file_that_can_run_something_shows_its_pages_with_a_warning(look, make):
    content = look(make(pages=["Plan"], active_content=["JavaScript"])).content.decode()
    assert "It holds a program (JavaScript). See its pages here" in content
    assert "Download with care" in content
    assert "Words of page 1" in content


# --- What can be done, and by whom ------------------------------------------------------------------------------------


def test_only_what_the_reader_may_do_is_offered(look, make, client, reader, make_application, officer):
    document = make(pages=["x"])
    assert {"download", "change", "replace"} <= set(look(document).context["links"])
    client.force_login(reader)
    assert set(look(document).context["links"]) == {"download", "compare"}
    client.force_login(officer)
    ended = make_document(make_application(status=Status.WITHDRAWN), pages=["x"])
    assert "replace" not in look(ended).context["links"]
    newer = make("Newer", pages=["x"])
    Document.objects.filter(pk=document.pk).update(superseded_by=newer)
    assert "replace" not in look(document).context["links"]
    assert "Superseded" in look(document).content.decode()


def test_another_council_and_personal_evidence_are_not_there(look, make, client, reader, other_officer):
    document, personal = make(pages=["x"]), make("Bank statement", types=[PERSONAL], pages=["Balance 100"])
    addresses = ["view/", "pages/1/", "compare/", f"compare/{personal.pk}/"]
    client.force_login(other_officer)
    for address in addresses:
        assert client.get(f"/admin/cases/documents/{document.pk}/{address}").status_code == 404
    client.force_login(reader)
    assert client.get(f"/admin/cases/documents/{document.pk}/view/").status_code == 200
    for address in ("view/", "pages/1/", "compare/", f"compare/{document.pk}/"):
        assert client.get(f"/admin/cases/documents/{personal.pk}/{address}").status_code == 404
    assert client.get(f"/admin/cases/documents/{document.pk}/compare/{personal.pk}/").status_code == 404


def test_a_preview_is_private_and_never_kept(client, officer, make):
    document = make(pages=["x"])
    client.force_login(officer)
    response = client.get(f"/admin/cases/documents/{document.pk}/pages/1/")
    assert response["Content-Type"] == "image/jpeg"
    assert response["Cache-Control"].startswith("private, no-store")
    assert b"".join(response.streaming_content).startswith(b"\xff\xd8\xff")
    assert client.get(f"/admin/cases/documents/{document.pk}/pages/2/").status_code == 404
    client.logout()
    assert client.get(f"/admin/cases/documents/{document.pk}/pages/1/").status_code == 302


def test_every_version_can_be_opened_from_any_of_them(look, make, officer):
    old = make("Elevation", revision="A", pages=["x"], uploaded_by=officer)
    new = make("Elevation", revision="B", pages=["x"])
    Document.objects.filter(pk=old.pk).update(superseded_by=new)
    for document, other in ((old, new), (new, old)):
        content = look(document).content.decode()
        assert "Versions (2)" in content
        assert f"/documents/{other.pk}/view/" in content
        assert f"/documents/{old.pk}/compare/{new.pk}/" in content
        assert f"added by {officer}" in content
