"""Accounts are changed on record alone: addresses to sign in with, roles, and who is active."""

import pytest
from django.urls import reverse

from accounts.models import User
from accounts.roles import ADMINISTRATOR, PLANNING_MANAGER, PLANNING_OFFICER
from notices.models import Message
from tests.accounts.test_users import group

pytestmark = pytest.mark.django_db


def test_nobody_changes_the_own_address_past_the_record(client, manager):
    client.force_login(manager)
    page = client.get(reverse("wagtailadmin_account")).content.decode()
    assert 'name="name_email-first_name"' in page
    assert 'name="name_email-email"' not in page
    sent = {"name_email-first_name": "Mia", "name_email-last_name": "Test", "name_email-email": "eve@example.org"}
    client.post(reverse("wagtailadmin_account"), sent)
    assert User.objects.get(pk=manager.pk).email == manager.email


def test_an_administrators_old_address_hears_of_the_new_one(client, administrator, settings):
    settings.EMAIL_BACKEND = "notices.outbox.mail.OutboxBackend"
    client.force_login(administrator)
    old = administrator.email
    fields = {
        "email": "eve@example.org",
        "first_name": "Ada",
        "last_name": "Test",
        "job_title": "",
        "phone": "",
        "signature": "",
        "groups": [group(ADMINISTRATOR)],
        "is_active": "on",
    }
    assert client.post(f"/admin/users/edit/{administrator.pk}/", fields).status_code == 302
    message = Message.objects.get(to_email=old)
    assert f"{old} → eve@example.org" in message.body


@pytest.mark.parametrize("deed", ["assign_role", "set_active_state", "delete"])
def test_not_even_who_runs_the_installation_changes_many_accounts_past_the_record(client, superuser, officer, deed):
    client.force_login(superuser)
    address = reverse("wagtail_bulk_action", args=["accounts", "user", deed])
    client.post(
        f"{address}?next=/admin/users/&id={officer.pk}",
        {"role": group(PLANNING_MANAGER), "mark_as_active": "False"},
    )
    user = User.objects.get(pk=officer.pk)
    assert [role.name for role in user.groups.all()] == [PLANNING_OFFICER]
    assert user.is_active
