"""Two texts compared word by word: what was taken out and what was put in."""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

_PARTS = re.compile(r"\s+|[^\s]+")


@dataclass(frozen=True)
class Piece:
    """A run of words: kind is "same", "out" or "in"."""

    kind: str
    text: str


def difference(old: str, new: str) -> list[Piece]:
    """The pieces that make up both texts in order. Those that are not "in" join to `old`, those not "out" to `new`."""
    was, now = _PARTS.findall(old), _PARTS.findall(new)
    pieces = []
    for tag, i, j, k, m in SequenceMatcher(a=was, b=now, autojunk=False).get_opcodes():
        if tag == "equal":
            pieces.append(Piece("same", "".join(was[i:j])))
            continue
        if i < j:
            pieces.append(Piece("out", "".join(was[i:j])))
        if k < m:
            pieces.append(Piece("in", "".join(now[k:m])))
    return pieces
