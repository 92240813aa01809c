"""The Digital Planning Register's name of a council has a field of its own.

Until now clients named a council by its short name with hyphens: that name goes on working. Where two councils would
have the same, the first one was answered with, and keeps it.
"""

import django.core.validators
from django.db import migrations, models
from django.utils.text import slugify


def name_as_until_now(apps, schema_editor):
    councils = apps.get_model("accounts", "LocalAuthority").objects
    taken = {code.lower() for code in councils.values_list("code", flat=True)}
    for council in councils.order_by("pk"):
        name = slugify(council.short_name)
        if name and name not in taken:
            taken.add(name)
            councils.filter(pk=council.pk).update(client_name=name)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0007_former_addresses")]

    operations = [
        migrations.AddField(
            model_name="localauthority",
            name="client_name",
            field=models.CharField(
                blank=True,
                help_text="What that register calls the council, for example south-gloucestershire.",
                max_length=60,
                null=True,
                unique=True,
                validators=[
                    django.core.validators.RegexValidator(
                        "^[a-z0-9]+(-[a-z0-9]+)*$", "Small letters and digits, with hyphens between."
                    )
                ],
                verbose_name="name in the Digital Planning Register",
            ),
        ),
        migrations.RunPython(name_as_until_now, migrations.RunPython.noop),
    ]
