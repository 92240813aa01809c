"""Bytes that are no submission are told so, and never reach the database."""

import json

import pytest

from cases.intake.incoming import NotReadable
from cases.intake.reading import MAX_DEPTH, MAX_TEXT, read_json
from tests.cases.payloads import as_bytes, payload


def test_a_submission_is_read_as_it_is():
    assert read_json(as_bytes(payload())) == payload()


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "not JSON"),
        (as_bytes(payload())[:-200], "not JSON"),
        (b"[]", "not a JSON object"),
        (b'"text"', "not a JSON object"),
        (b"null", "not a JSON object"),
        (json.dumps(payload()).encode("utf-16"), "not UTF-8"),
        (json.dumps(payload()).encode("utf-16-le"), "not JSON"),
        (b"\xef\xbb\xbf{}", "not JSON"),
        (b'{"a": "\xff"}', "not UTF-8"),
        (b'{"a": "\\u0000"}', "NUL"),
        (b'{"a\\u0000": 1}', "NUL"),
        (b'{"a": "\\ud800"}', "surrogate"),
        (b'{"\\udfff": 1}', "surrogate"),
        (b'{"a": 1, "a": 2}', "twice"),
        (b'{"a": NaN}', "NaN"),
        (b'{"a": -Infinity}', "NaN and Infinity"),
        (b'{"a": 1e400}', "too large"),
        (b'{"a": ' + b"9" * 5000 + b"}", "too large"),
        (b'{"a": ' + b"[" * 100_000, "nested too deeply"),
        (b'{"a": ' + b"[" * 100 + b"]" * 100 + b"}", "nested too deeply"),
        (b'{"a": "' + b"x" * (MAX_TEXT + 1) + b'"}', "longer than"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_reason(body, reason):
    with pytest.raises(NotReadable) as refusal:
        read_json(body)
    assert reason in refusal.value.faults[0].reason


def test_depth_up_to_the_limit_is_read():
    depth = MAX_DEPTH - 1
    read_json(b'{"a": ' + b"[" * (depth - 1) + b"]" * (depth - 1) + b"}")


def test_a_fault_never_tells_the_value():
    with pytest.raises(NotReadable) as refusal:
        read_json(b'{"name": "Ada Wren \\u0000"}')
    assert "Ada" not in str(refusal.value.faults)
    assert refusal.value.faults[0].path == "/name"
