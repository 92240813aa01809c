"""What is suggested for redaction, and what is left alone."""

import pytest

from cases.wording.personal_details import REDACTED, Kind, needs_reading, personal_details, suggested_redaction


def kinds(text: str) -> list[Kind]:
    return [finding.kind for finding in personal_details(text)]


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        ("Write to enid.blyton+plans@example.co.uk please", Kind.EMAIL, "enid.blyton+plans@example.co.uk"),
        ("Ring 01494 732000 after six", Kind.PHONE, "01494 732000"),
        ("Mobile: 07700 900 123.", Kind.PHONE, "07700 900 123"),
        ("Call (020) 7946 0018 now", Kind.PHONE, "(020) 7946 0018"),
        ("or +44 (0)20 7946 0018", Kind.PHONE, "+44 (0)20 7946 0018"),
        ("His van AB12 CDE blocks us", Kind.PLATE, "AB12 CDE"),
        ("his van ab12cde blocks us", Kind.PLATE, "ab12cde"),
        ("the lorry R742 KLM", Kind.PLATE, "R742 KLM"),
        ("an old ABC 123D", Kind.PLATE, "ABC 123D"),
        ("My daughter sleeps there", Kind.SENSITIVE, "My daughter"),
        ("Write to enid (at) example (dot) co.uk please", Kind.EMAIL, "enid (at) example (dot) co.uk"),
        ("Ring 07700-900-123 now", Kind.PHONE, "07700-900-123"),
        ("Ring 07700\u2013900123 now", Kind.PHONE, "07700\u2013900123"),
        ("Ring 07700\u00a0900\u00a0123 now", Kind.PHONE, "07700\u00a0900\u00a0123"),
        ("Tel.01494 732000 after six", Kind.PHONE, "01494 732000"),
        ("It is 0044 1494 732000.", Kind.PHONE, "0044 1494 732000"),
        ("It is 44 7700 900123", Kind.PHONE, "44 7700 900123"),
        ("In Dublin +353 1 496 0000", Kind.PHONE, "+353 1 496 0000"),
        ("Phone me on 732000 after six", Kind.PHONE, "732000"),
        ("Tel: 732 000", Kind.PHONE, "732 000"),
        ("his van ab12 cde blocks us", Kind.PLATE, "ab12 cde"),
        ("the van YX71-ABC", Kind.PLATE, "YX71-ABC"),
        ("a taxi from Belfast, JIG 7652", Kind.PLATE, "JIG 7652"),
        ("I am QQ 12 34 56 C", None, None),  # no such prefix
        ("My number is AB 12 34 56 C", Kind.NUMBER, "AB 12 34 56 C"),
        ("Sort code 12-34-56 for the refund", Kind.NUMBER, "12-34-56"),
        ("Our elderly mother sleeps there", Kind.SENSITIVE, "Our elderly mother"),
        ("I am a wheelchair user", Kind.SENSITIVE, "wheelchair"),
        ("He is 83 years old", Kind.SENSITIVE, "83 years old"),
        ("I have diabetes", Kind.SENSITIVE, "diabetes"),
        ("The travellers on that land", Kind.SENSITIVE, "travellers"),
    ],
)
def test_finds(text, kind, words):
    if kind is None:
        assert personal_details(text) == []
        return
    (finding,) = personal_details(text)
    assert (finding.kind, finding.words) == (kind, words)
    assert text[finding.start : finding.end] == words


@pytest.mark.parametrize(
    "text",
    [
        "The wall is 3.45 metres high and 12 metres long.",
        "Application 26-00107-HAPP at HP9 2LX, UPRN 100080482163.",
        "See paragraph 135 of the NPPF and policy DM35.",
        "TRAFFIC ON THE A40 AND THE M25 HAS GROWN",
        "In 1987 and 2004 the council refused 04/01234/FUL.",
        "I regard this as too high.",
        "The 45 degree rule is broken.",
        "Many thanks for the chance to comment. It is too high.",
        "Regards the height, it is too much.\nThe rest is well made.",
        "Thank you.\nThe extension is too high and too near.\nIt takes the light of three gardens, and of the "
        "lane beside them.\nIt should be lower.\nThen nobody would mind.",
        "THIS IS NOT A C3 USE AND THE A413 HAS NO BUS",
        "Seen from 01.02.2026 14.30 on, at 0.123456789 degrees.",
        "PHOTOS TAKEN IN HP12 AND SL6 ALL YEAR",
        "Class MA of Part 3, paragraph MA.2(2), and policies DM1 to DM35.",
        "The road is 5.5 metres wide; 30 cars an hour pass.",
        "",
    ],
)
def test_leaves_planning_words_alone(text):
    assert personal_details(text) == []
    assert not needs_reading(text)
    assert suggested_redaction(text) == text


def test_a_signature_is_the_lines_under_the_closing():
    text = "It is too high.\n\nYours sincerely,\n\nEnid Blyton\n7 Blyton Close\n"
    assert kinds(text) == [Kind.SIGNATURE]
    redacted = suggested_redaction(text)
    assert "Enid" not in redacted
    assert redacted.startswith("It is too high.\n\nYours sincerely,")
    assert REDACTED in redacted


def test_everything_that_can_be_replaced_is_replaced_and_the_rest_stays():
    text = "Ring 01494 732000 or write to a@b.co. My son has asthma; the extension is too high."
    redacted = suggested_redaction(text)
    assert redacted == f"Ring {REDACTED} or write to {REDACTED}. My son has asthma; the extension is too high."
    assert needs_reading(redacted)  # somebody's health is for a person to judge


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Too high.\nRegards, Enid Blyton", "Too high.\nRegards, [redacted]"),
        ("Too high.\nSigned: E. M. Blyton", "Too high.\nSigned: [redacted]"),
        ("When would it start? Signed, A. and M. Fletcher", "When would it start? Signed, [redacted]"),
        ("Too high. Kind regards John Smith\nP.S. And wide.", "Too high. Kind regards [redacted]\nP.S. And wide."),
        ("They agreed. Signed petitions came.", "They agreed. Signed petitions came."),
        ("Too high.\n\nThanks,\nEnid", "Too high.\n\nThanks,\n[redacted]"),
        ("Too high.\nBest wishes\n\nEnid\n07700 900123\n", "Too high.\nBest wishes\n\n[redacted]\n"),
        ("Too high.\nMr and Mrs O'Brien-Smith", "Too high.\n[redacted]"),
        ("Too high.\r\n\r\nYours faithfully\r\nEnid Blyton", "Too high.\r\n\r\nYours faithfully\r\n[redacted]"),
        ("Too high.\nYours sincerely\nEnid\nPS It is too long as well.", None),
    ],
)
def test_signatures_in_many_forms(text, left):
    redacted = suggested_redaction(text)
    assert redacted == left if left else "Enid" not in redacted


def test_the_name_of_who_wrote_it_where_it_is_not_published():
    text = "I, Enid  Blyton, object. So does my dog. Mrs Blyton lives here. Enid is a nice name."
    assert personal_details(text) == []
    findings = personal_details(text, name="enid blyton")
    assert [(f.kind, f.words) for f in findings] == [(Kind.NAME, "Enid  Blyton"), (Kind.NAME, "Mrs Blyton")]
    assert "Blyton" not in suggested_redaction(text, name="Enid Blyton")
    assert needs_reading(text, name="Enid Blyton")
    assert not needs_reading("Too high.", name="A (B [C")  # a name is no pattern


def test_a_telephone_number_in_a_signature_is_one_finding():
    text = "No.\nKind regards\nA. Neighbour 07700 900123"
    assert kinds(text) == [Kind.SIGNATURE]


def test_long_text_without_anything_is_quick_and_unharmed():
    text = "3 " * 20_000 + "a." * 5_000 + "A" * 5_000
    assert suggested_redaction(text) == text


@pytest.mark.parametrize(
    "piece",
    ["a", "a.", "0 ", "0", "+4", "AB12", "my ", "regards\n", "\n", "thanks\n\n", "A ", "a (at) ", "Tel on ", "(", " "],
)
def test_the_longest_text_of_any_kind_is_read(piece):
    """Steps that grew with the square of the length would not come to an end while anybody waits."""
    text = piece * (50_000 // len(piece))
    assert all(text[one.start : one.end] == one.words for one in personal_details(text, name="Enid Blyton"))
