"""Every word of a condition of a decided case stays, not its title and text alone; so does how a request was settled.

Before the decision a settled request may wait for an officer again: when the one that followed it is taken out.
"""

from django.db import migrations

CONDITIONS = """
DROP TRIGGER decided_condition_does_not_change ON cases_condition;
CREATE TRIGGER decided_condition_does_not_change BEFORE UPDATE ON cases_condition
    FOR EACH ROW WHEN (
        ROW(OLD.application_id, OLD.sort_order, OLD.title, OLD.text, OLD.reason, OLD.type, OLD.pre_commencement_reason,
            OLD.agreed_on)
        IS DISTINCT FROM
        ROW(NEW.application_id, NEW.sort_order, NEW.title, NEW.text, NEW.reason, NEW.type, NEW.pre_commencement_reason,
            NEW.agreed_on))
    EXECUTE FUNCTION refuse_once_decided();
"""
CONDITIONS_BACK = """
DROP TRIGGER decided_condition_does_not_change ON cases_condition;
CREATE TRIGGER decided_condition_does_not_change BEFORE UPDATE ON cases_condition
    FOR EACH ROW WHEN (ROW(OLD.application_id, OLD.sort_order, OLD.title, OLD.text)
        IS DISTINCT FROM ROW(NEW.application_id, NEW.sort_order, NEW.title, NEW.text))
    EXECUTE FUNCTION refuse_once_decided();
"""

REQUESTS = """
CREATE TRIGGER decided_request_stays_settled BEFORE UPDATE ON cases_validationrequest
    FOR EACH ROW WHEN (OLD.outcome <> '' AND
        ROW(OLD.outcome, OLD.arrived_on, OLD.before, OLD.resolution, OLD.resolved_by_id, OLD.resolved_at,
            OLD.cancelled_because)
        IS DISTINCT FROM
        ROW(NEW.outcome, NEW.arrived_on, NEW.before, NEW.resolution, NEW.resolved_by_id, NEW.resolved_at,
            NEW.cancelled_because))
    EXECUTE FUNCTION refuse_once_decided();
"""
REQUESTS_BACK = "DROP TRIGGER decided_request_stays_settled ON cases_validationrequest;"


class Migration(migrations.Migration):
    dependencies = [("cases", "0018_index_of_copies_to_make")]
    operations = [
        migrations.RunSQL(CONDITIONS, CONDITIONS_BACK),
        migrations.RunSQL(REQUESTS, REQUESTS_BACK),
    ]
