"""What the process says: a line of JSON for each thing, and after it as many bytes as the line's `size` tells."""

import json
import os
from typing import Any

from PIL import Image

MAX_TEXT = 100_000  # characters of one page; PostgreSQL's index of its words may hold 1 MB
_OUT = 1


def tell(content: bytes = b"", **facts: Any) -> None:
    line = json.dumps({**facts, "size": len(content)}) + "\n"
    _write(line.encode("ascii"))
    _write(content)


def _write(data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(_OUT, rest) :]


def on_white(picture: Image.Image) -> Image.Image:
    if picture.mode == "RGB":
        return picture
    canvas = Image.new("RGB", picture.size, "white")
    rgba = picture.convert("RGBA")
    canvas.paste(rgba, mask=rgba.getchannel("A"))
    return canvas
