"""Nothing that was written is missing from an issued paper: every word stands on it, within the page, and can be read.

A PDF costs a second, so one rich notice is issued here and looked at from every side.
"""

from dataclasses import dataclass

import pypdfium2
import pytest

from cases.models import AssessmentSection, Condition, Document, PlanningApplication
from cases.statuses import Decision
from notices.models import IssuedNotice
from notices.signoff.approving import approve
from notices.signoff.drafting import draft_notice
from notices.signoff.submitting import submit_for_sign_off

A4_WIDTH = 595.3
MARGIN = 51 - 3  # points: the 18 mm of notices/printing/pdf.py, and what a letter may hang over its own width
UNBROKEN = "W" * 90
CHINESE, KOREAN, HEBREW, ARABIC = "李小龙", "김유신", "שלום", "مرحبا"
LINES = [f"Line {number} of what was applied for, word{number}." for number in range(1, 61)]


@dataclass(frozen=True)
class Paper:
    """A PDF as its reader sees it: words page by page, and how far to the right the letters reach."""

    pages: list[str]
    rightmost: float
    lowest: list[float]  # of each page: points from its foot to the lowest letter above the footer

    @property
    def text(self) -> str:
        return "".join("\n".join(self.pages).split())

    @property
    def lines(self) -> list[str]:
        return [line for page in self.pages for line in page.splitlines()]

    def holds(self, words: str) -> bool:
        """Whether each of the words stands there, however its lines are broken."""
        return all(word in self.text for word in words.split())


def read(pdf: bytes) -> Paper:
    document = pypdfium2.PdfDocument(pdf)
    pages, rightmost, lowest = [], 0.0, []
    for page in document:
        text = page.get_textpage()
        boxes = [text.get_charbox(index) for index in range(text.count_chars())]
        pages.append(text.get_text_range())
        rightmost = max([rightmost, *(box[2] for box in boxes)])
        lowest.append(min(box[1] for box in boxes if box[1] > 60 and box[3] > box[1]))
    return Paper(pages, rightmost, lowest)


@pytest.fixture
def rich(recommended, officer) -> PlanningApplication:
    """A case of which everything is long, or written in another script."""
    application = recommended(
        "pp.full.householder",
        Decision.GRANTED_WITH_CONDITIONS,
        description="\n".join([f"Rear extension {UNBROKEN} ordinary \u202ewords\u202c after it", *LINES]),
        address=f"Flat {CHINESE} {UNBROKEN}lane, Beaconsfield",
    )
    application.parties.update(first_name=CHINESE, last_name=f"{KOREAN} {HEBREW} {ARABIC}", company=UNBROKEN + "Ltd")
    Condition.objects.create(
        application=application,
        title="Time limit",
        type="time_limit",
        reason=f"Section 91.\nIts second line. {UNBROKEN}reason",
        text=f"Begin in three years.\nSecond line of it. {UNBROKEN}condition 🏡 ends here",
    )
    application.informatives.create(title=f"{UNBROKEN}title", text="\n".join(LINES))
    Document.objects.create(
        application=application,
        title=f"Elevations {UNBROKEN}plan",
        drawing_number="D" * 70,
        received_on="2026-06-01",
        is_approved_plan=True,
        file="x.pdf",
    )
    application.sections.create(
        slug=AssessmentSection.Slug.SITE, text=f"{UNBROKEN}site then more words\nand a second line", updated_by=officer
    )
    return application


@pytest.mark.pdf
@pytest.mark.django_db
def test_every_word_stands_on_the_notice_and_the_report_within_the_page(rich, officer, manager):
    issued: IssuedNotice = approve(submit_for_sign_off(draft_notice(rich, by=officer), by=officer), by=manager)
    notice, report = read(bytes(issued.pdf)), read(bytes(issued.report_pdf))
    for paper in (notice, report):
        assert paper.rightmost <= A4_WIDTH - MARGIN
        assert paper.holds(f"{UNBROKEN} ordinary words after it {UNBROKEN}plan {UNBROKEN}lane {UNBROKEN}reason")
        assert paper.holds(f"Begin in three years. {UNBROKEN}condition ends here {UNBROKEN}title")
        assert paper.holds(" ".join(LINES))
        assert paper.holds(f"{CHINESE} {KOREAN} 🏡")
        for line in ("Second line of it.", "Its second line.", *LINES):
            assert any(line == read.strip()[: len(line)] for read in paper.lines), line
    assert "\u202e" not in issued.html + issued.report_html + str(issued.snapshot)
    # A long description begins where there is room for it, and not on a page of its own.
    assert notice.lowest[0] < 130
    assert report.lowest[0] < 130
