"""Rows that are alike in what they are ordered by keep one order: no row is shown twice or never from page to page."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0014_sharp_pictures_and_scans_again"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="appeal",
            options={"ordering": ["-lodged_on", "-pk"]},
        ),
        migrations.AlterModelOptions(
            name="applicantlink",
            options={"default_permissions": (), "ordering": ["-created_at", "-pk"]},
        ),
        migrations.AlterModelOptions(
            name="applicationtype",
            options={"ordering": ["name", "pk"]},
        ),
        migrations.AlterModelOptions(
            name="consideration",
            options={"ordering": ["sort_order", "name", "pk"]},
        ),
        migrations.AlterModelOptions(
            name="constrainttype",
            options={"ordering": ["category", "name", "pk"]},
        ),
        migrations.AlterModelOptions(
            name="documenttype",
            options={"ordering": ["group", "label", "pk"]},
        ),
        migrations.AlterModelOptions(
            name="extensionoftime",
            options={"ordering": ["agreed_until", "pk"], "verbose_name_plural": "extensions of time"},
        ),
        migrations.AlterModelOptions(
            name="fee",
            options={"ordering": ["rule", "-effective_from", "pk"]},
        ),
        migrations.AlterModelOptions(
            name="gpdolimit",
            options={"ordering": ["gpdo_class", "sort_order", "pk"]},
        ),
        migrations.AlterModelOptions(
            name="historyentry",
            options={"ordering": ["-decided_on", "reference", "pk"], "verbose_name_plural": "history entries"},
        ),
        migrations.AlterModelOptions(
            name="invalidreason",
            options={"ordering": ["kind", "title", "pk"]},
        ),
        migrations.AlterModelOptions(
            name="limitassessment",
            options={"ordering": ["limit__sort_order", "pk"]},
        ),
        migrations.AlterModelOptions(
            name="policy",
            options={"ordering": ["plan", "number", "pk"], "verbose_name_plural": "policies"},
        ),
        migrations.AlterModelOptions(
            name="portaldelivery",
            options={
                "default_permissions": ("view",),
                "ordering": ["-received_at", "-pk"],
                "verbose_name_plural": "portal deliveries",
            },
        ),
        migrations.AlterModelOptions(
            name="registerimport",
            options={"default_permissions": ("view",), "ordering": ["-started_at", "-pk"]},
        ),
        migrations.AlterModelOptions(
            name="requirement",
            options={"ordering": ["sort_order", "title", "pk"]},
        ),
        migrations.AlterModelOptions(
            name="standardcondition",
            options={"ordering": ["title", "pk"]},
        ),
        migrations.AlterModelOptions(
            name="standardinformative",
            options={"ordering": ["title", "pk"]},
        ),
        migrations.AlterModelOptions(
            name="standardreason",
            options={
                "ordering": ["title", "pk"],
                "verbose_name": "standard reason for refusal",
                "verbose_name_plural": "standard reasons for refusal",
            },
        ),
        migrations.AlterModelOptions(
            name="submission",
            options={"default_permissions": ("view",), "ordering": ["-received_at", "-pk"]},
        ),
    ]
