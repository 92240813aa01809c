"""A real clamd with a signature of our own, and servers that only say they were one."""

import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.cases.hostile import EICAR

PATIENCE = 60  # seconds until it answers
STREAM_MEGABYTES = 2  # the largest file that it takes


def program() -> str | None:
    """Debian puts it where ordinary users do not look."""
    return shutil.which("clamd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


class Clamd:
    """`start()` and `stop()` as often as wanted; the address stays, and `close()` gives it back."""

    def __init__(self, folder: Path):
        self.folder = folder
        # Held so that nobody else is given it; clamd, which asks for a used address too, can listen at it all the same.
        self.held = socket.socket()
        self.held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.held.bind(("127.0.0.1", 0))
        self.port = self.held.getsockname()[1]
        self.address = f"tcp://127.0.0.1:{self.port}"
        self.socket = folder / "clamd.ctl"
        self.process: subprocess.Popen | None = None
        signatures = folder / "signatures"
        signatures.mkdir()
        # Body of any kind of file, anywhere in it, in hexadecimal.
        (signatures / "bops.ndb").write_text(f"Bops.Test.Eicar:0:*:{EICAR.hex()}\n")
        (folder / "clamd.conf").write_text(
            f"Foreground yes\nDatabaseDirectory {signatures}\nTCPSocket {self.port}\nTCPAddr 127.0.0.1\n"
            f"LocalSocket {self.socket}\nTemporaryDirectory {folder}\nStreamMaxLength {STREAM_MEGABYTES}M\n"
            "MaxThreads 2\nSelfCheck 0\n"
        )

    def start(self) -> None:
        self.process = subprocess.Popen(
            [str(program()), "--config-file", str(self.folder / "clamd.conf")],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        until = time.monotonic() + PATIENCE
        while not self._answers():
            assert self.process.poll() is None, "clamd ended at once."
            assert time.monotonic() < until, "clamd does not answer."
            time.sleep(0.05)

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def close(self) -> None:
        self.stop()
        self.held.close()

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as asked:
                asked.sendall(b"zPING\0")
                return asked.recv(10) == b"PONG\0"
        except OSError:
            return False


@contextmanager
def pretender(behaviour: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server on loopback that does `behaviour` with each connection and then closes it; its address."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        over = threading.Event()

        def serve() -> None:
            while not over.is_set():
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    try:
                        behaviour(connection)
                    except OSError:
                        continue

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        port = server.getsockname()[1]
        yield f"tcp://127.0.0.1:{port}"
        over.set()
        with suppress(OSError):
            socket.create_connection(("127.0.0.1", port), timeout=1).close()  # wakes `accept`
        thread.join(timeout=60)
        assert not thread.is_alive(), f"{behaviour} goes on after its connection has ended."
