"""The API against its own description: requests that nobody thought of, always the same ones.

schemathesis makes them from what /api/openapi.json says, and reads each answer by it: no server error, no status,
content type or shape that is not described. In process, over applications in several stages of two councils.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

import pytest
import schemathesis
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from ninja.responses import NinjaJSONEncoder
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from wagtail.models import Site

from accounts.models import ApiToken, User
from accounts.roles import PLANNING_OFFICER
from cases.models import Appeal, Comment, Document, PlanningApplication, Publicity, Submission, ValidationRequest
from cases.statuses import Decision, Origin, PublicStatus, Status
from config.api import api
from tests.cases.payloads import as_bytes, payload
from tests.database import COUNCIL, make_authority
from tests.making import new_application, new_user, one_world

HOST = "localhost"
EXAMPLES = 12  # for each operation
CHECKS = [
    schemathesis.checks.not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
CONFIG = SchemathesisConfig.from_dict(
    {
        "seed": 2026,
        "generation": {"mode": "all", "max-examples": EXAMPLES, "deterministic": True},
        "phases": {"coverage": {"enabled": False}, "stateful": {"enabled": False}},
    }
)
application = get_wsgi_application()
# Not asked for at its address: there is no database yet, which says whose site an address is.
description = json.dumps(api.get_openapi_schema(), cls=NinjaJSONEncoder)
schema = schemathesis.openapi.from_dict(json.loads(description), config=CONFIG)
schema.app = application
QUICKLY = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@dataclass(frozen=True)
class Register:
    """Applications in several stages, of a council at HOST, and a token that may do everything."""

    open_one: PlanningApplication
    decided: PlanningApplication
    secret: str

    @property
    def references(self) -> list[str]:
        return [self.open_one.reference, self.decided.reference, str(self.open_one.pk)]


@pytest.fixture(scope="module")
def made_once(django_db_setup, django_db_blocker) -> Iterator[Register]:
    with one_world(django_db_blocker):
        authority, other_authority = make_authority(*COUNCIL), make_authority("LBH", "Elsewhere", "elsewhere.example")
        officer = new_user("officer", PLANNING_OFFICER, authority=authority)
        make_application = partial(new_application, authority=authority)
        root = authority.site.root_page
        authority.site, _ = Site.objects.get_or_create(hostname=HOST, port=80, defaults={"root_page": root})
        authority.save()
        published = {"published_at": timezone.now()}
        open_one = make_application("pp.full.householder", status=Status.IN_ASSESSMENT, officer=officer, **published)
        decided = make_application(
            "ldc.proposed",
            status=Status.DETERMINED,
            origin=Origin.IMPORTED,
            decision=Decision.LDC_GRANTED,
            decided_on=open_one.received_on,
            **published,
        )
        make_application(
            "pa.part1.classA",
            status=Status.WITHDRAWN,
            boundary=None,
            latitude=None,
            longitude=None,
            uprn="",
            postcode="",
            **published,
        )
        make_application("pp.full.householder", status=Status.INVALIDATED)
        make_application("pp.full.householder", authority=other_authority)
        _belongings(open_one, officer)
        Appeal.objects.create(application=decided, ground=Appeal.Ground.CONDITIONS, lodged_on=decided.received_on)
        _, secret = ApiToken.create(authority=authority, name="Fuzz", scopes=["submit", "read", "respond"])
        yield Register(open_one, decided, secret)


@pytest.fixture
def register(made_once, db, settings) -> Iterator[Register]:
    settings.API_REQUESTS_PER_MINUTE = 1_000_000
    settings.REMEMBER_SECONDS = 3_600  # as on a real site: whose it is, is made out once for hundreds of requests
    cache.clear()
    _documents(made_once.open_one)
    with _one_connection():
        yield made_once
    cache.clear()


@contextmanager
def _one_connection() -> Iterator[None]:
    """As Django's test client has it: the end of a request does not close the connection that holds the test's rows."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def _documents(application: PlanningApplication) -> None:
    """Their files lie in the folder of one test."""
    for status in (PublicStatus.PUBLISH, PublicStatus.WITHHOLD):
        Document.objects.create(
            application=application,
            title="Plan ²",
            types=["sitePlan.proposed"],
            received_on=application.received_on,
            file=ContentFile(b"%PDF-1.4", "a.pdf"),
            mime_type="application/pdf",
            size=8,
            public_status=status,
            withheld_because="Private" if status == PublicStatus.WITHHOLD else "",
        )


def _belongings(application: PlanningApplication, officer: User) -> None:
    said = {"application": application, "text": "No", "received_on": application.received_on}
    shown = {"redacted_text": "No", "published_at": timezone.now(), "published_by": officer}
    Comment.objects.create(name="Ada", sentiment="objection", topics=["design"], **said, **shown)
    Comment.objects.create(name="Ben", sentiment="neutral", **said)
    Comment.objects.create(
        name="Cy", kind="consultee", organisation="Highways", sentiment="amendments", **said, **shown
    )
    Publicity.objects.create(
        application=application,
        kind=Publicity.Kind.WEBSITE,
        days=21,
        by=officer,
        begins_on=application.received_on,
        ends_on=application.received_on,
    )
    ValidationRequest.objects.create(
        application=application,
        number=1,
        kind="fee",
        title="Fee",
        text="Short",
        what_to_send="£1",
        raised_by=officer,
        sent_at=timezone.now(),
    )
    Submission.objects.create(
        authority=application.authority,
        application=application,
        source="planx",
        external_id="1",
        sha256="0" * 64,
        body=as_bytes(payload()),
        outcome=Submission.Outcome.ACCEPTED,
    )


def _send(case, register: Register) -> None:
    """Send it to the council, with the token where one is asked for, and read the answer by the description."""
    for name in ("reference", "id"):
        if name in case.path_parameters and _is_every_other(str(case.path_parameters[name])):
            known = register.references
            case.path_parameters[name] = known[len(str(case.path_parameters[name])) // 2 % len(known)]
    headers = {"Authorization": f"Bearer {register.secret}"} if case.operation.definition.raw.get("security") else {}
    case.call_and_validate(headers=headers, checks=CHECKS)


def _is_every_other(text: str) -> bool:
    return len(text) % 2 == 0


@schema.parametrize()
@QUICKLY
def test_every_answer_is_as_described(case, register):
    _send(case, register)


ODD = [
    "\x00", "a\x00b", "9" * 30, "9" * 5000, "-1", "0", "1e309", "NaN", "2026-02-30", "9999-12-31", "0001-01-01",
    "2026-W01-1", "\u202eé\u0301\U0001f600", "' OR 1=1 --", "\\", "%", ",", "𝒳" * 300, "\ufffe", "null", "",
]  # fmt: skip


def test_odd_values_everywhere_at_once(register):
    wrong = []
    for found in schema.get_all_operations():
        operation = found.ok()
        described = operation.definition.raw.get("parameters", [])
        headers = {"Authorization": f"Bearer {register.secret}"} if operation.definition.raw.get("security") else {}
        for value in ODD:
            query = {one["name"]: value for one in described if one["in"] == "query"}
            path = {one["name"]: value or "x" for one in described if one["in"] == "path"}
            body = {"body": {"name": value, "data": value, "metadata": value}, "media_type": "application/json"}
            case = operation.Case(
                query=query,
                path_parameters=path,
                headers=headers,
                **(body if "requestBody" in operation.definition.raw else {}),
            )
            try:
                case.call_and_validate(checks=CHECKS)
            except schemathesis.core.failures.FailureGroup as failures:
                wrong += [(operation.label, value[:20], str(one)[:300]) for one in failures.exceptions]
    assert wrong == []
