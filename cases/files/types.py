"""What a file is, told from its contents and never from its name."""

import hashlib
import io
import re
import zipfile
from dataclasses import dataclass
from typing import IO

from django.conf import settings

HEAD_BYTES = 64 * 1024
CHUNK_BYTES = 1024 * 1024
LEAST_TEXT = 10  # letters and digits; what is shorter says nothing of a planning application
HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"heif"}
# Before the first element of an SVG: space, the declaration, remarks, the type of the document. Read piece by piece:
# possessive quantifiers around groups match nothing on Python 3.11.0 to 3.11.4, which is Debian 12's.
BEFORE_SVG = re.compile(
    r"\s+|<\?xml.*?\?>|<!--.*?-->|<!doctype\s+svg\b[^>\[]*(?:\[[^\]]*\]\s*)?>",
    re.DOTALL,
)
SVG_ELEMENT = re.compile(r"<(?:\w+:)?svg[\s>/]")
MAX_ZIP_MEMBERS = 10_000
MAX_ZIP_LIST = 2 * 1024 * 1024  # bytes of a ZIP's list of contents, which is read whole: a row in memory for each part

PDF, PNG, JPEG, TIFF, GIF, WEBP, HEIC, SVG = (
    "application/pdf",
    "image/png",
    "image/jpeg",
    "image/tiff",
    "image/gif",
    "image/webp",
    "image/heic",
    "image/svg+xml",
)
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ODT = "application/vnd.oasis.opendocument.text"
ODS = "application/vnd.oasis.opendocument.spreadsheet"
CSV, TEXT = "text/csv", "text/plain"

SUFFIXES = {
    PDF: "pdf", PNG: "png", JPEG: "jpg", TIFF: "tif", GIF: "gif", WEBP: "webp", HEIC: "heic", SVG: "svg",
    DOCX: "docx", XLSX: "xlsx", ODT: "odt", ODS: "ods", CSV: "csv", TEXT: "txt",
}  # fmt: skip
IMAGES = frozenset({PNG, JPEG, TIFF, GIF, WEBP})
# Kept as they came, and shown, to officers too, as what becomes of them: few browsers show HEIC, and SVG can run.
CONVERTED = {HEIC: JPEG, SVG: PNG}
# What tells more than is to be seen of it, so that the public gets a copy without that (clean_copies/).
CLEANED = frozenset({PDF, *IMAGES, *CONVERTED, DOCX, XLSX, ODT, ODS})
# What a browser may show in its own window. It shows no TIFF; and nothing here can run a script of ours.
SHOWN_INLINE = frozenset({PDF, PNG, JPEG, GIF, WEBP})
OTHER_BEGINNINGS = (
    b"PK",
    b"MZ",
    b"\x7fELF",
    b"#!",
    b"GIF8",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"RIFF",
    b"Rar!",
    b"\xd0\xcf",
)
TWO_IN_ONE = "The file is two kinds of file in one. Save it anew as PDF, and send that."
MAX_UNPACKED_BYTES = 1024 * 1024 * 1024  # of an Office file, by its own list of contents
ACCEPTED = "PDF, PNG, JPEG, HEIC, TIFF, GIF, WebP, SVG, Word (docx), Excel (xlsx), OpenDocument, CSV or plain text"


OTHER_SUFFIXES = frozenset(SUFFIXES.values()) - {"csv", "txt"} | {"jpeg", "tiff", "heif"}


class UnacceptableFile(Exception):
    """The file cannot be kept. `str()` is a sentence for whoever sent it."""


@dataclass(frozen=True)
class Inspected:
    mime_type: str
    size: int  # bytes
    sha256: str

    @property
    def suffix(self) -> str:
        return SUFFIXES[self.mime_type]


def inspect(file: IO[bytes], *, name: str, says_something: bool = True) -> Inspected:
    """Size, sha256 and type of a file, read once from its beginning; it stands at its beginning again afterwards.

    `name` only tells a table in plain text (.csv) from other text, and text from what calls itself something else.
    `says_something`: whether text must say what it is (`text_fault`). Raises UnacceptableFile.
    """
    if refused := getattr(file, "refused", ""):  # already on its way (files/uploads.py)
        raise UnacceptableFile(refused)
    file.seek(0)
    digest, size, head = hashlib.sha256(), 0, b""
    while chunk := file.read(CHUNK_BYTES):
        head = head or chunk[:HEAD_BYTES]
        size += len(chunk)
        if size > settings.MAX_DOCUMENT_BYTES:
            limit = settings.MAX_DOCUMENT_BYTES // 1024 // 1024
            raise UnacceptableFile(f"The file is larger than {limit} MB.")
        digest.update(chunk)
    if not size:
        raise UnacceptableFile("The file is empty.")
    mime_type = _type_of(head, file, name)
    if says_something and mime_type in (TEXT, CSV) and (fault := text_fault(head, name=name)):
        raise UnacceptableFile(fault)
    if mime_type in (PDF, HEIC, *IMAGES):
        _refuse_two_in_one(file)
    file.seek(0)
    return Inspected(mime_type=mime_type, size=size, sha256=digest.hexdigest())


def _type_of(head: bytes, file: IO[bytes], name: str) -> str:
    if (start := head[:1024].find(b"%PDF-")) >= 0:
        _refuse_before_a_pdf(head[:start])
        return PDF
    for signature, mime_type in (
        (b"\x89PNG\r\n\x1a\n", PNG),
        (b"\xff\xd8\xff", JPEG),
        (b"II*\x00", TIFF),
        (b"MM\x00*", TIFF),
        (b"GIF87a", GIF),
        (b"GIF89a", GIF),
    ):
        if head.startswith(signature):
            return mime_type
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return WEBP
    if head.startswith(b"PK\x03\x04"):
        return _office_type(file)
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        raise UnacceptableFile("The file is in an old Office format. Save it as PDF, docx or xlsx first.")
    if head[4:8] == b"ftyp" and head[8:12] in HEIF_BRANDS:
        return HEIC
    return _text_type(head, name)


class _ShortReads(io.RawIOBase):
    """A ZIP that is not read when its list of contents alone would fill the memory of the server."""

    def __init__(self, file: IO[bytes]):
        self._file = file

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def read(self, size: int = -1) -> bytes:
        if size <= MAX_ZIP_LIST:
            return self._file.read(size)
        beginning = self._file.read(4)
        if beginning == b"PK\x01\x02":
            raise UnacceptableFile("The file holds too many parts.")
        return beginning  # no list at all: the mark of a ZIP's end came about by chance


def _refuse_before_a_pdf(before: bytes) -> None:
    """Printers and mail programs put a few bytes before a PDF, which readers skip; but not another file's beginning."""
    if b"<" in before or before.lstrip().startswith(OTHER_BEGINNINGS):
        raise UnacceptableFile(TWO_IN_ONE)


def _refuse_two_in_one(file: IO[bytes]) -> None:
    """A ZIP (or a JAR) is read from its end, so it can hang behind a picture or a PDF."""
    file.seek(0)
    try:
        if not zipfile.is_zipfile(file):
            return
        file.seek(0)
        with zipfile.ZipFile(_ShortReads(file)) as archive:
            hidden = bool(archive.namelist())
    except UnacceptableFile as error:
        raise UnacceptableFile(TWO_IN_ONE) from error
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError):
        return  # the mark of its end came about by chance
    if hidden:
        raise UnacceptableFile(TWO_IN_ONE)


def _office_type(file: IO[bytes]) -> str:
    """The kind of Office file inside a ZIP: from its own list of contents; nothing is unpacked but a short mark."""
    file.seek(0)
    try:
        with zipfile.ZipFile(_ShortReads(file)) as archive:
            names = archive.namelist()
            _refuse_bomb(archive, file)
            mark = b""
            if names and names[0] == "mimetype" and archive.getinfo("mimetype").file_size < 200:
                mark = archive.read("mimetype")
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError) as error:
        raise UnacceptableFile("The file is damaged and cannot be opened.") from error
    if len(names) > MAX_ZIP_MEMBERS:
        raise UnacceptableFile("The file holds too many parts.")
    if any(name.rsplit("/", 1)[-1].lower() == "vbaproject.bin" for name in names):
        raise UnacceptableFile("The file holds macros. Save it without them, or as PDF.")
    if "[Content_Types].xml" in names:
        if "word/document.xml" in names:
            return DOCX
        if "xl/workbook.xml" in names:
            return XLSX
    if mark.decode("ascii", "replace").strip() in (ODT, ODS):
        return mark.decode("ascii").strip()
    raise UnacceptableFile(f"ZIP files and others of their kind are not accepted. Send {ACCEPTED}.")


def _refuse_bomb(archive: zipfile.ZipFile, file: IO[bytes]) -> None:
    """By what its list of contents says. Whether that is true is found out in the background (files/reader/)."""
    members = archive.infolist()
    size = file.seek(0, 2)
    if sum(member.file_size for member in members) > MAX_UNPACKED_BYTES:
        raise UnacceptableFile(f"The file unpacks to more than {MAX_UNPACKED_BYTES // 1024 // 1024} MB.")
    if sum(member.compress_size for member in members) > size:  # parts that lie over one another
        raise UnacceptableFile("The file is damaged and cannot be opened.")


def _text_type(head: bytes, name: str) -> str:
    try:
        # The head may end in the middle of a character.
        text = head.decode("utf-8", "strict" if len(head) < HEAD_BYTES else "ignore")
    except UnicodeDecodeError:
        text = head.decode("cp1252", "replace")
    printable = sum(c.isprintable() or c in "\r\n\t\f\ufeff" for c in text)
    if "\x00" in text or printable < len(text) * 0.97:
        raise UnacceptableFile(f"The file is of a kind that is not accepted. Send {ACCEPTED}.")
    start = text.lstrip("\ufeff \t\r\n").lower()
    if _begins_as_svg(start):
        return SVG
    if start.startswith(("<", "#!", "{\\rtf")) or any(
        mark in start for mark in ("<html", "<svg", "<script", "<!doctype")
    ):
        raise UnacceptableFile(f"Web pages and programs are not accepted. Send {ACCEPTED}.")
    return CSV if name.lower().endswith(".csv") else TEXT


def _begins_as_svg(start: str) -> bool:
    at = 0
    while piece := BEFORE_SVG.match(start, at):
        at = piece.end()
    return SVG_ELEMENT.match(start, at) is not None


def text_fault(head: bytes, *, name: str) -> str:
    """Why text is not what it is sent for, as a sentence; "" for text that says so itself and says something."""
    suffix = name.rsplit(".", 1)[-1].lower() if "." in name else ""
    if suffix in OTHER_SUFFIXES:
        return f"The file is called .{suffix}, but there is only plain text in it. Save it anew, and send that."
    if sum(letter.isalnum() for letter in head.decode("utf-8", "replace")) < LEAST_TEXT:
        return "There is next to nothing in the file. Check that it is the one you meant to send."
    return ""
