"""Fixtures of the tests in a browser: a council with its public site on the live server, its people, and visitors."""

from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client
from playwright.sync_api import expect

from accounts.models import LocalAuthority, User
from accounts.roles import PLANNING_MANAGER, PLANNING_OFFICER
from tests.browser.visitor import Known, Visitor
from tests.database import give_public_site, make_authority

PATIENCE = 60_000  # milliseconds: the way out when something never comes, however busy the machine is
expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="session")
def base_url(live_server) -> str:
    return live_server.url


@pytest.fixture
def council(live_server) -> LocalAuthority:
    """The council whose public site stands on the live server."""
    authority = make_authority("BKM", "Testshire", "localhost")
    give_public_site(authority)
    call_command("load_letter_templates", verbosity=0)
    return authority


@pytest.fixture
def assessor(council, make_user) -> User:
    return make_user("assessor", PLANNING_OFFICER, authority=council, job_title="Planning officer")


@pytest.fixture
def reviewer(council, make_user) -> User:
    return make_user("reviewer", PLANNING_MANAGER, authority=council, job_title="Planning manager")


def session_of(user: User) -> str:
    client = Client()
    client.force_login(user)
    return client.session.session_key


@pytest.fixture(scope="session")
def known() -> Known:
    return Known()


@pytest.fixture
def visit(new_context, base_url, known) -> Iterator[Callable[..., Visitor]]:
    """visit() → somebody who has not signed in; visit(officer) → somebody who has, in a browser of their own.

    test_keyboard.py shows how somebody signs in. When the test is over it fails for what was wrong on any of the pages
    that they met.
    """
    visitors: list[Visitor] = []

    def start(user: User | None = None, *, may_run_scripts: bool = True, has_touch: bool = False) -> Visitor:
        context = new_context(
            java_script_enabled=may_run_scripts, has_touch=has_touch, viewport={"width": 1280, "height": 900},
            locale="en-GB", timezone_id="Europe/London", reduced_motion="reduce",
        )  # fmt: skip
        context.set_default_timeout(PATIENCE)
        visitor = Visitor.at(context, may_run_scripts=may_run_scripts, known=known)
        visitors.append(visitor)
        if user:
            cookie = {"name": settings.SESSION_COOKIE_NAME, "value": session_of(user), "url": base_url}
            context.add_cookies([cookie])
        return visitor

    yield start
    faults = {fault: page for visitor in visitors for fault, page in visitor.faults.items()}
    assert not faults, "\n".join(f"{page}\n  {fault}" for fault, page in faults.items())
