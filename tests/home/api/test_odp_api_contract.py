"""The Open Digital Planning API as the Digital Planning Register reads it, over applications of every stage."""

import json
import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cases.models import PlanningApplication, PreviousReference, Publicity, Recommendation, Submission
from cases.statuses import Decision, Origin, Route, Sentiment, Status
from notices.drafting.templates import load_notice_templates
from notices.signoff.approving import approve
from notices.signoff.drafting import draft_notice
from notices.signoff.submitting import submit_for_sign_off
from tests.cases.payloads import as_bytes, payload
from tests.home import odp
from tests.home.conftest import PDF
from tests.home.odp import BASE

pytestmark = pytest.mark.django_db


@pytest.fixture
def ask(authority) -> Callable[..., Any]:
    """ask("/26-00100-HAPP", page=1) → the answer to the Digital Planning Register, read."""
    client = Client(HTTP_HOST=authority.site.hostname, headers=odp.HEADERS)

    def ask(path: str = "", *, status: int = 200, **query) -> dict[str, Any]:
        answer = client.get(f"{BASE}{path}", query)
        assert answer.status_code == status, answer.content[:500]
        body = json.loads(answer.content)
        assert body["status"]["code"] == status
        return body

    return ask


@pytest.fixture
def show(ask) -> Callable[[PlanningApplication], dict[str, Any]]:
    def show(application: PlanningApplication) -> dict[str, Any]:
        answer = ask(f"/{application.reference}")
        odp.check_application(answer)
        assert odp.bad_dates(answer) == []
        assert odp.nulls(answer) == []
        return answer["data"]

    return show


@pytest.fixture
def decided(make_public):
    """A decided application of an older register: it needs no notice of ours."""

    def make(type_code: str, decision: Decision, **fields):
        fields = {"decided_on": date(2026, 7, 1), "origin": Origin.IMPORTED, **fields}
        return make_public(type_code, status=Status.DETERMINED, decision=decision, **fields)

    return make


@pytest.fixture
def consulted(make_public, officer):
    """An application whose publicity began some days ago and runs for some more."""

    def make(type_code: str = "pp.full.householder", *, began: int = 5, runs: int = 10, **fields):
        today = timezone.localdate()
        first, last = today - timedelta(days=began), today + timedelta(days=runs)
        application = make_public(type_code, **{"consultation_ends_on": last, **fields})
        for kind, begins_on in ((Publicity.Kind.SITE_NOTICE, first), (Publicity.Kind.NEIGHBOUR_LETTERS, last)):
            Publicity.objects.create(
                application=application, kind=kind, begins_on=begins_on, days=21, ends_on=last, by=officer
            )
        return application

    return make


# --- Every stage ------------------------------------------------------------------------------------------------------


def label(app: dict[str, Any]) -> str:
    return odp.status_label(app, timezone.localdate())


@pytest.mark.parametrize(
    "status", [Status.PENDING, Status.NOT_STARTED, Status.INVALIDATED, Status.RETURNED, Status.CLOSED]
)
def test_what_is_not_published_is_not_there(ask, make_public, status):
    hidden = make_public(status=status)  # even with a day of publication
    assert ask()["data"] == []
    assert ask()["pagination"]["totalAvailableItems"] == 0
    for tail in ("", "/documents", "/publicComments", "/specialistComments"):
        answer = ask(f"/{hidden.reference}{tail}", status=404)
        assert answer["data"] is None
        assert answer["status"]["message"] == "Not Found"


def test_an_application_that_is_not_published_yet(ask, make_application):
    hidden = make_application(status=Status.IN_ASSESSMENT)
    assert ask()["data"] == []
    ask(f"/{hidden.reference}", status=404)


def test_consultation(show, consulted, authority):
    today = timezone.localdate()
    app = show(consulted())
    assert app["data"]["application"] | {"publishedAt": ""} == {
        "reference": app["data"]["application"]["reference"],
        "stage": "consultation",
        "status": "undetermined",
        "publishedAt": "",
    }
    assert app["data"]["consultation"] == {
        "startDate": (today - timedelta(days=5)).isoformat(),
        "endDate": (today + timedelta(days=10)).isoformat(),
        "siteNotice": True,
    }
    assert label(app) == "Consultation in progress"
    assert odp.takes_comments(app, today)
    assert odp.decision_label(app) is None


def test_the_last_day_of_consultation_is_one(show, consulted):
    app = show(consulted(runs=0))
    assert app["data"]["application"]["stage"] == "consultation"
    assert label(app) == "Assessment in progress"  # its own reckoning ends a day early


def test_consultation_that_has_not_begun_or_is_over(show, consulted):
    for began, runs in ((-3, 10), (30, -2)):
        app = show(consulted(began=began, runs=runs))
        assert app["data"]["application"]["stage"] == "assessment"
        assert label(app) == "Assessment in progress"
        assert app["data"]["consultation"]


@pytest.mark.parametrize(
    "status", [Status.IN_ASSESSMENT, Status.TO_BE_REVIEWED, Status.AWAITING_DETERMINATION, Status.IN_COMMITTEE]
)
@pytest.mark.parametrize("until_decision", [True, False])
def test_assessment(show, make_public, authority, officer, status, until_decision):
    authority.comments_until_decision = until_decision
    authority.save()
    application = make_public(status=status, recommended=Decision.REFUSED, recommended_by=officer)
    app = show(application)
    assert label(app) == "Assessment in progress"
    assert odp.takes_comments(app, timezone.localdate()) == until_decision
    assert app["data"]["assessment"] == {"expiryDate": application.expires_on.isoformat()}  # no recommendation
    assert "consultation" not in app["data"]


def test_decided_by_an_officer_with_a_notice(show, make_public, officer, manager):
    load_notice_templates()
    application = make_public("ldc.proposed", officer=officer)
    application.refusal_reasons.create(title="Too high", text="The eaves are higher than 3 metres.")
    Recommendation.objects.create(
        application=application, decision=Decision.LDC_REFUSED, summary="Too high.", by=officer
    )
    approve(submit_for_sign_off(draft_notice(application, by=officer), by=officer), by=manager)

    app = show(application)
    today = timezone.localdate().isoformat()
    assert (label(app), odp.decision_label(app), odp.decision_date(app)) == ("Determined", "Refused", today)
    assessment = app["data"]["assessment"]
    url = f"http://testshire.example/planning-applications/{application.reference}/decision/1.pdf"
    assert assessment["decisionNotice"] == {"url": url}
    assert not {"committeeDecision", "planningOfficerRecommendation", "priorApprovalRequired"} & set(assessment)
    answer = Client(HTTP_HOST="testshire.example").get(url)
    assert answer.content.startswith(b"%PDF")


def test_decided_by_the_committee(show, decided):
    """Only the decision that counts: with both the page would show one's words and the other's date."""
    app = show(decided("pp.full.major", Decision.GRANTED_WITH_CONDITIONS, route=Route.COMMITTEE))
    assert app["data"]["application"]["stage"] == "assessment"
    assert app["data"]["assessment"]["committeeDecision"] == "granted"
    assert app["data"]["assessment"]["committeeDecisionDate"] == "2026-07-01"
    assert not [name for name in app["data"]["assessment"] if name.startswith("planningOfficer")]
    assert (label(app), odp.decision_label(app), odp.decision_date(app)) == ("Determined", "Granted", "2026-07-01")


@pytest.mark.parametrize(
    ("decision", "words", "required"),
    [
        (Decision.PA_APPROVED, "Prior approval required and approved", True),
        (Decision.PA_NOT_REQUIRED, "Prior approval not required", False),
        (Decision.PA_REFUSED, "Prior approval required and refused", True),
        (Decision.PA_NOT_PD, "Refused", None),
        (Decision.PA_DEEMED, "Granted", None),
    ],
)
def test_prior_approvals(show, decided, decision, words, required):
    app = show(decided("pa.part1.classA", decision))
    assert odp.decision_label(app) == words
    assert app["data"]["assessment"].get("priorApprovalRequired") is required
    assert label(app) == "Determined"


@pytest.mark.parametrize("decision", [one for one in Decision if one != Decision.ADVICE_GIVEN])
def test_every_decision_has_a_word(show, decided, decision):
    assert odp.decision_label(show(decided("pp.full.minor", decision)))


def test_withdrawn(show, make_public, officer):
    application = make_public(status=Status.WITHDRAWN, withdrawn_on=date(2026, 6, 20))
    app = show(application)
    assert label(app) == "Withdrawn"
    assert app["data"]["application"]["withdrawnAt"] == "2026-06-20T00:00:00.000Z"
    assert app["data"]["application"]["status"] == "withdrawn"
    application.appeals.create(ground="non_determination", lodged_on=date(2026, 6, 10))
    assert label(show(application)) == "Withdrawn"


def test_appeals(show, decided):
    application = decided("pp.full.householder", Decision.REFUSED)
    application.appeals.create(
        ground="conditions", lodged_on=date(2026, 7, 2), outcome="withdrawn", decided_on=date(2026, 7, 4)
    )
    newest = application.appeals.create(ground="refusal", lodged_on=date(2026, 7, 10))
    app = show(application)
    assert app["data"]["appeal"] == {"reason": "Against refusal", "lodgedDate": "2026-07-10"}
    assert app["data"]["application"]["stage"] == "appeal"
    assert app["data"]["application"]["status"] == "determined"
    assert (label(app), odp.decision_label(app)) == ("Appeal lodged", "Refused")
    for outcome, word in (("allowed", "allowed"), ("dismissed", "dismissed"), ("split", "splitDecision")):
        newest.outcome, newest.decided_on = outcome, date(2026, 9, 1)
        newest.save()
        app = show(application)
        assert app["data"]["appeal"]["decision"] == word
        assert app["data"]["appeal"]["decisionDate"] == "2026-09-01"
        assert label(app) == "Appeal decided"


def test_an_appeal_for_want_of_a_decision(show, make_public):
    application = make_public()
    application.appeals.create(ground="non_determination", lodged_on=date(2026, 9, 1))
    app = show(application)
    assert app["data"]["application"]["status"] == "undetermined"
    assert (label(app), odp.decision_label(app)) == ("Appeal lodged", None)


def test_dates_are_the_same_day_in_london_and_in_utc(show, make_public):
    moment = datetime(2026, 6, 30, 22, 59, 59, 987654, tzinfo=UTC)
    app = show(make_public(received_on=date(2026, 7, 1), submitted_at=moment, published_at=moment))
    assert app["data"]["submission"]["submittedAt"] == "2026-06-30T22:59:59.987Z"
    assert app["data"]["application"]["publishedAt"] == "2026-06-30T22:59:59.987Z"
    assert app["data"]["validation"] == {
        "receivedAt": "2026-07-01T00:00:00.000Z",
        "validatedAt": "2026-07-01T00:00:00.000Z",
        "isValid": True,
    }


def test_what_a_card_shows(ask, make_public):
    application = make_public("nonMaterialAmendment")
    (app,) = ask(page=1, maxresults=10)["data"]
    assert odp.described(app) == ("Rear extension of a house", "7 Blyton Close, Beaconsfield, HP9 2LX")
    assert app["applicationType"] == "amendment.nonMaterial"
    assert app["data"]["caseOfficer"] == {"name": ""}
    site = app["submission"]["data"]["proposal"]["boundary"]["site"]
    assert site == {"type": "Feature", "geometry": application.boundary, "properties": None}
    assert app == ask(f"/{application.reference}")["data"]


# --- The official schemas ---------------------------------------------------------------------------------------------


@odp.needs_schemas
def test_applications_are_of_the_official_form(show, ask, consulted, decided, make_public):
    """All but the form itself, which other tests hold against its own schema where one was sent."""
    officers = decided("pa.part1.classA", Decision.PA_APPROVED)
    appealed = decided("ldc.proposed", Decision.LDC_REFUSED)
    appealed.appeals.create(ground="refusal", lodged_on=date(2026, 7, 10), outcome="split", decided_on=date(2026, 9, 1))
    every = [
        consulted(),
        make_public("wtt.notice"),
        officers,
        appealed,
        decided("pp.full.major", Decision.SPLIT, route=Route.COMMITTEE),
        decided("pp.full.householder", Decision.REFUSED, expires_on=None, statutory_expiry_on=None),
        make_public("listed", status=Status.WITHDRAWN),
        make_public("nonMaterialAmendment"),
    ]
    schema = "postSubmissionPublishedApplication"
    for application in every:
        app = show(application)
        found = odp.faults(app, schema=schema, definition=odp.definition_of(app["applicationType"], schema=schema))
        assert [fault for fault in found if not fault.startswith("submission")] == [], application.application_type


@odp.needs_schemas
def test_files_and_comments_are_of_the_official_form(ask, full):
    schema = "postSubmissionPublishedApplication"
    for file in ask(f"/{full.reference}/documents")["data"]:
        assert odp.faults(file, schema=schema, definition="PostSubmissionFileRedacted") == []
    for comment in ask(f"/{full.reference}/publicComments")["data"]["comments"]:
        assert odp.faults(comment, schema=schema, definition="PublicCommentRedacted") == []
    comments = ask(f"/{full.reference}/publicComments")["data"]
    assert odp.faults(comments, schema=schema, definition="PublicCommentsRedacted") == []
    specialists = ask(f"/{full.reference}/specialistComments")["data"]
    found = odp.faults(specialists["summary"], schema=schema, definition="SpecialistCommentSummary")
    for one in specialists["comments"]:
        # The schema has no word for a reply that is neither for nor against; there we say nothing.
        sure = {**one, "comments": [reply for reply in one["comments"] if "sentiment" in reply]}
        found += odp.faults(sure, schema=schema, definition="SpecialistRedacted")
    assert found == []


# --- Documents --------------------------------------------------------------------------------------------------------


@pytest.fixture
def full(make_public, make_document, make_comment):
    """An application with documents and comments, published and not."""
    application = make_public()
    make_document(application, "Site plan", "sitePlan.proposed", "sitePlan.existing", drawing_number="A-1")
    make_document(application, "Roof", "roofPlan.proposed")
    for status in ("not_assessed", "withhold"):
        make_document(application, f"private {status}", "sitePlan.proposed", public_status=status)
    make_comment(application, "Too high", topics=["design"])
    make_comment(application, "Too loud, too wide", Sentiment.NEUTRAL, topics=["noise", "design"])
    make_comment(application, "Lovely", Sentiment.SUPPORTIVE)
    make_comment(application, "private words", Sentiment.OBJECTION, published_at=None)
    consultee = {"kind": "consultee", "organisation": "Environment Agency"}
    old = timezone.now() - timedelta(days=9)
    make_comment(application, "No flood risk assessment", Sentiment.AMENDMENTS, published_at=old, **consultee)
    make_comment(application, "Content now", Sentiment.SUPPORTIVE, **consultee)
    highways = {"kind": "consultee", "organisation": "Highways"}
    make_comment(application, "Nothing to say", Sentiment.NEUTRAL, published_at=old, **highways)
    make_comment(application, "Dangerous", Sentiment.OBJECTION, published_at=old - timedelta(days=1), **highways)
    make_comment(application, "private reply", Sentiment.OBJECTION, published_at=None, **highways)
    return application


def test_documents(ask, full):
    answer = ask(f"/{full.reference}/documents", page=1, resultsPerPage=6)
    odp.check_documents(answer)
    assert odp.bad_dates(answer) == []
    assert odp.nulls(answer) == []
    assert answer["pagination"] == {
        "resultsPerPage": 6,
        "currentPage": 1,
        "totalPages": 1,
        "totalResults": 2,
        "totalAvailableItems": 2,
    }
    file = next(one for one in answer["data"] if one["name"] == "Site plan")
    assert file["type"] == ["sitePlan.proposed", "sitePlan.existing"]
    assert file["referencesInDocument"] == ["A-1"]
    assert file["metadata"]["size"] == {"bytes": len(PDF)}
    assert "url" not in file
    sent = Client(HTTP_HOST="testshire.example").get(file["redactedUrl"])
    assert b"".join(sent.streaming_content) == PDF
    one = ask(f"/{full.reference}/documents/{file['id']}")
    assert one["data"] == file
    hidden = full.documents.get(public_status="withhold")
    ask(f"/{full.reference}/documents/{hidden.pk}", status=404)
    ask(f"/{full.reference}/documents/{10**30}", status=404)


def test_public_comments(ask, full):
    answer = ask(f"/{full.reference}/publicComments", page=1, resultsPerPage=10)
    odp.check_public_comments(answer)
    assert odp.bad_dates(answer) == []
    assert odp.nulls(answer) == []
    assert answer["data"]["summary"] == {
        "totalComments": 3,
        "sentiment": {"supportive": 1, "neutral": 1, "objection": 1},
    }
    comments = {one["sentiment"]: one for one in answer["data"]["comments"]}
    assert comments["objection"]["commentRedacted"] == [
        {"topic": "design", "question": "Design, size or height", "comment": "Too high"}
    ]
    assert comments["neutral"]["commentRedacted"] == "Too loud, too wide"
    one = ask(f"/{full.reference}/publicComments/{comments['neutral']['id']}")
    assert one["data"] == comments["neutral"]
    hidden = full.comments.get(redacted_text="private words")
    ask(f"/{full.reference}/publicComments/{hidden.pk}", status=404)


def test_commenters_are_named_by_the_councils_switch(ask, full, authority):
    assert "Private" not in json.dumps(ask(f"/{full.reference}/publicComments"))
    authority.publishes_commenter_names = authority.publishes_commenter_addresses = True
    authority.save()
    said = json.dumps(ask(f"/{full.reference}/publicComments"))
    assert '"singleLine": "Private Name"' in said
    assert "Private Address" not in said  # the published form of the schema has no place for it


@pytest.mark.parametrize("kind", ["publicComments", "specialistComments"])
def test_nothing_per_page_means_the_summary_alone(ask, full, kind):
    answer = ask(f"/{full.reference}/{kind}", page=1, resultsPerPage=0)
    (odp.check_public_comments if kind == "publicComments" else odp.check_specialists)(answer)
    assert answer["data"]["comments"] == []
    assert answer["data"]["summary"]["totalComments"] == (3 if kind == "publicComments" else 4)


def test_specialist_comments(ask, full):
    answer = ask(f"/{full.reference}/specialistComments", page=1, resultsPerPage=10)
    odp.check_specialists(answer)
    assert odp.bad_dates(answer) == []
    assert odp.nulls(answer) == []
    assert answer["data"]["summary"] == {
        "totalComments": 4,
        "totalConsulted": 2,
        "sentiment": {"approved": 1, "amendmentsNeeded": 1, "objected": 1},
    }
    agency, highways = answer["data"]["comments"]
    assert agency["name"]["singleLine"] == "Environment Agency"
    assert [(one["commentRedacted"], one.get("sentiment")) for one in agency["comments"]] == [
        ("Content now", "approved"),
        ("No flood risk assessment", "amendmentsNeeded"),
    ]
    assert [(one["commentRedacted"], one.get("sentiment")) for one in highways["comments"]] == [
        ("Nothing to say", None),
        ("Dangerous", "objected"),
    ]
    one = ask(f"/{full.reference}/specialistComments/{agency['id']}", page=1, resultsPerPage=1)
    odp.check_specialist(one["data"])
    assert one["pagination"]["totalResults"] == 2
    assert one["data"] == {**agency, "comments": agency["comments"][:1]}
    ask(f"/{full.reference}/specialistComments/nobody", status=404)


def test_an_application_without_documents_and_comments(ask, make_public):
    reference = make_public().reference
    assert ask(f"/{reference}/documents")["data"] == []
    odp.check_public_comments(ask(f"/{reference}/publicComments"))
    odp.check_specialists(ask(f"/{reference}/specialistComments"))


# --- Pages, addresses, councils ---------------------------------------------------------------------------------------


def test_pages(ask, make_public):
    for day in range(1, 8):
        make_public(received_on=date(2026, 6, day))
    received = [f"2026-06-0{day}" for day in range(7, 0, -1)]

    def days(**query) -> list[str]:
        return [one["data"]["validation"]["receivedAt"][:10] for one in ask(**query)["data"]]

    answer = ask(page=2, maxresults=3)
    odp.check_list(answer)
    assert answer["pagination"] == {
        "resultsPerPage": 3,
        "currentPage": 2,
        "totalPages": 3,
        "totalResults": 7,
        "totalAvailableItems": 7,
    }
    assert days(page=2, maxresults=3) == days(page=2, resultsPerPage=3) == received[3:6]
    assert days(page=0, resultsPerPage=3) == days(page=-4, resultsPerPage=3) == received[:3]
    assert days(page=99, resultsPerPage=3) == received[6:]
    assert ask(page=99, resultsPerPage=3)["pagination"]["currentPage"] == 3
    assert ask(resultsPerPage=1000)["pagination"]["resultsPerPage"] == 50
    assert ask()["pagination"]["resultsPerPage"] == 10
    assert ask(resultsPerPage=0)["data"] == []
    assert ask(resultsPerPage=0)["pagination"]["totalResults"] == 7
    assert "page" in ask(page="two", status=400)["status"]["detail"]
    assert ask(page="9" * 12)["status"]["code"] == 200


def test_nothing_found_is_a_list_all_the_same(ask, make_public):
    make_public()
    answer = ask(query="lighthouse")
    odp.check_list(answer)
    assert answer["data"] == []
    assert answer["pagination"] | {"resultsPerPage": 0} == {
        "resultsPerPage": 0,
        "currentPage": 1,
        "totalPages": 1,
        "totalResults": 0,
        "totalAvailableItems": 1,
    }


def test_walking_everything_with_the_cursor(ask, make_public):
    made = [make_public(received_on=date(2026, 6, day)).reference for day in (3, 1, 2, 2, 2)]
    cursor, walked = "", []
    while cursor is not None:
        answer = ask(cursor=cursor, resultsPerPage=2)
        walked.append([one["data"]["application"]["reference"] for one in answer["data"]])
        cursor = answer["pagination"]["nextCursor"]
        assert set(answer["pagination"]) == {
            "resultsPerPage",
            "nextCursor",
            "prevCursor",
            "totalResults",
            "totalAvailableItems",
        }
    assert walked == [[made[0], made[4]], [made[3], made[2]], [made[1]]]
    for broken in ("x", "####", "MjAyNi0wNi0wMS54"):
        assert "cursor" in ask(cursor=broken, status=400)["status"]["detail"]


def test_counting_ends_and_so_do_pages(ask, make_public, monkeypatch):
    for _ in range(5):
        make_public()
    monkeypatch.setattr("home.api.odp_paging.MOST_COUNTED", 4)
    monkeypatch.setattr("home.api.odp.MOST_COUNTED", 4)
    for query in ({}, {"query": "house"}):
        pages = ask(page=9, resultsPerPage=2, **query)["pagination"]
        assert pages["totalResults"] == 4
        assert (pages["currentPage"], pages["totalPages"], pages["totalAvailableItems"]) == (2, 2, 5)


def test_references_of_every_kind(ask, make_public, authority):
    plain = make_public()
    PreviousReference.objects.create(application=plain, authority=authority, reference="25/00007/LDCP")
    make_public(reference="PL/19/0042/FA", origin=Origin.IMPORTED)

    def found(path: str) -> str:
        return ask(path)["data"]["data"]["application"]["reference"]

    for path in (plain.reference, plain.reference.lower(), "25-00007-LDCP", "25%2F00007%2FLDCP", "2500007LDCP"):
        assert found(f"/{path}") == plain.reference
    for path in ("PL-19-0042-FA", "PL%2F19%2F0042%2FFA", "PL/19/0042/FA"):
        assert found(f"/{path}") == "PL-19-0042-FA"  # its own links would break with slashes
        for tail in ("/documents", "/publicComments", "/specialistComments"):
            assert ask(f"/{path}{tail}")["status"]["code"] == 200
    (app,) = ask(reference="PL/19")["data"]
    assert app["data"]["application"]["reference"] == "PL-19-0042-FA"
    for path in ("nothing", "%00", "x" * 500):
        assert ask(f"/{path}", status=404)["data"] is None


def test_councils_by_host_and_by_header(make_public, authority, other_authority):
    other_authority.short_name, other_authority.client_name = "As residents say it", "else-where"
    other_authority.save()
    ours, theirs = make_public(), make_public(authority=other_authority)

    def listed(host: str, client: str | None = None) -> list[str]:
        answer = Client(HTTP_HOST=host).get(BASE, headers={"x-client": client} if client else {})
        assert "X-Client" in answer.headers["Vary"]
        return [one["data"]["application"]["reference"] for one in answer.json()["data"]]

    def refused(name: str) -> None:
        answer = Client(HTTP_HOST="testshire.example").get(BASE, headers={"x-client": name})
        assert answer.status_code == answer.json()["status"]["code"] == 404
        assert answer.json()["status"]["detail"] == "No council here has the name that the header x-client gives."

    assert listed("testshire.example") == listed("testshire.example", "testshire") == [ours.reference]
    assert listed("elsewhere.example") == [theirs.reference]
    for name in ("camden", "testshire-x", "as-residents-say-it", "x" * 500):
        refused(name)
    for name in ("else-where", "lbh", "LBH", "Else-Where"):
        assert listed("testshire.example", name) == [theirs.reference]
    answer = Client(HTTP_HOST="testshire.example").get(f"{BASE}/{theirs.reference}")
    assert answer.status_code == (200 if theirs.reference == ours.reference else 404)
    other_authority.is_active = False
    other_authority.save()
    assert Client(HTTP_HOST="elsewhere.example").get(BASE).status_code == 404
    refused("lbh")


def test_files_of_another_council_lie_on_its_own_site(make_public, other_authority, authority, make_document):
    application = make_public(authority=other_authority)
    make_document(application, "Plan")
    client = Client(HTTP_HOST="testshire.example", headers={"x-client": "lbh"})
    (file,) = client.get(f"{BASE}/{application.reference}/documents").json()["data"]
    assert file["redactedUrl"].startswith("http://elsewhere.example/planning-applications/")


def test_answers_may_be_kept_for_a_minute(make_public, authority):
    application = make_public()
    client = Client(HTTP_HOST=authority.site.hostname)
    for path in (BASE, f"{BASE}/{application.reference}", f"{BASE}/{application.reference}/documents"):
        first = client.get(path)
        assert "max-age=60" in first.headers["Cache-Control"]
        assert "public" in first.headers["Cache-Control"]
        again = client.get(path, headers={"if-none-match": first.headers["ETag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert "X-Client" in again.headers["Vary"]
        assert not first.cookies


def test_queries_do_not_grow_with_rows(ask, make_public, decided, consulted):
    def asked() -> int:
        ask(resultsPerPage=50)
        with CaptureQueriesContext(connection) as queries:
            ask(resultsPerPage=50)
        return len(queries)

    def more() -> None:
        consulted()
        decided("pa.part1.classA", Decision.PA_APPROVED).appeals.create(ground="refusal", lodged_on=date(2026, 7, 2))
        application, sent = make_public(), payload()
        sent["metadata"]["id"] = str(uuid.uuid4())
        Submission.objects.create(
            authority=application.authority,
            application=application,
            source=Submission.Source.PLANX,
            outcome="accepted",
            external_id=sent["metadata"]["id"],
            body=as_bytes(sent),
            sha256="0" * 64,
        )

    more()
    few = asked()
    more()
    more()
    assert asked() == few
    assert few <= 14
