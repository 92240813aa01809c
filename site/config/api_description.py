"""The description of the API (OpenAPI 3.1) as /api/openapi.json gives it, and as a page for people at /api/docs.

ninja writes most of it from the operations. Added here is what holds for all of them.
"""

from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from ninja import NinjaAPI
from ninja.openapi.docs import DocsBase

from cases.api.problems import MEDIA_TYPE
from home.api.councils import CLIENT

DESCRIPTION = """\
Submissions in, planning applications out, for one council at a time.

What the public may read needs no token: the Open Digital Planning API (`/api/@next/public/…`), the public paths of
BOPS v2 (`/api/v2/public/…`), and the register as files (`/register.csv`, `.json`, `.geojson`). The header `x-client`
says which council, or a token, else the host name. These answers may be kept for a minute; ask again with
`If-None-Match`.

Everything else asks for a bearer token of one council, made by its administrator, with scopes: `submit`, `read`,
`respond`. Dates: `…At` is an instant in UTC, `…Date` and `…_on` a day. Errors are problem details (RFC 9457) and say
where and why, never the value; the Open Digital Planning API answers them in its own envelope."""
TAGS = {
    "Submissions": "Applications, as PlanX and the Planning Portal send them. Scope: submit.",
    "Cases": "A council's cases for its own systems, personal data among them. Scope: read.",
    "Comments": "Comments of the public that another system has taken. Scope: respond.",
    "Register (BOPS v2)": "What is public, in the shapes of BOPS v2. No token.",
    "Open Digital Planning": "What is public, as the Digital Planning Register reads it. No token.",
}
RATE_LIMIT = {
    "RateLimit-Limit": "How often the token may call within a minute.",
    "RateLimit-Remaining": "How often it still may.",
    "RateLimit-Reset": "Seconds until counting begins anew.",
}
_PROBLEM = "#/components/schemas/Problem"


class BopsApi(NinjaAPI):
    """A NinjaAPI whose description says more; it is made once."""

    _described: dict[str, Any] | None = None

    def get_openapi_schema(self, **asked: Any) -> dict[str, Any]:  # type: ignore[override]
        if self._described is None:
            self._described = described(super().get_openapi_schema(**asked))
        return self._described


def described(document: dict[str, Any]) -> dict[str, Any]:
    """The document with media types of errors, headers and the council's header; operations know nothing of these."""
    document["info"]["description"] = DESCRIPTION
    document["tags"] = [{"name": name, "description": words} for name, words in TAGS.items()]
    for path, operations in document["paths"].items():
        for operation in operations.values():
            _describe(operation, is_public_v2=path.startswith("/api/v2/public/"))
    return document


def _describe(operation: dict[str, Any], *, is_public_v2: bool) -> None:
    if is_public_v2:
        operation["parameters"].append(
            {
                "in": "header",
                "name": CLIENT.lower(),
                "required": False,
                "schema": {"type": "string"},
                "description": (
                    "The council: its code, or its short name with hyphens. Else, and for a name that nobody has, "
                    "the host name's."
                ),
            }
        )
    for status, response in operation["responses"].items():
        held = response.get("content", {})
        if held.get("application/json", {}).get("schema", {}).get("$ref") == _PROBLEM:
            response["content"] = {MEDIA_TYPE: held["application/json"]}
        if operation.get("security"):
            _add_headers(response, int(status))


def _add_headers(response: dict[str, Any], status: int) -> None:
    headers = response.setdefault("headers", {})
    if status != HTTPStatus.UNAUTHORIZED:
        headers |= {name: _header(words, "integer") for name, words in RATE_LIMIT.items()}
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        headers["Retry-After"] = _header("Seconds to wait.", "integer")
    if status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = _header("Which kind of token is asked for.", "string")


def _header(words: str, kind: str) -> dict[str, Any]:
    return {"description": words, "schema": {"type": kind}}


class ReferencePage(DocsBase):
    """The description as a page: no script, nothing from another host."""

    def render_page(self, request: HttpRequest, api: NinjaAPI, **kwargs: Any) -> HttpResponse:
        document = api.get_openapi_schema()
        context = {
            "paragraphs": _plain(document["info"]["description"]).split("\n\n"),
            "groups": groups(document),
            "shapes": shapes(document),
            "limit": settings.API_REQUESTS_PER_MINUTE,
            "json_address": self.get_openapi_url(api, kwargs),
        }
        return render(request, "api/reference.html", context)


def _plain(text: str) -> str:
    """Without the marks of Markdown, which OpenAPI's words are written in."""
    return text.replace("`", "")


def groups(document: dict[str, Any]) -> list[dict[str, Any]]:
    """Operations by tag, each with what the page shows of it."""
    found: dict[str, list[dict[str, Any]]] = {tag["name"]: [] for tag in document["tags"]}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            (name, *_) = operation.get("tags") or ["Cases"]
            found.setdefault(name, []).append(_shown(path, method, operation))
    return [{"name": name, "words": TAGS.get(name, ""), "operations": shown} for name, shown in found.items() if shown]


def _shown(path: str, method: str, operation: dict[str, Any]) -> dict[str, Any]:
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    return {
        "id": operation["operationId"],
        "path": path,
        "method": method.upper(),
        "summary": operation.get("summary", ""),
        "words": _plain(operation.get("description", "")),
        "needs_token": bool(operation.get("security")),
        "parameters": [
            {
                "name": parameter["name"],
                "place": parameter["in"],
                "is_required": parameter.get("required", False),
                "kind": kind_of(parameter["schema"]),
                "words": _plain(parameter.get("description", "")),
            }
            for parameter in operation.get("parameters", [])
        ],
        "body": kind_of(body) if body else None,
        "answers": [
            {"status": status, "words": HTTPStatus(int(status)).phrase, "kind": _kind_of_answer(response)}
            for status, response in operation["responses"].items()
        ],
    }


def _kind_of_answer(response: dict[str, Any]) -> dict[str, str] | None:
    for held in response.get("content", {}).values():
        return kind_of(held.get("schema", {}))
    return None


def kind_of(schema: dict[str, Any]) -> dict[str, str]:
    """What a value is, in words, and the shape that it links to."""
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[-1]
        return {"words": name, "shape": name}
    if choices := schema.get("anyOf"):
        kinds = [kind_of(choice) for choice in choices]
        said = dict.fromkeys(kind["words"] for kind in kinds if kind["words"] != "empty")
        return {"words": " or ".join(said), "shape": next((kind["shape"] for kind in kinds if kind["shape"]), "")}
    if values := schema.get("enum"):
        return {"words": "one of " + ", ".join(map(str, values)), "shape": ""}
    if "const" in schema:
        return {"words": str(schema["const"]), "shape": ""}
    if schema.get("type") == "array":
        inner = kind_of(schema.get("items", {}))
        return {"words": f"list of {inner['words']}", "shape": inner["shape"]}
    if schema.get("maxLength") == 0:
        return {"words": "empty", "shape": ""}
    words = schema.get("format") or schema.get("type") or "any value"
    return {"words": "nothing (null)" if words == "null" else str(words) + _range(schema), "shape": ""}


def _range(schema: dict[str, Any]) -> str:
    least, most = schema.get("minimum"), schema.get("maximum")
    if least is not None and most is not None:
        return f", {least} to {most}"
    if least is not None:
        return f", {least} or more"
    longest = schema.get("maxLength")
    return f", {longest} characters at most" if longest else ""


def shapes(document: dict[str, Any]) -> list[dict[str, Any]]:
    """The schemas, each with its keys."""
    return [
        {
            "name": name,
            "words": _plain(schema.get("description", "")),
            "keys": [
                {
                    "name": key,
                    "kind": kind_of(held),
                    "is_required": key in schema.get("required", []),
                    "words": _plain(held.get("description", "")),
                }
                for key, held in schema.get("properties", {}).items()
            ],
        }
        for name, schema in sorted(document["components"]["schemas"].items())
    ]
