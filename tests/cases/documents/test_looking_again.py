"""A file that is looked at once more: false alarms, newer signatures, previews that are made again."""

import io
import re
from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from accounts.roles import SUPPORT_OFFICER
from cases.documents import scanning
from cases.documents.adding import add_document
from cases.documents.publishing import set_public_status
from cases.documents.redo import make_previews_again, scan_again
from cases.documents.serving import file_response
from cases.files import clamd
from cases.files.clamd import Verdict
from cases.models import Document, PlanningApplication
from cases.statuses import PublicStatus, Status
from cases.worklists.task_list import TaskStatus, facts_of, task_named
from tests.cases import files
from tests.clock import at
from tests.leases import falls_due

Scan = Document.ScanStatus
CLEAN, WORM = Verdict(found=""), Verdict(found="Worm.A")


class Scanner:
    """Says of every file what `says` holds, or of each what it holds for its key; an exception is raised."""

    says: Verdict | BaseException | dict[int, Verdict] = CLEAN
    scanned: list[int]

    def __init__(self):
        self.scanned = []

    def __call__(self, document: Document) -> Verdict:
        self.scanned.append(document.pk)
        says = self.says.get(document.pk, CLEAN) if isinstance(self.says, dict) else self.says
        if isinstance(says, BaseException):
            raise says
        return says


@pytest.fixture
def scanner(monkeypatch, settings):
    settings.CLAMAV_ADDRESS = "tcp://127.0.0.1:1"
    scanner = Scanner()
    monkeypatch.setattr(scanning, "verdict_on", scanner)
    monkeypatch.setattr(clamd, "ping", lambda **_: None)
    return scanner


@pytest.fixture
def application(make_application):
    return make_application("pp.full.householder", status=Status.IN_ASSESSMENT)


@pytest.fixture
def add(application, officer, scanner, django_capture_on_commit_callbacks):
    def add(words: str = "Plan", says: Verdict = CLEAN) -> Document:
        scanner.says = says
        with django_capture_on_commit_callbacks(execute=True):
            document = add_document(
                application, file=io.BytesIO(files.pdf(words=words)), name=f"{words}.pdf", by=officer
            )
        document.refresh_from_db()
        return document

    return add


@pytest.fixture
def again(scanner, django_capture_on_commit_callbacks):
    """Ask for a scan and let the background work; the document as it then stands."""

    def again(document: Document, *, by, says: Verdict | Exception) -> Document:
        scanner.says = says
        with django_capture_on_commit_callbacks(execute=True):
            scan_again(document, by=by)
        document.refresh_from_db()
        return document

    return again


def kinds(application) -> list[str]:
    return list(application.events.order_by("sequence").values_list("kind", flat=True))


def public() -> list[Document]:
    return list(Document.objects.public())


# --- The virus scan --------------------------------------------------------------------------------------------------


def test_a_false_alarm_opens_when_the_scanner_says_so(add, again, application, support_officer):
    document = add(says=WORM)
    assert document.scan_status == Scan.INFECTED
    again(document, by=support_officer, says=CLEAN)
    assert document.scan_status == Scan.CLEAN
    assert document.page_count == 1  # it was never prepared before
    assert file_response(document, inline=False).status_code == 200
    assert kinds(application)[-3:] == ["document_harmful", "document_scan_asked", "document_found_clean"]
    assert application.events.last().data["found_before"] == "Worm.A"
    assert application.events.get(kind="document_scan_asked").by_name == str(support_officer)


def test_asking_opens_nothing(add, scanner, application, officer):
    document = add(says=WORM)
    scan_again(document, by=officer)  # no worker has come to it
    assert document.scan_status == Scan.INFECTED
    assert not document.is_open_to_readers
    with pytest.raises(ValidationError, match="already"):
        scan_again(document, by=officer)
    assert kinds(application).count("document_scan_asked") == 1


def test_what_is_still_harmful_stays_closed_and_is_told(add, again, application, officer):
    document = again(add(says=WORM), by=officer, says=WORM)
    assert document.scan_status == Scan.INFECTED
    assert document.scan_due_at is None
    assert kinds(application)[-2:] == ["document_scan_asked", "document_harmful"]


def test_a_public_file_found_harmful_closes_is_withheld_and_is_a_fault_of_the_case(add, again, application, officer):
    document = add()
    set_public_status([document], status=PublicStatus.PUBLISH, by=officer)
    before = PlanningApplication.objects.get().public_changed_at
    again(document, by=officer, says=WORM)
    assert (document.scan_status, document.public_status) == (Scan.INFECTED, PublicStatus.WITHHOLD)
    assert document.withheld_because == "The virus scanner found it harmful."
    assert public() == []
    assert application.events.last().data["was_public"] is True
    assert PlanningApplication.objects.get().public_changed_at > before
    facts = facts_of(application)
    assert task_named("check_documents").status(facts) is TaskStatus.FAULT
    # Found clean after all it opens, and the register waits for an officer's word.
    again(document, by=officer, says=CLEAN)
    assert document.is_open_to_readers
    assert public() == []
    set_public_status([document], status=PublicStatus.PUBLISH, by=officer)
    assert public() == [document]


def test_a_clean_file_stays_open_while_it_is_scanned_again(add, again, officer, scanner):
    document = add()
    set_public_status([document], status=PublicStatus.PUBLISH, by=officer)
    again(document, by=officer, says=clamd.NoVerdict("The virus scanner cannot be reached."))
    assert (document.scan_status, document.scan_detail) == (Scan.CLEAN, "")
    assert document.scan_due_at > timezone.now()
    assert public() == [document]


def test_a_scan_that_was_lost_or_failed_is_taken_up_again(
    add, again, officer, scanner, django_capture_on_commit_callbacks
):
    document = again(add(says=WORM), by=officer, says=clamd.NoVerdict("The virus scanner cannot be reached."))
    assert (document.scan_status, document.scan_detail) == (Scan.INFECTED, "Worm.A")
    scanner.says = CLEAN
    falls_due(scanning.SCANNING, document)
    with django_capture_on_commit_callbacks(execute=True):
        assert scanning.sweep() == 1
    document.refresh_from_db()
    assert (document.scan_status, document.scan_due_at) == (Scan.CLEAN, None)


def test_a_proposal_to_publish_falls_with_the_file(add, again, authority, application, officer):
    authority.second_person_publishes = True
    authority.save()
    document = add()
    set_public_status([document], status=PublicStatus.PUBLISH, by=officer)
    again(document, by=officer, says=WORM)
    assert document.publication_asked_by is None


def test_without_a_scanner_or_a_file_there_is_nothing_to_ask_for(add, officer, settings):
    document = add()
    fetched = Document.objects.create(
        application=document.application, title="To come", received_on=document.received_on, fetch_status="waiting"
    )
    with pytest.raises(ValidationError, match="no file"):
        scan_again(fetched, by=officer)
    settings.CLAMAV_ADDRESS = ""
    with pytest.raises(ValidationError, match="no virus scanner"):
        scan_again(document, by=officer)


def test_readers_and_strangers_have_nothing_looked_at_again(add, reader, other_officer):
    document = add()
    for user in (reader, other_officer):
        for verb in (scan_again, make_previews_again):
            with pytest.raises(PermissionDenied):
                verb(document, by=user)


def test_all_are_scanned_again_by_a_command_that_goes_on_where_it_stopped(add, scanner, application, capsys):
    clean, turned, alarm = add("One"), add("Two"), add("Three", says=WORM)
    began = timezone.now()
    scanner.says, scanner.scanned = {turned.pk: WORM}, []
    Document.objects.filter(pk=clean.pk).update(scanned_at=began + timedelta(hours=1))
    call_command("scan_documents", again=True, not_since=timezone.localtime(began).isoformat())
    assert scanner.scanned == [turned.pk, alarm.pk]  # the oldest verdict first; one was scanned since
    found = dict(Document.objects.values_list("pk", "scan_status"))
    assert found == {clean.pk: Scan.CLEAN, turned.pk: Scan.INFECTED, alarm.pk: Scan.CLEAN}
    assert "2 files scanned: 1 clean, 1 harmful" in capsys.readouterr().out
    assert kinds(application)[-2:] == ["document_harmful", "document_found_clean"]


def test_what_is_harmful_as_it_was_is_not_told_each_time(add, scanner, application):
    add(says=WORM)
    call_command("scan_documents", again=True, verbosity=0)
    assert kinds(application).count("document_harmful") == 1


def test_a_command_that_breaks_off_says_how_to_go_on(add, scanner, monkeypatch):
    add()
    scanner.says = clamd.NoVerdict("The virus scanner broke off.")
    monkeypatch.setattr(scanning, "is_there", lambda: False)
    with pytest.raises(CommandError, match="Start again with --again --not-since 20"):
        call_command("scan_documents", again=True, verbosity=0)
    with pytest.raises(CommandError, match="a day and a time"):
        call_command("scan_documents", again=True, not_since="yesterday")


def test_a_command_that_somebody_breaks_off_says_how_to_go_on(add, scanner):
    add()
    scanner.says = KeyboardInterrupt()
    with pytest.raises(CommandError, match="Start again with --again --not-since 20"):
        call_command("scan_documents", again=True, verbosity=0)


def test_a_command_that_is_broken_off_in_the_hour_that_is_there_twice_leaves_no_file_out(add, scanner):
    document = add()
    with at(datetime(2027, 10, 31, 1, 30, tzinfo=UTC)):  # half past one for the second time
        Document.objects.update(scanned_at=timezone.now() - timedelta(minutes=30))
        scanner.says = KeyboardInterrupt()
        with pytest.raises(CommandError) as broken_off:
            call_command("scan_documents", again=True, verbosity=0)
        scanner.says, scanner.scanned = CLEAN, []
        not_since = re.search(r"--not-since ([^;\s]+)", str(broken_off.value))[1]
        call_command("scan_documents", again=True, not_since=not_since, verbosity=0)
    assert scanner.scanned == [document.pk]


# --- Previews --------------------------------------------------------------------------------------------------------


def test_previews_are_made_again(add, application, officer, django_capture_on_commit_callbacks):
    document = add()
    Document.objects.filter(pk=document.pk).update(prepare_error="No picture of page 1.", page_count=9)
    with django_capture_on_commit_callbacks(execute=True):
        make_previews_again(document, by=officer)
    document.refresh_from_db()
    assert (document.page_count, document.prepare_error) == (1, "")
    assert kinds(application)[-1] == "document_previews_asked"


def test_while_they_are_being_made_nobody_asks_twice(add, officer):
    document = add()
    make_previews_again(document, by=officer)
    with pytest.raises(ValidationError, match="already"):
        make_previews_again(document, by=officer)


def test_of_a_harmful_file_no_previews_are_made(add, officer):
    with pytest.raises(ValidationError, match="harmful"):
        make_previews_again(add(says=WORM), by=officer)


# --- The page --------------------------------------------------------------------------------------------------------


def test_the_document_s_page_has_both_buttons_for_those_who_may(
    add, scanner, client, make_user, authority, reader, django_capture_on_commit_callbacks
):
    document = add(says=WORM)
    page = reverse("case_document_viewer", args=[document.pk])
    client.force_login(reader)
    assert "Scan again" not in client.get(page).content.decode()
    client.post(page, {"action": "scan"})
    assert not document.application.events.filter(kind="document_scan_asked").exists()
    client.force_login(make_user("sue", SUPPORT_OFFICER, authority=authority))
    content = client.get(page).content.decode()
    assert "Scan again" in content
    assert "Make previews again" not in content
    scanner.says = CLEAN
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(page, {"action": "scan"}).status_code == 302
    document.refresh_from_db()
    assert document.scan_status == Scan.CLEAN
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(page, {"action": "previews"}, follow=True)
    assert "drawn and read again" in answer.content.decode()
    assert client.post(page, {"action": "anything"}).status_code == 404
