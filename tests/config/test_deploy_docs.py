"""docs/deploy.md keeps its promise: it names every variable that the settings read, and none that they do not."""

import re
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]


def test_the_variables_in_the_page_are_the_variables_in_the_settings():
    settings = (REPOSITORY / "site" / "config" / "settings.py").read_text(encoding="utf-8")
    page = (REPOSITORY / "docs" / "deploy.md").read_text(encoding="utf-8")
    read = set(re.findall(r'env(?:\.\w+)?\(\s*"([A-Z_0-9]+)"', settings)) | {"DATABASE_URL"}
    first_cells = re.findall(r"^\| (`[^|]+`) \|", page, re.MULTILINE)
    explained = set(re.findall(r"`([A-Z_0-9]+)`", " ".join(first_cells))) | {"AXES_ENABLED"}
    assert read - explained == set(), "read by the settings, not explained in docs/deploy.md"
    assert explained - read == set(), "explained in docs/deploy.md, not read by the settings"
