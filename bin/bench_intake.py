"""A submission that comes in behind a thousand previews: `make bench-intake`.

    bin/bench_intake.py [--previews N] [--files N]

Documents by the hundred wait to be prepared, and one worker is at them. Then a submission comes in as PlanX sends it,
with files on a server on loopback. Prints after how many seconds its case is there, its files are fetched, and the
acknowledgement is with a GOV.UK Notify on loopback. Exit status 1 over 10 seconds, or when something waits twice.
A PostgreSQL of its own in a temporary folder.
"""

import argparse
import functools
import http.server
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import try_outages as outages
from bench_documents import add_documents, text_pdf

from config import local_postgres
from tests.cases.payloads import payload
from tests.notices.fake_notify import FakeNotify

LIMIT_SECONDS = 10
PATIENCE = 300


def main() -> int:
    parser = argparse.ArgumentParser(prog="bin/bench_intake.py", description=__doc__.partition("\n")[0])
    parser.add_argument("--previews", type=int, default=1000)
    parser.add_argument("--files", type=int, default=6)
    asked = parser.parse_args()
    fake = FakeNotify()
    with tempfile.TemporaryDirectory(prefix="bops-intake-") as folder:
        server = local_postgres.Server(wanted=Path(folder) / "postgres", settings=local_postgres.SETTINGS)
        try:
            server.start()
            server.create_database()
            port = serve(Path(folder) / "files", asked.files)
            outages.set_environment(folder, server, fake)
            os.environ |= {
                "CASE_DOCUMENTS_ROOT": folder,
                "CLAMAV_ADDRESS": "",
                "SUBMISSION_FILE_INNER_HOSTS": f"127.0.0.1:{port}",
            }
            return measure(outages.prepare(server), asked, port, fake)
        finally:
            server.destroy()
            fake.stop()


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *words: object) -> None:
        pass


def serve(folder: Path, number: int) -> int:
    folder.mkdir()
    for order in range(number):
        (folder / f"{order}.pdf").write_bytes(text_pdf(1, f"Plan {order}"))
    handler = functools.partial(Quiet, directory=str(folder))
    files = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=files.serve_forever, daemon=True).start()
    return files.server_port


def measure(authority, asked, port: int, fake: FakeNotify) -> int:
    from django.utils import timezone
    from django_tasks_db.models import DBTaskResult

    from cases.documents.preparing.task import PREPARING
    from cases.models import Document, PlanningApplication
    from demo.bulk import load_imported

    load_imported(authority, how_many=1, officers=[], today=timezone.localdate())
    add_documents(PlanningApplication.objects.get(), asked.previews)
    queued = DBTaskResult.objects.filter(status="READY").count()
    began = time.monotonic()
    again = PREPARING.sweep()
    print(f"{queued:,} tasks wait; a sweep queues {again} a second time ({time.monotonic() - began:.2f} s)", flush=True)
    command = [sys.executable, "manage.py", "db_worker", "--queue-name", "*", "--interval", "0.1", "--verbosity", "0"]
    worker = subprocess.Popen(command, cwd=outages.REPOSITORY)
    try:
        wait_until(lambda: DBTaskResult.objects.filter(status="RUNNING").exists())
        began = time.monotonic()
        case = take_in(authority, asked.files, port)
        taken_in = time.monotonic() - began
        wait_until(lambda: case.documents.filter(fetch_status=Document.FetchStatus.HERE).count() == asked.files)
        fetched = time.monotonic() - began
        wait_until(lambda: bool(fake.sent()))
        acknowledged = time.monotonic() - began
    finally:
        worker.terminate()
        worker.wait()
    left = DBTaskResult.objects.filter(status="READY").count()
    print(
        f"taken in after {taken_in:.2f} s, {asked.files} files fetched after {fetched:.2f} s, acknowledged after "
        f"{acknowledged:.2f} s; {left:,} tasks still wait"
    )
    return 1 if again or max(fetched, acknowledged) > LIMIT_SECONDS else 0


def take_in(authority, files: int, port: int):
    from cases.intake.receiving import receive

    sent = payload()
    sent["metadata"]["organisation"] = authority.code
    like = sent["files"][0]
    sent["files"] = [{**like, "name": f"http://127.0.0.1:{port}/{order}.pdf"} for order in range(files)]
    body = json.dumps(sent).encode()
    return receive(body, authority=authority, content_type="application/json", through="a bench").application


def wait_until(happened: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE
    while not happened():
        if time.monotonic() > until:
            raise SystemExit(f"This did not happen within {PATIENCE} seconds.")
        time.sleep(0.02)


if __name__ == "__main__":
    sys.exit(main())
