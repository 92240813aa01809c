"""The lists of officers: what is in each, in which order, and what leaves as a spreadsheet.

One council with a case for each list, which no test of these changes for another: test_admin_lists_of_few.py has the
rest.
"""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import partial
from io import BytesIO

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone
from openpyxl import load_workbook

from accounts.models import LocalAuthority, User
from accounts.roles import PLANNING_MANAGER, PLANNING_OFFICER, READER, website_editors
from cases.admin.frame.home_panels import OF_PAGES
from cases.law import deadlines
from cases.models import Document, PlanningApplication
from cases.permissions import cases_for
from cases.statuses import Decision, Status
from cases.validation.checklist import missing_counts
from cases.worklists.officer_lists import COUNTED, OFFICER_LISTS, count_lists, in_list
from tests.database import COUNCIL, give_public_site, make_authority
from tests.making import new_application, new_user, one_world

pytestmark = pytest.mark.django_db


PEOPLE = {
    "officer": PLANNING_OFFICER,
    "manager": PLANNING_MANAGER,
    "second_manager": PLANNING_MANAGER,
    "reader": READER,
}


@pytest.fixture(scope="module")
def made(django_db_setup, django_db_blocker) -> Iterator[dict[str, int]]:
    """The keys of all the rows by their names."""
    with one_world(django_db_blocker):
        authority = make_authority(*COUNCIL)
        people = {name: new_user(name, role, authority=authority) for name, role in PEOPLE.items()}
        officers = {name: person for name, person in people.items() if name != "reader"}
        cases = one_for_each_list(authority, **officers)
        yield {name: row.pk for name, row in {"authority": authority, **people, **cases}.items()}


@pytest.fixture
def authority(made, db) -> LocalAuthority:
    return LocalAuthority.objects.get(pk=made["authority"])


def person(name: str) -> Callable[..., User]:
    @pytest.fixture(name=name)
    def found(made, db) -> User:
        return User.objects.get(pk=made[name])

    return found


officer, manager, second_manager, reader = map(person, PEOPLE)


@pytest.fixture
def cases(made, db) -> dict[str, PlanningApplication]:
    """One case for each list, by the name of the list."""
    found = PlanningApplication.objects.in_bulk()
    return {name: found[pk] for name, pk in made.items() if name not in {"authority", *PEOPLE}}


def one_for_each_list(
    authority: LocalAuthority, *, officer: User, manager: User, second_manager: User
) -> dict[str, PlanningApplication]:
    make_application = partial(new_application, authority=authority)
    today = timezone.localdate()
    soon = deadlines.add_working_days(today, 10)
    far = today + timedelta(days=90)
    valid = {"status": Status.IN_ASSESSMENT, "received_on": today - timedelta(days=100), "officer": manager}

    def due(day: date) -> dict:
        return {"statutory_expiry_on": min(day, today), "expires_on": day}

    now = timezone.now()

    def asked(application, **fields) -> PlanningApplication:
        sent = {"sent_at": now, "sent_by": manager, "due_on": today, **fields}
        application.validation_requests.create(
            number=application.validation_requests.count() + 1,
            kind="fee",
            title="Fee",
            text="x",
            raised_by=manager,
            **sent,
        )
        return application

    invalid = {"status": Status.INVALIDATED, "officer": manager}
    settled = {"outcome": "accepted", "arrived_on": today, "resolved_at": now}
    answered = {"answer": "replied", "answered_at": now}
    return {
        "to_validate": make_application(officer=manager),
        "noted_only": asked(make_application(officer=manager), sent_at=None, sent_by=None, due_on=None),
        "waiting_for_applicant": asked(make_application(**invalid)),
        "nothing_asked": make_application(**invalid),
        "all_settled": asked(make_application(**invalid), **settled),
        "answered": asked(make_application(**invalid), **answered),
        "answered_and_waiting": asked(asked(make_application(**invalid), **answered)),
        "valid_and_waiting": asked(make_application(**valid, **due(far))),
        "overdue": asked(make_application(**invalid), due_on=today - timedelta(days=1)),
        "unassigned": make_application(**{**valid, "officer": None, **due(far)}),
        "mine": make_application(**{**valid, "officer": officer, **due(far)}),
        "late": make_application(**valid, **due(today - timedelta(days=1))),
        "due_soon": make_application(**valid, **due(soon)),
        "not_so_soon": make_application(**valid, **due(soon + timedelta(days=1))),
        "consultation_open": make_application(**valid, **due(far), consultation_ends_on=today),
        "sent_back": make_application(**{**valid, "status": Status.TO_BE_REVIEWED}, **due(far)),
        "to_sign_off": make_application(
            **{**valid, "status": Status.AWAITING_DETERMINATION},
            **due(far),
            recommended=Decision.LDC_GRANTED,
            recommended_by=officer,
        ),
        "own_recommendation": make_application(
            **{**valid, "status": Status.AWAITING_DETERMINATION},
            **due(far),
            recommended=Decision.LDC_GRANTED,
            recommended_by=second_manager,
        ),
        "ended": asked(make_application(**{**valid, "status": Status.WITHDRAWN}, **due(far)), **answered),
        "ended_unanswered": asked(make_application(**{**valid, "status": Status.WITHDRAWN}, **due(far))),
    }


def test_documents_for_a_second_look_are_listed_for_another_who_may_publish(cases, officer, manager, reader):
    case = cases["late"]
    Document.objects.create(
        application=case,
        title="Plan",
        received_on=case.received_on,
        file="x.pdf",
        publication_asked_by=officer,
        publication_asked_at=timezone.now(),
    )
    seen = {user: list(in_list(cases_for(user), "second_look", user)) for user in (officer, manager, reader)}
    assert seen == {officer: [], manager: [case], reader: []}


@pytest.mark.parametrize(
    ("slug", "names"),
    [
        ("to_validate", {"to_validate", "noted_only", "nothing_asked", "all_settled"}),
        ("answers", {"answered", "answered_and_waiting"}),
        ("waiting_for_applicant", {"waiting_for_applicant", "answered_and_waiting", "valid_and_waiting", "overdue"}),
        ("answers_overdue", {"overdue"}),
        ("unassigned", {"unassigned"}),
        ("mine", {"mine"}),
        ("late", {"late"}),
        ("due_soon", {"due_soon"}),
        ("consultation_open", {"consultation_open"}),
        ("sent_back", {"sent_back"}),
    ],
)
def test_a_list_holds_what_its_name_says(slug, names, cases, officer):
    assert set(in_list(cases_for(officer), slug, officer)) == {cases[name] for name in names}


def test_waiting_for_my_sign_off_is_what_i_may_sign(cases, officer, second_manager):
    assert list(in_list(cases_for(officer), "to_sign_off", officer)) == []
    assert list(in_list(cases_for(second_manager), "to_sign_off", second_manager)) == [cases["to_sign_off"]]


def test_the_numbers_beside_the_names_are_those_of_the_lists_in_one_query(
    cases, second_manager, django_assert_num_queries
):
    scope = cases_for(second_manager)
    second_manager.has_perm("cases.view_planningapplication")
    with django_assert_num_queries(1):
        numbers = count_lists(scope, second_manager)
    assert set(numbers) == {officer_list.slug for officer_list in OFFICER_LISTS} - {"all"}
    for officer_list in COUNTED:
        assert numbers[officer_list.slug] == in_list(scope, officer_list.slug, second_manager).count(), officer_list


def rows(response) -> list[str]:
    return [str(case) for case in response.context["object_list"]]


def test_a_list_is_a_url_sorted_by_due_date(client, officer, cases):
    client.force_login(officer)
    response = client.get("/admin/cases/")
    due = [case.expires_on or date.max for case in response.context["object_list"]]
    assert due == sorted(due)
    assert cases["ended"].reference not in rows(response)
    assert rows(client.get("/admin/cases/?list=late")) == [cases["late"].reference]
    assert cases["ended"].reference in rows(client.get("/admin/cases/?list=all"))


def test_a_search_looks_through_the_ended_cases_too(client, officer, cases):
    client.force_login(officer)
    assert rows(client.get("/admin/cases/", {"q": cases["ended"].reference})) == [cases["ended"].reference]


def test_the_list_of_sign_offs_is_for_those_who_sign_off(client, officer, manager, cases):
    def tabs(user) -> set[str]:
        client.force_login(user)
        return {tab["name"] for tab in client.get("/admin/cases/").context["tabs"]}

    assert tabs(manager) - tabs(officer) == {"Waiting for my sign-off"}


def test_filters_narrow_a_list(client, officer, cases):
    client.force_login(officer)
    response = client.get("/admin/cases/", {"status": Status.TO_BE_REVIEWED})
    assert rows(response) == [cases["sent_back"].reference]
    assert rows(client.get("/admin/cases/", {"list": "late", "status": Status.TO_BE_REVIEWED})) == []


@pytest.mark.parametrize(
    "query", ["", "list=", "foo=bar", "utm_source=mail", "ordering=nonsense", "p=nonsense", "q=%20"]
)
def test_what_asks_nothing_of_the_list_brings_the_open_cases(query, client, officer, cases):
    client.force_login(officer)
    page = client.get(f"/admin/cases/?{query}")
    assert set(rows(page)) == {str(case) for case in cases.values() if case.is_open}
    assert [tab["name"] for tab in page.context["tabs"] if tab["is_current"]] == ["All open"]


@pytest.mark.parametrize(
    ("query", "left_out", "current"),
    [
        ("list=nonsense", "List", "All open"),
        ("list=%00", "List", "All open"),
        ("status=nonsense", "Status", "All open"),
        ("officer=999999", "Officer", "All open"),
        ("officer=x", "Officer", "All open"),
        ("received_on_from=2026-02-31", "Received", "All open"),
        ("list=late&status=nonsense", "Status", "Late"),
        ("list=late&expires_on_to=soon&decision=x", "Due”, “Decision", "Late"),
    ],
)
@pytest.mark.parametrize("address", ["/admin/cases/", "/admin/cases/results/"])
def test_what_a_list_does_not_know_is_said_and_left_out(address, query, left_out, current, client, officer, cases):
    client.force_login(officer)
    page = client.get(f"{address}?{query}")
    named = set(page.context["left_out"])
    assert named == set(left_out.split("”, “"))
    assert "is not known to this list, so it was left out." in page.content.decode()
    assert [tab["name"] for tab in page.context["tabs"] if tab["is_current"]] == [current]
    shown = [cases["late"]] if current == "Late" else [case for case in cases.values() if case.is_open]
    assert set(rows(page)) == {str(case) for case in shown}


def test_days_left_are_said_in_words(client, officer, cases):
    client.force_login(officer)
    page = client.get("/admin/cases/?list=late").content.decode()
    assert "1 day late" in page
    assert 'class="case-tag case-tag--status case-tag--in_assessment">In assessment' in page


def test_a_list_says_what_is_asked_of_the_applicant_and_what_is_the_officers_turn(client, officer, cases):
    client.force_login(officer)
    today = f"{timezone.localdate():%-d %b %Y}"

    def said(slug: str, name: str) -> list[str]:
        page = client.get(f"/admin/cases/?list={slug}")
        [case] = [case for case in page.context["object_list"] if case == cases[name]]
        assert all(one.words in page.content.decode() for one in case.asked)
        return [one.words for one in case.asked]

    assert said("waiting_for_applicant", "valid_and_waiting") == [f"With the applicant until {today}"]
    assert said("waiting_for_applicant", "answered_and_waiting") == [
        "1 answer to look at",
        f"With the applicant until {today}",
    ]
    assert said("answers_overdue", "overdue")[0].startswith("Answer was due ")
    assert said("mine", "mine") == []
    assert said("all", "ended_unanswered") == []  # nobody waits for it any more
    missing = missing_counts([cases["to_validate"]])[cases["to_validate"].pk]
    assert missing > 1
    assert said("to_validate", "to_validate") == [f"{missing} things missing"]


def test_the_home_page_shows_answers_to_look_at_and_counts_what_is_overdue(client, officer, cases):
    client.force_login(officer)
    page = client.get("/admin/").content.decode()
    assert "Answers to look at (2)" in page
    assert cases["answered"].reference in page
    assert '?list=answers_overdue">1 with an answer overdue</a>' in page


def test_the_home_page_speaks_of_cases_and_not_of_pages_to_who_edits_none(client, officer, manager, cases):
    """Wagtail's own panels call decision notices “pages and snippets in a workflow”."""

    def pages_told_to(user) -> set:
        client.force_login(user)
        return {type(panel) for panel in client.get("/admin/").context["panels"]} & set(OF_PAGES)

    assert pages_told_to(officer) == pages_told_to(manager) == set()
    give_public_site(manager.authority)
    manager.groups.add(Group.objects.get(name=website_editors(manager.authority)))
    assert pages_told_to(manager) == set(OF_PAGES)


def test_a_list_leaves_as_xlsx(client, officer, cases):
    client.force_login(officer)
    content = b"".join(client.get("/admin/cases/?list=late&export=xlsx"))
    sheet = list(load_workbook(BytesIO(content)).active.iter_rows(values_only=True))
    assert [row[0] for row in sheet[1:]] == [cases["late"].reference]
