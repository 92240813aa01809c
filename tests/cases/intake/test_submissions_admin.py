"""The list of what arrived: for administrators, of their own council, to read and never to change."""

from contextlib import suppress

import pytest
from django.db.utils import IntegrityError
from django.urls import reverse

from accounts.roles import ADMINISTRATOR
from cases.intake.receiving import Refused, receive
from cases.models import Submission
from tests.cases.payloads import as_bytes, changed, payload
from tests.database import as_owner

LIST, INSPECT = "cases_submission_modeladmin_index", "cases_submission_modeladmin_inspect"


@pytest.fixture(autouse=True)
def _no_schemas(settings, tmp_path):
    settings.ODP_SCHEMA_DIR = tmp_path / "none"


def arrived(authority, body: bytes) -> Submission:
    with suppress(Refused):
        receive(body, authority=authority, content_type="application/json", through="test")
    return Submission.objects.order_by("-pk")[0]


@pytest.fixture
def refused(authority) -> Submission:
    return arrived(authority, as_bytes(changed("data/applicant/name", "Ada Wren")))


def test_an_administrator_sees_what_became_of_it_and_why(client, administrator, refused, authority):
    accepted = arrived(authority, as_bytes(payload()))
    client.force_login(administrator)
    page = client.get(reverse(LIST)).content.decode()
    assert accepted.application.reference in page
    assert "Could not become a case" in page
    page = client.get(reverse(INSPECT, args=[refused.pk])).content.decode()
    assert "/data/applicant/name" in page
    assert "is not an object" in page
    assert "Ada Wren" not in page


def test_the_very_bytes_are_a_download(client, administrator, refused):
    client.force_login(administrator)
    response = client.get(reverse("submission_body", args=[refused.pk]))
    assert response.content == bytes(refused.body)
    assert response.headers["Content-Type"] == "application/octet-stream"
    assert response.headers["Content-Disposition"].startswith("attachment")
    assert response.headers["X-Content-Type-Options"] == "nosniff"


def addresses(submission: Submission) -> list[str]:
    return [reverse(INSPECT, args=[submission.pk]), reverse("submission_body", args=[submission.pk])]


def test_administrators_of_another_council_see_nothing_of_it(client, make_user, other_authority, refused):
    client.force_login(make_user("other", ADMINISTRATOR, authority=other_authority))
    assert refused.external_id not in client.get(reverse(LIST)).content.decode()
    for address in addresses(refused):
        assert client.get(address).status_code in (302, 403, 404)


def test_officers_do_not_read_submissions(client, officer, manager, refused):
    for user in (officer, manager):
        client.force_login(user)
        for address in [reverse(LIST), *addresses(refused)]:
            assert client.get(address).status_code in (302, 403, 404), address


def test_not_even_an_administrator_changes_them(client, administrator, refused):
    client.force_login(administrator)
    for action in ("create", "edit", "delete"):
        address = reverse(LIST).rstrip("/") + (f"/{action}/" if action == "create" else f"/{action}/{refused.pk}/")
        assert client.get(address).status_code in (302, 403, 404)
        assert client.post(address, {"external_id": "x"}).status_code in (302, 403, 404)
    refused.refresh_from_db()
    assert Submission.objects.count() == 1


@pytest.mark.parametrize("statement", ["UPDATE cases_submission SET body = ''", "DELETE FROM cases_submission"])
def test_the_database_refuses_to_change_them(refused, statement):
    with pytest.raises(IntegrityError, match="append-only"), as_owner() as cursor:
        cursor.execute(statement)


def test_the_list_asks_the_same_number_of_questions_however_long_it_is(
    client, administrator, authority, django_assert_max_num_queries, refused
):
    client.force_login(administrator)
    client.get(reverse(LIST))

    def questions() -> int:
        with django_assert_max_num_queries(60) as asked:
            client.get(reverse(LIST))
        return len(asked)

    before = questions()
    for n in range(3):
        made = changed("metadata/id", f"00000000-0000-4000-8000-00000000000{n}")
        arrived(authority, as_bytes(made))
    assert questions() == before
