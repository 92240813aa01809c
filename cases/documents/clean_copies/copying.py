"""Having a clean copy of one file made, without touching a row: by a process of its own that may crash or hang."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from django.conf import settings
from django.core.files.base import File

from cases.files.types import CLEANED, CONVERTED, SVG
from cases.jobs import child

MOST_GROWN = 3  # objects of a PDF that were packed together are not any more; HEIC packs better than JPEG


class NotCopied(Exception):
    """There can be no copy. `str()` is a sentence for whoever sent or publishes the file."""


class Copied(NamedTuple):
    path: Path
    mime_type: str
    size: int


@contextmanager
def copied(file: File, *, mime_type: str, title: str) -> Iterator[Copied]:
    """The clean copy of a file, while the block runs. `title` is what a PDF is called inside.

    Raises NotCopied; child.BrokenOff, which says nothing of the file.
    """
    if mime_type not in CLEANED:
        raise NotCopied("Files of this kind have no copies.")
    with TemporaryDirectory(prefix="clean-copy-") as folder, on_disk(file, Path(folder)) as source:
        out = Path(folder) / "copy"
        asked = {"source": str(source), "out": str(out), "mime_type": mime_type, "title": title}
        most = MOST_GROWN * settings.MAX_DOCUMENT_BYTES
        try:
            answer = child.run(f"cases.documents.clean_copies.{_program(mime_type)}", asked, largest_file=most)
        except child.ChildFailed as error:
            raise NotCopied(str(error)) from error
        if "error" in answer:
            raise NotCopied(str(answer["error"]))
        made = CONVERTED.get(mime_type, str(answer["mime_type"]))
        yield Copied(out, made, out.stat().st_size)


def _program(mime_type: str) -> str:
    return "drawings" if mime_type == SVG else "cleaning"


@contextmanager
def on_disk(stored: File, folder: Path) -> Iterator[Path]:
    """The file as one that another process can read: itself where it lies on the disk, else a copy in the folder."""
    with suppress(NotImplementedError, AttributeError):  # S3; a file that no store knows yet
        yield Path(stored.path)  # type: ignore[attr-defined]
        return
    copy = folder / "source"
    with stored.open("rb") as opened, copy.open("wb") as out:
        for chunk in opened.chunks():
            out.write(chunk)
    yield copy
