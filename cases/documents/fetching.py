"""Fetching the files that a submission names: after the answer, in the background, from listed hosts only.

Whoever may send a submission may write any address into it. So a file is fetched only over HTTPS, only from a host on
the list, and never from an inner network.
"""

import ipaddress
import logging
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http import HTTPStatus
from tempfile import SpooledTemporaryFile
from typing import IO
from urllib.parse import SplitResult, urljoin, urlsplit

import requests
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django_tasks import task

from accounts.models import User
from cases.files.disk import StorageAway
from cases.files.types import UnacceptableFile
from cases.jobs.background import Priority
from cases.jobs.leased import LeasedJob, NotDone
from cases.locking import locked
from cases.models import Document
from cases.permissions import can_add_documents
from cases.timeline import record

from .adding import store_fetched
from .storing import permit

logger = logging.getLogger(__name__)
FetchStatus = Document.FetchStatus

CONNECT_SECONDS, READ_SECONDS, WHOLE_SECONDS = 10, 30, 300
MAX_REDIRECTS = 3
CHUNK_BYTES = 64 * 1024
IN_MEMORY_BYTES = 5 * 1024 * 1024
PLANX_DOMAINS = (".planx.uk", ".planx.dev")
WORTH_ANOTHER_TRY = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS}


class NotFetched(NotDone):
    """The file could not be had."""


def retry_fetch(document: Document, *, by: User) -> None:
    """Try again to fetch a file that could not be fetched. Raises PermissionDenied, ValidationError."""
    permit(can_add_documents(by, document.application))
    if not document.source_url:
        raise ValidationError("The submission does not say where this file lies.")
    with transaction.atomic():
        failed = Document.objects.select_for_update().filter(pk=document.pk, fetch_status=FetchStatus.FAILED)
        if failed.exists():
            FETCHING.soon([document.pk], fetch_status=FetchStatus.WAITING, fetch_error="")
    document.refresh_from_db()


@task(queue_name="documents", priority=Priority.INTAKE)
def fetch_document(document_id: int) -> None:
    """Fetch one document's file where it is due."""
    FETCHING.run(document_id)


def _waiting() -> QuerySet[Document]:
    waiting = Document.objects.filter(fetch_status=FetchStatus.WAITING, fetch_due_at__isnull=False)
    return waiting.select_related("application")


def _fetch(document: Document) -> None:
    try:
        with download(document.source_url) as file:
            store_fetched(document, file=file, name=document.original_name)
    except StorageAway as error:
        # The file is to be had and there is nowhere to put it.
        raise NotFetched("The document store cannot be reached.", again=True, counts=False) from error
    except UnacceptableFile as error:
        raise NotFetched(str(error)) from error


@transaction.atomic
def _give_up(document: Document, sentence: str) -> None:
    locked(document.application_id)  # first, as officers' verbs lock it: else two wait for each other
    changed = Document.objects.filter(pk=document.pk, fetch_status=FetchStatus.WAITING).update(
        fetch_status=FetchStatus.FAILED, fetch_error=sentence[:300], fetch_due_at=None
    )
    if changed:
        record(
            document.application,
            "document_fetch_failed",
            by=None,
            document=document.pk,
            title=document.title,
            error=sentence[:300],
        )


FETCHING = LeasedJob(
    task=fetch_document,
    waiting=_waiting,
    work=_fetch,
    give_up=_give_up,
    put_back=lambda document, sentence: {"fetch_error": sentence[:300]},
    attempts="fetch_attempts",
    due_at="fetch_due_at",
    lease=timedelta(minutes=15),
    waits=[timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30)],
)


# --- The network ---------------------------------------------------------------------------------------------------


@contextmanager
def download(url: str, *, most_bytes: int | None = None) -> Iterator[IO[bytes]]:
    """The file behind an address, as a temporary file that stands at its beginning; at most as large as a document.

    Raises NotFetched. Redirects are followed only to listed hosts, each looked at as the first.
    """
    stop_at = time.monotonic() + WHOLE_SECONDS
    with requests.Session() as session, SpooledTemporaryFile(max_size=IN_MEMORY_BYTES) as file:
        session.trust_env = False  # no proxy and no password from the machine's own configuration
        try:
            with _answer(session, url) as response:
                _read_into(file, response, stop_at, most_bytes or settings.MAX_DOCUMENT_BYTES)
        except requests.RequestException as error:
            logger.info("A document could not be fetched: %s", type(error).__name__)
            raise NotFetched("The server that holds the file could not be reached.", again=True) from error
        file.seek(0)
        yield file


def _answer(session: requests.Session, url: str) -> requests.Response:
    for _ in range(MAX_REDIRECTS + 1):
        parts = _permitted(url)
        response = session.get(
            url,
            headers=_headers(parts),
            stream=True,
            allow_redirects=False,
            timeout=(CONNECT_SECONDS, READ_SECONDS),
        )
        if not response.is_redirect:
            _check_status(response)
            return response
        url = urljoin(url, response.headers["Location"])
        response.close()
    raise NotFetched("The address leads from one place to another without end.")


def _permitted(url: str) -> SplitResult:
    """The parts of an address that we may go to. Raises NotFetched."""
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError as error:
        raise NotFetched("The address of the file is not a web address.") from error
    is_inner = f"{host}:{port}" in settings.SUBMISSION_FILE_INNER_HOSTS or host in settings.SUBMISSION_FILE_INNER_HOSTS
    if not is_inner and host not in settings.SUBMISSION_FILE_HOSTS:
        raise NotFetched("The file lies on a server that is not on the list of servers to fetch from.")
    if not is_inner and (parts.scheme != "https" or port not in (None, 443)):
        raise NotFetched("The address of the file is not an HTTPS address.")
    if parts.scheme not in ("http", "https") or parts.username or parts.password:
        raise NotFetched("The address of the file is not one that can be used.")
    if not is_inner:
        _check_not_inner(host)
    return parts


def _check_not_inner(host: str) -> None:
    """A listed name must not lead into an inner network, whatever its DNS says today."""
    try:
        found = socket.getaddrinfo(host, 443, type=socket.SOCK_STREAM)
    except OSError as error:
        raise NotFetched("The server that holds the file could not be reached.", again=True) from error
    for *_, address in found:
        ip = ipaddress.ip_address(str(address[0]).split("%")[0])
        ip = getattr(ip, "ipv4_mapped", None) or ip
        if not ip.is_global:
            raise NotFetched("The server that holds the file has an address of an inner network.")


def _headers(parts: SplitResult) -> dict[str, str]:
    headers = {"User-Agent": "BoPS", "Accept-Encoding": "identity"}
    host = (parts.hostname or "").lower()
    if settings.PLANX_FILE_API_KEY and host.endswith(PLANX_DOMAINS):
        headers["api-key"] = settings.PLANX_FILE_API_KEY
    return headers


def _check_status(response: requests.Response) -> None:
    if response.status_code == HTTPStatus.OK:
        return
    response.close()
    status = response.status_code
    if status in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE):
        raise NotFetched(f"The file is not there (the server answered {status}).")
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        raise NotFetched(f"The server does not give us the file (it answered {status}).")
    raise NotFetched(
        f"The server answered {status} instead of the file.", again=status >= 500 or status in WORTH_ANOTHER_TRY
    )


def _read_into(file: IO[bytes], response: requests.Response, stop_at: float, limit: int) -> None:
    too_large = f"The file is larger than {limit // 1024 // 1024} MB."
    stated = response.headers.get("Content-Length", "")
    if stated.isdigit() and int(stated) > limit:
        raise NotFetched(too_large)
    size = 0
    for chunk in response.iter_content(CHUNK_BYTES):
        size += len(chunk)
        if size > limit:
            raise NotFetched(too_large)
        if time.monotonic() > stop_at:
            raise NotFetched("The file came too slowly.", again=True)
        file.write(chunk)
    if stated.isdigit() and size != int(stated):
        raise NotFetched("The file broke off on the way.", again=True)
