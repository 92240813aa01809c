"""Which role opens which screen, that none of them fails on anything, and that who may only read changes nothing."""

from datetime import timedelta

import pytest
from django.contrib.messages import get_messages
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from accounts.roles import (
    ADMINISTRATOR,
    PLANNING_MANAGER,
    PLANNING_OFFICER,
    READER,
    ROLES,
    SUPPORT_OFFICER,
)
from cases.admin.task_pages import _PAGES as TASK_PAGES
from cases.lifecycle import STEPS
from cases.models import Document, DocumentPage, SharpPicture
from cases.preparing.task import store_strip
from cases.statuses import Status
from notices.models import Message
from tests.addresses import Address, all_addresses
from tests.world import rows_of

pytestmark = pytest.mark.django_db

NOBODY = "nobody's role"  # signed in, and in no group
INSTALLATION = "installation"
EVERYBODY = {*ROLES, INSTALLATION}
CASEWORKERS = {SUPPORT_OFFICER, PLANNING_OFFICER, PLANNING_MANAGER}
SEE_CASES = {*CASEWORKERS, READER, ADMINISTRATOR, INSTALLATION}
ADMINISTER = {ADMINISTRATOR, INSTALLATION}

# Address → who reads it (200). {case}, {document}, {message} are of the own council.
MATRIX: dict[str, set[str]] = {
    "": EVERYBODY,
    "account/": EVERYBODY,
    "cases/": SEE_CASES,
    "cases/{case}/": SEE_CASES,
    "cases/{case}/history/": SEE_CASES,
    "cases/{case}/tasks/check_documents/": SEE_CASES,
    "cases/{case}/tasks/recommendation/": SEE_CASES,
    "cases/documents/{document}/": SEE_CASES - {ADMINISTRATOR},
    "cases/documents/{document}/view/": SEE_CASES - {ADMINISTRATOR},
    "cases/documents/{document}/pages/1/": SEE_CASES - {ADMINISTRATOR},
    "cases/documents/{document}/pages/1/strips/1/": SEE_CASES - {ADMINISTRATOR},
    "cases/documents/{document}/redaction/": CASEWORKERS,
    "cases/documents/{document}/redaction/state/": CASEWORKERS,
    "cases/documents/{document}/compare/": SEE_CASES - {ADMINISTRATOR},
    "cases/documents/{document}/compare/{newer}/": SEE_CASES - {ADMINISTRATOR},
    "cases/documents/search/": SEE_CASES - {ADMINISTRATOR},
    "cases/new/": CASEWORKERS,
    "cases/{case}/requests/": SEE_CASES,
    "cases/{case}/requests/letter/": SEE_CASES,
    "cases/{case}/requests/new/?kind=other": CASEWORKERS,
    "cases/{case}/requests/new/?kind=heads_of_terms": {PLANNING_OFFICER, PLANNING_MANAGER},
    "cases/{case}/assign/": {PLANNING_MANAGER},
    "cases/{case}/take/": CASEWORKERS,
    "cases/{case}/steps/withdraw/": {PLANNING_OFFICER, PLANNING_MANAGER},
    "notices/message/": {*CASEWORKERS, *ADMINISTER},
    "notices/message/inspect/{message}/": {*CASEWORKERS, *ADMINISTER},
    "messages/{message}/send-again/": {*CASEWORKERS, ADMINISTRATOR},
    "cases/submission/": ADMINISTER,
    "users/": ADMINISTER,
    "users/new/": ADMINISTER,
    "council/edit/{council}/": ADMINISTER,
    "api-tokens/": ADMINISTER,
    "snippets/notices/lettertemplate/": ADMINISTER,
    "snippets/notices/lettertemplate/add/": ADMINISTER,
    "snippets/notices/noticetemplate/": ADMINISTER,
    "reference/requirements/": ADMINISTER,
    "reference/requirements/new/": ADMINISTER,
    "groups/": {INSTALLATION},
    "sites/": {INSTALLATION},
    "reports/site-history/": {INSTALLATION},
    "workflows/list/": {INSTALLATION},
}


@pytest.fixture
def people(make_user, authority, superuser):
    made = {role: make_user(role.replace(" ", "-").lower(), role, authority=authority) for role in ROLES}
    return {**made, INSTALLATION: superuser, NOBODY: make_user("nobody", authority=authority)}


@pytest.fixture
def case(make_application):
    return make_application("pp.full.householder", status=Status.IN_ASSESSMENT)


@pytest.fixture
def places(case, authority):
    from django.core.files.base import ContentFile

    document = Document.objects.create(
        application=case, title="Plan", file=ContentFile(b"%PDF-1.4", name="plan.pdf"), received_on="2026-06-01",
        mime_type="application/pdf", size=8,
    )  # fmt: skip
    newer = Document.objects.create(
        application=case, title="Plan B", file=ContentFile(b"%PDF-1.4", name="plan.pdf"), received_on="2026-06-01",
        mime_type="application/pdf", size=8,
    )  # fmt: skip
    page = DocumentPage.objects.create(
        document=document, number=1, width=1, height=1, preview=ContentFile(b"\xff\xd8\xff", name="1.jpg")
    )
    SharpPicture.objects.create(page=page, state="done", width=1, heights=[1])
    store_strip(document, page=1, strip=1, jpeg=b"\xff\xd8\xff")
    message = Message.objects.create(
        authority=authority, application=case, about="valid", channel="email", to_email="a@example.com",
        subject="x", body="y", status="failed",
    )  # fmt: skip
    return {"case": case.pk, "document": document.pk, "newer": newer.pk, "message": message.pk, "council": authority.pk}


@pytest.mark.parametrize("path", MATRIX)
def test_each_screen_is_open_to_exactly_these_roles(client, people, places, path):
    opened = set()
    for role, user in people.items():
        client.force_login(user)
        response = client.get("/admin/" + path.format(**places))
        assert response.status_code in {200, 302, 403, 404}, role
        if response.status_code == 200:
            opened.add(role)
    assert opened == MATRIX[path]


# --- Every address there is -----------------------------------------------------------------------------------------


def admin_addresses(*, with_parameters: bool) -> list[Address]:
    """Those of screens and of what they ask for, but not of signing in and out."""
    not_screens = {"wagtailadmin_login", "wagtailadmin_logout"}
    found = [a for a in all_addresses() if a.route.startswith("admin/") and a.name and a.name not in not_screens]
    return [a for a in found if bool(a.parameters) is with_parameters]


def fails(client, path: str) -> bool:
    client.raise_request_exception = False
    return client.get(path).status_code >= 500


@pytest.mark.parametrize("role", [*ROLES, INSTALLATION, NOBODY])
def test_every_screen_opens_or_refuses_in_words(client, people, places, role):
    client.raise_request_exception = False
    client.force_login(people[role])
    wrong, number = [], 0
    for address in admin_addresses(with_parameters=False):
        response = client.get(reverse(address.view_name))
        number += 1
        to_home = response.status_code == 302 and response.url == "/admin/"
        if response.status_code >= 500 or (to_home and not list(get_messages(response.wsgi_request))):
            wrong.append((address.view_name, response.status_code))
    assert wrong == []
    assert number > 100


@pytest.fixture
def with_every_role(make_user, authority):
    return make_user("everything", *ROLES, authority=authority)


@pytest.mark.parametrize("value", ["46", "-1e9", "\x00"])
def test_what_does_not_exist_is_not_found(client, with_every_role, superuser, value):
    wrong, number = [], 0
    for user in (with_every_role, superuser):
        client.force_login(user)
        for address in admin_addresses(with_parameters=True):
            try:
                path = reverse(address.view_name, kwargs=dict.fromkeys(address.parameters, value))
            except NoReverseMatch:
                continue  # the address itself refuses what is no number
            number += 1
            if fails(client, path):
                wrong.append(path)
    assert wrong == []
    assert number > 15


# Each asks several questions that no list knows, or none understands: of a page, an order, a filter, an export.
QUESTIONS = (
    "?q=%00&p=abc&ordering=nonsense&o=99.x&made_up=1&id=abc&parent_page_id=abc&collection_id=abc&user=abc&owner=abc",
    "?q=x&p=999999&ordering=-pk&o=-1&id=46&multiple=1&parent_page_id=46&collection_id=46&user=46&owner=46",
    "?export=csv&p=0",
    "?export=xlsx&q=x",
)


@pytest.mark.parametrize("question", QUESTIONS)
def test_no_list_fails_on_a_question(client, with_every_role, superuser, places, question):
    paths = [reverse(address.view_name) + question for address in admin_addresses(with_parameters=False)]
    client.force_login(with_every_role)
    wrong = [path for path in paths if fails(client, path)]
    client.force_login(superuser)
    wrong += [path for path in paths if fails(client, path)]
    assert wrong == []


@pytest.mark.parametrize("role", [READER, ADMINISTRATOR, INSTALLATION, NOBODY])
def test_who_does_no_casework_changes_no_case_by_any_form(client, people, places, case, authority, role):
    client.force_login(people[role])
    before = rows_of(authority)
    pk = case.pk
    addresses = [f"/admin/cases/{pk}/tasks/{slug}/" for slug in TASK_PAGES]
    addresses += [f"/admin/cases/{pk}/steps/{step}/" for step in STEPS]
    addresses += [
        f"/admin/cases/{pk}/{page}/"
        for page in ("notes", "take", "assign", "facts", "type", "publish", "unpublish", "extension", "committee",
                     "appeals", "notice", "sign-off", "documents/upload", "documents/together",
                     "requests", "requests/new", "requests/letter")
    ]  # fmt: skip
    until = timezone.localdate() + timedelta(days=30)
    form = {
        "note": "Changed", "text": "Changed", "description": "Changed", "decision": "granted", "summary": "Changed",
        "officer": str(people[PLANNING_OFFICER].pk), "action": "save", "address": "Changed", "outcome": "done",
        "agreed_until": until.isoformat(), "agreed_with": "x", "agreed_in_writing_on": "2026-06-02", "evidence": "x",
    }  # fmt: skip
    for address in addresses:
        assert client.post(address, form).status_code in {200, 302, 400, 403, 404, 405}, address
    assert {label for label, rows in rows_of(authority).items() if rows != before[label]} == set()


@pytest.mark.parametrize("role", [SUPPORT_OFFICER, READER, ADMINISTRATOR, INSTALLATION, NOBODY])
def test_personal_data_is_shown_to_those_who_work_the_case(client, people, case, role):
    client.force_login(people[role])
    page = client.get(f"/admin/cases/{case.pk}/").content.decode()
    assert ("famousfive@example.com" in page) is (role == SUPPORT_OFFICER)
