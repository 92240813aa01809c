"""What fails after the commit costs nobody their answer: the row is there, and `run_due` finds it."""

import ast
from pathlib import Path

import pytest
from django_tasks.backends.immediate import ImmediateBackend

from cases.statuses import Status
from notices.models import Message
from notices.outbox import messages
from tests.notices.fake_notify import notify_server

__all__ = ["notify_server"]  # fixture

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).parents[3]


def test_a_queue_that_is_away_after_the_commit_fails_nothing_that_was_done(
    notify_server, make_application, officer, monkeypatch, django_capture_on_commit_callbacks, caplog
):
    application = make_application("pp.full.householder", status=Status.IN_ASSESSMENT)

    def away(*args):
        raise RuntimeError("the queue is away")

    monkeypatch.setattr(ImmediateBackend, "enqueue", away)
    with django_capture_on_commit_callbacks(execute=True):
        message = messages.queue(
            application=application, template_slug="valid", to=application.parties.get(), by=officer
        )
    message.refresh_from_db()
    assert message.status == Message.Status.QUEUED
    assert "the queue is away" in caplog.text


def test_what_may_fail_after_the_commit_has_a_name():
    """Django names the function of `robust=True` in its log, and a `partial` has no name: that itself would fail."""
    nameless = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for folder in ("cases", "notices", "home", "site/accounts", "site/config")
        for path in (ROOT / folder).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and getattr(node.func, "attr", "") == "on_commit"
        and any(keyword.arg == "robust" for keyword in node.keywords)
        and isinstance(node.args[0], ast.Call)
    ]
    assert nameless == []
