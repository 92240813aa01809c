"""The program that makes clean copies: `python -m cases.documents.clean_copies.cleaning`, started by copying.py.

It reads JSON {"source", "out", "mime_type", "title", "most_written"} and answers {"mime_type"} of the copy or
{"error": a sentence for whoever sent or publishes the file}.
"""

import json
import sys
from typing import IO, Any

from PIL import Image, ImageFile, ImageOps
from pillow_heif import HeifImagePlugin  # noqa: F401 - tells Pillow how to read HEIC

from cases.documents.rebuilding.closed import shut_in
from cases.documents.rebuilding.pages import CannotRebuild, rebuild
from cases.files.reader.pictures import MAX_PIXELS
from cases.files.types import HEIC, IMAGES, JPEG, PDF, TIFF

from .office_files import clean_office_file
from .pdfs import clean_pdf
from .photographs import JPEG_QUALITY, clean_picture, in_srgb
from .tiffs import clean_tiff

MORE_MEMORY = 700 * 1024 * 1024  # of addresses: HEIC of 48 million pixels is unpacked whole, and copied once
DAMAGED = "The file is damaged and cannot be opened."


def clean(source: IO[bytes], out: IO[bytes], *, mime_type: str, title: str) -> str:
    """Write the copy, and tell its type. Raises CannotRebuild with a sentence."""
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    Image.MAX_IMAGE_PIXELS = None  # asked where a picture is unpacked
    if mime_type == HEIC:
        _photograph(source, out)
        return JPEG
    try:
        if mime_type == PDF:
            clean_pdf(source, out, title=title)
        elif mime_type == TIFF:
            clean_tiff(source, out)
        elif mime_type in IMAGES:
            clean_picture(source, out)
        else:
            clean_office_file(source, out)
    except Exception as error:
        if mime_type not in {PDF, *IMAGES}:
            raise CannotRebuild(DAMAGED) from error
        # Built in a way that cannot be taken apart: drawn anew, as redacted copies are, it is clean as well.
        out.seek(0)
        out.truncate()
        source.seek(0)
        return rebuild(source, mime_type=mime_type, boxes=[], title=title, out=out)["mime_type"]
    return mime_type


def _photograph(source: IO[bytes], out: IO[bytes]) -> None:
    """HEIC, as telephones take photographs, as JPEG: upright, in sRGB, without anything beside the pixels."""
    try:
        with Image.open(source, formats=("HEIF",)) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                raise CannotRebuild("The photograph is too large to be opened here. Save it smaller, as JPEG.")
            picture.load()
            ImageOps.exif_transpose(picture, in_place=True)  # no second copy of what is upright already
            upright = in_srgb(picture)
            upright = upright if upright.mode == "RGB" else upright.convert("RGB")
    except (OSError, SyntaxError, ValueError, RuntimeError, EOFError) as error:
        raise CannotRebuild(DAMAGED) from error
    upright.info = {}
    upright.save(out, "JPEG", quality=JPEG_QUALITY, exif=b"")


def main() -> None:
    asked = json.load(sys.stdin)
    with open(asked["source"], "rb") as source, open(asked["out"], "w+b") as out:
        shut_in(source, out, most_written=asked["most_written"], more_memory=MORE_MEMORY)
        answer: dict[str, Any]
        try:
            answer = {"mime_type": clean(source, out, mime_type=asked["mime_type"], title=asked["title"])}
        except CannotRebuild as error:
            answer = {"error": str(error)}
    json.dump(answer, sys.stdout)
