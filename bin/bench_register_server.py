"""What `make bench-register` measures over HTTP: gunicorn as it runs in production, with two workers."""

import contextlib
import http.client
import itertools
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator

from bench_register_questions import LIST, search
from django.db import connection

MOST_MB = 250
GROWTH_MB = 40
SECONDS, CLIENTS = 6, 4
REQUESTS = 10_000


def measure() -> bool:
    """Requests a second, memory after ten thousand requests, the whole export. True when the limits are kept."""
    pages = references()
    with server(keep_seconds=0) as (port, _):
        say_rate("list, uncached", port, itertools.cycle([LIST]))
        say_rate("application page, uncached", port, itertools.cycle([f"{LIST}{r}/" for r in pages]))
    with server(keep_seconds=60) as (port, pid):
        say_rate("list, kept for a minute", port, itertools.cycle([LIST]))
        say_rate("application page, kept for a minute", port, itertools.cycle([f"{LIST}{pages[0]}/"]))
        after_many = memory_after_many(port, pid, pages)
        export = whole_export(port, pid)
    return after_many and export


@contextlib.contextmanager
def server(*, keep_seconds: int) -> Iterator[tuple[int, int]]:
    """(port, process id) of gunicorn with two workers of four threads, on loopback."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = os.environ | {
        "REGISTER_CACHE_SECONDS": str(keep_seconds),
        "PYTHONPATH": os.pathsep.join(sys.path[:2]),
    }
    command = [sys.executable, "-m", "gunicorn", "config.wsgi", "--bind", f"127.0.0.1:{port}", "--log-level", "error"]
    process = subprocess.Popen([*command, "--workers", "2", "--threads", "4", "--timeout", "60"], env=environment)
    try:
        wait_for(port)
        yield port, process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def wait_for(port: int) -> None:
    for _ in range(300):
        with contextlib.suppress(OSError):
            if fetch(http.client.HTTPConnection("127.0.0.1", port, timeout=5), "/healthz") == 200:
                return
        time.sleep(0.1)
    raise SystemExit("gunicorn did not start.")


def fetch(client: http.client.HTTPConnection, address: str) -> int:
    client.request("GET", address, headers={"Host": "localhost"})
    response = client.getresponse()
    response.read()
    return response.status


def in_parallel(port: int, addresses: Iterator[str], enough: Callable[[int], bool]) -> int:
    """Ask from several clients at once until it is enough. Returns how many answers came; all must be 200."""
    lock, done, wrong = threading.Lock(), 0, []

    def ask() -> None:
        nonlocal done
        client = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        while not wrong:
            with lock:
                if enough(done):
                    return
                done += 1
                address = next(addresses)
            if (status := fetch(client, address)) != 200:
                wrong.append(f"{address} answered {status}")

    threads = [threading.Thread(target=ask) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if wrong:
        raise SystemExit(wrong[0])
    return done


def say_rate(name: str, port: int, addresses: Iterator[str]) -> None:
    in_parallel(port, addresses, lambda done: done >= 40)  # every thread has its connections now
    ends = time.monotonic() + SECONDS
    done = in_parallel(port, addresses, lambda _: time.monotonic() >= ends)
    print(f"{name:40}{done / SECONDS:8.0f} requests a second", flush=True)


def memory_after_many(port: int, pid: int, pages: list[str]) -> bool:
    """Lists, searches and applications that are all different, ten thousand of them."""
    words = ("dormer", "garage", "oak", "café", "shopfront", "loft", "terrace", "windows")
    different = itertools.cycle(
        [f"{LIST}{reference}/" for reference in pages]
        + [search(q=word, page=str(page)) for word in words for page in range(1, 60)]
        + [search(page=str(page)) for page in range(1, 400)]
    )
    began = time.monotonic()
    in_parallel(port, different, lambda done: done >= REQUESTS)
    most = max(memory(worker, "VmRSS") for worker in workers(pid))
    print(
        f"memory of a worker after {REQUESTS:,} requests: {most:.0f} MB ({time.monotonic() - began:.0f} s)", flush=True
    )
    return most <= MOST_MB


def whole_export(port: int, pid: int) -> bool:
    """The whole register as CSV: as many rows as there are, in memory that does not grow."""
    before = {worker: memory(worker, "VmHWM") for worker in workers(pid)}
    began = time.monotonic()
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    client.request("GET", "/register.csv", headers={"Host": "localhost"})
    response, size, lines = client.getresponse(), 0, 0
    while part := response.read(1 << 16):
        size += len(part)
        lines += part.count(b"\n")
    grown = max(memory(worker, "VmHWM") - had for worker, had in before.items())
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM cases_planningapplication WHERE is_on_register")
        rows = cursor.fetchone()[0]
    print(
        f"whole export: {lines - 1:,} of {rows:,} rows, {size / 1e6:.0f} MB in {time.monotonic() - began:.0f} s; "
        f"the worker's memory grew by {grown:.0f} MB",
        flush=True,
    )
    return response.status == 200 and lines - 1 == rows and grown <= GROWTH_MB


def workers(pid: int) -> list[int]:
    with open(f"/proc/{pid}/task/{pid}/children") as children:
        return [int(child) for child in children.read().split()]


def memory(pid: int, name: str) -> float:
    """Megabytes of a process as Linux counts them: VmRSS now, VmHWM the most there was."""
    with open(f"/proc/{pid}/status") as status:
        line = next(line for line in status if line.startswith(f"{name}:"))
    return int(line.split()[1]) / 1024


def references(many: int = 2_000) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT reference FROM cases_planningapplication WHERE is_on_register ORDER BY id DESC LIMIT %s", [many]
        )
        return [reference for (reference,) in cursor.fetchall()]
