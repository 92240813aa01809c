"""What gets installed is locked: every list has a lock that agrees with it, and everything installs from the locks."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture
def lock(monkeypatch):
    monkeypatch.syspath_prepend(str(REPOSITORY / "bin"))
    import lock  # a script, not a module on the path

    return lock


@pytest.fixture
def lists(tmp_path) -> Path:
    """A copy of the lists and locks, to be changed."""
    for file in (*REPOSITORY.glob("requirements*.txt"), *REPOSITORY.glob("requirements*.lock")):
        shutil.copy(file, tmp_path)
    return tmp_path


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def test_every_lock_agrees_with_its_list(lock):
    assert lock.disagreements(REPOSITORY) == []


def test_another_version_in_a_list_is_noticed_in_its_lock_and_in_those_above(lock, lists):
    version = next(line for line in lock.wanted(lists / "requirements.txt") if line.startswith("wagtail=="))
    change(lists / "requirements.txt", version, "wagtail==99.0")
    said = lock.disagreements(lists)
    assert "requirements.lock was made from another requirements.txt: run make lock." in said
    assert "requirements.lock does not hold wagtail==99.0: run make lock." in said
    assert "requirements-dev.lock does not hold wagtail==99.0: run make lock." in said


def test_a_package_taken_off_a_list_is_noticed(lock, lists):
    file = lists / "requirements-dev.txt"
    file.write_text("".join(line for line in file.open() if not line.startswith("ruff==")))
    assert lock.disagreements(lists) == [
        "requirements-dev.lock was made from another requirements-dev.txt: run make lock."
    ]


def test_another_reason_beside_a_package_changes_nothing(lock, lists):
    change(lists / "requirements-dev.txt", "# style", "# how it looks")
    assert lock.disagreements(lists) == []


def test_a_new_list_without_a_lock_is_noticed(lock, lists):
    (lists / "requirements-maps.txt").write_text("pyproj==3.8.0  # maps\n")
    assert lock.disagreements(lists) == ["requirements-maps.txt has no lock: name it in bin/lock.py and run make lock."]


def test_an_entry_without_a_hash_is_noticed(lock, lists):
    with (lists / "requirements-node.lock").open("a") as file:
        file.write("left-pad==1.0\n")
    assert lock.disagreements(lists) == ["requirements-node.lock: left-pad==1.0 has no hash."]


@pytest.mark.parametrize("file", ["bin/prepare", "Dockerfile"])
def test_nothing_is_installed_but_from_a_lock(file):
    text = (REPOSITORY / file).read_text().replace("\\\n", " ")
    commands = re.findall(r"pip install[^&\n]*", text)
    assert len(commands) == {"bin/prepare": 3, "Dockerfile": 2}[file]
    assert all("--require-hashes" in command for command in commands)


def test_the_bill_of_materials_names_all_that_production_installs_with_hashes(lock):
    pytest.importorskip("cyclonedx_py", reason="cyclonedx-bom is not installed: bin/prepare tests")
    command = [sys.executable, "-m", "cyclonedx_py", "requirements", "requirements.lock", "--output-reproducible"]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    components = json.loads(done.stdout)["components"]
    named = {f"{component['name']}=={component['version']}" for component in components}
    assert named == {lock.pin(block) for block in lock.blocks(REPOSITORY / "requirements.lock")}
    assert all(component["externalReferences"][0]["hashes"] for component in components)
    assert " ".join(command[1:]) in (REPOSITORY / "Makefile").read_text()
