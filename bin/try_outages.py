"""Stops and starts PostgreSQL under load, and counts what was lost, done twice or answered wrongly: `make outages`.

    bin/try_outages.py [--outages N] [--seconds N]

A PostgreSQL of its own in a temporary folder, the web server and the worker as bin/demo starts them, `run_due` again
and again, and a GOV.UK Notify on loopback. One thread queues messages, three ask for pages and an API. Every other
outage is a crash instead of a stop. Nothing is started again by hand. Exit status 1 when a message did not leave once,
a request was answered by anything but 200 and 503, or a process ended.
"""

import argparse
import contextlib
import io
import itertools
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(REPOSITORY / "site"), str(REPOSITORY), str(REPOSITORY / "bin")]

from config import local_postgres  # noqa: E402 - needs the path above; Django starts after the environment is set
from tests.notices.fake_notify import TEAM_KEY, FakeNotify  # noqa: E402

PAGES = ("/planning-applications/?q=word{n}", "/admin/login/", "/api/v2/public/planning_applications/search?q=word{n}")
SECONDS_BETWEEN = 8
PATIENCE = 240  # seconds until all is done that was queued


def main() -> int:
    parser = argparse.ArgumentParser(prog="bin/try_outages.py", description=__doc__.partition("\n")[0])
    parser.add_argument("--outages", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=30, help="how long each lasts (default: %(default)s)")
    asked = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what this started, this stops
    fake = FakeNotify()
    with tempfile.TemporaryDirectory(prefix="bops-outages-") as folder:
        server = local_postgres.Server(
            wanted=Path(folder) / "postgres", settings=local_postgres.SETTINGS | {"synchronous_commit": "on"}
        )
        try:
            server.start()
            server.create_database()
            set_environment(folder, server, fake)
            authority = prepare(server)
            with processes(Path(folder) / "words.log") as (port, running):
                load = Load(port, authority)
                for number in range(asked.outages):
                    time.sleep(SECONDS_BETWEEN)
                    outage(server, seconds=asked.seconds, crash=number % 2 == 1)
                    load.wait_until_all_is_well()
                time.sleep(SECONDS_BETWEEN)
                load.stop()
                looked_up = finish()
                return report(load, fake, running, looked_up, words=(Path(folder) / "words.log").read_text())
        finally:
            server.destroy()
            fake.stop()


def set_environment(folder: str, server: local_postgres.Server, fake: FakeNotify) -> None:
    os.environ |= {
        "BOPS_ENV": "demo",
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DATABASE_URL": server.url(),
        "PYTHONPATH": f"{REPOSITORY / 'site'}:{REPOSITORY}",
        "BOPS_LOCAL_DIR": folder,
        "LOG_LEVEL": "WARNING",
        "NOTIFY_BASE_URL": fake.url,
        "NOTIFY_API_KEY": TEAM_KEY,
        "NOTIFY_EMAIL_TEMPLATE_ID": str(uuid.uuid4()),
    }


def prepare(server: local_postgres.Server):
    """A migrated database with the demonstration's councils; one of them. What is started from now on works with the
    rights of the runtime role, as in production."""
    import django  # after the environment is set
    from bench_screens import make_council

    print("Preparing a database", flush=True)
    django.setup()
    authority = make_council().authority
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connections

    call_command("database_roles", apply=True, create=True, verbosity=0)
    os.environ["DATABASE_URL"] = server.url(role=settings.DATABASE_RUNTIME_ROLE)
    connections.close_all()
    return authority


@contextlib.contextmanager
def processes(words: Path) -> Iterator[tuple[int, dict[str, subprocess.Popen]]]:
    """The web server and the worker, as bin/demo starts them; what they say goes into a file."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    web = ["-m", "gunicorn", "config.wsgi", "--bind", f"127.0.0.1:{port}", "--workers", "2", "--threads", "4"]
    worker = ["manage.py", "db_worker", "--queue-name", "*", "--interval", "0.1"]
    with words.open("w") as file, contextlib.ExitStack() as stack:
        running = {}
        for name, command in (("web", [*web, "--timeout", "120"]), ("worker", worker)):
            running[name] = subprocess.Popen([sys.executable, *command], cwd=REPOSITORY, stdout=file, stderr=file)
            stack.callback(running[name].wait)
            stack.callback(running[name].terminate)
        wait_until(lambda: ask(port, "/admin/login/") == 200)
        yield port, running


def outage(server: local_postgres.Server, *, seconds: float, crash: bool) -> None:
    print(f"PostgreSQL {'crashes' if crash else 'is stopped'} for {seconds:g} seconds", flush=True)
    if crash:
        pid = server._pid()
        os.kill(pid, signal.SIGQUIT)
        server._wait_until_gone(pid)
    else:
        server.stop()
    time.sleep(seconds)
    server.start()


class Load:
    """Threads that queue messages, ask for pages and do the due work, and count what came of it."""

    def __init__(self, port: int, authority):
        self.port, self.authority = port, authority
        self.answers: Counter[str] = Counter()
        self.due_work: Counter[str] = Counter()
        self.seconds_until_well: list[float] = []
        self.refused = 0  # messages that could not be queued, as the database was away
        self.stopped = threading.Event()
        work = [self.queue_messages, self.do_due_work, *[self.ask_for_pages] * 3]
        self.threads = [threading.Thread(target=target, daemon=True) for target in work]
        for thread in self.threads:
            thread.start()

    def stop(self) -> None:
        self.stopped.set()
        for thread in self.threads:
            thread.join()

    def queue_messages(self) -> None:
        from django.db import connection, transaction

        from cases.jobs.background import enqueue
        from cases.jobs.database_away import ERRORS
        from notices.models import Message
        from notices.outbox.delivery import deliver_soon

        for number in itertools.count():
            if self.stopped.wait(0.1):
                break
            try:
                with transaction.atomic():
                    message = Message.objects.create(
                        authority=self.authority,
                        about="valid",
                        channel="email",
                        subject=f"Message {number}",
                        to_email="enid@example.org",
                        body="Words",
                    )
                    enqueue(deliver_soon, str(message.pk))
            except ERRORS:
                self.refused += 1
                connection.close()
        connection.close()

    def ask_for_pages(self) -> None:
        for number in itertools.count():
            if self.stopped.wait(0.05):
                return
            page = PAGES[number % len(PAGES)]
            status = ask(self.port, page.format(n=uuid.uuid4().hex))
            self.answers[str(status) if status in (200, 503) else f"{status} {page}"] += 1

    def do_due_work(self) -> None:
        while not self.stopped.wait(2):
            command = [str(REPOSITORY / "bin" / "manage"), "run_due"]
            done = subprocess.run(command, capture_output=True, text=True)
            in_words = done.returncode == 1 and done.stderr.startswith("The database cannot be reached")
            self.due_work["done" if done.returncode == 0 else "told in words" if in_words else done.stderr[-500:]] += 1

    def wait_until_all_is_well(self) -> None:
        began = time.monotonic()
        wait_until(lambda: all(ask(self.port, page.format(n=uuid.uuid4().hex)) == 200 for page in PAGES))
        self.seconds_until_well.append(time.monotonic() - began)


def ask(port: int, path: str) -> int | str:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=60) as answer:
            answer.read()
            return answer.status
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code
    except OSError as nobody:
        return str(nobody)


def wait_until(happened: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE
    while not happened():
        if time.monotonic() > until:
            raise SystemExit(f"Not done within {PATIENCE} seconds.")
        time.sleep(0.1)


def finish() -> int:
    """Wait for the queue, then for the messages whose outcome could not be written: Notify is asked about them when
    their quarter of an hour is over, which it is now. Answers how many these are."""
    from django.core.management import call_command
    from django.utils import timezone
    from django_tasks_db.models import DBTaskResult

    from notices.models import Message

    waiting = DBTaskResult.objects.filter(status__in=["READY", "RUNNING"])
    wait_until(lambda: not waiting.exists())
    broken_off = Message.objects.filter(status=Message.Status.SENDING).update(next_attempt_at=timezone.now())
    call_command("run_due", stdout=io.StringIO())
    wait_until(lambda: not waiting.exists())
    return broken_off


def report(load: Load, fake: FakeNotify, running: dict, looked_up: int, *, words: str) -> int:
    from django_tasks_db.models import DBTaskResult

    from notices.models import Message

    queued = {str(pk) for pk in Message.objects.values_list("pk", flat=True)}
    sent = {str(pk) for pk in Message.objects.filter(status=Message.Status.SENT).values_list("pk", flat=True)}
    taken = Counter(notification["reference"] for notification in fake.sent())
    once = {reference for reference in queued & sent if taken[reference] == 1}
    twice = [reference for reference, times in taken.items() if times > 1]
    failed = DBTaskResult.objects.failed().count()
    ended = [name for name, process in running.items() if process.poll() is not None]
    other = {status: number for status, number in load.answers.items() if status not in ("200", "503")}
    slowest = max(load.seconds_until_well, default=0)
    print(f"Messages queued: {len(queued)} (refused while the database was away: {load.refused})")
    print(f"Sent exactly once: {len(once)}; lost: {len(queued - sent)}; twice: {len(twice)}; looked up: {looked_up}")
    print(f"Tasks: {dict(Counter(DBTaskResult.objects.values_list('status', flat=True)))}")
    print(f"Requests: {load.answers['200']} answered 200, {load.answers['503']} answered 503, other: {other or 'none'}")
    print(f"All pages answered 200 again at most {slowest:.1f} seconds after PostgreSQL was back")
    print(f"run_due: {dict(load.due_work)}")
    print(
        f"The worker said that it waits {words.count('the worker waits for it')} times, and that it goes on "
        f"{words.count('The database answers again')} times; processes that ended: {ended or 'none'}"
    )
    wrong = other or twice or failed or ended or once != queued or set(load.due_work) - {"done", "told in words"}
    print("Something is wrong." if wrong else "Nothing lost, nothing twice, nothing started by hand.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
