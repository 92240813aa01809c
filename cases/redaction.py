"""What in a comment should not be published: suggestions for the officer, who has the last word.

Pure text. Signatures, telephone numbers and e-mail addresses are never published (Information Commissioner's guidance
of 2007 on planning registers); vehicle plates tell whose car stands where; a word about somebody's health or family is
a reason to read the comment before it is published.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

REDACTED = "[redacted]"


class Kind(StrEnum):
    EMAIL = "E-mail address"
    PHONE = "Telephone number"
    PLATE = "Vehicle registration"
    SIGNATURE = "Signature"
    SENSITIVE = "Health or family: read before you publish"


@dataclass(frozen=True, order=True)
class Finding:
    """A stretch of text, `text[start:end]`, that should be looked at."""

    start: int
    end: int
    kind: Kind
    words: str

    @property
    def can_be_replaced(self) -> bool:
        """Sensitive words are pointed out only: cutting a word out of a sentence rarely hides what it said."""
        return self.kind is not Kind.SENSITIVE


_EMAIL = re.compile(r"[\w.+'-]+@[\w-]+(?:\.[\w-]+)+", re.IGNORECASE)
# A United Kingdom number as people write it: +44 or 0, then nine to eleven digits with spaces, dots, dashes, brackets.
_PHONE = re.compile(r"(?<![\w/.-])(?:\+44|0044|\(?0)(?:[ .()-]{0,3}\d){9,11}(?![\w/-])")
_PLATES = (
    re.compile(r"\b[A-Z]{2}[0-9]{2}\s?[A-HJ-PR-Z]{3}\b|\b[a-z]{2}[0-9]{2}[a-hj-pr-z]{3}\b"),  # AB12 CDE, since 2001
    re.compile(r"\b[A-HJ-NPR-TV-Y][0-9]{1,3}\s?[A-HJ-PR-Z]{3}\b"),  # A123 BCD, 1983 to 2001
    re.compile(r"\b[A-HJ-PR-Z]{3}\s?[0-9]{1,3}[A-HJ-NPR-TV-Y]\b"),  # ABC 123D, 1963 to 1983
)
# Roads look like plates in capitals: “A40 THE”, “M25 AND”.
_NOT_ON_A_PLATE = {
    "AND", "ARE", "BUT", "CAN", "FOR", "HAD", "HAS", "HER", "HIS", "ITS", "MAY", "NOR", "NOT", "NOW", "OFF", "OUR",
    "OUT", "SEE", "THE", "WAS", "WHY", "YOU",
}  # fmt: skip
# The closing of a letter, and the name lines under it up to an empty line.
_SIGNATURE = re.compile(
    r"^[ \t]*(?:yours (?:sincerely|faithfully|truly)|(?:with )?(?:kind|best|warm)(?:est)? regards|regards|many thanks"
    r"|signed|signature)\b[ \t]*[,.:]?(?P<name>[^\n]*(?:\n(?:[ \t]*\n)?[ \t]*\S[^\n]*){0,3})",
    re.IGNORECASE | re.MULTILINE,
)
_SENSITIVE = re.compile(
    r"\b(?:disab(?:led|ility)|wheelchair|cancer|dementia|alzheimer'?s|autis(?:m|tic)|asthma|epilep(?:sy|tic)"
    r"|depress(?:ion|ed)|mental health|pregnan(?:t|cy)|bereave(?:d|ment)|my (?:doctor|illness|health|medication)"
    r"|my (?:son|daughter|child|children|wife|husband|partner|mother|father)|convict(?:ed|ion)|police record"
    r"|religio(?:n|us)|gypsy|gypsies|travellers?)\b",
    re.IGNORECASE,
)  # fmt: skip


def personal_details(text: str) -> list[Finding]:
    """What in `text` should be looked at before it is published, in order and without overlaps."""
    found = [Finding(*match.span(), Kind.EMAIL, match.group()) for match in _EMAIL.finditer(text)]
    found += [Finding(*match.span(), Kind.PHONE, match.group()) for match in _PHONE.finditer(text)]
    found += _plates(text)
    found += [
        Finding(*match.span("name"), Kind.SIGNATURE, match.group("name"))
        for match in _SIGNATURE.finditer(text)
        if match.group("name").strip()
    ]
    found += [Finding(*match.span(), Kind.SENSITIVE, match.group()) for match in _SENSITIVE.finditer(text)]
    return _without_overlaps(found)


def _plates(text: str) -> list[Finding]:
    return [
        Finding(*match.span(), Kind.PLATE, match.group())
        for pattern in _PLATES
        for match in pattern.finditer(text)
        if not _NOT_ON_A_PLATE.intersection(re.findall(r"[A-Z]{3}", match.group()))
    ]


def _without_overlaps(found: Iterable[Finding]) -> list[Finding]:
    kept: list[Finding] = []
    for finding in sorted(found, key=lambda f: (f.start, -f.end)):
        if not kept or finding.start >= kept[-1].end:
            kept.append(finding)
    return kept


def suggested_redaction(text: str) -> str:
    """`text` with [redacted] in the place of every finding that can be replaced."""
    pieces, last = [], 0
    for finding in personal_details(text):
        if finding.can_be_replaced:
            before_words = re.match(r"\s*", finding.words).end()  # type: ignore[union-attr]  # always matches
            pieces += [text[last : finding.start + before_words], REDACTED]
            last = finding.end
    return "".join([*pieces, text[last:]])


def needs_reading(text: str) -> bool:
    """True when a comment may not be published without somebody's having looked at it."""
    return bool(personal_details(text))
