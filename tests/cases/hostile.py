"""Files that somebody might send to do harm, made when they are asked for. None of them does anything here."""

import io
import zipfile
import zlib

import pypdf

from tests.cases import files

# The test file of the makers of virus scanners; in two halves, so that no scanner takes this file for it.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-" + rb"ANTIVIRUS-TEST-FILE!$H+H*"


def pdf_with(catalog: str, *objects: str, page: str = "") -> bytes:
    """A PDF of one page: `catalog` and `page` are added to those dictionaries, `objects` are numbered from 5."""
    stream = b"BT /F1 24 Tf 72 700 Td (Plan) Tj ET"
    contents = [
        f"<< /Type /Catalog /Pages 2 0 R {catalog} >>".encode(),
        b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>",
        f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R {page} >>".encode(),
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        *(text.encode() for text in objects),
    ]
    out, places = bytearray(b"%PDF-1.7\n"), []
    for number, content in enumerate(contents, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(contents) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(contents) + 1, table)
    return bytes(out)


def docx_with(members: dict[str, str | bytes], *, packed: bool = True) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED) as archive:
        archive.writestr("[Content_Types].xml", "<x/>")
        for name, content in {"word/document.xml": "<x/>", **members}.items():
            archive.writestr(name, content)
    return out.getvalue()


def png_bomb(side: int = 50_000) -> bytes:
    """A few bytes that claim to be a picture of gigabytes."""
    bomb = bytearray(files.image("PNG"))
    bomb[16:24] = side.to_bytes(4, "big") * 2
    # The checksum of the header must be right, or every reader stops there.
    bomb[29:33] = zlib.crc32(bytes(bomb[12:29])).to_bytes(4, "big")
    return bytes(bomb)


def elf() -> bytes:
    """The beginning of a program for Linux."""
    return b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x02\x00\x3e\x00" + bytes(600)


def exe() -> bytes:
    """The beginning of a program for Windows."""
    return (
        b"MZ\x90\x00\x03\x00\x00\x00\x04\x00" + bytes(50) + b"\x80\x00\x00\x00" + bytes(64) + b"PE\x00\x00" + bytes(500)
    )


def zip_of(name: str = "payload.class", content: bytes = b"\xca\xfe\xba\xbe") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return out.getvalue()


def bomb_by_its_own_list() -> bytes:
    """A docx whose parts say that they unpack to 2 GB; a few kilobytes here."""
    content = bytearray(docx_with({f"word/media/{number}.bin": bytes(2000) for number in range(4)}))
    for place in _entries(content, b"word/media/"):
        content[place + 24 : place + 28] = (500 * 1024 * 1024).to_bytes(4, "little")
    return bytes(content)


def bomb_that_lies() -> bytes:
    """A docx of which a part says that it is small, and unpacks to 30 MB."""
    content = bytearray(docx_with({"word/media/1.bin": bytes(30 * 1024 * 1024)}))
    for place in _entries(content, b"word/media/"):
        content[place + 24 : place + 28] = (1000).to_bytes(4, "little")
    return bytes(content)


def bomb_inside() -> bytes:
    """A docx with a ZIP in it that unpacks to 400 MB; built without ever holding that much."""
    inner = bytearray(zip_of("zeros", bytes(1024 * 1024)))
    for place in _entries(inner, b"zeros"):
        inner[place + 24 : place + 28] = (400 * 1024 * 1024).to_bytes(4, "little")
    return docx_with({"word/media/inner.zip": bytes(inner)})


def _entries(content: bytearray, name: bytes) -> list[int]:
    """Where the list of contents speaks of parts whose name begins so."""
    places, at = [], content.find(b"PK\x01\x02")
    while at >= 0:
        if content[at + 46 : at + 46 + len(name)] == name:
            places.append(at)
        at = content.find(b"PK\x01\x02", at + 4)
    return places


def deep_pdf(depth: int = 20_000) -> bytes:
    """A PDF with lists in lists in lists, on which readers that call themselves run out of room."""
    return pdf_with("/Deep 5 0 R", "[" * depth + "]" * depth)


def pdf_in_a_circle() -> bytes:
    """A PDF whose pages are their own parents and children."""
    return pdf_with("").replace(b"/Kids [3 0 R]", b"/Kids [2 0 R]")


def encrypted(*, user: str, content: bytes = b"") -> bytes:
    """A PDF that opens with the password `user` (empty: for everybody), by RC4 with 128 bits."""
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(content or files.pdf()))
    writer.encrypt(user_password=user, owner_password="the owner's", algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def packed(action: str) -> bytes:
    """A PDF of one page whose first action is object 6, which lies packed in object 5 (PDF 1.5)."""
    inner = action.encode()
    start = pdf_with("/OpenAction 6 0 R").partition(b"xref\n")[0]
    data = zlib.compress(b"6 0 " + inner)
    places = [start.find(b"%d 0 obj" % number) for number in range(1, 5)] + [len(start)]
    stream = (
        b"5 0 obj\n<< /Type /ObjStm /N 1 /First 4 /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream\nendobj\n"
    )
    body = start + stream % (len(data), data)
    table = len(body)
    rows = b"\x00" * 7 + b"".join(b"\x01" + place.to_bytes(4, "big") + b"\x00\x00" for place in places)
    rows += b"\x02" + (5).to_bytes(4, "big") + b"\x00\x00" + b"\x01" + table.to_bytes(4, "big") + b"\x00\x00"
    xref = zlib.compress(rows)
    return body + (
        b"7 0 obj\n<< /Type /XRef /Size 8 /W [1 4 2] /Root 1 0 R /Filter /FlateDecode /Length %d >>\nstream\n%s\n"
        b"endstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % (len(xref), xref, table)
    )
