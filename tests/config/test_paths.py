"""Each file that documents and comments of ours name is there."""

import re
import subprocess

import pytest

from config.local_postgres import REPOSITORY

READ = (".md", ".py", ".html", ".yaml", ".toml", "Makefile", ".js", ".css")
NAMED = re.compile(
    r"(?<![\w./-])((?:cases|notices|home|site|templates|static|tests|bin|docs)/[\w/.-]*\w\.(?:py|md|yaml|html|js|css))\b"
)
ROOTS = ("", "site", "templates", "static")


def ours() -> list[str]:
    listed = subprocess.run(["git", "ls-files"], cwd=REPOSITORY, capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("this is no clone of the repository")
    # What has changed once, and what was migrated once, keeps the names of its time.
    return [f for f in listed.stdout.split() if f.endswith(READ) and f != "CHANGELOG.md" and "/migrations/" not in f]


def test_every_file_that_is_named_is_there():
    wrong = []
    for file in ours():
        path = REPOSITORY / file
        text = path.read_text() if path.is_file() else ""
        named = {found[1] for found in NAMED.finditer(text)}
        wrong += [f"{file}: {name}" for name in named if not any((REPOSITORY / root / name).exists() for root in ROOTS)]
    assert wrong == []
