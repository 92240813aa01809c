"""What was closed opens by an officer's word alone, whatever the scanner or the background finds out later."""

import io

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command

from cases.documents import scanning
from cases.documents.adding import add_document
from cases.documents.bulk import Deed, plan_for
from cases.documents.preparing.task import PREPARING, prepare_document
from cases.documents.publishing import set_public_status
from cases.documents.redacted_copies import add_redacted_copy
from cases.documents.redo import make_previews_again
from cases.documents.serving import can_be_shown
from cases.files import clamd
from cases.files.clamd import Verdict
from cases.models import Document
from cases.statuses import PublicStatus, Status
from tests.cases import files
from tests.leases import attempts_of

Scan = Document.ScanStatus
CLEAN, WORM = Verdict(found=""), Verdict(found="Worm.A")


@pytest.fixture
def application(make_application):
    return make_application("pp.full.householder", status=Status.IN_ASSESSMENT)


@pytest.fixture
def verdicts(monkeypatch, settings):
    """What the scanner says of a document, by its title; of all others that they are clean."""
    settings.CLAMAV_ADDRESS = "tcp://127.0.0.1:1"
    said: dict[str, Verdict] = {}
    monkeypatch.setattr(scanning, "verdict_on", lambda document: said.get(document.title, CLEAN))
    monkeypatch.setattr(clamd, "ping", lambda **_: None)
    return said


@pytest.fixture
def add(application, officer, verdicts, django_capture_on_commit_callbacks):
    def add(words: str = "Plan") -> Document:
        with django_capture_on_commit_callbacks(execute=True):
            document = add_document(
                application, file=io.BytesIO(files.pdf(words=words)), name=f"{words}.pdf", by=officer
            )
        document.refresh_from_db()
        return document

    return add


@pytest.fixture
def redacted(officer, verdicts, django_capture_on_commit_callbacks):
    def redacted(document: Document, words: str = "Redacted") -> Document:
        with django_capture_on_commit_callbacks(execute=True):
            copy = add_redacted_copy(document, file=io.BytesIO(files.pdf(words=words)), name="copy.pdf", by=officer)
        Document.objects.filter(pk=copy.pk).update(title=words)
        copy.refresh_from_db()
        return copy

    return redacted


def scan_all_again() -> None:
    call_command("scan_documents", again=True, verbosity=0)


def public() -> list[Document]:
    return list(Document.objects.public())


def test_what_was_locked_away_while_it_was_published_is_not_published_by_the_scanner(add):
    """An earlier version locked it away and left it marked as published."""
    document = add()
    Document.objects.filter(pk=document.pk).update(scan_status=Scan.INFECTED, public_status=PublicStatus.PUBLISH)
    scan_all_again()
    document.refresh_from_db()
    assert document.scan_status == Scan.CLEAN
    assert document.public_status == PublicStatus.WITHHOLD
    assert public() == []


def test_a_harmful_redacted_copy_does_not_let_its_original_out(add, redacted, verdicts, application, officer):
    original = add()
    copy = redacted(original)
    set_public_status([copy], status=PublicStatus.PUBLISH, by=officer)
    verdicts["Redacted"] = WORM
    scan_all_again()
    copy.refresh_from_db()
    assert copy.public_status == PublicStatus.WITHHOLD
    original.refresh_from_db()
    plan = plan_for([original], application=application, deed=Deed.PUBLISH, by=officer)
    assert [because for _, because in plan.cannot] != []
    with pytest.raises(ValidationError, match="redacted copy stands in its place"):
        set_public_status([original], status=PublicStatus.PUBLISH, by=officer)
    # Nor when it was a false alarm; only who withholds the copy in their own words says that it was wrong.
    verdicts.clear()
    scan_all_again()
    with pytest.raises(ValidationError, match="redacted copy stands in its place"):
        set_public_status([original], status=PublicStatus.PUBLISH, by=officer)
    set_public_status([copy], status=PublicStatus.WITHHOLD, because="Too much is covered.", by=officer)
    set_public_status([original], status=PublicStatus.PUBLISH, by=officer)
    assert public() == [original]


def test_a_harmful_copy_that_was_made_anew_says_nothing_any_more(add, redacted, verdicts, officer):
    original = add()
    copy = redacted(original)
    set_public_status([copy], status=PublicStatus.PUBLISH, by=officer)
    verdicts["Redacted"] = WORM
    scan_all_again()
    newer = redacted(original, "Redacted again")
    original.refresh_from_db()
    with pytest.raises(ValidationError, match="redacted copy stands in its place"):
        set_public_status([original], status=PublicStatus.PUBLISH, by=officer)
    set_public_status([newer], status=PublicStatus.WITHHOLD, because="Too much is covered.", by=officer)
    set_public_status([original], status=PublicStatus.PUBLISH, by=officer)
    assert public() == [original]


def test_previews_that_cannot_be_made_again_do_not_make_a_good_file_a_damaged_one(add, officer):
    document = add()
    set_public_status([document], status=PublicStatus.PUBLISH, by=officer)
    make_previews_again(document, by=officer)
    Document.objects.filter(pk=document.pk).update(
        prepare_attempts=attempts_of(PREPARING)
    )  # the store was away for a day
    prepare_document.call(document.pk)
    document.refresh_from_db()
    assert "Each attempt was broken off" in document.prepare_error
    assert document.active_content == []
    assert can_be_shown(document)
