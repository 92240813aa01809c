"""What the Planning Portal calls a document → codes of our document types, and what may be seen by the public."""

import re

from cases.statuses import PublicStatus

# Words of the Portal's own names for kinds of documents; the first that stands in the name decides.
_KINDS = (
    ("location plan", "locationPlan"), ("block plan", "sitePlan.proposed"), ("site plan", "sitePlan.proposed"),
    ("elevation", "elevations.proposed"), ("floor plan", "floorPlan.proposed"), ("roof plan", "roofPlan.proposed"),
    ("section", "sections.proposed"), ("street scene", "streetScene"), ("parking", "parkingPlan"),
    ("photograph", "photographs.existing"), ("design and access", "designAndAccessStatement"),
    ("heritage", "heritageStatement"), ("planning statement", "planningStatement"),
    ("flood risk", "floodRiskAssessment"), ("biodiversity net gain", "biodiversityNetGainInformation"),
    ("biodiversity", "ecologyReport"), ("ecolog", "ecologyReport"), ("tree survey", "treeSurvey"),
    ("arboricult", "arboriculturistReport"), ("transport", "transportAssessment"), ("travel plan", "travelPlan"),
    ("noise", "noiseAssessment"), ("contamina", "contaminationReport"), ("lighting", "lightingAssessment"),
    ("daylight", "sunlightAndDaylightReport"), ("sunlight", "sunlightAndDaylightReport"),
    ("landscap", "landscapeStrategy"), ("affordable housing", "affordableHousingStatement"),
    ("environmental impact", "environmentalImpactAssessment"), ("statutory declaration", "statutoryDeclaration"),
    ("structural", "conditionSurvey"), ("ventilation", "ventilationStatement"), ("energy", "energyStatement"),
    ("sustainab", "sustainabilityStatement"), ("drawing", "otherDrawing"), ("plan", "otherDrawing"),
)  # fmt: skip
_EITHER = re.compile(r"\b(existing|proposed)\b")

REDACTED_FORM = "applicationformredacted.pdf"
FORM = "applicationform.pdf"
WITHHELD_FORM = "It holds personal data; the form without them is published in its place."


def types_of(kind: str) -> list[str]:
    """Codes of document types for a kind in the Portal's words, such as “Elevation (Front) - Existing”."""
    said = re.sub(r"[_\s]+", " ", kind).lower()
    code = next((code for words, code in _KINDS if words in said), "otherDocument")
    when = _EITHER.findall(said)
    if when and code.endswith((".proposed", ".existing")):
        code = f"{code.rsplit('.', 1)[0]}.{when[-1]}"
    return [code]


def public_status_of(file_name: str) -> tuple[str, str]:
    """(public status, reason for withholding): the form without personal data is there to be published, the other is
    there to be withheld; everything else waits for an officer."""
    if file_name.lower() == REDACTED_FORM:
        return PublicStatus.PUBLISH, ""
    if file_name.lower() == FORM:
        return PublicStatus.WITHHOLD, WITHHELD_FORM
    return PublicStatus.NOT_ASSESSED, ""
