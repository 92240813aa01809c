"""Taking in what the Planning Portal sends: a notice first, then the ZIP that it names, and a case from the ZIP.

The notice is answered at once and kept; the ZIP is fetched in the background and kept too; the case is made from what
is in it. Each step finds by itself what is left to do, so that a worker that dies loses nothing and doubles nothing.
"""

import hashlib
import shutil
import zipfile
import zlib
from collections.abc import Iterable
from datetime import timedelta
from tempfile import SpooledTemporaryFile
from typing import IO

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import File
from django.db import IntegrityError, connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django_tasks import task

from accounts.models import LocalAuthority, User
from cases.documents.adding import store_fetched
from cases.documents.fetching import IN_MEMORY_BYTES, NotFetched, download
from cases.faults import Fault
from cases.files.disk import remove
from cases.files.types import UnacceptableFile
from cases.jobs.background import Priority, enqueue
from cases.jobs.leased import LeasedJob, NotDone
from cases.locking import locked
from cases.models import Document, PlanningApplication, PortalDelivery, Submission
from cases.models.portal_delivery import stored_package
from cases.permissions import can_take_in_deliveries
from cases.timeline import record

from .incoming import CannotBecomeACase, IncomingFile, NotReadable, Refused
from .portal.document_kinds import FORM, REDACTED_FORM
from .portal.form import read_package
from .portal.notice import read_notice
from .portal.package import Package, open_package
from .receiving import receive_read

MAX_PACKAGE_BYTES = 1024**3
State = PortalDelivery.State


# --- Through which door ---------------------------------------------------------------------------------------------


def announce(body: bytes, *, authority: LocalAuthority, through: str) -> PortalDelivery:
    """Keep a notice and have its ZIP fetched. The same notice again changes nothing and gives the same delivery.

    A notice that cannot be used is kept as a refused submission. Raises NotReadable, CannotBecomeACase.
    """
    try:
        notice = read_notice(body)
    except Refused as refusal:
        _keep_refused(body, authority, through, refusal.faults)
        raise
    with transaction.atomic():
        delivery, created = PortalDelivery.objects.get_or_create(
            authority=authority,
            application_ref=notice.application_ref,
            version=notice.version,
            defaults={
                "notice": body,
                "package_url": notice.package_url,
                "package_expires_at": notice.expires_at,
                "due_at": timezone.now(),
                "received_through": through[:80],
            },
        )
        if not created and delivery.state == State.FAILED and not delivery.package:
            # Sent again because the first link had run out: the newer link is tried.
            _begin_anew(delivery, package_url=notice.package_url, package_expires_at=notice.expires_at)
        elif created:
            enqueue(take_in_delivery, delivery.pk)
    return delivery


def upload(file: IO[bytes], *, authority: LocalAuthority, by: User) -> PortalDelivery:
    """Take a ZIP in that somebody has on disk. Raises PermissionDenied; ValidationError in words, keeping nothing,
    when it is no ZIP of the Planning Portal; StorageAway, keeping nothing either; the same ZIP again gives the delivery
    that there is."""
    if not can_take_in_deliveries(by) or by.authority_id != authority.pk:
        raise PermissionDenied("You cannot take in submissions.")
    try:
        with open_package(file) as package:
            incoming, _ = read_package(package)
    except (NotReadable, CannotBecomeACase) as refusal:
        raise ValidationError([str(refusal), *(_in_words(fault) for fault in refusal.faults)]) from refusal
    digest = _digest(file)
    same = PortalDelivery.objects.filter(authority=authority, application_ref=incoming.header.external_id)
    if known := same.filter(package_sha256=digest).first():
        return known
    newest = same.order_by("-version").values_list("version", flat=True).first() or 0
    delivery = PortalDelivery(
        authority=authority,
        application_ref=incoming.header.external_id,
        version=newest + 1,
        notice=b"",
        due_at=timezone.now(),
        received_through=f"upload by {by}"[:80],
    )
    try:
        _keep_package(delivery, file, digest)
    except IntegrityError as error:
        raise ValidationError("Somebody is uploading the same application at this moment. Try again.") from error
    enqueue(take_in_delivery, delivery.pk)
    return delivery


def try_again(delivery: PortalDelivery, *, by: User) -> None:
    """Take a failed delivery up once more. Raises PermissionDenied."""
    if not can_take_in_deliveries(by) or by.authority_id != delivery.authority_id:
        raise PermissionDenied("You cannot take in submissions.")
    with transaction.atomic():
        _begin_anew(delivery)


def _begin_anew(delivery: PortalDelivery, **changes: object) -> None:
    if PortalDelivery.objects.select_for_update().filter(pk=delivery.pk, state=State.FAILED).exists():
        TAKING_IN.soon([delivery.pk], state=State.WAITING, failed_because="", **changes)


def _keep_refused(body: bytes, authority: LocalAuthority, through: str, faults: Iterable[Fault]) -> None:
    Submission.objects.create(
        authority=authority,
        source=Submission.Source.PLANNING_PORTAL,
        content_type="application/json",
        body=body,
        sha256=hashlib.sha256(body).hexdigest(),
        outcome=Submission.Outcome.REFUSED,
        faults=[fault.as_dict() for fault in faults],
        received_through=through[:80],
    )


def _in_words(fault: Fault) -> str:
    return f"{fault.path.lstrip('/') or 'The file'} {fault.reason}."


# --- In the background ----------------------------------------------------------------------------------------------


@task(queue_name="documents", priority=Priority.INTAKE)
def take_in_delivery(delivery_id: int) -> None:
    """Do what is left to do of one delivery, where that is due."""
    TAKING_IN.run(delivery_id)


def _waiting() -> QuerySet[PortalDelivery]:
    """Of a closed council only those whose ZIP must be fetched before its link runs out."""
    may_go_on = Q(authority__is_active=True) | Q(package="")
    waiting = PortalDelivery.objects.filter(may_go_on, due_at__isnull=False)
    return waiting.exclude(state=State.FAILED).select_related("authority")


def _take_up(delivery: PortalDelivery) -> None:
    """Fetch the ZIP, make the case, put its documents in their places. Raises NotDone."""
    try:
        if not delivery.package:
            _fetch(delivery)
        if not delivery.authority.is_active:
            return  # the ZIP is here
        with delivery.package.open("rb") as file, open_package(file) as package:
            if delivery.state == State.WAITING:
                _make_case(delivery, package)
            _put_documents_in_place(delivery, package)
    except OSError as error:
        raise NotDone("The storage of documents could not be reached.", again=True) from error
    except Refused as refusal:
        reasons = " ".join(_in_words(fault) for fault in refusal.faults[:20])
        raise NotDone(f"{refusal} {reasons}") from refusal
    PortalDelivery.objects.filter(pk=delivery.pk).update(due_at=None, failed_because="")


def _fetch(delivery: PortalDelivery) -> None:
    if delivery.package_expires_at and delivery.package_expires_at < timezone.now():
        raise NotFetched("The Planning Portal's link to the ZIP has run out. Ask it to send the notice again.")
    with download(delivery.package_url, most_bytes=MAX_PACKAGE_BYTES) as file:
        _keep_package(delivery, file, _digest(file))


def _keep_package(delivery: PortalDelivery, file: IO[bytes], digest: str) -> None:
    """Store the ZIP and write the row that knows of it, new or not; without the row the ZIP goes again."""
    file.seek(0)
    storage = delivery.package.storage
    stored = storage.save(stored_package(delivery, "package.zip"), File(file))
    delivery.package, delivery.package_sha256 = stored, digest
    try:
        with transaction.atomic():
            delivery.save(update_fields=["package", "package_sha256"] if delivery.pk else None)
    except BaseException as error:
        remove(storage, stored, because=error)
        raise


def _digest(file: IO[bytes]) -> str:
    file.seek(0)
    return hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]


def _make_case(delivery: PortalDelivery, package: Package) -> None:
    """Make the case, or know it again; then the delivery's own state. Doing it twice makes one case.

    Deliveries of one application take their turns: which of them made the case is settled with the case itself.
    """
    incoming, body = read_package(package)
    fault: Exception | None = None
    with transaction.atomic():
        _one_at_a_time(delivery)
        held = PortalDelivery.objects.select_for_update().get(pk=delivery.pk)
        delivery.state, delivery.submission = held.state, held.submission
        if held.state != State.WAITING:
            return
        try:
            received = receive_read(
                incoming,
                body=body,
                authority=delivery.authority,
                content_type="application/json",
                through=f"Planning Portal, {delivery.received_through}",
            )
        except Exception as error:  # it is raised when what was kept of the refused submission is in the database
            fault = error
        else:
            _take_in(delivery, received.application, incoming.files, body, package)
    if fault:
        raise fault


def _one_at_a_time(delivery: PortalDelivery) -> None:
    """Let another delivery of the same application wait until this transaction is over."""
    with connection.cursor() as cursor:
        key = f"delivery {delivery.authority_id} {delivery.application_ref}"
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [key])


def _take_in(
    delivery: PortalDelivery, application: PlanningApplication, files: list[IncomingFile], body: bytes, package: Package
) -> None:
    digest = hashlib.sha256(body).hexdigest()
    sent = Submission.objects.filter(application=application, sha256=digest).order_by("pk").last()
    if PortalDelivery.objects.filter(submission__application=application, state=State.TAKEN_IN).exists():
        _add_what_is_new(application, files, delivery)
    delivery.submission, delivery.state = sent, State.TAKEN_IN
    delivery.failed_because, delivery.notes = "", [fault.as_dict() for fault in package.notes]
    delivery.save(update_fields=["submission", "state", "notes", "failed_because"])
    _link_redacted_form(delivery)


def _documents_of(delivery: PortalDelivery) -> QuerySet[Document]:
    """The documents that this delivery brought to its case, and not those of the same name from another one."""
    application = delivery.submission.application if delivery.submission else None
    if application is None:
        return Document.objects.none()
    documents = Document.objects.filter(application=application, source_url="")
    told = application.events.filter(kind="submitted_again", data__application_ref=delivery.application_ref)
    later = set(told.values_list("data__version", flat=True))
    if delivery.version in later:
        return documents.filter(revision=_revision(delivery.version))
    return documents.exclude(revision__in=[_revision(version) for version in later])


def _revision(version: int) -> str:
    return f"v{version}"[:20]


def _link_redacted_form(delivery: PortalDelivery) -> None:
    """The form without personal data stands for the one with them."""
    named = {d.original_name.lower(): d for d in _documents_of(delivery).filter(redacted_from=None)}
    whole, redacted = named.get(FORM), named.get(REDACTED_FORM)
    if whole and redacted:
        Document.objects.filter(pk=redacted.pk).update(redacted_from=whole)


def _add_what_is_new(application: PlanningApplication, files: Iterable[IncomingFile], delivery: PortalDelivery) -> None:
    """A later version of an application: its files wait beside the first ones, and the officer is told by the history.

    What the case says is not changed behind the officer's back: the form as sent is kept as a submission.
    """
    rows = [
        Document(
            application=application,
            title=f"{file.title or file.name}"[:255],
            revision=_revision(delivery.version),
            types=[],
            received_on=timezone.localdate(),
            original_name=file.name,
            fetch_status=Document.FetchStatus.WAITING,
        )
        for file in files
    ]
    Document.objects.bulk_create(rows)
    record(
        application,
        "submitted_again",
        by=None,
        application_ref=delivery.application_ref,
        version=delivery.version,
        documents=len(rows),
    )


def _put_documents_in_place(delivery: PortalDelivery, package: Package) -> None:
    """Give each document of this delivery that waits its file from the ZIP. One that cannot be kept says why."""
    waiting = _documents_of(delivery).filter(fetch_status=Document.FetchStatus.WAITING)
    for document in waiting.select_related("application"):
        if document.original_name not in package.entries:
            continue
        try:
            with package.open(document.original_name) as entry, SpooledTemporaryFile(max_size=IN_MEMORY_BYTES) as file:
                shutil.copyfileobj(entry, file)
                store_fetched(document, file=file, name=document.original_name)
        except UnacceptableFile as error:
            _refuse(document, str(error))
        except (zipfile.BadZipFile, zlib.error, EOFError):
            _refuse(document, "The file is damaged.")
        except (RuntimeError, NotImplementedError):  # a password is wanted; a compression that nobody uses
            _refuse(document, "The file is locked.")


def _refuse(document: Document, words: str) -> None:
    with transaction.atomic():
        locked(document.application_id)  # first, as officers' verbs lock it
        changed = Document.objects.filter(pk=document.pk, fetch_status=Document.FetchStatus.WAITING).update(
            fetch_status=Document.FetchStatus.FAILED,
            fetch_error=f"{words} The file is in the Planning Portal's ZIP."[:300],
        )
        if changed:
            record(
                document.application,
                "document_fetch_failed",
                by=None,
                document=document.pk,
                title=document.title,
                error=words[:300],
            )


def _fail(delivery: PortalDelivery, words: str) -> None:
    PortalDelivery.objects.filter(pk=delivery.pk).update(state=State.FAILED, failed_because=words, due_at=None)


TAKING_IN = LeasedJob(
    task=take_in_delivery,
    waiting=_waiting,
    work=_take_up,
    give_up=_fail,
    put_back=lambda delivery, sentence: {"failed_because": sentence},
    fault="It could not be taken in because of a fault of this system.",
    lease=timedelta(minutes=15),
    waits=[timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1), timedelta(hours=6)],
)
