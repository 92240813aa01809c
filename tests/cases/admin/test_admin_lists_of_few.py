"""The lists of officers with a row or two: who is found, how many queries, and what is done with many at once."""

import csv
from io import StringIO

import pytest
from django.utils import timezone

from cases.models import CaseEvent, PlanningApplication
from cases.statuses import Status

pytestmark = pytest.mark.django_db


def rows(response) -> list[str]:
    return [str(case) for case in response.context["object_list"]]


def test_an_empty_list_says_so_and_not_that_nothing_matches(client, officer):
    client.force_login(officer)
    assert "There is nothing in this list." in client.get("/admin/cases/?list=late").content.decode()
    assert "No case matches." in client.get("/admin/cases/?list=late&status=closed").content.decode()


def test_a_reader_does_not_find_people_and_an_officer_does(client, officer, reader, make_application):
    application = make_application()
    application.parties.update(last_name="Kirrin")
    client.force_login(reader)
    assert rows(client.get("/admin/cases/?q=Kirrin")) == []
    client.force_login(officer)
    assert rows(client.get("/admin/cases/?q=Kirrin")) == [application.reference]


@pytest.mark.parametrize(
    "address",
    ["/admin/cases/", "/admin/cases/results/", "/admin/cases/?list=mine", "/admin/cases/?list=to_validate", "/admin/"],
)
def test_the_number_of_queries_does_not_grow_with_rows(
    address, client, officer, make_application, django_assert_max_num_queries, django_assert_num_queries
):
    client.force_login(officer)
    now = timezone.now()

    def one_of_each(type_code: str = "ldc.proposed") -> None:
        make_application(type_code, status=Status.IN_ASSESSMENT, officer=officer)
        make_application(type_code, officer=officer)
        answered = make_application(type_code, status=Status.INVALIDATED, officer=officer)
        answered.validation_requests.create(
            number=1,
            kind="fee",
            title="Fee",
            text="x",
            raised_by=officer,
            sent_at=now,
            answer="replied",
            answered_at=now,
        )

    one_of_each()
    client.get(address)  # what is read once a process: content types, sites
    with django_assert_max_num_queries(60) as with_one:
        client.get(address)
    for _ in range(2):
        one_of_each("pp.full.householder")
    with django_assert_num_queries(len(with_one)):
        client.get(address)


def test_a_list_leaves_as_csv_and_no_cell_is_a_formula(client, officer, make_application):
    make_application(description="=HYPERLINK(1)", address="+44", officer=officer)
    client.force_login(officer)
    text = b"".join(client.get("/admin/cases/?list=mine&export=csv")).decode()
    [row] = csv.DictReader(StringIO(text))
    assert row["Description"] == "'=HYPERLINK(1)"
    assert row["Address"] == "'+44"
    assert row["Officer"] == str(officer)
    assert row["Status"] == "To validate"


def bulk(action: str, *cases) -> str:
    ids = "&".join(f"id={case.pk}" for case in cases)
    return f"/admin/bulk/cases/planningapplication/{action}/?{ids}&next=/admin/cases/"


def test_many_cases_are_taken_at_once_and_each_has_its_event(client, officer, make_application):
    free, also_free = make_application(), make_application()
    client.force_login(officer)
    response = client.post(bulk("take", free, also_free))
    assert response.url == "/admin/cases/"
    free.refresh_from_db()
    assert free.officer == officer
    assert CaseEvent.objects.filter(kind="assigned", by=officer).count() == 2


def test_the_page_after_says_how_many_and_why_others_are_left_out(client, manager, officer, make_application):
    free, held = make_application(), make_application(officer=officer)
    closed = make_application(status=Status.CLOSED)
    client.force_login(manager)
    take, neither = (client.get(bulk("take", *cases)).content.decode() for cases in ([free, held], [held, closed]))
    assert take.count("Take 1 case") == 3  # title, heading and button
    assert "Left out: somebody is their officer already" in take
    assert "Nothing can be done with what you selected: somebody is their officer already" in neither
    assert 'type="submit">Take' not in neither
    give = client.get(bulk("assign", free, held, closed)).content.decode()
    assert give.count("Give 2 cases to an officer") == 3
    assert "Left out: they are closed." in give


def test_a_manager_gives_out_many_cases(client, manager, officer, make_application):
    cases = [make_application(), make_application()]
    client.force_login(manager)
    client.post(bulk("assign", *cases), {"officer": officer.pk})
    for case in cases:
        case.refresh_from_db()
        assert case.officer == officer


@pytest.mark.parametrize("where", ["bulk", "single"])
def test_nobody_is_never_chosen_beforehand_and_must_be_chosen_to_be_meant(
    client, manager, officer, make_application, where
):
    """One press on the page as it opens takes no case from its officer."""
    cases = [make_application(officer=officer), make_application(officer=officer)]
    address = bulk("assign", *cases) if where == "bulk" else f"/admin/cases/{cases[0].pk}/assign/"
    client.force_login(manager)
    opened = client.get(address).content.decode()
    assert '<option value="nobody" selected' not in opened
    assert '<option value="nobody">Nobody' in opened
    refused = client.post(address, {"officer": ""})
    assert refused.status_code == 422
    assert "Choose an officer, or Nobody" in refused.content.decode()
    assert cases[0].reference in refused.content.decode()
    assert (cases[1].reference in refused.content.decode()) == (where == "bulk")
    assert set(PlanningApplication.objects.values_list("officer", flat=True)) == {officer.pk}
    client.post(address, {"officer": "nobody"})
    cases[0].refresh_from_db()
    assert cases[0].officer is None


def test_a_case_of_somebody_who_has_left_is_not_about_to_be_taken_from_them(client, manager, officer, make_application):
    application = make_application(officer=officer)
    officer.is_active = False
    officer.save()
    client.force_login(manager)
    page = client.get(f"/admin/cases/{application.pk}/assign/")
    assert "selected" not in str(page.context["form"]["officer"]).replace('value="" selected', "")
    assert client.post(f"/admin/cases/{application.pk}/assign/", {"officer": ""}).status_code == 422


def test_a_list_offers_in_bulk_what_its_reader_may_do_and_no_boxes_to_tick_for_nothing(
    client, manager, officer, reader, administrator, make_application
):
    make_application()
    box, seen = "data-bulk-action-checkbox", {}
    for user in (manager, officer, reader):
        client.force_login(user)
        page = client.get("/admin/cases/").content.decode()
        seen[user] = [name for name in ("assign", "take", "delete") if f"/planningapplication/{name}/" in page]
        assert (box in page) == bool(seen[user])
    assert (seen[manager], seen[officer], seen[reader]) == (["assign", "take"], ["take"], [])
    # Nothing can be done with many of these at once; Wagtail's “Delete” would be refused.
    client.force_login(administrator)
    for address in ("/admin/snippets/notices/noticetemplate/", "/admin/snippets/notices/lettertemplate/"):
        page = client.get(address)
        assert page.status_code == 200
        assert box not in page.content.decode()
        assert "data-bulk-action-footer" not in page.content.decode()


def test_in_bulk_nobody_takes_what_is_not_theirs_to_take(client, officer, reader, make_application, other_authority):
    foreign = make_application(authority=other_authority, address="1 Foreign Road")
    own = make_application()
    client.force_login(officer)
    page = client.get(bulk("take", foreign, own)).content.decode()
    assert own.full_address in page
    assert "1 Foreign Road" not in page
    client.post(bulk("take", foreign))
    client.post(bulk("assign", own), {"officer": officer.pk})  # not a manager
    client.force_login(reader)
    client.post(bulk("take", own))
    for case in (foreign, own):
        case.refresh_from_db()
        assert case.officer is None


def test_deleting_many_is_refused_even_to_a_superuser(client, superuser, make_application):
    application = make_application()
    client.force_login(superuser)
    response = client.post(bulk("delete", application))
    assert response.url == "/admin/"
    application.refresh_from_db()
