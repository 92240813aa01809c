"""Submissions over HTTP: who may send, what is answered, and that nothing a sender writes breaks anything."""

import io
import json
import random
import re
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import ApiToken
from cases.models import CaseEvent, Document, Party, PlanningApplication, Submission
from tests.cases.payloads import RED_LINE, as_bytes, changed, payload, without

URL = "/api/v2/planning_applications"


@pytest.fixture(autouse=True)
def _no_schemas(settings, tmp_path):
    settings.ODP_SCHEMA_DIR = tmp_path / "none"


@pytest.fixture
def token(authority) -> str:
    return ApiToken.create(authority=authority, name="PlanX", scopes=["submit"])[1]


@pytest.fixture
def post(client, token):
    client.raise_request_exception = False

    def send(body, *, content_type="application/json", bearer=token, **headers):
        if not isinstance(body, bytes):
            body = as_bytes(body)
        headers = {"HTTP_AUTHORIZATION": f"Bearer {bearer}", **headers} if bearer else headers
        headers.setdefault("CONTENT_TYPE", content_type)
        return client.generic("POST", URL, body, content_type=content_type, **headers)

    return send


def test_an_application_is_created(post, authority):
    response = post(payload())
    assert response.status_code == 200
    assert response.json() == {"id": "26-00100-HAPP", "message": "Application created"}
    submission = Submission.objects.get()
    assert bytes(submission.body) == as_bytes(payload())
    assert submission.received_through == "API token PlanX"
    assert submission.application.authority == authority


def test_the_same_again_answers_the_same(post):
    first, second = post(payload()), post(payload())
    assert first.json() == second.json()
    assert PlanningApplication.objects.count() == 1


# --- Who may send ----------------------------------------------------------------------


@pytest.mark.parametrize("bearer", [None, "", "wrong", "bops_" + "x" * 43])
def test_without_a_token_in_use(post, bearer):
    response = post(payload(), bearer=bearer)
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"].startswith("Bearer")
    assert response.headers["Content-Type"] == "application/problem+json"
    assert not Submission.objects.exists()


def test_a_revoked_token_is_no_token(post):
    ApiToken.objects.update(revoked_at=timezone.now())
    assert post(payload()).status_code == 401


def test_a_token_of_a_council_that_has_left(post, authority):
    authority.is_active = False
    authority.save()
    assert post(payload()).status_code == 401


def test_a_token_for_reading_sends_nothing(post, authority):
    _, reading = ApiToken.create(authority=authority, name="Register", scopes=["read"])
    assert post(payload(), bearer=reading).status_code == 403
    assert not Submission.objects.exists()


def test_a_submission_for_another_council_is_refused(post, other_authority):
    response = post(changed("metadata/organisation", other_authority.code))
    assert response.status_code == 403
    assert response.json()["faults"][0]["path"] == "/metadata/organisation"
    assert not PlanningApplication.objects.exists()


def test_a_signed_in_officer_without_a_token_sends_nothing(post, client, officer):
    client.force_login(officer)
    assert post(payload(), bearer=None).status_code == 401


def test_the_use_of_a_token_is_noted_once_a_minute(client, token):
    headers = {"HTTP_AUTHORIZATION": f"Bearer {token}"}
    assert client.get("/api/v2/ping", **headers).json()["message"] == "OK"
    first = ApiToken.objects.get().last_used_at
    client.get("/api/v2/ping", **headers)
    assert ApiToken.objects.get().last_used_at == first
    ApiToken.objects.update(last_used_at=first - timedelta(minutes=2))
    client.get("/api/v2/ping", **headers)
    assert ApiToken.objects.get().last_used_at >= first


def test_ping_needs_a_token(client, db):
    assert client.get("/api/v2/ping").status_code == 401


# --- What is refused ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "content_type",
    ["", "text/plain", "application/xml", "multipart/form-data; boundary=x", "application/json; charset=utf-16"],
)
def test_only_json_in_utf_8(post, content_type):
    assert post(payload(), content_type=content_type).status_code == 415
    assert not PlanningApplication.objects.exists()


def test_compressed_is_not_understood(post):
    assert post(payload(), HTTP_CONTENT_ENCODING="gzip").status_code == 415


@pytest.mark.parametrize("content_type", ["application/json; charset=UTF-8", "application/geo+json"])
def test_other_names_of_json(post, content_type):
    assert post(payload(), content_type=content_type).status_code == 200


def test_problem_details_say_where_and_why_and_never_what(post):
    response = post(changed("data/applicant/name", "Ada Wren"))
    assert response.status_code == 422
    problem = response.json()
    assert problem["status"] == 422
    assert {"path": "/data/applicant/name", "reason": "is not an object"} in problem["faults"]
    assert "Ada" not in response.content.decode()


def test_an_unknown_type_is_told_in_words(post):
    response = post(changed("data/application/type/value", "flying.carpet"))
    assert response.status_code == 422
    assert "type" in response.json()["detail"]


def test_a_report_of_a_breach_is_no_application(post):
    made = payload()
    made["data"] = {"application": {"type": {"value": "breach"}}, "complainant": {}, "property": {}, "report": {}}
    response = post(made)
    assert response.status_code == 422
    assert "breach" in response.content.decode()


def test_too_large_is_not_even_read(post, settings):
    settings.MAX_SUBMISSION_BYTES = 1000
    assert post(b"{" + b" " * 1000).status_code == 413
    assert not Submission.objects.exists()


def test_a_length_that_is_a_lie_is_found_out(post, settings, rf):
    settings.MAX_SUBMISSION_BYTES = 1000

    class Endless(io.RawIOBase):
        taken = 0

        def read(self, size=-1):
            assert size > 0, "read without a limit"
            self.taken += size
            return b" " * size

    endless = Endless()
    response = post(b"", **{"wsgi.input": endless, "HTTP_TRANSFER_ENCODING": "chunked", "CONTENT_LENGTH": ""})
    assert response.status_code == 413
    assert endless.taken <= 1001


def test_a_body_in_chunks_is_read(post):
    stream = io.BytesIO(as_bytes(payload()))
    response = post(b"", **{"wsgi.input": stream, "HTTP_TRANSFER_ENCODING": "chunked", "CONTENT_LENGTH": ""})
    assert response.status_code == 200


def test_a_large_submission_within_the_limit_is_taken(post):
    # Beyond DATA_UPLOAD_MAX_MEMORY_SIZE, which is for forms.
    made = payload()
    made["responses"] = [{"question": f"Question {n}", "responses": "x" * 900} for n in range(5000)]
    assert len(as_bytes(made)) > 4_000_000
    assert post(made).status_code == 200


def test_a_sender_that_hangs_up(post):
    class Broken(io.RawIOBase):
        def read(self, size=-1):
            raise OSError("connection reset")

    response = post(b"", **{"wsgi.input": Broken(), "HTTP_TRANSFER_ENCODING": "chunked", "CONTENT_LENGTH": ""})
    assert response.status_code == 400


# --- Three hundred ways to be wrong ----------------------------------------------------------------------

OBJECTS = [
    "data",
    "data/application",
    "data/application/type",
    "data/applicant",
    "data/property",
    "data/proposal",
    "metadata",
]
PARTS = [
    *OBJECTS,
    "data/application/fee", "data/application/declaration", "data/application/CIL", "data/user", "data/applicant/name",
    "data/applicant/phone", "data/applicant/agent", "data/applicant/agent/name", "data/applicant/ownership",
    "data/applicant/siteContact", "data/property/address", "data/property/planning", "data/proposal/boundary",
    "data/proposal/boundary/site", "data/proposal/boundary/site/geometry", "responses/0", "files/0",
]  # fmt: skip
LISTS = [
    "responses",
    "files",
    "data/proposal/projectType",
    "data/property/planning/designations",
    "data/applicant/ownership/owners",
    "data/proposal/boundary/site/geometry/coordinates",
]
TEXTS = [
    "data/application/type/value", "data/applicant/name/first", "data/applicant/name/last", "data/applicant/email",
    "data/applicant/agent/email", "data/applicant/phone/primary", "data/property/address/title",
    "data/property/address/postcode", "data/property/address/uprn", "data/property/ward", "data/proposal/description",
    "metadata/id", "metadata/organisation", "metadata/schema", "files/0/name", "files/0/description",
    "data/applicant/ownership/owners/0/name",
]  # fmt: skip
GEOMETRIES = [
    {"type": "Polygon", "coordinates": [[[530787, 175754], [530797, 175754], [530797, 175764], [530787, 175754]]]},
    {"type": "Polygon", "coordinates": [[[51.6, -0.6], [51.7, -0.6], [51.7, -0.7], [51.6, -0.6]]]},
    {"type": "Polygon", "coordinates": [[[-0.6, 51.6], [-0.6, 51.6], [-0.6, 51.6], [-0.6, 51.6]]]},
    {"type": "Polygon", "coordinates": [[[-0.6, 51.6]]]},
    {"type": "Polygon", "coordinates": [[["west", "north"]] * 4]},
    {"type": "Polygon", "coordinates": [[[1e300, 1e300], [1e300, -1e300], [-1e300, 1e300], [1e300, 1e300]]]},
    {"type": "Polygon", "coordinates": [[[-0.6, 51.6, 1, 2, 3]] * 4]},
    {"type": "Polygon", "coordinates": {}},
    {"type": "Polygon"},
    {"type": "Point", "coordinates": [-0.6, 51.6]},
    {"type": "LineString", "coordinates": [[-0.6, 51.6], [-0.7, 51.6]]},
    {"type": "Blob", "coordinates": []},
    {"type": None},
    {"type": "Feature", "geometry": "here"},
    {"type": "FeatureCollection", "features": [None]},
    {"type": "FeatureCollection", "features": []},
    {"type": "MultiPolygon", "coordinates": [[[[0]]]]},
    {"type": "GeometryCollection", "geometries": [{}]},
    {"type": "Polygon", "coordinates": [RED_LINE["geometry"]["coordinates"][0] * 5000]},
]


def nested(depth: int, kind: str) -> bytes:
    opening, closing = {"list": (b"[", b"]"), "object": (b'{"a":', b"}")}[kind]
    return b'{"data": ' + opening * depth + b"1" + closing * depth + b"}"


def malformed() -> list[tuple[str, bytes]]:
    """(what is wrong, body): always the same ones."""
    whole = as_bytes(payload())
    chance = random.Random(2026)
    cases: list[tuple[str, bytes]] = [("empty", b""), ("blank", b" \n"), ("null", b"null"), ("list", b"[]")]
    cases += [(f"cut at {n}", whole[:n]) for n in sorted(chance.sample(range(1, len(whole) - 1), 40))]
    cases += [(f"null {path}", as_bytes(changed(path, None))) for path in [*OBJECTS, "metadata/id"]]
    cases += [(f"missing {path}", as_bytes(without(path))) for path in [*OBJECTS, "metadata/id"]]
    for value in (5, True, "words", ["words"]):
        cases += [
            (f"{value!r} at {path}", as_bytes(changed(path, value))) for path in PARTS if (path, value) not in FINE
        ]
    cases += [(f"{v!r} at {path}", as_bytes(changed(path, v))) for path in LISTS for v in ({"a": 1}, "words", 5, True)]
    cases += [(f"{v!r} at {path}", as_bytes(changed(path, v))) for path in TEXTS for v in ([], {"a": "b"}, True)]
    cases += [(f"huge {path}", as_bytes(changed(path, "x" * 200_000))) for path in TEXTS]
    cases += [(f"NUL {path}", as_bytes(changed(path, "a\x00b"))) for path in TEXTS]
    cases += [(f"surrogate {path}", json.dumps(changed(path, "\ud83d")).encode()) for path in TEXTS]
    cases += [(f"geometry {n}", as_bytes(changed("data/proposal/boundary/site", g))) for n, g in enumerate(GEOMETRIES)]
    cases += [
        (f"deep {kind} {depth}", nested(depth, kind)) for kind in ("list", "object") for depth in (100, 990, 90_000)
    ]
    for encoding in ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-8-sig", "cp037"):
        cases.append((encoding, json.dumps(payload()).encode(encoding)))
    cases.append(("latin-1", json.dumps(payload(), ensure_ascii=False).encode("latin-1")))
    text = whole.decode()
    cases += [
        ("NaN", text.replace("206.5", "NaN").encode()),
        ("Infinity", text.replace("206.5", "-Infinity").encode()),
        ("too many digits", text.replace("206.5", "9" * 5000).encode()),
        ("too large", text.replace("206.5", "1e999").encode()),
        ("no such fee", text.replace("206.5", "1e30").encode()),
        ("comment", (text + "// thank you").encode()),
        ("two objects", (text + text).encode()),
        ("trailing comma", (text[:-1] + ",}").encode()),
        ("single quotes", text.replace('"', "'").encode()),
        ("the same key twice", text.replace('"metadata":', '"metadata": {}, "metadata":', 1).encode()),
        ("zip", b"PK\x03\x04" + chance.randbytes(500)),
        ("noise", chance.randbytes(2000)),
        ("page", b"<!doctype html><title>Application</title>"),
        ("form", b"data=1&metadata=2"),
        ("type unknown", as_bytes(changed("data/application/type/value", "' OR 1=1 --"))),
        ("id too long", as_bytes(changed("metadata/id", "x" * 5000))),
        ("very many answers", as_bytes(changed("responses", [{}] * 20_000))),
        ("very many files", as_bytes(changed("files", [{"name": "https://example.com/a"}] * 600))),
    ]
    return cases


# A type may be given as its plain code, and a telephone as its number, as older senders do; then other rules apply.
FINE = [("data/applicant/phone", 5), ("data/applicant/phone", "words")]


def test_there_are_at_least_three_hundred():
    assert len(malformed()) >= 300
    assert len({what for what, _ in malformed()}) == len(malformed())


def test_every_malformed_submission_is_refused_kept_and_changes_no_case(post, make_application):
    standing = make_application("pp.full.householder")
    before = [model.objects.count() for model in (PlanningApplication, CaseEvent, Party, Document)]
    wrong = []
    for what, body in malformed():
        response = post(body)
        if not 400 <= response.status_code < 500:
            wrong.append((what, response.status_code))
        elif not re.match(r"application/problem\+json", response.headers["Content-Type"]):
            wrong.append((what, "no problem details"))
    assert wrong == []
    assert [model.objects.count() for model in (PlanningApplication, CaseEvent, Party, Document)] == before
    assert Submission.objects.count() == len(malformed())
    assert not Submission.objects.exclude(outcome=Submission.Outcome.REFUSED).exists()
    standing.refresh_from_db()
    # The door still stands open for those who come in order, and no number was lost.
    assert post(payload()).json()["id"] == "26-00101-HAPP"


# --- Tokens ----------------------------------------------------------------------


def test_a_token_is_shown_once_and_kept_as_its_hash(authority, capsys):
    call_command("create_api_token", "--authority", "bkm", "--name", "PlanX")
    secret = capsys.readouterr().out.strip()
    token = ApiToken.objects.get()
    assert token.scopes == ["submit"]
    assert secret.startswith(token.prefix)
    assert secret not in str(vars(token))
    assert ApiToken.objects.named_by(secret) == token


def test_scopes_are_given_one_by_one(authority):
    call_command("create_api_token", "--authority", "BKM", "--name", "Both", "--scope", "submit", "--scope", "read")
    assert ApiToken.objects.get().scopes == ["submit", "read"]


def test_a_token_is_revoked_by_its_first_characters(authority, token):
    prefix = ApiToken.objects.get().prefix
    call_command("revoke_api_token", "--authority", "BKM", prefix)
    assert ApiToken.objects.named_by(token) is None
    with pytest.raises(CommandError):
        call_command("revoke_api_token", "--authority", "BKM", prefix)


def test_no_token_for_a_council_that_is_not_there(db):
    with pytest.raises(CommandError):
        call_command("create_api_token", "--authority", "XXX", "--name", "PlanX")


def test_the_api_describes_itself(client, db):
    description = client.get("/api/openapi.json").json()
    operation = description["paths"]["/api/v2/planning_applications"]["post"]
    assert set(operation["responses"]) >= {"200", "400", "401", "403", "413", "415", "422"}
    assert operation["requestBody"]["required"]
