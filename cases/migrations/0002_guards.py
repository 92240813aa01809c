"""What the database itself refuses, whoever asks: changed history, changed originals, a decision without a notice."""

from django.db import migrations

APPEND_ONLY = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER case_event_is_append_only BEFORE UPDATE OR DELETE ON cases_caseevent
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER case_event_is_not_truncated BEFORE TRUNCATE ON cases_caseevent
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER submission_is_append_only BEFORE UPDATE OR DELETE ON cases_submission
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER submission_is_not_truncated BEFORE TRUNCATE ON cases_submission
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER check_is_append_only BEFORE UPDATE OR DELETE ON cases_check
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER check_is_not_truncated BEFORE TRUNCATE ON cases_check
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER recommendation_is_not_truncated BEFORE TRUNCATE ON cases_recommendation
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER recommendation_is_append_only BEFORE UPDATE OR DELETE ON cases_recommendation
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
"""
APPEND_ONLY_BACK = """
DROP TRIGGER case_event_is_append_only ON cases_caseevent;
DROP TRIGGER case_event_is_not_truncated ON cases_caseevent;
DROP TRIGGER submission_is_append_only ON cases_submission;
DROP TRIGGER submission_is_not_truncated ON cases_submission;
DROP TRIGGER check_is_append_only ON cases_check;
DROP TRIGGER check_is_not_truncated ON cases_check;
DROP TRIGGER recommendation_is_not_truncated ON cases_recommendation;
DROP TRIGGER recommendation_is_append_only ON cases_recommendation;
DROP FUNCTION refuse_change();
"""

ORIGIN = """
CREATE FUNCTION keep_origin() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.origin IS DISTINCT FROM OLD.origin OR NEW.authority_id IS DISTINCT FROM OLD.authority_id THEN
        RAISE EXCEPTION 'origin and authority of an application never change' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER application_keeps_origin BEFORE UPDATE ON cases_planningapplication
    FOR EACH ROW EXECUTE FUNCTION keep_origin();
CREATE TRIGGER application_is_never_deleted BEFORE DELETE ON cases_planningapplication
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
"""
ORIGIN_BACK = """
DROP TRIGGER application_keeps_origin ON cases_planningapplication;
DROP TRIGGER application_is_never_deleted ON cases_planningapplication;
DROP FUNCTION keep_origin();
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0001_initial")]
    operations = [migrations.RunSQL(APPEND_ONLY, APPEND_ONLY_BACK), migrations.RunSQL(ORIGIN, ORIGIN_BACK)]
