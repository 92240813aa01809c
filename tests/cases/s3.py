"""S3 for tests: moto's server, and before it a gate that looks at links as Amazon does and can be shut.

moto speaks S3's protocol and asks nothing of a signed link. The gate does, by Amazon's description of Signature
Version 4: the signature is computed anew by hand, and the link's own time is over when it says so.
"""

import hashlib
import hmac
import http.client
import http.server
import logging
import threading
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import Message
from functools import cache
from types import SimpleNamespace
from urllib.parse import parse_qsl, quote, urlsplit

import boto3
import pytest
from botocore.config import Config
from botocore.loaders import JSONFileLoader
from django.core.files.storage import storages
from django.utils import timezone
from moto.server import ThreadedMotoServer

from config import document_store
from tests.storage import case_documents_lie_in

_load_file = JSONFileLoader.load_file  # as it is outside a test
KEY, SECRET, REGION = "test", "secret", "eu-west-2"
PATIENT, IMPATIENT = 60, 0.5  # seconds: a busy machine may take its time, and a store that is silent never answers
HOP_BY_HOP = {"connection", "transfer-encoding", "content-length", "server", "date"}


@dataclass
class Gate:
    """What stands before the store; `now` is its clock when it is not the real one."""

    port: int
    behind: int
    state: str = "open"  # open, busy (503), silent (takes the question and never answers), refusing (403)
    busy_times: int = 0  # how often it is busy before it is open again
    now: datetime | None = None
    asked: list[tuple[str, str]] = field(default_factory=list)
    let_go: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def refuses(self, method: str, path: str, host: str) -> tuple[int, str] | None:
        """(status, code) when the request is not let through."""
        if self.busy_times:
            self.busy_times -= 1
            return 503, "SlowDown"
        if self.state == "busy":
            return 503, "ServiceUnavailable"
        if self.state == "refusing":
            return 403, "AccessDenied"
        if "X-Amz-Signature=" in path and not self._is_good(method, path, host):
            return 403, "AccessDenied"
        return None

    def _is_good(self, method: str, path: str, host: str) -> bool:
        """Whether a signed link is in time, and exactly what was signed."""
        asked = dict(parse_qsl(urlsplit(path).query, keep_blank_values=True))
        signed_at = datetime.strptime(asked["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        lasts = timedelta(seconds=int(asked["X-Amz-Expires"]))
        in_time = signed_at <= (self.now or timezone.now()) <= signed_at + lasts
        return in_time and hmac.compare_digest(signature(method, path, host), asked["X-Amz-Signature"])


def signature(method: str, path: str, host: str) -> str:
    """What a link must be signed with: docs.aws.amazon.com, "Authenticating requests: using query parameters"."""
    parts = urlsplit(path)
    asked = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True)]
    query = "&".join(
        f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}"
        for name, value in sorted(asked)
        if name != "X-Amz-Signature"
    )
    canonical = "\n".join([method, parts.path, query, f"host:{host}\n", "host", "UNSIGNED-PAYLOAD"])
    said = dict(asked)
    scope = said["X-Amz-Credential"].split("/", 1)[1]
    to_sign = "\n".join(["AWS4-HMAC-SHA256", said["X-Amz-Date"], scope, hashlib.sha256(canonical.encode()).hexdigest()])
    key = f"AWS4{SECRET}".encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return hmac.new(key, to_sign.encode(), hashlib.sha256).hexdigest()


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    gate: Gate

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.gate.asked.append((self.command, self.path))
        if self.gate.state == "silent":
            self.gate.let_go.wait()
            self.close_connection = True
            return
        if refusal := self.gate.refuses(self.command, self.path, self.headers["Host"]):
            status, code = refusal
            self._send(status, {"Content-Type": "application/xml"}, f"<Error><Code>{code}</Code></Error>".encode())
            return
        connection = http.client.HTTPConnection("127.0.0.1", self.gate.behind)
        connection.request(self.command, self.path, body=body, headers=dict(self.headers))
        answer = connection.getresponse()
        self._send(answer.status, dict(answer.getheaders()), answer.read(), length=answer.getheader("Content-Length"))
        connection.close()

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = _answer

    def _send(self, status: int, headers: dict[str, str], body: bytes, length: str | None = None) -> None:
        self.send_response(status)
        for name, value in headers.items():
            if name.lower() not in HOP_BY_HOP:
                self.send_header(name, value)
        is_head = self.command == "HEAD"
        self.send_header("Content-Length", (length or "0") if is_head else str(len(body)))
        self.end_headers()
        if not is_head:
            self.wfile.write(body)

    def log_message(self, *args) -> None:
        pass


@pytest.fixture(scope="session")
def moto_port() -> Iterator[int]:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    yield server.get_host_and_port()[1]
    server.stop()


@pytest.fixture
def gate(moto_port) -> Iterator[Gate]:
    handler = type("Handler", (_Handler,), {})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        handler.gate = gate = Gate(port=server.server_port, behind=moto_port)
        thread = threading.Thread(target=server.serve_forever, args=[0.02], daemon=True)
        thread.start()
        yield gate
        gate.let_go.set()
        server.shutdown()
        thread.join()


@dataclass
class Bucket:
    """The council's documents in S3, seen from behind the gate: what lies there, whatever BoPS says of it."""

    name: str
    gate: Gate
    resource: object

    def keys(self) -> list[str]:
        return sorted(stored.key for stored in self.resource.objects.all())

    def read(self, key: str) -> bytes:
        return self.resource.Object(key).get()["Body"].read()

    def head(self, key: str) -> dict:
        return self.resource.meta.client.head_object(Bucket=self.name, Key=key)

    def grants(self, key: str) -> list[str]:
        """Whom its access list lets in beside its owner."""
        owner = self.resource.Object(key).Acl().owner["ID"]
        return [
            str(grant["Grantee"])
            for grant in self.resource.Object(key).Acl().grants
            if grant["Grantee"].get("ID") != owner
        ]


@pytest.fixture(scope="session")
def behind_the_gate(moto_port):
    """The store itself, for tests to look into."""
    return boto3.resource(
        "s3",
        endpoint_url=f"http://127.0.0.1:{moto_port}",
        region_name=REGION,
        aws_access_key_id=KEY,
        aws_secret_access_key=SECRET,
        config=Config(s3={"addressing_style": "path"}),
    )


@pytest.fixture
def bucket(gate, behind_the_gate, settings, monkeypatch) -> Bucket:
    """Documents lie in a bucket of their own, by the settings of production."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.setattr(document_store, "CONNECT_SECONDS", PATIENT)
    monkeypatch.setattr(document_store, "READ_SECONDS", PATIENT)
    # botocore waits before it tries again; here it tries at once.
    monkeypatch.setattr("botocore.endpoint.time", SimpleNamespace(sleep=lambda seconds: None, time=time.time))
    monkeypatch.setattr(JSONFileLoader, "load_file", lambda self, path: _description(path))
    resource = behind_the_gate.Bucket(f"documents-{uuid.uuid4()}")
    resource.create(CreateBucketConfiguration={"LocationConstraint": REGION})
    documents_lie_in(resource.name, gate.url, settings=settings, monkeypatch=monkeypatch)
    return Bucket(resource.name, gate, resource)


@cache
def _description(path: str) -> dict | None:
    """What botocore knows of Amazon's services, which takes longer to read than a test to run."""
    return _load_file(JSONFileLoader(), path)


def documents_lie_in(name: str, endpoint: str, *, settings, monkeypatch) -> None:
    row = document_store.on_s3(bucket=name, region=REGION, endpoint=endpoint)
    case_documents_lie_in(row, settings=settings, monkeypatch=monkeypatch)


def wait_for_an_answer(seconds: float) -> None:
    """So long, from now on, and no longer."""
    store = storages["case_documents"]
    store.client_config = store.client_config.merge(Config(connect_timeout=seconds, read_timeout=seconds))
    store.__setstate__(store.__getstate__())  # as a copy of it begins: without the connections that it has made


@contextmanager
def closed(gate: Gate, state: str) -> Iterator[None]:
    """The store is away for a while."""
    gate.state = state
    if state == "silent":
        wait_for_an_answer(IMPATIENT)
    try:
        yield
    finally:
        gate.state = "open"
        wait_for_an_answer(PATIENT)
        gate.let_go.set()


def fetch(link: str) -> tuple[int, Message, bytes]:
    """What a browser gets for a link: status, headers, body."""
    try:
        with urllib.request.urlopen(link) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.headers, refused.read()
