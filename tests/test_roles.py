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
from cases.admin.frame.task_pages import _PAGES as TASK_PAGES
from cases.documents.preparing.task import store_strip
from cases.lifecycle import STEPS
from cases.models import Document, DocumentPage, SharpPicture
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
    "typed/": EVERYBODY,  # each their own words
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
        application=case,
        title="Plan",
        file=ContentFile(b"%PDF-1.4", name="plan.pdf"),
        received_on="2026-06-01",
        mime_type="application/pdf",
        size=8,
    )
    newer = Document.objects.create(
        application=case,
        title="Plan B",
        file=ContentFile(b"%PDF-1.4", name="plan.pdf"),
        received_on="2026-06-01",
        mime_type="application/pdf",
        size=8,
    )
    page = DocumentPage.objects.create(
        document=document, number=1, width=1, height=1, preview=ContentFile(b"\xff\xd8\xff", name="1.jpg")
    )
    SharpPicture.objects.create(page=page, state="done", width=1, heights=[1])
    store_strip(document, page=1, strip=1, jpeg=b"\xff\xd8\xff")
    message = Message.objects.create(
        authority=authority,
        application=case,
        about="valid",
        channel="email",
        to_email="a@example.com",
        subject="x",
        body="y",
        status="failed",
    )
    return {"case": case.pk, "document": document.pk, "newer": newer.pk, "message": message.pk, "council": authority.pk}


# --- Every address there is -----------------------------------------------------------------------------------------


def admin_addresses(*, with_parameters: bool) -> list[Address]:
    """Those of screens and of what they ask for, but not of signing in and out."""
    not_screens = {"wagtailadmin_login", "wagtailadmin_logout"}
    found = [a for a in all_addresses() if a.route.startswith("admin/") and a.name and a.name not in not_screens]
    return [a for a in found if bool(a.parameters) is with_parameters]


def is_refused(response) -> bool:
    return response.status_code == 302 and response.url == "/admin/"


@pytest.mark.parametrize("role", [*ROLES, INSTALLATION, NOBODY])
def test_a_role_opens_its_screens_and_is_refused_every_other_in_words(client, people, places, role):
    client.raise_request_exception = False
    client.force_login(people[role])
    screens = {"/admin/" + path.format(**places): roles for path, roles in MATRIX.items()}
    found = {reverse(address.view_name) for address in admin_addresses(with_parameters=False)}
    assert len(found) > 100
    opened, wrong = set(), []
    for path in sorted(found | set(screens)):
        response = client.get(path)
        if response.status_code >= 500 or (is_refused(response) and not list(get_messages(response.wsgi_request))):
            wrong.append((path, response.status_code))
        if response.status_code == 200:
            opened.add(path)
    assert wrong == []
    assert opened & set(screens) == {path for path, roles in screens.items() if role in roles}


@pytest.fixture
def with_every_role(make_user, authority):
    return make_user("everything", *ROLES, authority=authority)


@pytest.mark.parametrize("value", ["46", "-1e9", "\x00"])
def test_what_does_not_exist_is_not_found(client, with_every_role, superuser, value):
    """Looked for by the first of the two whom the screen lets in."""
    client.raise_request_exception = False
    wrong, looked = [], set()
    for user in (with_every_role, superuser):
        client.force_login(user)
        for address in admin_addresses(with_parameters=True):
            try:
                path = reverse(address.view_name, kwargs=dict.fromkeys(address.parameters, value))
            except NoReverseMatch:
                continue  # the address itself refuses what is no number
            if path in looked:
                continue
            response = client.get(path)
            if response.status_code >= 500:
                wrong.append(path)
            if not is_refused(response):
                looked.add(path)
    assert wrong == []
    assert len(looked) > 5


# Each asks several questions that no list knows, or none understands: of a page, an order, a filter, an export.
NO_SUCH_WORDS = "?q=%00&p=abc&ordering=nonsense&o=99.x&made_up=1&id=abc&collection_id=abc&user=abc&owner=abc"
NO_SUCH_NUMBERS = "?q=x&p=999999&ordering=-pk&o=-1&id=46&multiple=1&parent_page_id=46&collection_id=46&user=46&owner=46"
EXPORTS = ("?export=csv&p=0", "?export=xlsx&q=x")


def questions_for(address: Address, *, asked_before: bool, page: bytes) -> list[str]:
    """After the words. Results are a part of a page that is asked too, and files come from where the page offers them;
    the second to be let in sees more rows by the same screen."""
    is_part = getattr(address.pattern.callback, "view_initkwargs", {}).get("results_only")
    if is_part or asked_before:
        return []
    return [NO_SUCH_NUMBERS, *(EXPORTS if b"export=csv" in page else ())]


def test_no_list_fails_on_a_question(client, with_every_role, superuser, places):
    client.raise_request_exception = False
    wrong, asked, files = [], set(), 0
    for user in (with_every_role, superuser):
        client.force_login(user)
        for address in admin_addresses(with_parameters=False):
            path = reverse(address.view_name)
            answers = {NO_SUCH_WORDS: client.get(path + NO_SUCH_WORDS)}
            if not is_refused(answers[NO_SUCH_WORDS]):
                page = answers[NO_SUCH_WORDS].content
                more = questions_for(address, asked_before=path in asked, page=page)
                answers |= {question: client.get(path + question) for question in more}
                asked.add(path)
            files += sum(answer.headers.get("Content-Type", "").startswith("text/csv") for answer in answers.values())
            wrong += [path + question for question, answer in answers.items() if answer.status_code >= 500]
    assert wrong == []
    assert len(asked) > 100
    assert files > 5


def test_a_page_that_is_no_number_is_not_found_whatever_screen_is_asked(client, with_every_role):
    """It is answered before any screen is: one stands for all."""
    client.force_login(with_every_role)
    assert client.get(reverse("wagtailadmin_choose_page") + "?parent_page_id=abc").status_code == 404


IN_BULK = (
    "wagtailcore/page/publish",
    "wagtailcore/page/move",
    "wagtailimages/image/delete",
    "wagtaildocs/document/add_tags",
    "cases/planningapplication/take",
)


TOO_LARGE = "9" * 5000  # more digits than Python reads


@pytest.mark.parametrize("asked", [
    "id=", "id=abc", "id=²", "id=%00", f"id={TOO_LARGE}", "id=all&childOf=abc", "id=all&childOf=46", "id=all&childOf=",
    f"id=all&childOf={TOO_LARGE}",
], ids=lambda asked: asked[:24])  # fmt: skip
def test_nothing_is_done_with_many_of_what_is_not_there(client, with_every_role, asked):
    client.raise_request_exception = False
    client.force_login(with_every_role)
    answers = {path: client.get(f"/admin/bulk/{path}/?{asked}").status_code for path in IN_BULK}
    assert {path: status for path, status in answers.items() if status >= 500} == {}


@pytest.mark.parametrize(
    ("task", "form"),
    [
        ("check_constraints", {"action": "remove", "row": "²", "remove-²-because": "x"}),
        ("plans", {"action": "save", "documents": "²"}),
        ("conditions", {"action": "pick", "pick--standards": "²"}),
    ],
)
def test_what_is_a_digit_and_no_number_names_no_row(client, with_every_role, case, task, form):
    client.raise_request_exception = False
    client.force_login(with_every_role)
    assert client.post(f"/admin/cases/{case.pk}/tasks/{task}/", form).status_code < 500


def test_what_is_not_there_is_said_in_our_words(client, officer):
    client.force_login(officer)
    page = client.get("/admin/cases/999999999/")
    assert page.status_code == 404
    assert ("not for you to see" in page.content.decode(), "Go to Wagtail" in page.content.decode()) == (True, False)


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


def test_personal_data_is_shown_to_those_who_work_the_case(client, people, case):
    shown = set()
    for role in (SUPPORT_OFFICER, READER, ADMINISTRATOR, INSTALLATION, NOBODY):
        client.force_login(people[role])
        if "famousfive@example.com" in client.get(f"/admin/cases/{case.pk}/").content.decode():
            shown.add(role)
    assert shown == {SUPPORT_OFFICER}
