"""The Digital Planning Register finds every key that it reads, in every answer, about applications of every kind."""

import uuid
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from cases.models import Party, PlanningApplication, Publicity, Submission
from cases.statuses import Decision, Origin, Route, Sentiment, Status
from tests.cases.payloads import as_bytes, payload
from tests.home import dpr_keys, odp

pytestmark = pytest.mark.django_db
KINDS = ("", "documents", "publicComments", "specialistComments")
# Nobody can enter yet when the Planning Inspectorate found an appeal valid, and when it began to look at it.
NOT_KNOWN = {"data.appeal.validatedDate", "data.appeal.startedDate"}


@pytest.fixture
def ask(authority) -> Callable[..., dict[str, Any]]:
    client = Client(HTTP_HOST=authority.site.hostname, headers=odp.HEADERS)

    def ask(path: str = "", **query: object) -> dict[str, Any]:
        answer = client.get(f"{odp.BASE}{path}", query)
        assert answer.status_code == 200, answer.content[:500]
        return answer.json()

    return ask


@pytest.fixture
def of_every_kind(make_public, make_document, make_comment, officer) -> list[PlanningApplication]:
    """Submitted and imported, with and without a red line, an agent, a decision, an appeal; in every public status."""
    today = timezone.localdate()
    decided = {"status": Status.DETERMINED, "decided_on": date(2026, 7, 1), "origin": Origin.IMPORTED}

    consulted = make_public(consultation_ends_on=today + timedelta(days=9))
    Publicity.objects.create(
        application=consulted,
        kind=Publicity.Kind.SITE_NOTICE,
        begins_on=today,
        days=21,
        by=officer,
        ends_on=today + timedelta(days=9),
    )
    make_document(consulted, "Site plan", "sitePlan.proposed")
    make_comment(consulted, "Too high", topics=["design"])
    make_comment(consulted, "Content", Sentiment.SUPPORTIVE, kind="consultee", organisation="Highways")

    submitted = make_public()
    sent = payload()
    sent["metadata"]["id"] = str(uuid.uuid4())
    Submission.objects.create(
        authority=submitted.authority,
        application=submitted,
        source=Submission.Source.PLANX,
        sha256="1" * 64,
        body=as_bytes(sent),
        outcome=Submission.Outcome.ACCEPTED,
    )
    Party.objects.create(
        application=submitted, role=Party.Role.AGENT, first_name="A", last_name="Gent", company="Agents Ltd"
    )
    appealed = make_public("ldc.proposed", decision=Decision.LDC_REFUSED, **decided)
    appealed.appeals.create(ground="refusal", lodged_on=date(2026, 7, 9), outcome="split", decided_on=date(2026, 9, 1))
    without = make_public("pp.full.major", boundary=None, latitude=None, longitude=None, origin=Origin.IMPORTED)
    without.parties.all().delete()
    of_a_company = make_public("wtt.notice", origin=Origin.IMPORTED)
    of_a_company.parties.update(first_name="", last_name="", company="Builders Ltd")
    return [
        consulted,
        submitted,
        appealed,
        without,
        of_a_company,
        make_public("listed", status=Status.WITHDRAWN),
        make_public("pa.part1.classA", decision=Decision.PA_APPROVED, **decided),
        make_public("pp.full.major", decision=Decision.REFUSED, route=Route.COMMITTEE, **decided),
        make_public("pp.full.householder", status=Status.AWAITING_DETERMINATION),
        make_public("pp.full.householder", status=Status.IN_COMMITTEE),
        make_public("nonMaterialAmendment"),
    ]


def test_every_key_is_right_in_every_answer(ask, of_every_kind):
    wrong = {}
    for application in of_every_kind:
        for kind in KINDS:
            path = f"/{application.reference}/{kind}" if kind else f"/{application.reference}"
            wrong[path] = dpr_keys.wrong_in_answer(kind, ask(path))
    listed = ask(maxresults=50)["data"]
    assert len(listed) == len(of_every_kind)
    wrong["the list"] = [fault for app in listed for fault in dpr_keys.wrong_in_application(app)]
    assert {path: faults for path, faults in wrong.items() if faults} == {}


def test_every_key_is_sent_where_it_is_known(ask, of_every_kind, officer):
    apps = ask(maxresults=50)["data"]
    sent = {
        path for path in dpr_keys.APPLICATION_MAY for app in apps if dpr_keys.at(app, path) is not dpr_keys.NOT_THERE
    }
    # The address of a decision notice is sent for one that was issued here (test_odp_api_contract.py).
    assert set(dpr_keys.APPLICATION_MAY) - sent == NOT_KNOWN | {"data.assessment.decisionNotice.url"}


def test_the_map_shows_the_red_line_of_the_register(ask, of_every_kind):
    for application in of_every_kind:
        shown = ask(f"/{application.reference}")["data"]["submission"]["data"]["property"].get("boundary")
        if application.boundary is None:
            assert shown is None
        else:
            assert shown["site"] == {"type": "Feature", "geometry": application.boundary, "properties": None}


def test_an_applicant_is_shown_whatever_is_known_of_their_kind(ask, of_every_kind):
    for application in of_every_kind:
        app = ask(f"/{application.reference}")["data"]
        assert odp.shows_applicant(app) == application.parties.filter(role="applicant").exists()


@pytest.mark.parametrize("path", [*dpr_keys.APPLICATION_MUST, "submission.data.applicant.type"])
def test_a_hole_is_found(ask, make_public, path):
    """The list is asked, not only written down."""
    application = make_public()
    app = ask(f"/{application.reference}")["data"]
    *way, last = path.split(".")
    part = app
    for name in way:
        part = part[name]
    del part[last]
    assert any(path in fault for fault in dpr_keys.wrong_in_application(app))
