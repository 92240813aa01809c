"""The loader of the published schemas, against a server on loopback."""

import http.server
import json
import threading
from collections.abc import Iterator

import pytest
from django.core.management import CommandError, call_command


@pytest.fixture
def published() -> Iterator[tuple[str, dict[str, list[tuple[int, bytes]]]]]:
    """(address, path → the answers that it gives, one after another; the last one stays)."""
    answers: dict[str, list[tuple[int, bytes]]] = {}

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            waiting = answers.get(self.path) or [(404, b"")]
            status, body = waiting.pop(0) if len(waiting) > 1 else waiting[0]
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=[0.02], daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", answers
        server.shutdown()
        thread.join()


def schema(version: str = "v0.7.7") -> bytes:
    return json.dumps({"$id": version, "type": "object"}).encode()


@pytest.fixture
def fetch(published, settings, tmp_path):
    settings.ODP_SCHEMA_DIR = tmp_path / "schemas"
    address, answers = published
    for version in ("v0.7.1", "v0.7.7"):
        for name in ("application", "preApplication", "enforcement"):
            answers[f"/{version}/schemas/{name}.json"] = [(200, schema(version))]

    def fetch(*versions: str, published_at: str = address) -> None:
        call_command("fetch_odp_schemas", *versions, "--published-at", published_at, "--pause", "0")

    return fetch


def test_all_schemas_of_a_version(fetch, settings, capsys):
    fetch("v0.7.7")
    assert sorted(p.name for p in (settings.ODP_SCHEMA_DIR / "v0.7.7").iterdir()) == [
        "application.json",
        "enforcement.json",
        "preApplication.json",
    ]
    assert (settings.ODP_SCHEMA_DIR / "v0.7.7/application.json").read_bytes() == schema()
    fetch("v0.7.7")
    assert capsys.readouterr().out.count("unchanged") == 3


def test_an_early_version_has_fewer_schemas(fetch, settings):
    fetch("v0.7.1")
    assert [p.name for p in (settings.ODP_SCHEMA_DIR / "v0.7.1").iterdir()] == ["application.json"]


def test_a_server_that_falters_is_asked_again(fetch, published, settings):
    published[1]["/v0.7.7/schemas/application.json"] = [(503, b""), (429, b""), (200, schema())]
    fetch("v0.7.7")
    assert (settings.ODP_SCHEMA_DIR / "v0.7.7/application.json").is_file()


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ((404, b""), "answered 404"),
        ((302, b""), "answered 302"),
        ((500, b""), "could not be fetched"),
        ((200, b"<html>"), "not a JSON Schema"),
        ((200, b"[]"), "not a JSON Schema"),
        ((200, b'{"type": "object"}'), "not a JSON Schema"),
        ((200, b'{"$id": "v0.7.7", "type": 7}'), "not a JSON Schema"),
        ((200, schema("v0.7.6")), "calls itself something else"),
        ((200, b'"' + b"x" * (10 * 1024 * 1024) + b'"'), "larger than"),
    ],
)
def test_what_is_not_the_schema_leaves_the_old_one_in_place(fetch, published, settings, answer, words):
    fetch("v0.7.7")
    published[1]["/v0.7.7/schemas/application.json"] = [answer]
    with pytest.raises(CommandError, match=words):
        fetch("v0.7.7")
    assert (settings.ODP_SCHEMA_DIR / "v0.7.7/application.json").read_bytes() == schema()


@pytest.mark.parametrize("version", ["latest", "../v0.7.7", "v0.7.7/../../etc"])
def test_a_version_is_a_version(fetch, version):
    with pytest.raises(CommandError, match="not a version"):
        fetch(version)


@pytest.mark.parametrize("address", ["http://example.com", "ftp://127.0.0.1", "file:///etc"])
def test_over_https_only(fetch, address):
    with pytest.raises(CommandError, match="HTTPS"):
        fetch("v0.7.7", published_at=address)
