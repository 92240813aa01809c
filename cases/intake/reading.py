"""From bytes to JSON that PostgreSQL can hold, or a refusal that says what is wrong with the bytes."""

import json
import math
from typing import Any

from cases.faults import Fault

from .incoming import NotReadable

MAX_DEPTH = 60  # a MultiPolygon inside a Feature inside a payload is about 12 deep
MAX_TEXT = 100_000  # characters in one value
MAX_DIGITS = 20


def read_json(body: bytes) -> dict[str, Any]:
    """The object that the body holds.

    Only UTF-8; every key once; numbers finite; no character that PostgreSQL refuses; no deeper than MAX_DEPTH.
    Raises NotReadable.
    """
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _not_readable("It is not UTF-8 text.") from error
    try:
        payload = json.loads(
            text,
            object_pairs_hook=_object,
            parse_constant=_no_constant,
            parse_float=_float,
            parse_int=_int,
        )
    except _Unfit as error:
        raise _not_readable(str(error)) from error
    except RecursionError as error:
        raise _not_readable("It is nested too deeply.") from error
    except ValueError as error:
        position = getattr(error, "pos", None)
        where = "" if position is None else f" The fault is near character {position}."
        raise _not_readable(f"It is not JSON.{where}") from error
    if not isinstance(payload, dict):
        raise _not_readable("It is not a JSON object.")
    _check_contents(payload)
    return payload


class _Unfit(Exception):
    """Valid for the JSON parser and yet no use to anybody."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise _Unfit("A key stands twice in the same object.")
    return members


def _no_constant(name: str) -> Any:
    raise _Unfit("NaN and Infinity are not JSON.")


def _float(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise _Unfit("A number is too large.")
    return number


def _int(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise _Unfit("A number is too large.")
    return int(digits)


def _check_contents(payload: dict[str, Any]) -> None:
    """Walk the whole payload without recursion: depth, length of texts, characters that cannot be stored."""
    waiting: list[tuple[Any, str, int]] = [(payload, "", 1)]
    while waiting:
        value, path, depth = waiting.pop()
        if depth > MAX_DEPTH:
            raise _not_readable("It is nested too deeply.", path)
        if isinstance(value, dict):
            for key, member in value.items():
                _check_text(key, path)
                waiting.append((member, f"{path}/{shown(key)}", depth + 1))
        elif isinstance(value, list):
            waiting.extend((item, f"{path}/{index}", depth + 1) for index, item in enumerate(value))
        elif isinstance(value, str):
            _check_text(value, path)


def _check_text(text: str, path: str) -> None:
    if len(text) > MAX_TEXT:
        raise _not_readable(f"A text is longer than {MAX_TEXT:,} characters.", path)
    if "\x00" in text:
        raise _not_readable("A text holds a NUL character.", path)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise _not_readable("A text holds half of a surrogate pair.", path) from error


def shown(key: object) -> str:
    """A key as part of a path: keys come from the sender, so they are kept short and printable."""
    text = str(key)[:40]
    return "".join(c if c.isprintable() else "?" for c in text.encode("utf-8", "replace").decode())


def _not_readable(reason: str, path: str = "") -> NotReadable:
    return NotReadable("The submission could not be read.", [Fault(path, reason)])
