"""docs/deploy.md keeps its promise: it names every variable that the settings read, and none that they do not."""

import re
from pathlib import Path

import pytest
import yaml

REPOSITORY = Path(__file__).resolve().parents[2]


def test_the_variables_in_the_page_are_the_variables_in_the_settings():
    settings = (REPOSITORY / "site" / "config" / "settings.py").read_text(encoding="utf-8")
    page = (REPOSITORY / "docs" / "deploy.md").read_text(encoding="utf-8")
    read = set(re.findall(r'env(?:\.\w+)?\(\s*"([A-Z_0-9]+)"', settings)) | {"DATABASE_URL"}
    first_cells = re.findall(r"^\| (`[^|]+`) \|", page, re.MULTILINE)
    explained = set(re.findall(r"`([A-Z_0-9]+)`", " ".join(first_cells))) | {"AXES_ENABLED"}
    assert read - explained == set(), "read by the settings, not explained in docs/deploy.md"
    assert explained - read == set(), "explained in docs/deploy.md, not read by the settings"


def test_every_worker_that_is_named_works_on_every_queue():
    """Without the name of a queue, a worker leaves documents waiting for ever."""
    told = {}
    for path in (REPOSITORY / "Procfile", REPOSITORY / "compose.yaml", *(REPOSITORY / "docs").rglob("*.md")):
        for line in path.read_text(encoding="utf-8").splitlines():
            if "bin/manage db_worker" in line:
                told[path.name] = 'db_worker --queue-name "*"' in line
    assert {"Procfile", "compose.yaml", "deploy.md", "how-it-is-built.md"} <= told.keys()
    assert all(told.values()), told


@pytest.mark.parametrize("file", ["Procfile", "compose.yaml", "docs/deploy.md"])
def test_every_release_sets_the_roles_of_the_database_after_migrating(file):
    text = (REPOSITORY / file).read_text(encoding="utf-8")
    assert text.index("bin/manage migrate --noinput") < text.index("bin/manage database_roles --apply")


def test_only_the_release_of_compose_knows_the_owner_of_the_tables():
    services = yaml.safe_load((REPOSITORY / "compose.yaml").read_text(encoding="utf-8"))["services"]
    ours = {name: service["environment"] for name, service in services.items() if name != "db"}
    owners = {name for name, known in ours.items() if "POSTGRES_PASSWORD" in known["DATABASE_URL"]}
    assert owners == {"release"}
    assert {known["POSTGRES_PASSWORD"] for known in ours.values()} == {""}  # env_file holds it for all
    assert all("bops_runtime:" in ours[name]["DATABASE_URL"] for name in ("web", "worker", "due"))
