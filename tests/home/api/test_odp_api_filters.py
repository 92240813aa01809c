"""What is asked of the list of applications: every filter, with rows that fit it and rows that do not."""

import json
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from cases.models import PreviousReference, Publicity
from cases.statuses import Decision, Origin, Route, Status
from tests.home import odp
from tests.home.odp import BASE

pytestmark = pytest.mark.django_db


@pytest.fixture
def ask(authority) -> Callable[..., list[dict[str, Any]]]:
    """ask("applicationType=listed") → the applications that were found."""
    client = Client(HTTP_HOST=authority.site.hostname, headers=odp.HEADERS)

    def ask(query: str = "", *, status: int = 200) -> Any:
        answer = client.get(f"{BASE}?resultsPerPage=50&{query}")
        body = json.loads(answer.content)
        assert answer.status_code == body["status"]["code"] == status, answer.content[:300]
        return body["data"] if status == 200 else body["status"]["detail"]

    return ask


def references(found: list[dict[str, Any]]) -> set[str]:
    return {app["data"]["application"]["reference"] for app in found}


TODAY = timezone.localdate


@pytest.fixture
def many(make_public, officer, other_authority) -> dict[str, str]:
    """Applications of every stage and kind: a name for each → its reference."""
    today, made = TODAY(), {}

    def add(name: str, type_code: str = "pp.full.householder", **fields):
        made[name] = make_public(type_code, **fields)
        return made[name]

    def decided(name: str, type_code: str, decision: Decision, **fields):
        return add(
            name,
            type_code,
            status=Status.DETERMINED,
            decision=decision,
            origin=Origin.IMPORTED,
            **{"decided_on": date(2026, 7, 1), **fields},
        )

    add("assessed", description="Dormer window and a lighthouse", received_on=date(2026, 5, 1))
    for name, first, last in (
        ("consulted", -3, 9),
        ("last day", -9, 0),
        ("not begun", 3, 9),
        ("over", -20, -1),
    ):
        application = add(name, consultation_ends_on=today + timedelta(days=last), received_on=date(2026, 5, 2))
        Publicity.objects.create(
            application=application,
            kind="site_notice",
            begins_on=today + timedelta(days=first),
            days=21,
            ends_on=application.consultation_ends_on,
            by=officer,
        )
    add("older register, consulted", consultation_ends_on=today + timedelta(days=2), origin=Origin.IMPORTED)
    add("withdrawn", status=Status.WITHDRAWN, withdrawn_on=date(2026, 6, 20))
    decided("granted", "pp.full.minor", Decision.GRANTED, decided_on=date(2026, 7, 2))
    decided("conditions", "pp.full.major", Decision.GRANTED_WITH_CONDITIONS, route=Route.COMMITTEE)
    decided("refused", "listed", Decision.REFUSED, decided_on=date(2026, 7, 9))
    decided("pa approved", "pa.part1.classA", Decision.PA_APPROVED)
    decided("pa not required", "pa.part1.classA", Decision.PA_NOT_REQUIRED)
    decided("pa refused", "pa.part1.classA", Decision.PA_REFUSED)
    decided("pa not pd", "pa.part1.classA", Decision.PA_NOT_PD)
    lodged = decided("appeal lodged", "pp.full.minor", Decision.REFUSED)
    lodged.appeals.create(
        ground="refusal", lodged_on=date(2026, 8, 1), outcome="dismissed", decided_on=date(2026, 8, 3)
    )
    lodged.appeals.create(ground="conditions", lodged_on=date(2026, 8, 9))
    for outcome in ("allowed", "dismissed", "split", "withdrawn"):
        appealed = decided(f"appeal {outcome}", "pp.full.minor", Decision.REFUSED)
        appealed.appeals.create(
            ground="refusal", lodged_on=date(2026, 8, 5), outcome=outcome, decided_on=date(2026, 9, 5)
        )
    add("not decided, appealed").appeals.create(ground="non_determination", lodged_on=date(2026, 9, 1))
    make_public(status=Status.CLOSED)
    make_public(status=Status.INVALIDATED)
    make_public(authority=other_authority, description="Dormer")
    return {name: application.reference for name, application in made.items()}


APPEALED = {"appeal lodged", "appeal allowed", "appeal dismissed", "appeal split", "appeal withdrawn"}
PRIOR = {"pa approved", "pa not required", "pa refused", "pa not pd"}
OPEN_STILL = {"assessed", "consulted", "last day", "not begun", "over", "older register, consulted"}
DECIDED = {"granted", "conditions", "refused"} | PRIOR

CASES = [
    ("", None),
    ("applicationType=listed", {"refused"}),
    ("applicationType=listed,pp.full.major", {"refused", "conditions"}),
    ("applicationType=listed&applicationType=pp.full.major", set()),
    ("applicationType=listed&applicationType=listed,pp.full.major", {"refused"}),
    ("applicationType=nothing", set()),
    ("applicationStatus=Withdrawn", {"withdrawn"}),
    ("applicationStatus=Consultation in progress", {"consulted", "older register, consulted"}),
    ("applicationStatus=Assessment in progress", {"assessed", "last day", "not begun", "over"}),
    ("applicationStatus=Determined", DECIDED),
    ("applicationStatus=Appeal lodged", {"appeal lodged", "not decided, appealed"}),
    ("applicationStatus=Appeal validated", set()),
    ("applicationStatus=Appeal in progress", set()),
    ("applicationStatus=Appeal decided", APPEALED - {"appeal lodged"}),
    ("applicationStatus=Determined,Withdrawn", DECIDED | {"withdrawn"}),
    ("applicationStatus=Determined&applicationStatus=Withdrawn", set()),
    ("councilDecision=granted", {"granted", "conditions", "pa approved", "pa not required"}),
    ("councilDecision=Granted", {"granted", "conditions", "pa approved", "pa not required"}),
    ("councilDecision=Refused", {"refused", "pa refused", "pa not pd"} | APPEALED),
    ("councilDecision=granted,refused", DECIDED | APPEALED),
    ("councilDecision=Prior approval required and approved", {"pa approved"}),
    ("councilDecision=Prior approval not required", {"pa not required"}),
    ("councilDecision=Prior approval required and refused", {"pa refused"}),
    (
        "councilDecision=Prior approval not required,Prior approval required and refused",
        {"pa not required", "pa refused"},
    ),
    ("councilDecision=nonsense", set()),
    ("dprFilter=inConsultation", {"consulted", "last day", "older register, consulted"}),
    ("stage=consultation", {"consulted", "last day", "older register, consulted"}),
    ("stage=assessment", {"assessed", "not begun", "over", "withdrawn"} | DECIDED),
    ("stage=appeal", APPEALED | {"not decided, appealed"}),
    ("stage=submission,validation,highCourtAppeal", set()),
    ("status=undetermined", OPEN_STILL | {"not decided, appealed"}),
    ("status=determined", DECIDED | APPEALED),
    ("status=withdrawn", {"withdrawn"}),
    ("status=returned", set()),
    ("priorApprovalRequired=true", {"pa approved", "pa refused"}),
    ("priorApprovalRequired=false", {"pa not required"}),
    ("appealDecision=allowed", {"appeal allowed"}),
    ("appealDecision=splitDecision,withdrawn", {"appeal split", "appeal withdrawn"}),
    ("appealDecision=dismissed", {"appeal dismissed"}),  # an earlier appeal that was dismissed is not shown
    ("hasCouncilDecisionDate=true", DECIDED | APPEALED),
    ("hasCouncilDecisionDate=false", OPEN_STILL | {"withdrawn", "not decided, appealed"}),
    ("hasAppealLodgedDate=true", APPEALED | {"not decided, appealed"}),
    ("hasAppealDecisionDate=true", APPEALED - {"appeal lodged"}),
    ("hasAppealValidatedDate=true", set()),
    ("hasAppealStartedDate=false", None),
    ("hasWithdrawnAt=true", {"withdrawn"}),
    ("hasWithdrawnAt=false&status=withdrawn", set()),
    ("receivedAtFrom=2026-05-01&receivedAtTo=2026-05-01", {"assessed"}),
    ("receivedAtFrom=2026-05-01&receivedAtTo=2026-05-02", {"assessed", "consulted", "last day", "not begun", "over"}),
    ("receivedAtTo=2026-05-01", {"assessed"}),
    ("validatedAtFrom=2026-05-01&validatedAtTo=2026-05-01", {"assessed"}),
    ("councilDecisionDateFrom=2026-07-02&councilDecisionDateTo=2026-07-09", {"granted", "refused"}),
    ("councilDecisionDateFrom=2026-07-03&councilDecisionDateTo=2026-07-08", set()),
    ("withdrawnAtFrom=2026-06-20&withdrawnAtTo=2026-06-20", {"withdrawn"}),
    ("withdrawnAtFrom=2026-06-21", set()),
    ("appealLodgedDateFrom=2026-08-06&appealLodgedDateTo=2026-08-31", {"appeal lodged"}),
    ("appealDecisionDateFrom=2026-09-05&appealDecisionDateTo=2026-09-05", APPEALED - {"appeal lodged"}),
    ("appealDecisionDateTo=2026-09-04", set()),
    ("appealValidatedDateFrom=2026-01-01", set()),
    ("query=lighthouse", {"assessed"}),
    ("description=dormers window", {"assessed"}),
    ("description=Blyton", set()),  # a word of the address
    ("description=lighthouse house", set()),
    ("query=lighthouse&status=determined", set()),
    ("receivedAtFrom=0001-01-01&receivedAtTo=9999-12-31&publishedAtFrom=0001-01-01&publishedAtTo=9999-12-31", None),
]


@pytest.fixture
def names(many) -> Callable[[list[dict[str, Any]]], set[str]]:
    by_reference = {reference: name for name, reference in many.items()}
    return lambda found: {by_reference[reference] for reference in references(found)}


def test_filters(ask, many, names):
    found = {query: names(ask(query)) for query, _ in CASES}
    assert found == {query: set(many) if wanted is None else wanted for query, wanted in CASES}


def test_labels_find_what_is_shown_with_them(ask, many):
    """Asked for one of its own labels, the Digital Planning Register shows rows with that label and no others."""
    everything = ask()
    labels = {odp.status_label(app, TODAY()) for app in everything}
    assert len(labels) == 6
    for label in labels:
        found = ask(f"applicationStatus={label}")
        assert references(found) == references([a for a in everything if odp.status_label(a, TODAY()) == label])
    for label in {odp.decision_label(app) for app in everything if odp.decision_label(app)} - {"Granted", "Refused"}:
        found = ask(f"councilDecision={label}")
        assert {odp.decision_label(app) for app in found} == {label}


def test_consultation_end_dates(ask, many, names):
    today = TODAY()
    tomorrow = today + timedelta(days=1)
    assert names(ask(f"consultationEndDateFrom={today}&consultationEndDateTo={tomorrow}")) == {"last day"}
    assert "over" in names(ask(f"consultationEndDateTo={today - timedelta(days=1)}"))


def test_references(ask, make_public, authority):
    wanted, other = make_public(), make_public()
    PreviousReference.objects.create(application=wanted, authority=authority, reference="25/00007/LDCP")
    for text in (wanted.reference, wanted.reference[:8].lower(), "25/00007", "25-00007-ldcp"):
        assert references(ask(f"reference={text}")) == {wanted.reference}
    assert references(ask("reference=26-")) == {wanted.reference, other.reference}
    assert ask("reference=---") == []
    assert ask("reference=dormer") == []


def test_quick_filters_of_this_week_and_month(ask, make_public):
    today = TODAY()
    monday, first = today - timedelta(days=today.weekday()), today.replace(day=1)

    def at(day: date) -> datetime:
        return timezone.make_aware(datetime.combine(day, time()))

    def made(day: date) -> str:
        return make_public(
            published_at=at(day),
            public_changed_at=None,
            status=Status.DETERMINED,
            decision=Decision.GRANTED,
            decided_on=day,
            origin=Origin.IMPORTED,
        ).reference

    for quick, begin in (("Week", monday), ("Month", first)):
        inside, outside = made(begin), made(begin - timedelta(days=1))
        for what in ("published", "decided"):
            found = references(ask(f"dprFilter={what}This{quick}"))
            assert inside in found
            assert outside not in found


def test_published_days_are_londons(ask, make_public):
    late = timezone.make_aware(datetime(2026, 6, 10, 23, 59))
    reference = make_public(published_at=late).reference
    make_public(published_at=timezone.make_aware(datetime(2026, 6, 11)))
    assert references(ask("publishedAtFrom=2026-06-10&publishedAtTo=2026-06-10")) == {reference}


@pytest.mark.parametrize(
    ("sort", "wanted"),
    [
        ("", ["late", "middle", "early"]),
        ("sortBy=receivedAt&orderBy=asc", ["early", "middle", "late"]),
        ("sortBy=councilDecisionDate", ["early", "late", "middle"]),  # not decided: at the end, both ways
        ("sortBy=councilDecisionDate&orderBy=asc", ["late", "early", "middle"]),
        ("sortBy=consultationEndDate", ["middle", "late", "early"]),
        ("sortBy=validatedAt&orderBy=asc", ["early", "middle", "late"]),
    ],
)
def test_order(ask, make_public, sort, wanted):
    decided = {"status": Status.DETERMINED, "decision": Decision.GRANTED, "origin": Origin.IMPORTED}
    made = {
        "early": make_public(received_on=date(2026, 5, 1), decided_on=date(2026, 8, 2), **decided),
        "middle": make_public(received_on=date(2026, 5, 2), consultation_ends_on=date(2026, 6, 1)),
        "late": make_public(received_on=date(2026, 5, 3), decided_on=date(2026, 8, 1), **decided),
    }
    names = {application.reference: name for name, application in made.items()}

    def listed(page: str = "") -> list[str]:
        return [names[app["data"]["application"]["reference"]] for app in ask(f"{sort}{page}")]

    assert listed() == wanted
    pages = [listed(f"&resultsPerPage=1&page={page}") for page in (1, 2, 3)]
    assert [name for page in pages for name in page] == wanted


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("receivedAtFrom=1 June", "receivedAtFrom"),
        ("receivedAtTo=2026-02-30", "receivedAtTo"),
        ("publishedAtFrom=20260601", "publishedAtFrom"),
        ("sortBy=size", "sortBy"),
        ("orderBy=up", "orderBy"),
        ("dprFilter=mine", "dprFilter"),
        ("hasWithdrawnAt=perhaps", "hasWithdrawnAt"),
        ("page=x", "page"),
        ("priorApprovalRequired=x", "priorApprovalRequired"),
    ],
)
def test_what_cannot_be_read_is_refused_by_name(ask, query, named):
    assert named in ask(query, status=400)


@pytest.mark.parametrize(
    "query",
    ["query=%00", "query=%27%22%5C%3A*%26%7C!()", "description=%27%3AA%26", "reference=%00%27", "query=" + "x" * 5000,
     "applicationType=,,,", "applicationType=%00", "councilDecision[]=granted", "sortBy=&orderBy=&page=&query=",
     "description=!!", "stage=" + "x," * 500],
)  # fmt: skip
def test_odd_questions_have_answers(ask, make_public, query):
    make_public()
    assert isinstance(ask(query), list)


# --- Documents and comments of one application ------------------------------------------------------------------------


@pytest.fixture
def ask_of(authority):
    client = Client(HTTP_HOST=authority.site.hostname)

    def ask(application, what: str, query: str, *, status: int = 200):
        answer = client.get(f"{BASE}/{application.reference}/{what}?resultsPerPage=50&{query}")
        assert answer.status_code == status
        return answer.json()

    return ask


def test_filters_of_documents(ask_of, make_public, make_document):
    published = timezone.make_aware(datetime(2026, 6, 5, 12))
    application = make_public(published_at=published)
    for title, types, received_on, created_on in (
        ("Site plan", ["sitePlan.proposed"], date(2026, 6, 1), date(2026, 6, 1)),
        ("Roof plan", ["roofPlan.proposed", "roofPlan.existing"], date(2026, 6, 2), date(2026, 6, 7)),
        ("Heritage statement", ["heritageStatement"], date(2026, 6, 3), date(2026, 6, 9)),
    ):
        make_document(
            application,
            title,
            *types,
            received_on=received_on,
            created_at=timezone.make_aware(datetime.combine(created_on, time(12))),
        )
    cases = [
        ("", ["Heritage statement", "Roof plan", "Site plan"]),
        ("name=PLAN", ["Roof plan", "Site plan"]),
        ("query=roof", ["Roof plan"]),
        ("type=sitePlan.proposed", ["Site plan"]),
        ("type=sitePlan.proposed,roofPlan.existing", ["Roof plan", "Site plan"]),
        ("type=roofPlan.proposed&type=roofPlan.existing", ["Roof plan"]),
        ("type=roofPlan.proposed&type=sitePlan.proposed", []),
        ("association=appeal", []),
        ("association=application&name=roof", ["Roof plan"]),
        # A document that was there before its application was published came onto the register with it.
        ("publishedAtFrom=2026-06-05&publishedAtTo=2026-06-05", ["Site plan"]),
        ("publishedAtFrom=2026-06-06&publishedAtTo=2026-06-08", ["Roof plan"]),
        ("createdAtTo=2026-06-01", ["Site plan"]),
        ("submittedAtFrom=2026-06-02&submittedAtTo=2026-06-03", ["Heritage statement", "Roof plan"]),
        ("sortBy=name&orderBy=asc", ["Heritage statement", "Roof plan", "Site plan"]),
        ("sortBy=name&orderBy=desc", ["Site plan", "Roof plan", "Heritage statement"]),
        ("sortBy=publishedAt&orderBy=asc", ["Site plan", "Roof plan", "Heritage statement"]),
    ]
    for query, wanted in cases:
        answer = ask_of(application, "documents", query)
        assert [one["name"] for one in answer["data"]] == wanted, query
        assert answer["pagination"]["totalResults"] == len(wanted)
        assert answer["pagination"]["totalAvailableItems"] == 3
    assert "sortBy" in ask_of(application, "documents", "sortBy=x", status=400)["status"]["detail"]


def test_filters_of_public_comments(ask_of, make_public, make_comment):
    application = make_public()
    for text, sentiment, topics, day in (
        ("Too high", "objection", ["design", "light"], 1),
        ("Too loud", "objection", ["noise"], 2),
        ("Lovely", "supportive", ["design"], 3),
        ("Hm", "neutral", [], 4),
    ):
        published = timezone.make_aware(datetime(2026, 6, day, 12))
        make_comment(application, text, sentiment=sentiment, topics=topics, published_at=published)
    make_comment(application, "Too private", sentiment="objection", published_at=None, topics=["design"])
    cases = [
        ("", ["Hm", "Lovely", "Too loud", "Too high"]),
        ("orderBy=asc", ["Too high", "Too loud", "Lovely", "Hm"]),
        ("sentiment=objection", ["Too loud", "Too high"]),
        ("sentiment=supportive,neutral", ["Hm", "Lovely"]),
        ("sentiment=supportive&sentiment=neutral", []),
        ("topic=design", ["Lovely", "Too high"]),
        ("topic=noise,light", ["Too loud", "Too high"]),
        ("topic=design&topic=light", ["Too high"]),
        ("query=TOO", ["Too loud", "Too high"]),
        ("query=raw", []),  # only what is published is searched
        ("publishedAtFrom=2026-06-02&publishedAtTo=2026-06-03", ["Lovely", "Too loud"]),
        ("sentiment=nothing", []),
    ]
    for query, wanted in cases:
        answer = ask_of(application, "publicComments", query)
        texts = [one["commentRedacted"] for one in answer["data"]["comments"]]
        assert [text if isinstance(text, str) else text[0]["comment"] for text in texts] == wanted, query
        assert answer["data"]["summary"]["totalComments"] == 4
        assert answer["pagination"]["totalResults"] == len(wanted)


def test_filters_of_specialist_comments(ask_of, make_public, make_comment):
    application = make_public()
    for text, organisation, sentiment, day in (
        ("Unsafe", "Highways", "objection", 1),
        ("Safe now", "Highways", "supportive", 4),
        ("Move the drain", "Environment Agency", "amendments", 2),
        ("Seen", "Parish Council", "neutral", 3),
    ):
        published = timezone.make_aware(datetime(2026, 6, day, 12))
        make_comment(
            application,
            text,
            kind="consultee",
            organisation=organisation,
            sentiment=sentiment,
            published_at=published,
        )
    cases = [
        (
            "",
            {"Highways": ["Safe now", "Unsafe"], "Parish Council": ["Seen"], "Environment Agency": ["Move the drain"]},
        ),
        (
            "orderBy=asc",
            {"Highways": ["Safe now", "Unsafe"], "Environment Agency": ["Move the drain"], "Parish Council": ["Seen"]},
        ),
        ("sentiment=approved", {"Highways": ["Safe now"]}),
        ("sentiment=amendmentsNeeded,objected", {"Environment Agency": ["Move the drain"], "Highways": ["Unsafe"]}),
        ("sentiment=supportive", {}),  # our own word for it
        ("query=safe", {"Highways": ["Safe now", "Unsafe"]}),
        (
            "publishedAtFrom=2026-06-02&publishedAtTo=2026-06-03",
            {"Parish Council": ["Seen"], "Environment Agency": ["Move the drain"]},
        ),
        ("latestOnly=true&query=safe", {"Highways": ["Safe now"]}),
        ("id=highways", {"Highways": ["Safe now", "Unsafe"]}),
        ("id=highways,parish-council&latestOnly=true", {"Highways": ["Safe now"], "Parish Council": ["Seen"]}),
    ]
    for query, wanted in cases:
        data = ask_of(application, "specialistComments", query)["data"]
        found = [
            (one["name"]["singleLine"], [reply["commentRedacted"] for reply in one["comments"]])
            for one in data["comments"]
        ]
        assert found == list(wanted.items()), query
        assert data["summary"]["totalComments"] == 4
        assert data["summary"]["totalConsulted"] == 3
