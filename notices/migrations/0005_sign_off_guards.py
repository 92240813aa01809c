"""The database's own word on sign-off: by a manager of the same council, never by who wrote, submitted or recommended."""

from django.db import migrations

SIGNED_OFF = """
CREATE OR REPLACE FUNCTION issued_notice_was_signed_off() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM notices_decisionnotice n
        JOIN cases_planningapplication a ON a.id = n.application_id
        JOIN wagtailcore_workflowstate w ON w.object_id = n.id::text AND w.status = 'approved'
        JOIN django_content_type ct ON ct.id = w.content_type_id
             AND ct.app_label = 'notices' AND ct.model = 'decisionnotice'
        JOIN wagtailcore_taskstate t ON t.workflow_state_id = w.id AND t.status = 'approved'
        JOIN wagtailcore_revision r ON r.id = t.revision_id AND r.object_id = n.id::text
             AND r.content_type_id = w.content_type_id
        JOIN accounts_user u ON u.id = t.finished_by_id
        WHERE n.id = NEW.notice_id AND n.application_id = NEW.application_id AND n.decision = NEW.decision
          AND t.finished_by_id = NEW.signed_by_id
          AND u.authority_id = a.authority_id AND NOT u.is_superuser
          AND t.finished_by_id IS DISTINCT FROM w.requested_by_id
          AND t.finished_by_id IS DISTINCT FROM r.user_id
          AND t.finished_by_id IS DISTINCT FROM (
              SELECT c.by_id FROM cases_recommendation c WHERE c.application_id = a.id ORDER BY c.id DESC LIMIT 1
          )
    ) THEN
        RAISE EXCEPTION 'a decision notice is issued only after its sign-off by somebody else of the same council'
            USING ERRCODE = 'restrict_violation';
    END IF;
    -- A correction puts the words of a notice right. It never changes the decision.
    IF NEW.version > 1 AND NOT EXISTS (
        SELECT 1 FROM notices_issuednotice i
        WHERE i.application_id = NEW.application_id AND i.version = NEW.version - 1 AND i.decision = NEW.decision
    ) THEN
        RAISE EXCEPTION 'a later version of a decision notice keeps the decision and follows the version before it'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
"""

# Checked at the end of the transaction, when the whole issue is done.
DETERMINED = """
CREATE FUNCTION issued_notice_determines() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM cases_planningapplication a
        WHERE a.id = NEW.application_id AND a.decision = NEW.decision AND a.status = 'determined'
    ) OR NOT EXISTS (SELECT 1 FROM notices_decisionnotice n WHERE n.id = NEW.notice_id AND n.live) THEN
        RAISE EXCEPTION 'an issued notice comes with its determined application, or not at all'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER issued_notice_comes_with_decision AFTER INSERT ON notices_issuednotice
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION issued_notice_determines();
"""
DETERMINED_BACK = """
DROP TRIGGER issued_notice_comes_with_decision ON notices_issuednotice;
DROP FUNCTION issued_notice_determines();
"""


class Migration(migrations.Migration):
    dependencies = [("notices", "0004_sign_off")]
    operations = [
        migrations.RunSQL(SIGNED_OFF, migrations.RunSQL.noop),
        migrations.RunSQL(DETERMINED, DETERMINED_BACK),
    ]
