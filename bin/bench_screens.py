"""Times the screens that officers and the public live in, with 10,000 applications loaded: `make bench`.

Builds a database of its own (bops_bench) on the demonstration's server once, then asks each address nine times
without any cache and prints the median and the slowest. The last line is `worst: NAME, N ms`; exit status 1 when it
is over the limit. Time in the view, without an HTTP server.
"""

import argparse
import contextlib
import os
import statistics
import sys
import time
from collections.abc import Iterator
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(REPOSITORY / "site"), str(REPOSITORY)]
LIMIT_MS = 300
ROUNDS = 9


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--applications", type=int, default=10_000)
    applications = parser.parse_args().applications
    with database():
        import django  # after the environment is set

        django.setup()
        load(applications)
        rows = [(name, *timed(client, address)) for name, client, address in screens()]
    for name, median, slowest, queries in rows:
        print(f"{name:32} median {median:5.0f} ms   slowest {slowest:5.0f} ms   {queries:3} queries")
    name, median, *_ = max(rows, key=lambda row: row[1])
    print(f"worst: {name}, {median:.0f} ms")
    return 0 if median <= LIMIT_MS else 1


@contextlib.contextmanager
def database(name: str = "bops_bench") -> Iterator[None]:
    """A bench's own database; a local server that was not running before is stopped again."""
    from config import local_postgres  # after the path is set

    os.environ |= {"BOPS_ENV": "demo", "DJANGO_SETTINGS_MODULE": "config.settings", "LOG_LEVEL": "ERROR"}
    ours = "DATABASE_URL" not in os.environ and not local_postgres.server().is_running()
    os.environ.setdefault("DATABASE_URL", local_postgres.database_url(name=name))
    try:
        yield
    finally:
        if ours:
            local_postgres.stop()


def make_council():
    """A migrated database with the councils and people of the demonstration and none of their cases; the people."""
    from django.core.management import call_command

    from demo.loading import MAIN_CODE, make_councils, make_people

    call_command("migrate", verbosity=0, interactive=False)
    call_command("load_reference_data", verbosity=0)
    call_command("setup_roles", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    people = make_people(make_councils())
    call_command("setup_site", authority=MAIN_CODE, verbosity=0)
    return people


def load(applications: int) -> None:
    from django.db import connection
    from django.utils import timezone

    from cases.models import PlanningApplication
    from demo.bulk import load_imported

    people = make_council()
    if missing := applications - PlanningApplication.objects.count():
        print(f"Loading {missing} applications", flush=True)
        officers = [people.assessor, people.second_assessor]
        load_imported(people.authority, how_many=missing, officers=officers, today=timezone.localdate())
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def screens() -> list[tuple]:
    from django.test import Client

    from cases.models import PlanningApplication
    from cases.statuses import Status

    officer, visitor = Client(HTTP_HOST="localhost"), Client(HTTP_HOST="localhost")
    sign_in(officer, "assessor@example.com")
    open_case = PlanningApplication.objects.filter(status=Status.IN_ASSESSMENT).first()
    decided = PlanningApplication.objects.filter(status=Status.DETERMINED).first()
    return [
        ("case list, open", officer, "/admin/cases/"),
        ("case list, all", officer, "/admin/cases/?list=all"),
        ("case list, word", officer, "/admin/cases/?list=all&q=dormer"),
        ("case page", officer, f"/admin/cases/{open_case.pk}/"),
        ("officer's home", officer, "/admin/"),
        ("register list", visitor, "/planning-applications/"),
        ("register list, word", visitor, "/planning-applications/?q=dormer"),
        ("register list, page 300", visitor, "/planning-applications/?page=300"),
        ("register, one application", visitor, f"/planning-applications/{decided.reference}/"),
    ]


def sign_in(client, email: str) -> None:
    """Without the sign-in form, whose password hash is slow on purpose."""
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

    from accounts.models import User

    user = User.objects.get(email=email)
    session = client.session
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "accounts.sign_in.PeopleAtWork"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()


def timed(client, address: str) -> tuple[float, float, int]:
    """(median ms, slowest ms after the first, queries) of the address, nothing cached between the rounds."""
    from django.core.cache import cache
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    taken = []
    for _ in range(ROUNDS):
        cache.clear()
        began = time.perf_counter()
        response = client.get(address)
        taken.append((time.perf_counter() - began) * 1000)
        if response.status_code != 200:
            raise SystemExit(f"{address} answered {response.status_code}")
    with CaptureQueriesContext(connection) as captured:
        cache.clear()
        client.get(address)
    return statistics.median(taken), max(taken[1:]), len(captured)


if __name__ == "__main__":
    sys.exit(main())
