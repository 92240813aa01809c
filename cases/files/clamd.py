"""Speaking with ClamAV's daemon: one file, one connection, one answer.

The protocol is that of clamd(8): `zINSTREAM`, then pieces with their length before them, then a length of zero. Written
here rather than taken from a package: those we found send all of a file before they listen, so that clamd's «size limit
exceeded», which it says in the middle, is lost with the connection.
"""

import contextlib
import socket
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO
from urllib.parse import urlsplit

PIECE_BYTES = 256 * 1024
MAX_ANSWER = 4096


class NoVerdict(Exception):
    """The scanner did not say whether the file is harmful. `str()` is a sentence for the officer."""


@dataclass(frozen=True)
class Verdict:
    """`found` is the scanner's name of what it found; empty: nothing."""

    found: str

    @property
    def is_clean(self) -> bool:
        return not self.found


def parsed(address: str) -> tuple[socket.AddressFamily, str | tuple[str, int]]:
    """Family and address of a socket, from tcp://host:port or unix:///path. Raises ValueError."""
    parts = urlsplit(address)
    if parts.scheme == "unix" and parts.path.startswith("/") and not parts.netloc:
        return socket.AF_UNIX, parts.path
    if parts.scheme == "tcp" and parts.hostname and parts.port:
        return socket.AF_UNSPEC, (parts.hostname, parts.port)
    raise ValueError("It must be tcp://host:port or unix:///path/of/the/socket.")


def scan(file: IO[bytes], *, address: str, seconds: float) -> Verdict:
    """Have a file scanned; it is read once, piece by piece. `seconds`: patience for each step. Raises NoVerdict."""
    with _connection(address, seconds) as connection:
        try:
            _send(connection, file)
        except TimeoutError as error:
            raise NoVerdict("The virus scanner takes nothing in.") from error
        except OSError as error:
            # It has closed its end; why, it may have said before.
            answer = _answer(connection, otherwise="")
            if not answer:
                raise NoVerdict("The virus scanner broke off.") from error
            return _verdict(answer)
        return _verdict(_answer(connection))


def ping(*, address: str, seconds: float) -> None:
    """Raises NoVerdict when the scanner does not answer as one."""
    with _connection(address, seconds) as connection:
        try:
            connection.sendall(b"zPING\0")
        except OSError as error:
            raise NoVerdict("The virus scanner broke off.") from error
        if _answer(connection) != "PONG":
            raise NoVerdict("What answers at the virus scanner's address is not ClamAV.")


@contextlib.contextmanager
def _connection(address: str, seconds: float) -> Iterator[socket.socket]:
    try:
        family, place = parsed(address)
        if family == socket.AF_UNIX:
            connection = socket.socket(family, socket.SOCK_STREAM)
            connection.settimeout(seconds)
            connection.connect(place)
        else:
            connection = socket.create_connection(place, timeout=seconds)  # type: ignore[arg-type]
    except (OSError, ValueError) as error:
        raise NoVerdict("The virus scanner cannot be reached.") from error
    with connection:
        yield connection


def _send(connection: socket.socket, file: IO[bytes]) -> None:
    connection.sendall(b"zINSTREAM\0")
    while piece := file.read(PIECE_BYTES):
        connection.sendall(struct.pack("!L", len(piece)) + piece)
    connection.sendall(struct.pack("!L", 0))


def _answer(connection: socket.socket, *, otherwise: str | None = None) -> str:
    """What it says up to the NUL at the end. Raises NoVerdict, unless `otherwise` says what to return instead."""
    answer = b""
    try:
        while b"\0" not in answer and len(answer) < MAX_ANSWER:
            piece = connection.recv(MAX_ANSWER)
            if not piece:
                break
            answer += piece
    except TimeoutError as error:
        if otherwise is None:
            raise NoVerdict("The virus scanner did not answer in time.") from error
    except OSError as error:
        if otherwise is None:
            raise NoVerdict("The virus scanner broke off.") from error
    if b"\0" not in answer:
        if otherwise is None:
            raise NoVerdict("The virus scanner broke off.")
        return otherwise
    return answer.split(b"\0", 1)[0].decode("utf-8", "replace").strip()


def _verdict(answer: str) -> Verdict:
    if answer == "stream: OK":
        return Verdict(found="")
    if answer.startswith("stream: ") and answer.endswith(" FOUND"):
        return Verdict(found=answer.removeprefix("stream: ").removesuffix(" FOUND").strip() or "unnamed")
    if "size limit exceeded" in answer:
        raise NoVerdict("The file is larger than the virus scanner takes (StreamMaxLength in its configuration).")
    if answer.endswith("ERROR"):
        raise NoVerdict("The virus scanner could not scan the file.")
    raise NoVerdict("What answers at the virus scanner's address is not ClamAV.")
