"""Fetching the published JSON Schemas of Open Digital Planning, so that submissions can be held against them."""

import hashlib
import json
import time
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import jsonschema_rs
import requests

from cases.files.whole import writing

from .schemas import NAMES

PUBLISHED_AT = "https://theopensystemslab.github.io/digital-planning-data-schemas"
VERSIONS = ("v0.7.1", "v0.7.2", "v0.7.3", "v0.7.4", "v0.7.5", "v0.7.6", "v0.7.7")
LATER = {"preApplication": "v0.7.2", "enforcement": "v0.7.5"}  # the release that first had it
TIMEOUT_SECONDS = (10, 30)
MAX_BYTES = 10 * 1024 * 1024
ATTEMPTS = 3
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class SchemaNotFetched(Exception):
    """`str()` is a sentence for whoever runs the command."""


class Fetched(NamedTuple):
    file: Path
    sha256: str
    changed: bool  # False: the same bytes were there already


def fetch_schemas(
    versions: list[str], *, into: Path, published_at: str = PUBLISHED_AT, pause_seconds: float = 2
) -> Iterator[Fetched]:
    """Fetch every schema of these versions into `into`/<version>/<name>.json; yields each as it stands on disk.

    A schema is written only when it is whole: JSON, a sound schema, and of the version and name that were asked for.
    Raises SchemaNotFetched.
    """
    parts = urlsplit(published_at)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
        raise SchemaNotFetched("Schemas are fetched over HTTPS only.")
    with requests.Session() as session:
        for version in versions:
            for name in NAMES:
                if version < LATER.get(name, ""):
                    continue
                address = f"{published_at.rstrip('/')}/{version}/schemas/{name}.json"
                body = _download(session, address, pause_seconds)
                _check(body, version=version, name=name)
                yield _write(into / version / f"{name}.json", body)


def _download(session: requests.Session, address: str, pause_seconds: float) -> bytes:
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return _get(session, address)
        except requests.RequestException as error:
            if attempt == ATTEMPTS:
                raise SchemaNotFetched(f"{address} could not be fetched: {type(error).__name__}.") from error
            time.sleep(pause_seconds * attempt)
    raise AssertionError("unreachable")


def _get(session: requests.Session, address: str) -> bytes:
    with session.get(address, stream=True, timeout=TIMEOUT_SECONDS, allow_redirects=False) as response:
        if response.status_code >= 500 or response.status_code == HTTPStatus.TOO_MANY_REQUESTS:
            raise requests.HTTPError(f"{response.status_code}")
        if response.status_code != HTTPStatus.OK:
            raise SchemaNotFetched(f"{address} could not be fetched: the server answered {response.status_code}.")
        body = b""
        for chunk in response.iter_content(64 * 1024):
            body += chunk
            if len(body) > MAX_BYTES:
                raise SchemaNotFetched(f"{address} is larger than {MAX_BYTES // 1024 // 1024} MB.")
        return body


def _check(body: bytes, *, version: str, name: str) -> None:
    """The schema must call itself what was asked for (`$id`), and be one that can be used."""
    try:
        schema = json.loads(body)
        identity = schema["$id"]
        jsonschema_rs.Draft7Validator(schema)
    except (ValueError, KeyError, TypeError) as error:
        raise SchemaNotFetched(f"{version}/{name}.json is not a JSON Schema with an $id.") from error
    # Published schemas have the bare version there; a whole address would do as well.
    if identity != version and not str(identity).endswith(f"/{version}/schemas/{name}.json"):
        raise SchemaNotFetched(f"{version}/{name}.json calls itself something else; nothing was written.")


def _write(file: Path, body: bytes) -> Fetched:
    sha256 = hashlib.sha256(body).hexdigest()
    if file.is_file() and hashlib.sha256(file.read_bytes()).hexdigest() == sha256:
        return Fetched(file, sha256, changed=False)
    file.parent.mkdir(parents=True, exist_ok=True)
    with writing(file, "wb") as unfinished:  # readers see the old file or the new one, never half of one
        unfinished.write(body)
    return Fetched(file, sha256, changed=True)
