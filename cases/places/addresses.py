"""Addresses as senders write them → as people read them."""

import re

# Words that stay small inside a name: Stow on the Wold, Ashby de la Zouch.
SMALL_WORDS = frozenset(
    {"and", "at", "by", "cum", "de", "in", "la", "le", "next", "of", "on", "the", "under", "upon", "with"}
)
AT_HOME = frozenset({"uk", "gb", "united kingdom", "great britain", "england"})
POSTCODE = re.compile(r"^([A-Z]{1,2}[0-9][A-Z0-9]?) ?([0-9][A-Z]{2})$")
# "40, STANSFIELD ROAD": gazetteers put a comma after the number, people do not.
NUMBER_BEFORE_STREET = re.compile(r"(?:(?<=^)|(?<=, ))(\d+[A-Za-z]?(?:\s?[-–]\s?\d+[A-Za-z]?)?), (?=[^\d])")


def one_line(*parts: str) -> str:
    """Parts that are not empty, in one line, as people write an address: 40-42 Stansfield Road, London."""
    line = ", ".join(part.strip(" ,") for part in parts if part.strip(" ,"))
    return NUMBER_BEFORE_STREET.sub(r"\1 ", in_mixed_case(re.sub(r"\s+", " ", line)))


def range_of(first: str, last: str) -> str:
    """40 and 42 → 40-42; either alone stands alone."""
    return f"{first}-{last}" if first and last and first != last else first or last


def without_postcode(line: str, postcode: str) -> str:
    """The line without the postcode at its end, whichever way it is spaced."""
    ending = re.escape(postcode.replace(" ", "")[:-3]) + r"\s*" + re.escape(postcode.replace(" ", "")[-3:])
    return re.sub(rf"[\s,]*{ending}\s*$", "", line, flags=re.IGNORECASE) if postcode.strip() else line


def tidy_postcode(text: str) -> str:
    """hp92lx → HP9 2LX. What is not the form of a British postcode stays as it is, in capitals."""
    capitals = re.sub(r"\s+", " ", text.strip().upper())
    match = POSTCODE.match(capitals.replace(" ", ""))
    return f"{match[1]} {match[2]}" if match else capitals


def is_postcode(text: str) -> bool:
    return bool(POSTCODE.match(text))


def in_mixed_case(line: str) -> str:
    """BLYTON CLOSE → Blyton Close. A line that has small letters already is left as its writer had it."""
    if any(c.islower() for c in line):
        return line
    words = line.split(" ")
    before = ["1", *words[:-1]]  # a name begins the line, or follows a comma or a number: 12 The Green
    return " ".join(
        _word(word, is_first=previous.endswith(",") or any(c.isdigit() for c in previous))
        for previous, word in zip(before, words, strict=True)
    )


def _word(word: str, *, is_first: bool) -> str:
    if any(c.isdigit() for c in word):
        return word
    if not is_first and word.lower() in SMALL_WORDS:
        return word.lower()
    parts = word.split("-")
    return "-".join(
        part.lower() if index and part.lower() in SMALL_WORDS else part[:1] + part[1:].lower()
        for index, part in enumerate(parts)
    )


def several_lines(*parts: str, country: str = "", postcode: str = "") -> str:
    """A postal address, a line each, postcode last; the country only when it is another one."""
    abroad = "" if country.strip().lower() in AT_HOME else country
    return "\n".join(part.strip(" ,") for part in (*parts, abroad, postcode) if part.strip(" ,"))
