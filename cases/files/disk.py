"""Where the files of cases lie, and what is said when that place cannot be reached.

Both stores, the local disk here and S3 (storage_on_s3.py), answer with one exception, StorageAway, to everything but
"there is no such file": so nobody who stores or reads a file needs to know which it is. Only serving asks
(serving.py), because S3 hands files over itself.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import timedelta

from django.core.files.base import File
from django.core.files.storage import Storage, storages
from django.db import InterfaceError, OperationalError, transaction
from django.utils import timezone
from django_tasks import task

from cases.jobs.background import enqueue

from .whole import WholeFilesOnDisk

logger = logging.getLogger(__name__)

REMOVE_AGAIN_AFTER, REMOVE_ATTEMPTS = timedelta(minutes=15), 10  # the last one is half a day later

AWAY = "The document store cannot be reached just now. Nothing was saved. Try again in a few minutes."


class StorageAway(OSError):
    """The store does not answer, or refuses us. `str()` is a sentence for whoever waits for an answer."""

    heading = "The documents cannot be reached"  # of the page that says so
    to_readers = "The document store cannot be reached just now. Try again in a few minutes."  # who sent nothing

    def __init__(self, sentence: str = AWAY):
        super().__init__(sentence)


class DocumentsOnDisk(WholeFilesOnDisk):
    """Whole files, with a full or failing disk told as StorageAway."""

    def _open(self, name: str, mode: str = "rb") -> File:
        with _disk():
            return super()._open(name, mode)  # type: ignore[misc]  # the stubs know open() alone

    def _save(self, name: str, content: File) -> str:
        with _disk():
            return super()._save(name, content)

    def save_over(self, name: str, content: File) -> None:
        with _disk():
            super().save_over(name, content)


@contextmanager
def _disk() -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise
    except OSError as error:
        logger.error("The disk of the documents fails: %s", type(error).__name__)
        raise StorageAway from error


# --- Files and transactions -----------------------------------------------------------------------------------------

_stored: ContextVar[list[tuple[Storage, str]] | None] = ContextVar("stored", default=None)


@contextmanager
def atomic_with_files() -> Iterator[None]:
    """A transaction that takes its files with it: what was stored inside is removed when it fails."""
    outer = _stored.get()
    mine: list[tuple[Storage, str]] = []
    token = _stored.set(mine)
    try:
        with transaction.atomic():
            yield
    except BaseException as error:
        for storage, name in mine:
            remove(storage, name, because=error)
        raise
    finally:
        _stored.reset(token)
    if outer is not None:
        outer.extend(mine)


def goes_with_the_transaction(storage: Storage, name: str) -> None:
    """Remember a file that was stored inside `atomic_with_files`; without one around, nothing is remembered."""
    mine = _stored.get()
    if mine is not None:
        mine.append((storage, name))


def remove(storage: Storage, name: str, *, because: BaseException | None = None) -> None:
    """Remove a file that no row will know of, now or, when the store is away, later.

    When the database was lost in the middle nobody knows whether the row was written: then the file stays. A file
    without a row is rubbish, a row without its file is a loss.
    """
    if isinstance(because, InterfaceError | OperationalError):
        logger.error("Perhaps no document knows of this file; it stays in the document store: %s", name)
        return
    try:
        storage.delete(name)
    except OSError:
        logger.error("A file that no document knows of is still in the document store: %s", name)
        enqueue(remove_later, name, run_after=timezone.now() + REMOVE_AGAIN_AFTER)


@task(queue_name="documents")
def remove_later(name: str, attempt: int = 1) -> None:
    """Remove a file that could not be removed when it should. Names are never used twice, so it is nobody else's."""
    try:
        storages["case_documents"].delete(name)
    except OSError:
        if attempt < REMOVE_ATTEMPTS:
            enqueue(remove_later, name, attempt + 1, run_after=timezone.now() + attempt * REMOVE_AGAIN_AFTER)
        else:
            logger.error("A file that no document knows of was left in the document store: %s", name)
