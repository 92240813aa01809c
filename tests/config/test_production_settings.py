"""What production refuses: it starts only when somebody has thought about it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
PRODUCTION = {
    "SECRET_KEY": "a long random value " * 4,
    "DATABASE_URL": "postgres://bops:secret@database.internal:5432/bops",
    "ALLOWED_HOSTS": "planning.example.gov.uk",
}


def settings_of(environment: dict[str, str], *names: str) -> subprocess.CompletedProcess[str]:
    """Read settings in a process of their own, whose environment is exactly this."""
    show = "import sys; from config import settings; [print(repr(getattr(settings, name))) for name in sys.argv[1:]]"
    clean = {"PATH": os.environ["PATH"], "PYTHONPATH": str(REPOSITORY / "site")} | environment
    return subprocess.run([sys.executable, "-c", show, *names], env=clean, capture_output=True, text=True)


def test_complete_production_settings_are_accepted():
    read = settings_of(PRODUCTION, "BOPS_ENV", "DEBUG", "ALLOWED_HOSTS")
    assert read.stdout.split("\n")[:3] == ["'production'", "False", "['planning.example.gov.uk']"], read.stderr


@pytest.mark.parametrize("missing", ["SECRET_KEY", "DATABASE_URL"])
def test_production_does_not_start_without(missing):
    read = settings_of({name: value for name, value in PRODUCTION.items() if name != missing})
    assert read.returncode != 0
    assert f"Set {missing}" in read.stderr


def test_production_is_what_it_is_unless_somebody_says_otherwise():
    assert settings_of(PRODUCTION, "IS_PRODUCTION").stdout.strip() == "True"
    assert "must be production, demo or test" in settings_of(PRODUCTION | {"BOPS_ENV": "prodution"}).stderr


@pytest.mark.parametrize("asked", ["1", "True", "yes"])
def test_debug_cannot_be_switched_on_in_production(asked):
    read = settings_of(PRODUCTION | {"DEBUG": asked}, "DEBUG")
    assert read.returncode != 0 or read.stdout.strip() == "False"


def test_another_database_than_postgresql_is_refused():
    assert "PostgreSQL only" in settings_of(PRODUCTION | {"DATABASE_URL": "sqlite:///bops.sqlite3"}).stderr


def test_production_answers_to_no_host_that_it_was_not_told():
    read = settings_of({name: value for name, value in PRODUCTION.items() if name != "ALLOWED_HOSTS"}, "ALLOWED_HOSTS")
    assert read.returncode != 0 or read.stdout.strip() == "[]"


def test_cookies_travel_by_tls_alone_and_out_of_reach_of_scripts():
    names = ("SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SECURE_SSL_REDIRECT", "SESSION_COOKIE_HTTPONLY")
    assert settings_of(PRODUCTION, *names).stdout.split() == ["True"] * 4


def test_passwords_are_hashed_slowly_and_sign_in_locks_out_outside_the_tests():
    read = settings_of(PRODUCTION, "AXES_FAILURE_LIMIT", "AUTHENTICATION_BACKENDS")
    assert read.stdout.startswith("5\n['axes.backends.AxesStandaloneBackend'")
    assert settings_of(PRODUCTION, "PASSWORD_HASHERS").returncode != 0  # Django's own default


def test_the_installation_phones_nobody():
    names = ("WAGTAIL_ENABLE_UPDATE_CHECK", "WAGTAIL_ENABLE_WHATS_NEW_BANNER", "WAGTAIL_GRAVATAR_PROVIDER_URL")
    assert settings_of(PRODUCTION, *names).stdout.split() == ["False", "False", "None"]


def test_only_the_web_processes_give_up_slow_questions_to_the_database():
    assert "statement_timeout" not in settings_of(PRODUCTION, "DATABASES").stdout
    limited = settings_of(PRODUCTION | {"DATABASE_STATEMENT_SECONDS": "7"}, "DATABASES")
    assert "statement_timeout=7s" in limited.stdout, limited.stderr
    wsgi = (REPOSITORY / "site" / "config" / "wsgi.py").read_text(encoding="utf-8")
    assert wsgi.index("DATABASE_STATEMENT_SECONDS") < wsgi.index("application = get_wsgi_application()")
