"""The columns of the register's files: names that never change, and what each holds."""

from dataclasses import dataclass

from cases.register.published import PUBLIC_DECISIONS, PUBLIC_STATUSES


@dataclass(frozen=True)
class Column:
    name: str
    words: str  # what it holds, for the page about open data
    form: str = "text"


def _slugs(words) -> str:
    return ", ".join(one.slug for one in words)


# A new column comes at the end; none is renamed, moved or taken away: other people's programs read them.
COLUMNS = (
    Column("reference", "The council’s reference of the application."),
    Column("url", "Its page on the planning register.", "address"),
    Column("planning_authority", "The council’s code on planning.data.gov.uk."),
    Column("application_type", "The kind of application, in words."),
    Column("application_type_code", "The same as a code of the Open Digital Planning schema."),
    Column("status", f"Where it stands, one of: {_slugs(PUBLIC_STATUSES)}."),
    Column("description", "What is proposed."),
    Column("address", "The site in one line, without the postcode."),
    Column("postcode", "The site’s postcode."),
    Column("uprn", "Unique property reference number; empty where none is recorded."),
    Column("ward", "Ward, where known."),
    Column("parish", "Parish, where known."),
    Column("latitude", "A point on the site, degrees north in WGS84.", "number"),
    Column("longitude", "The same point, degrees east in WGS84.", "number"),
    Column("received_on", "The day the council received the application.", "date"),
    Column("valid_from", "The day from which the application counts as valid.", "date"),
    Column("published_on", "The day it came onto the register.", "date"),
    Column("consultation_ends_on", "The last day of publicity; empty where there is none.", "date"),
    Column("decision_due_on", "The day by which a decision is due; empty once the application has ended.", "date"),
    Column("committee_on", "The day of the planning committee, where it is decided there.", "date"),
    Column("decision", "The decision in words; empty before the decision notice is issued."),
    Column("decision_code", "The same as a code that is the same for every kind of application that knows it."),
    Column("decision_group", f"The same in few words, one of: {_slugs(PUBLIC_DECISIONS)}."),
    Column("decided_on", "The day of the decision.", "date"),
    Column("withdrawn_on", "The day the applicant withdrew the application.", "date"),
    Column("closed_on", "The day the council closed it without a decision.", "date"),
    Column("is_eia", "Whether an environmental impact assessment is needed: true or false.", "true or false"),
    Column("changed_at", "When something public about it changed last, in UTC.", "date and time"),
    Column("notice_corrected_on", "The day its decision notice was last corrected; decided_on stays.", "date"),
)
NAMES = tuple(column.name for column in COLUMNS)
