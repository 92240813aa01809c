"""Work with a hostile or huge file in a process of its own, with little memory and time, and without our secrets."""

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from django.conf import settings

MEMORY_BYTES = 1_200_000_000  # of addresses: the libraries' own code counts; used is less than 300 MB
SECONDS = 1200
ANSWER_BYTES = 20_000_000
# As a service is ended with all of its processes. SIGKILL is none of these: the system kills what uses too much.
ENDED = {-signal.SIGTERM, -signal.SIGINT, -signal.SIGHUP, -signal.SIGQUIT}
GROWS, LEAST_ROOM = 3, 50_000_000  # bytes beside the copy


class ChildFailed(Exception):
    """The process came to its limits or died. `str()` is a sentence for the officer."""


class BrokenOff(OSError):
    """Somebody ended the process, or the disk is full: that says nothing of the document. Worth another try."""


def run(module: str, asked: dict[str, Any], *, largest_file: int = 0) -> dict[str, Any]:
    """What the module answers to `asked`, both JSON. Raises ChildFailed, BrokenOff.

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
    has_answered = done.returncode == 0 and len(done.stdout) <= ANSWER_BYTES
    answer = json.loads(done.stdout) if has_answered else {"error": ""}
    if "error" in answer and (done.returncode in ENDED or ("out" in asked and _is_full(asked))):
        raise BrokenOff("The work with the document was broken off. Try it again in a few minutes.")
    if has_answered:
        return answer
    if b"MemoryError" in done.stderr or b"bad_alloc" in done.stderr:
        raise ChildFailed("The document needs too much memory. Split it, or save it anew as PDF.")
    raise ChildFailed("The document cannot be drawn: it is damaged, or too large.")


def _is_full(asked: dict[str, Any]) -> bool:
    """Whether there is little room for a copy; what the process then says of the file need not be true."""
    needed = GROWS * Path(asked["source"]).stat().st_size + LEAST_ROOM
    return shutil.disk_usage(Path(asked["out"]).parent).free < needed
