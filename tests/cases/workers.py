"""Real background workers, as processes of their own that can be killed.

One process loads Django once and forks a worker whenever it is asked to: ten workers that are killed would otherwise
spend their time with starting. Run as a program, this file is that process.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

from django.db import connection

REPOSITORY = Path(__file__).resolve().parents[2]
PATIENCE = 120  # seconds


def url_of_this_database() -> str:
    """The database of the test, for another process, with the same rights."""
    settings = connection.settings_dict
    host = settings["HOST"] or settings["OPTIONS"].get("host", "")
    login = settings["USER"] + (f":{settings['PASSWORD']}" if settings["PASSWORD"] else "")
    rights = quote(settings["OPTIONS"].get("options", ""))
    return f"postgres://{login}@/{settings['NAME']}?host={host}&port={settings['PORT']}&options={rights}"


class Workers:
    """`with Workers(database URL, folder of the documents) as workers:` – then `workers.start()` as often as needed."""

    def __init__(self, database_url: str, documents: str | Path):
        environment = {
            **os.environ,
            "DATABASE_URL": database_url,
            "BOPS_ENV": "demo",
            "CASE_DOCUMENTS_ROOT": str(documents),
            "PYTHONPATH": f"{REPOSITORY / 'site'}:{REPOSITORY}",
            "DJANGO_SETTINGS_MODULE": "config.settings",
        }
        self.process = subprocess.Popen(
            [sys.executable, "-P", __file__],  # beside this file is a folder named as a library is: requests
            env=environment,
            cwd=REPOSITORY,
            text=True,
            bufsize=1,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )

    def __enter__(self) -> "Workers":
        return self

    def __exit__(self, *error: object) -> None:
        self.process.stdin.close()  # it kills the worker that may still be there, and ends
        self.process.wait()
        self.process.stdout.close()

    def start(self) -> None:
        self._ask("start")

    def kill(self) -> None:
        """SIGKILL, wherever it is."""
        self._ask("kill")

    def _ask(self, word: str) -> None:
        self.process.stdin.write(f"{word}\n")
        assert self.process.stdout.readline(), "The process that forks workers has ended."

    def wait_for(self, happened: Callable[[], bool]) -> None:
        until = time.monotonic() + PATIENCE
        while not happened():
            assert time.monotonic() < until, "The worker has not done it in time."
            time.sleep(0.005)


def main() -> None:
    import signal

    import django

    django.setup()
    from django.core.management import call_command

    worker = 0
    for line in sys.stdin:
        if line == "start\n":
            worker = os.fork()
            if worker == 0:
                sys.stdin.close()
                call_command("db_worker", queue_name="*", interval=0.1, startup_delay=False, verbosity=0)
                os._exit(0)
        else:
            os.kill(worker, signal.SIGKILL)
            os.waitpid(worker, 0)
            worker = 0
        print("done", flush=True)
    if worker:
        os.kill(worker, signal.SIGKILL)


if __name__ == "__main__":
    main()
