"""Word, Excel and OpenDocument files without who wrote them, when, where they lay and what their pictures tell."""

import io
import re
import zipfile
from collections.abc import Callable
from typing import IO

from .photographs import NotThatKind, clean_picture
from .tiffs import clean_tiff

_XML = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_OPENXML = b"http://schemas.openxmlformats.org"
# Parts that other parts refer to must be there; these say nothing.
EMPTY = {
    "docProps/core.xml": _XML + b'<cp:coreProperties xmlns:cp="%s/package/2006/metadata/core-properties"/>' % _OPENXML,
    "docProps/app.xml": _XML + b'<Properties xmlns="%s/officeDocument/2006/extended-properties"/>' % _OPENXML,
    "docProps/custom.xml": _XML + b'<Properties xmlns="%s/officeDocument/2006/custom-properties"/>' % _OPENXML,
    "meta.xml": _XML + b'<office:document-meta xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    b'office:version="1.2"><office:meta/></office:document-meta>',
}
# What says so under a name of the program's own (.NET), and of tables within a text (OpenDocument).
CORE_ENDS, META_ENDS = ".psmdcp", "/meta.xml"
THUMBNAILS = ("docProps/thumbnail", "Thumbnails/")
REFERENCES = ("_rels/.rels", "META-INF/manifest.xml")
TO_A_THUMBNAIL = re.compile(rb"<(?:Relationship|manifest:file-entry)\b[^>]*(?:docProps/thumbnail|Thumbnails/)[^>]*/>")
# Whose remark or change it is.
WRITTEN_BY = (
    (re.compile(rb'(\b(?:w\d*|w\d+\w*):(?:author|initials|userId|providerId)=")[^"]*'), rb"\1"),
    (re.compile(rb"(<author\b[^>]*>)[^<]*(</author>)"), rb"\1\2"),
    (re.compile(rb"(<dc:creator\b[^>]*>)[^<]*(</dc:creator>)"), rb"\1\2"),
    (re.compile(rb"(<x15ac:absPath\b[^>]*?\burl=\")[^\"]*"), rb"\1"),
    (re.compile(rb'(<(?:fileSharing|header)\b[^>]*?\buserName=")[^"]*'), rb"\1"),
)
# A file on somebody's own disk is called by its name alone; what lies on the web stays where it is.
LINK = re.compile(rb"<Relationship\b[^>]*\bTargetMode=[\"']External[\"'][^>]*>")
ON_A_DISK = re.compile(rb"""(\bTarget=["'])(?!https?:|mailto:|tel:)[^"']*(?:[\\/]|%5C|%2F)""", re.IGNORECASE)
OF_A_PERSON = re.compile(rb'(\b(?:displayName|userId|providerId)=")[^"]*')
PICTURES = (".jpg", ".jpeg", ".png", ".gif", ".webp")
MOST_UNPACKED = 200 * 1024 * 1024  # bytes of a part


def clean_office_file(source: IO[bytes], out: IO[bytes]) -> None:
    """Write the file part by part. Raises NotThatKind, zipfile.BadZipFile."""
    with zipfile.ZipFile(source) as archive, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as copy:
        for member in archive.infolist():
            if member.is_dir() or member.filename.startswith(THUMBNAILS):
                continue
            if member.file_size > MOST_UNPACKED:
                raise NotThatKind("a part that is too large")
            packing = zipfile.ZIP_STORED if member.filename == "mimetype" else zipfile.ZIP_DEFLATED
            content = _clean(member.filename, archive.read(member))
            copy.writestr(zipfile.ZipInfo(member.filename), content, packing)  # dated 1980, as all of them


def _clean(name: str, content: bytes) -> bytes:
    if name in EMPTY:
        return EMPTY[name]
    if name.endswith(CORE_ENDS):
        return EMPTY["docProps/core.xml"]
    if name.endswith(META_ENDS):
        return EMPTY["meta.xml"]
    if name in REFERENCES:
        content = TO_A_THUMBNAIL.sub(b"", content)
    if name.endswith(".rels"):
        return LINK.sub(lambda link: ON_A_DISK.sub(rb"\1", link[0]), content)
    if content.startswith(b"PK\x03\x04"):  # the table of a chart
        return _written(clean_office_file, content)
    if name.lower().endswith(PICTURES):
        return _written(clean_picture, content)
    if name.lower().endswith((".tif", ".tiff")):
        return _written(clean_tiff, content)
    if name.startswith("xl/persons/"):
        content = OF_A_PERSON.sub(rb"\1", content)
    if name.lower().endswith(".xml"):
        for pattern, kept in WRITTEN_BY:
            content = pattern.sub(kept, content)
    return content


def _written(clean: Callable[[IO[bytes], IO[bytes]], None], content: bytes) -> bytes:
    out = io.BytesIO()
    clean(io.BytesIO(content), out)
    return out.getvalue()
