"""Faults of before become requests: numbered, with an outcome, and of the kinds there are now."""

from django.db import migrations

FORWARDS = """
UPDATE cases_validationrequest SET kind = 'additional_document' WHERE kind = 'document';
UPDATE cases_validationrequest r SET number = numbered.n FROM (
    SELECT id, row_number() OVER (PARTITION BY application_id ORDER BY id) AS n FROM cases_validationrequest
) numbered WHERE numbered.id = r.id;
UPDATE cases_validationrequest SET outcome = CASE WHEN cancelled_because <> '' THEN 'cancelled' ELSE 'accepted' END
    WHERE resolved_at IS NOT NULL;
-- Only one of a kind may be open from now on: the later ones are asked for as something else, in the same words.
UPDATE cases_validationrequest r SET kind = 'other'
    WHERE r.resolved_at IS NULL AND r.kind IN ('description', 'ownership', 'red_line') AND EXISTS (
        SELECT 1 FROM cases_validationrequest earlier
        WHERE earlier.application_id = r.application_id AND earlier.kind = r.kind
        AND earlier.resolved_at IS NULL AND earlier.id < r.id
    );
"""
BACKWARDS = """
UPDATE cases_validationrequest SET kind = 'document' WHERE kind IN ('additional_document', 'replacement_document');
UPDATE cases_validationrequest SET kind = 'other'
    WHERE kind IN ('pre_commencement', 'heads_of_terms', 'extension_of_time');
UPDATE cases_validationrequest SET cancelled_because = 'Left as it was.'
    WHERE resolved_at IS NOT NULL AND arrived_on IS NULL AND cancelled_because = '';
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0009_requests_and_prepared_documents")]

    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
