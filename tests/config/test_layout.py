"""The house rules that a program can check: where things are, who imports whom, what views may not do."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
PACKAGES = {
    "accounts": "site/accounts",
    "cases": "cases",
    "config": "site/config",
    "demo": "site/demo",
    "home": "home",
    "notices": "notices",
}
VIEWS = ("cases/admin/**/*.py", *(f"{folder}/**/views*.py" for folder in PACKAGES.values()))


def python_files(*patterns: str) -> list[Path]:
    found = {file for pattern in patterns for file in REPOSITORY.glob(pattern)}
    return sorted(file for file in found if "migrations" not in file.parts)


def source_files() -> list[Path]:
    return python_files(*(f"{folder}/**/*.py" for folder in PACKAGES.values()))


def name(file: Path) -> str:
    return str(file.relative_to(REPOSITORY))


def test_site_is_a_source_root_and_never_a_package():
    assert not (REPOSITORY / "site" / "__init__.py").exists()  # it would hide Python's own module `site`


def test_every_package_is_imported_from_where_it_should_be():
    for package, folder in PACKAGES.items():
        module = __import__(package)
        assert Path(module.__file__).parent == REPOSITORY / folder


def test_no_file_has_a_name_that_says_nothing():
    empty_names = {"utils.py", "helpers.py", "services.py", "common.py", "core.py", "misc.py"}
    empty_folders = {"utils", "helpers", "services", "common", "core"}
    nameless = [name(f) for f in source_files() if f.name in empty_names or empty_folders & set(f.parts[:-1])]
    assert nameless == []


def test_views_ask_for_what_the_user_may_see_and_never_for_all_there_is():
    # A form's field may begin with objects.none(); what it offers is set when the user is known.
    direct = re.compile(r"\.(objects|_default_manager|_base_manager)\b(?!\.none\(\))")
    views = python_files(*VIEWS)
    found = [
        f"{name(file)}:{number}: {line.strip()}"
        for file in views
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1)
        if direct.search(line.partition("#")[0])
    ]
    assert found == []


def test_nothing_of_this_machine_is_written_down():
    """No path of somebody's computer and no address of a package registry in a tracked file."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=REPOSITORY, capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("not a git checkout")
    registry = re.compile(
        r"https?://(?:registry\.|[\w.-]*npm[\w.-]*/|pypi\.|files\.pythonhosted)|(?<![\w.])/(?:work/|root/\w)"
    )
    me = Path(__file__).resolve()
    found = []
    for file in (REPOSITORY / path for path in listed.stdout.split("\0") if path):
        if file.is_file() and file != me and file.suffix not in {".png", ".jpg", ".pdf", ".ico", ".woff2"}:
            text = file.read_text(encoding="utf-8", errors="replace")
            found += [f"{name(file)}: {match.group()}" for match in registry.finditer(text)]
    assert found == []


def test_the_lock_file_of_the_front_end_has_checksums_and_no_addresses():
    text = (REPOSITORY / "package-lock.json").read_text()
    assert '"integrity"' in text
    assert "resolved" not in text


@pytest.mark.parametrize("file", sorted(file.name for file in REPOSITORY.glob("requirements*.txt")))
def test_every_requirement_is_pinned_and_says_why(file):
    lines = [
        line for line in (REPOSITORY / file).read_text().splitlines() if line and not line.startswith(("#", "-r "))
    ]
    assert lines
    assert [line for line in lines if not re.fullmatch(r"[\w.-]+(\[[\w,]+\])?==[\w.]+\s+# .+", line)] == []


def test_manage_py_works_from_any_folder(tmp_path):
    command = [sys.executable, str(REPOSITORY / "manage.py"), "help", "migrate"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_an_import_inside_a_function_has_its_reason_beside_it():
    found = []
    for file in source_files():
        text = file.read_text(encoding="utf-8")
        lines = text.splitlines()
        for function in (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef)):
            inside = (node for node in ast.walk(function) if isinstance(node, (ast.Import, ast.ImportFrom)))
            found += [
                f"{name(file)}:{node.lineno}"
                for node in inside
                if "#" not in lines[node.lineno - 1] + lines[node.lineno - 2]  # beside it, or just above
            ]
    assert found == []
