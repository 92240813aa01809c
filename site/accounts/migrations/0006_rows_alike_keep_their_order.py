"""Rows that are alike in what they are ordered by keep one order: no row is shown twice or never from page to page."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_documents_and_local_list"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="apitoken",
            options={
                "ordering": ["-created_at", "-pk"],
                "verbose_name": "API token",
                "verbose_name_plural": "API tokens",
            },
        ),
        migrations.AlterModelOptions(
            name="localauthority",
            options={
                "ordering": ["name", "pk"],
                "verbose_name": "local authority",
                "verbose_name_plural": "local authorities",
            },
        ),
    ]
