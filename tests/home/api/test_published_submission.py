"""The application form that anybody may read: of the official form, and nothing in it of what is nobody's business."""

import copy
import json
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db.models import F
from django.test import Client
from django.utils import timezone

from cases.intake.odp import read
from cases.intake.receiving import receive
from cases.models import ApplicationType, Party, PlanningApplication
from cases.statuses import Status
from home.api.published_submission import AsPublished, designations, published_property_type, published_submission
from tests.cases.payloads import as_bytes, changed, payload
from tests.home import odp

MARK = "mark-private"
IDENTITY = "5f2f8f9c-6d7e-4a53-9d3f-0c8a7f2b9d10"
SERVICE = {
    "source": "PlanX",
    "service": {
        "flowId": "c6628103-c648-4663-81e1-bfa0a1a18340",
        "url": "https://editor.planx.dev/testshire/apply/published",
        "files": {
            "required": [{"value": "sitePlan.proposed", "description": "Site plan - proposed"}],
            "recommended": [],
            "optional": [{"value": "photographs.existing", "description": "Photographs - existing"}],
        },
        "fee": {"calculated": [{"description": "<p>£258</p>"}], "payable": []},
    },
}


def from_planx(type_code: str = "pp.full.householder") -> dict[str, Any]:
    sent = changed("data/application/type/value", type_code)
    sent["metadata"] |= SERVICE
    return sent


def register_of(sent: dict[str, Any]) -> AsPublished:
    """What the register would hold of it."""
    incoming = read(sent)
    application = PlanningApplication(
        description=incoming.description,
        address=incoming.site.address,
        postcode=incoming.site.postcode,
        uprn=incoming.site.uprn,
        ward=incoming.site.ward,
        boundary=incoming.boundary,
        site_area_sqm=incoming.site_area_sqm,
    )
    named = ("role", "kind", "first_name", "last_name", "company")
    parties = {one.role: Party(**{name: getattr(one, name) for name in named}) for one in incoming.parties}
    code = {"nonMaterialAmendment": "amendment.nonMaterial"}.get(incoming.type_code, incoming.type_code)
    return AsPublished(
        application=application,
        identity=IDENTITY,
        organisation="BKM",
        type_code=code,
        submitted_at="2026-06-01T00:00:00.000Z",
        parties=parties,
    )


@pytest.fixture
def published(authority) -> Callable[[bytes], dict[str, Any]]:
    """Take a submission in, put the case on the register, and read it as the Digital Planning Register does."""

    def publish(body: bytes) -> dict[str, Any]:
        authority.code = json.loads(body)["metadata"]["organisation"]
        authority.save()
        case = receive(body, authority=authority, content_type="application/json", through="test").application
        PlanningApplication.objects.filter(pk=case.pk).update(
            status=Status.IN_ASSESSMENT, valid_from=F("received_on"), published_at=timezone.now()
        )
        answer = Client(HTTP_HOST=authority.site.hostname).get(f"{odp.BASE}/{case.reference}").json()
        odp.check_application(answer)
        assert odp.bad_dates(answer) == []
        assert odp.nulls(answer) == []
        return answer["data"]

    return publish


# --- The official form ------------------------------------------------------------------------------------------------

EXAMPLES = sorted(odp.EXAMPLES.glob("*.json")) if odp.EXAMPLES.is_dir() else []


@odp.needs_schemas
@pytest.mark.django_db
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda file: file.stem)
def test_published_examples_are_of_the_official_form(published, example):
    """Whole: the application with its submission, each against the definition of its own type."""
    body = example.read_bytes()
    app = published(body)
    for document, schema in ((app, "postSubmissionPublishedApplication"), (app["submission"], "prototypeApplication")):
        definition = odp.definition_of(document["applicationType"], schema=schema)
        assert odp.faults(document, schema=schema, definition=definition) == []
    applicant = json.loads(body)["data"]["applicant"]
    shown = app["submission"]["data"]["applicant"]
    assert (shown["name"]["first"], shown["name"]["last"]) == (applicant["name"]["first"], applicant["name"]["last"])
    assert odp.shows_applicant(app)
    text = json.dumps(app)
    people = [applicant, applicant.get("agent") or {}, applicant.get("siteContact") or {}]
    people += (applicant.get("ownership") or {}).get("owners", [])
    for person in people:
        phone = person.get("phone")
        contacts = [person.get("email"), phone.get("primary") if isinstance(phone, dict) else phone]
        contacts += [(person.get("address") or {}).get("line1")]
        site = app["submission"]["data"]["property"]["address"]["singleLine"]  # some agents live where they build
        assert not [one for one in contacts if one and one in text and one not in site]
    for owner in (applicant.get("ownership") or {}).get("owners", []):
        assert owner["name"] not in text


@odp.needs_schemas
@pytest.mark.django_db
def test_every_type_that_is_published_has_its_official_form():
    faulty = {}
    for code in ApplicationType.objects.filter(is_publishable=True).values_list("code", flat=True):
        sent = from_planx(code)
        form = published_submission(as_bytes(sent), register_of(sent))
        definition = odp.definition_of(form["applicationType"], schema="prototypeApplication")
        if found := odp.faults(form, schema="prototypeApplication", definition=definition):
            faulty[code] = found
    # Their schemas want answers (how long is the hedge? what kind of sign?) that PlanX does not send as data.
    assert set(faulty) == {"advertConsent", "hedgerowRemovalNotice"}


@odp.needs_schemas
def test_every_kind_of_property_has_its_published_code():
    def codes(file: Path) -> set[str]:
        definition = json.loads(file.read_text())["definitions"]["PropertyType"]
        found: set[str] = set()

        def walk(value: Any) -> None:
            if isinstance(value, dict):
                found.update(v for k, v in value.items() if k == "const" and isinstance(v, str))
                for name, one in value.items():
                    if name != "description":
                        walk(one)
            elif isinstance(value, list):
                for one in value:
                    walk(one)

        walk(definition)
        return found

    known = codes(odp.SCHEMAS / "prototypeApplication.json")
    submitted = codes(odp.SCHEMAS.parent / "v0.7.7" / "application.json")
    assert len(submitted) > 500
    assert {code for code in submitted if published_property_type(code) not in known} == set()
    assert {code for code in submitted & known if published_property_type(code) != code} == set()


@odp.needs_schemas
def test_every_planning_constraint_has_its_official_name():
    from_all = [
        {"value": value, "description": "Of the sender", "intersects": intersects, "entities": []}
        for value in designations()
        for intersects in (True, False)
    ]
    sent = from_planx()
    sent["data"]["property"]["planning"]["designations"] = from_all
    form = published_submission(as_bytes(sent), register_of(from_planx()))
    assert len(form["data"]["property"]["planning"]["designations"]) == len(from_all) > 100
    definition = odp.definition_of(form["applicationType"], schema="prototypeApplication")
    assert odp.faults(form, schema="prototypeApplication", definition=definition) == []


# --- What is in it ----------------------------------------------------------------------------------------------------


def test_who_applies_is_named_and_cannot_be_reached():
    sent = from_planx()
    form = published_submission(as_bytes(sent), register_of(sent))
    hidden = {
        "email": "redacted@redacted.invalid",
        "phone": {"primary": "Redacted"},
        "address": {"line1": "Redacted", "town": "Redacted", "postcode": "Redacted"},
    }
    assert form["data"]["applicant"] == {
        "type": "individual",
        "name": {"first": "Ada", "last": "Wren"},
        "company": {"name": "Wren & Daughters"},
        **hidden,
        "address": {"sameAsSiteAddress": False, **hidden["address"]},
        "agent": {"name": {"first": "Tom", "last": "Finch"}, "company": {"name": "Finch Architects"}, **hidden},
        "ownership": {"interest": "owner.co", "certificate": "b", "declaration": {"accurate": True}},
    }
    sent["data"]["applicant"]["address"] = {"sameAsSiteAddress": True}
    form = published_submission(as_bytes(sent), register_of(sent))
    assert form["data"]["applicant"]["address"] == {"sameAsSiteAddress": True}


def test_fees_answers_and_files_are_not_told():
    sent = from_planx()
    form = published_submission(as_bytes(sent), register_of(sent))
    assert form["responses"] == form["files"] == []
    assert form["data"]["application"]["fee"]["calculated"] == form["data"]["application"]["fee"]["payable"] == 0
    assert not {"CIL", "preApp"} & set(form["data"]["application"])
    assert form["metadata"]["id"] == IDENTITY
    assert form["metadata"]["service"]["fee"] == {"calculated": [], "payable": []}


def test_what_the_register_knows_better_stands_before_what_was_sent():
    sent = from_planx()
    shown = register_of(sent)
    shown.application.description, shown.application.address = "Side extension", "42 Stansfield Road"
    shown.application.boundary = {"type": "Polygon", "coordinates": [[[0, 51], [0, 52], [1, 52], [0, 51]]]}
    data = published_submission(as_bytes(sent), shown)["data"]
    assert data["proposal"]["description"] == "Side extension"
    assert data["property"]["address"]["singleLine"] == "42 Stansfield Road, HP9 2LX"
    assert data["proposal"]["boundary"]["site"]["geometry"] == shown.application.boundary
    assert data["proposal"]["projectType"] == ["extend.rear"]
    assert data["proposal"]["extend"] == {"area": {"squareMetres": 24.5}}
    assert data["property"]["type"] == "residential.dwelling.house.detached"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "body", [None, b"", b"mark-private", b"[]", b'{"data": []}', b"\xff\xfe", b"[" * 100_000, b'{"data": "x"}']
)
def test_without_a_submission_that_can_be_read(make_public, body):
    application = make_public(origin="imported")
    parties = {party.role: party for party in application.parties.all()}
    shown = AsPublished(
        application=application,
        identity=IDENTITY,
        organisation="BKM",
        type_code="pp.full.householder",
        submitted_at="2026-06-01T00:00:00.000Z",
        parties=parties,
    )
    form = published_submission(body, shown)
    assert form["data"]["proposal"]["description"] == "Rear extension of a house"
    assert form["data"]["property"]["address"]["singleLine"] == "7 Blyton Close, Beaconsfield, HP9 2LX"
    assert form["data"]["applicant"]["name"] == {"first": "Enid", "last": "Blyton"}
    assert form["metadata"]["submittedAt"] == "2026-06-01T00:00:00.000Z"
    text = json.dumps(form)
    assert "famousfive" not in text
    assert "05555 555555" not in text


# --- Nothing else -----------------------------------------------------------------------------------------------------

# Words that are passed on: names of streets, districts and constraints, which the standard's codes stand for.
PUBLIC_WORDS = {
    "/data/property/address/title",
    "/data/property/address/uprn",
    "/data/property/address/usrn",
    "/data/property/address/pao",
    "/data/property/address/paoEnd",
    "/data/property/address/street",
    "/data/property/address/town",
    "/data/property/address/postcode",
    "/data/property/localAuthorityDistrict/0",
    "/data/property/planning/designations/0/entities/0/name",
}


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict | list):
        for key, one in value.items() if isinstance(value, dict) else enumerate(value):
            yield f"{path}/{key}", one
            yield from leaves(one, f"{path}/{key}")


def put(sent: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    sent = copy.deepcopy(sent)
    *way, last = path.strip("/").split("/")
    part: Any = sent
    for step in way:
        part = part[int(step)] if isinstance(part, list) else part[step]
    part[int(last) if isinstance(part, list) else last] = value
    return sent


def test_a_private_word_anywhere_goes_nowhere():
    """The marker in the place of every text of the submission, one after another; also as an object's only member."""
    sent = from_planx()
    shown = register_of(sent)
    shown.application.ward = ""  # the register has none, so the submission's stands
    leaked = set()
    for path, value in leaves(sent):
        if isinstance(value, dict | list):
            continue
        for word in (MARK, f"{MARK} of Mill Lane", [MARK], {"value": MARK}):
            if MARK in json.dumps(published_submission(as_bytes(put(sent, path, word)), shown)):
                leaked.add(path)
    assert leaked == PUBLIC_WORDS | {"/data/property/ward"}


def test_unknown_keys_go_nowhere():
    sent = from_planx()
    shown = register_of(sent)
    for path, value in [("", sent), *leaves(sent)]:
        if isinstance(value, dict):
            added = put(sent, f"{path}/more", {"words": MARK}) if path else {**sent, "more": MARK}
            assert MARK not in json.dumps(published_submission(as_bytes(added), shown)), path


def test_nothing_that_is_sent_can_break_it():
    sent = from_planx()
    shown = register_of(sent)
    for path, _ in leaves(sent):
        for value in (None, True, 7, 1e300, "", "x" * 5000, [], {}, [None], [[{}]], {"value": None}):
            json.dumps(published_submission(as_bytes(put(sent, path, value)), shown))


@pytest.mark.django_db
def test_another_senders_submission_is_published_without_a_service(published):
    app = published(as_bytes(payload()))
    assert "service" not in app["submission"]["metadata"]
    assert app["submission"]["data"]["proposal"]["date"] == {"start": "2026-09-01", "completion": "2026-12-01"}
    assert date.fromisoformat(app["submission"]["metadata"]["submittedAt"][:10]) == date(2026, 5, 29)
    text = json.dumps(app)
    for private in ("ada@example.com", "01234 567890", "Mill Lane", "Olive", "Kit Key", "pay-123", "Painting", "206.5"):
        assert private not in text
