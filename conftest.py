"""What time it is in the tests, which browser the browser tests drive, and what happens to them where there is none."""

import gc
import os

import hypothesis
import pytest
from hypothesis.internal.conjecture import providers

from config import clock
from tests.chromium import find_browser

# Every day is a test day, so no test asks which day it is: all begin on a working Wednesday, or at BOPS_NOW.
clock.start_at(os.environ.get(clock.NOW) or "2026-12-02T10:00")

# The same examples in every run. Hypothesis also borrows constants of our modules, as far as they are imported by then:
# that depends on which tests ran before, and is turned off.
hypothesis.settings.register_profile("always the same", derandomize=True, deadline=None, database=None)
hypothesis.settings.load_profile("always the same")
providers._get_local_constants = providers.Constants


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that ask for a browser are marked as such, and skipped where the machine has none.

    BOPS_REQUIRE_BROWSER=1 (continuous integration) leaves them to fail instead.
    """
    missing = find_browser() is None and os.environ.get("BOPS_REQUIRE_BROWSER") != "1"
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)
            if missing:
                item.add_marker(pytest.mark.skip(reason="no Chromium or Chrome on this machine"))
    _put_long_ones_first(items)


def _put_long_ones_first(items: list[pytest.Item]) -> None:
    """At the head of each half, since two processes begin with a half each: none is alone with them at the end."""
    long = [item for item in items if item.get_closest_marker("long")]
    others = [item for item in items if not item.get_closest_marker("long")]
    half, middle = len(long) // 2, len(others) // 2
    items[:] = [*long[:half], *others[:middle], *long[half:], *others[middle:]]


def pytest_collection_finish() -> None:
    """What is there before the first test stays to the end: Python need not look through it for garbage each time."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict) -> dict:
    """Drive the machine's own browser; Chromium's sandbox does not work for root, as which containers run."""
    path = find_browser()
    assert path, "BOPS_REQUIRE_BROWSER is set, and this machine has no Chromium or Chrome."
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    return {
        **browser_type_launch_args,
        "executable_path": path,
        "args": [*sandbox, "--disable-dev-shm-usage", "--disable-gpu"],
    }
