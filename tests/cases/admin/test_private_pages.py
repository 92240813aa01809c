"""Pages of tasks hold personal data too: names of neighbours and owners, and what is claimed for a disability."""

from datetime import date

import pytest
from django.urls import reverse

from cases.application.facts import record_fee
from cases.decision.extension import ask_for_extension
from cases.models import Comment, Party
from cases.requests.answers.settling import leave_as_it_was
from cases.statuses import Status
from tests.cases.asking import answer
from tests.clock import at

pytestmark = pytest.mark.django_db


@pytest.fixture
def application(make_application):
    application = make_application(
        "pp.full.householder",
        status=Status.IN_ASSESSMENT,
        fee_details={"exemption": {"disability": True}},
        ownership={"interest": "tenant of Blackacre"},
    )
    Party.objects.create(application=application, role="owner", first_name="Olive", last_name="Ownerson")
    Comment.objects.create(
        application=application,
        name="Nora Neighbour",
        address="9 Blyton Close",
        sentiment="objection",
        text="My dementia makes noise hard to bear.",
        received_on=date(2026, 6, 10),
    )
    return application


@pytest.mark.parametrize(
    ("slug", "words"),
    [
        ("comments", ["Nora Neighbour", "9 Blyton Close", "dementia"]),
        ("check_ownership_certificate", ["Ownerson", "Blackacre"]),
        ("check_fee", ["disability"]),
    ],
)
def test_personal_data_on_task_pages_is_for_those_who_may_see_it(client, application, officer, reader, slug, words):
    address = reverse("case_task", args=[application.pk, slug])
    client.force_login(officer)
    seen = client.get(address).content.decode()
    assert all(word in seen for word in words)
    client.force_login(reader)
    answer = client.get(address)
    assert answer.status_code == 200
    assert "You do not see personal data of this case." in answer.content.decode()
    assert not [word for word in words if word in answer.content.decode()]


def test_the_history_of_the_fee_tells_what_changed_and_not_what_was_claimed(client, application, officer, reader):
    record_fee(application, fee_payable=None, fee_paid=None, payment_reference="PAY-77", by=officer)
    for user in (officer, reader):
        client.force_login(user)
        seen = client.get(reverse("case_history", args=[application.pk])).content.decode()
        assert "PAY-77" in seen
        assert "isability" not in seen


@pytest.fixture
def more_time(application, officer):
    """A request for more time to which the applicant said no, with their reasons, and one to which they said yes."""
    type(application).objects.filter(pk=application.pk).update(
        valid_from=date(2026, 6, 1),
        validated_on=date(2026, 6, 1),
        statutory_expiry_on=date(2026, 7, 27),
        expires_on=date(2026, 7, 27),
    )
    application.refresh_from_db()
    with at("2026-06-03 10:00"):
        first = ask_for_extension(application, until=date(2026, 9, 1), reason="Bats.", by=officer)
        refused = answer(first, "disagreed", name="Enid Blyton", text="My mother is ill.")
        leave_as_it_was(refused, because="They said no.", by=officer)
        answer(ask_for_extension(application, until=date(2026, 8, 3), reason="Bats.", by=officer), "agreed")


def test_who_answered_and_why_is_for_those_who_may_see_it(client, application, officer, reader, more_time):
    words = ["Enid Blyton", "My mother is ill."]
    for name in ("case_extension", "case_history", "case_page", "case_requests"):
        client.force_login(reader)
        seen = client.get(reverse(name, args=[application.pk]))
        assert seen.status_code == 200
        assert not [word for word in words if word in seen.content.decode()], name
    client.force_login(officer)
    seen = client.get(reverse("case_extension", args=[application.pk])).content.decode()
    assert all(word in seen for word in words)
    assert "Enid Blyton" in client.get(reverse("case_history", args=[application.pk])).content.decode()
