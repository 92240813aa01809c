"""Files that somebody might send to do harm, made when they are asked for. None of them does anything here."""

import io
import zipfile
import zlib

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
