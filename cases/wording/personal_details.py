"""What in a comment should not be published: suggestions for the officer, who has the last word.

Pure text. Signatures, telephone numbers and e-mail addresses are never published (Information Commissioner's guidance
of 2007 on planning registers); vehicle plates tell whose car stands where; a word about somebody's health, family or
beliefs is a reason to read the comment before it is published.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

REDACTED = "[redacted]"


class Kind(StrEnum):
    EMAIL = "E-mail address"
    PHONE = "Telephone number"
    PLATE = "Vehicle registration"
    NUMBER = "National Insurance or bank number"
    NAME = "Name of who wrote it"
    SIGNATURE = "Signature"
    SENSITIVE = "Health, family or beliefs"


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


# Every repetition has a bound: anybody may send any text, and an officer must not wait for it.
_EMAIL = re.compile(
    r"[\w.+'-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}"
    r"|\b[\w.+'-]{1,64} ?[(\[] ?at ?[)\]] ?[\w-]{1,63}(?:(?:\.| ?[(\[] ?dot ?[)\]] ?)[\w-]{1,63}){1,8}",  # a (at) b.uk
    re.IGNORECASE,
)
# Between digits: up to three spaces, dots, brackets, or dashes of any length.
_GAP = r"[ .()\u00a0\u2009\u2010-\u2015-]{0,3}"
_PHONES = (
    # A United Kingdom number as people write it: +44, 0044, 44 or 0, then nine to eleven digits. No date, no decimal.
    re.compile(
        rf"(?<![\w/])(?<!\d[.,-])(?!0\.|\d{{1,2}}[.-]\d{{1,2}}[.-]\d{{4}})(?:\+44|0044|44(?=\s?[\d(])|\(?0)"
        rf"(?:{_GAP}\d){{9,11}}(?![\w/-])"
    ),
    re.compile(rf"(?<![\w/])\+[1-9]\d{{0,2}}(?:{_GAP}\d){{7,12}}(?![\w/-])"),  # from elsewhere
    # Within the town, where the word before it says what it is.
    re.compile(
        r"\b(?:tel(?:ephone)?|phone|mob(?:ile)?|call|ring|text|whatsapp)\b"
        r"[ .:]{0,3}(?:me |us |no\.? |number |on |at ){0,3}[ :]{0,3}(?P<number>\d{3}[ -]?\d{3,5})(?![\w/-])",
        re.IGNORECASE,
    ),
)
_AGE = r"(?:0[1-9]|[12]\d|5[1-9]|[67]\d)"  # of the vehicle: the half-years since 2001
_PLATES = (
    re.compile(rf"\b[A-Z]{{2}}{_AGE}[ -]?[A-HJ-PR-Z]{{3}}\b|\b[a-z]{{2}}{_AGE}[ -]?[a-hj-pr-z]{{3}}\b"),  # AB12 CDE
    re.compile(r"\b[A-HJ-NPR-TV-Y][0-9]{1,3}[ -]?[A-HJ-PR-Z]{3}\b"),  # A123 BCD, 1983 to 2001
    re.compile(r"\b[A-HJ-PR-Z]{3}[ -]?[0-9]{1,3}[A-HJ-NPR-TV-Y]\b"),  # ABC 123D, 1963 to 1983
    re.compile(r"\b(?:[A-Z][IZ][A-Z]|[A-Z]{2}[IZ])[ -]?(?!19|20)[1-9][0-9]{3}\b"),  # JIG 7652, Northern Ireland
)
# Roads, postcodes and use classes look like plates in capitals: “A40 THE”, “HP12 AND”, “C3 USE”.
_NOT_ON_A_PLATE = {
    "ALL", "AND", "ANY", "ARE", "BUS", "BUT", "CAN", "CAR", "FOR", "GET", "HAD", "HAS", "HER", "HIS", "HOW", "ITS",
    "LET", "MAY", "NEW", "NOR", "NOT", "NOW", "OFF", "ONE", "OUR", "OUT", "OWN", "PER", "SEE", "THE", "TOO", "TWO",
    "USE", "WAS", "WAY", "WHO", "WHY", "YES", "YET", "YOU",
}  # fmt: skip
_NUMBER = re.compile(
    r"\b[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D]\b"  # National Insurance
    r"|\b(?:sort code|account (?:number|no\.?))[ :]*(?P<bank>\d[\d -]{4,14}\d)",
    re.IGNORECASE,
)
# The closing of a letter. The weaker ones close only what ends with a few short lines.
_CLOSING = re.compile(
    r"[ \t]{0,20}(?:(?P<strong>yours (?:sincerely|faithfully|truly)|(?:with )?(?:my |our )?"
    r"(?:(?:very )?(?:kind|best|warm)(?:est)? )?regards|(?:with )?best wishes|signed|signature)"
    r"|yours|(?:many )?thanks|thank you|sincerely|respectfully|cheers)\b[ \t]{0,20}[,.:!]?[ \t]{0,20}",
    re.IGNORECASE,
)
_NEW_SENTENCE = re.compile(r"[.!?][ \t]{1,20}")
_LETTERS_OF_A_NAME = re.compile(
    r"(?:(?:Mr|Mrs|Ms|Miss|Mx|Dr|Prof|Rev|Cllr|Sir|Lady)\.?\s)?[A-Z][\w.'’-]{0,40}"
    r"(?:\s(?:and|&|de|van|von|[A-Z][\w.'’-]{0,40})){0,5}[.,]?"
)
_SHORT_LINE = 60
_LINES_OF_A_SIGNATURE = 3
_SENSITIVE = re.compile(
    r"\b(?:disab(?:led|ility|ilities)|wheelchair|cancer|dementia|alzheimer'?s|parkinson'?s|autis(?:m|tic)|adhd"
    r"|asthma(?:tic)?|epilep(?:sy|tic)|diabet(?:es|ic)|heart (?:attack|condition|disease)|a stroke|chemotherapy"
    r"|depress(?:ion|ed)|anxiety|mental(?:ly)? (?:health|ill(?:ness)?)|terminally ill|ill health|special needs"
    r"|pregnan(?:t|cy)|miscarriage|bereave(?:d|ment)|widow(?:ed|er)?|divorce[d]?|carer for|blue badge"
    r"|(?:my|our|his|her|their) (?:doctor|illness|health|medication|medical|operation|condition)"
    r"|(?:my|our) (?:\w{1,20} )?(?:son|sons|daughters?|child|children|baby|babies|grand(?:son|daughter|child|children)"
    r"|wife|husband|partner|mother|father|mum|dad|parents?|family)"
    r"|(?:aged|age of) \d{1,3}|\d{1,3}[- ]years?[- ]old|date of birth"
    r"|convict(?:ed|ion)s?|police record|criminal|drug (?:dealer|dealing|addict|user)s?"
    r"|religio(?:n|us)|muslims?|jewish|hindus?|sikhs?|gypsy|gypsies|travellers?|immigrants?|asylum seekers?"
    r"|gay|lesbian|transgender|number ?plates?|registration number)\b",
    re.IGNORECASE,
)


def personal_details(text: str, *, name: str = "") -> list[Finding]:
    """What in `text` should be looked at before it is published, in order and without overlaps.

    `name` is that of who wrote it, where the council does not publish it.
    """
    found = [Finding(*match.span(), Kind.EMAIL, match.group()) for match in _EMAIL.finditer(text)]
    for pattern in _PHONES:
        found += [_finding(match, "number", Kind.PHONE) for match in pattern.finditer(text)]
    found += _plates(text)
    found += [_finding(match, "bank", Kind.NUMBER) for match in _NUMBER.finditer(text)]
    found += [Finding(*match.span(), Kind.NAME, match.group()) for match in _own_name(text, name)]
    found += _signatures(text)
    found += [Finding(*match.span(), Kind.SENSITIVE, match.group()) for match in _SENSITIVE.finditer(text)]
    return _without_overlaps(found)


def _finding(match: re.Match[str], group: str, kind: Kind) -> Finding:
    """The named part of a match where it has one, else all of it."""
    part = group if match.groupdict().get(group) else 0
    return Finding(*match.span(part), kind, match[part])


def _plates(text: str) -> list[Finding]:
    return [
        Finding(*match.span(), Kind.PLATE, match.group())
        for pattern in _PLATES
        for match in pattern.finditer(text)
        if not _NOT_ON_A_PLATE.intersection(re.findall(r"[A-Z]{3}", match.group().upper()))
    ]


def _own_name(text: str, name: str) -> Iterator[re.Match[str]]:
    """Where the writer's name stands: whole, or a title with the last part of it."""
    parts = [re.escape(part) for part in name.split()]
    if len(parts) < 2:
        return iter(())
    whole, titled = r"\s{1,3}".join(parts), rf"(?:Mr|Mrs|Ms|Miss|Dr)\.?\s{parts[-1]}"
    return re.finditer(rf"\b(?:{whole}|{titled})\b", text, re.IGNORECASE)


def _signatures(text: str) -> list[Finding]:
    """The name lines after the closing of a letter, and a last line that is nothing but a name."""
    lines = list(re.finditer(r"[^\n]+", text))
    written = [line for line in lines if line.group().strip()]
    found = []
    for number, line in enumerate(written):
        closing = _CLOSING.match(line.group())
        if closing is None:
            continue
        beside = line.group()[closing.end() :].strip()
        if beside and not _LETTERS_OF_A_NAME.fullmatch(beside):
            continue  # “Regards the height …”, “Thank you for reading”
        under = written[number + 1 : number + 1 + _LINES_OF_A_SIGNATURE]
        if any(len(one.group()) > _SHORT_LINE for one in under):
            under = []
        if not closing["strong"] and number + 1 + len(under) < len(written):
            continue
        begin = line.start() + closing.end() if beside else under[0].start() if under else None
        if begin is not None:
            end = under[-1].end() if under else line.end()
            found.append(Finding(begin, end, Kind.SIGNATURE, text[begin:end]))
    found += [signature for line in written for signature in _at_the_end_of(line)]
    last = written[-1] if len(written) > 1 else None
    if last and " " in last.group().strip() and _LETTERS_OF_A_NAME.fullmatch(last.group().strip()):
        found.append(Finding(*last.span(), Kind.SIGNATURE, last.group()))
    return found


def _at_the_end_of(line: re.Match[str]) -> Iterator[Finding]:
    """A closing in running text: “… of the work? Signed, A. and M. Fletcher”."""
    for sentence in _NEW_SENTENCE.finditer(line.group()):
        closing = _CLOSING.match(line.group(), sentence.end())
        if closing and closing["strong"] and _LETTERS_OF_A_NAME.fullmatch(line.group()[closing.end() :].strip()):
            begin = line.start() + closing.end()
            yield Finding(begin, line.end(), Kind.SIGNATURE, line.string[begin : line.end()])


def _without_overlaps(found: Iterable[Finding]) -> list[Finding]:
    kept: list[Finding] = []
    for finding in sorted(found, key=lambda f: (f.start, -f.end)):
        if not kept or finding.start >= kept[-1].end:
            kept.append(finding)
    return kept


def suggested_redaction(text: str, *, name: str = "") -> str:
    """`text` with [redacted] in the place of every finding that can be replaced."""
    pieces, last = [], 0
    for finding in personal_details(text, name=name):
        if finding.can_be_replaced:
            before_words = len(finding.words) - len(finding.words.lstrip())
            pieces += [text[last : finding.start + before_words], REDACTED]
            last = finding.end
    return "".join([*pieces, text[last:]])


def needs_reading(text: str, *, name: str = "") -> bool:
    """True when a comment may not be published without somebody's having looked at it."""
    return bool(personal_details(text, name=name))
