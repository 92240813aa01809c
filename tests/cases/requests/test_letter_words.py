"""How an officer reads a letter before and after it is sent."""

from cases.templatetags.case_admin import letter_words


def test_a_heading_of_a_letter_reads_as_one():
    assert letter_words("# What to do\n\nAnswer.") == "<p><strong>What to do</strong></p>\n\n<p>Answer.</p>"


def test_only_a_paragraph_that_begins_with_the_sign_is_a_heading():
    assert "<strong>" not in letter_words("Plot # 2")


def test_what_an_applicant_wrote_stays_words():
    assert letter_words("# <script>") == "<p><strong>&lt;script&gt;</strong></p>"
