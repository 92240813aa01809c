"""What a test has begun and not ended: threads, processes, connections to the database, files outside its folder."""

import gc
import os
import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db.backends.signals import connection_created
from django.dispatch import receiver

SECONDS_TO_LEAVE = 10
# In which a server of several tests waits for a client's next word: they and what they hold are the server's to end.
OF_THE_SERVER = "process_request_thread"
# What Playwright keeps for as long as a process of the tests runs: the browser's profile, the threads of its loop.
OF_THE_BROWSER = ("playwright", "asyncio_")
_CHILDREN = Path("/proc/self/task")  # Linux only: elsewhere nobody says whose child a process is

# Who connected when, and the connection while anybody has it.
_OPENED: list[tuple[str, weakref.ref]] = []


@receiver(connection_created)
def _remember_who_connected(connection, **_) -> None:
    thread = threading.current_thread().name
    _OPENED.append((thread, weakref.ref(connection.connection)))
    if OF_THE_SERVER in thread:
        connection.close_at = None  # for as long as the browser keeps its line: each new one begins with empty caches


@contextmanager
def refused(temporary: Path) -> Iterator[None]:
    """Whatever began within and is there after some seconds' grace is an AssertionError that names it."""
    before = _everything(temporary)
    yield
    until = time.monotonic() + SECONDS_TO_LEAVE
    while left := _everything(temporary) - before:
        if time.monotonic() > until:
            raise AssertionError("The test has left behind: " + ", ".join(sorted(map(str, left))))
        gc.collect()
        time.sleep(0.05)


def _everything(temporary: Path) -> set[object]:
    return _threads() | _processes() | _connections() | _files(temporary)


def _threads() -> set[object]:
    mine = {thread for thread in threading.enumerate() if OF_THE_SERVER not in thread.name}
    return {thread for thread in mine if not thread.name.startswith(OF_THE_BROWSER)}


def _processes() -> set[object]:
    children: set[object] = set()
    for thread in _CHILDREN.glob("*/children"):
        children |= {f"process {pid}: {_command(pid)}" for pid in _read(thread).split()}
    return children


def _command(pid: str) -> str:
    return _read(Path(f"/proc/{pid}/cmdline")).replace("\0", " ").strip() or "which is over"


def _read(of_a_task: Path) -> str:
    """Nothing, when the task has ended since it was listed: its files go with it."""
    try:
        return of_a_task.read_text()
    except OSError:
        return ""


def _connections() -> set[object]:
    """Of other threads than the main one, which keeps its own."""
    _OPENED[:] = [(thread, left) for thread, left in _OPENED if (there := left()) is not None and not there.closed]
    main = threading.main_thread().name
    others = [(thread, left) for thread, left in _OPENED if thread != main and OF_THE_SERVER not in thread]
    return {f"connection of {thread} ({id(left)})" for thread, left in others}


def close_connections() -> None:
    """All that are still open in this process: the database is about to be dropped."""
    for _, left in _OPENED:
        if (there := left()) is not None:
            there.close()


def _files(temporary: Path) -> set[object]:
    """In the folder for temporary files, and where the product keeps its own."""
    folders = (temporary, settings.LOCAL_DIR / "media", settings.LOCAL_DIR / "case_documents")
    names = {entry.path for folder in folders if folder.is_dir() for entry in os.scandir(folder)}
    return {name for name in names if not any(mark in name for mark in OF_THE_BROWSER)}
