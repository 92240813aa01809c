"""GOV.UK Notify as far as we use it: a real HTTP server on loopback that checks the token and can misbehave."""

import json
import threading
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlparse

import jwt
import pytest

SERVICE = "26785a09-ab16-4eb0-8407-a37497a57506"
SECRET = "3d844edf-8d35-48ac-975b-e847b4f122b0"
TEAM_KEY = f"team-testshire-{SERVICE}-{SECRET}"

ERRORS = {
    "400": (400, "BadRequestError", "Missing personalisation: body"),
    "400 letter": (400, "ValidationError", "Must be a real address"),
    "403": (403, "AuthError", "Invalid token: API key not found"),
    "429": (429, "RateLimitError", "Exceeded rate limit for key type TEAM of 3000 requests per 60 seconds"),
    "429 day": (429, "TooManyRequestsError", "Exceeded send limits (email: 250000) for today"),
    "500": (500, "Exception", "Internal server error"),
}


class FakeNotify:
    """`answers` is what to do with the next POSTs, in order; when it is empty every message is accepted.

    Beside the keys of ERRORS: "hang" (never answers), "hang after accepting", "nonsense" (200 and no JSON).
    """

    def __init__(self):
        self.answers: list[str] = []
        self.lookups: list[str] = []  # the same for the next GETs
        self.accepted: dict[str, dict] = {}  # id → notification
        self.requests: list[tuple[str, str]] = []
        self.refused_tokens: list[str] = []
        self.hangs = threading.Event()  # somebody waits for an answer
        self.let_go = threading.Event()
        self.before_answer = lambda notification: None
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self.thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"

    def stop(self) -> None:
        self.let_go.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def sent(self) -> list[dict]:
        return list(self.accepted.values())

    def posts(self) -> int:
        return sum(1 for method, _ in self.requests if method == "POST")

    def accept(self, kind: str, body: dict) -> dict:
        notification = {
            "id": str(uuid.uuid4()),
            "reference": body.get("reference"),
            "status": "created",
            "type": kind,
            "template": {"id": body.get("template_id"), "version": 3, "uri": "…"},
            "completed_at": None,
            "body": body,
        }
        self.accepted[notification["id"]] = notification
        return notification


def _handler(fake: FakeNotify):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *args):
            pass

        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            fake.requests.append(("POST", self.path))
            if not self.token_is_good():
                return
            answer = fake.answers.pop(0) if fake.answers else "201"
            if answer in ERRORS:
                self.error(answer)
                return
            if answer == "hang":
                fake.hangs.set()
                fake.let_go.wait(60)
                self.close_connection = True
                return
            if answer == "nonsense":
                self.say(200, b"<html>maintenance</html>")
                return
            notification = fake.accept(self.path.rsplit("/", 1)[-1], body)
            if answer == "hang after accepting":
                fake.hangs.set()
                fake.let_go.wait(60)
                self.close_connection = True
                return
            fake.before_answer(notification)
            self.say_json(201, {key: notification[key] for key in ("id", "reference", "template")} | {"content": {}})

        def do_GET(self):
            address = urlparse(self.path)
            fake.requests.append(("GET", self.path))
            if not self.token_is_good():
                return
            answer = fake.lookups.pop(0) if fake.lookups else "200"
            if answer in ERRORS:
                self.error(answer)
            elif address.path == "/v2/notifications":
                reference = parse_qs(address.query)["reference"][0]
                found = [row for row in fake.accepted.values() if row["reference"] == reference]
                self.say_json(200, {"notifications": found, "links": {}})
            else:
                found = fake.accepted.get(address.path.rsplit("/", 1)[-1])
                self.say_json(200 if found else 404, found or {"status_code": 404, "errors": []})

        def token_is_good(self) -> bool:
            token = self.headers.get("Authorization", "").removeprefix("Bearer ")
            try:
                claims = jwt.decode(token, SECRET, algorithms=["HS256"], options={"require": ["iss", "iat"]})
                good = claims["iss"] == SERVICE and abs(time.time() - claims["iat"]) < 30
            except jwt.PyJWTError:
                good = False
            if not good:
                fake.refused_tokens.append(token)
                self.error("403")
            return good

        def error(self, name: str):
            status, error, message = ERRORS[name]
            self.say_json(status, {"status_code": status, "errors": [{"error": error, "message": message}]})

        def say_json(self, status: int, data: dict):
            self.say(status, json.dumps(data).encode())

        def say(self, status: int, data: bytes):
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

    return Handler


@pytest.fixture
def notify_server(settings):
    """A running fake, and settings that lead there with a team key."""
    fake = FakeNotify()
    settings.NOTIFY_BASE_URL = fake.url
    settings.NOTIFY_API_KEY = TEAM_KEY
    settings.NOTIFY_API_KEYS = {}
    settings.NOTIFY_EMAIL_TEMPLATE_ID = str(uuid.uuid4())
    settings.NOTIFY_LETTER_TEMPLATE_ID = str(uuid.uuid4())
    settings.NOTIFY_TIMEOUT_SECONDS = 30
    yield fake
    fake.stop()
