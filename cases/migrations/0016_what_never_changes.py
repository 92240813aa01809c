"""Columns and rows that no part of the product ever changes: from now on the database refuses it as well.

An imported decision was taken elsewhere, and its register may be imported anew: that is for the owner of the tables,
whom `bin/manage import_register` runs as, and for nobody else.
"""

from django.db import migrations

FUNCTIONS = """
CREATE FUNCTION is_owner_of(relation oid) RETURNS boolean LANGUAGE sql STABLE SET search_path = pg_catalog AS $$
    SELECT pg_has_role(current_user, relowner, 'MEMBER') FROM pg_class WHERE oid = relation
$$;

CREATE FUNCTION refuse_change_of() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%: % never changes: % refused', TG_TABLE_NAME, TG_ARGV[0], TG_OP
        USING ERRCODE = 'restrict_violation';
END $$;

CREATE FUNCTION refuse_once_decided() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    held record;
BEGIN
    SELECT reference, origin, decision INTO held FROM cases_planningapplication WHERE id = OLD.application_id;
    IF held.decision <> '' AND NOT (held.origin = 'imported' AND is_owner_of(TG_RELID)) THEN
        RAISE EXCEPTION 'application % is decided: % of its % refused', held.reference, TG_OP, TG_TABLE_NAME
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    RETURN NEW;
END $$;
"""
FUNCTIONS_BACK = """
DROP FUNCTION refuse_once_decided();
DROP FUNCTION refuse_change_of();
DROP FUNCTION is_owner_of(oid);
"""

APPLICATION = """
CREATE FUNCTION decided_application_keeps_its_facts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.origin = 'imported' AND is_owner_of(TG_RELID) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'application % is decided: what was decided about does not change', OLD.reference
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER decided_application_does_not_change BEFORE UPDATE ON cases_planningapplication
    FOR EACH ROW WHEN (OLD.decision <> '' AND
        ROW(OLD.reference, OLD.application_type_id, OLD.description, OLD.work_status, OLD.project_types, OLD.proposal,
            OLD.address, OLD.postcode, OLD.uprn, OLD.usrn, OLD.ward, OLD.parish, OLD.property_type, OLD.latitude,
            OLD.longitude, OLD.boundary, OLD.site_area_sqm, OLD.received_on, OLD.valid_from, OLD.validated_on,
            OLD.invalidated_on, OLD.statutory_expiry_on, OLD.expires_on, OLD.consultation_ends_on, OLD.is_eia,
            OLD.ownership_certificate, OLD.ownership, OLD.fee_payable, OLD.fee_paid, OLD.route, OLD.committee_on,
            OLD.committee_resolution, OLD.committee_note, OLD.decision, OLD.decided_on, OLD.decided_by_id)
        IS DISTINCT FROM
        ROW(NEW.reference, NEW.application_type_id, NEW.description, NEW.work_status, NEW.project_types, NEW.proposal,
            NEW.address, NEW.postcode, NEW.uprn, NEW.usrn, NEW.ward, NEW.parish, NEW.property_type, NEW.latitude,
            NEW.longitude, NEW.boundary, NEW.site_area_sqm, NEW.received_on, NEW.valid_from, NEW.validated_on,
            NEW.invalidated_on, NEW.statutory_expiry_on, NEW.expires_on, NEW.consultation_ends_on, NEW.is_eia,
            NEW.ownership_certificate, NEW.ownership, NEW.fee_payable, NEW.fee_paid, NEW.route, NEW.committee_on,
            NEW.committee_resolution, NEW.committee_note, NEW.decision, NEW.decided_on, NEW.decided_by_id))
    EXECUTE FUNCTION decided_application_keeps_its_facts();

CREATE TRIGGER application_keeps_what_was_submitted BEFORE UPDATE ON cases_planningapplication
    FOR EACH ROW WHEN (OLD.origin <> 'imported' AND
        ROW(OLD.description_as_submitted, OLD.submitted_at, OLD.answers, OLD.pre_assessment, OLD.declaration)
        IS DISTINCT FROM
        ROW(NEW.description_as_submitted, NEW.submitted_at, NEW.answers, NEW.pre_assessment, NEW.declaration))
    EXECUTE FUNCTION refuse_change_of('what was submitted');

CREATE TRIGGER counter_never_goes_back BEFORE UPDATE ON cases_referencecounter
    FOR EACH ROW WHEN (NEW.next_number < OLD.next_number OR NEW.authority_id <> OLD.authority_id)
    EXECUTE FUNCTION refuse_change_of('a number that was given');
"""
APPLICATION_BACK = """
DROP TRIGGER counter_never_goes_back ON cases_referencecounter;
DROP TRIGGER application_keeps_what_was_submitted ON cases_planningapplication;
DROP TRIGGER decided_application_does_not_change ON cases_planningapplication;
DROP FUNCTION decided_application_keeps_its_facts();
"""

# A better file, or a redacted one, is another row: a row keeps the file that it once got.
DOCUMENTS = """
CREATE TRIGGER document_keeps_its_file BEFORE UPDATE ON cases_document
    FOR EACH ROW WHEN (OLD.application_id <> NEW.application_id
        OR OLD.fetch_status = 'here' AND OLD.sha256 <> '' AND
            ROW(OLD.file, OLD.sha256, OLD.size, OLD.mime_type, OLD.fetch_status)
            IS DISTINCT FROM ROW(NEW.file, NEW.sha256, NEW.size, NEW.mime_type, NEW.fetch_status)
        OR OLD.superseded_by_id IS NOT NULL AND NEW.superseded_by_id IS DISTINCT FROM OLD.superseded_by_id
        OR OLD.redacted_from_id IS NOT NULL AND NEW.redacted_from_id IS DISTINCT FROM OLD.redacted_from_id)
    EXECUTE FUNCTION refuse_change_of('the file of a document');
CREATE TRIGGER document_is_never_deleted BEFORE DELETE ON cases_document
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER decided_document_does_not_change BEFORE UPDATE ON cases_document
    FOR EACH ROW WHEN (ROW(OLD.title, OLD.types, OLD.drawing_number, OLD.revision, OLD.description, OLD.received_on,
                           OLD.is_approved_plan)
        IS DISTINCT FROM ROW(NEW.title, NEW.types, NEW.drawing_number, NEW.revision, NEW.description, NEW.received_on,
                             NEW.is_approved_plan))
    EXECUTE FUNCTION refuse_once_decided();
"""
DOCUMENTS_BACK = """
DROP TRIGGER decided_document_does_not_change ON cases_document;
DROP TRIGGER document_is_never_deleted ON cases_document;
DROP TRIGGER document_keeps_its_file ON cases_document;
"""

# Slips of the pen are put right until the decision, and never under the eyes of the public.
COMMENTS = """
CREATE TRIGGER published_comment_does_not_change BEFORE UPDATE ON cases_comment
    FOR EACH ROW WHEN (ROW(OLD.application_id, OLD.source, OLD.submission_key, OLD.entered_by_id)
        IS DISTINCT FROM ROW(NEW.application_id, NEW.source, NEW.submission_key, NEW.entered_by_id)
        OR OLD.published_at IS NOT NULL AND NEW.text <> OLD.text)
    EXECUTE FUNCTION refuse_change_of('a comment that is public, and where a comment came from,');
CREATE TRIGGER decided_comment_does_not_change BEFORE UPDATE ON cases_comment
    FOR EACH ROW WHEN (ROW(OLD.kind, OLD.name, OLD.organisation, OLD.address, OLD.email, OLD.phone, OLD.sentiment,
                           OLD.topics, OLD.text, OLD.received_on)
        IS DISTINCT FROM ROW(NEW.kind, NEW.name, NEW.organisation, NEW.address, NEW.email, NEW.phone, NEW.sentiment,
                             NEW.topics, NEW.text, NEW.received_on))
    EXECUTE FUNCTION refuse_once_decided();
"""
COMMENTS_BACK = """
DROP TRIGGER decided_comment_does_not_change ON cases_comment;
DROP TRIGGER published_comment_does_not_change ON cases_comment;
"""

# What the applicant was told is withdrawn, never changed; what they answered stays their word.
REQUESTS = """
CREATE TRIGGER sent_request_does_not_change BEFORE UPDATE ON cases_validationrequest
    FOR EACH ROW WHEN (ROW(OLD.application_id, OLD.number, OLD.kind, OLD.raised_by_id)
        IS DISTINCT FROM ROW(NEW.application_id, NEW.number, NEW.kind, NEW.raised_by_id)
        OR OLD.sent_at IS NOT NULL AND
        ROW(OLD.title, OLD.text, OLD.what_to_send, OLD.document_id, OLD.document_types, OLD.proposed_description,
            OLD.proposed_boundary, OLD.proposed_until, OLD.sent_at, OLD.sent_by_id)
        IS DISTINCT FROM
        ROW(NEW.title, NEW.text, NEW.what_to_send, NEW.document_id, NEW.document_types, NEW.proposed_description,
            NEW.proposed_boundary, NEW.proposed_until, NEW.sent_at, NEW.sent_by_id))
    EXECUTE FUNCTION refuse_change_of('what the applicant was asked');
CREATE TRIGGER answer_does_not_change BEFORE UPDATE ON cases_validationrequest
    FOR EACH ROW WHEN (OLD.answer <> '' AND
        ROW(OLD.answer, OLD.answer_text, OLD.answer_boundary, OLD.answer_ownership, OLD.answered_at, OLD.answered_by_id,
            OLD.answered_name)
        IS DISTINCT FROM
        ROW(NEW.answer, NEW.answer_text, NEW.answer_boundary, NEW.answer_ownership, NEW.answered_at, NEW.answered_by_id,
            NEW.answered_name))
    EXECUTE FUNCTION refuse_change_of('the answer of an applicant');
CREATE TRIGGER sent_request_is_never_deleted BEFORE DELETE ON cases_validationrequest
    FOR EACH ROW WHEN (OLD.sent_at IS NOT NULL) EXECUTE FUNCTION refuse_change();
"""
REQUESTS_BACK = """
DROP TRIGGER sent_request_is_never_deleted ON cases_validationrequest;
DROP TRIGGER answer_does_not_change ON cases_validationrequest;
DROP TRIGGER sent_request_does_not_change ON cases_validationrequest;
"""

RECORDS = """
CREATE TRIGGER note_is_append_only BEFORE UPDATE OR DELETE ON cases_casenote
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER note_is_not_truncated BEFORE TRUNCATE ON cases_casenote
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER previous_reference_is_append_only BEFORE UPDATE OR DELETE ON cases_previousreference
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER previous_reference_is_not_truncated BEFORE TRUNCATE ON cases_previousreference
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER delivery_keeps_what_came BEFORE UPDATE ON cases_portaldelivery
    FOR EACH ROW WHEN (ROW(OLD.authority_id, OLD.application_ref, OLD.version, OLD.notice, OLD.received_through)
        IS DISTINCT FROM ROW(NEW.authority_id, NEW.application_ref, NEW.version, NEW.notice, NEW.received_through))
    EXECUTE FUNCTION refuse_change_of('what the Planning Portal sent');
"""
RECORDS_BACK = """
DROP TRIGGER delivery_keeps_what_came ON cases_portaldelivery;
DROP TRIGGER previous_reference_is_not_truncated ON cases_previousreference;
DROP TRIGGER previous_reference_is_append_only ON cases_previousreference;
DROP TRIGGER note_is_not_truncated ON cases_casenote;
DROP TRIGGER note_is_append_only ON cases_casenote;
"""

# What the decision rests on. A row of a council's library that these once came from may go: that column is left out.
WORDS = ("cases_condition", "cases_informative", "cases_refusalreason")
FILE = (
    "cases_assessmentsection", "cases_classassessment", "cases_considerationassessment", "cases_constraint",
    "cases_extensionoftime", "cases_historyentry", "cases_publicity", "cases_sitevisit",
)  # fmt: skip


def _decided(table: str, when: str = "") -> str:
    name = table.removeprefix("cases_")
    return f"""
CREATE TRIGGER decided_{name}_does_not_change BEFORE UPDATE ON {table}
    FOR EACH ROW {when} EXECUTE FUNCTION refuse_once_decided();
CREATE TRIGGER decided_{name}_is_not_deleted BEFORE DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION refuse_once_decided();
"""


def _decided_back(table: str) -> str:
    name = table.removeprefix("cases_")
    return f"""
DROP TRIGGER decided_{name}_is_not_deleted ON {table};
DROP TRIGGER decided_{name}_does_not_change ON {table};
"""


SAME_WORDS = """WHEN (ROW(OLD.application_id, OLD.sort_order, OLD.title, OLD.text)
        IS DISTINCT FROM ROW(NEW.application_id, NEW.sort_order, NEW.title, NEW.text))"""
ON_FILE = "".join([*(_decided(table, SAME_WORDS) for table in WORDS), *map(_decided, FILE)])
ON_FILE_BACK = "".join(map(_decided_back, [*WORDS, *FILE]))

# Whoever asks may have put tables of the same names in the way (pg_temp comes first unless it is named): a guard reads
# its own tables, whatever the session looks for first.
PATH = """
DO $$
DECLARE
    guard text;
BEGIN
    FOREACH guard IN ARRAY ARRAY['refuse_change', 'keep_origin', 'refuse_change_of', 'refuse_once_decided',
                                 'decided_application_keeps_its_facts']
    LOOP
        EXECUTE format('ALTER FUNCTION %I() SET search_path = pg_catalog, %I, pg_temp', guard, current_schema());
    END LOOP;
END $$;
"""
PATH_BACK = """
ALTER FUNCTION refuse_change() RESET search_path;
ALTER FUNCTION keep_origin() RESET search_path;
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0015_rows_alike_keep_their_order")]
    operations = [
        migrations.RunSQL(FUNCTIONS, FUNCTIONS_BACK),
        migrations.RunSQL(APPLICATION, APPLICATION_BACK),
        migrations.RunSQL(DOCUMENTS, DOCUMENTS_BACK),
        migrations.RunSQL(COMMENTS, COMMENTS_BACK),
        migrations.RunSQL(REQUESTS, REQUESTS_BACK),
        migrations.RunSQL(RECORDS, RECORDS_BACK),
        migrations.RunSQL(ON_FILE, ON_FILE_BACK),
        migrations.RunSQL(PATH, PATH_BACK),
    ]
