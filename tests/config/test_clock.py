"""BOPS_NOW moves the clock of a process and of what it starts, outside production."""

import os
import subprocess
import sys

import pytest

from config import clock
from tests.config.test_production_settings import PRODUCTION, REPOSITORY, settings_of

CHILD = "import subprocess, sys; print(subprocess.check_output([sys.executable, '-c', sys.argv[1]], text=True))"
ASK = "import time; from config import settings; print(time.strftime('%Y-%m-%dT%H:%M'))"


def as_of(now: str, *code: str) -> subprocess.CompletedProcess[str]:
    clean = {name: os.environ[name] for name in ("PATH", "DATABASE_URL")}
    ours = {clock.NOW: now, "BOPS_ENV": "demo", "PYTHONPATH": str(REPOSITORY / "site")}
    return subprocess.run([sys.executable, "-c", *code], env=clean | ours, text=True, capture_output=True)


def test_a_process_begins_at_that_moment_and_so_does_what_it_starts():
    assert as_of("2028-02-29T23:58", ASK).stdout.startswith("2028-02-29T23:5")
    through_a_child = as_of("2028-02-29T23:58", f"from config import settings; {CHILD}", ASK)
    assert through_a_child.stdout.startswith("2028-02-29T23:5"), through_a_child.stderr


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-12-26T10:00", "2026-12-26T10:00:00+00:00"),
        ("2027-06-30T23:30", "2027-06-30T22:30:00+00:00"),  # summer time
        ("2028-02-29", "2028-02-29T00:00:00+00:00"),
    ],
)
def test_it_is_meant_on_the_clocks_of_england(text, instant):
    assert clock.moment(text).isoformat() == instant


@pytest.mark.parametrize("text", ["Boxing Day", "2026-12-26T10:00+02:00"])
def test_what_is_no_moment_in_england_is_refused_in_words(text):
    refused = as_of(text, ASK)
    assert refused.returncode != 0
    assert f"BOPS_NOW is {text!r}; it must be a moment such as 2026-12-26T10:00." in refused.stderr


def test_production_refuses():
    refused = settings_of(PRODUCTION | {clock.NOW: "2026-12-26T10:00"}, "IS_PRODUCTION")
    assert "BOPS_NOW moves the clock of the demonstration and the tests, never of production." in refused.stderr
