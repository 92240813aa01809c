"""Two texts beside each other, word by word: for officers with every space, for applicants in sentences."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.wording.difference import difference
from home.responses.applicant_pages import differences

TEXT = st.text(alphabet="ab \n", max_size=40)


@given(TEXT, TEXT)
def test_both_texts_can_be_read_off_their_difference(old, new):
    pieces = difference(old, new)
    assert "".join(piece.text for piece in pieces if piece.kind != "in") == old
    assert "".join(piece.text for piece in pieces if piece.kind != "out") == new


def test_a_difference_is_said_in_whole_words():
    pieces = [(piece.kind, piece.text) for piece in difference("A rear extension", "A side extension")]
    assert pieces == [("same", "A "), ("out", "rear"), ("in", "side"), ("same", " extension")]


@given(TEXT, TEXT)
def test_the_applicant_reads_every_proposed_word_once_and_no_change_of_spaces(old, new):
    told = differences.difference(old, new)
    assert " ".join(piece.words for piece in told.pieces).split() == new.split()
    if old.split() == new.split():
        assert not told.changes
        assert not any(piece.is_new for piece in told.pieces)


@pytest.mark.parametrize(
    ("old", "new", "change"),
    [
        ("A rear extension", "A side extension", "“rear” becomes “side”"),
        ("A rear extension", "A rear\n extension of two storeys", "“of two storeys” is added"),
        ("A large rear extension", "A rear extension", "“large” is taken out"),
    ],
)
def test_a_change_is_said_in_a_sentence(old, new, change):
    assert differences.difference(old, new).changes == [change]


def test_too_many_changes_are_not_listed():
    old, new = " ".join(f"a same{n}" for n in range(9)), " ".join(f"b same{n}" for n in range(9))
    assert differences.difference(old, new).changes == []
