"""Fixtures of the tests in a browser: a council with its public site on the live server, its people, and visitors."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, expect

from accounts.models import LocalAuthority, User
from accounts.roles import PLANNING_MANAGER, PLANNING_OFFICER
from tests.browser.visitor import STAND_STILL, Known, Visitor
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


class Windows:
    """Browsers of people's own, lent for one test and given to another one as if they were new: to start one costs as
    much as some pages."""

    def __init__(self, browser: Browser, base_url: str) -> None:
        self._browser, self._url = browser, base_url
        self._free: dict[str, list[BrowserContext]] = {}

    @contextmanager
    def lent(self) -> Iterator[Callable[..., BrowserContext]]:
        lent: list[tuple[list[BrowserContext], BrowserContext]] = []

        def lend(**options) -> BrowserContext:
            free = self._free.setdefault(repr(options), [])
            lent.append((free, free.pop() if free else self._start(options)))
            return lent[-1][1]

        yield lend
        for free, context in lent:
            self._as_new(context)
            free.append(context)

    def _start(self, options: dict) -> BrowserContext:
        context = self._browser.new_context(
            **options,
            viewport={"width": 1280, "height": 900},
            base_url=self._url,
            locale="en-GB",
            timezone_id="Europe/London",
            reduced_motion="reduce",
        )
        context.set_default_timeout(PATIENCE)
        if options["java_script_enabled"]:
            context.add_init_script(STAND_STILL)
        self._anchor(context)
        return context

    def _anchor(self, context: BrowserContext) -> None:
        """A page that stays, and with it the process that draws the others."""
        context.new_page().goto("/static/images/favicon.svg")

    def _as_new(self, context: BrowserContext) -> None:
        first, *pages = context.pages
        for page in pages:
            page.close()
        context.clear_cookies()
        first.evaluate("localStorage.clear()")
        session = context.new_cdp_session(first)
        session.send("Network.clearBrowserCache")
        session.detach()


@pytest.fixture(scope="session")
def windows(browser, base_url) -> Windows:
    return Windows(browser, base_url)


@pytest.fixture
def visit(windows, base_url, known) -> Iterator[Callable[..., Visitor]]:
    """visit() → somebody who has not signed in; visit(officer) → somebody who has, in a browser of their own.

    test_keyboard.py shows how somebody signs in. When the test is over it fails for what was wrong on any of the pages
    that they met.
    """
    visitors: list[Visitor] = []

    def start(user: User | None = None, *, may_run_scripts: bool = True, has_touch: bool = False) -> Visitor:
        context = lend(java_script_enabled=may_run_scripts, has_touch=has_touch)
        visitor = Visitor.at(context, may_run_scripts=may_run_scripts, known=known)
        visitors.append(visitor)
        if user:
            cookie = {"name": settings.SESSION_COOKIE_NAME, "value": session_of(user), "url": base_url}
            context.add_cookies([cookie])
        return visitor

    with windows.lent() as lend:
        yield start
    faults = {fault: page for visitor in visitors for fault, page in visitor.faults.items()}
    assert not faults, "\n".join(f"{page}\n  {fault}" for fault, page in faults.items())
