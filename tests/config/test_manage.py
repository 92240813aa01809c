"""bin/manage: any command, from any folder, on the demonstration only where nothing says otherwise."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from config import clock

REPOSITORY = Path(__file__).resolve().parents[2]
MANAGE = REPOSITORY / "bin" / "manage"
OURS = (
    "BOPS_ENV",
    "DATABASE_URL",
    "SECRET_KEY",
    "ALLOWED_HOSTS",
    "DJANGO_SETTINGS_MODULE",
    "PYTHONPATH",
    clock.NOW,
    clock.SINCE,
)
# In the place of Python: it says what it is asked to run, and where.
PYTHON_STUB = """#!/bin/sh
if [ "$*" = "-m config.local_postgres url" ]; then echo postgres://of-the-demonstration; exit "${NO_POSTGRES:-0}"; fi
shift
echo "${BOPS_ENV:-} ${DATABASE_URL:-}: $*"
"""


def run(program: Path, *arguments: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    others = {name: value for name, value in os.environ.items() if name not in OURS}
    return subprocess.run([program, *arguments], cwd=cwd, env=others | environment, capture_output=True, text=True)


@pytest.fixture
def manage_alone(tmp_path) -> Path:
    """bin/manage in a folder of its own, whose Python only says what it is asked to do."""
    for folder in ("bin", ".venv/bin", "site"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / ".venv/bin/python").write_text(PYTHON_STUB)
    (tmp_path / ".venv/bin/python").chmod(0o755)
    return Path(shutil.copy(MANAGE, tmp_path / "bin"))


def test_without_an_environment_it_works_on_the_demonstration_and_says_so(manage_alone, tmp_path):
    done = run(manage_alone, "create_api_token", "--name", "Plan X", cwd=tmp_path)
    assert done.stdout == "demo postgres://of-the-demonstration: create_api_token --name Plan X\n"
    assert done.stderr == "On the demonstration: neither BOPS_ENV nor DATABASE_URL is set.\n"


def test_the_environment_that_is_set_is_left_as_it_is(manage_alone, tmp_path):
    done = run(manage_alone, "migrate", cwd=tmp_path, DATABASE_URL="postgres://db/bops")
    assert (done.stdout, done.stderr) == (" postgres://db/bops: migrate\n", "")
    done = run(manage_alone, "migrate", cwd=tmp_path, BOPS_ENV="demo", DATABASE_URL="postgres://db/demo")
    assert (done.stdout, done.stderr) == ("demo postgres://db/demo: migrate\n", "")


def test_it_is_found_whichever_way_it_is_called(manage_alone, tmp_path):
    """By a link in a folder of programs; from the repository, while CDPATH names a folder with another `bin`."""
    (tmp_path / "elsewhere/bin").mkdir(parents=True)
    link = tmp_path / "elsewhere/bops"
    link.symlink_to(manage_alone)
    expected = " postgres://db/bops: migrate\n"
    assert run(link, "migrate", cwd=tmp_path / "elsewhere", DATABASE_URL="postgres://db/bops").stdout == expected
    elsewhere = {"DATABASE_URL": "postgres://db/bops", "CDPATH": str(tmp_path / "elsewhere")}
    assert run(Path("bin/manage"), "migrate", cwd=tmp_path, **elsewhere).stdout == expected


def test_no_program_looks_for_its_own_folder_elsewhere():
    programs = [*(REPOSITORY / "bin").iterdir(), REPOSITORY / ".ci/run"]
    lines = [line for program in programs if program.is_file() for line in program.read_text().splitlines()]
    own = [line for line in lines if re.search(r'\bcd "\$\(dirname', line)]
    assert len(own) > 4
    assert [line for line in own if "CDPATH= cd" not in line] == []


@pytest.mark.parametrize("name", ["BOPS_ENV", "SECRET_KEY", "ALLOWED_HOSTS"])
def test_an_installation_of_its_own_never_ends_up_on_the_demonstration(manage_alone, tmp_path, name):
    done = run(manage_alone, "migrate", cwd=tmp_path, **{name: "production"})
    assert "demo" not in done.stdout + done.stderr


def test_where_the_demonstration_has_no_postgresql_nothing_runs(manage_alone, tmp_path):
    done = run(manage_alone, "migrate", cwd=tmp_path, NO_POSTGRES="1")
    assert (done.returncode, done.stdout) == (1, "")


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"BOPS_ENV": "production", "SECRET_KEY": "x" * 64}, "Set DATABASE_URL, for example postgres://"),
        ({"DATABASE_URL": "postgres://bops@/bops"}, "Set SECRET_KEY"),
    ],
)
def test_what_production_misses_is_told_in_words(tmp_path, environment, words):
    done = run(MANAGE, "create_api_token", cwd=tmp_path, **environment)
    assert done.returncode == 1
    assert done.stderr.startswith(f"BoPS does not start: {words}")
    assert "Traceback" not in done.stderr


def test_a_database_that_is_away_is_told_in_words(tmp_path):
    """From another folder, the real thing."""
    done = run(MANAGE, "run_due", cwd=tmp_path, BOPS_ENV="test", DATABASE_URL=f"postgres://bops@/bops?host={tmp_path}")
    assert done.returncode == 1
    assert done.stderr.startswith("The database cannot be reached; run this again when it can. connection to server")
    assert "Traceback" not in done.stderr


def test_without_a_command_it_says_what_it_does(tmp_path):
    done = run(MANAGE, cwd=tmp_path)
    assert done.returncode == 0
    assert "bin/manage COMMAND" in done.stdout


def test_whoever_reads_is_told_to_run_bin_manage():
    """Everything that people read or copy: pages, messages, deployment files."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=REPOSITORY, capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("not a git checkout")
    named = re.compile(r"(?<!\$python\" )manage\.py [a-z]")
    found = [
        f"{path}: {line.strip()}"
        for path in listed.stdout.split("\0")
        if path and Path(path).suffix in {".md", ".py", ".html", ".yaml", ""} and path != "bin/test"
        for line in (REPOSITORY / path).read_text(errors="replace").splitlines()
        if named.search(line) and Path(path) != Path(__file__).relative_to(REPOSITORY)
    ]
    assert found == []
