"""What kind of document a file probably is, by its name and by the words on it: a suggestion, never a decision.

The words stand beside the types in cases/data/document_types.yaml (`known_by`). A name is somebody's own word for the
file, so what it says goes first and the text is asked only about what it leaves open. When neither says anything,
nothing is suggested: no type is better than a wrong one that an officer overlooks.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path
from urllib.parse import unquote

import yaml

FILE = Path(__file__).resolve().parents[1] / "data" / "document_types.yaml"

MOST = 3
SHORT_TEXT = 3000  # characters; a drawing has no more, and its title may stand anywhere on the sheet
TITLE_PAGE = 600  # characters at the beginning of a longer text, where a report says what it is
LONGEST_TITLE = 12  # words in a line; longer ones are sentences, which speak of other documents

EXISTING, PROPOSED = ".existing", ".proposed"
STATES = {
    "existing": EXISTING,
    "exist": EXISTING,
    "exg": EXISTING,
    "ex": EXISTING,
    "current": EXISTING,
    "proposed": PROPOSED,
    "proposal": PROPOSED,
    "prop": PROPOSED,
    "pr": PROPOSED,
}
SHORT_STATES = {"ex", "pr", "prop", "exist", "exg"}  # read in names alone

# Words that hold one of ours and mean something else
OTHER_THINGS = (
    "section 106", "section 73", "section 73a", "section 96a", "section 191", "section 192", "section 211",
    "first floor level", "ground floor level", "existing ground level", "proposed ground level",
    "existing wall", "existing house", "existing dwelling",
)  # fmt: skip
# Files that every submission brings and no type is for
NONE_OF_OURS = (
    "application form", "fee calculation", "attachment summary", "community infrastructure levy", "cil",
    "drawing register", "drawing list", "drawing issue", "document list", "document register", "schedule of drawings",
    "decision notice", "pre application advice", "invoice for planning fee",
)  # fmt: skip


@dataclass(frozen=True)
class Kind:
    """A type, or two that differ only in what they show: `base` with the endings of the states it comes in."""

    base: str
    states: tuple[str, ...] = ()

    def codes(self, states: Iterable[str]) -> list[str]:
        wanted = set(states)
        # Not said: both, and the proposal first, because every application has one.
        ours = [state for state in (PROPOSED, EXISTING) if state in self.states] or [""]
        return [self.base + state for state in ours if state in wanted] or [self.base + state for state in ours]


@dataclass(frozen=True)
class Said:
    """One kind as a line of words names it, with the states that belong to it there."""

    kind: Kind
    states: frozenset[str]


def suggested_types(name: str, text: str) -> list[str]:
    """Codes of DocumentType that a file of this name, with this text, probably has: best first, at most three.

    `name` as it was uploaded, with or without ending; `text` as it was read from the file, "" when there is none.
    Nothing is suggested when neither says what the file is.
    """
    words = _words_of_name(name)
    if _holds_any(words, NONE_OF_OURS):
        return []
    by_name = list(_said(words, of_name=True))
    by_text = list(_said_in_text(text))
    if by_name:
        return _best(_with_states_of_text(by_name, by_text))
    return _best(by_text)


def _best(said: list[Said]) -> list[str]:
    """What is said most often goes first; of what is said as often, what was said first."""
    often = Counter(one.kind for one in said)
    states: dict[Kind, set[str]] = {}
    for one in said:
        states.setdefault(one.kind, set()).update(one.states)
    codes = [kind.codes(states[kind]) for kind, _ in often.most_common()]
    # Of several kinds the first code of each, then the second ones: three suggestions shall name three kinds.
    depth = max(map(len, codes), default=0)
    return [kind[place] for place in range(depth) for kind in codes if place < len(kind)][:MOST]


def _with_states_of_text(by_name: list[Said], by_text: list[Said]) -> list[Said]:
    """Elevations.pdf: the sheet itself may say whether it shows what is there or what is wanted."""
    told: dict[Kind, frozenset[str]] = {}
    for one in by_text:
        told[one.kind] = told.get(one.kind, frozenset()) | one.states
    return [one if one.states else Said(one.kind, told.get(one.kind, frozenset())) for one in by_name]


# --- Words ----------------------------------------------------------------------------------------------------------


def _words_of_name(name: str) -> list[str]:
    """ "PL-01_ProposedElevations%20(rev A).pdf" → pl 01 proposed elevations rev a."""
    stem = re.sub(r"\.[A-Za-z0-9]{2,5}$", "", unquote(name).rsplit("/", 1)[-1])
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", stem)
    return _words(re.sub(r"(?<=[A-Za-z]{2})(?=\d)|(?<=\d)(?=[A-Za-z]{3})", " ", parted))


def _words(line: str) -> list[str]:
    """Small letters and figures, each word as one: elevations → elevation. "&" is a word too."""
    plain = line.lower().replace("&", " and ").replace("’", "'").replace("'s", "s")
    return [_one(word) for word in re.findall(r"[a-z0-9]+", plain)]


def _one(word: str) -> str:
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def _holds_any(words: list[str], phrases: Iterable[str]) -> bool:
    line = f" {' '.join(words)} "
    return any(f" {' '.join(_words(phrase))} " in line for phrase in phrases)


# --- What a line says -----------------------------------------------------------------------------------------------


def _said_in_text(text: str) -> Iterator[Said]:
    """What the titles of a text name: all over a short one, and the first on the title page of a longer one."""
    is_short = len(text) <= SHORT_TEXT
    for line in text[: SHORT_TEXT if is_short else TITLE_PAGE].splitlines():
        words = _words(line)
        said = list(_said(words, of_name=False)) if len(words) <= LONGEST_TITLE else []
        yield from said
        if said and not is_short:
            return


def _said(words: list[str], *, of_name: bool) -> Iterator[Said]:
    """Each kind that these words name, with its states.

    States stand before what they belong to ("existing and proposed elevations, proposed roof plan") or, when the first
    kind comes before any state, after it ("elevations - existing, roof plan - proposed").
    """
    kinds: list[tuple[int, Kind]] = []
    states: list[tuple[int, frozenset[str]]] = []  # those that stand side by side, "existing and proposed", are one
    for place, (is_state, together) in enumerate(groupby(_found(words, of_name=of_name), key=_is_state)):
        if is_state:
            states.append((place, frozenset(str(state) for state in together)))
        else:
            kinds += [(place, kind) for kind in together if isinstance(kind, Kind)]
    stand_before = bool(kinds) and kinds[0][0] > 0
    for place, kind in kinds:
        before = [group for at, group in states if at < place]
        after = [group for at, group in states if at > place]
        near = (before[-1:] or after[:1]) if stand_before else (after[:1] or before[-1:])
        yield Said(kind, near[0] if near else frozenset())


def _is_state(found: Kind | str) -> bool:
    return isinstance(found, str)


def _found(words: list[str], *, of_name: bool) -> Iterator[Kind | str]:
    """Kinds and states in the order in which they stand; of two phrases at one place the longer one."""
    phrases = _phrases()
    longest = max(map(len, phrases))
    place = 0
    while place < len(words):
        for length in range(min(longest, len(words) - place), 0, -1):
            meaning = phrases.get(tuple(words[place : place + length]))
            if meaning is not None and (of_name or not meaning.in_names_alone):
                if meaning.of is not None:
                    yield meaning.of
                place += length
                break
        else:
            place += 1


@dataclass(frozen=True)
class Meaning:
    of: Kind | str | None  # a kind, a state, or nothing of ours
    in_names_alone: bool = False


@cache
def _phrases() -> dict[tuple[str, ...], Meaning]:
    """Every phrase that means something, in words as `_words` gives them."""
    phrases = {tuple(_words(phrase)): Meaning(None) for phrase in OTHER_THINGS}
    phrases |= {(_one(word),): Meaning(state, word in SHORT_STATES) for word, state in STATES.items()}
    for kind, known_by in _kinds():
        for phrase in known_by:
            phrases[tuple(_words(phrase))] = Meaning(kind, in_names_alone=phrase.isupper())
    return phrases


def _kinds() -> Iterator[tuple[Kind, tuple[str, ...]]]:
    with FILE.open(encoding="utf-8") as stream:
        rows = [row for row in yaml.load(stream, Loader=yaml.CSafeLoader) if "known_by" in row]
    # Existing and proposed of one thing are known by the same words, and are one kind.
    states: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for row in rows:
        base, state = _parted(row["code"])
        states.setdefault((base, tuple(row["known_by"])), []).extend([state] if state else [])
    for (base, known_by), its_states in states.items():
        yield Kind(base, tuple(its_states)), known_by


def _parted(code: str) -> tuple[str, str]:
    for state in (EXISTING, PROPOSED):
        if code.endswith(state):
            return code.removesuffix(state), state
    return code, ""
