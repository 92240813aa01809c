"""Two texts compared word by word: what was taken out and what was put in."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

_PARTS = re.compile(r"\s+|\S+")


@dataclass(frozen=True)
class Piece:
    """A run of words with its white space: kind is "same", "out" or "in"."""

    kind: str
    text: str


def runs(was: Sequence[str], now: Sequence[str]) -> Iterator[tuple[Sequence[str], Sequence[str], bool]]:
    """What became of each run of parts, in order: (as it was, as it is now, whether both are the same).

    The first parts of all together are `was`, the second `now`; either may be empty, never both.
    """
    for tag, i, j, k, m in SequenceMatcher(a=was, b=now, autojunk=False).get_opcodes():
        yield was[i:j], now[k:m], tag == "equal"


def difference(old: str, new: str) -> list[Piece]:
    """The pieces that make up both texts in order. Those that are not "in" join to `old`, those not "out" to `new`."""
    pieces = []
    for was, now, is_same in runs(_PARTS.findall(old), _PARTS.findall(new)):
        if is_same:
            pieces.append(Piece("same", "".join(was)))
            continue
        if was:
            pieces.append(Piece("out", "".join(was)))
        if now:
            pieces.append(Piece("in", "".join(now)))
    return pieces
