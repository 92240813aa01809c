"""What happened in two years of the demonstration council: a story for each case."""

import random
from dataclasses import dataclass, field
from enum import StrEnum

from cases.statuses import Decision, Route

from .places import STREETS, Place, place


class Asked(StrEnum):
    """What passed between the council and the applicant, beside what was missing at first."""

    NOTHING = ""
    PROPOSED = "proposed"  # the checklist's proposals are noted, and not sent yet
    ANSWERED = "answered"  # answered, and waiting for the officer
    DESCRIPTION = "description"  # other words were agreed
    NEWER_DRAWING = "newer drawing"  # a drawing was replaced by its next revision
    CONDITION = "condition"  # a condition to be met before work starts was agreed
    REFUSED_TIME = "refused time"  # more time was asked for, and refused


class Ending(StrEnum):
    """How far a case has come by today."""

    ARRIVED = "arrived"
    BEING_CHECKED = "being checked"
    INVALID = "invalid"
    RETURNED = "returned"
    CONSULTING = "out to consultation"
    ASSESSING = "being assessed"
    SUBMITTED = "waiting for sign-off"
    SENT_BACK = "sent back"
    COMMITTEE = "at committee"
    DECIDED = "decided"
    APPEALED = "decided and appealed"
    CORRECTING = "decided, and its notice is being corrected"
    WITHDRAWN = "withdrawn"
    CLOSED = "closed"


# What became of some of the older cases after the decision.
LATER = {3: Ending.APPEALED, 5: Ending.CORRECTING, 14: Ending.APPEALED}


@dataclass(frozen=True)
class Story:
    type_code: str
    description: str
    project_types: tuple[tuple[str, str], ...]
    place: Place
    received_days_ago: int
    ending: Ending
    decision: Decision | None = None
    days_to_decide: int = 50
    was_invalid_first: bool = False
    has_agent: bool = True
    comments: int = 0
    extension_days: int = 0
    route: Route = Route.OFFICER
    constraints: tuple[str, ...] = ()
    seed: int = 0
    gpdo: tuple[str, ...] = field(default=())
    asked: Asked = Asked.NOTHING
    leaves_out: tuple[str, ...] = ()  # what did not come: types of drawings, or RED_LINE

    @property
    def job(self) -> str:
        """The number that the architect gives the job; drawings count on from it."""
        return f"{2400 + self.seed}"


REAR = (("extend.rear", "Add a rear or side extension (or conservatory)"),)
LOFT = (("extend.roof.dormer", "Add a roof dormer"),)
OUTBUILDING = (("extend.outbuilding", "Add an outbuilding (such as a shed, garage or garden office)"),)
CHANGE = (("changeOfUse", "Change of use"),)

RED_LINE = "red line"  # among what a story leaves out; everything else there is a type of drawing
USUALLY_MISSING = ("locationPlan", "elevations.proposed")
CONSERVATION_AREA = ("designated.conservationArea",)

LDC = [
    ("Single storey rear extension, 3 metres deep, to a detached house", REAR, ("part1.classA",)),
    ("Loft conversion with rear dormer and two front rooflights", LOFT, ("part1.classB", "part1.classC")),
    ("Garden office of 24 square metres, 2.5 metres high, for use with the house", OUTBUILDING, ("part1.classE",)),
    ("Porch of 2.6 square metres to the front door", REAR, ("part1.classD",)),
    ("Hip to gable roof alteration and rear dormer", LOFT, ("part1.classB",)),
    ("Replacement of a garage door with a window and use of the garage as a bedroom", REAR, ("part1.classA",)),
]
LDC_EXISTING = [
    "Use of the annexe as a separate dwelling for more than ten years",
    "Use of land as garden for more than ten years",
    "Outbuilding completed more than four years before April 2024",
]
HOUSEHOLDER = [
    "Two storey side extension, single storey rear extension and new front porch",
    "First floor extension over existing garage with matching hipped roof",
    "Single storey wrap-around extension with flat roof and two roof lanterns",
    "Replacement of conservatory with garden room, and raised terrace with steps to the lawn",
    "Two storey rear extension, loft conversion with rear dormer, and alterations to windows",
    "Detached double garage with store above, and widening of the vehicle access",
    "Raising of the ridge by 600 millimetres to form rooms in the roof with three dormers",
    "Single storey front extension, render to first floor and replacement windows",
]
PRIOR_APPROVAL = [
    "Larger single storey rear extension: 6 metres deep, 3 metres high at the eaves and 4 metres at the highest point",
    "Larger single storey rear extension: 4.5 metres deep, 2.8 metres to the eaves, 3.6 metres high",
    "Larger single storey rear extension: 8 metres deep to a detached house, 3 metres to the eaves, 4 metres high",
]
OTHERS = [
    ("pp.full.minor", "Demolition of a bungalow and building of two semi-detached houses with parking", ()),
    ("pp.full.minor", "Change of use of a shop to a café with extraction flue at the rear", CHANGE),
    ("pp.full.major", "Building of 24 dwellings with access, open space and drainage on land behind the school", ()),
    ("pa.part3.classMA", "Conversion of first floor offices to four flats", CHANGE),
    ("listed", "Replacement of six sash windows and repair of the front boundary wall", ()),
    ("advertConsent", "Two internally lit fascia signs and one hanging sign", ()),
    ("wtt.consent", "T1 oak: reduce the crown by 2 metres. T2 ash: fell", ()),
    ("wtt.notice", "Fell one cypress and reduce one yew in a conservation area", ()),
    ("nonMaterialAmendment", "Amendment to permission: change of brick and one window moved", ()),
    ("approval.conditions", "Details of materials (condition 3) and drainage (condition 5)", ()),
    ("preApp", "Advice on replacing a house with three flats", ()),
    ("pp.full.householder.retro", "Keeping a timber fence 2.1 metres high beside the highway", ()),
]


def stories() -> list[Story]:
    """Every story, oldest first. The same list every time."""
    told = [*_hand_told(), *_older_ones()]
    return sorted(told, key=lambda story: -story.received_days_ago)


def _hand_told() -> list[Story]:
    """The month on the officers' desks: something of everything, so that each list has its rows."""
    at = _houses(start=1)
    E, D = Ending, Decision
    rows: list[tuple] = [
        # type, number of the description, days ago, ending, decision, more
        ("ldc.proposed", 0, 0, E.ARRIVED, None, {}),
        ("ldc.proposed", 1, 1, E.ARRIVED, None, {}),
        ("pp.full.householder", 0, 1, E.ARRIVED, None, {"leaves_out": ("sitePlan.proposed", "elevations.proposed")}),
        ("pa.part1.classA", 0, 2, E.ARRIVED, None, {}),
        ("pp.full.householder", 1, 2, E.ARRIVED, None, {"has_agent": False, "leaves_out": (RED_LINE, "locationPlan")}),
        ("other", 7, 3, E.ARRIVED, None, {}),
        ("other", 4, 3, E.BEING_CHECKED, None, {"constraints": ("listed", "designated.conservationArea")}),
        ("pp.full.householder", 2, 4, E.BEING_CHECKED, None,
         {"asked": Asked.PROPOSED, "leaves_out": ("locationPlan", "elevations.existing", "elevations.proposed")}),
        ("ldc.proposed", 2, 5, E.BEING_CHECKED, None, {}),
        ("pp.full.householder", 3, 12, E.INVALID, None, {"asked": Asked.ANSWERED}),
        ("ldc.proposed", 3, 15, E.INVALID, None, {"has_agent": False}),
        ("other", 0, 18, E.INVALID, None, {}),
        ("ldc.existing", 0, 40, E.INVALID, None, {}),  # nobody has answered, and the last day is long past
        ("pp.full.householder", 4, 16, E.CONSULTING, None, {"comments": 3, "asked": Asked.DESCRIPTION}),
        ("pp.full.householder", 5, 18, E.CONSULTING, None,
         {"comments": 6, "constraints": CONSERVATION_AREA, "asked": Asked.NEWER_DRAWING}),
        ("pa.part1.classA", 1, 14, E.CONSULTING, None, {"comments": 1}),
        ("other", 1, 22, E.CONSULTING, None, {"comments": 4}),
        ("other", 2, 60, E.CONSULTING, None, {"comments": 9, "route": Route.COMMITTEE}),
        ("other", 3, 25, E.CONSULTING, None, {"comments": 2}),
        ("ldc.proposed", 4, 35, E.ASSESSING, None, {}),
        ("ldc.proposed", 5, 41, E.ASSESSING, None, {}),
        ("ldc.existing", 1, 44, E.ASSESSING, None, {}),
        ("pp.full.householder", 6, 46, E.ASSESSING, None, {"comments": 5, "asked": Asked.CONDITION}),
        ("pp.full.householder", 7, 50, E.ASSESSING, None, {"comments": 2, "was_invalid_first": True}),
        ("other", 5, 39, E.ASSESSING, None, {}),
        ("other", 6, 30, E.ASSESSING, None, {}),
        ("other", 8, 20, E.ASSESSING, None, {}),
        ("other", 9, 33, E.ASSESSING, None, {}),
        ("other", 10, 21, E.ASSESSING, None, {}),
        # Late, and late but with more time agreed
        ("pp.full.householder", 0, 78, E.ASSESSING, None, {"comments": 4, "asked": Asked.REFUSED_TIME}),
        ("ldc.proposed", 1, 74, E.ASSESSING, None, {}),
        ("pp.full.householder", 2, 92, E.ASSESSING, None, {"comments": 2, "extension_days": 50}),
        # With the manager
        ("ldc.proposed", 0, 40, E.SUBMITTED, D.LDC_GRANTED, {"gpdo": ("part1.classA",)}),
        ("ldc.proposed", 2, 45, E.SUBMITTED, D.LDC_REFUSED, {}),
        ("pp.full.householder", 3, 48, E.SUBMITTED, D.GRANTED_WITH_CONDITIONS, {"comments": 3}),
        ("pa.part1.classA", 2, 37, E.SUBMITTED, D.PA_REFUSED, {"comments": 2}),
        ("pp.full.householder", 4, 52, E.SUBMITTED, D.REFUSED, {"comments": 7}),
        ("ldc.proposed", 5, 43, E.SENT_BACK, D.LDC_GRANTED, {}),
        ("pp.full.householder", 5, 49, E.SENT_BACK, D.GRANTED_WITH_CONDITIONS, {"comments": 2}),
        ("other", 0, 54, E.COMMITTEE, D.GRANTED_WITH_CONDITIONS, {"comments": 8, "route": Route.COMMITTEE}),
        # Ended lately
        ("pp.full.householder", 6, 70, E.WITHDRAWN, None, {"comments": 3}),
        ("ldc.proposed", 3, 65, E.WITHDRAWN, None, {}),
        ("pp.full.householder", 1, 62, E.RETURNED, None, {}),
        ("ldc.existing", 2, 260, E.CLOSED, None, {}),
    ]  # fmt: skip
    return [
        _story(kind, number, days, ending, decision, next(at), seed, **more)
        for seed, (kind, number, days, ending, decision, more) in enumerate(rows)
    ]


def _older_ones() -> list[Story]:
    """Two years of decisions, in about the shares that councils have."""
    chance = random.Random("two years")
    at = _houses(start=60)
    D = Decision
    outcomes = {
        "ldc.proposed": [D.LDC_GRANTED, D.LDC_GRANTED, D.LDC_GRANTED, D.LDC_REFUSED],
        "ldc.existing": [D.LDC_GRANTED, D.LDC_REFUSED],
        "pp.full.householder": [D.GRANTED_WITH_CONDITIONS] * 5 + [D.REFUSED],
        "pa.part1.classA": [D.PA_NOT_REQUIRED, D.PA_APPROVED, D.PA_REFUSED],
    }
    kinds = ["pp.full.householder"] * 5 + ["ldc.proposed"] * 3 + ["pa.part1.classA"] * 2 + ["ldc.existing"]
    told = []
    for index in range(44):
        kind = kinds[index % len(kinds)]
        decision = outcomes[kind][index // len(kinds) % len(outcomes[kind])]
        late = index % 9 == 4
        is_prior_approval = kind.startswith("pa.")  # 42 days and silence permits: never late, never twice
        # Never before the publicity ended (DMPO art. 33), whatever holidays fell into it.
        invalid_first = index % 3 == 1 and not is_prior_approval
        days = chance.randrange(34, 38) if is_prior_approval else chance.randrange(44, 55)
        if late and not is_prior_approval:
            days = chance.randrange(68, 90)
        told.append(
            _story(
                kind,
                chance.randrange(8),
                95 + index * 14,
                LATER.get(index, Ending.DECIDED),
                D.REFUSED if index in (3, 14) and kind == "pp.full.householder" else decision,
                next(at),
                1000 + index,
                days_to_decide=days,
                comments=chance.randrange(4),
                was_invalid_first=invalid_first,
                extension_days=42 if late and index % 2 and not is_prior_approval else 0,
            )
        )
    return told


def _houses(start: int):
    number = start
    while True:
        for street in STREETS:
            yield place(street, number)
        number += 7


def _story(kind: str, number: int, days: int, ending: Ending, decision, where: Place, seed: int, **more) -> Story:
    gpdo: tuple[str, ...] = more.pop("gpdo", ())
    projects: tuple[tuple[str, str], ...]
    if kind == "ldc.proposed":
        words, projects, gpdo = LDC[number % len(LDC)]
    elif kind == "ldc.existing":
        words, projects = LDC_EXISTING[number % len(LDC_EXISTING)], CHANGE
    elif kind == "pa.part1.classA":
        words, projects, gpdo = PRIOR_APPROVAL[number % len(PRIOR_APPROVAL)], REAR, ("part1.classA",)
    elif kind == "pp.full.householder":
        words, projects = HOUSEHOLDER[number % len(HOUSEHOLDER)], REAR
    else:
        kind, words, projects = OTHERS[number % len(OTHERS)]
    if ending in (Ending.INVALID, Ending.RETURNED) or more.get("was_invalid_first"):
        more.setdefault("leaves_out", USUALLY_MISSING)
    return Story(kind, words, projects, where, days, ending, decision, seed=seed, gpdo=gpdo, **more)
