"""Which characters the typefaces on this machine can draw: what none of them can is a box on an issued paper."""

import re
import subprocess
import unicodedata
from functools import cache

# Never drawn by themselves: controls, marks of format, spaces, and what only chooses between two forms of a character.
_NOT_DRAWN = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp"})
_CHOOSES_A_FORM = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_LOST = "\ufffd"  # stands for what was lost before it reached us
SECONDS = 20


class FontsUnknown(Exception):
    """Fontconfig could not be asked. `str()` is for the log."""


@cache
def drawable() -> frozenset[int]:
    """The code points that at least one installed typeface draws. Asked once in a process. Raises FontsUnknown."""
    try:
        said = subprocess.run(
            ["fc-list", "--format", "%{charset}\n"], capture_output=True, text=True, timeout=SECONDS, check=True
        ).stdout
    except (OSError, subprocess.SubprocessError) as error:
        raise FontsUnknown(f"fc-list could not say which fonts there are: {error}") from error
    found: set[int] = set()
    for part in set(said.split()):
        first, _, last = part.partition("-")
        found.update(range(int(first, 16), int(last or first, 16) + 1))
    return frozenset(found)


def not_drawable(text: str) -> list[str]:
    """The characters of the text that would be boxes, each once, in their order. Raises FontsUnknown."""
    return [character for character in dict.fromkeys(text) if not character.isascii() and not _is_drawn(character)]


def _is_drawn(character: str) -> bool:
    if unicodedata.category(character) in _NOT_DRAWN or _CHOOSES_A_FORM.match(character):
        return True
    return character != _LOST and ord(character) in drawable()


def name_of(character: str) -> str:
    """A character as one can speak of it: “house building”, or its number where it has no name."""
    return unicodedata.name(character, "").lower() or f"U+{ord(character):04X}"


# Who prints the letters at GOV.UK Notify has Arial, GNU FreeFont and a Chinese typeface: scripts, and no emoji.
_BEYOND_SCRIPTS = re.compile("[\U00010000-\U0010ffff]")
_JOINS = re.compile("(?<=[\u2000-\U0010ffff])[\u200d\ufe0e\ufe0f]+|[\U0001f3fb-\U0001f3ff]")


def in_print(text: str) -> str:
    """The text of a letter that GOV.UK Notify prints: an emoji is said by its name, since it would be a box."""
    if text.isascii():
        return text
    return _BEYOND_SCRIPTS.sub(lambda match: f"({name_of(match[0])})", _JOINS.sub("", text))
