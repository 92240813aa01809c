#!/usr/bin/env python3
"""Measures the register with a million applications: `make bench-register`.

Builds a database of its own (bops_bench_register) on the demonstration's server once: applications with three
documents each, the same every time. Then it asks each question of the register in the view (all middleware, no HTTP
server, no kept answers) and beside it as the best plain SQL that we know through psycopg2, and prints median and 95th
percentile, of a database in which each was asked once before. Allowed are three times the plain SQL and 15 ms, 300 ms
at the 95th percentile, and one number of queries.
Then it starts gunicorn with two workers: requests a second, memory after ten thousand requests, and the whole export.

The last line is `worst: ratio R, p95 P ms`, where R is the time taken over the time allowed (1.00 is the limit). The
exit status is 1 when a limit is passed.
"""

import argparse
import contextlib
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(REPOSITORY / "site"), str(REPOSITORY), str(REPOSITORY / "bin")]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--applications", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=40, help="how often each question is asked")
    parser.add_argument("--only", default="", help="questions whose name holds this")
    parser.add_argument("--without-server", action="store_true", help="the questions alone, without gunicorn")
    parser.add_argument("--build", action="store_true", help="make the database, measure nothing")
    options = parser.parse_args()
    with database(options.applications):
        import django  # after the environment is set

        django.setup()
        build(options.applications)
        if options.build:
            return 0
        import bench_register_questions as questions  # after Django is set up
        import bench_register_server as server

        worst = questions.ask_all(rounds=options.rounds, only=options.only)
        is_well = worst.is_within_limits
        if not options.without_server and not options.only:
            is_well &= server.measure()
    print(f"worst: ratio {worst.ratio:.2f}, p95 {worst.p95:.0f} ms")
    return 0 if is_well else 1


@contextlib.contextmanager
def database(applications: int) -> Iterator[None]:
    """The bench's own database; a local server that was not running before is stopped again."""
    from config import local_postgres  # after the path is set

    os.environ |= {
        "BOPS_ENV": "demo",
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "LOG_LEVEL": "ERROR",
        "REGISTER_CACHE_SECONDS": "0",
    }
    ours = "DATABASE_URL" not in os.environ and not local_postgres.server().is_running()
    name = "bops_bench_register" if applications == 1_000_000 else f"bops_bench_register_{applications}"
    os.environ.setdefault("DATABASE_URL", local_postgres.database_url(name=name))
    try:
        yield
    finally:
        if ours:
            local_postgres.stop()


def build(applications: int) -> None:
    """Migrate and fill the database, unless it is there already."""
    from django.core.management import call_command

    from cases.models import PlanningApplication
    from demo.loading import MAIN_CODE, make_councils, make_people
    from demo.million import load_million

    call_command("migrate", verbosity=0, interactive=False)
    call_command("collectstatic", verbosity=0, interactive=False)
    if PlanningApplication.objects.exists():
        return
    began = time.monotonic()
    call_command("load_reference_data", verbosity=0)
    call_command("setup_roles", verbosity=0)
    people = make_people(make_councils())
    call_command("setup_site", authority=MAIN_CODE, verbosity=0)
    load_million(people.authority, how_many=applications, say=lambda words: print(words, flush=True))
    print(f"Built in {time.monotonic() - began:.0f} s", flush=True)


if __name__ == "__main__":
    sys.exit(main())
