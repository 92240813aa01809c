"""Work with a hostile or huge file in a process of its own, with little memory and time, and without our secrets."""

import json
import os
import resource
import subprocess
import sys
from typing import Any

from django.conf import settings

MEMORY_BYTES = 1_200_000_000  # of addresses: the libraries' own code counts; used is less than 300 MB
SECONDS = 1200
ANSWER_BYTES = 20_000_000


class ChildFailed(Exception):
    """The process came to its limits or died. `str()` is a sentence for the officer."""


def run(module: str, asked: dict[str, Any], *, largest_file: int = 0) -> dict[str, Any]:
    """What the module answers to `asked`, both JSON. Raises ChildFailed.

    `largest_file`: how many bytes it may write to a file (0: none).
    """

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file, largest_file))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        os.nice(5)

    try:
        done = subprocess.run(
            [sys.executable, "-P", "-m", module],
            input=json.dumps({**asked, "most_written": largest_file}).encode(),
            capture_output=True, timeout=SECONDS, check=False, preexec_fn=limit,
            cwd=settings.BASE_DIR, env={"PYTHONPATH": str(settings.BASE_DIR), "PATH": os.defpath, "LANG": "C.UTF-8"},
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise ChildFailed("The document takes too long to draw. Split it, or save it anew as PDF.") from error
    if done.returncode == 0 and len(done.stdout) <= ANSWER_BYTES:
        return json.loads(done.stdout)
    if b"MemoryError" in done.stderr or b"bad_alloc" in done.stderr:
        raise ChildFailed("The document needs too much memory. Split it, or save it anew as PDF.")
    raise ChildFailed("The document cannot be drawn: it is damaged, or too large.")
