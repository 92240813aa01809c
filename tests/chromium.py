"""The browser of the browser tests: a Chromium or Chrome that the machine has; none is downloaded.

python tests/chromium.py     prints its path, or exits 1
"""

import os
import shutil
import subprocess
import sys
from functools import cache

NAMES = (
    "chromium-headless-shell",  # draws the same pages without a window's menus and buttons, in a seventh less time
    "chromium",
    "chromium-browser",
    "google-chrome-stable",
    "google-chrome",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)


@cache
def find_browser() -> str | None:
    """Path of a browser that starts, the one named by BOPS_BROWSER first; None when there is none."""
    for name in filter(None, (os.environ.get("BOPS_BROWSER"), *NAMES)):
        path = shutil.which(name)
        # Ubuntu's chromium-browser is a note that tells people to install a snap: asking its version finds out.
        if path and subprocess.run([path, "--version"], capture_output=True).returncode == 0:
            return path
    return None


if __name__ == "__main__":
    found = find_browser()
    print(found or "No Chromium or Chrome was found.")
    sys.exit(found is None)
