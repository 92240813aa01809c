"""A PDF written anew of what its pages need: as sharp, searchable and tagged as it was, and nothing that nobody sees.

Objects are followed from the catalogue on, cleaned, and written under their own numbers, one after the other: what
nobody refers to any more (who wrote it and with what, earlier versions, attachments, programs) is not written.
"""

import zlib
from collections.abc import Iterator
from typing import IO, Any

import pypdf
import pypdfium2
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    IndirectObject,
    NameObject,
    NullObject,
    StreamObject,
    TextStringObject,
)

from .photographs import NotThatKind, stripped_jpeg

GONE = {
    "/Metadata", "/PieceInfo", "/LastModified", "/CreatorInfo", "/Thumb", "/AF", "/EmbeddedFiles", "/Collection",
    "/JavaScript", "/JS", "/AA", "/OpenAction", "/XFA", "/Perms", "/Legal", "/SpiderInfo",
}  # fmt: skip
# Dictionaries whose keys are names that the file has made up.
NAMES_IN = {"/Font", "/XObject", "/ExtGState", "/ColorSpace", "/Pattern", "/Shading", "/Properties", "/CharProcs"}
ANNOTATED_BY = ("/T", "/NM", "/M", "/CreationDate")  # whose remark it is, and when
KEPT_OBJECTS = 500
LARGE = 1024 * 1024


class NotWritten(ValueError):
    """The PDF could not be written anew."""


def clean_pdf(source: IO[bytes], out: IO[bytes], *, title: str) -> None:
    """Write the copy; `title` is what readers announce. Raises NotWritten, and what pypdf raises of a damaged one."""
    reader = pypdf.PdfReader(source, strict=False)
    if reader.is_encrypted and not reader.decrypt(""):
        raise NotWritten("It needs a password.")
    root = reader.trailer.raw_get("/Root")
    if not isinstance(root, IndirectObject):
        raise NotWritten("It has no catalogue.")
    out.write(reader.pdf_header.encode("latin-1", "replace")[:8] + b"\n%\xe2\xe3\xcf\xd3\n")
    places = _write_objects(reader, root, out)
    last = max(places)
    info = DictionaryObject({NameObject("/Title"): TextStringObject(title)})
    places[last + 1] = (0, _write_object(out, last + 1, 0, info))
    _write_table(out, places, root=root, info=last + 1)
    _prove(source, out)


def _write_objects(reader: pypdf.PdfReader, root: IndirectObject, out: IO[bytes]) -> dict[int, tuple[int, int]]:
    """number → (generation, where it lies)."""
    places: dict[int, tuple[int, int]] = {}
    waiting = [(root.idnum, root.generation, False)]
    while waiting:
        number, generation, has_own_names = waiting.pop()
        if number in places:
            continue
        obj = reader.get_object(IndirectObject(number, generation, reader))
        obj = NullObject() if obj is None else obj
        _clean(obj, has_own_names)
        waiting += _referred_to(obj, has_own_names)
        places[number] = (generation, _write_object(out, number, generation, obj))
        if len(reader.resolved_objects) > KEPT_OBJECTS or len(getattr(obj, "_data", b"")) > LARGE:
            reader.resolved_objects.clear()
    return places


def _clean(obj: Any, has_own_names: bool = False) -> None:
    """Take out of an object, and of those inside it, what nobody sees."""
    if isinstance(obj, ArrayObject):
        for value in obj:
            _clean(value)
    if not isinstance(obj, DictionaryObject):
        return
    if not has_own_names:
        _clean_dictionary(obj)
    for key, value in obj.items():
        _clean(value, key in NAMES_IN and not has_own_names)
    if isinstance(obj, StreamObject):
        _clean_picture(obj)


def _clean_dictionary(obj: DictionaryObject) -> None:
    for key in GONE & obj.keys():
        del obj[key]
    if "/Rect" in obj and obj.get("/Subtype") not in ("/Widget", "/Link"):
        for key in ANNOTATED_BY:
            obj.pop(key, None)
    if obj.get("/FT") == "/Sig":  # the certificate names who signed; what is drawn of it stays
        obj.pop("/V", None)


def _clean_picture(stream: StreamObject) -> None:
    """A photograph inside a page is a JPEG with all that its camera wrote into it."""
    kinds = stream.get("/Filter")
    filters = [str(kind) for kind in kinds] if isinstance(kinds, ArrayObject) else [str(kinds)]
    data = stream._data
    if filters == ["/FlateDecode", "/DCTDecode"]:
        data = zlib.decompress(data)
    elif filters != ["/DCTDecode"]:
        return
    try:
        stream._data = b"".join(stripped_jpeg(data))
    except NotThatKind as error:
        raise NotWritten("A photograph in it is damaged.") from error
    stream[NameObject("/Filter")] = NameObject("/DCTDecode")
    if len(filters) > 1:
        stream.pop("/DecodeParms", None)


def _referred_to(obj: Any, has_own_names: bool = False) -> Iterator[tuple[int, int, bool]]:
    if isinstance(obj, IndirectObject):
        yield obj.idnum, obj.generation, has_own_names
    elif isinstance(obj, ArrayObject):
        for value in obj:
            yield from _referred_to(value)
    elif isinstance(obj, DictionaryObject):
        for key in obj:
            yield from _referred_to(obj.raw_get(key), key in NAMES_IN and not has_own_names)


def _write_object(out: IO[bytes], number: int, generation: int, obj: Any) -> int:
    place = out.tell()
    out.write(b"%d %d obj\n" % (number, generation))
    obj.write_to_stream(out)
    out.write(b"\nendobj\n")
    return place


def _write_table(out: IO[bytes], places: dict[int, tuple[int, int]], *, root: IndirectObject, info: int) -> None:
    table = out.tell()
    out.write(b"xref\n0 1\n0000000000 65535 f \n")
    for number, (generation, place) in sorted(places.items()):
        out.write(b"%d 1\n%010d %05d n \n" % (number, place, generation))
    out.write(
        b"trailer\n<< /Size %d /Root %d %d R /Info %d 0 R >>\nstartxref\n%d\n%%%%EOF\n"
        % (info + 1, root.idnum, root.generation, info, table)
    )
    out.flush()


def _prove(source: IO[bytes], out: IO[bytes]) -> None:
    """Raise NotWritten unless the copy opens and has as many pages: readers of PDF differ in what they can mend."""
    try:
        counts = [_pages(source), _pages(out)]
    except pypdfium2.PdfiumError as error:
        raise NotWritten("The copy does not open.") from error
    if counts[0] != counts[1]:
        raise NotWritten("The copy has not the same pages.")


def _pages(file: IO[bytes]) -> int:
    file.seek(0)
    pdf = pypdfium2.PdfDocument(file)
    try:
        return len(pdf)
    finally:
        pdf.close()
