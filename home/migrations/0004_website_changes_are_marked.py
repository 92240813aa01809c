"""A row for each change to what web processes remember, left by triggers in the transaction of the change.

Rows are only added: a counter would make everybody who edits the website wait for one another.
"""

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
# As all that triggers run: it looks where its own tables are, whatever a session puts before them.
PATH = """
DO $$ BEGIN
    EXECUTE format('ALTER FUNCTION website_changed() SET search_path = pg_catalog, %I, pg_temp', current_schema());
END $$;
"""
TRIGGERS = FUNCTION + "".join(TRIGGER.format(table=table) for table in TABLES) + PATH
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
            ],
            options={"default_permissions": ()},
        ),
        migrations.RunSQL(TRIGGERS, f"{BACK}DROP FUNCTION website_changed();"),
    ]
