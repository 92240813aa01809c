"""The published JSON Schemas that a submission says it keeps to, where they are installed (ODP_SCHEMA_DIR).

A fault found here does not stop a case: patch releases of the schemas are not compatible with each other, and a
submission that breaks one is still somebody's application.
"""

import json
import re
import uuid
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import jsonschema_rs
from django.conf import settings

from cases.faults import Fault

from .reading import shown

NAMES = ("application", "preApplication", "enforcement")
# …/v0.7.7/schemas/application.json; the parts are matched, never used as a path as they came.
ADDRESS = re.compile(r"/(v\d{1,3}\.\d{1,3}\.\d{1,3})/(?:schemas/)?(application|preApplication|enforcement)\.json$")
MAX_FAULTS = 50
MAX_DEPTH = 12

# What a rule of the schema means in words; the values themselves are never told.
WORDS = {
    "additionalProperties": "has a key that the schema does not know",
    "const": "is not one of the values that the schema allows",
    "enum": "is not one of the values that the schema allows",
    "format": "is not in the right format",
    "pattern": "is not in the right format",
    "maxLength": "is too long",
    "minLength": "is too short",
    "maximum": "is too large",
    "minimum": "is too small",
    "maxItems": "has too many items",
    "minItems": "has too few items",
    "uniqueItems": "repeats an item",
    "type": "is of the wrong type",
    "anyOf": "fits none of the forms that the schema allows",
    "oneOf": "fits none of the forms that the schema allows",
}


class Outcome(NamedTuple):
    version: str  # "v0.7.7/application", or empty when the submission names no schema that we know of
    checked: bool
    faults: list[Fault]


NOT_CHECKED = Outcome("", False, [])


def check(payload: dict[str, Any], *, schema: str) -> Outcome:
    """Hold a payload against the schema that its address `schema` names. Not installed: not checked."""
    match = ADDRESS.search(schema)
    if match is None:
        return NOT_CHECKED
    version, name = match.groups()
    file = Path(settings.ODP_SCHEMA_DIR) / version / f"{name}.json"
    if not file.is_file():
        return Outcome(f"{version}/{name}", False, [])
    validator = _validator(file, file.stat().st_mtime_ns)
    faults = [] if validator.is_valid(payload) else list(islice(_faults(validator, payload), MAX_FAULTS))
    return Outcome(f"{version}/{name}", True, faults)


@lru_cache(maxsize=32)
def _validator(file: Path, changed_at: int) -> jsonschema_rs.Draft7Validator:
    """Compiled once for each version of the file: a schema of 800 KB takes about 20 ms."""
    return jsonschema_rs.Draft7Validator(
        json.loads(file.read_bytes()), validate_formats=True, formats={"uuid": _is_uuid}
    )


def _is_uuid(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text.lower()
    except ValueError:
        return False


def _faults(validator: jsonschema_rs.Draft7Validator, payload: dict[str, Any]) -> Iterator[Fault]:
    told: set[Fault] = set()
    for error in validator.iter_errors(payload):
        for fault in _drill(error, MAX_DEPTH):
            if fault not in told:
                told.add(fault)
                yield fault


def _drill(error: Any, depth: int) -> Iterator[Fault]:
    """A choice of forms fails as a whole: follow the form that comes nearest, to say what is really wrong."""
    branches = [list(branch) for branch in getattr(error.kind, "context", [])]
    # Forms told apart by a constant (`source`, `result`) are out of the question when that constant differs.
    meant = [b for b in branches if b and not any(e.kind.name == "const" for e in b)] or [b for b in branches if b]
    if meant and len(branches) <= 20 and depth:
        for nested in min(meant, key=len):
            yield from _drill(nested, depth - 1)
        return
    path = "".join(f"/{shown(step)}" for step in error.instance_path)
    yield Fault(path[:300], _words(error.kind))


def _words(kind: Any) -> str:
    if kind.name == "required":
        return f"lacks “{kind.property}”"
    return WORDS.get(kind.name, "does not keep to the schema")
