"""Numbers as people read them: all of their digits, on every screen and paper."""

import ast
import re
from decimal import Decimal
from pathlib import Path

import pytest

from cases.wording.figures import exactly, money

ROOT = Path(__file__).parents[3]
HUGE = Decimal("123456789012345678901234567890.12")


@pytest.mark.parametrize(
    ("number", "written"),
    [
        (Decimal("0.15"), "0.15"),
        (Decimal("0.150"), "0.15"),
        (Decimal("4.00"), "4"),
        (Decimal("3500.00"), "3,500"),
        (Decimal("1240.37"), "1,240.37"),
        (Decimal("0"), "0"),
        (Decimal("1E+3"), "1,000"),
        (Decimal("-0.05"), "-0.05"),
        (0.1, "0.1"),
        (285, "285"),
        (1e-7, "0.0000001"),
        (HUGE, "123,456,789,012,345,678,901,234,567,890.12"),
    ],
)
def test_a_number_keeps_all_of_its_digits(number, written):
    assert exactly(number) == written


@pytest.mark.parametrize(
    ("amount", "written"), [(86, "£86.00"), (Decimal("1206.5"), "£1,206.50"), (Decimal("0.005"), "£0.005")]
)
def test_pounds_have_pence_and_nothing_is_rounded_away(amount, written):
    assert money(amount) == written


# --- Nothing else writes figures -------------------------------------------------------------------------------------

# What is no fact that somebody wrote down: the place of a pixel, of a pin, of a page in a PDF; degrees as the columns
# hold them; how far a line is from where it should be, which is said as “about”; a log of speeds.
ROUNDS = {
    "cases/places/national_grid.py",
    "cases/management/commands/import_register.py",
    "cases/register/map.py",
    "cases/documents/rebuilding/plain_pdf.py",
    "cases/admin/documents/redaction.py",
    "home/open_data/dataset_rows.py",
    "home/responses/places.py",
    "home/responses/applicant_pages/red_line_text.py",
    "notices/drafting/site_plan.py",
}
DECIMALS = re.compile(r"\.\d*[fgeG%]$|^[fgeG%]$")


def _rounds(node: ast.AST) -> bool:
    """An f-string with a fixed number of digits, such as {area:.1f}."""
    if not isinstance(node, ast.FormattedValue) or node.format_spec is None:
        return False
    spec = "".join(
        part.value if isinstance(part, ast.Constant) else "0" for part in getattr(node.format_spec, "values", [])
    )
    return bool(DECIMALS.search(spec))


def test_no_other_module_rounds_what_it_shows():
    rounding = {
        str(path.relative_to(ROOT))
        for folder in ("cases", "notices", "home", "site/accounts")
        for path in (ROOT / folder).rglob("*.py")
        if any(_rounds(node) for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    }
    assert rounding - ROUNDS == set()


def test_no_template_rounds_but_the_size_of_a_picture():
    """`floatformat` rounds; the width and height of an <img> in whole pixels are all that it may write."""
    kept = re.compile(r'(width|height)="\{\{ [\w.]+\|floatformat:"0u" \}\}"')
    rounding = [
        str(path.relative_to(ROOT))
        for path in (ROOT / "templates").rglob("*")
        if path.is_file() and "floatformat" in kept.sub("", path.read_text(encoding="utf-8"))
    ]
    assert rounding == []
