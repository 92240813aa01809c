"""Fixtures that every test may use: two councils, their people in real groups, and applications in any status.

Reference data, groups and the workflow are loaded once into the test database; each test rolls back what it did.
"""

import gc
import os
import threading
import time
import warnings
import weakref
from collections.abc import Callable
from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from django.contrib.auth.models import Group
from django.core.cache import caches
from django.core.files.storage import storages
from django.core.management import call_command
from django.db import connection
from django.db.backends.signals import connection_created
from django.dispatch import receiver
from django.test import TransactionTestCase
from django.utils import timezone
from wagtail.models import Collection, Locale, Page, Site

from accounts.models import LocalAuthority, User
from accounts.roles import ADMINISTRATOR, PLANNING_MANAGER, PLANNING_OFFICER, READER, SUPPORT_OFFICER
from cases.models import (
    AnswerFile,
    ApplicationType,
    Document,
    DocumentPage,
    Party,
    PlanningApplication,
    PortalDelivery,
    Recommendation,
    ReferenceCounter,
)
from cases.statuses import Decision, Origin, Status
from cases.timeline import record
from home.remembering import forget

PASSWORD = "correct horse battery staple"
SECONDS_TO_LEAVE = 10
SQUARE = {
    "type": "Polygon",
    "coordinates": [
        [[-0.6466, 51.6155], [-0.6462, 51.6155], [-0.6462, 51.6152], [-0.6466, 51.6152], [-0.6466, 51.6155]]
    ],
}


def load_standing_data() -> None:
    # What Wagtail's own migrations make, and the flush after a committing test takes away.
    Locale.objects.get_or_create(language_code="en-gb")
    if not Collection.objects.exists():
        Collection.add_root(name="Root")
    call_command("load_reference_data", verbosity=0)
    call_command("load_notice_templates", verbosity=0)
    call_command("setup_roles", verbosity=0)


@pytest.fixture(scope="session")
def django_db_setup(request, django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        if LocalAuthority.objects.exists():  # a run that was killed left its rows in a database that is used again
            _empty_tables()
        load_standing_data()
        _remember_standing_data()
    yield
    if not request.config.getoption("reuse_db"):  # then it stays, and another run may be using it
        with django_db_blocker.unblock():
            _see_that_nobody_else_is_connected()


# The database's process → the test and the thread that connected to it, and the connection while anybody has it.
_OPENED: dict[int, tuple[str, weakref.ref]] = {}


@receiver(connection_created)
def _remember_who_connected(connection, **_) -> None:
    who = f"{os.environ.get('PYTEST_CURRENT_TEST', 'before the tests')} in {threading.current_thread().name}"
    _OPENED[connection.connection.info.backend_pid] = who, weakref.ref(connection.connection)


def _see_that_nobody_else_is_connected() -> None:
    """A thread or a process that a test left behind keeps the database from being dropped: the closing lines of the run
    name the test, and what was asked last. One that is left in this process is closed."""
    gc.collect()  # what a thread has left behind when it ended
    for who, left in _OPENED.values():  # a connection for each context: Playwright's is another, in the same thread
        if who.endswith("in MainThread") and (own := left()) and own is not connection.connection:
            own.close()
    until = time.monotonic() + SECONDS_TO_LEAVE
    while others := _other_connections():
        if time.monotonic() > until:
            for pid, state, asked in others:
                who, left = _OPENED.get(pid, ("another process", lambda: None))
                warnings.warn(f"Still connected to the test database: {who}, {state}: {asked}", stacklevel=2)
                if connection_left := left():
                    connection_left.close()
            return
        time.sleep(0.1)


def _other_connections() -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid, state, query FROM pg_stat_activity WHERE datname = current_database() "
            "AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )
        return cursor.fetchall()


# Tests that commit are cleaned by TRUNCATE, which our triggers rightly refuse: they are off just for that. Loading the
# standing data anew takes seconds, so copies of its tables lie in a schema of their own and are put back from there.


def _tables() -> list[str]:
    tables = connection.introspection.django_table_names(only_existing=True, include_views=False)
    return [table for table in tables if table not in ("django_content_type", "auth_permission")]  # as migrated


def _remember_standing_data() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA IF EXISTS standing CASCADE; CREATE SCHEMA standing")
        for table in _tables():
            cursor.execute(f'SELECT EXISTS (SELECT FROM "{table}")')
            if cursor.fetchone()[0]:
                cursor.execute(f'CREATE TABLE standing."{table}" AS TABLE "{table}"')


def _empty_tables() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("TRUNCATE {}".format(", ".join(f'"{table}"' for table in _tables())))
        cursor.execute("SET session_replication_role = origin")


def _back_to_standing_data(self) -> None:
    _empty_tables()
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'standing'")
        tables = [table for (table,) in cursor.fetchall()]
        cursor.execute("SET session_replication_role = replica")  # foreign keys hold again when all is there
        for table in tables:
            cursor.execute(f'INSERT INTO "{table}" SELECT * FROM standing."{table}"')
        cursor.execute("SET session_replication_role = origin")


TransactionTestCase._fixture_teardown = _back_to_standing_data


@pytest.fixture(autouse=True)
def _nothing_remembered():
    """Wagtail remembers where sites begin, we the pages and councils; rows that are rolled back leave no signal."""
    for cache in caches.all():
        cache.clear()
    forget()


@pytest.fixture(autouse=True)
def _files_of_this_test(settings, tmp_path, monkeypatch):
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.STORAGES = {
        **settings.STORAGES,
        "case_documents": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(tmp_path / "case_documents"), "base_url": None},
        },
    }
    # The fields took their storage when the models were made.
    for name in ("file", "thumbnail"):
        monkeypatch.setattr(Document._meta.get_field(name), "storage", storages["case_documents"])
    monkeypatch.setattr(DocumentPage._meta.get_field("preview"), "storage", storages["case_documents"])
    monkeypatch.setattr(AnswerFile._meta.get_field("file"), "storage", storages["case_documents"])
    monkeypatch.setattr(PortalDelivery._meta.get_field("package"), "storage", storages["case_documents"])


@pytest.fixture
def one_window(monkeypatch) -> None:
    """No minute and no hour begins for the limits on how often something may be done: a test counts to the end."""
    now = timezone.now()
    monkeypatch.setattr("accounts.rate_limits.timezone", SimpleNamespace(now=lambda: now))


def make_authority(code: str, name: str, hostname: str) -> LocalAuthority:
    root = Page.objects.filter(depth=1).first() or Page.add_root(title="Root", slug="root")
    site, _ = Site.objects.get_or_create(hostname=hostname, port=80, defaults={"root_page": root, "site_name": name})
    return LocalAuthority.objects.create(
        code=code, name=f"{name} Council", short_name=name, site=site, email=f"planning@{hostname}",
        address="Civic Centre\nHigh Street", signatory_name="Head of Planning", signatory_job_title="Head of Planning",
    )  # fmt: skip


@pytest.fixture
def authority(db) -> LocalAuthority:
    return make_authority("BKM", "Testshire", "testshire.example")


@pytest.fixture
def other_authority(db) -> LocalAuthority:
    return make_authority("LBH", "Elsewhere", "elsewhere.example")


@pytest.fixture
def make_user(db) -> Callable[..., User]:
    """make_user("ann", PLANNING_OFFICER, authority=authority) → a user who can sign in with PASSWORD."""

    def make(name: str, *groups: str, authority: LocalAuthority | None, **fields) -> User:
        user = User.objects.create_user(
            f"{name}@example.org", PASSWORD, first_name=name.title(), last_name="Test", authority=authority, **fields
        )
        user.groups.set(Group.objects.filter(name__in=groups))
        assert user.groups.count() == len(groups)
        return user

    return make


@pytest.fixture
def support_officer(make_user, authority) -> User:
    return make_user("support", SUPPORT_OFFICER, authority=authority)


@pytest.fixture
def officer(make_user, authority) -> User:
    return make_user("officer", PLANNING_OFFICER, authority=authority)


@pytest.fixture
def other_officer(make_user, other_authority) -> User:
    """A planning officer of another council."""
    return make_user("stranger", PLANNING_OFFICER, authority=other_authority)


@pytest.fixture
def manager(make_user, authority) -> User:
    return make_user("manager", PLANNING_MANAGER, authority=authority)


@pytest.fixture
def second_manager(make_user, authority) -> User:
    return make_user("manager2", PLANNING_MANAGER, authority=authority)


@pytest.fixture
def administrator(make_user, authority) -> User:
    return make_user("administrator", ADMINISTRATOR, authority=authority)


@pytest.fixture
def reader(make_user, authority) -> User:
    return make_user("reader", READER, authority=authority)


@pytest.fixture
def superuser(db) -> User:
    """Only for tests that even a superuser is refused."""
    return User.objects.create_superuser("root@example.org", PASSWORD)


@pytest.fixture
def make_application(authority, db) -> Callable[..., PlanningApplication]:
    """make_application("ldc.proposed", status=Status.IN_ASSESSMENT, officer=officer, …) → an application as it then is.

    For any status but determined, which only notices.issue can give (origin=Origin.IMPORTED may have it).
    """

    def make(
        type_code: str = "ldc.proposed",
        *,
        status: Status = Status.NOT_STARTED,
        received_on: date = date(2026, 6, 1),
        authority: LocalAuthority = authority,
        recommended: Decision | None = None,
        recommended_by: User | None = None,
        **fields,
    ) -> PlanningApplication:
        application_type = ApplicationType.objects.get(code=type_code)
        reference = ReferenceCounter.allot(authority=authority, suffix=application_type.suffix, year=received_on.year)
        valid = status not in {Status.PENDING, Status.NOT_STARTED, Status.INVALIDATED, Status.RETURNED}
        period = timedelta(days=application_type.period_days or 56)
        dates = {
            "valid_from": received_on, "validated_on": received_on, "statutory_expiry_on": received_on + period,
            "expires_on": received_on + period,
        }  # fmt: skip
        ended = {Status.WITHDRAWN: "withdrawn_on", Status.RETURNED: "returned_on", Status.CLOSED: "closed_on"}
        application = PlanningApplication.objects.create(
            **{
                "authority": authority, "application_type": application_type, "reference": reference,
                "status": status, "received_on": received_on, "description": "Rear extension of a house",
                "address": "7 Blyton Close, Beaconsfield", "postcode": "HP9 2LX", "uprn": "100080482163",
                "latitude": "51.615446", "longitude": "-0.646327", "boundary": SQUARE, "origin": Origin.SUBMITTED,
                **(dates if valid else {}),
                **({ended[status]: received_on} if status in ended else {}),
                **fields,
            }
        )  # fmt: skip
        Party.objects.create(
            application=application, role=Party.Role.APPLICANT, first_name="Enid", last_name="Blyton",
            email="famousfive@example.com", phone="05555 555555", address="7 Blyton Close\nBeaconsfield\nHP9 2LX",
        )  # fmt: skip
        record(application, "received", by=None)
        if recommended:
            Recommendation.objects.create(
                application=application, decision=recommended, summary="It keeps the limits.", by=recommended_by
            )
        return application

    return make
