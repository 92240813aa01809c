"""Applications that were there before `public_changed_at` was: the latest of their public dates."""

from django.db import migrations

FILL = """
UPDATE cases_planningapplication SET public_changed_at = greatest(
    published_at, received_on::timestamptz, valid_from::timestamptz, decided_on::timestamptz,
    withdrawn_on::timestamptz, closed_on::timestamptz
) WHERE published_at IS NOT NULL;
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0005_register_search")]
    operations = [migrations.RunSQL(FILL, migrations.RunSQL.noop)]
