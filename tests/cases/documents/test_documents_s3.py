"""Documents in S3, over the wire: all that is true of them on a local disk, signed links, and a store that is away."""

import io
import logging
import urllib.request
from datetime import date, timedelta
from inspect import signature
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError
from django.urls import reverse
from django.utils import timezone

from cases.documents import fetching
from cases.documents import storing as storing_module
from cases.documents.adding import add_document
from cases.documents.describing import replace_document
from cases.documents.preparing.task import PREPARING, prepare_document
from cases.documents.serving import file_response, page_response, thumbnail_response
from cases.files.disk import StorageAway, atomic_with_files, remove, remove_later
from cases.models import Document
from tests.cases import files
from tests.cases.s3 import (
    IMPATIENT,
    behind_the_gate,
    bucket,
    closed,
    documents_lie_in,
    fetch,
    gate,
    moto_port,
    wait_for_an_answer,
)
from tests.leases import attempts_of, falls_due

from . import test_documents
from .test_documents import add, application

__all__ = ["add", "application", "behind_the_gate", "bucket", "gate", "moto_port"]  # fixtures

# The same tests again: what is true of documents on a local disk is true of documents in S3. Only what the answer of
# our own server looks like is not, because S3 hands the file over: see "The way out" below.
HANDED_OUT_BY_US = {
    "test_a_picture_and_the_pages_of_a_pdf",
    "test_a_pdf_is_shown_and_guarded",
    "test_a_picture_of_the_first_page",
    "test_what_a_browser_should_not_show_is_a_download",
    "test_officers_open_documents_of_their_own_council",
    "test_evidence_about_people_is_for_those_who_may_see_personal_data",
    "test_from_s3_the_reader_is_sent_on_by_a_link_of_five_minutes",
}
globals().update(
    {
        name: test
        for name, test in vars(test_documents).items()
        if name.startswith("test_") and name not in HANDED_OUT_BY_US and "add" in signature(test).parameters
    }
)

DAY = date(2026, 6, 5)
AWAY = "The document store cannot be reached just now. Nothing was saved."


@pytest.fixture(autouse=True)
def _in_s3(bucket, monkeypatch):
    monkeypatch.setattr(test_documents, "on_disk", lambda settings: bucket.keys())


def link_to(document: Document, *, inline: bool = False) -> str:
    response = file_response(document, inline=inline)
    assert response.status_code == 302
    return response.headers["Location"]


def upload(client, user, application, *names: str):
    client.force_login(user)
    chosen = [SimpleUploadedFile(name, files.pdf(words=name)) for name in names]
    return client.post(
        reverse("case_task", args=[application.pk, "check_documents"]),
        {"action": "upload", "upload-files": chosen, "upload-received_on": "2026-06-05"},
    )


# --- What lies there ------------------------------------------------------------------------------------------------


def test_a_document_and_what_is_made_of_it_lie_in_s3(bucket, application, officer, django_capture_on_commit_callbacks):
    content = files.pdf(pages=2)
    with django_capture_on_commit_callbacks(execute=True):
        document = add_document(application, file=io.BytesIO(content), name="Plan.pdf", by=officer)
    document.refresh_from_db()
    assert document.page_count == 2
    previews = [page.preview.name for page in document.pages.all()]
    assert bucket.keys() == sorted([document.file.name, document.thumbnail.name, *previews])
    assert bucket.read(document.file.name) == content


def test_everything_is_encrypted_and_nothing_open_to_others(bucket, add, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        add()
    lie_there = bucket.keys()
    assert len(lie_there) >= 2
    for key in lie_there:
        assert bucket.head(key)["ServerSideEncryption"] == "AES256"
        assert bucket.grants(key) == []


def test_what_is_large_comes_in_parts_and_whole(bucket, application, officer):
    content = files.pdf() + b"\n%" + b"x" * (9 * 1024 * 1024) + b"\n%%EOF\n"
    document = add_document(application, file=io.BytesIO(content), name="Large.pdf", by=officer)
    assert bucket.read(document.file.name) == content
    with document.file.open("rb") as stored:
        assert stored.read() == content


def test_a_replaced_version_can_still_be_read(bucket, add, officer):
    old = add(files.pdf(words="First"))
    newer = replace_document(
        old, file=io.BytesIO(files.pdf(words="Second")), name="b.pdf", revision="B", received_on=DAY, by=officer
    )
    old.refresh_from_db()
    assert old.superseded_by == newer
    assert old.file.name != newer.file.name
    assert fetch(link_to(old))[2] == files.pdf(words="First")
    assert fetch(link_to(newer))[2] == files.pdf(words="Second")


def test_two_files_never_share_a_name(bucket, application, officer):
    names = {
        add_document(application, file=io.BytesIO(files.pdf(words=words)), name="Plan.pdf", by=officer).file.name
        for words in ("A", "B")
    }
    assert len(names) == 2


# --- The way out ----------------------------------------------------------------------------------------------------


def test_the_reader_is_sent_on_and_gets_the_file(add):
    link = link_to(add())
    status, headers, body = fetch(link)
    assert (status, body) == (200, files.pdf())
    assert headers["Content-Type"] == "application/pdf"
    assert headers["Content-Disposition"].startswith("attachment; filename=")
    assert parse_qs(urlsplit(link).query)["X-Amz-Expires"] == ["300"]


def test_a_link_opens_for_five_minutes_and_not_longer(add, gate):
    link = link_to(add())
    gate.now = timezone.now() + timedelta(minutes=4, seconds=50)
    assert fetch(link)[0] == 200
    gate.now = timezone.now() + timedelta(minutes=5, seconds=10)
    status, _, body = fetch(link)
    assert status == 403
    assert b"PDF" not in body


@pytest.mark.parametrize(
    ("signed", "wanted"),
    [
        ("X-Amz-Expires=300", "X-Amz-Expires=604800"),
        ("response-content-disposition=attachment", "response-content-disposition=inline"),
        ("response-content-type=application%2Fpdf", "response-content-type=text%2Fhtml"),
    ],
)
def test_nobody_changes_what_the_link_says(add, signed, wanted):
    link = link_to(add())
    assert signed in link
    assert fetch(link)[0] == 200
    assert fetch(link.replace(signed, wanted))[0] == 403


def test_nor_leads_it_to_another_file(add, bucket):
    one, other = add(files.pdf(words="One")), add(files.pdf(words="Other"))
    assert fetch(link_to(one).replace(one.file.name, other.file.name))[0] == 403


def test_what_may_run_is_a_download_there_too(add):
    drawing = add(files.pdf(words="Plain"))
    drawing.mime_type = "text/html"  # as an older register may hold one
    assert "response-content-disposition=attachment" in link_to(drawing, inline=True)


def test_browsers_keep_no_copy_of_what_the_store_hands_out(add):
    _, headers, _ = fetch(link_to(add()))
    assert headers["Cache-Control"] == "private, no-store"


def test_pictures_are_handed_out_in_the_same_way(add, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        document = add()
    document.refresh_from_db()
    for response in (thumbnail_response(document), page_response(document.pages.get(number=1))):
        status, headers, body = fetch(response.headers["Location"])
        assert (status, headers["Content-Type"], body[:3]) == (200, "image/jpeg", b"\xff\xd8\xff")


def test_an_officer_is_sent_on_only_when_they_may_see_it(client, add, officer, other_officer):
    document = add()
    address = reverse("case_document", args=[document.pk])
    client.force_login(other_officer)
    assert client.get(address).status_code == 404
    client.force_login(officer)
    response = client.get(address)
    assert response.status_code == 302
    assert fetch(response.headers["Location"])[2] == files.pdf()


# --- The store is away ----------------------------------------------------------------------------------------------


def ask_who_somebody_is(gate, asks: bool) -> None:
    """moto's own switch: it lets everybody in, or nobody whose keys it did not give out itself."""
    switch = f"http://127.0.0.1:{gate.behind}/moto-api/reset-auth"
    said = b"0" if asks else b"inf"
    urllib.request.urlopen(urllib.request.Request(switch, data=said, headers={"Content-Type": "text/plain"}))


@pytest.fixture(params=["nobody listens", "busy", "silent", "refusing", "no bucket", "wrong keys"])
def away(request, bucket, gate, settings, monkeypatch):
    """The ways in which a store can fail; `back()` makes it work again."""
    endpoint, name = gate.url, bucket.name
    match request.param:
        case "nobody listens":
            endpoint = "http://127.0.0.1:9"  # the port "discard", on which nothing is
        case "no bucket":
            name = "no-such-bucket"
        case "wrong keys":
            ask_who_somebody_is(gate, True)
        case state:
            gate.state = state
    documents_lie_in(name, endpoint, settings=settings, monkeypatch=monkeypatch)
    if request.param == "silent":
        wait_for_an_answer(IMPATIENT)

    def back() -> None:
        gate.state = "open"
        if request.param == "wrong keys":
            ask_who_somebody_is(gate, False)
        documents_lie_in(bucket.name, gate.url, settings=settings, monkeypatch=monkeypatch)

    yield back
    if request.param == "wrong keys":
        ask_who_somebody_is(gate, False)


def test_nothing_is_half_saved_and_the_next_attempt_succeeds(away, bucket, application, add, caplog):
    with pytest.raises(StorageAway, match="document store cannot be reached"):
        add()
    assert not application.documents.exists()
    assert not application.events.filter(kind="document_added").exists()
    assert any("document store" in entry.message for entry in caplog.records if entry.levelno == logging.ERROR)
    assert not [entry for entry in caplog.records if "secret" in entry.getMessage()]
    away()
    assert bucket.keys() == []
    document = add()
    assert bucket.keys() == [document.file.name]


def test_an_officer_reads_what_has_happened(away, client, officer, application, bucket):
    answer = upload(client, officer, application, "Plan.pdf")
    assert answer.status_code == 422
    assert AWAY in answer.content.decode()
    assert not application.documents.exists()
    away()
    assert upload(client, officer, application, "Plan.pdf").status_code == 302
    assert application.documents.count() == len(bucket.keys()) == 1


def test_a_script_is_told_to_try_again(gate, client, officer, application, bucket):
    client.force_login(officer)
    address = reverse("case_documents_upload", args=[application.pk])

    def send():
        return client.post(address, {"file": SimpleUploadedFile("Plan.pdf", files.pdf()), "received_on": "2026-06-05"})

    with closed(gate, "busy"):
        answer = send()
    assert (answer.status_code, answer.json()["error"][: len(AWAY)]) == (503, AWAY)
    assert send().status_code == 201
    assert len(bucket.keys()) == 1


def test_a_store_that_is_busy_for_a_moment_is_asked_again(gate, add, bucket):
    gate.busy_times = 2
    document = add()
    assert bucket.keys() == [document.file.name]
    assert len(gate.asked) > 2


def test_of_many_files_none_is_saved_when_the_store_goes_in_the_middle(
    gate, client, officer, application, bucket, monkeypatch
):
    saved = []
    inspect = storing_module.inspect

    def third_time_shut(file, *, name, **how):
        saved.append(name)
        if len(saved) == 3:
            gate.state = "busy"
        return inspect(file, name=name, **how)

    monkeypatch.setattr(storing_module, "inspect", third_time_shut)
    later = []
    monkeypatch.setattr("cases.files.disk.enqueue", lambda task, *args, run_after=None: later.append((task, args)))
    answer = upload(client, officer, application, "One.pdf", "Two.pdf", "Three.pdf")
    assert answer.status_code == 422
    assert AWAY in answer.content.decode()
    assert not application.documents.exists()
    # The store did not even take back what it had: that is done when it is there again.
    assert len(bucket.keys()) == 2
    gate.state = "open"
    for task, args in later:
        task.call(*args)
    assert bucket.keys() == []


def test_a_file_whose_transaction_failed_is_removed(add, bucket, application, monkeypatch):
    def fail():
        with atomic_with_files():
            add()
            assert len(bucket.keys()) == 1
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert bucket.keys() == []
    assert not application.documents.exists()


def test_inside_another_transaction_it_goes_with_the_outer_one(add, bucket, application):
    def fail():
        with atomic_with_files():
            with atomic_with_files():
                add()
            assert len(bucket.keys()) == 1
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert bucket.keys() == []


def test_when_nobody_knows_whether_the_row_was_written_the_file_stays(add, bucket, caplog):
    def lose_the_database():
        with atomic_with_files():
            add()
            raise OperationalError("server closed the connection unexpectedly")

    with pytest.raises(OperationalError):
        lose_the_database()
    [stayed] = bucket.keys()
    assert stayed in caplog.text


def test_what_could_not_be_removed_is_tried_until_it_works(add, bucket, gate, monkeypatch):
    document = add()
    later = []
    monkeypatch.setattr("cases.files.disk.enqueue", lambda task, *args, run_after=None: later.append((task, args)))
    with closed(gate, "busy"):
        remove(document.file.storage, document.file.name)
        assert later == [(remove_later, (document.file.name,))]
        remove_later.call(document.file.name)
        assert later[1] == (remove_later, (document.file.name, 2))
    remove_later.call(*later[1][1])
    assert bucket.keys() == []


def test_half_a_file_is_never_taken_for_the_whole(add, gate):
    document = add()
    stored = Document.objects.get(pk=document.pk).file
    stored.open("rb")
    with closed(gate, "busy"), pytest.raises(StorageAway):
        stored.read()
    assert stored.open("rb").read() == files.pdf()


def test_reading_while_it_is_away_is_told_and_not_an_error_of_ours(client, gate, officer, add, monkeypatch):
    document = add()

    def read_it(request, pk):
        return Document.objects.get(pk=pk).file.open("rb")

    monkeypatch.setattr(
        "cases.admin.documents.serving.file_response", lambda document, **how: read_it(None, document.pk)
    )
    client.force_login(officer)
    with closed(gate, "busy"):
        answer = client.get(reverse("case_document", args=[document.pk]))
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert "cannot be reached just now" in answer.content.decode()
    assert "Nothing was saved" not in answer.content.decode()


# --- In the background ----------------------------------------------------------------------------------------------


def test_pages_are_made_when_the_store_is_back(gate, add, django_capture_on_commit_callbacks):
    document = add()
    with closed(gate, "busy"):
        prepare_document.call(document.pk)
    document.refresh_from_db()
    assert (document.prepared_at, document.pages.count()) == (None, 0)
    assert document.prepare_due_at > timezone.now()
    falls_due(PREPARING, document)
    with django_capture_on_commit_callbacks(execute=True):
        assert PREPARING.sweep() == 1
    document.refresh_from_db()
    assert document.prepared_at
    assert document.pages.count() == 1


def test_a_fetched_file_waits_for_the_store_however_long(
    gate, server, application, bucket, django_capture_on_commit_callbacks
):
    server.answers["/plan.pdf"] = (200, {}, files.pdf())
    document = Document.objects.create(
        application=application,
        title="Plan",
        received_on=DAY,
        fetch_status="waiting",
        fetch_due_at=timezone.now(),
        source_url=server.url("/plan.pdf"),
        original_name="plan.pdf",
    )
    with closed(gate, "busy"):
        for _ in range(attempts_of(fetching.FETCHING) + 2):
            falls_due(fetching.FETCHING, document)
            fetching.fetch_document.call(document.pk)
    document.refresh_from_db()
    assert (document.fetch_status, document.fetch_attempts) == ("waiting", 0)
    assert "document store" in document.fetch_error
    falls_due(fetching.FETCHING, document)
    with django_capture_on_commit_callbacks(execute=True):
        assert fetching.FETCHING.sweep() == 1
    document.refresh_from_db()
    assert (document.fetch_status, document.fetch_error) == ("here", "")
    assert bucket.read(document.file.name) == files.pdf()
