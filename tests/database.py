"""The database of the tests: migrated and filled once, copied for each process, put back after each test that commits.

bin/test makes the template ahead of the tests; else the first process that wants a database does.
"""

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.migrations.loader import MigrationLoader
from wagtail.models import Collection, Locale, Page, Site

from accounts.models import LocalAuthority
from home.models import HomePage
from home.site_tree import set_up_site
from tests.clock import at

MADE_AT = "2026-12-01"  # before any test begins
COUNCIL = ("BKM", "Testshire", "testshire.example")

PREFIX = "bops_template_"
KEPT = 3  # templates of other versions, for who goes from one branch to another
LOCK = 8_400_271  # one process at a time makes a template, and the role that belongs to the whole server
LARGE = 4_000_000  # bytes: a table of that size is truncated, the others' rows are deleted, which is quicker
# Made by migrations and never changed by a test.
AS_MIGRATED = ("django_content_type", "auth_permission")


def template() -> str:
    """The name of a database with everything that migrations and standing data make. Made if it is not there."""
    name = PREFIX + _fingerprint()
    with _one_at_a_time() as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s) ORDER BY oid DESC", [PREFIX])
        there = [datname for (datname,) in cursor.fetchall()]
        if name not in there:
            for old in there[KEPT:]:
                cursor.execute(f'DROP DATABASE "{old}"')
            unfinished = f"unfinished_{name}"
            cursor.execute(f'DROP DATABASE IF EXISTS "{unfinished}" WITH (FORCE)')
            cursor.execute(f'CREATE DATABASE "{unfinished}"')
            _fill(unfinished)
            cursor.execute(f'ALTER DATABASE "{unfinished}" RENAME TO "{name}"')
    return name


@contextmanager
def _one_at_a_time() -> Iterator[CursorWrapper]:
    """With a connection to no database of the tests, which holds the lock until it ends."""
    with connection._nodb_cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        yield cursor


def _fingerprint() -> str:
    """Of all that makes the template what it is: migrations (the libraries' too), data, and this file."""
    migrations = MigrationLoader(None).disk_migrations.values()
    modules = {migration.__module__ for migration in migrations}
    files = {Path(__import__(module, fromlist=["Migration"]).__file__) for module in modules}
    data = {file for app in apps.get_app_configs() for file in (Path(app.path) / "data").glob("*") if file.is_file()}
    found = hashlib.sha256()
    for file in sorted(files | data | {Path(__file__)}):
        found.update(file.read_bytes())
    return found.hexdigest()[:16]


def _fill(name: str) -> None:
    with _connected_to(name), at(MADE_AT):
        call_command("migrate", verbosity=0)
        fill()


@contextmanager
def _connected_to(name: str) -> Iterator[None]:
    before = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = name
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = before


def fill() -> None:
    """Load what every installation has, and keep copies: of it, and of what a council's public site adds to it."""
    _load_standing_data()
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA IF EXISTS standing, public_site CASCADE; CREATE SCHEMA standing")
        cursor.execute("CREATE SCHEMA public_site")
        for table in _tables():
            _copy(cursor, f'standing."{table}"', f'FROM "{table}"')
        cleaner = Cleaner()
        set_up_site(make_authority(*COUNCIL))
        for table, _ in cleaner.touched(cursor):
            if not re.search("authority|site|group|collection", table):  # the council's own, made with its people
                new = f'FROM "{table}"'
                if table in cleaner.standing:
                    new += f' WHERE id NOT IN (SELECT id FROM standing."{table}")'
                _copy(cursor, f'public_site."{table}"', new)
    cleaner.clean()


def _copy(cursor: CursorWrapper, name: str, rows: str) -> None:
    cursor.execute(f"SELECT EXISTS (SELECT {rows})")
    if cursor.fetchone()[0]:
        cursor.execute(f"CREATE TABLE {name} AS SELECT * {rows}")


def make_authority(code: str, name: str, hostname: str) -> LocalAuthority:
    root = Page.objects.filter(depth=1).values_list("pk", flat=True).first() or Page.add_root(title="Root").pk
    site = Site.objects.filter(hostname=hostname, port=80).first()
    site = site or Site.objects.create(hostname=hostname, port=80, root_page_id=root, site_name=name)
    return LocalAuthority.objects.create(
        code=code,
        name=f"{name} Council",
        short_name=name,
        client_name=name.lower(),
        site=site,
        email=f"planning@{hostname}",
        address="Civic Centre\nHigh Street",
        signatory_name="Head of Planning",
        signatory_job_title="Head of Planning",
    )


def give_public_site(authority: LocalAuthority) -> None:
    """`set_up_site`, which asks a thousand questions: for the council of the tests its pages lie ready."""
    if authority.code == COUNCIL[0] and not HomePage.objects.exists():
        with as_owner() as cursor:
            cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public_site'")
            for (table,) in cursor.fetchall():
                cursor.execute(f'INSERT INTO "{table}" SELECT * FROM public_site."{table}"')
        root = Page.get_first_root_node()
        Page.objects.filter(pk=root.pk).update(numchild=root.get_children_count() + 1)
    set_up_site(authority, hostname=authority.site.hostname)


def _load_standing_data() -> None:
    # What Wagtail's own migrations make, where a test has taken it away.
    Locale.objects.get_or_create(language_code="en-gb")
    if not Collection.objects.exists():
        Collection.add_root(name="Root")
    call_command("load_reference_data", verbosity=0)
    call_command("load_notice_templates", verbosity=0)
    call_command("setup_roles", verbosity=0)


def _tables() -> list[str]:
    tables = connection.introspection.django_table_names(only_existing=True, include_views=False)
    return [table for table in tables if table not in AS_MIGRATED]


def as_the_runtime_role() -> None:
    """From now on, connections have the rights of web and worker, whoever the tests sign in as."""
    with _one_at_a_time():
        call_command("database_roles", apply=True, create=True, stdout=StringIO())
    connection.close()
    connection.settings_dict["OPTIONS"]["options"] = f"-c role={settings.DATABASE_RUNTIME_ROLE}"


@contextmanager
def as_owner() -> Iterator[CursorWrapper]:
    """What only the owner of the tables may do: enter what was decided elsewhere, tamper, clean up."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE NONE")
        yield cursor
        if "options" in connection.settings_dict["OPTIONS"]:
            cursor.execute(f"SET LOCAL ROLE {settings.DATABASE_RUNTIME_ROLE}")


def empty() -> None:
    """Take away every row, the standing data too: what a run that was killed has left where --reuse-db goes on."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("TRUNCATE {}".format(", ".join(f'"{table}"' for table in _tables())))


def _with_those_that_refer(cursor: CursorWrapper, tables: list[str]) -> set[str]:
    """PostgreSQL truncates a table only together with all that have a foreign key to it, be they empty."""
    cursor.execute(
        "WITH RECURSIVE found (id) AS (SELECT unnest(%s::regclass[])::oid"
        " UNION SELECT conrelid FROM pg_constraint JOIN found ON confrelid = id)"
        " SELECT relname FROM found JOIN pg_class ON oid = id",
        [tables],
    )
    return {name for (name,) in cursor.fetchall()}


class Cleaner:
    """Takes away what tests have committed since it was made. Loading the standing data anew would take seconds: its
    copies are put back.

    Only in tables that were touched: those where rows are that do not belong there, where the number of standing rows
    differs, or where a later transaction wrote one (xmin) than the one that put them there.
    """

    def __init__(self) -> None:
        self._tables = _tables()
        with connection.cursor() as cursor:
            cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'standing'")
            self.standing = {table: 0 for (table,) in cursor.fetchall()}
            for table in self.standing:
                cursor.execute(f'SELECT max(xmin::text::bigint) FROM "{table}"')
                (self.standing[table],) = cursor.fetchone()

    def clean(self) -> None:
        with as_owner() as cursor:
            if touched := self.touched(cursor):
                self._put_back(cursor, touched)

    def touched(self, cursor: CursorWrapper) -> list[tuple[str, int]]:
        """Their names, and how many bytes each takes."""
        cursor.execute(" UNION ALL ".join(self._question(table) for table in self._tables))
        return cursor.fetchall()

    def _question(self, table: str) -> str:
        found = f"SELECT '{table}', pg_relation_size('{table}')"
        if table not in self.standing:
            return f"({found} WHERE EXISTS (SELECT FROM {table}))"
        rows = f'SELECT ROW(count(*), max(xmin::text::bigint)) FROM "{table}"'
        as_it_was = f'SELECT ROW(count(*), {self.standing[table]}::bigint) FROM standing."{table}"'
        return f"({found} WHERE ({rows}) IS DISTINCT FROM ({as_it_was}))"

    def _put_back(self, cursor: CursorWrapper, touched: list[tuple[str, int]]) -> None:
        # Our triggers rightly refuse this: they are off just here. Foreign keys hold again when all is there.
        cursor.execute("SET LOCAL session_replication_role = replica; SELECT pg_current_xact_id()::text::bigint")
        (this,) = cursor.fetchone()
        truncated = _with_those_that_refer(cursor, [table for table, size in touched if size > LARGE])
        if truncated:
            cursor.execute("TRUNCATE {}".format(", ".join(f'"{table}"' for table in truncated)))
        deleted = {table for table, _ in touched} - truncated
        for table in deleted:
            cursor.execute(f'DELETE FROM "{table}"')
        for table in deleted | truncated:
            if table in self.standing:
                cursor.execute(f'INSERT INTO "{table}" SELECT * FROM standing."{table}"')
                self.standing[table] = this
