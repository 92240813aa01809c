"""The public paths of BOPS v2: the shapes that its clients parse, and nothing that is not public."""

import re
from datetime import date, timedelta

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone

from cases.models import Appeal, Comment, Document, PreviousReference, Publicity, Submission
from cases.statuses import Decision, Origin, PublicStatus, Status
from home.models import RegisterPage
from tests.cases.payloads import as_bytes, payload
from tests.database import give_public_site

URL = "/api/v2/public/planning_applications"
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
DAY = re.compile(r"\d{4}-\d\d-\d\d")


@pytest.fixture
def find(visitor):
    return lambda **asked: visitor.get(f"{URL}/search", asked).json()


def references(found) -> list[str]:
    return [one["application"]["reference"] for one in found["data"]]


def test_an_application_has_the_keys_that_clients_read_in_the_forms_that_they_parse(visitor, make_public, officer):
    application = make_public(consultation_ends_on=date(2026, 7, 1))
    Publicity.objects.create(
        application=application,
        kind=Publicity.Kind.WEBSITE,
        begins_on=date(2026, 6, 10),
        days=21,
        ends_on=date(2026, 7, 1),
        by=officer,
    )
    found = visitor.get(f"{URL}/{application.reference}").json()
    said = found["application"]
    assert said["type"]["value"] == "pp.full.householder"
    assert said["receivedAt"] == "2026-06-01T00:00:00.000Z"
    assert INSTANT.fullmatch(said["publishedAt"])
    assert said["consultation"]["startDate"] == "2026-06-10"
    assert said["consultation"]["endDate"] == "2026-07-01"
    assert (said["status"], said["decision"], said["determinedAt"]) == ("in_assessment", None, None)
    assert found["property"]["address"]["singleLine"] == "7 Blyton Close, Beaconsfield, HP9 2LX"
    assert found["property"]["boundary"]["site"]["type"] == "Polygon"
    assert found["proposal"]["description"] == "Rear extension of a house"
    assert found["officer"] is None
    assert found["data"]["localPlanningAuthority"] == {"publicCommentsAcceptedUntilDecision": True}
    assert "appeal" not in found["data"]  # null would make the register's converter refuse the whole application


@pytest.mark.parametrize("status", [Status.IN_ASSESSMENT, Status.TO_BE_REVIEWED, Status.AWAITING_DETERMINATION])
def test_what_officers_do_among_themselves_is_assessment(visitor, make_public, status):
    application = make_public(status=status)
    assert visitor.get(f"{URL}/{application.reference}").json()["application"]["status"] == "in_assessment"
    assert references(visitor.get(f"{URL}/search", {"applicationStatus": status}).json()) == [application.reference]


@pytest.mark.parametrize(
    ("type_code", "decision", "word"),
    [
        ("pp.full.householder", Decision.GRANTED_WITH_CONDITIONS, "granted"),
        ("pp.full.householder", Decision.REFUSED, "refused"),
        ("pa.part1.classA", Decision.PA_NOT_REQUIRED, "granted"),
        ("pa.part1.classA", Decision.PA_REFUSED, "refused"),
    ],
)
def test_decisions_in_the_two_words_that_clients_know(visitor, make_public, type_code, decision, word):
    application = make_public(
        type_code, status=Status.DETERMINED, origin=Origin.IMPORTED, decision=decision, decided_on=date(2026, 7, 10)
    )
    said = visitor.get(f"{URL}/{application.reference}").json()["application"]
    assert (said["decision"], said["determinedAt"]) == (word, "2026-07-10T00:00:00.000Z")
    assert said["decisionWords"] == application.decision_words


def test_an_appeal_is_the_status_and_leaves_out_what_it_does_not_have(visitor, make_public):
    application = make_public(
        status=Status.DETERMINED, origin=Origin.IMPORTED, decision=Decision.REFUSED, decided_on=date(2026, 7, 10)
    )
    appeal = Appeal.objects.create(application=application, ground="refusal", lodged_on=date(2026, 8, 1))
    found = visitor.get(f"{URL}/{application.reference}").json()
    assert found["application"]["status"] == "Appeal lodged"
    assert set(found["data"]["appeal"]) == {"reason", "lodgedDate", "files"}
    Appeal.objects.filter(pk=appeal.pk).update(outcome="split", decided_on=date(2026, 9, 1))
    found = visitor.get(f"{URL}/{application.reference}").json()
    assert found["application"]["status"] == "Appeal split decision"
    assert found["data"]["appeal"]["decision"] == "splitDecision"
    assert DAY.fullmatch(found["data"]["appeal"]["decisionDate"])


# --- Search -----------------------------------------------------------------------------------------------------------


def test_search_is_paged_from_one_newest_first(find, make_public):
    made = [make_public(received_on=date(2026, 6, day)).reference for day in (1, 2, 3)]
    found = find(resultsPerPage=2)
    assert references(found) == made[:0:-1]
    assert found["pagination"] == {
        "resultsPerPage": 2,
        "currentPage": 1,
        "totalPages": 2,
        "totalResults": 3,
        "totalAvailableItems": 3,
    }
    assert references(find(page=2, maxresults=2)) == made[:1]
    assert references(find(orderBy="asc")) == made
    assert find(page=10**9)["pagination"]["currentPage"] == 1


def test_each_filter_narrows(find, make_public):
    house = make_public(description="Orchard shed", received_on=date(2026, 6, 1))
    prior = make_public(
        "pa.part1.classA",
        received_on=date(2026, 7, 1),
        status=Status.DETERMINED,
        origin=Origin.IMPORTED,
        decision=Decision.PA_NOT_REQUIRED,
        decided_on=date(2026, 7, 9),
    )
    PreviousReference.objects.create(application=house, authority=house.authority, reference="25/1/OLD")
    for asked, expected in [
        ({"q": "orchard"}, house),
        ({"query": "orchard"}, house),
        ({"description": "shed"}, house),
        ({"reference": prior.reference.lower()}, prior),
        ({"alternativeReference": "251old"}, house),
        ({"applicationType": "pa.part1.classA,ldc.proposed"}, prior),
        ({"applicationStatus": "determined"}, prior),
        ({"applicationStatus": "Assessment in progress"}, house),
        ({"councilDecision": "not_required"}, prior),
        ({"councilDecision": "Prior approval not required"}, prior),
        ({"receivedAtFrom": "2026-06-15"}, prior),
        ({"receivedAtTo": "2026-06-15"}, house),
        ({"councilDecisionDateFrom": "2026-07-09"}, prior),
        ({"validatedAtTo": "2026-06-01"}, house),
        ({"sortBy": "councilDecisionDate"}, prior),
    ]:
        found = find(**asked)
        assert references(found) == [expected.reference], asked
    for asked in (
        {"q": "zeppelin"},
        {"applicationStatus": "asleep"},
        {"councilDecision": "perhaps"},
        {"publishedAtTo": "2001-01-01"},
        {"reference": "---"},
    ):
        assert find(**asked)["data"] == [], asked
    assert find(q="orchard")["pagination"]["totalAvailableItems"] == 2


@pytest.mark.parametrize(
    "asked",
    [
        {"page": "x"},
        {"receivedAtFrom": "2026-02-30"},
        {"receivedAtTo": "1/6/2026"},
        {"sortBy": "officer"},
        {"page": "-1"},
    ],
)
def test_what_cannot_be_understood_is_told_by_name(visitor, authority, asked):
    answer = visitor.get(f"{URL}/search", asked)
    assert answer.status_code == 422
    (name,) = asked
    assert [fault["path"] for fault in answer.json()["faults"]] == [f"query/{name}"]


def test_the_number_of_queries_does_not_grow_with_the_rows(visitor, make_public, django_assert_max_num_queries):
    make_public()
    visitor.get(f"{URL}/search")
    with django_assert_max_num_queries(20) as first:
        visitor.get(f"{URL}/search")
    for _ in range(3):
        make_public()
    with django_assert_max_num_queries(len(first)):
        assert visitor.get(f"{URL}/search").json()["pagination"]["totalResults"] == 4


# --- What belongs to one ----------------------------------------------------------------------------------------------


def test_only_published_documents_with_addresses_that_anybody_can_open(visitor, make_public):
    application = make_public()
    for title, public_status in (("Plan", PublicStatus.PUBLISH), ("Bank statement", PublicStatus.NOT_ASSESSED)):
        Document.objects.create(
            application=application,
            title=title,
            types=["sitePlan.proposed"],
            received_on=application.received_on,
            file=ContentFile(b"%PDF-1.4", "a.pdf"),
            mime_type="application/pdf",
            size=8,
            public_status=public_status,
            clean_file=ContentFile(b"%PDF-1.4", "b.pdf"),
            clean_mime_type="application/pdf",
            clean_size=8,
        )
    found = visitor.get(f"{URL}/{application.reference}/documents").json()
    (shown,) = found["files"]
    assert (shown["name"], shown["metadata"]) == ("Plan", {"byteSize": 8, "contentType": "application/pdf"})
    assert shown["type"] == [{"value": "sitePlan.proposed", "description": "Site plan - proposed"}]
    assert found["metadata"] == {"results": 1, "totalResults": 1}
    assert "decisionNotice" not in found
    assert visitor.get(shown["url"].removeprefix("http://testshire.example")).status_code == 200


def test_comments_in_their_redacted_words(visitor, make_public):
    application = make_public()
    said = {"application": application, "text": "Ring 07700 900123", "received_on": date(2026, 6, 5)}
    shown = {"redacted_text": "Ring [redacted]", "published_at": timezone.now()}
    Comment.objects.create(name="Ada", sentiment="objection", **said, **shown)
    Comment.objects.create(name="Ben", sentiment="supportive", **said)
    Comment.objects.create(
        name="Cy", organisation="Highways", kind="consultee", sentiment="amendments", **said, **shown
    )
    public = visitor.get(f"{URL}/{application.reference}/comments/public")
    assert public.json()["summary"] == {
        "totalComments": 1,
        "sentiment": {"objection": 1, "neutral": 0, "supportive": 0},
    }
    (comment,) = public.json()["comments"]
    assert (comment["comment"], comment["receivedAt"]) == ("Ring [redacted]", "2026-06-05T00:00:00.000Z")
    specialist = visitor.get(f"{URL}/{application.reference}/comments/specialist")
    assert specialist.json()["data"]["summary"]["sentiment"]["amendmentsNeeded"] == 1
    assert specialist.json()["status"]["code"] == 200
    for answer in (public, specialist):
        assert "07700 900123" not in answer.content.decode()
    assert (
        visitor.get(f"{URL}/{application.reference}/comments/public", {"sentiment": "neutral"}).json()["comments"] == []
    )


def test_the_form_without_personal_data(visitor, make_public):
    application = make_public()
    Submission.objects.create(
        authority=application.authority,
        application=application,
        source="planx",
        external_id="1",
        sha256="0" * 64,
        body=as_bytes(payload()),
        outcome=Submission.Outcome.ACCEPTED,
    )
    answer = visitor.get(f"{URL}/{application.reference}/submission")
    assert answer.json()["submission"]["applicationType"] == "pp.full.householder"
    assert payload()["data"]["applicant"]["email"] not in answer.content.decode()


# --- What is not there ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["", "/documents", "/submission", "/comments/public", "/comments/specialist"])
def test_what_is_not_on_the_register_is_not_there(visitor, make_application, make_public, other_authority, path):
    private = make_application("pp.full.householder")
    elsewhere = make_public(authority=other_authority)
    for reference in (private.reference, elsewhere.reference, "26-99999-HAPP", "%00", "x" * 60):
        answer = visitor.get(f"{URL}/{reference}{path}")
        assert answer.status_code == 404
        assert answer.headers["Content-Type"] == "application/problem+json"


NOBODY = "No council here has the name that the header x-client gives."


def test_the_council_is_the_host_names_or_the_one_that_the_header_names(visitor, make_public, other_authority):
    ours, theirs = make_public(), make_public(authority=other_authority)
    assert references(visitor.get(f"{URL}/search").json()) == [ours.reference]
    for name in (other_authority.code, other_authority.code.lower(), "elsewhere"):
        answer = visitor.get(f"{URL}/search", headers={"x-client": name})
        assert references(answer.json()) == [theirs.reference]
        assert "X-Client" in answer.headers["Vary"]
        page = answer.json()["data"][0]["application"]["consultation"]["publicUrl"]
        assert page.startswith("http://elsewhere.example/")
    for name in ("nobody", "else where", "x" * 61, "é", "%"):
        answer = visitor.get(f"{URL}/search", headers={"x-client": name})
        assert (answer.status_code, answer.json()["detail"]) == (404, NOBODY)


def test_a_closed_register_is_closed_to_programs_too(visitor, authority, make_public):
    make_public()
    give_public_site(authority)
    RegisterPage.objects.update(is_closed=True)
    assert visitor.get(f"{URL}/search").status_code == 503


def test_asked_again_with_its_etag_nothing_is_sent(visitor, make_public):
    make_public()
    first = visitor.get(f"{URL}/search")
    assert first.headers["Cache-Control"] == "public, max-age=60"
    assert visitor.get(f"{URL}/search", headers={"If-None-Match": first.headers["ETag"]}).status_code == 304


# --- Programs in a browser, and addresses that are none ---------------------------------------------------------------


def test_any_page_may_read_what_is_public_and_nothing_else(visitor, make_public):
    make_public()
    origin = {"Origin": "https://elsewhere.example"}
    for path in (f"{URL}/search", "/api/@next/public/applications", "/register.csv", "/planning-applications.json"):
        answer = visitor.get(path, headers=origin)
        assert answer.headers["access-control-allow-origin"] == "*", path
        assert "access-control-allow-credentials" not in answer.headers
    for path in ("/api/v2/ping", "/api/v2/planning_applications", "/planning-applications/", "/admin/login/"):
        assert "access-control-allow-origin" not in visitor.get(path, headers=origin).headers, path
    asked = visitor.options(f"{URL}/search", headers={**origin, "Access-Control-Request-Method": "POST"})
    assert set(asked.headers["access-control-allow-methods"].split(", ")) == {"GET", "HEAD", "OPTIONS"}


def test_errors_are_problem_details_whoever_answers(visitor, authority):
    visitor.raise_request_exception = False
    for method, path, status in (
        ("get", "/api/nothing", 404),
        ("post", "/api/nothing", 404),
        ("get", "/api/v2/ping", 401),
        ("delete", "/api/v2/ping", 405),
        ("post", f"{URL}/search", 405),
    ):
        answer = getattr(visitor, method)(path)
        assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/problem+json"), path
        assert answer.json()["status"] == status


def test_a_fault_of_ours_is_problem_details_and_tells_nothing(visitor, make_public, monkeypatch):
    make_public()
    visitor.raise_request_exception = False

    def broken(*args, **kwargs):
        raise RuntimeError("the secret of the database")

    monkeypatch.setattr("home.api.bops_public.asked_for", broken)
    answer = visitor.get(f"{URL}/search")
    assert (answer.status_code, answer.headers["Content-Type"]) == (500, "application/problem+json")
    assert "secret" not in answer.content.decode()


def test_head_answers_like_get_without_the_body(visitor, make_public):
    make_public()
    answer = visitor.head(f"{URL}/search")
    assert answer.status_code == 200
    assert answer.content == b""
    assert int(answer.headers["Content-Length"]) > 100


def test_types_of_application(visitor, authority):
    found = visitor.get("/api/v2/public/application_types").json()
    assert {"code": "pp.full.householder", "name": "Householder planning permission", "suffix": "HAPP"} in found
    assert "preApp" not in {one["code"] for one in found}


def test_comments_open_until(visitor, make_public, authority):
    authority.comments_until_decision = False
    authority.save()
    application = make_public(consultation_ends_on=timezone.localdate() + timedelta(days=1))
    said = visitor.get(f"{URL}/{application.reference}").json()["data"]
    assert said["localPlanningAuthority"] == {"publicCommentsAcceptedUntilDecision": False}
