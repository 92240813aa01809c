"""Runs the demonstration; bin/demo has made the machine ready.

Database, data, static files; then, until Ctrl-C, the web server, the worker of the background tasks, and every few
minutes the due work. What this started, this stops.
"""

import argparse
import contextlib
import hashlib
import io
import json
import logging
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
LOCAL = REPOSITORY / ".local"
sys.path[:0] = [str(REPOSITORY / "site"), str(REPOSITORY)]

from config import clock, local_postgres  # noqa: E402 - need the path above; Django starts after the environment is set
from tests.home import dpr_keys  # noqa: E402 - the same

CLIENT_NAMES = ("chiltern-vale",)  # what clients of the API call the councils that have applications
DEFAULT_PORT = 8000
SECONDS_TO_ANSWER = 90
SECONDS_TO_STOP = 15
SECONDS_BETWEEN_DUE_WORK = 300
PASSWORD = "turbinehall"  # noqa: S105 - the demo's, printed below; production settings refuse these accounts
LOGINS = {
    "assessor@example.com": "planning officer",
    "reviewer@example.com": "planning manager",
    "admin@example.com": "administrator",
}
PAGES = {
    "/": "the home page",
    "/planning-applications/": "the register",
    "/admin/login/": "the admin's sign-in",
}


class DemoError(Exception):
    """The demo cannot go on; the message is a sentence for the person at the keyboard."""


class Stopped(Exception):
    """Somebody pressed Ctrl-C, closed the terminal, or asked the process to end."""


def main() -> int:
    asked = arguments()
    for ending in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, stop_now)
    try:
        if os.environ.get("BOPS_ENV") == "production":
            raise DemoError("BOPS_ENV is production here: demonstration data and its passwords never exist there.")
        port = port_for(asked)
        if asked.reset:
            reset()
        with contextlib.ExitStack() as stack:
            if asked.now:
                stack.enter_context(another_day(asked.now))
            runtime_url = stack.enter_context(database(now=asked.now))
            set_environment(port)
            load(two_roles=runtime_url != os.environ["DATABASE_URL"])
            os.environ["DATABASE_URL"] = runtime_url
            running = stack.enter_context(companions(port))
            wait_until_it_answers(port, running)
            if asked.check:
                return check(port)
            welcome(port)
            watch(running)
    except Stopped:
        print("\nStopped.")
        return 1 if asked.check else 0
    except (DemoError, local_postgres.LocalPostgresError) as problem:
        print(f"\n{problem}", file=sys.stderr)
        return 1
    return 0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bin/demo", add_help=False)
    parser.add_argument("--port", type=int)
    parser.add_argument("--reset", action="store_true")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--now", type=moment, metavar="MOMENT")
    asked = parser.parse_args()
    if asked.reset and asked.now:
        parser.error("--now makes a demonstration of its own, so there is nothing to --reset")
    return asked


def moment(text: str) -> str:
    try:
        clock.moment(text)
    except ValueError as problem:
        raise argparse.ArgumentTypeError(f"{text!r} is not a moment such as 2026-12-26T10:00") from problem
    return text


def stop_now(*_) -> None:
    for ending in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, signal.SIG_IGN)  # stopping is not interrupted by a second Ctrl-C
    raise Stopped


def port_for(asked: argparse.Namespace) -> int:
    """The port asked for, or 8000; a check takes any free one, so that it can run beside a demo."""
    wanted = asked.port if asked.port is not None else 0 if asked.check else DEFAULT_PORT
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", wanted))
        except (OSError, OverflowError) as taken:
            raise DemoError(f"Port {wanted} cannot be used ({taken}). Try another: bin/demo --port 8001") from taken
        return probe.getsockname()[1]


def reset() -> None:
    if os.environ.get("DATABASE_URL"):
        raise DemoError("DATABASE_URL names a database of your own: drop and create that yourself, then run bin/demo.")
    local_postgres.server().destroy()
    for name in ("media", "case_documents", "static"):
        shutil.rmtree(LOCAL / name, ignore_errors=True)
    print("The demo's database and files are deleted.")


@contextlib.contextmanager
def another_day(now: str) -> Iterator[None]:
    """It is this moment in all that runs here, with files that nobody else sees and that are gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="bops-") as files:
        os.environ |= {clock.NOW: now, "MEDIA_ROOT": f"{files}/media", "CASE_DOCUMENTS_ROOT": f"{files}/documents"}
        yield


@contextlib.contextmanager
def database(*, now: str | None) -> Iterator[str]:
    """PostgreSQL for as long as the demo runs; one that ran before goes on running afterwards.

    The environment gets the address for the owner of the tables; the answer is the one for what then runs. On a server
    that somebody named they are the same: which other roles it has is theirs to say. Another day than today has a
    database of its own, made anew and deleted afterwards.
    """
    if named := os.environ.get("DATABASE_URL"):
        yield named
        return
    server = local_postgres.server()
    ran_before = server.is_running()
    name = "bops_" + re.sub(r"\W", "_", now) if now else local_postgres.DATABASE
    try:
        server.start()
        if now:
            server.drop_database(name)  # left by a run that was killed
        os.environ["DATABASE_URL"] = local_postgres.database_url(name=name)
        yield server.url(name, role=os.environ.get("DATABASE_RUNTIME_ROLE", "bops_runtime"))
    finally:
        if now:
            server.start()  # unless it runs
            server.drop_database(name)
        if not ran_before:
            local_postgres.stop()


def set_environment(port: int) -> None:
    os.environ |= {
        "BOPS_ENV": "demo",
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "PYTHONPATH": os.pathsep.join([str(REPOSITORY / "site"), str(REPOSITORY)]),
        "PUBLIC_BASE_URL": f"http://127.0.0.1:{port}",
    }


def load(*, two_roles: bool) -> None:
    """Bring database, roles, data and static files up to date, in one process: starting Django takes seconds."""
    import django  # after the environment is set
    from django.core.management import call_command
    from django.db import connections

    django.setup()
    logging.getLogger("wagtail").setLevel(logging.WARNING)  # of hundreds of pages and notices that are made here
    print("Preparing database and data", flush=True)
    call_command("migrate", verbosity=0, interactive=False)
    if two_roles:
        call_command("database_roles", apply=True, create=True, stdout=io.StringIO())
    call_command("load_reference_data", verbosity=0)
    for command in ("setup_roles", "load_notice_templates", "load_letter_templates"):
        call_command(command, stdout=io.StringIO())
    call_command("load_demo")  # as the owner: some of its cases were decided elsewhere, long ago
    connections.close_all()
    collect_static_files()


def collect_static_files() -> None:
    """Hash and compress the static files, which takes half a minute, only when one of them has changed."""
    from django.conf import settings  # after Django is set up
    from django.contrib.staticfiles.finders import get_finders
    from django.core.management import call_command

    files = (storage.path(name) for finder in get_finders() for name, storage in finder.list(ignore_patterns=[]))
    state = hashlib.sha256(
        "".join(f"{file} {os.stat(file).st_mtime_ns}\n" for file in sorted(files)).encode()
    ).hexdigest()
    mark = Path(settings.STATIC_ROOT) / ".collected"
    if not mark.exists() or mark.read_text() != state:
        print("Collecting static files", flush=True)
        call_command("collectstatic", verbosity=0, interactive=False, clear=True)
        mark.write_text(state)


@contextlib.contextmanager
def companions(port: int) -> Iterator[dict[str, subprocess.Popen]]:
    """The web server and the worker; they are stopped together, politely first."""
    web = ["-m", "gunicorn", "config.wsgi", "--bind", f"127.0.0.1:{port}", "--workers", "2", "--threads", "4"]
    web += ["--timeout", "120", "--log-level", "warning"]
    running: dict[str, subprocess.Popen] = {}
    try:
        running["The web server"] = start(*web)
        running["The worker"] = start("manage.py", "db_worker", "--queue-name", "*", "--verbosity", "0")
        yield running
    finally:
        stop(running)


def start(*command: str) -> subprocess.Popen:
    # A session of its own: Ctrl-C reaches this process alone, which then stops the others in order.
    return subprocess.Popen([sys.executable, *command], cwd=REPOSITORY, start_new_session=True)


def stop(running: dict[str, subprocess.Popen]) -> None:
    for process in running.values():
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
    deadline = time.monotonic() + SECONDS_TO_STOP
    for process in running.values():
        try:
            process.wait(timeout=max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)  # with whatever it started itself
            process.wait()


def complain_when_ended(running: dict[str, subprocess.Popen]) -> None:
    for name, process in running.items():
        if process.poll() is not None:
            raise DemoError(f"{name} ended by itself (exit code {process.returncode}); its words are above.")


def wait_until_it_answers(port: int, running: dict[str, subprocess.Popen]) -> None:
    deadline = time.monotonic() + SECONDS_TO_ANSWER
    while True:
        complain_when_ended(running)
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            fetch(port, "/admin/login/")
            return
        if time.monotonic() > deadline:
            raise DemoError(f"The web server did not answer within {SECONDS_TO_ANSWER} seconds.")
        time.sleep(0.2)


def fetch(port: int, path: str, *, client: str = "") -> tuple[int, str]:
    """Status and text of a page of the demo. Raises OSError when nobody answers."""
    asked = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers={"x-client": client} if client else {})
    try:
        with urllib.request.urlopen(asked, timeout=30) as answer:  # noqa: S310 - our own server
            return answer.status, answer.read().decode(errors="replace")
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, refused.read().decode(errors="replace")


def check(port: int) -> int:
    """Fetch the three pages, and every stylesheet and script that they name, and all that a client of the API reads; do
    the due work. Answers the exit code."""
    failures, assets = 0, set()
    for path, name in PAGES.items():
        status, text = fetch(port, path)
        failures += report(name, path, status)
        assets |= set(re.findall(r'(?:href|src)="(/static/[^"]+)"', text))
    if not assets:
        failures += report("stylesheets and scripts: none named", "/static/", 0)
    for path in sorted(assets):
        status, _ = fetch(port, path)
        if status != 200:
            failures += report("a stylesheet, script or image", path, status)
    failures += check_client(port)
    if do_due_work() != 0:
        failures += 1
        print("FAIL bin/manage run_due; its words are above.", flush=True)
    print("Check failed." if failures else f"Check passed: {len(PAGES)} pages and {len(assets)} files that they use.")
    return 1 if failures else 0


def check_client(port: int) -> int:
    """Read every application of every council as the Digital Planning Register does. Answers how many have faults."""
    faults, number = 0, 0
    for name in CLIENT_NAMES:
        for app in client_list(port, name):
            reference = app["data"]["application"]["reference"]
            wrong = dpr_keys.wrong_in_application(app)
            for kind in ("", "documents", "publicComments", "specialistComments"):
                answer = client_read(port, name, f"/{reference}/{kind}".rstrip("/"))
                wrong += dpr_keys.wrong_in_answer(kind, answer)
            for fault in wrong:
                print(f"FAIL {name} {reference}: {fault}", flush=True)
            faults, number = faults + bool(wrong), number + 1
    word = "FAIL" if faults else "ok  "
    print(f"{word} {number} applications as the Digital Planning Register reads them", flush=True)
    return faults + (number == 0)


def client_list(port: int, name: str) -> Iterator[dict]:
    page, pages = 1, 1
    while page <= pages:
        answer = client_read(port, name, f"?page={page}&maxresults=50")
        pages = answer["pagination"]["totalPages"]
        yield from answer["data"]
        page += 1


def client_read(port: int, name: str, path: str) -> dict:
    address = f"/api/@next/public/applications{path}"
    status, text = fetch(port, address, client=name)
    if status != 200:
        raise DemoError(f"FAIL {status} {address} (asked by {name})")
    return json.loads(text)


def do_due_work() -> int:
    """What cron does in production. Answers the exit code."""
    command = [sys.executable, "manage.py", "run_due"]
    return subprocess.run(command, cwd=REPOSITORY, stdout=subprocess.DEVNULL).returncode


def report(name: str, path: str, status: int) -> int:
    print(f"{'ok  ' if status == 200 else 'FAIL'} {status} {path} ({name})", flush=True)
    return 0 if status == 200 else 1


def welcome(port: int) -> None:
    address = f"http://127.0.0.1:{port}"
    print(f"\nBoPS is running.\n\n  Public site  {address}/\n  Register     {address}/planning-applications/")
    print(f"  Officers     {address}/admin/\n  API          {address}/api/docs\n\nSign in with password {PASSWORD} as")
    for login, role in LOGINS.items():
        print(f"  {login:<22} {role}")
    print("\nPress Ctrl-C to stop.", flush=True)


def watch(running: dict[str, subprocess.Popen]) -> None:
    """Until somebody stops us: see that all run, and do the due work now and then, as cron does in production."""
    due = time.monotonic()
    while True:
        complain_when_ended(running)
        if time.monotonic() >= due:
            due = time.monotonic() + SECONDS_BETWEEN_DUE_WORK
            do_due_work()
        time.sleep(0.5)


if __name__ == "__main__":
    sys.exit(main())
