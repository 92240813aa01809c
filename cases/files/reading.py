"""Having a file read by a process of its own: it may crash, hang or be taken over, and nothing is lost but its page.

What comes back is trusted as little as the file: lengths are bounded, words are cleaned, pictures must be JPEG.
"""

import json
import os
import select
import shutil
import subprocess
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from tempfile import TemporaryFile
from typing import IO, Any

from cases.jobs import child

from .types import CHUNK_BYTES

READER = "cases.files.reader.main"
PAGE_SECONDS = 45  # without a word from it
WHOLE_SECONDS = 600
MAX_MESSAGE = 8 * 1024 * 1024  # bytes of a line or of a picture
READ_BYTES = 256 * 1024
JPEG = b"\xff\xd8\xff"


class Died(Exception):
    """The process ended before its time, spoke nonsense or took too long; `str()` says which, for the log."""


@dataclass
class Said:
    """One thing that the process said: facts, and bytes when it is a picture."""

    facts: dict[str, Any]
    content: bytes = field(default=b"", repr=False)


@contextmanager
def for_another_process(file: IO[bytes]) -> Iterator[IO[bytes]]:
    """The file itself where it lies on the disk; else, from memory or from S3, a copy while the block runs."""
    try:
        file.fileno()
    except (OSError, AttributeError):
        with TemporaryFile() as copy:
            file.seek(0)
            shutil.copyfileobj(file, copy, CHUNK_BYTES)
            copy.flush()
            yield copy
    else:
        yield file


def ask(file: IO[bytes], *arguments: str, until: float) -> Generator[Said, None, None]:
    """What the reading program says of a file on the disk, as it says it. Raises Died.

    `arguments`: kind and task as in files/reader/main.py. `until`: a time of time.monotonic(). The program is over
    when this is closed: use contextlib.closing, since whoever listens may fail.
    """
    file.seek(0)
    with TemporaryFile() as scratch:
        number = scratch.fileno()
        process = child.start(
            READER,
            str(number),
            *arguments,
            limits={},
            pass_fds=[number],
            stdin=file.fileno(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        try:
            yield from _messages(process, until)
            if process.wait(timeout=PAGE_SECONDS) != 0:
                raise Died(f"it ended with {process.returncode}")
        except subprocess.TimeoutExpired as error:
            raise Died("it did not end") from error
        finally:
            process.kill()
            process.wait()
            if process.stdout:
                process.stdout.close()


def _messages(process: subprocess.Popen[bytes], until: float) -> Iterator[Said]:
    stream = _Stream(process, until)
    while (line := stream.line()) is not None:
        try:
            facts = json.loads(line)
            size = int(facts.pop("size"))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise Died("it spoke nonsense") from error
        if not 0 <= size <= MAX_MESSAGE:
            raise Died("it said too much")
        content = stream.take(size)
        if content and not content.startswith(JPEG):
            raise Died("it sent something else than a picture")
        yield Said(facts, content)


class _Stream:
    """The standard output of a process, read with patience that ends."""

    def __init__(self, process: subprocess.Popen[bytes], until: float):
        assert process.stdout is not None  # noqa: S101 - it was started with a pipe
        self.descriptor = process.stdout.fileno()
        self.until = until
        self.buffer = bytearray()

    def line(self) -> bytes | None:
        """The next line, or None at the end of what is said."""
        looked = 0
        while (end := self.buffer.find(b"\n", looked)) < 0:
            looked = len(self.buffer)
            if looked > MAX_MESSAGE:
                raise Died("it said too much")
            if not self._more():
                if self.buffer:
                    raise Died("it broke off")
                return None
        line = bytes(self.buffer[:end])
        del self.buffer[: end + 1]
        return line

    def take(self, size: int) -> bytes:
        while len(self.buffer) < size:
            if not self._more():
                raise Died("it broke off")
        content = bytes(self.buffer[:size])
        del self.buffer[:size]
        return content

    def _more(self) -> bool:
        patience = min(PAGE_SECONDS, self.until - time.monotonic())
        if patience <= 0 or not select.select([self.descriptor], [], [], patience)[0]:
            raise Died("it took too long")
        piece = os.read(self.descriptor, READ_BYTES)
        self.buffer += piece
        return bool(piece)
