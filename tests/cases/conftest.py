"""A householder's application, its documents, and a server of files on loopback for what fetches them."""

import http.server
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest

from cases.models import Document, PlanningApplication
from tests.cases.document_files import make_document


@pytest.fixture
def application(make_application) -> PlanningApplication:
    """A householder's, just received. Tests that need another one have a fixture of this name of their own."""
    return make_application("pp.full.householder")


@pytest.fixture
def make(application) -> Callable[..., Document]:
    """make("Site plan", pages=["words"], …) → a document of the application."""
    return lambda title="Site plan", **fields: make_document(application, title, **fields)


@dataclass
class Server:
    """Answers by path: status, headers, body; and remembers what it was asked."""

    port: int = 0
    answers: dict[str, tuple[int, dict[str, str], bytes]] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"


@pytest.fixture
def server(settings) -> Iterator[Server]:
    server = Server()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            server.asked.append((self.path, dict(self.headers)))
            status, headers, body = server.answers.get(self.path, (404, {}, b""))
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        server.port = running.server_port
        settings.SUBMISSION_FILE_INNER_HOSTS = [f"127.0.0.1:{server.port}"]
        settings.SUBMISSION_FILE_HOSTS = []
        thread = threading.Thread(target=running.serve_forever, args=[0.02], daemon=True)
        thread.start()
        yield server
        running.shutdown()
        thread.join()
