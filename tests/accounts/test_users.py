"""The people of a council are its administrator's business, and nobody else's."""

import io
import re

import pytest
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError

from accounts.models import User
from accounts.roles import ADMINISTRATOR, PLANNING_MANAGER, PLANNING_OFFICER, ROLES
from notices.models import Message

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery staple"


@pytest.fixture
def other_administrator(make_user, other_authority):
    return make_user("adm-elsewhere", ADMINISTRATOR, authority=other_authority)


def group(name: str) -> int:
    return Group.objects.get(name=name).pk


def fields(**changes) -> dict:
    values = {
        "email": "New@Example.org",
        "first_name": "New",
        "last_name": "Person",
        "job_title": "Planner",
        "phone": "",
        "signature": "",
        "groups": [group(PLANNING_OFFICER)],
        "password1": PASSWORD,
        "password2": PASSWORD,
    }
    return {**values, **changes}


def test_the_list_shows_the_own_people_only(client, administrator, officer, other_officer, superuser):
    client.force_login(administrator)
    for query in ("", "?q=example.org", "?is_superuser=true"):
        page = client.get(f"/admin/users/{query}").content.decode()
        assert other_officer.email not in page
        assert superuser.email not in page
    assert officer.email in client.get("/admin/users/").content.decode()


def test_a_new_user_belongs_to_the_administrators_council_whatever_the_form_says(
    client, administrator, other_authority
):
    client.force_login(administrator)
    response = client.post(
        "/admin/users/new/",
        fields(authority=other_authority.pk, runs_installation="on", is_superuser="on", is_staff="on"),
    )
    assert response.status_code == 302
    user = User.objects.get(email="new@example.org")
    assert user.authority == administrator.authority
    assert (user.is_superuser, user.is_staff) == (False, False)
    assert {g.name for g in user.groups.all()} == {PLANNING_OFFICER}


@pytest.fixture
def outbox(settings):
    """outbox("new@example.org") → the messages to this address."""
    settings.EMAIL_BACKEND = "notices.outbox.mail.OutboxBackend"
    return lambda address: list(Message.objects.filter(to_email=address).order_by("pk"))


def test_a_new_colleague_chooses_a_password_that_no_administrator_knows(client, administrator, outbox):
    client.force_login(administrator)
    assert 'type="password"' not in client.get("/admin/users/new/").content.decode()
    assert client.post("/admin/users/new/", fields()).status_code == 302  # with a password that nobody asked for
    user = User.objects.get(email="new@example.org")
    assert not user.check_password(PASSWORD)
    (message,) = outbox("new@example.org")
    assert message.about == "password"
    assert message.is_confidential
    link = re.search(r"https?://[^/]+(/admin/password_reset/confirm/\S+)", message.body)[1]
    client.logout()
    address = client.get(link).url
    chosen = {"new_password1": "a horse of my own", "new_password2": "a horse of my own"}
    assert client.post(address, chosen).status_code == 302
    assert client.login(username="new@example.org", password="a horse of my own")


# --- Who can sign decisions is nobody's secret -----------------------------------------------------------------------


def change(client, user, **changes):
    stands = {"email": user.email, "groups": [g.pk for g in user.groups.all()], "is_active": "on"}
    return client.post(f"/admin/users/edit/{user.pk}/", fields(**{**stands, **changes}))


def test_the_managers_and_the_other_administrators_hear_of_a_new_manager(
    client, administrator, manager, officer, make_user, authority, other_authority, outbox
):
    second_administrator = make_user("second", ADMINISTRATOR, authority=authority)
    stranger = make_user("boss-elsewhere", PLANNING_MANAGER, authority=other_authority)
    left = make_user("left", PLANNING_MANAGER, authority=authority, is_active=False)
    client.force_login(administrator)
    assert client.post("/admin/users/new/", fields(groups=[group(PLANNING_MANAGER)])).status_code == 302
    for hears in (manager, second_administrator):
        (message,) = outbox(hears.email)
        assert "New Person" in message.subject
        assert "Account made for new@example.org" in message.body
        assert "Role given: Planning manager" in message.body
        assert administrator.email in message.body
    for hears_not in (officer, stranger, left):
        assert outbox(hears_not.email) == []


def test_nobody_is_troubled_with_a_new_officer(client, administrator, manager, outbox):
    client.force_login(administrator)
    client.post("/admin/users/new/", fields())
    assert outbox(manager.email) == []


POWERS = {
    "an officer becomes a manager": ("officer", {"groups": [PLANNING_MANAGER]}, "Role given: Planning manager"),
    "a manager gets another address": ("second_manager", {"email": "eve@example.org"}, "→ eve@example.org"),
    "a manager who had left is back": ("gone", {}, "Can sign in again"),
}


@pytest.mark.parametrize("power", POWERS)
def test_the_managers_and_the_person_hear_of_every_way_to_a_managers_account(
    client, administrator, manager, make_user, authority, outbox, request, power
):
    make_user("gone", PLANNING_MANAGER, authority=authority, is_active=False)
    who, changes, words = POWERS[power]
    user = User.objects.get(email="gone@example.org") if who == "gone" else request.getfixturevalue(who)
    before = user.email
    given = (
        {**changes, "groups": [group(name) for name in changes.get("groups", [])]} if "groups" in changes else changes
    )
    client.force_login(administrator)
    assert change(client, user, **given).status_code == 302
    for hears in (manager.email, before):
        (message,) = outbox(hears)
        assert words in message.body


def test_whose_address_is_changed_hears_of_it_at_the_old_one(client, administrator, manager, officer, outbox):
    client.force_login(administrator)
    assert change(client, officer, email="eve@example.org").status_code == 302
    (message,) = outbox("officer@example.org")
    assert "officer@example.org → eve@example.org" in message.body
    assert outbox(manager.email) == []


def test_every_change_is_in_the_history_of_the_account(client, administrator, officer, outbox):
    client.force_login(administrator)
    change(client, officer, email="eve@example.org", groups=[group(PLANNING_MANAGER)])
    page = client.get(f"/admin/users/history/{officer.pk}/").content.decode()
    for words in ("Role given: Planning manager.", "Role taken away: Planning officer.", "→ eve@example.org."):
        assert words in page
    assert administrator.get_full_name() in page


def test_a_telephone_number_is_no_news(client, administrator, manager, outbox):
    client.force_login(administrator)
    assert change(client, manager, phone="01632 960001").status_code == 302
    assert outbox(manager.email) == []


def test_when_the_letters_cannot_be_written_the_account_is_not_changed(
    client, administrator, manager, officer, outbox, monkeypatch
):
    monkeypatch.setattr(Message, "save", lambda *args, **kwargs: (_ for _ in ()).throw(DatabaseError("disk full")))
    client.force_login(administrator)
    with pytest.raises(DatabaseError):
        change(client, officer, groups=[group(PLANNING_MANAGER)])
    assert {g.name for g in officer.groups.all()} == {PLANNING_OFFICER}


@pytest.mark.parametrize("name", ["Moderators", "Editors", "Of somebody else"])
def test_only_the_five_roles_can_be_given(client, administrator, officer, name):
    other = Group.objects.get_or_create(name=name)[0]
    client.force_login(administrator)
    client.post(f"/admin/users/edit/{officer.pk}/", fields(email=officer.email, groups=[other.pk], is_active="on"))
    client.post("/admin/users/new/", fields(groups=[other.pk]))
    assert not other.user_set.exists()


def test_people_of_another_council_do_not_exist_for_an_administrator(client, administrator, other_officer, superuser):
    client.force_login(administrator)
    for stranger in (other_officer, superuser):
        for page in ("edit", "delete", "history", "history-results"):
            for response in (
                client.get(f"/admin/users/{page}/{stranger.pk}/"),
                client.post(f"/admin/users/{page}/{stranger.pk}/", fields(email="taken@example.org")),
            ):
                assert response.status_code in {302, 403, 404, 405}, page
                assert stranger.email not in response.content.decode()
        before = stranger.email, stranger.password
        stranger.refresh_from_db()
        assert (stranger.email, stranger.password) == before


@pytest.mark.parametrize("action", ["assign_role", "set_active_state", "delete"])
def test_nothing_is_done_to_many_users_at_once(client, administrator, officer, other_officer, action):
    client.force_login(administrator)
    address = f"/admin/bulk/accounts/user/{action}/?id={officer.pk}&id={other_officer.pk}&id=all"
    response = client.post(address, {"role": group(ADMINISTRATOR), "mark_as_active": "False"})
    assert response.status_code == 302
    for user in (officer, other_officer):
        user.refresh_from_db()
        assert user.is_active
        assert {g.name for g in user.groups.all()} == {PLANNING_OFFICER}


def test_nobody_gives_themselves_a_role_or_another_council(client, administrator, other_authority):
    client.force_login(administrator)
    client.post(
        f"/admin/users/edit/{administrator.pk}/",
        fields(
            email=administrator.email, groups=[group(PLANNING_MANAGER)], authority=other_authority.pk, is_superuser="on"
        ),
    )
    administrator = User.objects.get(pk=administrator.pk)
    assert {g.name for g in administrator.groups.all()} == {ADMINISTRATOR}
    assert administrator.authority != other_authority
    assert not administrator.is_superuser


def test_an_administrator_cannot_set_somebody_elses_password(client, administrator, manager):
    client.force_login(administrator)
    page = client.get(f"/admin/users/edit/{manager.pk}/")
    assert page.status_code == 200
    assert "password1" not in page.content.decode()
    taken = fields(email=manager.email, groups=[group(PLANNING_MANAGER)], is_active="on", password1="x" * 20)
    assert client.post(f"/admin/users/edit/{manager.pk}/", {**taken, "password2": "x" * 20}).status_code == 302
    manager.refresh_from_db()
    assert manager.check_password(PASSWORD)


def test_a_leaver_is_made_inactive_and_never_deleted(client, administrator, officer):
    client.force_login(administrator)
    client.post(f"/admin/users/delete/{officer.pk}/")
    assert client.post(f"/admin/users/edit/{officer.pk}/", fields(email=officer.email)).status_code == 302
    officer.refresh_from_db()
    assert not officer.is_active
    assert not client.login(username=officer.email, password=PASSWORD)


def test_one_email_address_is_one_person_whatever_its_case(client, administrator, other_officer):
    client.force_login(administrator)
    page = client.post("/admin/users/new/", fields(email=other_officer.email.upper()))
    assert page.status_code == 200
    assert "Somebody already signs in" in page.content.decode()


@pytest.mark.parametrize("role", [name for name in ROLES if name != ADMINISTRATOR])
def test_no_other_role_comes_near_the_users(client, make_user, authority, officer, role):
    client.force_login(make_user("colleague", role, authority=authority))
    for path in ("", "new/", f"edit/{officer.pk}/", f"history/{officer.pk}/"):
        assert client.get(f"/admin/users/{path}").status_code in {302, 404}
    client.post("/admin/users/new/", fields())
    assert not User.objects.filter(email="new@example.org").exists()


def test_whoever_runs_the_installation_sees_all_and_chooses_the_council(client, superuser, officer, other_authority):
    client.force_login(superuser)
    assert officer.email in client.get("/admin/users/").content.decode()
    assert client.post("/admin/users/new/", fields(authority=other_authority.pk)).status_code == 302
    assert User.objects.get(email="new@example.org").authority == other_authority
    neither = client.post("/admin/users/new/", fields(email="two@example.org"))
    assert "one of the two" in neither.content.decode()


def test_a_superuser_of_a_council_cannot_exist(officer):
    with pytest.raises(IntegrityError):
        User.objects.filter(pk=officer.pk).update(is_superuser=True)


def test_the_list_makes_as_many_queries_for_three_as_for_one(
    client, administrator, make_user, authority, django_assert_max_num_queries
):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client.force_login(administrator)
    client.get("/admin/users/")
    with CaptureQueriesContext(connection) as one:
        client.get("/admin/users/")
    for number in range(3):
        make_user(f"more{number}", PLANNING_OFFICER, authority=authority)
    with CaptureQueriesContext(connection) as more:
        client.get("/admin/users/")
    assert len(more) == len(one)


# --- The command ----------------------------------------------------------------------------------------------------


def create(monkeypatch, *arguments, password=PASSWORD) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(password + "\n"))
    call_command(
        "create_administrator",
        "--email",
        "Boss@Example.org",
        "--first-name",
        "Bo",
        "--last-name",
        "Ss",
        "--password-stdin",
        *arguments,
        verbosity=0,
    )


def test_a_councils_administrator_is_made(monkeypatch, authority, client):
    create(monkeypatch, "--authority", "bkm")
    user = User.objects.get(email="boss@example.org")
    assert user.authority == authority
    assert not user.is_superuser
    assert {g.name for g in user.groups.all()} == {ADMINISTRATOR}
    assert client.login(username="boss@example.org", password=PASSWORD)


def test_the_installations_administrator_is_made(monkeypatch, db):
    create(monkeypatch, "--installation")
    user = User.objects.get(email="boss@example.org")
    assert user.is_superuser
    assert user.authority is None


def test_a_weak_password_or_a_second_account_is_refused(monkeypatch, authority):
    with pytest.raises(CommandError, match="too short"):
        create(monkeypatch, "--authority", "BKM", password="short")
    create(monkeypatch, "--authority", "BKM")
    with pytest.raises(CommandError, match="already"):
        create(monkeypatch, "--authority", "BKM")
    with pytest.raises(CommandError, match="no council"):
        create(monkeypatch, "--authority", "XXXX")
