"""One clock: the product asks Django what time it is and never the database, and one place in the tests moves it."""

import re
from pathlib import Path

import pytest
from django.db import connection

from tests.config.test_layout import PACKAGES, REPOSITORY, name

PRODUCT = PACKAGES.values()
MOVES_TIME = re.compile(
    r"time_machine|freezegun|timezone\.(now|localdate|localtime)[\"']|(patch|setattr)(\.object)?\([^)\n]*\btimezone\b"
)
MAY_MOVE_IT = {
    "site/config/clock.py",
    "site/demo/stages.py",
    "tests/clock.py",
    "tests/conftest.py",
    "tests/test_one_clock.py",
}
ASKS_PYTHON = re.compile(r"\b(date|datetime)\.(today|utcnow)\(|\bdatetime\.now\(")
ASKS_THE_DATABASE = re.compile(
    r"(?<![.\w])now\(|\bTransactionNow\b|\bfunctions\.Now\b|\b(clock|statement|transaction)_timestamp\b|\btimeofday\(|"
    r"\bcurrent_(date|time|timestamp)\b|\blocal(time|timestamp)\b(?!\()|'(now|today|tomorrow|yesterday)'\s*::",
    re.IGNORECASE,
)
OF_THE_DATABASE = {
    "default or generated column": "SELECT adrelid::regclass, pg_get_expr(adbin, adrelid) FROM pg_attrdef",
    # All but those of extensions.
    "function": "SELECT oid::regprocedure, pg_get_functiondef(oid) FROM pg_proc"
    " WHERE pronamespace = 'public'::regnamespace"
    " AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_proc.oid AND deptype = 'e')",
    "trigger": "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
    "view": "SELECT viewname, definition FROM pg_views WHERE schemaname = 'public'",
    "constraint": "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint"
    " WHERE connamespace = 'public'::regnamespace",
    "index": "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
}


def lines(files: list[Path], found: re.Pattern) -> list[str]:
    return [
        f"{name(file)}:{number}: {line.strip()}"
        for file in sorted(files)
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1)
        if found.search(line.partition("  # ")[0])
    ]


def python_files(*folders: str) -> list[Path]:
    """All but those that move the clock. Migrations too."""
    files = (file for folder in folders for file in REPOSITORY.glob(f"{folder}/**/*.py"))
    return [file for file in files if name(file) not in MAY_MOVE_IT]


def test_the_clock_is_moved_in_one_place_of_the_tests_and_by_two_of_the_product():
    assert lines(python_files(*PRODUCT, "tests"), MOVES_TIME) == []


def test_what_day_it_is_is_asked_of_django():
    """It says so in England, where Python says what the machine thinks."""
    assert lines(python_files(*PRODUCT, "tests"), ASKS_PYTHON) == []


def test_the_product_never_asks_the_clock_of_the_database():
    """Of two clocks one is always ahead: what was done just now would be in the future, or not due yet."""
    assert lines(python_files(*PRODUCT), ASKS_THE_DATABASE) == []


@pytest.mark.django_db
@pytest.mark.parametrize("kind", OF_THE_DATABASE)
def test_nothing_in_the_database_asks_its_clock(kind):
    with connection.cursor() as cursor:
        cursor.execute(OF_THE_DATABASE[kind])
        assert [row for row in cursor.fetchall() if ASKS_THE_DATABASE.search(row[1])] == []
