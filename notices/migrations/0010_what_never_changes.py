"""What was signed, issued and sent: the database keeps who wrote it, who signed it, and every word."""

from django.db import migrations

# Wagtail's tables hold the revisions and workflows of pages too, which editors may change and delete.
SIGNED = """
CREATE FUNCTION is_about_notices(content_type integer) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT 1 FROM django_content_type
        WHERE id = content_type AND app_label = 'notices' AND model = 'decisionnotice'
    )
$$;

CREATE FUNCTION revision_of_notice_keeps() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF is_about_notices(OLD.content_type_id) OR TG_OP = 'UPDATE' AND is_about_notices(NEW.content_type_id) THEN
        RAISE EXCEPTION 'a revision of a decision notice keeps its words, its day and its author: % refused', TG_OP
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER notice_revision_does_not_change BEFORE UPDATE ON wagtailcore_revision
    FOR EACH ROW WHEN (
        ROW(OLD.content_type_id, OLD.base_content_type_id, OLD.object_id, OLD.user_id, OLD.created_at, OLD.content)
        IS DISTINCT FROM
        ROW(NEW.content_type_id, NEW.base_content_type_id, NEW.object_id, NEW.user_id, NEW.created_at, NEW.content))
    EXECUTE FUNCTION revision_of_notice_keeps();
CREATE TRIGGER notice_revision_is_never_deleted BEFORE DELETE ON wagtailcore_revision
    FOR EACH ROW EXECUTE FUNCTION revision_of_notice_keeps();

CREATE FUNCTION sign_off_keeps() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    flow record;
BEGIN
    IF TG_TABLE_NAME = 'wagtailcore_workflowstate' THEN
        flow := OLD;
    ELSE
        SELECT * INTO flow FROM wagtailcore_workflowstate WHERE id = OLD.workflow_state_id;
    END IF;
    IF is_about_notices(flow.content_type_id) AND (
        TG_OP = 'DELETE' OR EXISTS (SELECT 1 FROM notices_issuednotice i WHERE i.notice_id::text = flow.object_id)
    ) THEN
        RAISE EXCEPTION 'the sign-off of an issued decision notice does not change: % refused', TG_OP
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER sign_off_task_does_not_change BEFORE UPDATE OR DELETE ON wagtailcore_taskstate
    FOR EACH ROW EXECUTE FUNCTION sign_off_keeps();
CREATE TRIGGER sign_off_does_not_change BEFORE UPDATE OR DELETE ON wagtailcore_workflowstate
    FOR EACH ROW EXECUTE FUNCTION sign_off_keeps();
"""
SIGNED_BACK = """
DROP TRIGGER sign_off_does_not_change ON wagtailcore_workflowstate;
DROP TRIGGER sign_off_task_does_not_change ON wagtailcore_taskstate;
DROP FUNCTION sign_off_keeps();
DROP TRIGGER notice_revision_is_never_deleted ON wagtailcore_revision;
DROP TRIGGER notice_revision_does_not_change ON wagtailcore_revision;
DROP FUNCTION revision_of_notice_keeps();
DROP FUNCTION is_about_notices(integer);
"""

NOTICES = """
CREATE TRIGGER notice_keeps_its_author BEFORE UPDATE ON notices_decisionnotice
    FOR EACH ROW WHEN (ROW(OLD.application_id, OLD.created_by_id) IS DISTINCT FROM ROW(NEW.application_id, NEW.created_by_id)
        OR OLD.live AND ROW(OLD.template_id, OLD.correction_reason)
        IS DISTINCT FROM ROW(NEW.template_id, NEW.correction_reason)
        OR OLD.live_revision_id IS NOT NULL AND OLD.live_revision_id IS DISTINCT FROM NEW.live_revision_id)
    EXECUTE FUNCTION refuse_change_of('who began a decision notice, and what was issued of it,');
CREATE TRIGGER notice_is_never_deleted BEFORE DELETE ON notices_decisionnotice
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
"""
NOTICES_BACK = """
DROP TRIGGER notice_is_never_deleted ON notices_decisionnotice;
DROP TRIGGER notice_keeps_its_author ON notices_decisionnotice;
"""

# The words of a confidential message (a link to choose a password) are erased once it has left, and never replaced.
MESSAGES = """
CREATE TRIGGER message_does_not_change BEFORE UPDATE ON notices_message
    FOR EACH ROW WHEN (
        ROW(OLD.authority_id, OLD.application_id, OLD.about, OLD.channel, OLD.to_name, OLD.to_email, OLD.to_address,
            OLD.subject, OLD.is_confidential, OLD.unsubscribe_url, OLD.queued_by_id)
        IS DISTINCT FROM
        ROW(NEW.authority_id, NEW.application_id, NEW.about, NEW.channel, NEW.to_name, NEW.to_email, NEW.to_address,
            NEW.subject, NEW.is_confidential, NEW.unsubscribe_url, NEW.queued_by_id)
        OR NEW.body <> OLD.body AND NOT (OLD.is_confidential AND NEW.body = ''))
    EXECUTE FUNCTION refuse_change_of('a letter or an e-mail');
CREATE TRIGGER message_of_a_case_is_never_deleted BEFORE DELETE ON notices_message
    FOR EACH ROW WHEN (OLD.application_id IS NOT NULL) EXECUTE FUNCTION refuse_change();
"""
MESSAGES_BACK = """
DROP TRIGGER message_of_a_case_is_never_deleted ON notices_message;
DROP TRIGGER message_does_not_change ON notices_message;
"""

# A decision that was taken elsewhere comes in with its register, by the owner of the tables (manage.py
# import_register). Nobody else can claim one. A row whose decision stays as it is was looked at before.
TAKEN_ELSEWHERE = """
CREATE OR REPLACE FUNCTION decision_has_issued_notice() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND ROW(NEW.status, NEW.decision, NEW.decided_on)
        IS NOT DISTINCT FROM ROW(OLD.status, OLD.decision, OLD.decided_on)
    THEN
        RETURN NEW;
    END IF;
    IF (NEW.status = 'determined' OR NEW.decision <> '')
        AND NOT (NEW.origin = 'imported' AND is_owner_of(TG_RELID))
        AND NOT EXISTS (
            SELECT 1 FROM notices_issuednotice i
            WHERE i.application_id = NEW.id AND i.decision = NEW.decision AND i.issued_on = NEW.decided_on
        )
    THEN
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
"""
TAKEN_ELSEWHERE_BACK = """
CREATE OR REPLACE FUNCTION decision_has_issued_notice() RETURNS trigger LANGUAGE plpgsql AS $$
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
"""

# As in cases: a guard reads its own tables, whatever the session looks for first.
PATH = """
DO $$
DECLARE
    guard regprocedure;
BEGIN
    FOREACH guard IN ARRAY ARRAY[
        'is_about_notices(integer)', 'issued_notice_was_signed_off()', 'issued_notice_determines()',
        'decision_has_issued_notice()', 'live_notice_was_issued()', 'revision_of_notice_keeps()', 'sign_off_keeps()'
    ]::regprocedure[]
    LOOP
        EXECUTE format('ALTER FUNCTION %s SET search_path = pg_catalog, %I, pg_temp', guard, current_schema());
    END LOOP;
END $$;
"""
PATH_BACK = """
ALTER FUNCTION issued_notice_was_signed_off() RESET search_path;
ALTER FUNCTION issued_notice_determines() RESET search_path;
ALTER FUNCTION decision_has_issued_notice() RESET search_path;
ALTER FUNCTION live_notice_was_issued() RESET search_path;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("notices", "0009_rows_alike_keep_their_order"),
        ("cases", "0016_what_never_changes"),
        ("wagtailcore", "0098_apitoken"),
    ]
    operations = [
        migrations.RunSQL(SIGNED, SIGNED_BACK),
        migrations.RunSQL(NOTICES, NOTICES_BACK),
        migrations.RunSQL(MESSAGES, MESSAGES_BACK),
        migrations.RunSQL(TAKEN_ELSEWHERE, TAKEN_ELSEWHERE_BACK),
        migrations.RunSQL(PATH, PATH_BACK),
    ]
