"""What another process has changed is served at the next request: nothing that this one remembers stands before it."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from wagtail.models import Page, Site

from accounts.public_address import public_url
from home import site_changes
from home.models import SiteChange, StandardPage
from home.site_changes import forget_old_changes
from home.site_tree import set_up_site
from tests.cases.workers import url_of_this_database

REPOSITORY = Path(__file__).resolve().parents[2]
LIST = "/planning-applications/"


@pytest.fixture(autouse=True)
def _remembered_as_in_production(settings):
    settings.REMEMBER_SECONDS = settings.REGISTER_CACHE_SECONDS = 60


def in_another_process(*command: str) -> str:
    """`manage.py …` in a process of its own, on the database of the test."""
    done = subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        env={**os.environ, "DATABASE_URL": url_of_this_database(), "DJANGO_SETTINGS_MODULE": "config.settings"},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def text_of(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


@pytest.mark.django_db(transaction=True)
def test_a_site_that_is_set_up_beside_running_processes(authority, visitor):
    Site.objects.exclude(pk=authority.site.pk).delete()
    text_of(visitor, LIST)
    assert Site.get_site_root_paths(), "this process remembers where sites begin, before there are pages"

    in_another_process("setup_site", "--authority", authority.code)

    for address in ("/", LIST, "/guidance/", "/sitemap.xml"):
        text = text_of(visitor, address)
        assert 'href="None"' not in text, address
        assert "None" not in re.findall(r"<loc>(.*?)</loc>", text), address
    links = set(re.findall(r'href="(/[^"#?]*)"', text_of(visitor, "/"))) - {"/council.css"}
    assert {"/guidance/", "/privacy/", "/accessibility/"} <= links
    assert f"<loc>{public_url(authority, '/guidance/')}</loc>" in text_of(visitor, "/sitemap.xml")


CHANGES = """
from accounts.models import LocalAuthority
from cases.models import PlanningApplication
from home.models import RegisterPage, StandardPage
council = LocalAuthority.objects.get(code="BKM")
council.name, council.brand_colour = "New Name Council", "#123456"
council.save()
page = StandardPage.objects.get(slug="privacy")
page.title = "What becomes of your data"
page.save_revision().publish()
page = RegisterPage.objects.get()
page.introduction = "Words of another process."
page.save_revision().publish()
PlanningApplication.objects.get().save()
"""


@pytest.mark.django_db(transaction=True)
def test_everything_that_stands_around_a_page(authority, visitor, make_public):
    set_up_site(authority)
    with transaction.atomic():
        application = make_public()
    before = text_of(visitor, LIST)
    assert text_of(visitor, LIST) == before
    assert "What becomes of your data" not in before

    in_another_process("shell", "-v", "0", "-c", CHANGES)

    after = text_of(visitor, LIST)
    for words in ("New Name Council", "What becomes of your data", "Words of another process."):
        assert words in after, words
    sheet = re.search(r"/council\.css\?v=\w+", after)
    assert sheet, "the council's stylesheet is named"
    assert sheet[0] not in before
    assert "#123456" in text_of(visitor, sheet[0])
    assert application.reference in after


def behind_this_process(statement: str, *values: object) -> None:
    """As another process would: no signal is heard here."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def test_a_page_of_the_register_is_kept_until_the_register_changes(visitor, make_public):
    application = make_public(description="A dormer")
    assert "A dormer" in text_of(visitor, LIST)
    assert text_of(visitor, LIST) == text_of(visitor, LIST)
    behind_this_process(
        "UPDATE cases_planningapplication SET description = 'A porch', updated_at = %s WHERE id = %s",
        timezone.now(),
        application.pk,
    )
    assert "A porch" in text_of(visitor, LIST)


def test_a_register_that_was_closed(authority, visitor, make_public):
    set_up_site(authority)
    make_public()
    text_of(visitor, LIST)
    behind_this_process("UPDATE home_registerpage SET is_closed = true")
    assert visitor.get(LIST).status_code == 503


def test_a_council_that_was_deactivated(authority, visitor, make_public):
    make_public()
    text_of(visitor, LIST)
    behind_this_process("UPDATE accounts_localauthority SET is_active = false WHERE id = %s", authority.pk)
    assert visitor.get(LIST).status_code == 404


def test_where_sites_begin_is_remembered_until_one_changes(authority):
    set_up_site(authority)
    page = StandardPage.objects.get(slug="privacy")
    assert page.full_url == public_url(authority, "/privacy/")
    behind_this_process("UPDATE wagtailcore_site SET port = 443 WHERE id = %s", authority.site.pk)
    assert Page.objects.get(pk=page.pk).full_url == "https://testshire.example/privacy/"


def test_what_wagtail_keeps_is_not_found_again_when_anything_changed(authority):
    cache.set("picture", "as it was")
    assert cache.get("picture") == "as it was"
    behind_this_process("UPDATE wagtailimages_image SET title = ''")
    assert cache.get("picture") is None


def test_looking_costs_one_small_question_however_much_is_remembered(authority, visitor, make_public):
    set_up_site(authority)
    make_public()
    for _ in range(2):
        text_of(visitor, "/guidance/")
    with CaptureQueriesContext(connection) as queries:
        text_of(visitor, "/guidance/")
    assert len([one for one in queries if "home_sitechange" in one["sql"]]) == 1
    assert not [one for one in queries if "accounts_localauthority" in one["sql"]]


def test_old_marks_go(authority, monkeypatch):
    monkeypatch.setattr(site_changes, "KEEP_CHANGES", 1)
    SiteChange.objects.create()
    new = SiteChange.objects.create()
    assert forget_old_changes() > 0
    assert list(SiteChange.objects.all()) == [new]


def test_the_due_work_forgets_them(authority, monkeypatch):
    monkeypatch.setattr(site_changes, "KEEP_CHANGES", 1)
    SiteChange.objects.create()
    call_command("run_due", verbosity=0)
    assert SiteChange.objects.count() == 1
