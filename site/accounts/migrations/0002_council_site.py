"""The council's public site and logo: apart from 0001, since Wagtail's own tables wait for our users."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("wagtailcore", "0098_apitoken"),
        ("wagtailimages", "0027_image_description"),
    ]
    operations = [
        migrations.AddField(
            "localauthority",
            "site",
            models.OneToOneField(
                blank=True,
                help_text="The public site, whose host name decides which council a visitor reads.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="authority",
                to="wagtailcore.site",
            ),
        ),
        migrations.AddField(
            "localauthority",
            "logo",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="wagtailimages.image",
            ),
        ),
    ]
