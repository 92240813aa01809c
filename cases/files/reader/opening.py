"""Whether a file opens at all: `closed` with a word why not, or nothing. Each kind loads the libraries it needs."""

import zipfile
from typing import IO, Any

from .telling import tell

UNPACKED_WHOLE = 20_000_000  # pixels; a larger picture is looked through in the background
MOST_READ = 20 * 1024 * 1024  # bytes of the part of an Office file that holds its words


def _tell(error: Exception) -> None:
    """Raises what is this process's own trouble, and says nothing of the file: too little memory, nothing to load."""
    if isinstance(error, MemoryError | ImportError) or getattr(error, "errno", None):
        raise error
    tell(closed="damaged")


def why_closed(error: Any) -> str:
    """What PDFium means. Of a file without pages it says that nothing went wrong."""
    if not error.err_code:
        return "empty"
    return "password" if "password" in str(error).lower() else "damaged"


def open_pdf(file: IO[bytes]) -> None:
    import pypdfium2  # somebody waits: no kind loads the libraries of another

    try:
        pypdfium2.PdfDocument(file)[0].get_size()
    except pypdfium2.PdfiumError as error:
        tell(closed=why_closed(error))


def open_picture(file: IO[bytes]) -> None:
    from PIL import Image  # as above

    Image.MAX_IMAGE_PIXELS = None
    try:
        with Image.open(file, formats=("GIF", "JPEG", "PNG", "TIFF", "WEBP")) as picture:
            if picture.width * picture.height <= UNPACKED_WHOLE or picture.format == "JPEG":
                picture.draft("RGB", (picture.width // 8, picture.height // 8))  # of a JPEG all is read, not all drawn
                picture.load()
    except Exception as error:
        _tell(error)


def open_heic(file: IO[bytes]) -> None:
    from PIL import Image  # as above

    try:
        with Image.open(file, formats=("HEIF",)) as picture:
            tell(width=picture.width, height=picture.height)
    except Exception as error:
        _tell(error)


def open_drawing(file: IO[bytes]) -> None:
    from defusedxml import DefusedXmlException  # as above
    from defusedxml.ElementTree import iterparse  # as above

    try:
        for _, element in iterparse(file):
            element.clear()
    except DefusedXmlException:
        tell(closed="bomb")
    except Exception as error:
        _tell(error)


def open_office(file: IO[bytes]) -> None:
    from .office import WORDS_IN  # as above

    try:
        with zipfile.ZipFile(file) as archive:
            for name in {"word/document.xml", "xl/workbook.xml", *WORDS_IN} & set(archive.namelist()):
                with archive.open(name) as part:
                    part.read(MOST_READ)  # its checksum is asked at its end
    except Exception as error:
        _tell(error)
