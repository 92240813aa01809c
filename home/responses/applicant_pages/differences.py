"""What changes between the present words and the proposed ones, said in words: colour alone is not enough."""

from dataclasses import dataclass

from cases.wording.difference import runs

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
    pieces, changes = [], []
    for was, now, is_same in runs(present.split(), proposed.split()):
        taken, put = " ".join(was), " ".join(now)
        if put:
            pieces.append(Piece(put, is_new=not is_same))
        if not is_same:
            changes.append(_change(taken, put))
    return Difference(pieces, changes if len(changes) <= MOST_CHANGES else [])


def _change(taken: str, put: str) -> str:
    if not put:
        return f"“{taken}” is taken out"
    return f"“{taken}” becomes “{put}”" if taken else f"“{put}” is added"
