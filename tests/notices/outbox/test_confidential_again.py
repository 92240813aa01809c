"""An e-mail with a link to set a password goes to its colleague alone, however often it is sent again."""

import pytest
from django.contrib.auth.forms import PasswordResetForm
from django.urls import reverse

from notices.models import Message

pytestmark = pytest.mark.django_db


@pytest.fixture
def link_for_a_manager(manager, settings, rf):
    """A message that was held or failed, as anybody can have one written for any colleague."""
    settings.EMAIL_BACKEND = "notices.outbox.mail.OutboxBackend"
    form = PasswordResetForm({"email": manager.email})
    assert form.is_valid()
    form.save(domain_override="testserver", email_template_name="wagtailadmin/account/password_reset/email.txt")
    message = Message.objects.get(to_email=manager.email)
    assert message.is_confidential
    message.status = Message.Status.FAILED
    message.save(update_fields=["status"])
    return message


@pytest.mark.parametrize("who", ["administrator", "officer", "support_officer"])
def test_nobody_has_the_link_of_a_manager_sent_to_themselves(link_for_a_manager, client, request, who):
    eve = request.getfixturevalue(who)
    client.force_login(eve)
    address = reverse("message_send_again", args=[link_for_a_manager.pk])
    response = client.post(address, {"to_email": eve.email})
    assert not Message.objects.filter(to_email=eve.email).exists()
    if response.status_code == 200:
        assert "one colleague alone" in response.content.decode()


def test_to_the_colleague_it_is_sent_again(link_for_a_manager, client, administrator, manager):
    client.force_login(administrator)
    address = reverse("message_send_again", args=[link_for_a_manager.pk])
    assert client.post(address, {"to_email": manager.email.upper()}).status_code == 302
