"""Fixtures that every test may use: two councils, their people in real groups, and applications in any status.

Reference data, groups and the workflow are loaded once into the test database; each test rolls back what it did.
"""

import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.core.cache import caches
from django.db import connection
from django.test import TransactionTestCase
from django.utils import timezone
from pypdf import PdfWriter

from accounts.models import LocalAuthority, User
from accounts.roles import ADMINISTRATOR, PLANNING_MANAGER, PLANNING_OFFICER, READER, SUPPORT_OFFICER
from cases.files import opening
from cases.models import PlanningApplication
from home.remembering import forget
from notices.drafting import report
from notices.issuing import issue
from notices.printing.pdf import Paper
from tests import database, leftovers
from tests.database import COUNCIL, make_authority
from tests.making import PASSWORD, new_application, new_user
from tests.storage import files_lie_in


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings, django_db_blocker):
    """Each process makes its database as a copy of the template."""
    with django_db_blocker.unblock():
        connection.settings_dict["TEST"]["TEMPLATE"] = database.template()


@pytest.fixture(scope="session")
def django_db_setup(request, django_db_setup, django_db_blocker):
    """From here on with the rights of web and worker; a test that commits is cleaned up after by our own Cleaner."""
    kept = request.config.getoption("reuse_db")
    with django_db_blocker.unblock():
        if kept:
            if LocalAuthority.objects.exists():
                database.empty()
            database.fill()
        cleaner = database.Cleaner()
        database.as_the_runtime_role()
    TransactionTestCase._fixture_teardown = lambda self: cleaner.clean()
    yield
    connection.settings_dict["OPTIONS"].pop("options")
    if not kept:  # it is dropped next
        # Playwright and hypothesis run some of the main thread's code in contexts with connections of their own.
        leftovers.close_connections()


@pytest.fixture(scope="session", autouse=True)
def _temporary_files(tmp_path_factory) -> Iterator[Path]:
    """The folder for temporary files, of this process of the tests and of what it starts."""
    folder = tmp_path_factory.mktemp("temporary")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", str(folder))
        patch.setattr(tempfile, "tempdir", str(folder))
        yield folder


@pytest.fixture(autouse=True)
def _leaves_nothing_behind(_temporary_files) -> Iterator[None]:
    with leftovers.refused(_temporary_files):
        yield


@pytest.fixture(autouse=True)
def _nothing_remembered():
    """Wagtail remembers where sites begin, we the pages and councils; rows that are rolled back leave no signal."""
    for cache in caches.all():
        cache.clear()
    forget()


@pytest.fixture(autouse=True)
def _files_of_this_test(settings, tmp_path, monkeypatch):
    files_lie_in(tmp_path, settings=settings, monkeypatch=monkeypatch)


@pytest.fixture(autouse=True)
def _papers_without_ink(request, monkeypatch):
    """A PDF takes a process and a second, and is what a test is about in those marked pdf: elsewhere it is an empty
    page, another one for other words."""
    if request.node.get_closest_marker("pdf"):
        return
    for module in (issue, report):
        monkeypatch.setattr(module, "write_pdfs", lambda papers: [_without_ink(paper) for paper in papers])


def _without_ink(paper: Paper) -> bytes:
    empty = PdfWriter()
    empty.add_blank_page(width=595, height=842)
    empty.add_metadata({"/Title": paper.title, "/Subject": sha256(repr(paper).encode()).hexdigest()})
    written = BytesIO()
    empty.write(written)
    return written.getvalue()


_OPENED_ALREADY: dict[bytes, str] = {}


@pytest.fixture(autouse=True)
def _files_open_once(monkeypatch):
    """Most tests send the same few files: each of them is opened by a process of its own once in a run."""
    really = opening.why_unopened

    def remembered(file, kind: str) -> str:
        file.seek(0)
        key = kind.encode() + sha256(file.read()).digest()
        file.seek(0)
        if key not in _OPENED_ALREADY:
            _OPENED_ALREADY[key] = really(file, kind)
        return _OPENED_ALREADY[key]

    monkeypatch.setattr(opening, "why_unopened", remembered)


@pytest.fixture
def one_window(monkeypatch) -> None:
    """No minute and no hour begins for the limits on how often something may be done: a test counts to the end."""
    now = timezone.now()
    monkeypatch.setattr("accounts.rate_limits.timezone", SimpleNamespace(now=lambda: now))


@pytest.fixture
def authority(db) -> LocalAuthority:
    return make_authority(*COUNCIL)


@pytest.fixture
def other_authority(db) -> LocalAuthority:
    return make_authority("LBH", "Elsewhere", "elsewhere.example")


@pytest.fixture
def make_user(db) -> Callable[..., User]:
    """make_user("ann", PLANNING_OFFICER, authority=authority) → a user who can sign in with PASSWORD."""
    return new_user


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

    For any status but determined, which only notices.issuing.issue can give (origin=Origin.IMPORTED may have it).
    """
    return partial(new_application, authority=authority)
