"""The commands in bin/: what they say without doing anything, and the stylesheet that they build."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
STYLESHEET = """@charset "UTF-8";@font-face{font-family:GDS Transport;src:url(/assets/fonts/light.woff2)}
.govuk-body{font-family:GDS Transport,arial,sans-serif;color:#0b0c0c}
.govuk-footer__copyright-logo:before{mask-image:url(/assets/images/govuk-crest.svg)}
/*# sourceMappingURL=govuk-frontend.min.css.map */
"""


@pytest.fixture
def build_static(monkeypatch):
    monkeypatch.syspath_prepend(str(REPOSITORY / "bin"))
    import build_static  # a script, not a module on the path

    return build_static


@pytest.mark.parametrize("command", ["demo", "test"])
def test_help_is_the_commands_own_and_does_nothing_else(command, tmp_path):
    done = subprocess.run([REPOSITORY / "bin" / command, "--help"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0
    assert f"bin/{command} --help" in done.stdout
    assert "#!" not in done.stdout
    assert "set -eu" not in done.stdout
    assert done.stderr == ""


def run_demo(*options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, REPOSITORY / "bin" / "run_demo.py", *options]
    return subprocess.run(command, env=os.environ | environment, capture_output=True, text=True)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--sideways"], "--sideways"),
        (["--now", "Boxing Day"], "'Boxing Day' is not a moment such as 2026-12-26T10:00"),
        (["--now", "2026-12-26T10:00", "--reset"], "nothing to --reset"),
    ],
)
def test_an_option_that_the_demo_does_not_understand_is_refused(options, words):
    done = run_demo(*options)
    assert done.returncode == 2
    assert words in done.stderr


def test_the_demo_does_not_run_where_the_environment_says_production():
    done = run_demo("--check", BOPS_ENV="production", DATABASE_URL="postgres://bops@127.0.0.1:9/bops")
    assert done.returncode == 1
    assert "BOPS_ENV is production here" in done.stderr


def test_nothing_that_belongs_to_govuk_is_left_in_the_councils_stylesheet(build_static):
    css = build_static.council_css(STYLESHEET)
    assert "font-family:var(--council-font,arial,sans-serif);color:#0b0c0c" in css
    for owned in ("GDS Transport", "@font-face", "/assets/", "crest", "sourceMappingURL"):
        assert owned not in css


def test_a_release_that_hides_the_typeface_elsewhere_is_noticed(build_static):
    with pytest.raises(ValueError, match="GDS Transport"):
        build_static.council_css(":root{--font:'GDS Transport'}")


def test_the_build_is_made_afresh(build_static, tmp_path):
    if not (REPOSITORY / "node_modules" / "govuk-frontend").exists():
        pytest.skip("the front-end packages are not installed")
    (tmp_path / "build").mkdir()
    (tmp_path / "build" / "old.css").touch()
    build_static.build(to=tmp_path / "build")
    made = {str(file.relative_to(tmp_path / "build")) for file in (tmp_path / "build").rglob("*") if file.is_file()}
    assert {f"govuk/govuk-frontend.min.{kind}" for kind in ("css", "js")} <= made
    assert {f"leaflet/leaflet.{kind}" for kind in ("css", "js")} <= made
    assert "leaflet/images/marker-icon.png" in made
    assert "old.css" not in made
