"""Office files (ZIP with XML inside) and plain text: their words, and what they bring along."""

import io
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO

from defusedxml.ElementTree import fromstring, iterparse

from .telling import MAX_TEXT, tell

MAX_UNPACKED = 1024 * 1024 * 1024  # bytes of all parts together, as they really are
MAX_WORDS_PART = 20 * 1024 * 1024  # bytes of the part that holds the words
MAX_NESTED = 20 * 1024 * 1024
WORDS_IN = ("word/document.xml", "content.xml", "xl/sharedStrings.xml")
PARAGRAPHS = {"p", "h", "si", "tab", "br"}
EMBEDDED = ("oleobject", "/activex/")
# Parts that Word and Excel fetch from elsewhere when the file is opened; a link waits until somebody follows it.
FETCHED = ("/attachedtemplate", "/oleobject", "/frame", "/subdocument", "/recipientdata", "/mailmergesource")
MAX_LINKS = 4 * 1024 * 1024
CHUNK_BYTES = 256 * 1024


def look(file: IO[bytes]) -> None:
    """Say what the Office file brings along, and whether it unpacks to what it says."""
    try:
        with zipfile.ZipFile(file) as archive:
            tell(active=sorted(set(_brought_along(archive, file))))
    except Exception:
        tell(active=["damaged"])


def _brought_along(archive: zipfile.ZipFile, file: IO[bytes]) -> Iterator[str]:
    left = MAX_UNPACKED
    for member in archive.infolist():
        name = f"/{member.filename.lower()}"
        if any(mark in name for mark in EMBEDDED):
            yield "EmbeddedFiles"
        size, head = _unpacked(file, member, most=min(left, member.file_size + 1))
        left -= size
        if size > member.file_size or left <= 0:
            yield "bomb"
            return
        if head.startswith((b"MZ", b"\x7fELF")):
            yield "EmbeddedFiles"
        if head.startswith(b"PK\x03\x04"):
            yield from _nested(archive, member)
        if name.endswith(".rels"):
            yield from _fetched(archive, member)


def _fetched(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[str]:
    """What a list of connections has fetched on opening. Raises when it is no list: readers might make one of it."""
    if member.file_size > MAX_LINKS:
        raise ValueError("more connections than a file can have")
    for link in fromstring(archive.read(member), forbid_dtd=True):
        is_outside = link.get("TargetMode", "").lower() == "external"
        if is_outside and link.get("Type", "").lower().endswith(FETCHED):
            yield "Launch"


def _nested(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[str]:
    """A ZIP inside: the tables of charts are, and they do not unpack to a thousand times of what they are."""
    if "/embeddings/" not in member.filename:
        yield "EmbeddedFiles"
    if member.file_size > MAX_NESTED:
        yield "bomb"
        return
    with zipfile.ZipFile(io.BytesIO(archive.read(member))) as inner:
        parts = inner.infolist()
        if sum(part.file_size for part in parts) > MAX_UNPACKED // 4:
            yield "bomb"
        if any(part.filename.lower().endswith((".zip", ".docx", ".xlsx", ".jar")) for part in parts):
            yield "EmbeddedFiles"


def _unpacked(file: IO[bytes], member: zipfile.ZipInfo, *, most: int) -> tuple[int, bytes]:
    """Bytes of a part as it really is, counted to `most`, and how it begins; nothing is kept."""
    file.seek(member.header_offset)
    header = file.read(30)
    file.seek(int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little"), 1)
    if member.compress_type == zipfile.ZIP_STORED:
        return member.compress_size, file.read(min(member.compress_size, 64 * 1024))
    if member.compress_type != zipfile.ZIP_DEFLATED:
        raise ValueError("packed in a way that Office files are not")
    unpack, size, head, left = zlib.decompressobj(-15), 0, b"", member.compress_size
    while left > 0 and not unpack.eof and size < most:
        piece = file.read(min(CHUNK_BYTES, left))
        if not piece:
            break
        left -= len(piece)
        while piece and size < most:
            out = unpack.decompress(piece, CHUNK_BYTES)
            head = head or out[: 64 * 1024]
            size += len(out)
            piece = unpack.unconsumed_tail
    return size, head


def draw(file: IO[bytes], *, start: int, previews: int, texts: int) -> None:
    """The words of the file as one page without a picture. `start`, `previews`, `texts`: as for the other kinds."""
    with zipfile.ZipFile(file) as archive:
        names = set(archive.namelist())
        part = next((name for name in WORDS_IN if name in names), None)
        if part is None or archive.getinfo(part).file_size > MAX_WORDS_PART:
            return
        with archive.open(part) as xml:
            tell(words=1, text=_words(xml))


def _words(xml: IO[bytes]) -> str:
    pieces: list[str] = []
    length = 0
    for _, element in iterparse(xml, forbid_dtd=True):
        name = element.tag.rsplit("}", 1)[-1]
        piece = (element.text or "") + ("\n" if name in PARAGRAPHS else "") + (element.tail or "")
        element.clear()
        pieces.append(piece)
        length += len(piece)
        if length > MAX_TEXT:
            break
    return "".join(pieces)[:MAX_TEXT].strip()


def draw_text(file: IO[bytes], *, start: int, previews: int, texts: int) -> None:
    data = file.read(MAX_TEXT * 4)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", "replace")
    tell(words=1, text=text[:MAX_TEXT])


def look_text(file: IO[bytes]) -> None:
    tell(active=[])
