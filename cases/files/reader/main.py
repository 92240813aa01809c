"""The program: `main("7", "pdf", "draw", "1", "300", "2000")` with the file on standard input, which can be sought.

The first argument is the number of an open scratch file. `look` says what the file could do, `draw` what is to be seen
of it: from which page, how many pages with pictures, how many with words; `sharpen` draws one page, sharply; `open`
tells whether it opens, and has seconds for it.
"""

import importlib
import logging
import os
import signal
import sys
from collections.abc import Callable

from .limits import shut

MEGABYTE = 1024 * 1024
# Beyond the libraries themselves. With the worker (170 MB) a task stays under 300 MB (make bench-documents).
MORE_MEMORY = {"draw": 90 * MEGABYTE, "look": 75 * MEGABYTE, "sharpen": 90 * MEGABYTE, "open": 90 * MEGABYTE}
CPU_SECONDS = 600
MODULES = {"pdf": "pdf", "picture": "pictures", "office": "office", "text": "office"}
SCRATCH = 3
# What the libraries would load when they need it, which is when nothing can be opened any more.
ENCODINGS = ("ascii", "charmap", "cp1252", "cp437", "idna", "latin_1", "utf_16", "utf_16_be", "utf_16_le", "utf_8_sig")
LOADED_LATER = {
    "pdf": ("PIL.ImageMode", "PIL.ImageFile", "pypdf.filters", "pypdf._encryption", "pypdf.generic", "pypdf.xmp"),
    "picture": (
        "copy", "PIL.ExifTags", "PIL.ImageChops", "PIL.ImageColor", "PIL.ImageMode", "PIL.ImageOps", "PIL.ImagePalette",
        "PIL.ImageSequence", "PIL.MpoImagePlugin", "PIL.TiffTags", "colorsys", "fractions", "xml.etree.ElementTree",
    ),
    "office": ("xml.etree.ElementTree", "xml.parsers.expat", "zipfile", "zlib"),
    "text": (),
}  # fmt: skip
# To open a file takes less, and somebody waits for it.
_PLUGINS = tuple(f"PIL.{kind}ImagePlugin" for kind in ("Bmp", "Gif", "Jpeg", "Ppm", "Png", "Tiff", "WebP"))
OPENED_WITH = {
    "pdf": ("pypdfium2",),
    "picture": (*_PLUGINS, *LOADED_LATER["picture"]),
    "heic": (*_PLUGINS, *LOADED_LATER["picture"], "pillow_heif.HeifImagePlugin"),
    "drawing": ("xml.parsers.expat", "defusedxml.ElementTree"),
    "office": (".office", "zipfile", "zlib"),
}


def main(number: str, kind: str, task: str, *numbers: str) -> None:
    logging.disable(logging.CRITICAL)
    work = _work(kind, task)
    for name in _loaded(kind, task):
        importlib.import_module(name, __package__)
    file = os.fdopen(0, "rb")
    os.dup2(int(number), SCRATCH)
    os.closerange(SCRATCH + 1, 256)
    scratch = os.fdopen(SCRATCH, "r+b")
    shut(more_memory=MORE_MEMORY[task], cpu_seconds=CPU_SECONDS, most_written=1024 * MEGABYTE, descriptors=SCRATCH + 1)
    if task == "open":
        # Whoever sends the file waits. The system ends this process then, whatever a library is doing.
        signal.setitimer(signal.ITIMER_REAL, float(numbers[0]))
        work(file)
    elif task == "draw":
        start, previews, texts = map(int, numbers)
        more = {"scratch": scratch} if kind == "picture" else {}
        work(file, start=start, previews=previews, texts=texts, **more)
    elif task == "sharpen":
        work(file, scratch, number=int(numbers[0]))
    elif kind == "pdf":
        work(file, scratch)
    else:
        work(file)
    sys.stdout.flush()
    os._exit(0)  # nothing is worth tidying up in a process that has said all


def _loaded(kind: str, task: str) -> tuple[str, ...]:
    """What must be loaded now, because nothing can be opened any more when it is needed."""
    encodings = tuple(f"encodings.{encoding}" for encoding in ENCODINGS)
    if task == "open":
        return *OPENED_WITH[kind], *encodings
    return *(name for name in LOADED_LATER[kind] if task == "look" or not name.startswith("pypdf")), *encodings


def _work(kind: str, task: str) -> Callable[..., None]:
    if task == "sharpen":
        module, name = "strips", f"sharpen_{kind}"
    elif task == "open":
        module, name = "opening", f"open_{kind}"
    elif (kind, task) == ("pdf", "look"):
        module, name = "active", "look"
    else:
        module, name = MODULES[kind], f"{task}_text" if kind == "text" else task
    return getattr(importlib.import_module(f".{module}", __package__), name)
