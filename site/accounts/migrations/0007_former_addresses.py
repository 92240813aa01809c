"""Where public pages of councils were once, so that visitors are sent on from there."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0006_rows_alike_keep_their_order")]

    operations = [
        migrations.CreateModel(
            name="FormerAddress",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "host",
                    models.CharField(help_text="With its port, unless that is 80 or 443.", max_length=270, unique=True),
                ),
                ("until", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "authority",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="former_addresses",
                        to="accounts.localauthority",
                    ),
                ),
            ],
            options={"ordering": ["-until", "-pk"], "default_permissions": ()},
        ),
    ]
