"""Applicants' files in S3: put to an answer, taken out again, sent, forgotten; and a store that goes in the middle."""

import io
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from cases.files.disk import StorageAway, remove_later
from cases.models import AnswerFile, ApplicantLink, Document, ValidationRequest
from cases.requests.answers import files as answer_files
from cases.requests.answers.answering import AnswersClosed
from cases.requests.answers.files import add_answer_file, delete_forgotten, remove_answer_file
from cases.requests.links import revoke
from tests.cases import files
from tests.cases.s3 import behind_the_gate, bucket, closed, fetch, gate, moto_port
from tests.home.applicants import Applicant, ask

__all__ = ["behind_the_gate", "bucket", "gate", "moto_port"]  # fixtures

pytestmark = pytest.mark.django_db
STORE_AWAY = "We cannot take files just now. Try again in a few minutes."


@pytest.fixture
def application(make_application):
    return make_application("pp.full.householder")


@pytest.fixture(autouse=True)
def applicant(bucket, application) -> Applicant:
    return Applicant(application)


@pytest.fixture
def asked(application, officer) -> ValidationRequest:
    return ask(application, "additional_document", by=officer)


@pytest.fixture
def put(asked, applicant):
    """put("One") → a file that waits beside the answer."""

    def put(words: str = "Plan") -> AnswerFile:
        content = io.BytesIO(files.pdf(words=words))
        return add_answer_file(asked, link=applicant.link, file=content, name=f"{words}.pdf")

    return put


@pytest.fixture
def later(monkeypatch) -> list:
    """What is left for the background to remove."""
    enqueued: list = []
    monkeypatch.setattr("cases.files.disk.enqueue", lambda task, *args, run_after=None: enqueued.append((task, args)))
    return enqueued


def chosen(*names: str) -> list[SimpleUploadedFile]:
    return [SimpleUploadedFile(f"{name}.pdf", files.pdf(words=name)) for name in names]


# --- As on a local disk ---------------------------------------------------------------------------------------------


def test_a_file_lies_in_the_store_and_stays_where_it_is_when_it_becomes_a_document(bucket, applicant, asked, put):
    file = put()
    assert bucket.keys() == [file.file.name]
    assert bucket.read(file.file.name) == files.pdf(words="Plan")
    applicant.answers(asked, answer="replied", text="Here it is.")
    applicant.sends(asked)
    document = Document.objects.get(answers=asked)
    assert not AnswerFile.objects.exists()
    assert bucket.keys() == [document.file.name] == [file.file.name]
    assert document.file.open("rb").read() == files.pdf(words="Plan")


def test_what_was_sent_is_prepared_from_the_store(bucket, applicant, asked, put, django_capture_on_commit_callbacks):
    put()
    applicant.answers(asked, answer="replied")
    with django_capture_on_commit_callbacks(execute=True):
        applicant.sends(asked)
    document = Document.objects.get(answers=asked)
    pictures = [document.thumbnail.name, *document.pages.values_list("preview", flat=True)]
    assert document.prepared_at
    assert bucket.keys() == sorted([document.file.name, *pictures])


def test_a_file_taken_out_is_gone_from_the_store_after_the_commit(
    bucket, applicant, put, django_capture_on_commit_callbacks
):
    one, other = put("One"), put("Other")
    with django_capture_on_commit_callbacks(execute=True):
        remove_answer_file(one, link=applicant.link)
        assert len(bucket.keys()) == 2, "a transaction that fails must find its file"
    assert bucket.keys() == [other.file.name]


def test_a_file_refused_because_the_link_was_revoked_leaves_nothing_in_the_store(bucket, applicant, put, officer):
    revoke(applicant.link, because="Wrong person", by=officer)
    with pytest.raises(AnswersClosed):
        put()
    assert bucket.keys() == []


def test_the_same_file_twice_is_stored_once(bucket, put, monkeypatch):
    file = put()
    # Both were looked for before either was there, as when an upload is repeated at once.
    looks = []
    check = answer_files._check

    def at_first_not_there(request, sha256):
        looks.append(sha256)
        return None if len(looks) == 1 else check(request, sha256)

    monkeypatch.setattr(answer_files, "_check", at_first_not_there)
    assert put() == file
    assert bucket.keys() == [file.file.name]


def test_what_nobody_sent_is_deleted_from_the_store(bucket, put, django_capture_on_commit_callbacks):
    old, young = put("Old"), put("Young")
    AnswerFile.objects.filter(pk=old.pk).update(uploaded_at=timezone.now() - timedelta(days=91))
    ApplicantLink.objects.update(expires_at=timezone.now() - timedelta(days=15))
    with django_capture_on_commit_callbacks(execute=True):
        assert delete_forgotten() == 1
    assert bucket.keys() == [young.file.name]
    assert list(AnswerFile.objects.all()) == [young]


def test_the_document_to_be_replaced_is_handed_out_by_a_signed_link(
    bucket, applicant, application, officer, make_document
):
    document = make_document(application, content=files.pdf(), active_content=[])
    asked = ask(application, "replacement_document", by=officer, document=document)
    answer = applicant.client.get(applicant.at("applicant_document", asked.number, document.pk))
    assert answer.status_code == 302
    status, headers, body = fetch(answer.headers["Location"])
    assert (status, headers["Content-Type"], body) == (200, "application/pdf", files.pdf())


# --- The store is away ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["busy", "silent", "refusing"])
def test_an_applicant_reads_that_no_files_are_taken_and_the_words_are_kept(applicant, asked, gate, bucket, state):
    with closed(gate, state):
        answer = applicant.answers(asked, answer="replied", text="Drawn anew.", files=chosen("One", "Two"), status=422)
    words = answer.content.decode()
    assert f"One.pdf: {STORE_AWAY}" in words
    assert f"Two.pdf: {STORE_AWAY}" in words
    asked.refresh_from_db()
    assert asked.draft_answer["text"] == "Drawn anew."
    assert not AnswerFile.objects.exists()
    assert bucket.keys() == []
    applicant.answers(asked, answer="replied", text="Drawn anew.", files=chosen("One", "Two"))
    assert bucket.keys() == sorted(AnswerFile.objects.values_list("file", flat=True))
    assert AnswerFile.objects.count() == 2


def test_of_many_those_that_came_before_it_went_are_kept_and_the_others_named(
    applicant, asked, gate, bucket, monkeypatch
):
    inspect = answer_files.inspect

    def second_time_shut(file, *, name):
        if name == "Two.pdf":
            gate.state = "busy"
        return inspect(file, name=name)

    monkeypatch.setattr(answer_files, "inspect", second_time_shut)
    sent = chosen("One", "Two", "Three")
    words = applicant.answers(asked, answer="replied", files=sent, status=422).content.decode()
    assert f"One.pdf: {STORE_AWAY}" not in words
    assert f"Two.pdf: {STORE_AWAY}" in words
    assert f"Three.pdf: {STORE_AWAY}" in words
    kept = AnswerFile.objects.get()
    assert (kept.original_name, bucket.keys()) == ("One.pdf", [kept.file.name])


def test_the_script_is_told_to_try_again(applicant, asked, gate, bucket):
    def send():
        sent = {"files": chosen("One")[0]}
        return applicant.client.post(
            applicant.at("applicant_upload", asked.number), sent, HTTP_ACCEPT="application/json"
        )

    with closed(gate, "busy"):
        answer = send()
    assert answer.status_code == 503
    assert "cannot be reached just now" in answer.json()["error"]
    assert answer.headers["Retry-After"]
    assert not AnswerFile.objects.exists()
    assert send().status_code == 201
    assert len(bucket.keys()) == AnswerFile.objects.count() == 1


def test_sending_needs_no_store_and_loses_nothing_while_it_is_away(applicant, asked, put, gate, bucket):
    put()
    applicant.answers(asked, answer="replied")
    with closed(gate, "busy"):
        applicant.sends(asked)
    document = Document.objects.get(answers=asked)
    assert (document.fetch_status, document.prepared_at) == ("here", None)
    assert document.prepare_due_at, "it is prepared when the store is back"
    assert bucket.keys() == [document.file.name]


def test_what_was_taken_out_while_the_store_is_away_goes_when_it_is_back(
    applicant, put, gate, bucket, later, django_capture_on_commit_callbacks
):
    name = put().file.name
    with closed(gate, "busy"), django_capture_on_commit_callbacks(execute=True):
        remove_answer_file(AnswerFile.objects.get(), link=applicant.link)
    assert not AnswerFile.objects.exists()
    assert bucket.keys() == [name]
    assert later == [(remove_later, (name,))], "nobody would ever remove it"
    remove_later.call(name)
    assert bucket.keys() == []


def test_what_was_forgotten_goes_when_the_store_is_back(put, gate, bucket, later, django_capture_on_commit_callbacks):
    names = sorted(put(words).file.name for words in ("One", "Two"))
    AnswerFile.objects.update(uploaded_at=timezone.now() - timedelta(days=91))
    ApplicantLink.objects.update(expires_at=timezone.now() - timedelta(days=15))
    with closed(gate, "busy"), django_capture_on_commit_callbacks(execute=True):
        assert delete_forgotten() == 2
    assert bucket.keys() == names
    for task, args in later:
        task.call(*args)
    assert bucket.keys() == []


def test_a_document_that_the_store_cannot_hand_out_now_fails_nothing_of_ours(
    gate, applicant, application, officer, make_document, bucket
):
    """A link into the store is signed without asking it: the store's own page says so, and nothing of ours fails."""
    document = make_document(application, content=files.pdf(), active_content=[])
    asked = ask(application, "replacement_document", by=officer, document=document)
    with closed(gate, "busy"):
        answer = applicant.client.get(applicant.at("applicant_document", asked.number, document.pk))
        assert answer.status_code == 302
        assert fetch(answer.headers["Location"])[0] == 503


def test_without_the_store_nothing_that_waits_is_taken_for_lost(asked, put, gate):
    file = put()
    with closed(gate, "busy"), pytest.raises(StorageAway):
        file.file.open("rb").read()
    assert AnswerFile.objects.get() == file
