"""At the door: whether a file opens at all, told by the process that can do nothing else (files/reader/).

Whoever sends a file waits for this, so it takes a moment only. A file that is not opened by then is taken in, and
opened in the background (preparing/), which marks what does not open; it is never published.
"""

import logging
import time
from contextlib import closing
from typing import IO

from django.conf import settings

from .reading import Died, ask, for_another_process
from .types import DOCX, HEIC, IMAGES, ODS, ODT, PDF, SVG, XLSX, UnacceptableFile

logger = logging.getLogger(__name__)

KINDS = {
    PDF: "pdf",
    HEIC: "heic",
    SVG: "drawing",
    **dict.fromkeys(IMAGES, "picture"),
    **dict.fromkeys((DOCX, XLSX, ODT, ODS), "office"),
}
START_SECONDS = 5  # of the process itself, on a machine that has much to do
SENTENCES = {
    "damaged": "The file is damaged and cannot be opened. Open it on your own computer, save it anew, and send that.",
    "password": "The file is protected by a password, so nobody here can open it. Save it without one, and send that.",
    "empty": "There are no pages in the file.",
    "bomb": "The drawing holds entities, or far more than a drawing needs. Save it as PDF, and send that.",
}


def refuse_unopenable(file: IO[bytes], *, mime_type: str) -> None:
    """Raise UnacceptableFile for a file that does not open; one that takes long is looked at in the background."""
    if mime_type in KINDS and (closed := why_unopened(file, KINDS[mime_type])):  # text was read when it was inspected
        raise UnacceptableFile(SENTENCES.get(closed, SENTENCES["damaged"]))


def why_unopened(file: IO[bytes], kind: str) -> str:
    """A word of SENTENCES; "" when the file opens, or nobody can say in the time that there is."""
    closed, seconds = "", settings.OPENING_SECONDS
    try:
        with for_another_process(file) as opened:
            until = time.monotonic() + START_SECONDS + seconds
            with closing(ask(opened, kind, "open", str(seconds), until=until)) as sayings:
                for said in sayings:
                    closed = str(said.facts.get("closed") or "")
    except (Died, OSError) as error:  # OSError: no room for a copy to open; storing it tells of a full disk
        logger.info("A file was not opened at the door: %s", error)
    finally:
        file.seek(0)
    return closed
