"""The demonstration's people, with their published password, do not exist in production, nor others of their domain."""

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core import checks
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import ProgrammingError

from accounts.models import User
from accounts.roles import ADMINISTRATOR

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


# --- What a release would stop at is not made in the first place ----------------------------------------------------

REFUSED = "Nobody can have an address at example.com"
ADDRESSES = ["it@example.com", "IT@Example.COM", " it@example.com "]


def administrator_by_command(email: str, monkeypatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("correct horse battery staple\n"))
    call_command(
        "create_administrator",
        "--installation",
        "--email",
        email,
        "--first-name",
        "Ida",
        "--last-name",
        "Tee",
        "--password-stdin",
        stdout=io.StringIO(),
    )


def superuser_by_command(email: str, monkeypatch) -> None:
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "correct horse battery staple")
    call_command("createsuperuser", "--noinput", "--email", email, stdout=io.StringIO())


@pytest.mark.django_db
@pytest.mark.parametrize("email", ADDRESSES[:2])
@pytest.mark.parametrize("make", [administrator_by_command, superuser_by_command])
def test_no_command_makes_an_account_that_the_next_release_stops_at(settings, monkeypatch, make, email):
    settings.IS_PRODUCTION = True
    with pytest.raises(CommandError, match=REFUSED):
        make(email, monkeypatch)
    assert not User.objects.exists()
    make("it@testshire.gov.uk", monkeypatch)
    assert User.objects.count() == 1
    assert found_by_a_release() == []


@pytest.mark.django_db
@pytest.mark.parametrize("make", [User.objects.create_user, User.objects.create_superuser])
def test_no_program_makes_one_either(settings, make):
    settings.IS_PRODUCTION = True
    with pytest.raises(ValidationError, match=REFUSED):
        make("it@example.com")
    assert not User.objects.exists()


@pytest.mark.parametrize("email", ADDRESSES)
def test_no_form_makes_an_account_or_changes_one_so(client, settings, make_user, authority, email):
    administrator = make_user("adm", ADMINISTRATOR, authority=authority)
    colleague = make_user("colleague", authority=authority)
    client.force_login(administrator)
    settings.IS_PRODUCTION = True
    form = {"email": email, "first_name": "Ida", "last_name": "Tee", "is_active": "on"}
    for address in ("/admin/users/new/", f"/admin/users/edit/{colleague.pk}/"):
        page = client.post(address, form).content.decode()
        assert REFUSED in page
        assert "Ida" in page  # nothing typed is lost
    client.post("/admin/account/", {"name_email-first_name": "Ida", "name_email-email": email})
    assert not User.objects.filter(email__iexact="it@example.com").exists()


def test_the_demonstration_makes_its_own(settings):
    assert not settings.IS_PRODUCTION
    User(email="it@example.com", first_name="Ida").clean_fields(exclude={"password"})


def test_what_a_release_says_is_true_of_every_account_that_it_stops_at(demonstration_user, settings):
    settings.IS_PRODUCTION = True
    (found,) = checks.run_checks(tags=["database"], databases=["default"])
    assert "Assessor@Example.com" in found.msg
    assert "nobody can have an address" in found.msg
    assert "give each a real address" in found.hint
