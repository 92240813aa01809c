"""MHCLG's datasets by its national public view, and the page that explains all files and their licence."""

import csv
import io
import json
import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.http import StreamingHttpResponse
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cases.documents.publishing import set_public_status
from cases.models import (
    ApplicationType,
    Condition,
    Document,
    ExtensionOfTime,
    GpdoClass,
    Publicity,
    Recommendation,
    ValidationRequest,
)
from cases.register.timeline import public_timeline
from cases.statuses import Decision, Origin, PublicStatus, Resolution, Route, Status
from home.models import RegisterPage
from home.open_data import rows
from home.open_data.codes import DECISION_MAKERS, RESOLUTIONS, application_type, development_scale
from home.open_data.dataset_rows import multipolygon
from home.open_data.datasets import DATASETS
from notices.drafting.templates import load_notice_templates
from notices.signoff.approving import approve
from notices.signoff.drafting import draft_notice
from notices.signoff.submitting import submit_for_sign_off
from tests.database import give_public_site

MHCLG = Path(django_settings.BASE_DIR).parent / "shared" / "mhclg"
EVENTS = {
    "application-submitted", "invalid-from", "valid-from", "validation-completed", "application-published",
    "publicity-start", "additional-information-requested", "additional-information-received", "consultation-start",
    "consultation-end", "consultees-contacted", "committee-date", "resolution-to-grant", "resolution-to-refuse",
    "time-extension-agreed",
}  # fmt: skip


def body(answer) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


@pytest.fixture
def read(visitor):
    """read("site") → the dataset's rows as objects."""

    def read(slug: str, visitor=visitor) -> list[dict]:
        return json.loads(body(visitor.get(f"/open-data/{slug}.json")))

    return read


@pytest.fixture
def read_csv(visitor):
    def read(slug: str) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO(body(visitor.get(f"/open-data/{slug}.csv")).decode(), newline="")))

    return read


@pytest.fixture
def make_document(tmp_path):
    def make(application, title: str, **fields) -> Document:
        given = {"received_on": date(2026, 6, 1), "public_status": PublicStatus.PUBLISH, "file": f"{title}.pdf"}
        return Document.objects.create(application=application, title=title, **given | fields)

    return make


@pytest.fixture
def decide(make_public, officer, manager):
    """decide(application) → its notice issued by sign-off, as an officer recommends and a manager approves."""

    def decide(type_code="pp.full.householder", decision=Decision.GRANTED_WITH_CONDITIONS, *, conditions=(), **fields):
        application = make_public(type_code, officer=officer, **fields)
        if application.application_type.assessment_kind == "gpdo":
            application.class_assessments.create(gpdo_class=GpdoClass.objects.get(code="part1.classA"))
        for title in conditions:
            Condition.objects.create(
                application=application, title=title, text=f"{title} text", reason=f"{title} reason"
            )
        Recommendation.objects.create(application=application, decision=decision, summary="Fine.", by=officer)
        approve(submit_for_sign_off(draft_notice(application, by=officer), by=officer), by=manager)
        application.refresh_from_db()
        return application

    return decide


# --- By the specification -------------------------------------------------------------------------------------------


def test_exactly_the_fields_of_the_national_public_view():
    """As it stood in August 2026; names and order are the specification's."""
    assert {slug: dataset.names for slug, dataset in DATASETS.items()} == {
        "planning-application": (
            "reference", "name", "description", "application-types", "site", "received-date", "planning-authority",
            "development-scale", "planning-performance-agreement", "withdrawn-date", "linked-applications",
            "document-url", "documentation-url", "notes",
        ),
        "site": ("reference", "name", "address-text", "postcode", "description", "geometry"),
        "planning-permission-timeline": (
            "reference", "planning-application", "permission-process-event", "event-date",
        ),
        "planning-application-document": (
            "reference", "planning-application", "document-url", "documentation-url", "name", "replaces",
        ),
        "decision-notice": (
            "reference", "planning-application", "decision", "decision-date", "organisation", "decision-maker",
            "planning-officer-recommendation", "document-url", "documentation-url", "notes",
        ),
        "planning-condition": ("reference", "name", "description", "reason", "organisation"),
        "decision-condition": (
            "reference", "decision-notice", "planning-condition", "organisation", "requested-by", "discharged-by",
        ),
    }  # fmt: skip


needs_mhclg = pytest.mark.skipif(not MHCLG.is_dir(), reason="The specification's own files are not beside us.")


@needs_mhclg
def test_the_specification_itself_lists_these_fields():
    listed: dict[str, list[str]] = {}
    for line in (MHCLG / "national-public-view.schema.md").read_text().splitlines():
        if line.startswith("  - dataset: "):
            listed[line.split(": ")[1]] = fields = []
        elif line.startswith("      - field: "):
            fields.append(line.split(": ")[1])
    listed.pop("section-106")  # not kept as data; the page says so
    assert {slug: list(dataset.names) for slug, dataset in DATASETS.items()} == listed
    for slug, dataset in DATASETS.items():
        known = (MHCLG / "dataset" / f"{slug}.schema.md").read_text()
        assert [name for name in dataset.names if f"field: {name}\n" not in known] == []


def codes_of(codelist: str) -> set[str]:
    with (MHCLG / "codelist" / f"{codelist}.csv").open(newline="") as file:
        return {row["reference"] for row in csv.DictReader(file)}


@needs_mhclg
@pytest.mark.django_db
def test_our_codes_are_in_their_lists():
    theirs = {
        application_type(kind.code, kind.category) for kind in ApplicationType.objects.filter(is_publishable=True)
    }
    assert theirs <= codes_of("planning-application-type")
    assert codes_of("permission-process-event") >= EVENTS >= set(RESOLUTIONS.values())
    assert set(DECISION_MAKERS.values()) <= codes_of("decision-maker")
    assert {"major", "minor"} == codes_of("development-scale")
    assert "local-authority:BUC" in codes_of("planning-authority")


@pytest.mark.django_db
def test_every_type_on_the_register_has_a_code():
    kinds = ApplicationType.objects.filter(is_publishable=True)
    assert [kind.code for kind in kinds if not application_type(kind.code, kind.category)] == []
    assert application_type("pp.full.newKind", "full") == ""  # nothing rather than something like it
    assert application_type("pa.part99.classZ", "prior_approval") == "prior-approval"


@pytest.mark.parametrize(
    ("code", "scale"),
    [
        ("pp.full.major", "major"),
        ("pp.full.minor", "minor"),
        ("pp.outline.major.some", "major"),
        ("pp.full.householder", ""),
        ("pp.full.major.technicalDetails", ""),
        ("listed", ""),
    ],
)
def test_scale_is_for_full_and_outline_applications(code, scale):
    assert development_scale(code) == scale


# --- What stands in them --------------------------------------------------------------------------------------------


def test_planning_application(read, read_csv, make_public):
    earlier = make_public("pp.full.major", description="=Homes")
    later = make_public("approval.conditions", parent=earlier, status=Status.WITHDRAWN, withdrawn_on=date(2026, 7, 2))
    row, child = read("planning-application")
    assert row == {
        "reference": earlier.reference,
        "name": "Full planning permission (major): 7 Blyton Close, Beaconsfield, HP9 2LX",
        "description": "=Homes",
        "application-types": ["full"],
        "site": f"site-{earlier.pk}",
        "received-date": "2026-06-01",
        "planning-authority": "local-authority:BKM",
        "development-scale": "major",
        "planning-performance-agreement": None,
        "withdrawn-date": None,
        "linked-applications": [],
        "document-url": None,
        "documentation-url": f"http://testshire.example/planning-applications/{earlier.reference}/",
        "notes": None,
    }
    assert (child["linked-applications"], child["withdrawn-date"]) == ([earlier.reference], "2026-07-02")
    table = read_csv("planning-application")
    assert [line["description"] for line in table] == ["'=Homes", later.description]
    assert table[1]["linked-applications"] == earlier.reference
    assert table[0]["application-types"] == "full"


def test_an_application_that_is_not_public_is_not_named_as_a_parent(read, make_public, other_authority):
    for parent in (
        make_public(published_at=None),
        make_public(status=Status.INVALIDATED),
        make_public("preApp"),
        make_public(authority=other_authority),
    ):
        make_public(parent=parent)
    assert [row["linked-applications"] for row in read("planning-application")] == [[]] * 4


def test_site(read, make_public):
    outlined, pointed = make_public(), make_public(boundary=None, postcode="")
    first, second = read("site")
    assert first == {
        "reference": f"site-{outlined.pk}",
        "name": "7 Blyton Close, Beaconsfield",
        "address-text": "7 Blyton Close, Beaconsfield, HP9 2LX",
        "postcode": "HP9 2LX",
        "description": None,
        "geometry": "MULTIPOLYGON (((-0.6466 51.6155, -0.6462 51.6155, -0.6462 51.6152, -0.6466 51.6152, "
        "-0.6466 51.6155)))",
    }
    assert (second["reference"], second["geometry"], second["postcode"]) == (f"site-{pointed.pk}", None, None)


def test_multipolygons_holes_and_nonsense():
    ring, hole = [[0, 0], [4, 0], [4, 4], [0, 0]], [[1, 1], [2, 1], [2, 2], [1, 1]]
    shape = {"type": "MultiPolygon", "coordinates": [[ring, hole], [[[5, 5, 7], [6, 5], [6, 6], [5, 5]]]]}
    assert multipolygon(json.dumps(shape)) == (
        "MULTIPOLYGON (((0 0, 4 0, 4 4, 0 0), (1 1, 2 1, 2 2, 1 1)), ((5 5, 6 5, 6 6, 5 5)))"
    )
    for odd in ([[["a", "b"]]], [[1]], [7], {"a": 1}):
        assert multipolygon(json.dumps({"type": "Polygon", "coordinates": odd})) == ""


@pytest.fixture
def eventful(make_public, officer):
    """Everything that the timeline can tell."""
    application = make_public(
        invalidated_on=date(2026, 6, 2),
        valid_from=date(2026, 6, 5),
        validated_on=date(2026, 6, 6),
        consultation_ends_on=date(2026, 7, 1),
        committee_on=date(2026, 7, 8),
        committee_resolution=Resolution.GRANT,
        published_at=datetime(2026, 6, 7, 12, tzinfo=UTC),
        status=Status.IN_COMMITTEE,
        route=Route.COMMITTEE,
    )
    for kind, day in ((Publicity.Kind.SITE_NOTICE, 9), (Publicity.Kind.PRESS, 10), (Publicity.Kind.CONSULTEES, 8)):
        Publicity.objects.create(
            application=application,
            kind=kind,
            begins_on=date(2026, 6, day),
            days=21,
            ends_on=date(2026, 7, 1),
            details="told 9 Kirrin Close",
            by=officer,
        )
    ExtensionOfTime.objects.create(
        application=application,
        agreed_until=date(2026, 9, 1),
        agreed_in_writing_on=date(2026, 7, 20),
        agreed_with="Enid",
        evidence="E-mail",
        by=officer,
    )
    ValidationRequest.objects.create(
        application=application,
        sent_at=datetime(2026, 6, 2, 9, tzinfo=UTC),
        arrived_on=date(2026, 6, 5),
        resolved_at=timezone.now(),
        outcome="accepted",
        raised_by=officer,
        kind="fee",
        number=1,
    )
    ValidationRequest.objects.create(
        application=application, sent_at=datetime(2026, 6, 3, 9, tzinfo=UTC), raised_by=officer, kind="fee", number=2
    )
    ValidationRequest.objects.create(application=application, raised_by=officer, kind="fee", number=3)  # not sent
    return application


def test_timeline(read, eventful):
    told = read("planning-permission-timeline")
    assert {row["planning-application"] for row in told} == {eventful.reference}
    assert len({row["reference"] for row in told}) == len(told)
    assert sorted((row["permission-process-event"], row["event-date"]) for row in told) == [
        ("additional-information-received", "2026-06-05"),
        ("additional-information-requested", "2026-06-02"),
        ("additional-information-requested", "2026-06-03"),
        ("application-published", "2026-06-07"),
        ("application-submitted", "2026-06-01"),
        ("committee-date", "2026-07-08"),
        ("consultation-end", "2026-07-01"),
        ("consultation-start", "2026-06-08"),
        ("consultees-contacted", "2026-06-08"),
        ("invalid-from", "2026-06-02"),
        ("publicity-start", "2026-06-09"),
        ("publicity-start", "2026-06-10"),
        ("resolution-to-grant", "2026-07-08"),
        ("time-extension-agreed", "2026-07-20"),
        ("valid-from", "2026-06-05"),
        ("validation-completed", "2026-06-06"),
    ]


def test_the_timeline_tells_what_the_page_tells(read, eventful):
    page = {(moment.code, moment.on.isoformat()) for moment in public_timeline(eventful) if moment.code}
    told = {(row["permission-process-event"], row["event-date"]) for row in read("planning-permission-timeline")}
    assert page <= told
    assert {code for code, _ in told} <= EVENTS


def test_references_of_the_timeline_outlive_a_corrected_date(read, eventful):
    before = {row["reference"] for row in read("planning-permission-timeline")}
    eventful.valid_from = date(2026, 6, 4)
    eventful.save()
    Publicity.objects.filter(kind=Publicity.Kind.PRESS).update(begins_on=date(2026, 6, 8))
    assert {row["reference"] for row in read("planning-permission-timeline")} == before


def test_documents(read, make_public, make_document):
    application = make_public()
    newest = make_document(application, "Plan B")
    middle = make_document(application, "Plan A", superseded_by=newest)
    make_document(application, "Secret plan", superseded_by=newest, public_status=PublicStatus.NOT_ASSESSED)
    make_document(application, "Bank letter", public_status=PublicStatus.WITHHOLD, withheld_because="Personal")
    make_document(application, "Harmful", scan_status=Document.ScanStatus.INFECTED)
    first, second = read("planning-application-document")
    page = f"http://testshire.example/planning-applications/{application.reference}/"
    assert first == {
        "reference": f"document-{newest.pk}",
        "planning-application": application.reference,
        "document-url": f"{page}documents/{newest.pk}/",
        "documentation-url": page,
        "name": "Plan B",
        "replaces": f"document-{middle.pk}",
    }
    assert (second["name"], second["replaces"]) == ("Plan A", None)


def test_decision_notice_and_conditions(read, visitor, decide):
    load_notice_templates()
    application = decide(conditions=["Time", "Materials"])
    (row,) = read("decision-notice")
    page = f"http://testshire.example/planning-applications/{application.reference}/"
    notice = f"notice-{application.pk}-1"
    assert row == {
        "reference": notice,
        "planning-application": application.reference,
        "decision": "Planning permission granted subject to conditions",
        "decision-date": application.decided_on.isoformat(),
        "organisation": "local-authority:BKM",
        "decision-maker": "planning-officer",
        "planning-officer-recommendation": "Planning permission granted subject to conditions",
        "document-url": f"{page}decision/1.pdf",
        "documentation-url": f"{page}decision/",
        "notes": None,
    }
    assert visitor.get(row["document-url"]).status_code == visitor.get(row["documentation-url"]).status_code == 200
    time, materials = read("planning-condition")
    condition = f"condition-{application.pk}-1-"
    assert time == {
        "reference": f"{condition}1",
        "name": "Time",
        "description": "Time text",
        "reason": "Time reason",
        "organisation": "local-authority:BKM",
    }
    assert materials["reference"] == f"{condition}2"
    assert read("decision-condition") == [
        {
            "reference": f"{notice}-{number}",
            "decision-notice": notice,
            "planning-condition": f"{condition}{number}",
            "organisation": "local-authority:BKM",
            "requested-by": None,
            "discharged-by": None,
        }
        for number in (1, 2)
    ]
    # What is drafted after the issue is nobody's business.
    Condition.objects.create(application=application, title="New", text="drafted anew", reason="New")
    Recommendation.objects.create(
        application=application, decision=Decision.REFUSED, summary="No", by=application.officer
    )
    assert {one["description"] for one in read("planning-condition")} == {"Time text", "Materials text"}
    assert read("decision-notice") == [row]


def test_nothing_is_decided_before_its_notice(read, make_public, officer):
    application = make_public(status=Status.AWAITING_DETERMINATION, officer=officer)
    Recommendation.objects.create(application=application, decision=Decision.REFUSED, summary="No", by=officer)
    Condition.objects.create(application=application, title="Draft", text="Draft", reason="Draft")
    for slug in ("decision-notice", "planning-condition", "decision-condition"):
        assert read(slug) == []


def test_a_decision_of_an_older_register_says_only_what_is_known(read, make_public):
    application = make_public(
        status=Status.DETERMINED, decision=Decision.REFUSED, decided_on=date(2019, 3, 4), origin=Origin.IMPORTED
    )
    (row,) = read("decision-notice")
    assert row["decision-date"] == "2019-03-04"
    assert row["documentation-url"].endswith(f"/planning-applications/{application.reference}/")
    unknown = ("decision-maker", "planning-officer-recommendation", "document-url", "notes")
    assert {row[name] for name in unknown} == {None}
    assert read("planning-condition") == []


@pytest.mark.parametrize("slug", DATASETS)
def test_only_what_is_public_and_of_this_council(
    read, visitor_elsewhere, make_public, make_document, other_authority, slug
):
    fields = {"decision": Decision.REFUSED, "decided_on": date(2026, 7, 1), "origin": Origin.IMPORTED}
    shown = make_public(**fields)
    hidden = [
        make_public(authority=other_authority, **fields),
        make_public(published_at=None, **fields),
        make_public(status=Status.INVALIDATED, **fields),
        make_public(status=Status.RETURNED, **fields),
        make_public("preApp", **fields),
    ]
    for application in (shown, *hidden):
        make_document(application, "Plan")
    told = [row["reference"] for row in read(slug)]
    if slug == "planning-application":
        assert told == [shown.reference]
    else:  # the first number of a reference is the application's, or the document's
        own = shown.documents.get() if slug == "planning-application-document" else shown
        assert {int(re.search(r"\d+", reference)[0]) for reference in told} <= {own.pk}
    elsewhere = json.dumps(read(slug, visitor_elsewhere))
    assert "BKM" not in elsewhere


# --- How they are sent ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("slug", DATASETS)
def test_an_empty_dataset_is_a_file_too(read, read_csv, visitor, slug):
    assert read(slug) == []
    assert body(visitor.get(f"/open-data/{slug}.csv")).decode() == ",".join(DATASETS[slug].names) + "\r\n"


@pytest.mark.parametrize("slug", DATASETS)
def test_queries_do_not_grow_with_rows(visitor, make_public, make_document, officer, slug):
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            body(visitor.get(f"/open-data/{slug}.csv"))
        return len(queries)

    def one_more():
        application = make_public(
            status=Status.DETERMINED, decision=Decision.REFUSED, decided_on=date(2026, 7, 1), origin=Origin.IMPORTED
        )
        make_document(application, "Plan")
        Publicity.objects.create(
            application=application,
            kind="press",
            begins_on=date(2026, 6, 1),
            days=21,
            ends_on=date(2026, 7, 1),
            by=officer,
        )

    one_more()
    body(visitor.get(f"/open-data/{slug}.csv"))
    one = asked()
    one_more()
    one_more()
    assert asked() == one


def test_read_while_it_is_sent_and_whole_where_chunks_meet(visitor, make_public, monkeypatch):
    monkeypatch.setattr(rows, "CHUNK", 2)
    wanted = [make_public().reference for _ in range(5)]
    answer = visitor.get("/open-data/planning-application.json")
    assert isinstance(answer, StreamingHttpResponse)
    pieces = iter(answer.streaming_content)
    with CaptureQueriesContext(connection) as queries:
        text = next(pieces)
    assert len(queries) == 1 or sum("description" in query["sql"] for query in queries) == 1
    assert [row["reference"] for row in json.loads(text + b"".join(pieces))] == wanted


@pytest.mark.parametrize("extension", ["csv", "json"])
def test_conditional_closed_and_head(visitor, authority, make_public, extension):
    make_public()
    address = f"/open-data/site.{extension}"
    answer = visitor.get(address)
    assert visitor.get(address, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    assert visitor.head(address).content == b""
    assert visitor.post(address).status_code == 405
    assert visitor.get(f"/open-data/section-106.{extension}").status_code == 404
    give_public_site(authority)
    RegisterPage.objects.child_of(authority.site.root_page).update(is_closed=True)
    assert visitor.get(address).status_code == 503


def test_publishing_a_document_is_a_change(visitor, make_public, make_document, officer):
    application = make_public(officer=officer)
    document = make_document(application, "Plan", public_status=PublicStatus.NOT_ASSESSED, active_content=[])
    address = "/open-data/planning-application-document.csv"
    tag = visitor.get(address).headers["ETag"]
    set_public_status([document], status=PublicStatus.PUBLISH, by=officer)
    answer = visitor.get(address, headers={"If-None-Match": tag})
    assert answer.status_code == 200
    assert b"Plan" in body(answer)


# --- The page -------------------------------------------------------------------------------------------------------


def test_the_page_names_everything_and_its_licence(visitor, authority):
    give_public_site(authority)
    page = visitor.get(reverse("open_data"))
    text = page.content.decode()
    assert page.status_code == 200
    assert not page.cookies
    assert "Open Government Licence v3.0" in text
    assert "nationalarchives.gov.uk/doc/open-government-licence/version/3/" in text
    assert "Contains information from Testshire Council, licensed under the Open Government Licence v3.0." in text
    for extension in ("csv", "json", "geojson"):
        assert f'href="/register.{extension}"' in text
    for slug, dataset in DATASETS.items():
        for extension in ("csv", "json"):
            assert f'href="/open-data/{slug}.{extension}"' in text
        assert all(f"<code>{name}</code>" in text for name in dataset.names)
    assert "If-None-Match" in text
    assert 'href="/api/docs"' in text


def test_every_page_links_to_it(visitor, authority):
    give_public_site(authority)
    for address in ("/", "/planning-applications/"):
        assert 'href="/open-data/"' in visitor.get(address).content.decode()
