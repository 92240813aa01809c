"""Tries BoPS as of thirty awkward moments: the demonstration each time, and the whole suite of tests three times.

    bin/try_every_day.py [--demonstration | --tests]

What does not depend on the day (migrations, reference data, roles, templates) is loaded once, into a database that each
day copies. The last line says how many went well; the exit code is 1 when one did not.
"""

import argparse
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(REPOSITORY / "site"), str(REPOSITORY)]

from config import clock, local_postgres  # noqa: E402 - need the path above
from demo.awkward_days import AWKWARD, WHOLE_SUITE  # noqa: E402

TEMPLATE = "bops_calendar"
AT_ONCE = os.cpu_count() or 1
BEFORE_ANY_DAY = ("migrate", "load_reference_data", "setup_roles", "load_notice_templates", "load_letter_templates")


def main() -> int:
    parser = argparse.ArgumentParser(prog="bin/try_every_day.py", description=__doc__.partition("\n")[0])
    parser.add_argument("--demonstration", action="store_true", help="without the tests")
    parser.add_argument("--tests", action="store_true", help="without the demonstration")
    asked = parser.parse_args()
    went_well: list[bool] = []
    if not asked.tests:
        went_well += demonstrations()
    if not asked.demonstration:
        went_well += [suite(now) for now in WHOLE_SUITE]
    print(f"{sum(went_well)} of {len(went_well)} went well.")
    return 0 if all(went_well) else 1


def demonstrations() -> list[bool]:
    server = local_postgres.server(for_tests=True)
    server.start()
    server.drop_database(TEMPLATE)
    server.create_database(TEMPLATE)
    try:
        for command in BEFORE_ANY_DAY:
            run("manage.py", command, environment=environment(server.url(TEMPLATE)), check=True)
        first, *others = AWKWARD
        with ThreadPoolExecutor(AT_ONCE) as together:  # the first collects the static files, which all share
            return [demonstration(server, first), *together.map(lambda now: demonstration(server, now), others)]
    finally:
        server.drop_database(TEMPLATE)


def demonstration(server: local_postgres.Server, now: str) -> bool:
    name = f"{TEMPLATE}_{now}"
    server.drop_database(name)
    server.create_database(name, template=TEMPLATE)
    try:
        return try_out(now, "bin/run_demo.py", "--check", "--now", now, environment=environment(server.url(name)))
    finally:
        server.drop_database(name)


def suite(now: str) -> bool:
    command = ["-m", "pytest", "-q", "-n", str(AT_ONCE), "--dist", "worksteal"]
    ours = environment("") | {clock.NOW: now, "BOPS_ENV": "test", "DJANGO_SETTINGS_MODULE": "config.settings_tests"}
    return try_out(now, *command, environment=ours)


def try_out(now: str, *command: str, environment: dict[str, str]) -> bool:
    """Run it and say in a line how it went; where it did not go well, its own last words too."""
    began = time.monotonic()
    done = run(*command, environment=environment)
    well = done.returncode == 0
    closing = done.stdout.strip().rpartition("\n")[2]
    print(f"{'ok  ' if well else 'FAIL'} {now} {time.monotonic() - began:4.0f} s  {AWKWARD.get(now, '')}: {closing}")
    if not well:
        print(done.stdout[-6000:], done.stderr[-6000:], sep="\n")
    sys.stdout.flush()
    return well


def environment(database_url: str) -> dict[str, str]:
    path = os.pathsep.join([str(REPOSITORY / "site"), str(REPOSITORY)])
    others = {name: value for name, value in os.environ.items() if name not in (clock.NOW, clock.SINCE, "DATABASE_URL")}
    ours = {"BOPS_ENV": "demo", "DJANGO_SETTINGS_MODULE": "config.settings", "PYTHONPATH": path}
    return others | ours | ({"DATABASE_URL": database_url} if database_url else {})


def run(*command: str, environment: dict[str, str], check: bool = False) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *command], cwd=REPOSITORY, env=environment, check=check, capture_output=True, text=True
    )


if __name__ == "__main__":
    sys.exit(main())
