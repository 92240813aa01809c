"""Every address of the casework in the admin, walked by people who have no business there."""

import re
from datetime import date

import pytest
from django.urls import get_resolver

from cases.admin import urls
from cases.admin.frame import task_pages
from cases.admin.frame.case_actions import ENDINGS
from cases.admin.frame.case_list import CaseViewSet
from cases.admin.reference_data.pages import ReferenceDataGroup
from cases.models import (
    ApplicationType,
    CaseEvent,
    Document,
    PlanningApplication,
    Policy,
    Requirement,
    StandardCondition,
)
from cases.statuses import Status

pytestmark = pytest.mark.django_db
SECRET = "99 Nowhere Else Lane"


def addresses_under_cases() -> list[str]:
    """Every pattern of the admin below /admin/cases/, ours and those of packages above."""
    found = []

    def walk(patterns, prefix: str) -> None:
        for pattern in patterns:
            route = prefix + str(pattern.pattern).lstrip("^")
            if hasattr(pattern, "url_patterns"):
                walk(pattern.url_patterns, route)
            elif route.startswith("admin/cases/") and not route.endswith("$"):  # modeladmin's own have tests of theirs
                found.append(route)

    walk(get_resolver().url_patterns, "")
    return sorted(set(found))


def filled(route: str, application, document) -> list[str]:
    """Addresses of this route for one case; every task and every step where it takes one."""
    pk = document.pk if "document" in route else application.pk
    route = re.sub(r"<int:(pk|application_pk)>", str(pk), route)
    slugs = {"slug:slug": sorted(task_pages._PAGES), "slug:step": sorted(ENDINGS)}
    routes = [route]
    for name, values in slugs.items():
        routes = [r.replace(f"<{name}>", value) for r in routes for value in (values if f"<{name}>" in r else [""])]
    return [f"/{re.sub('<[^>]+>', '1', r)}" for r in routes]


@pytest.fixture
def application(make_application, officer):
    return make_application("pp.full.householder", status=Status.IN_ASSESSMENT, address=SECRET, officer=officer)


@pytest.fixture
def document(application):
    return Document.objects.create(application=application, title=SECRET, received_on=date(2026, 6, 1), file="x.pdf")


def test_the_walk_meets_the_pages_that_there_are():
    routes = addresses_under_cases()
    assert len(routes) >= len(urls.urlpatterns) + len(CaseViewSet().get_urlpatterns()) - 1
    assert {"admin/cases/<int:pk>/", "admin/cases/results/", "admin/cases/documents/<int:pk>/"} <= set(routes)


def test_an_officer_of_another_council_sees_and_changes_nothing(
    client, application, document, make_user, other_authority
):
    client.force_login(make_user("boss", "Planning manager", authority=other_authority))
    events, before = CaseEvent.objects.count(), PlanningApplication.objects.values().get(pk=application.pk)
    for route in addresses_under_cases():
        # What is of one case is not there for a stranger, whatever is asked of it; a list is asked.
        queries = [""] if "<int:pk>" in route else ["", f"?q={application.reference}", "?list=all"]
        for address in filled(route, application, document):
            answers = [client.get(address + query) for query in queries]
            answers.append(client.post(address, {"note": "x", "on": "2026-06-20"}))
            for response in answers:
                assert response.status_code in (200, 302, 404, 405, 422), address
                body = b"".join(response) if response.streaming else response.content
                if response.status_code == 302:
                    assert response.url in ("/admin/", "/admin/cases/"), address
                if "<int:pk>" in route:
                    assert response.status_code != 200, address
                assert SECRET.encode() not in body, address
                assert f">{application.reference}<".encode() not in body, address
    assert CaseEvent.objects.count() == events
    assert PlanningApplication.objects.values().get(pk=application.pk) == before


def test_nobody_gets_in_without_signing_in(client, application, document):
    for route in addresses_under_cases():
        for address in filled(route, application, document):
            response = client.get(address)
            assert response.status_code == 302, address
            assert response.url.startswith("/admin/login/"), address


@pytest.mark.parametrize(
    "address", ["", "results/", "?q=Nowhere", "chosen/{pk}/", "chosen-multiple/?id={pk}", "create/"]
)
def test_the_chooser_of_cases_offers_a_council_its_own_only(address, client, application, other_officer):
    client.force_login(other_officer)
    try:
        response = client.get(f"/admin/snippets/choose/cases/planningapplication/{address.format(pk=application.pk)}")
    except PlanningApplication.DoesNotExist:
        return  # not offered at all
    assert application.reference.encode() not in response.content


READERS_PAGES = {"": 200, "history/": 200, "tasks/check_documents/": 200, "tasks/check_fee/": 200}
OFFICERS_PAGES = ("facts/", "type/", "steps/withdraw/", "steps/close/", "publish/", "notes/")


@pytest.mark.parametrize("role", ["reader", "administrator"])
def test_whoever_only_reads_gets_the_pages_without_their_buttons(role, client, application, request):
    client.force_login(request.getfixturevalue(role))
    base = f"/admin/cases/{application.pk}/"
    for address, status in READERS_PAGES.items():
        response = client.get(base + address)
        assert response.status_code == status, address
        assert "Save and mark complete" not in response.content.decode()
    for address in OFFICERS_PAGES:
        assert client.get(base + address).url == "/admin/", address
        refused = client.post(base + address, {"note": "x", "text": "x"})
        assert refused.status_code == 403, address  # what was typed comes back, and nothing else happens
        assert refused.templates[0].name == "cases/admin/not_saved.html", address
    assert client.post(f"{base}tasks/check_fee/", {"outcome": "done"}).url == "/admin/"
    assert client.get("/admin/cases/new/").url == "/admin/"
    assert application.checks.count() == 0


def test_every_form_of_a_task_is_locked_for_who_only_reads(client, application, reader):
    client.force_login(reader)
    form = client.get(f"/admin/cases/{application.pk}/tasks/check_fee/").context["form"]
    assert all(field.disabled for field in form.fields.values())


def test_the_audit_list_is_of_one_council_and_read_only(client, application, officer, other_officer):
    event = application.events.first()
    client.force_login(officer)
    assert application.reference in client.get("/admin/cases/caseevent/").content.decode()
    assert client.get(f"/admin/cases/caseevent/inspect/{event.pk}/").status_code == 200
    for address in ("create/", f"edit/{event.pk}/", f"delete/{event.pk}/"):
        assert client.post(f"/admin/cases/caseevent/{address}").status_code in (302, 403, 404)
    client.force_login(other_officer)
    assert application.reference not in client.get("/admin/cases/caseevent/").content.decode()
    response = client.get(f"/admin/cases/caseevent/inspect/{event.pk}/")
    assert response.status_code in (302, 404)
    assert SECRET.encode() not in response.content


# --- Reference data --------------------------------------------------------------------------------------------------

REFERENCE = list(ReferenceDataGroup.items)
VIEWS = ("edit", "delete", "history", "usage", "inspect")


@pytest.fixture
def foreign_condition(other_authority):
    return StandardCondition.objects.create(
        authority=other_authority, slug="secret", title="Secret of another council", text="x", reason="y"
    )


def test_a_row_of_another_council_is_invisible(client, administrator, foreign_condition):
    client.force_login(administrator)
    base = "/admin/reference/conditions/"
    assert "Secret of another council" not in client.get(base, {"q": "secret"}).content.decode()
    for view in VIEWS:
        for method in (client.get, client.post):
            response = method(f"{base}{view}/{foreign_condition.pk}/", {"title": "Mine now"})
            assert response.status_code in (302, 404), view
            assert b"Secret" not in response.content
    foreign_condition.refresh_from_db()
    assert foreign_condition.title == "Secret of another council"


def test_what_all_councils_share_is_read_by_all_and_changed_by_none_of_several(client, administrator, other_authority):
    client.force_login(administrator)
    for viewset in REFERENCE:
        row = viewset.model.objects.first()
        base = f"/admin/{viewset.url_prefix}/"
        assert client.get(base).status_code == 200
        assert client.get(f"{base}inspect/{row.pk}/").status_code == 200
        assert client.get(f"{base}edit/{row.pk}/").url == "/admin/"
        assert client.post(f"{base}edit/{row.pk}/", {}).url == "/admin/"
        assert client.post(f"{base}delete/{row.pk}/").url == "/admin/"
        assert viewset.model.objects.filter(pk=row.pk).exists()


@pytest.mark.parametrize("viewset", REFERENCE, ids=lambda viewset: viewset.name)
def test_the_only_council_s_administrator_changes_what_is_shipped_and_marks_it(viewset, client, administrator):
    client.force_login(administrator)
    row = viewset.model.objects.first()
    address = f"/admin/{viewset.url_prefix}/edit/{row.pk}/"
    form = client.get(address).context["form"]
    data = {name: "" if form[name].value() is None else form[name].value() for name in form.fields}
    response = client.post(address, {name: value for name, value in data.items() if value is not False})
    assert response.status_code == 302, response.context["form"].errors
    row.refresh_from_db()
    assert row.is_customised


@pytest.mark.parametrize("role", ["officer", "reader", "manager"])
def test_reference_data_is_for_administrators(role, client, request):
    client.force_login(request.getfixturevalue(role))
    for viewset in REFERENCE:
        row = viewset.model.objects.first()
        for address in ("", "new/", f"edit/{row.pk}/", f"inspect/{row.pk}/"):
            assert client.get(f"/admin/{viewset.url_prefix}/{address}").url == "/admin/", address


def test_a_list_of_reference_data_asks_no_question_for_each_row(client, administrator, django_assert_max_num_queries):
    """Nor one for each item of the menu, which stands on every page."""
    client.force_login(administrator)
    for viewset in REFERENCE:
        with django_assert_max_num_queries(15):
            page = client.get(f"/admin/{viewset.url_prefix}/")
        assert page.context["object_list"]


def test_a_new_row_belongs_to_the_council_of_whoever_wrote_it(client, administrator, other_authority):
    client.force_login(administrator)
    data = {"title": "Local plan", "slug": "lp-1", "plan": "Local plan", "number": "1", "is_active": "on"}
    assert client.post("/admin/reference/policies/new/", data).url == "/admin/reference/policies/"
    policy = Policy.objects.get(slug="lp-1")
    assert (policy.authority, policy.is_customised) == (administrator.authority, True)


def test_decisions_of_a_type_keep_their_shape(client, administrator):
    kind = ApplicationType.objects.first()
    client.force_login(administrator)
    address = f"/admin/reference/application-types/edit/{kind.pk}/"
    form = client.get(address).context["form"]
    data = {name: "" if form[name].value() is None else form[name].value() for name in form.fields}
    data = {name: value for name, value in data.items() if value is not False}
    response = client.post(address, {**data, "decisions": '["granted"]'})
    assert response.status_code == 200
    assert "decisions" in response.context["form"].errors


# --- The local list ---------------------------------------------------------------------------------------------------

LOCAL_ITEM = {
    "title": "Parking survey",
    "slug": "parking-survey",
    "basis": "Our local list, item 7",
    "rule": "document",
    "document_types": ["transportAssessment", "parkingPlan"],
    "application_types": ["pp.full.minor"],
    "constraints": [],
    "sort_order": "900",
    "is_active": "on",
}


def test_an_administrator_writes_the_own_councils_local_list(client, administrator, other_authority):
    client.force_login(administrator)
    assert client.get("/admin/reference/requirements/new/").status_code == 200

    response = client.post("/admin/reference/requirements/new/", LOCAL_ITEM)

    assert response.url == "/admin/reference/requirements/"
    item = Requirement.objects.get(slug="parking-survey")
    assert item.authority == administrator.authority
    assert item.document_types == ["transportAssessment", "parkingPlan"]
    assert item.constraints == []
    address = f"/admin/reference/requirements/edit/{item.pk}/"
    page = client.get(address).content.decode()
    assert '<input type="checkbox" name="document_types" value="parkingPlan"' in page
    assert client.post(address, {**LOCAL_ITEM, "title": "Parking"}).status_code == 302
    item.refresh_from_db()
    assert item.title == "Parking"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"document_types": []}, "document_types"),
        ({"document_types": ["noSuchPaper"]}, "document_types"),
        ({"constraints": ["moonlight"]}, "constraints"),
        ({"application_types": ["pp.castle"]}, "application_types"),
        ({"rule": "whatever"}, "rule"),
    ],
)
def test_an_item_of_the_local_list_names_only_what_there_is(client, administrator, changes, field):
    client.force_login(administrator)

    response = client.post("/admin/reference/requirements/new/", {**LOCAL_ITEM, **changes})

    assert field in response.context["form"].errors
    assert not Requirement.objects.filter(slug="parking-survey").exists()


def test_two_items_of_one_council_are_not_called_the_same(client, administrator, other_authority):
    client.force_login(administrator)
    Requirement.objects.create(
        **{**LOCAL_ITEM, "sort_order": 1, "is_active": True, "constraints": [], "authority": other_authority}
    )
    assert client.post("/admin/reference/requirements/new/", LOCAL_ITEM).status_code == 302

    again = client.post("/admin/reference/requirements/new/", LOCAL_ITEM)

    assert "slug" in again.context["form"].errors
    assert Requirement.objects.filter(slug="parking-survey").count() == 2


def test_another_councils_local_list_is_neither_seen_nor_changed(client, administrator, other_authority):
    foreign = Requirement.objects.create(
        authority=other_authority, slug="secret", title="Secret of another council", basis="x", rule="look"
    )
    client.force_login(administrator)
    base = "/admin/reference/requirements/"
    assert "Secret of another council" not in client.get(base, {"q": "secret"}).content.decode()
    for view in VIEWS:
        for method in (client.get, client.post):
            response = method(f"{base}{view}/{foreign.pk}/", LOCAL_ITEM)
            assert response.status_code in (302, 404), view
            assert b"Secret" not in response.content
    foreign.refresh_from_db()
    assert foreign.title == "Secret of another council"
