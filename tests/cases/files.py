"""Small real files of every kind, made when they are asked for."""

import io
import zipfile

from PIL import Image


def pdf(*, pages: int = 1, words: str = "Plan") -> bytes:
    """A PDF with a cross-reference table, as drawing programs write it."""
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>"]
    kids = " ".join(f"{3 + 2 * n} 0 R" for n in range(pages))
    objects.append(f"<< /Type /Pages /Count {pages} /Kids [{kids}] >>".encode())
    for n in range(pages):
        stream = f"BT /F1 24 Tf 72 700 Td ({words} {n + 1}) Tj ET".encode()
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {4 + 2 * n} 0 R "
            "/Resources << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>".encode()
        )
        objects.append(f"<< /Length {len(stream)} >>\nstream\n".encode() + stream + b"\nendstream")
    out, places = bytearray(b"%PDF-1.4\n"), []
    for number, content in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n".encode() + content + b"\nendobj\n"
    table = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{place:010d} 00000 n \n".encode() for place in places)
    out += f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n".encode()
    return bytes(out)


def image(kind: str = "PNG", *, size: tuple[int, int] = (60, 40), colour: str = "steelblue") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, kind)
    return out.getvalue()


def office(*members: str, mark: str = "") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        if mark:
            archive.writestr("mimetype", mark)
        for member in members:
            archive.writestr(member, "<x/>")
    return out.getvalue()


def docx() -> bytes:
    return office("[Content_Types].xml", "word/document.xml")


def xlsx() -> bytes:
    return office("[Content_Types].xml", "xl/workbook.xml")


def looked_through(*documents) -> None:
    """As the background leaves documents in which nothing can run: only such are shown in a browser and published."""
    for document in documents:
        document.active_content = []
        document.save(update_fields=["active_content"])
