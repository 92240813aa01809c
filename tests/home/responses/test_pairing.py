"""A client of the API reads the council that it is paired with, and never another one under its name."""

import importlib

import pytest
from django.apps import apps
from django.test import Client

from accounts.models import ApiToken, LocalAuthority
from cases.models import Comment
from tests.home.odp import BASE

pytestmark = pytest.mark.django_db
V2 = "/api/v2/public/planning_applications"
ANOTHERS = "This token is of another council than the header x-client names."


def token(council: LocalAuthority, *scopes: str) -> str:
    return ApiToken.create(authority=council, name="Digital Planning Register", scopes=list(scopes or ["respond"]))[1]


@pytest.fixture
def shared(other_authority) -> Client:
    """One host for several councils, as the register's settings have it: another council's."""
    return Client(HTTP_HOST=other_authority.site.hostname)


@pytest.fixture
def both(make_public, make_document, authority, other_authority):
    """An application of each council with a document, both with the same reference."""
    ours = make_public(reference="26-00777-HAPP")
    theirs = make_public(reference="26-00777-HAPP", authority=other_authority)
    make_document(ours, "Our plan")
    make_document(theirs, "Their plan")
    return ours, theirs


def bearer(secret: str, **headers: str) -> dict[str, str]:
    return {"authorization": f"Bearer {secret}", **headers}


@pytest.mark.parametrize("path", [f"{V2}/26-00777-HAPP/documents", f"{BASE}/26-00777-HAPP/documents"])
def test_the_tokens_council_is_honoured_on_public_paths(shared, both, authority, other_authority, path):
    for council, words in ((authority, "Our plan"), (other_authority, "Their plan")):
        answer = shared.get(path, headers=bearer(token(council)))
        assert answer.status_code == 200
        assert [file["name"] for file in answer.json().get("files", answer.json().get("data"))] == [words]
        assert {"X-Client", "Authorization"} <= set(answer.headers["Vary"].split(", "))


PATHS = [
    f"{V2}/search",
    f"{V2}/26-00777-HAPP",
    f"{V2}/26-00777-HAPP/documents",
    "/api/v2/public/application_types",
    BASE,
    f"{BASE}/26-00777-HAPP",
    f"{BASE}/26-00777-HAPP/publicComments",
    "/api/v2/planning_applications",
    "/api/v2/planning_applications/26-00777-HAPP",
    "/api/v2/planning_applications/search",
    "/api/v2/ping",
]


@pytest.mark.parametrize("path", PATHS)
def test_a_token_of_one_council_asking_for_another_is_refused(shared, both, authority, path):
    secret = token(authority, "read", "respond")
    for name in ("elsewhere", "LBH"):
        answer = shared.get(path, headers=bearer(secret, **{"x-client": name}))
        assert answer.status_code == 403, answer.content
        assert ANOTHERS in answer.content.decode()
    assert shared.get(path, headers=bearer(secret, **{"x-client": "testshire"})).status_code == 200
    assert shared.get(path, headers=bearer(secret, **{"x-client": "camden"})).status_code == 404


@pytest.mark.parametrize("path", PATHS)
def test_a_token_that_is_not_in_use_reads_no_council_at_all(shared, both, authority, path):
    assert shared.get(path, headers=bearer("bops_of_nobody")).status_code == 401
    secret = token(authority, "read")
    LocalAuthority.objects.filter(pk=authority.pk).update(is_active=False)
    assert shared.get(path, headers=bearer(secret)).status_code == 401


def test_another_councils_reference_is_not_there(shared, make_public, authority, other_authority):
    theirs = make_public(reference="26-00999-HAPP", authority=other_authority)
    for path in (
        f"{V2}/{theirs.reference}",
        f"{BASE}/{theirs.reference}",
        "/api/v2/planning_applications/26-00999-HAPP",
    ):
        assert shared.get(path, headers=bearer(token(authority, "read"))).status_code == 404


def test_guessing_tokens_on_public_paths_is_counted(shared, both, one_window):
    answers = [shared.get(f"{V2}/search", headers=bearer(f"bops_{n}")).status_code for n in range(32)]
    assert (answers[0], answers[-1]) == (401, 429)
    assert shared.get(f"{V2}/search").status_code == 200


def test_a_password_of_a_proxy_in_front_is_no_token(shared, both):
    assert shared.get(f"{V2}/search", headers={"authorization": "Basic eDp5"}).status_code == 200


def test_documents_lie_at_the_councils_own_address_whatever_host_was_asked(both, authority):
    for host in ("testshire.example", "testshire.example:8000", "TESTSHIRE.example"):
        client = Client(HTTP_HOST=host)
        (file,) = client.get(f"{V2}/26-00777-HAPP/documents").json()["files"]
        (shown,) = client.get(f"{BASE}/26-00777-HAPP/documents").json()["data"]
        for address in (file["url"], shown["redactedUrl"]):
            assert address.startswith("http://testshire.example/planning-applications/26-00777-HAPP/documents/")


def test_the_journey_of_the_register_through_one_host_of_several_councils(shared, both, authority):
    """What it sends, in its order: x-client without a token to the one API, a token without x-client to the others."""
    ours, theirs = both
    secret = token(authority)
    odp = {"x-client": "testshire", "x-service": "DPR frontend bops handler", "accept": "*/*", "user-agent": "node"}
    reference = ours.reference
    assert shared.get(f"{BASE}?page=1&maxresults=10", headers=odp).json()["pagination"]["totalResults"] == 1
    assert shared.get(f"{BASE}/{reference}", headers=odp).json()["data"]["metadata"]["organisation"] == "BKM"
    notice = shared.get(f"{V2}/{reference}/documents?page=1&resultsPerPage=1", headers=bearer(secret)).json()
    assert [file["name"] for file in notice["files"]] == ["Our plan"]
    for kind in ("documents?page=1&resultsPerPage=6", "publicComments?page=1&resultsPerPage=0"):
        assert shared.get(f"{BASE}/{reference}/{kind}", headers=odp).json()["status"]["code"] == 200
    key = shared.get(f"/api/v2/planning_applications/{reference}", headers=bearer(secret)).json()["id"]
    assert key == ours.pk
    said = {
        "name": "Jo",
        "address": "1 High Street, HP9 1AA",
        "response": "* Design: Too high",
        "tags": ["design"],
        "summary_tag": "objection",
    }
    sent = shared.post(
        f"/api/v1/planning_applications/{key}/neighbour_responses",
        said,
        content_type="application/json",
        headers=bearer(secret),
    )
    assert sent.status_code == 200
    assert Comment.objects.get().application == ours
    assert not Comment.objects.filter(application=theirs).exists()


def test_names_that_clients_used_until_now_go_on_working(authority, other_authority, make_authority_row):
    """The migration: the short name with hyphens; the first of two with the same; never another council's code."""
    migration = importlib.import_module("accounts.migrations.0008_client_name")
    LocalAuthority.objects.update(client_name=None)
    LocalAuthority.objects.filter(pk=authority.pk).update(short_name="South Gloucestershire")
    LocalAuthority.objects.filter(pk=other_authority.pk).update(short_name="St. Helens")
    make_authority_row("TWIN", "South Gloucestershire")
    make_authority_row("CLAS", "BKM")
    migration.name_as_until_now(apps, None)
    names = dict(LocalAuthority.objects.values_list("code", "client_name"))
    assert names == {"BKM": "south-gloucestershire", "LBH": "st-helens", "TWIN": None, "CLAS": None}


@pytest.fixture
def make_authority_row(db):
    return lambda code, short: LocalAuthority.objects.create(code=code, name=f"{short} {code}", short_name=short)
