"""MHCLG's datasets by its national public view: exactly the fields that it lists, in its order, and no other.

Each field has the words in which the page about open data explains what stands in it, or why nothing does.
"""

from dataclasses import dataclass

NOT_RECORDED = "Empty: BoPS does not record it."


@dataclass(frozen=True)
class Field:
    name: str
    words: str


@dataclass(frozen=True)
class Dataset:
    slug: str
    title: str
    words: str
    fields: tuple[Field, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(field.name for field in self.fields)


_APPLICATION = Field("planning-application", "Reference of the application.")
_ORGANISATION = Field("organisation", "The council, as local-authority: and its code.")

PLANNING_APPLICATION = Dataset(
    "planning-application",
    "Planning applications",
    "Every application on the register.",
    (
        Field("reference", "The council’s reference."),
        Field("name", "The kind of application and its address."),
        Field("description", "What is proposed."),
        Field("application-types", "Code of the list planning-application-type; empty where the list has none."),
        Field("site", "Reference of its site in the dataset site."),
        Field("received-date", "The day the council received it."),
        Field("planning-authority", "The council, as local-authority: and its code on planning.data.gov.uk."),
        Field("development-scale", "major or minor, for full and outline applications."),
        Field("planning-performance-agreement", NOT_RECORDED),
        Field("withdrawn-date", "The day the applicant withdrew it."),
        Field("linked-applications", "Reference of the earlier application it belongs to, if that is on the register."),
        Field("document-url", "Empty: application forms hold personal data and are not told apart as documents."),
        Field("documentation-url", "Its page on the register."),
        Field("notes", "Empty."),
    ),
)
SITE = Dataset(
    "site",
    "Sites",
    "The land of each application. Two applications at one property can have different red lines, so each has its own.",
    (
        Field("reference", "Stays the same for ever."),
        Field("name", "The address in one line."),
        Field("address-text", "The address with the postcode."),
        Field("postcode", "The postcode, where there is one."),
        Field("description", "Empty: BoPS holds no description of a site apart from its address."),
        Field("geometry", "The red line as WKT, a MULTIPOLYGON in WGS84; empty where there is only a point."),
    ),
)
TIMELINE = Dataset(
    "planning-permission-timeline",
    "Timeline",
    "What happened to each application and when: the events of the list permission-process-event, as its page on the "
    "register tells them.",
    (
        Field("reference", "Stays the same when a date is put right."),
        _APPLICATION,
        Field("permission-process-event", "Code of the list permission-process-event."),
        Field("event-date", "The day; it can lie ahead, such as the day of a committee."),
    ),
)
DOCUMENT = Dataset(
    "planning-application-document",
    "Documents",
    "The documents that an officer has looked at and published, and no others.",
    (
        Field("reference", "Stays the same for ever."),
        _APPLICATION,
        Field("document-url", "The file."),
        Field("documentation-url", "The page of the application."),
        Field("name", "Title of the document."),
        Field("replaces", "Reference of the published document in whose place it came: the last, if of several."),
    ),
)
DECISION_NOTICE = Dataset(
    "decision-notice",
    "Decision notices",
    "The notice in force for each decided application: of a corrected notice the newest version.",
    (
        Field("reference", "A corrected notice has another."),
        _APPLICATION,
        Field("decision", "In the words of the notice."),
        Field("decision-date", "The day of the decision; a correction of its notice does not change it."),
        _ORGANISATION,
        Field("decision-maker", "planning-officer or committee; empty where an older register did not say."),
        Field(
            "planning-officer-recommendation",
            "The decision that the published report recommended; empty where there is no report of ours.",
        ),
        Field("document-url", "The notice as a PDF; empty where it was issued before the council used BoPS."),
        Field("documentation-url", "The page of the notice, or of the application."),
        Field("notes", "Of a notice that corrects an earlier one: when it was corrected, and what."),
    ),
)
PLANNING_CONDITION = Dataset(
    "planning-condition",
    "Conditions",
    "The conditions in issued decision notices, word for word.",
    (
        Field("reference", "Number and notice make it."),
        Field("name", "Title of the condition."),
        Field("description", "What it asks for."),
        Field("reason", "Why it was imposed."),
        _ORGANISATION,
    ),
)
DECISION_CONDITION = Dataset(
    "decision-condition",
    "Conditions of decisions",
    "Which condition stands in which decision notice.",
    (
        Field("reference", "Number and notice make it."),
        Field("decision-notice", "Reference of the decision notice."),
        Field("planning-condition", "Reference of the condition."),
        _ORGANISATION,
        Field("requested-by", NOT_RECORDED),
        Field("discharged-by", "Empty: BoPS does not record which notice discharges which condition."),
    ),
)
DATASETS = {
    dataset.slug: dataset
    for dataset in (
        PLANNING_APPLICATION,
        SITE,
        TIMELINE,
        DOCUMENT,
        DECISION_NOTICE,
        PLANNING_CONDITION,
        DECISION_CONDITION,
    )
}
