"""Signing in, being locked out, being signed out."""

import re
import time

import pytest
from django.test import RequestFactory
from django.urls import reverse

from accounts import sign_in
from accounts.middleware import LAST_SEEN
from accounts.models import ApiToken
from notices.models import Message

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery staple"
LOGIN = "/admin/login/"


@pytest.fixture
def axes(settings):
    settings.AXES_ENABLED = True


def try_to_sign_in(client, email, password="wrong", *, address="198.51.100.7"):
    return client.post(LOGIN, {"username": email, "password": password}, REMOTE_ADDR=address)


def test_the_right_password_signs_in_whatever_case_the_email_has(axes, client, officer):
    response = try_to_sign_in(client, officer.email.upper(), PASSWORD)
    assert response.status_code == 302
    assert client.get("/admin/").status_code == 200


def test_five_failures_lock_the_account_from_that_address_even_with_the_right_password(axes, client, officer):
    for _ in range(4):
        assert try_to_sign_in(client, officer.email).status_code == 200
    assert try_to_sign_in(client, officer.email).status_code == 429
    locked = try_to_sign_in(client, officer.email, PASSWORD)
    assert locked.status_code == 429
    assert "locked for a while" in locked.content.decode()
    assert client.get("/admin/").status_code == 302


def test_another_spelling_of_the_email_has_no_tries_of_its_own(axes, client, officer):
    for spelling in (officer.email, officer.email.upper(), officer.email.title(), f" {officer.email}", officer.email):
        response = try_to_sign_in(client, spelling)
    assert response.status_code == 429


def test_nobody_is_locked_out_from_elsewhere(axes, client, officer, manager):
    for _ in range(6):
        try_to_sign_in(client, officer.email, address="198.51.100.66")
    assert try_to_sign_in(client, officer.email, PASSWORD, address="198.51.100.7").status_code == 302
    client.post(reverse("wagtailadmin_logout"))
    assert try_to_sign_in(client, manager.email, PASSWORD, address="198.51.100.66").status_code == 302


def test_an_address_that_fails_with_many_emails_is_locked(axes, client, officer, monkeypatch):
    monkeypatch.setattr(sign_in, "FAILURES_FROM_ONE_ADDRESS", 8)
    for number in range(8):
        try_to_sign_in(client, f"nobody{number}@example.org")
    assert try_to_sign_in(client, officer.email, PASSWORD).status_code == 429
    assert try_to_sign_in(client, officer.email, PASSWORD, address="203.0.113.9").status_code == 302


def test_a_lock_never_closes_the_api(axes, client, authority, officer):
    _, secret = ApiToken.create(authority=authority, name="PlanX", scopes=["submit"])
    for _ in range(7):
        try_to_sign_in(client, officer.email)
    headers = {"Authorization": f"Bearer {secret}"}
    response = client.post(
        "/api/v2/planning_applications",
        "{}",
        content_type="application/json",
        headers=headers,
        REMOTE_ADDR="198.51.100.7",
    )
    assert response.status_code in {400, 422}


@pytest.mark.parametrize(
    ("proxies", "header", "address"),
    [
        (0, "203.0.113.1", "198.51.100.7"),
        (1, "203.0.113.1", "203.0.113.1"),
        (1, "6.6.6.6, 203.0.113.1", "203.0.113.1"),
        (2, "6.6.6.6, 203.0.113.1, 10.0.0.1", "203.0.113.1"),
        (1, "", "198.51.100.7"),
    ],
)
def test_the_address_is_what_our_proxies_say_and_not_what_the_client_says(settings, proxies, header, address):
    settings.PROXY_COUNT = proxies
    request = RequestFactory().get("/", headers={"X-Forwarded-For": header}, REMOTE_ADDR="198.51.100.7")
    assert sign_in.client_address(request) == address


def test_an_inactive_user_and_one_of_a_wrong_password_read_the_same_words(client, officer, manager, other_officer):
    officer.is_active = False
    officer.save()
    other_officer.authority.is_active = False
    other_officer.authority.save()
    said = [
        re.search(r'<li class="error">(.*?)</li>', try_to_sign_in(client, email, password).content.decode(), re.S)[1]
        for email, password in (
            (officer.email, PASSWORD),
            (manager.email, "wrong"),
            ("nobody@example.org", "x"),
            (other_officer.email, PASSWORD),
        )
    ]
    assert len(set(said)) == 1
    assert "or your account or council is closed" in said[0]


# --- Being signed out -----------------------------------------------------------------------------------------------


def travel(client, seconds: int) -> None:
    session = client.session
    session[LAST_SEEN] = int(time.time()) - seconds
    session.save()


def test_an_idle_session_ends(client, officer, settings):
    client.force_login(officer)
    assert client.get("/admin/").status_code == 200
    travel(client, settings.SESSION_IDLE_SECONDS - 60)
    assert client.get("/admin/").status_code == 200
    travel(client, settings.SESSION_IDLE_SECONDS + 60)
    assert client.get("/admin/").status_code == 302
    assert "_auth_user_id" not in client.session


def test_signing_out_needs_a_post(client, officer):
    client.force_login(officer)
    assert client.get("/admin/logout/").status_code == 405
    assert client.get("/admin/").status_code == 200
    assert client.post("/admin/logout/").status_code == 302
    assert client.get("/admin/").status_code == 302


def test_sign_in_and_sign_out_are_protected_from_forged_forms(officer):
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    assert client.post(LOGIN, {"username": officer.email, "password": PASSWORD}).status_code == 403
    client.force_login(officer)
    assert client.post("/admin/logout/").status_code == 403


# --- A forgotten password -------------------------------------------------------------------------------------------


def test_a_reset_link_goes_through_the_outbox_and_works_once(client, officer, settings):
    settings.EMAIL_BACKEND = "notices.outbox.mail.OutboxBackend"
    client.post("/admin/password_reset/", {"email": officer.email})
    message = Message.objects.get(about="password")
    assert message.authority == officer.authority
    assert message.is_confidential
    path = re.search(r"/admin/password_reset/confirm/\S+", message.body)[0]
    page = client.get(path, follow=True)
    new = "a quite new password 2026"
    address = page.redirect_chain[-1][0]
    assert client.post(address, {"new_password1": new, "new_password2": new}).status_code == 302
    assert client.login(username=officer.email, password=new)
    client.logout()
    client.get(path, follow=True)
    again = "yet another password 2026"
    client.post(address, {"new_password1": again, "new_password2": again})
    assert not client.login(username=officer.email, password=again)


def test_a_reset_for_nobody_says_and_does_the_same(client, officer, settings):
    settings.EMAIL_BACKEND = "notices.outbox.mail.OutboxBackend"
    known = client.post("/admin/password_reset/", {"email": officer.email})
    unknown = client.post("/admin/password_reset/", {"email": "nobody@example.org"})
    assert (known.status_code, known.url) == (unknown.status_code, unknown.url)
    assert Message.objects.filter(about="password").count() == 1


def test_weak_passwords_are_refused(officer):
    from django.contrib.auth.password_validation import validate_password
    from django.core.exceptions import ValidationError

    for weak in ("short1!", "123456789012", "password1234", officer.email):
        with pytest.raises(ValidationError):
            validate_password(weak, officer)
