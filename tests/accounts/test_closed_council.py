"""A council that is not active is closed: to its people, its systems and the public, until it is active again."""

import json
from datetime import date
from io import StringIO

import pytest
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from wagtail.documents import get_document_model

from accounts.models import ApiToken
from accounts.roles import READER, ROLES
from accounts.websites import collection_of
from cases.intake.planning_portal import TAKING_IN, announce, take_in_delivery
from cases.models import PortalDelivery
from cases.permissions import cases_for
from cases.statuses import Status
from home.models import StandardPage
from home.site_tree import set_up_site
from notices.correspondence import silence
from notices.models import Message
from notices.outbox import delivery
from tests.addresses import all_addresses
from tests.cases.asking import ask
from tests.cases.conftest import server  # noqa: F401
from tests.cases.intake.test_planning_portal import notice, package
from tests.clock import at, later
from tests.making import PASSWORD
from tests.notices.fake_notify import notify_server  # noqa: F401

pytestmark = pytest.mark.django_db


@pytest.fixture
def close(authority):
    """close() and close(False): the council is closed, and is open again."""

    def close(is_closed: bool = True) -> None:
        authority.is_active = not is_closed
        authority.save()

    return close


def sign_in(client, user):
    return client.post("/admin/login/", {"username": user.email, "password": PASSWORD}, follow=True)


def words(response) -> str:
    return response.content.decode()


# --- People ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ROLES)
def test_a_session_ends_at_the_next_request_and_says_why(client, make_user, authority, close, role):
    client.force_login(make_user("somebody", role, authority=authority))
    assert client.get("/admin/").status_code == 200
    close()
    said = words(client.get("/admin/", follow=True))
    assert "Testshire Council is closed in BoPS at present" in said
    assert "Sign in" in said
    assert "_auth_user_id" not in client.session
    assert "closed in BoPS" not in words(client.get("/admin/login/"))  # said once
    close(False)
    assert client.get("/admin/").status_code == 302


def test_nobody_signs_in_until_the_council_is_open_again(client, officer, other_officer, close):
    close()
    sign_in(client, officer)
    assert client.get("/admin/").status_code == 302
    sign_in(client, other_officer)
    assert client.get("/admin/").status_code == 200
    client.post("/admin/logout/")
    close(False)
    sign_in(client, officer)
    assert client.get("/admin/").status_code == 200


def test_what_was_typed_as_the_council_closed_changes_nothing(client, officer, make_application, close):
    case = make_application(status=Status.IN_ASSESSMENT, officer=officer)
    client.force_login(officer)
    close()
    response = client.post(f"/admin/cases/{case.pk}/notes/", {"text": "After the end"}, follow=True)
    assert "You were signed out" in words(response)
    assert not case.events.filter(data__text="After the end").exists()


def test_nobody_of_a_closed_council_has_any_permission(officer, make_application, close, django_user_model):
    make_application()
    close()
    again = django_user_model.objects.get(pk=officer.pk)
    assert again.get_all_permissions() == set()
    assert not cases_for(again).exists()


def test_a_link_with_which_a_password_is_chosen_signs_nobody_in(client, officer, close):
    close()
    client.post(reverse("wagtailadmin_password_reset"), {"email": officer.email})
    assert sign_in(client, officer).status_code == 200
    assert client.get("/admin/").status_code == 302


def test_the_installations_administrator_closes_it_and_opens_it_again(client, superuser, authority):
    client.force_login(superuser)
    address = f"/admin/council/edit/{authority.pk}/"
    assert "its people are signed out" in words(client.get(address))
    names = [
        "name",
        "short_name",
        "code",
        "address",
        "email",
        "signatory_name",
        "signatory_job_title",
        "brand_colour",
        "working_day_ends_at",
        "office_posting_days",
    ]
    form = {name: getattr(authority, name) for name in names} | {"site": authority.site_id}
    for is_active in (False, True):
        client.post(address, form | ({"is_active": "on"} if is_active else {}))
        authority.refresh_from_db()
        assert authority.is_active is is_active


def test_a_closed_account_is_signed_out_and_told_why(client, officer):
    client.force_login(officer)
    officer.is_active = False
    officer.save()
    assert "Your account was closed" in words(client.get("/admin/cases/", follow=True))
    assert "_auth_user_id" not in client.session


def test_roles_taken_away_count_at_the_next_request(client, officer, make_application):
    case = make_application(status=Status.IN_ASSESSMENT, officer=officer)
    client.force_login(officer)
    assert client.get(f"/admin/cases/{case.pk}/steps/withdraw/").status_code == 200
    officer.groups.set([])
    assert "do not have permission" in words(client.get(f"/admin/cases/{case.pk}/", follow=True))
    officer.groups.set(officer.groups.model.objects.filter(name=READER))
    assert client.get(f"/admin/cases/{case.pk}/").status_code == 200
    assert client.get(f"/admin/cases/{case.pk}/steps/withdraw/").status_code in {302, 403}


# --- Systems and the public -----------------------------------------------------------------------------------------


def test_no_token_is_taken_while_the_council_is_closed(client, authority, close):
    _, secret = ApiToken.create(authority=authority, name="PlanX", scopes=["submit", "read", "respond"])
    headers = {"Authorization": f"Bearer {secret}"}
    assert client.get("/api/v2/planning_applications", headers=headers).status_code == 200
    close()
    assert client.get("/api/v2/planning_applications", headers=headers).status_code == 401
    sent = client.post("/api/v2/planning_applications", "{}", content_type="application/json", headers=headers)
    assert sent.status_code == 401
    close(False)
    assert client.get("/api/v2/planning_applications", headers=headers).status_code == 200


# What is the installation's, or says nothing of any council.
OF_THE_INSTALLATION = {"robots.txt", "healthz", "api/docs", "api/openapi.json", "_util/login"}


def test_the_public_finds_nothing_until_the_council_is_open_again(authority, make_application, close):
    set_up_site(authority, hostname=authority.site.hostname)
    make_application(status=Status.IN_ASSESSMENT)
    client = Client(headers={"host": authority.site.hostname})
    pages = StandardPage.objects.descendant_of(authority.site.root_page)
    found = [f"/{a.route}" for a in all_addresses() if not a.parameters and "<" not in a.route and "^" not in a.route]
    addresses = [path for path in found if not path.startswith("/admin/")]
    addresses += ["/", *(page.relative_url(authority.site) for page in pages)]
    opened = [path for path in addresses if client.get(path).status_code == 200]
    assert {"/", "/planning-applications/"} <= set(opened)
    close()
    still = {path.strip("/") for path in opened if client.get(path).status_code == 200}
    assert still <= OF_THE_INSTALLATION
    close(False)
    assert [path for path in addresses if client.get(path).status_code == 200] == opened


def test_a_document_of_its_website_is_not_served_either(client, authority, close):
    document = get_document_model().objects.create(
        title="Plan", file=ContentFile(b"Plan", name="plan.txt"), collection=collection_of(authority)
    )
    assert client.get(document.url).status_code == 200
    close()
    assert client.get(document.url).status_code == 404


# --- Background work ------------------------------------------------------------------------------------------------


@pytest.fixture
def message(authority) -> Message:
    return Message.objects.create(
        authority=authority, about="valid", channel="email", to_email="enid@example.org", subject="x", body="y"
    )


def test_messages_wait_and_leave_when_the_council_is_open_again(notify_server, message, close):  # noqa: F811
    close()
    assert delivery.deliver(message.pk) == "not due"
    assert delivery.DELIVERY.sweep() == 0
    message.refresh_from_db()
    assert (message.status, notify_server.posts()) == (Message.Status.QUEUED, 0)
    close(False)
    assert delivery.deliver(message.pk) == Message.Status.SENT
    assert notify_server.posts() == 1


def test_a_message_that_was_begun_is_finished(notify_server, message, close):  # noqa: F811
    """Notify may have it already, and knows for a week only: asked later, it would be sent a second time."""
    Message.objects.filter(pk=message.pk).update(attempts=1)
    close()
    assert delivery.deliver(message.pk) == Message.Status.SENT


def test_no_answer_means_yes_only_in_an_open_council(make_application, officer, close):
    with at("2026-06-03 10:00"):
        request = ask(
            make_application("pp.full.householder"), "description", by=officer, proposed_description="A porch"
        )
        request.messages.update(status=Message.Status.SENT, sent_at=request.sent_at)
    close()
    with at(date(2026, 6, 11)):
        assert silence.sweep() == 0
    close(False)
    with at(date(2026, 7, 1)):
        assert silence.sweep() == 1


def test_a_delivery_of_the_planning_portal_is_fetched_and_waits(authority, server, close):  # noqa: F811
    server.answers["/PT.zip"] = (200, {}, package())
    close()
    found = announce(notice(server.url("/PT.zip")), authority=authority, through="test")
    take_in_delivery.call(found.pk)
    found.refresh_from_db()
    assert bool(found.package)
    assert (found.state, authority.applications.count()) == (PortalDelivery.State.WAITING, 0)
    with later(days=3):
        assert TAKING_IN.sweep() == 0
        close(False)
        assert TAKING_IN.sweep() == 1
        take_in_delivery.call(found.pk)
    found.refresh_from_db()
    assert (found.state, authority.applications.count()) == (PortalDelivery.State.TAKEN_IN, 1)


def test_no_old_register_is_brought_in(authority, close, tmp_path):
    close()
    with pytest.raises(CommandError, match="Testshire Council is closed"):
        call_command("import_register", str(tmp_path / "x.csv"), "--authority", authority.code, stdout=StringIO())


def test_a_submission_from_the_command_line_is_refused(authority, close, tmp_path):
    file = tmp_path / "submission.json"
    file.write_text(json.dumps({}))
    close()
    with pytest.raises(CommandError):
        call_command("receive", str(file), "--authority", authority.code, stdout=StringIO())
