"""A decision exists only as an issued notice, an issued notice only after a sign-off, and neither ever changes."""

from django.db import migrations

ISSUED = """
CREATE TRIGGER issued_notice_is_append_only BEFORE UPDATE OR DELETE ON notices_issuednotice
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER issued_notice_is_not_truncated BEFORE TRUNCATE ON notices_issuednotice
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE FUNCTION issued_notice_was_signed_off() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM notices_decisionnotice n
        JOIN wagtailcore_workflowstate w ON w.object_id = n.id::text
        JOIN django_content_type ct ON ct.id = w.content_type_id
             AND ct.app_label = 'notices' AND ct.model = 'decisionnotice'
        JOIN wagtailcore_taskstate t ON t.workflow_state_id = w.id
        WHERE n.id = NEW.notice_id AND n.application_id = NEW.application_id AND n.decision = NEW.decision
          AND t.status = 'approved' AND t.finished_by_id = NEW.signed_by_id
          AND t.finished_by_id IS DISTINCT FROM w.requested_by_id
    ) THEN
        RAISE EXCEPTION 'a decision notice is issued only after its sign-off by somebody else'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER issued_notice_needs_sign_off BEFORE INSERT ON notices_issuednotice
    FOR EACH ROW EXECUTE FUNCTION issued_notice_was_signed_off();
"""
ISSUED_BACK = """
DROP TRIGGER issued_notice_needs_sign_off ON notices_issuednotice;
DROP FUNCTION issued_notice_was_signed_off();
DROP TRIGGER issued_notice_is_not_truncated ON notices_issuednotice;
DROP TRIGGER issued_notice_is_append_only ON notices_issuednotice;
"""

DECISION = """
CREATE FUNCTION decision_has_issued_notice() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- A decision taken elsewhere came with an imported register.
    IF NEW.origin <> 'imported' AND (NEW.status = 'determined' OR NEW.decision <> '') AND NOT EXISTS (
        SELECT 1 FROM notices_issuednotice i
        WHERE i.application_id = NEW.id AND i.decision = NEW.decision AND i.issued_on = NEW.decided_on
    ) THEN
        RAISE EXCEPTION 'application % cannot be decided without an issued decision notice', NEW.reference
            USING ERRCODE = 'restrict_violation';
    END IF;
    -- A decision is not taken back by editing it; an appeal or a new application is another fact.
    IF TG_OP = 'UPDATE' AND OLD.status = 'determined' AND NEW.status <> 'determined' THEN
        RAISE EXCEPTION 'application % is decided: its status no longer changes', NEW.reference
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER decision_needs_issued_notice BEFORE INSERT OR UPDATE ON cases_planningapplication
    FOR EACH ROW EXECUTE FUNCTION decision_has_issued_notice();

CREATE FUNCTION live_notice_was_issued() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.live AND NOT EXISTS (SELECT 1 FROM notices_issuednotice i WHERE i.notice_id = NEW.id) THEN
        RAISE EXCEPTION 'a decision notice goes live only when it is issued' USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_OP = 'UPDATE' AND OLD.live AND (
        NOT NEW.live OR NEW.decision <> OLD.decision OR NEW.application_id <> OLD.application_id
        OR NEW.body::text <> OLD.body::text OR NEW.particulars <> OLD.particulars
    ) THEN
        RAISE EXCEPTION 'an issued decision notice does not change' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER live_notice_needs_issue BEFORE INSERT OR UPDATE ON notices_decisionnotice
    FOR EACH ROW EXECUTE FUNCTION live_notice_was_issued();
"""
DECISION_BACK = """
DROP TRIGGER live_notice_needs_issue ON notices_decisionnotice;
DROP FUNCTION live_notice_was_issued();
DROP TRIGGER decision_needs_issued_notice ON cases_planningapplication;
DROP FUNCTION decision_has_issued_notice();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("notices", "0001_initial"),
        ("cases", "0002_guards"),
        ("wagtailcore", "0098_apitoken"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]
    operations = [migrations.RunSQL(ISSUED, ISSUED_BACK), migrations.RunSQL(DECISION, DECISION_BACK)]
