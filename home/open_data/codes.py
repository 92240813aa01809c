"""Our codes in the words of MHCLG's planning application data specification (its code lists of August 2026)."""

from accounts.models import LocalAuthority
from cases.models import ApplicationType
from cases.statuses import Resolution, Route

_FULL = {"pp.full.minor", "pp.full.major"}
_OUTLINE_ALL = {"pp.outline.minor.all", "pp.outline.major.all"}
_OUTLINE_SOME = {"pp.outline.minor.some", "pp.outline.major.some"}

# planning-application-type: codes of ours → theirs.
_TYPES = {
    **dict.fromkeys(("pp.full.householder", "pp.full.householder.retro"), "hh"),
    **dict.fromkeys(_FULL, "full"),
    **dict.fromkeys(_OUTLINE_ALL, "outline-all"),
    **dict.fromkeys(_OUTLINE_SOME, "outline-some"),
    **dict.fromkeys(("pp.full.minor.technicalDetails", "pp.full.major.technicalDetails"), "technical-details-consent"),
    "pp.full.demolition": "demolition-con-area",
    "pp.pip": "pip",
    "ldc.proposed": "ldc-prospective-use",
    # Theirs speaks of a use, of works and of what breaches a condition (TCPA 1990 s.191(1)(a) to (c)).
    **dict.fromkeys(("ldc.existing", "ldc.breachOfCondition"), "ldc-existing-use"),
    "ldc.listedBuildingWorks": "ldc-proposed-work-lb",
    "pa.part1.classA": "pa-extension",
    "pa.part1.classAA": "pa-storey",
    "pa.part3.classG": "cho-commercial-to-mixed",
    "pa.part3.classM": "cho-sui-to-dwh",
    "pa.part3.classMA": "cho-commercial-to-dwh",
    "pa.part3.classN": "cho-amusements-to-dwh",
    "pa.part3.classQ": "cho-agri-to-dwh",
    "pa.part3.classR": "cho-agri-to-flexcom",
    "pa.part3.classS": "cho-agri-to-school",
    "pa.part3.classT": "cho-comm-to-school",
    **dict.fromkeys(("pa.part6.classA", "pa.part6.classB", "pa.part6.classE"), "pa-build-agri-forest"),
    "pa.part11.classB": "pa-demo-building",
    "pa.part16.classA": "pa-ecomms-network",
    "pa.part20.classA": "pa-flats-de-blocks",
    "pa.part20.classAA": "pa-flats-de-comm",
    "pa.part20.classAB": "pa-flats-terr-comm",
    "pa.part20.classAC": "pa-flats-terr-dwh",
    "pa.part20.classAD": "pa-flats-de-dwh",
    "pa.part20.classZA": "pa-demo-replace-dwh",
    "listed": "lbc",
    "advertConsent": "advertising",
    "wtt.consent": "consent-under-tpo",
    "wtt.notice": "notice-trees-in-con-area",
    "hedgerowRemovalNotice": "hedgerow-removal",
    "nonMaterialAmendment": "non-material-amendment",
    "approval.conditions": "approval-condition",
    "approval.reservedMatters": "reserved-matters",
}
# The lists that they have for whole families, for a type that an administrator added.
_FAMILIES: dict[str, str] = {
    ApplicationType.Category.CERTIFICATE: "ldc",
    ApplicationType.Category.HOUSEHOLDER: "hh",
    ApplicationType.Category.PRIOR_APPROVAL: "prior-approval",
}
_SCALED = _FULL | _OUTLINE_ALL | _OUTLINE_SOME

DECISION_MAKERS = {Route.OFFICER: "planning-officer", Route.COMMITTEE: "committee"}
RESOLUTIONS = {Resolution.GRANT: "resolution-to-grant", Resolution.REFUSE: "resolution-to-refuse"}


def application_type(code: str, category: str) -> str:
    """planning-application-type; empty where their list has nothing that says the same."""
    return _TYPES.get(code) or _FAMILIES.get(category, "")


def development_scale(code: str) -> str:
    """major or minor, of full and outline applications alone; empty for every other."""
    if code not in _SCALED:
        return ""
    return "major" if ".major" in code else "minor"


def planning_authority(council: LocalAuthority) -> str:
    """planning-authority and organisation: local-authority:BUC."""
    return f"local-authority:{council.code}"
