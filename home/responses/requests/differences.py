"""What changes between the present words and the proposed ones, said in words: colour alone is not enough."""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

MOST_CHANGES = 8  # more are no help: the two texts are simply different


@dataclass(frozen=True)
class Piece:
    """A run of the proposed words."""

    words: str
    is_new: bool


@dataclass(frozen=True)
class Difference:
    pieces: list[Piece]  # the proposed words, in order
    changes: list[str]  # each a sentence; empty where there would be too many


def difference(present: str, proposed: str) -> Difference:
    """Compares word by word; spaces and line ends are not words."""
    old, new = re.findall(r"\S+", present), re.findall(r"\S+", proposed)
    pieces, changes = [], []
    for kind, old_from, old_to, new_from, new_to in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        taken, put = " ".join(old[old_from:old_to]), " ".join(new[new_from:new_to])
        if put:
            pieces.append(Piece(put, is_new=kind != "equal"))
        if kind == "replace":
            changes.append(f"“{taken}” becomes “{put}”")
        elif kind == "delete":
            changes.append(f"“{taken}” is taken out")
        elif kind == "insert":
            changes.append(f"“{put}” is added")
    return Difference(pieces, changes if len(changes) <= MOST_CHANGES else [])
