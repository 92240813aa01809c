"""Changes nothing. Corrections of the version before print their own day as the date of the notice, and count the time
to appeal from it; what was issued cannot be changed, so each is named here, with what to do.
"""

from django.db import migrations

# The newest version of each notice, where it was made by the version before and prints another day than the decision's.
DATED_ANEW = """
SELECT a.reference, i.version, i.issued_on, a.decided_on
FROM notices_issuednotice i JOIN cases_planningapplication a ON a.id = i.application_id
WHERE i.version > 1 AND i.issued_on <> a.decided_on AND NOT i.snapshot ? 'decided_on'
    AND NOT EXISTS (
        SELECT 1 FROM notices_issuednotice later
        WHERE later.application_id = i.application_id AND later.version > i.version
    )
ORDER BY a.reference
"""


def name_those_dated_anew(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(DATED_ANEW)
        for reference, version, issued_on, decided_on in cursor.fetchall():
            print(
                f"\n    {reference}: version {version} of its notice prints {issued_on:%-d %B %Y} as its date; the "
                f"decision is of {decided_on:%-d %B %Y}, and time to appeal counts from that day. Begin a correction "
                "of it: its new version has the right date.",
                end="",
            )


class Migration(migrations.Migration):
    dependencies = [("notices", "0011_tasks_have_moved")]

    operations = [migrations.RunPython(name_those_dated_anew, migrations.RunPython.noop)]
