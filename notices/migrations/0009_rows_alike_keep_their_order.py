"""Rows that are alike in what they are ordered by keep one order: no row is shown twice or never from page to page."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("notices", "0008_requests_of_messages"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="lettertemplate",
            options={"ordering": ["name", "pk"]},
        ),
        migrations.AlterModelOptions(
            name="message",
            options={
                "default_permissions": ("view",),
                "ordering": ["-queued_at", "-pk"],
                "permissions": [("resend_message", "Can send a message again")],
            },
        ),
        migrations.AlterModelOptions(
            name="noticetemplate",
            options={"ordering": ["name", "pk"]},
        ),
    ]
