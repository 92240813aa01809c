"""The register with documents in S3: readers are sent on by a signed link, and a store that is away costs no page."""

import csv
import io
import zipfile
from urllib.parse import parse_qs, urlsplit

import pytest

from cases.models import Document
from home.register import document_zip
from tests.cases import files
from tests.cases.s3 import behind_the_gate, bucket, closed, fetch, gate, moto_port

__all__ = ["behind_the_gate", "bucket", "gate", "moto_port"]  # fixtures

pytestmark = pytest.mark.django_db
LIST = "/planning-applications/"


@pytest.fixture
def application(bucket, make_public):
    return make_public()


@pytest.fixture
def published(application, make_document):
    """published("Plan") → a document on the register in which nothing can run."""

    def published(title: str = "Plan", **fields) -> Document:
        about = {"content": files.pdf(words=title), "active_content": [], **fields}
        return make_document(application, title, **about)

    return published


@pytest.fixture
def asked(visitor, application):
    """asked(document) → what the register answers to whoever asks for it."""

    def asked(document: Document, *, by=visitor):
        return by.get(f"{LIST}{application.reference}/documents/{document.pk}/")

    return asked


def disposition(link: str) -> str:
    return parse_qs(urlsplit(link).query)["response-content-disposition"][0]


# --- One document ---------------------------------------------------------------------------------------------------


def test_a_reader_is_sent_on_by_a_link_of_five_minutes_and_reads_it_in_the_browser(asked, published):
    answer = asked(published())
    assert answer.status_code == 302
    link = answer.headers["Location"]
    assert parse_qs(urlsplit(link).query)["X-Amz-Expires"] == ["300"]
    status, headers, body = fetch(link)
    assert (status, headers["Content-Type"], body) == (200, "application/pdf", files.pdf(words="Plan"))
    assert headers["Content-Disposition"].startswith("inline; filename=")


def test_nobody_keeps_the_link_for_the_next_reader_and_search_engines_are_asked_not_to(asked, published):
    answer = asked(published())
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert "noindex" in answer.headers["X-Robots-Tag"]
    assert answer.headers["Referrer-Policy"] == "no-referrer", "the link would be told to where the file leads"
    assert not answer.cookies


@pytest.mark.parametrize(
    "about",
    [
        {"active_content": ["javascript"]},
        {"active_content": ["damaged"]},
        {"active_content": None},  # nobody has looked
        {"mime_type": "image/svg+xml"},
        {"mime_type": "text/html"},
        {"mime_type": "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
    ],
    ids=str,
)
def test_what_could_run_or_nobody_has_looked_into_is_for_saving_only(asked, published, about):
    link = asked(published(**about)).headers["Location"]
    assert disposition(link).startswith("attachment")
    status, headers, _ = fetch(link)
    assert status == 200
    assert headers["Content-Disposition"].startswith("attachment")
    # The reader cannot make it another one: what the store is asked for is part of what is signed.
    assert (
        fetch(link.replace("response-content-disposition=attachment", "response-content-disposition=inline"))[0] == 403
    )


@pytest.mark.parametrize(
    "about",
    [
        {"public_status": "not_assessed"},
        {"public_status": "withhold"},
        {"scan_status": "infected"},
        {"scan_status": "waiting"},
        {"fetch_status": "waiting"},
    ],
    ids=str,
)
def test_what_is_not_open_is_signed_for_nobody(asked, published, gate, about):
    document = published(**about)
    gate.asked.clear()
    answer = asked(document)
    assert answer.status_code == 404
    assert "X-Amz" not in answer.content.decode()
    assert gate.asked == []


def test_another_councils_visitor_gets_no_link(asked, published, visitor_elsewhere):
    assert asked(published(), by=visitor_elsewhere).status_code == 404


def test_the_page_of_documents_asks_nothing_of_the_store(visitor, application, published, gate):
    published()
    gate.asked.clear()
    with closed(gate, "silent"):
        page = visitor.get(f"{LIST}{application.reference}/documents/")
        assert page.status_code == 200
        assert "Plan" in page.content.decode()
        assert visitor.get(f"{LIST}{application.reference}/").status_code == 200
    assert gate.asked == []


def test_a_store_that_is_away_is_not_asked_to_sign(asked, published, gate):
    """The link is signed here. Whoever follows it meanwhile reads the store's own words; nothing of ours waits."""
    document = published()
    with closed(gate, "busy"):
        answer = asked(document)
        assert answer.status_code == 302
        assert fetch(answer.headers["Location"])[0] == 503
    assert fetch(asked(document).headers["Location"])[0] == 200


# --- All of them ----------------------------------------------------------------------------------------------------


def unpacked(answer) -> dict[str, bytes]:
    assert answer.status_code == 200
    with zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as packed:
        assert packed.testzip() is None
        return {name: packed.read(name) for name in packed.namelist()}


def came(files_in_zip: dict[str, bytes]) -> dict[str, str]:
    told = csv.DictReader(io.StringIO(files_in_zip["documents.csv"].decode("utf-8-sig")))
    return {row["Title"]: row["In this ZIP"] for row in told}


def test_the_zip_holds_what_lies_in_the_store(visitor, application, published):
    for title in ("One", "Two"):
        published(title)
    packed = unpacked(visitor.get(f"{LIST}{application.reference}/documents.zip"))
    assert {packed["One.pdf"], packed["Two.pdf"]} == {files.pdf(words="One"), files.pdf(words="Two")}
    assert came(packed) == {"One": "Yes", "Two": "Yes"}


def test_a_store_that_goes_while_the_zip_is_sent_leaves_a_whole_zip_that_says_so(
    visitor, application, published, gate, monkeypatch
):
    for title in ("One", "Two", "Three"):
        published(title)
    begins, begun = document_zip._Reading.begins, []

    def second_time_shut(reading):
        begun.append(reading)
        if len(begun) == 2:
            gate.state = "busy"
        return begins(reading)

    monkeypatch.setattr(document_zip._Reading, "begins", second_time_shut)
    with closed(gate, "open"):
        packed = unpacked(visitor.get(f"{LIST}{application.reference}/documents.zip"))
    words = sorted(came(packed).values())
    assert words.count("Yes") == 1
    assert len(words) == 3, "each is in the table, also those that did not come"
    assert "could not be read" in packed["README.txt"].decode()
    again = unpacked(visitor.get(f"{LIST}{application.reference}/documents.zip"))
    assert set(came(again).values()) == {"Yes"}


@pytest.mark.parametrize("state", ["silent", "refusing"])
def test_a_store_that_is_away_altogether_is_said_in_the_zip(visitor, application, published, gate, state):
    published()
    with closed(gate, state):
        packed = unpacked(visitor.get(f"{LIST}{application.reference}/documents.zip"))
    assert set(packed) == {"documents.csv", "README.txt"}
    assert "Yes" not in came(packed).values()
