"""The virus scan: with a real ClamAV where the machine has one, and with servers that misbehave."""

import io
import socket
import struct
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.http import Http404
from django.urls import reverse
from django.utils import timezone

from cases.documents import scanning
from cases.documents.adding import add_document
from cases.documents.publishing import set_public_status
from cases.documents.serving import file_response, thumbnail_response
from cases.files import checks, clamd
from cases.models import Document, PlanningApplication
from cases.statuses import PublicStatus
from tests.cases import files
from tests.cases.clamav import STREAM_MEGABYTES, Clamd, pretender, program
from tests.cases.hostile import EICAR
from tests.leases import falls_due

Status = Document.ScanStatus


@contextmanager
def running(folder: Path) -> Iterator[Clamd]:
    if program() is None:
        pytest.skip("there is no clamd on this machine (Debian: apt install clamav-daemon)")
    clamav = Clamd(folder)
    try:
        clamav.start()
        yield clamav
    finally:
        clamav.close()


@pytest.fixture(scope="module")
def clamav(tmp_path_factory):
    with running(tmp_path_factory.mktemp("clamav")) as clamav:
        yield clamav


@pytest.fixture
def scanner(clamav, settings):
    """The installation has a scanner, and it is there."""
    settings.CLAMAV_ADDRESS = clamav.address
    return clamav


@pytest.fixture
def own_scanner(tmp_path, settings):
    """One that may be stopped and started again."""
    with running(tmp_path) as clamav:
        settings.CLAMAV_ADDRESS = clamav.address
        yield clamav


@pytest.fixture
def application(make_application):
    return make_application("pp.full.householder")


@pytest.fixture
def add(application, officer, django_capture_on_commit_callbacks):
    """Add a document and let the background do its work."""

    def add(content: bytes | None = None, *, name: str = "Plan.pdf", work: bool = True) -> Document:
        with django_capture_on_commit_callbacks(execute=work):
            document = add_document(application, file=io.BytesIO(content or files.pdf()), name=name, by=officer)
        document.refresh_from_db()
        return document

    return add


def harmful() -> bytes:
    """A plan that holds the test virus."""
    return files.pdf() + b"\n% " + EICAR + b"\n"


def kinds(application) -> list[str]:
    return list(application.events.order_by("sequence").values_list("kind", flat=True))


# --- With ClamAV ----------------------------------------------------------------------------------------------------


def test_a_clean_file_is_opened_and_prepared(scanner, add):
    document = add(files.pdf(pages=2))
    assert document.scan_status == Status.CLEAN
    assert document.scanned_at
    assert document.scan_due_at is None
    assert document.page_count == 2
    assert file_response(document, inline=True).status_code == 200


def test_by_a_socket_of_the_machine(scanner, settings, add):
    settings.CLAMAV_ADDRESS = f"unix://{scanner.socket}"
    assert add().scan_status == Status.CLEAN


def test_a_harmful_file_is_locked_away_and_told(scanner, add, application, officer, client):
    document = add(harmful())
    assert document.scan_status == Status.INFECTED
    assert document.scan_detail == "Bops.Test.Eicar.UNOFFICIAL"
    assert document.prepared_at is None
    assert not document.pages.exists()
    for way_out in (lambda: file_response(document, inline=False), lambda: thumbnail_response(document)):
        with pytest.raises(Http404):
            way_out()
    assert kinds(application)[-1] == "document_harmful"
    client.force_login(officer)
    assert client.get(reverse("case_document", args=[document.pk])).status_code == 404
    with pytest.raises(Exception, match="harmful"):
        set_public_status([document], status=PublicStatus.PUBLISH, by=officer)


def test_while_it_waits_nobody_gets_it_and_nothing_of_it_is_drawn(scanner, add, officer, client):
    document = add(work=False)
    assert document.scan_status == Status.WAITING
    assert document.thumbnail.name == ""
    client.force_login(officer)
    for name in ("case_document", "case_thumbnail"):
        assert client.get(reverse(name, args=[document.pk])).status_code == 404
    with pytest.raises(Exception, match="waits for the virus scan"):
        set_public_status([document], status=PublicStatus.PUBLISH, by=officer)


def test_a_published_file_found_harmful_is_off_the_register_at_once(scanner, add, settings, officer):
    settings.CLAMAV_ADDRESS = ""
    document = add(harmful())
    assert document.scan_status == Status.NOT_SCANNED
    set_public_status([document], status=PublicStatus.PUBLISH, by=officer)
    assert Document.objects.public().exists()
    before = PlanningApplication.objects.get().public_changed_at
    settings.CLAMAV_ADDRESS = scanner.address
    call_command("scan_documents", verbosity=0)
    assert not Document.objects.public().exists()
    document.refresh_from_db()
    assert document.application.events.last().data["was_public"] is True
    assert PlanningApplication.objects.get().public_changed_at > before
    with pytest.raises(Http404):
        thumbnail_response(document)  # it was drawn before


def test_when_the_scanner_comes_back_what_waits_is_scanned_by_itself(
    own_scanner, add, application, django_capture_on_commit_callbacks
):
    own_scanner.stop()
    good, bad = add(), add(harmful(), name="bad.pdf")
    for document in (good, bad):
        assert document.scan_status == Status.WAITING
        assert "cannot be reached" in document.scan_detail
        assert document.scan_due_at > timezone.now()
    assert scanning.sweep(timezone.now() + timedelta(days=1)) == 0  # still away
    own_scanner.start()
    assert scanning.sweep() == 0  # not before its time
    for document in (good, bad):
        falls_due(scanning.SCANNING, document)
    with django_capture_on_commit_callbacks(execute=True):
        assert scanning.sweep() == 2
    good.refresh_from_db()
    bad.refresh_from_db()
    assert (good.scan_status, bad.scan_status) == (Status.CLEAN, Status.INFECTED)
    assert good.prepared_at
    assert kinds(application).count("document_harmful") == 1


def test_a_file_larger_than_the_scanner_takes_stays_closed_and_says_why(scanner, add):
    large = files.pdf() + b"%" + bytes(STREAM_MEGABYTES * 1024 * 1024 * 4)
    document = add(large)
    assert document.scan_status == Status.WAITING
    assert "larger than the virus scanner takes" in document.scan_detail


def test_twice_is_once(scanner, add, application):
    document = add(harmful())
    scanning.scan_document.call(document.pk)
    assert kinds(application).count("document_harmful") == 1


def test_two_scans_at_once_tell_once(scanner, add, application):
    document = add(work=False)
    found = clamd.Verdict(found="Worm")
    assert scanning.settle(document, found)
    assert not scanning.settle(document, clamd.Verdict(found=""))
    document.refresh_from_db()
    assert document.scan_status == Status.INFECTED
    assert kinds(application).count("document_harmful") == 1


def test_files_from_before_are_scanned_by_a_command_that_goes_on_where_it_stopped(scanner, add, settings, capsys):
    settings.CLAMAV_ADDRESS = ""
    documents = [add(files.pdf(words=f"Plan {number}")) for number in range(3)]
    settings.CLAMAV_ADDRESS = scanner.address
    Document.objects.filter(pk=documents[0].pk).update(scan_status=Status.CLEAN)  # scanned before it was broken off
    call_command("scan_documents")
    assert "2 files scanned: 2 clean, 0 harmful, 0 without a verdict" in capsys.readouterr().out
    assert set(Document.objects.values_list("scan_status", flat=True)) == {Status.CLEAN}


def test_a_file_is_not_held_in_memory_while_it_is_scanned(scanner):
    class Zeros(io.RawIOBase):
        left, largest = STREAM_MEGABYTES * 1024 * 1024 - 1024, 0

        def read(self, size=-1):
            assert size > 0
            self.largest = max(self.largest, size)
            size = min(size, self.left)
            self.left -= size
            return bytes(size)

    tracemalloc.start()
    assert clamd.scan(Zeros(), address=scanner.address, seconds=60).is_clean
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 1_500_000


# --- Without, and with servers that misbehave -----------------------------------------------------------------------


@pytest.fixture
def nowhere():
    """An address at which nothing answers and nobody else can begin to: its port is taken, and not listened at."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"tcp://127.0.0.1:{taken.getsockname()[1]}"


def swallow(connection: socket.socket) -> None:
    """Read all that is sent, to the piece of length zero."""
    data = b""
    while not data.endswith(struct.pack("!L", 0)):
        piece = connection.recv(65536)
        if not piece:
            return
        data = (data + piece)[-8:]


def answers(words: bytes):
    def behave(connection: socket.socket) -> None:
        swallow(connection)
        connection.sendall(words)

    return behave


def never_answers(connection: socket.socket) -> None:
    swallow(connection)
    connection.settimeout(30)
    connection.recv(1)  # until the other side has had enough


@pytest.mark.parametrize(
    ("behaviour", "words"),
    [
        (lambda connection: None, "broke off"),
        (lambda connection: connection.recv(20), "broke off"),
        (answers(b""), "broke off"),
        (answers(b"stream: OK"), "broke off"),  # without its end
        (answers(b"HTTP/1.1 400 Bad Request\r\n\r\n\0"), "not ClamAV"),
        (answers(b"\xff\xfe\x00"), "not ClamAV"),
        (answers(b"x" * 100_000), "broke off"),
        (answers(b"stream: OK FOUNDation\0"), "not ClamAV"),
        (answers(b"Can't allocate memory ERROR\0"), "could not scan"),
        (answers(b"INSTREAM size limit exceeded. ERROR\0"), "larger than"),
        (never_answers, "in time"),
    ],
)
def test_no_verdict_is_no_clean_file(add, settings, behaviour, words):
    settings.CLAMAV_TIMEOUT_SECONDS = 1 if behaviour is never_answers else 60
    with pretender(behaviour) as settings.CLAMAV_ADDRESS:
        document = add()
    assert document.scan_status == Status.WAITING
    assert words in document.scan_detail
    assert document.scan_due_at > timezone.now()
    assert not document.is_open_to_readers


@pytest.mark.parametrize(("words", "found"), [(b"stream: OK\0", ""), (b"stream: Worm FOUND\0", "Worm")])
def test_a_verdict(settings, words, found):
    with pretender(answers(words)) as address:
        assert clamd.scan(io.BytesIO(b"x"), address=address, seconds=5).found == found


def test_the_pauses_grow_and_never_end(add, nowhere, settings):
    settings.CLAMAV_ADDRESS = nowhere
    document = add()
    pauses = []
    for _ in range(8):
        falls_due(scanning.SCANNING, document)
        scanning.scan_document.call(document.pk)
        document.refresh_from_db()
        pauses.append(round((document.scan_due_at - timezone.now()).total_seconds() / 60))
    assert pauses == [5, 15, 60, 360, 360, 360, 360, 360]
    assert document.scan_status == Status.WAITING


def test_a_scan_that_was_lost_with_its_worker_is_taken_up_again(add, settings, django_capture_on_commit_callbacks):
    with pretender(answers(b"stream: OK\0")) as settings.CLAMAV_ADDRESS:
        document = add(work=False)  # the worker died before it began
    with pretender(lambda connection: connection.sendall(b"PONG\0")) as settings.CLAMAV_ADDRESS:
        settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["documents"]}}
        assert scanning.sweep() == 1
        assert scanning.sweep() == 0  # once
    assert document.scan_status == Status.WAITING


def test_without_a_scanner_files_are_open_as_soon_as_they_are_here(add, settings):
    document = add()
    assert document.scan_status == Status.NOT_SCANNED
    assert document.prepared_at


def test_what_waits_when_the_scanner_is_taken_away_stays_closed(add, nowhere, settings):
    settings.CLAMAV_ADDRESS = nowhere
    document = add()
    settings.CLAMAV_ADDRESS = ""
    scanning.scan_document.call(document.pk)
    assert scanning.sweep(timezone.now() + timedelta(days=1)) == 0
    document.refresh_from_db()
    assert document.scan_status == Status.WAITING


def test_the_command_stops_when_the_scanner_is_away(add, nowhere, settings):
    add()
    with pytest.raises(CommandError, match="no scanner"):
        call_command("scan_documents")
    settings.CLAMAV_ADDRESS = nowhere
    with pytest.raises(CommandError, match="cannot be reached"):
        call_command("scan_documents")
    assert Document.objects.get().scan_status == Status.NOT_SCANNED


@pytest.mark.parametrize("address", ["clamav:3310", "tcp://clamav", "http://clamav:3310", "unix:clamd.ctl", "tcp://:1"])
def test_an_address_that_is_none_is_told_before_anything_runs(settings, address):
    settings.CLAMAV_ADDRESS = address
    assert [message.id for message in checks.scanner_address(None)] == ["cases.E001"]


def test_the_deployment_check_says_whether_the_scanner_is_there(nowhere, settings):
    settings.CLAMAV_ADDRESS = ""
    assert [message.id for message in checks.scanner_answers(None)] == ["cases.W001"]
    settings.CLAMAV_ADDRESS = nowhere
    assert [message.id for message in checks.scanner_answers(None)] == ["cases.W002"]
    with pretender(lambda connection: connection.sendall(b"PONG\0")) as settings.CLAMAV_ADDRESS:
        assert checks.scanner_answers(None) == []
