"""Real background workers, as processes of their own that can be killed."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from django.db import connection

REPOSITORY = Path(__file__).resolve().parents[2]
PATIENCE = 120  # seconds


def database_url() -> str:
    """The database of this test, for another process."""
    settings = connection.settings_dict
    host = settings["HOST"] or settings["OPTIONS"].get("host", "")
    login = settings["USER"] + (f":{settings['PASSWORD']}" if settings["PASSWORD"] else "")
    return f"postgres://{login}@/{settings['NAME']}?host={host}&port={settings['PORT']}"


class Worker:
    """`with Worker(folder of the documents) as worker:` is `manage.py db_worker` for as long as the block lasts."""

    def __init__(self, documents: str | Path, *arguments: str):
        environment = {
            **os.environ, "DATABASE_URL": database_url(), "BOPS_ENV": "demo", "CASE_DOCUMENTS_ROOT": str(documents),
            "PYTHONPATH": f"{REPOSITORY / 'site'}:{REPOSITORY}", "DJANGO_SETTINGS_MODULE": "config.settings",
        }  # fmt: skip
        command = [
            sys.executable, str(REPOSITORY / "manage.py"), "db_worker", "--queue-name", "*", "--interval", "0.1",
            "--no-startup-delay", "--verbosity", "0", *arguments,
        ]  # fmt: skip
        self.process = subprocess.Popen(
            command, env=environment, cwd=REPOSITORY, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def __enter__(self) -> "Worker":
        return self

    def __exit__(self, *error: object) -> None:
        self.process.kill()
        self.process.wait()

    def wait_for(self, happened: Callable[[], bool]) -> None:
        until = time.monotonic() + PATIENCE
        while not happened():
            ended = self.process.poll()
            if ended is not None and not happened():
                raise AssertionError(f"The worker ended with {ended}.")
            assert time.monotonic() < until, "The worker has not done it in time."
            time.sleep(0.005)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
