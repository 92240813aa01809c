"""Shutting the process in before it reads a hostile file: no other file, no connection, little memory.

As the process that draws the previews (files/reader/): both draw with the same fonts, so that a box in the copy
lies over what it lay over on the officer's screen.
"""

import importlib
from typing import IO

from PIL import Image

from cases.files.reader.limits import shut
from cases.files.reader.main import ENCODINGS, LOADED_LATER

MORE_MEMORY = 500 * 1024 * 1024  # of addresses, beyond the libraries; used is about 300 MB at most
CPU_SECONDS = 1200


def shut_in(*files: IO[bytes], most_written: int, more_memory: int = MORE_MEMORY) -> None:
    """From here on only these files (and the standard ones) can be read and written, `most_written` bytes each."""
    Image.init()
    later = {name for names in LOADED_LATER.values() for name in names}
    for name in sorted(later | {f"encodings.{encoding}" for encoding in ENCODINGS}):
        importlib.import_module(name)
    shut(
        more_memory=more_memory,
        cpu_seconds=CPU_SECONDS,
        most_written=most_written,
        descriptors=max(file.fileno() for file in files) + 1,
    )
