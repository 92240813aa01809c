"""docs/faults-not-repeated.md names tests that exist, and leaves no number out."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/faults-not-repeated.md").read_text(encoding="utf-8")
NAMED = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE)


@cache
def functions_of(path: str) -> frozenset[str]:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


@pytest.mark.parametrize(("path", "name"), NAMED)
def test_every_test_that_is_named_exists(path, name):
    assert name.startswith("test_")
    assert (ROOT / path).is_file(), f"{path} is not there"
    assert name in functions_of(path)


def test_everything_between_backticks_is_the_name_of_a_test():
    assert len(re.findall(r"`[^`]*`", PAGE)) == len(NAMED)


def test_every_fault_has_its_line():
    first_cells = re.findall(r"^\| ([\dabc, ]+) \|", PAGE, flags=re.MULTILINE)
    numbers = {number for cell in first_cells for number in cell.split(", ")}

    assert numbers == {*(str(number) for number in range(1, 39)), "11a", "11b", "11c"}


def test_every_line_but_one_names_a_test():
    without = [line for line in PAGE.splitlines() if re.match(r"\| \d", line) and "::" not in line]

    assert [line.split(" | ")[0] for line in without] == ["| 36"]
