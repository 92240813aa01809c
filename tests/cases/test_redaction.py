"""What is suggested for redaction, and what is left alone."""

import pytest

from cases.redaction import REDACTED, Kind, needs_reading, personal_details, suggested_redaction


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
    ],
)
def test_finds(text, kind, words):
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


def test_a_telephone_number_in_a_signature_is_one_finding():
    text = "No.\nKind regards\nA. Neighbour 07700 900123"
    assert kinds(text) == [Kind.SIGNATURE]


def test_long_text_without_anything_is_quick_and_unharmed():
    text = "3 " * 20_000 + "a." * 5_000 + "A" * 5_000
    assert suggested_redaction(text) == text
