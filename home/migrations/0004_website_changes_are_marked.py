"""A row for each change to what web processes remember, left by triggers in the transaction of the change.

Rows are only added: a counter would make everybody who edits the website wait for one another.
"""

import django.db.models.functions.datetime
from django.db import migrations, models

# What stands around public pages, and what Wagtail keeps in its cache: where sites begin, and sizes of pictures.
TABLES = (
    "accounts_localauthority", "accounts_formeraddress", "cases_applicationtype", "wagtailcore_site",
    "wagtailcore_locale", "wagtailcore_page", "wagtailimages_image", "wagtailimages_rendition", "home_homepage",
    "home_registerpage", "home_standardpage", "home_guidancepage", "home_guidanceindexpage",
)  # fmt: skip
FUNCTION = """
CREATE FUNCTION website_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO home_sitechange DEFAULT VALUES;
    RETURN NULL;
END $$;
"""
TRIGGER = """
CREATE TRIGGER website_changed AFTER INSERT OR UPDATE OR DELETE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION website_changed();
"""
TRIGGERS = FUNCTION + "".join(TRIGGER.format(table=table) for table in TABLES)
BACK = "".join(f"DROP TRIGGER website_changed ON {table};\n" for table in TABLES)


class Migration(migrations.Migration):
    dependencies = [
        ("home", "0003_alert_address_key"),
        ("accounts", "0007_former_addresses"),
        ("cases", "0015_rows_alike_keep_their_order"),
        ("wagtailcore", "0098_apitoken"),
        ("wagtailimages", "0027_image_description"),
    ]

    operations = [
        migrations.CreateModel(
            name="SiteChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("made_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={"default_permissions": ()},
        ),
        migrations.RunSQL(TRIGGERS, f"{BACK}DROP FUNCTION website_changed();"),
    ]
