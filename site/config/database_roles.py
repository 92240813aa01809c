"""Two roles of the database. The owner of the tables migrates; the runtime role (web, worker, due work) works.

Triggers refuse what must never happen, and the owner of a table can switch its triggers off: so whoever answers
strangers is not the owner. What the runtime role may do with which table is declared here and nowhere else; a new table
is put into a group, or a test fails (tests/config/test_database_roles.py). `bin/manage database_roles` makes it so.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.backends.utils import CursorWrapper

READ, ADD, CHANGE, DELETE = "SELECT", "INSERT", "UPDATE", "DELETE"

# History. Ours is append-only for everybody, by a trigger as well (migrations named guards and what_never_changes).
APPEND_ONLY = frozenset(
    {
        "cases_casenote",
        "cases_caseevent",
        "cases_check",
        "cases_previousreference",
        "cases_recommendation",
        "cases_submission",
        "notices_issuednotice",
    }
)
# Wagtail's log: its own migrations may have to change it, so no trigger of ours stands before them.
LOGS = frozenset({"wagtailcore_modellogentry", "wagtailcore_pagelogentry"})
# Written when a release is made or an older register is imported, both by the owner.
READ_ONLY = frozenset(
    {"auth_permission", "cases_refusedrow", "cases_registerimport", "django_content_type", "django_migrations"}
)
# Rows that the product changes and never takes away.
NEVER_DELETED = frozenset(
    {
        "accounts_apitoken",
        "accounts_localauthority",
        "accounts_user",
        "cases_applicantlink",
        "cases_comment",
        "cases_constraint",
        "cases_document",
        "cases_planningapplication",
        "cases_portaldelivery",
        "cases_redaction",
        "cases_referencecounter",
        "notices_decisionnotice",
    }
)
# Everything else. Triggers guard single rows and columns of some: what was sent, signed or decided about.
FREE = frozenset(
    {
        "accounts_formeraddress", "accounts_ratecount", "accounts_user_groups",
        "accounts_user_user_permissions", "auth_group", "auth_group_permissions", "axes_accessattempt",
        "axes_accessattemptexpiration", "axes_accessfailurelog", "axes_accesslog", "cases_answerfile",
        "cases_appeal", "cases_applicationtype", "cases_assessmentsection", "cases_classassessment",
        "cases_condition", "cases_condition_policies", "cases_consideration", "cases_considerationassessment",
        "cases_considerationassessment_policies", "cases_constrainttype", "cases_documentpage",
        "cases_documenttype", "cases_extensionoftime", "cases_fee", "cases_gpdoclass", "cases_gpdolimit",
        "cases_historyentry", "cases_informative", "cases_invalidreason", "cases_limitassessment",
        "cases_party", "cases_policy", "cases_publicity", "cases_refusalreason", "cases_refusalreason_policies",
        "cases_requirement", "cases_sharppicture", "cases_sitevisit", "cases_standardcondition",
        "cases_standardinformative", "cases_standardreason", "cases_typedwords", "cases_validationrequest",
        "django_session",
        "django_tasks_database_dbtaskresult", "home_alert", "home_commentdraft", "home_guidanceindexpage",
        "home_guidancepage", "home_homepage", "home_registerpage", "home_sitechange", "home_standardpage",
        "notices_lettertemplate", "notices_message", "notices_message_requests", "notices_noticetemplate",
        "notices_noticetemplate_application_types", "notices_signofftask", "taggit_tag", "taggit_taggeditem",
        "wagtailadmin_admin", "wagtailadmin_editingsession", "wagtailadmin_formstate", "wagtailcore_apitoken",
        "wagtailcore_collection", "wagtailcore_collectionviewrestriction",
        "wagtailcore_collectionviewrestriction_groups", "wagtailcore_comment", "wagtailcore_commentreply",
        "wagtailcore_groupapprovaltask", "wagtailcore_groupapprovaltask_groups",
        "wagtailcore_groupcollectionpermission", "wagtailcore_grouppagepermission",
        "wagtailcore_groupsitepermission", "wagtailcore_locale", "wagtailcore_page",
        "wagtailcore_pagesubscription", "wagtailcore_pageviewrestriction",
        "wagtailcore_pageviewrestriction_groups", "wagtailcore_referenceindex", "wagtailcore_revision",
        "wagtailcore_site", "wagtailcore_task", "wagtailcore_taskstate", "wagtailcore_uploadedfile",
        "wagtailcore_workflow", "wagtailcore_workflowcontenttype", "wagtailcore_workflowpage",
        "wagtailcore_workflowstate", "wagtailcore_workflowtask", "wagtaildocs_document", "wagtailembeds_embed",
        "wagtailforms_formsubmission", "wagtailimages_image", "wagtailimages_rendition",
        "wagtailredirects_redirect", "wagtailsearch_indexentry", "wagtailusers_userprofile",
    }
)  # fmt: skip
GROUPS: dict[tuple[str, ...], frozenset[str]] = {
    (READ, ADD, CHANGE, DELETE): FREE,
    (READ, ADD, CHANGE): NEVER_DELETED,
    (READ, ADD): APPEND_ONLY | LOGS,
    (READ,): READ_ONLY,
}
RIGHTS = {table: rights for rights, tables in GROUPS.items() for table in tables}
NEW_TABLE = (READ, ADD, CHANGE, DELETE)  # until the release that makes it has run this command

# With one of these a role reaches what no grant gives it.
DANGEROUS_ROLES = ("pg_execute_server_program", "pg_read_server_files", "pg_write_all_data", "pg_write_server_files")
ATTRIBUTES = {
    "rolsuper": "is a superuser",
    "rolcreaterole": "may make roles, and so give itself others",
    "rolcreatedb": "may make databases",
    "rolreplication": "may replicate the whole server",
    "rolbypassrls": "passes by row-level security",
}


class Refused(Exception):
    """The roles cannot be set. `str()` says why, for whoever runs the command."""


@dataclass(frozen=True)
class Place:
    """Where the tables are, and whose."""

    database: str
    schema: str
    owner: str
    tables: tuple[str, ...]
    sequences: tuple[str, ...]


def sql_of(cursor: CursorWrapper, role: str, *, create: bool = False) -> list[str]:
    """What `apply` would run. Raises Refused."""
    place = place_of(cursor)
    made = _making(cursor, role) if create else []
    if not made:
        refuse_unfit(cursor, role, place.owner)
    return [*made, *grants(place, role)]


def apply(cursor: CursorWrapper, role: str, *, create: bool = False) -> list[str]:
    """Give the role what is declared above, and nothing else; what it may not do, in words.

    In a transaction of the caller's. Raises Refused, also when the server says afterwards that it is not so.
    """
    place = place_of(cursor)
    for statement in _making(cursor, role) if create else ():
        cursor.execute(statement)
    refuse_unfit(cursor, role, place.owner)
    for statement in grants(place, role):
        cursor.execute(statement)
    if faults := faults_of(cursor, place, role):
        raise Refused(f"Nothing was changed, since {role} would not be as it should. {' '.join(faults)}")
    return [
        f"{role} works with {len(place.tables)} tables of {place.owner}. It may not",
        *(f"  - {limit}" for limit in limits_in_words(place)),
    ]


def _making(cursor: CursorWrapper, role: str) -> list[str]:
    return [] if exists(cursor, role) else [f"CREATE ROLE {quoted(role)} LOGIN"]


def quoted(name: str) -> str:
    doubled = name.replace('"', '""')
    return f'"{doubled}"'


def place_of(cursor: CursorWrapper) -> Place:
    """The tables of whoever asks. Raises Refused when they are somebody else's, or not there yet."""
    me, owner, database, schema = _one(
        cursor,
        "SELECT current_user, (SELECT pg_get_userbyid(relowner) FROM pg_class"
        " WHERE oid = to_regclass('django_migrations')), current_database(), current_schema()",
    )
    if owner is None:
        raise Refused("There are no tables yet: run bin/manage migrate first.")
    if me != owner:
        raise Refused(f"The tables belong to {owner}, and this runs as {me}: give it the owner's DATABASE_URL.")
    cursor.execute(
        "SELECT relkind = 'S', relname FROM pg_class WHERE relkind IN ('r', 'p', 'v', 'm', 'S')"
        " AND relnamespace = %s::regnamespace AND relowner = %s::regrole ORDER BY relname",
        [quoted(schema), quoted(owner)],
    )
    found = cursor.fetchall()
    tables, sequences = (tuple(name for is_one, name in found if is_one is kind) for kind in (False, True))
    return Place(database, schema, owner, tables, sequences)


def exists(cursor: CursorWrapper, role: str) -> bool:
    return _one(cursor, "SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = %s)", role)[0]


def refuse_unfit(cursor: CursorWrapper, role: str, owner: str) -> None:
    """Raises Refused when a role could undo what the grants say: a superuser, an owner, a member of the owner …"""
    if role == owner:
        raise Refused(f"{role} owns the tables. The runtime role is another one (DATABASE_RUNTIME_ROLE).")
    if not exists(cursor, role):
        raise Refused(
            f"There is no role {role}. Whoever may make roles makes it with one line: CREATE ROLE {quoted(role)} LOGIN "
            "PASSWORD '…'; (where the server asks nobody for a password, --create does it)."
        )
    has = _one(cursor, f"SELECT {', '.join(ATTRIBUTES)} FROM pg_roles WHERE rolname = %s", role)  # noqa: S608 - ours
    faults = [words for words, is_so in zip(ATTRIBUTES.values(), has, strict=True) if is_so]
    owned, owner_too, dangerous = _one(
        cursor,
        "SELECT (SELECT count(*) FROM pg_shdepend WHERE refclassid = 'pg_authid'::regclass AND refobjid = r.oid"
        " AND deptype = 'o'), pg_has_role(r.oid, %s, 'MEMBER'),"
        " ARRAY(SELECT rolname::text FROM pg_roles o WHERE pg_has_role(r.oid, o.oid, 'MEMBER') AND o.oid <> r.oid"
        " AND (o.rolsuper OR o.rolcreaterole OR o.rolname = ANY(%s))) FROM pg_roles r WHERE rolname = %s",
        owner,
        list(DANGEROUS_ROLES),
        role,
    )
    if not has[0]:  # a superuser counts as a member of every role
        faults += [f"owns {owned} objects in this server"] if owned else []
        faults += [f"is a member of {owner}, who owns the tables"] if owner_too else []
        faults += [f"is a member of {other}" for other in dangerous if other != owner]
    if faults:
        raise Refused(f"{role} cannot be the runtime role: it {', it '.join(faults)}.")


def grants(place: Place, role: str) -> Iterator[str]:
    """The SQL that leaves the role with exactly what is declared above, whatever it had before."""
    database, schema, to = quoted(place.database), quoted(place.schema), quoted(role)
    yield f"REVOKE CREATE, TEMPORARY ON DATABASE {database} FROM PUBLIC, {to}"
    yield f"GRANT CONNECT ON DATABASE {database} TO {to}"
    yield f"REVOKE CREATE ON SCHEMA {schema} FROM PUBLIC, {to}"
    yield f"GRANT USAGE ON SCHEMA {schema} TO {to}"
    yield f"REVOKE ALL ON TABLE {_listed(schema, place.tables)} FROM PUBLIC, {to}"
    for rights in GROUPS:
        if tables := [table for table in place.tables if RIGHTS.get(table, NEW_TABLE) == rights]:
            yield f"GRANT {', '.join(rights)} ON TABLE {_listed(schema, tables)} TO {to}"
    if place.sequences:
        yield f"REVOKE ALL ON SEQUENCE {_listed(schema, place.sequences)} FROM PUBLIC, {to}"
        yield f"GRANT USAGE, SELECT ON SEQUENCE {_listed(schema, place.sequences)} TO {to}"
    for kind, rights in (("TABLES", NEW_TABLE), ("SEQUENCES", ("USAGE", READ))):
        yield f"ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} REVOKE ALL ON {kind} FROM {to}"
        yield f"ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} GRANT {', '.join(rights)} ON {kind} TO {to}"


def faults_of(cursor: CursorWrapper, place: Place, role: str) -> list[str]:
    """What the role may that it should not, or may not that it should, as sentences. Asks the server itself."""
    cursor.execute(
        "SELECT relname, ARRAY(SELECT r FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE',"
        " 'REFERENCES', 'TRIGGER']) r WHERE has_table_privilege(%s, oid, r)),"
        " has_any_column_privilege(%s, oid, 'UPDATE') FROM pg_class"
        " WHERE relnamespace = %s::regnamespace AND relname = ANY(%s) ORDER BY relname",
        [role, role, quoted(place.schema), list(place.tables)],
    )
    faults = []
    for table, has, some_column in cursor.fetchall():
        should = RIGHTS.get(table, NEW_TABLE)
        faults += [f"It may {right} {table}." for right in has if right not in should]
        faults += [f"It may not {right} {table}." for right in should if right not in has]
        faults += [f"It may UPDATE a column of {table}."] if some_column and CHANGE not in {*has, *should} else []
    creates, temporary, sets_numbers = _one(
        cursor,
        "SELECT has_schema_privilege(%s, %s, 'CREATE') OR has_database_privilege(%s, current_database(), 'CREATE'),"
        " has_database_privilege(%s, current_database(), 'TEMPORARY'),"
        " EXISTS (SELECT FROM pg_class WHERE relkind = 'S' AND relnamespace = %s::regnamespace AND relname = ANY(%s)"
        " AND has_sequence_privilege(%s, oid, 'UPDATE'))",
        role,
        place.schema,
        role,
        role,
        quoted(place.schema),
        list(place.sequences),
        role,
    )
    whose = f"whoever owns the database must REVOKE that on {place.database} from PUBLIC"
    faults += [f"It may create objects: {whose}."] if creates else []
    faults += [f"It may make temporary tables: {whose}."] if temporary else []
    faults += ["It may set sequences back."] if sets_numbers else []
    return faults + (["It may set session_replication_role."] if _switches_triggers_off(cursor, role) else [])


def _switches_triggers_off(cursor: CursorWrapper, role: str) -> bool:
    """Since PostgreSQL 15 a superuser may give that away."""
    if _one(cursor, "SELECT current_setting('server_version_num')::int")[0] < 150000:
        return False
    return _one(cursor, "SELECT has_parameter_privilege(%s, 'session_replication_role', 'SET')", role)[0]


def limits_in_words(place: Place) -> Iterator[str]:
    """What the role may not do, for whoever ran the command and looks at its end."""
    there = set(place.tables)
    yield "alter, empty or drop a table, or switch its triggers off: it owns nothing"
    yield f"set session_replication_role, or become {place.owner}"
    yield "make tables, temporary tables, functions or triggers, or set a sequence back"
    yield f"change or delete a row of {_sentence(there & (APPEND_ONLY | LOGS))}"
    yield f"delete a row of {_sentence(there & NEVER_DELETED)}"
    yield f"write anything to {_sentence(there & READ_ONLY)}"


def _listed(schema: str, names: tuple[str, ...] | list[str]) -> str:
    return ", ".join(f"{schema}.{quoted(name)}" for name in names)


def _sentence(names: set[str]) -> str:
    return ", ".join(sorted(names))


def _one(cursor: CursorWrapper, question: str, *params: str | list[str]) -> tuple:
    cursor.execute(question, params or None)
    return cursor.fetchone()
