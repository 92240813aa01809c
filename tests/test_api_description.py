"""The description of the API at /api/openapi.json and /api/docs: complete, and true where a program can tell.

tests/test_api_fuzz.py asks the API itself whether it answers as described.
"""

import pytest

from config.api import api
from config.api_description import TAGS
from tests.addresses import all_addresses

DOCUMENT = api.get_openapi_schema()
OPERATIONS = [
    (path, method, operation)
    for path, operations in DOCUMENT["paths"].items()
    for method, operation in operations.items()
]
EACH = pytest.mark.parametrize(
    ("path", "method", "operation"), OPERATIONS, ids=[f"{method} {path}" for path, method, _ in OPERATIONS]
)


def statuses(operation) -> set[int]:
    return {int(status) for status in operation["responses"]}


def test_it_is_openapi_3_1_with_words(client, db):
    document = client.get("/api/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    assert document["info"]["description"]
    assert len(OPERATIONS) > 25


@EACH
def test_every_operation_says_what_it_is_and_belongs_somewhere(path, method, operation):
    assert operation["summary"]
    assert set(operation["tags"]) <= set(TAGS)


@EACH
def test_every_operation_describes_its_errors(path, method, operation):
    if operation.get("security"):
        assert statuses(operation) >= {401, 429}
        assert "ping" in path or 403 in statuses(operation)
    else:
        assert statuses(operation) >= {404, 503}
    if "{" in path:
        assert statuses(operation) & {404, 422}
    if "requestBody" in operation:
        assert statuses(operation) >= {400, 422}


@EACH
def test_errors_are_described_as_problem_details_or_in_the_envelope_of_the_standard(path, method, operation):
    for status, response in operation["responses"].items():
        if int(status) < 400:
            continue
        if path.startswith("/api/@next/"):
            assert "application/json" in response["content"]
        else:
            assert list(response["content"]) == ["application/problem+json"]


@EACH
def test_every_parameter_has_a_kind_and_pages_have_a_beginning(path, method, operation):
    names = [(parameter["in"], parameter["name"]) for parameter in operation["parameters"]]
    assert len(names) == len(set(names))
    for parameter in operation["parameters"]:
        assert parameter["schema"]
        if parameter["name"] == "page" and path.startswith("/api/v2/"):
            assert parameter["schema"]["minimum"] == 0


@EACH
def test_who_asks_for_a_token_says_how_often_it_may_be_used(path, method, operation):
    if operation.get("security"):
        assert "RateLimit-Remaining" in operation["responses"][200]["headers"]
        assert "Retry-After" in operation["responses"][429]["headers"]


def test_every_address_of_the_api_is_described():
    described = {path.replace("{", "<").replace("}", ">") for path in DOCUMENT["paths"]}
    without = {"openapi-json", "openapi-view", "api-root", "api_nothing_here"}
    there = set()
    for address in all_addresses():
        if address.route.startswith("api/") and address.name not in without:
            there.add("/" + address.route.replace("<path:", "<").replace("<int:", "<"))
    assert there == described


def test_no_two_shapes_have_one_name():
    """ninja keeps the last of two models of one name, and describes the other wrongly."""
    models: dict[str, set[type]] = {}

    def visit(model):
        if not hasattr(model, "model_fields") or model in models.setdefault(model.__name__, set()):
            return
        models[model.__name__].add(model)
        for field in model.model_fields.values():
            for inner in _within(field.annotation):
                visit(inner)

    for bound in api._get_bound_routers():
        for view in bound.path_operations.values():
            for operation in view.operations:
                for model in operation.response_models.values():
                    if hasattr(model, "model_fields"):
                        for inner in _within(model.model_fields["response"].annotation):
                            visit(inner)
    assert {name for name, found in models.items() if len(found) > 1} == set()
    assert len(models) > 30


def _within(annotation) -> list[type]:
    inner = getattr(annotation, "__args__", ())
    return [annotation] if not inner else [found for one in inner for found in _within(one)]


def test_the_page_for_people_shows_every_address_and_runs_no_script_of_its_own(client, authority):
    answer = client.get("/api/docs", headers={"host": authority.site.hostname})
    page = answer.content.decode()
    assert answer.status_code == 200
    for path in DOCUMENT["paths"]:
        assert path in page
    assert "https://" not in page.replace("https://www.nationalarchives.gov.uk", "")
    assert "<script>" not in page
