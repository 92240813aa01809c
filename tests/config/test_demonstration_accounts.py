"""The demonstration's people, with their published password, do not exist in production."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core import checks
from django.db import ProgrammingError

from accounts.models import User

REPOSITORY = Path(__file__).resolve().parents[2]


def found_by_a_release() -> list[str]:
    return [found.id for found in checks.run_checks(tags=["database"], databases=["default"])]


@pytest.fixture
def demonstration_user(make_user, authority):
    user = make_user("someone", authority=authority)
    user.email = "Assessor@Example.com"
    user.save()
    return user


def test_a_release_stops_where_they_are(demonstration_user, settings):
    settings.IS_PRODUCTION = True
    assert "accounts.E001" in found_by_a_release()


def test_a_release_goes_on_where_they_are_not(officer, settings):
    settings.IS_PRODUCTION = True
    assert found_by_a_release() == []


def test_the_demonstration_itself_has_them(demonstration_user):
    assert found_by_a_release() == []


@pytest.mark.django_db
def test_the_first_release_finds_no_table_yet(settings, monkeypatch):
    def no_table(*args, **kwargs):
        raise ProgrammingError('relation "accounts_user" does not exist')

    settings.IS_PRODUCTION = True
    monkeypatch.setattr(User.objects, "filter", no_table)
    assert found_by_a_release() == []


def test_production_does_not_know_the_command_that_makes_them():
    production = {
        "PATH": os.environ["PATH"],
        "SECRET_KEY": "a long random value " * 4,
        "DATABASE_URL": os.environ["DATABASE_URL"],
        "BOPS_ENV": "production",
    }
    command = [sys.executable, str(REPOSITORY / "manage.py"), "load_demo"]
    done = subprocess.run(command, env=production, capture_output=True, text=True)
    assert done.returncode != 0
    assert "Unknown command: 'load_demo'" in done.stderr
