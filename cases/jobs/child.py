"""Work with a hostile or huge file in a process of its own, with little memory and time, and without our secrets."""

import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from django.conf import settings

PROGRAM = """
import importlib, json, os, resource, sys
folder, orders, *arguments = sys.argv[1:]
orders = json.loads(orders)
for name, most in orders["limits"].items():
    try:
        resource.setrlimit(getattr(resource, "RLIMIT_" + name), (most, most))
    except (AttributeError, ValueError, OSError):
        pass  # lower already, or unknown to this system
os.nice(orders["nice"])
sys.path.insert(0, folder)
importlib.import_module(orders["module"]).main(*arguments)
"""
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


def start(
    module: str,
    *arguments: str,
    limits: dict[str, int],
    nice: int = 0,
    environment: dict[str, str] | None = None,
    **pipes: Any,
) -> subprocess.Popen[bytes]:
    """A process that calls `main(*arguments)` of a module: without our environment, in no folder of ours.

    `limits`: what it may use, as the system names it ("CPU": seconds). They hold before the module is read.
    """
    orders = json.dumps({"module": module, "limits": {"CORE": 0, **limits}, "nice": nice})
    return subprocess.Popen(
        [sys.executable, "-I", "-c", PROGRAM, str(settings.BASE_DIR), orders, *arguments],
        env={"LC_ALL": "C.UTF-8", **(environment or {})},
        cwd="/",
        **pipes,
    )


def answer_of(process: subprocess.Popen[bytes], asked: bytes, *, seconds: float) -> tuple[int, bytes, bytes]:
    """Exit status (below 0: the signal that ended it), standard output and errors. Raises subprocess.TimeoutExpired."""
    try:
        said, faults = process.communicate(asked, timeout=seconds)
    finally:
        process.kill()
        process.communicate()
    return process.returncode, said, faults


def run(module: str, asked: dict[str, Any], *, largest_file: int = 0) -> dict[str, Any]:
    """What the module answers to `asked`, both JSON. Raises ChildFailed, BrokenOff.

    `largest_file`: how many bytes it may write to a file (0: none).
    """
    process = start(
        module,
        limits={"AS": MEMORY_BYTES, "CPU": SECONDS, "FSIZE": largest_file},
        nice=5,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    question = json.dumps({**asked, "most_written": largest_file}).encode()
    try:
        status, said, faults = answer_of(process, question, seconds=SECONDS)
    except subprocess.TimeoutExpired as error:
        raise ChildFailed("The document takes too long to draw. Split it, or save it anew as PDF.") from error
    has_answered = status == 0 and len(said) <= ANSWER_BYTES
    answer = json.loads(said) if has_answered else {"error": ""}
    if "error" in answer and (status in ENDED or ("out" in asked and _is_full(asked))):
        raise BrokenOff("The work with the document was broken off. Try it again in a few minutes.")
    if has_answered:
        return answer
    if b"MemoryError" in faults or b"bad_alloc" in faults:
        raise ChildFailed("The document needs too much memory. Split it, or save it anew as PDF.")
    raise ChildFailed("The document cannot be drawn: it is damaged, or too large.")


def _is_full(asked: dict[str, Any]) -> bool:
    """Whether there is little room for a copy; what the process then says of the file need not be true."""
    needed = GROWS * Path(asked["source"]).stat().st_size + LEAST_ROOM
    return shutil.disk_usage(Path(asked["out"]).parent).free < needed
