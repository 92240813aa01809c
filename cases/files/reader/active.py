"""What in a PDF could run or open something when somebody looks at it.

Three looks, since readers of PDF differ in what they find in a damaged file: every object that the file's own tables
name, the names in its bytes as they lie there, and what PDFium (and so Chromium) makes of it.
"""

import re
from collections.abc import Iterator
from typing import IO, Any

import pypdf
import pypdfium2
import pypdfium2.raw as pdfium
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject

from .telling import tell

ACTIONS = {
    "/JavaScript": "JavaScript",
    "/Launch": "Launch",
    "/SubmitForm": "SubmitForm",
    "/ImportData": "ImportData",
    "/GoToE": "EmbeddedFiles",
    "/Rendition": "RichMedia",
    "/RichMediaExecute": "RichMedia",
}
KEYS = {
    "/JS": "JavaScript",
    "/JavaScript": "JavaScript",
    "/XFA": "XFA",
    "/EmbeddedFiles": "EmbeddedFiles",
    "/EF": "EmbeddedFiles",
    "/RichMediaContent": "RichMedia",
}
SUBTYPES = {
    "/RichMedia": "RichMedia",
    "/Movie": "RichMedia",
    "/Sound": "RichMedia",
    "/Screen": "RichMedia",
    "/3D": "RichMedia",
    "/FileAttachment": "EmbeddedFiles",
}
# What may happen unasked. Not /URI, /GoToR and /Thread: they fetch from elsewhere, and tell there who reads the file.
HARMLESS_ACTIONS = {"/GoTo", "/Named", "/Hide", "/SetOCGState", "/ResetForm", "/Trans"}
# Long enough not to occur by chance in the bytes of a picture.
IN_BYTES = re.compile(rb"/(JavaScript|Launch|EmbeddedFiles|RichMedia|SubmitForm|ImportData)(?![A-Za-z0-9])")
ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")
CHUNK_BYTES = 1024 * 1024
KEPT_OBJECTS = 500
A_WORD_EVERY = 5_000  # objects
MAX_DEPTH = 60


def look(file: IO[bytes], scratch: IO[bytes]) -> None:
    """Say what is in the PDF: words of preparing/active_content.py. `scratch`: room for the decrypted file."""
    found: set[str] = set()
    try:
        pdf = pypdfium2.PdfDocument(file)
    except pypdfium2.PdfiumError as error:
        tell(active=["password" if "password" in str(error).lower() else "damaged"])
        return
    found.update(_in_pdfium(pdf))
    if pdfium.FPDF_GetSecurityHandlerRevision(pdf) != -1:
        pdf.save(scratch, flags=pdfium.FPDF_REMOVE_SECURITY)
        file = scratch
    pdf.close()
    found.update(_in_bytes(file))
    found.update(_in_objects(file))
    tell(active=sorted(found))


def _in_pdfium(pdf: pypdfium2.PdfDocument) -> Iterator[str]:
    if pdfium.FPDFDoc_GetJavaScriptActionCount(pdf) > 0:
        yield "JavaScript"
    if pdfium.FPDFDoc_GetAttachmentCount(pdf) > 0:
        yield "EmbeddedFiles"
    if pdf.get_formtype() in (pdfium.FORMTYPE_XFA_FULL, pdfium.FORMTYPE_XFA_FOREGROUND):
        yield "XFA"


def _in_bytes(file: IO[bytes]) -> Iterator[str]:
    file.seek(0)
    before = b""
    while chunk := file.read(CHUNK_BYTES):
        plain = ESCAPED.sub(lambda match: bytes([int(match[1], 16)]), before + chunk)
        for match in IN_BYTES.finditer(plain):
            yield match[1].decode()
        before = chunk[-80:]


def _in_objects(file: IO[bytes]) -> set[str]:
    found: set[str] = set()
    file.seek(0)
    reader = pypdf.PdfReader(file, strict=False)
    numbers = {(number, generation) for generation, table in reader.xref.items() for number in table}
    numbers |= {(number, 0) for number in reader.xref_objStm}
    for place, (number, generation) in enumerate(sorted(numbers)):
        if place % A_WORD_EVERY == 0:
            tell(looked_at=place)  # who listens gives up on a process that says nothing
        try:
            obj = reader.get_object(IndirectObject(number, generation, reader))
            found.update(_in_object(obj, reader))
        except Exception:  # noqa: S112 - one broken object; the other two looks do not need the tables
            continue
        finally:
            if len(reader.resolved_objects) > KEPT_OBJECTS or _is_large(locals().get("obj")):
                reader.resolved_objects.clear()
    found.update(_in_object(reader.trailer, reader))
    return found


def _is_large(obj: Any) -> bool:
    return len(getattr(obj, "_data", b"")) > CHUNK_BYTES


def _in_object(obj: Any, reader: pypdf.PdfReader, depth: int = 0) -> Iterator[str]:
    """What one object holds, without following its references: they are objects of the tables themselves."""
    if depth > MAX_DEPTH:
        yield "damaged"
    elif isinstance(obj, DictionaryObject):
        yield from _in_dictionary(obj)
        for value in obj.values():
            yield from _in_object(value, reader, depth + 1)
    elif isinstance(obj, ArrayObject):
        for value in obj:
            yield from _in_object(value, reader, depth + 1)


def _in_dictionary(obj: DictionaryObject) -> Iterator[str]:
    for key, word in KEYS.items():
        if key in obj:
            yield word
    if (action := ACTIONS.get(str(obj.get("/S")))) is not None:
        yield action
    if (kind := SUBTYPES.get(str(obj.get("/Subtype")))) is not None:
        yield kind
    if _acts(_resolved(obj.get("/OpenAction"))):
        yield "OpenAction"
    triggers = _resolved(obj.get("/AA"))
    if isinstance(triggers, DictionaryObject) and any(_acts(_resolved(triggers.get(key))) for key in triggers):
        yield "AA"


def _resolved(obj: Any) -> Any:
    return obj.get_object() if isinstance(obj, IndirectObject) else obj


def _acts(action: Any) -> bool:
    """Whether an action, or one that follows it, does anything but go to a place in the file."""
    for _ in range(MAX_DEPTH):
        if not isinstance(action, DictionaryObject):
            return False
        if str(_resolved(action.get("/S"))) not in HARMLESS_ACTIONS:
            return True
        action = _resolved(action.get("/Next"))
        if isinstance(action, ArrayObject):
            return True  # nobody makes a list of them in good faith
    return True
