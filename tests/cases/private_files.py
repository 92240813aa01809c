"""Files that tell more than is to be seen of them: where, by whom and with what they were made."""

import io
import zipfile

import pypdf
from PIL import Image, TiffImagePlugin
from PIL.PngImagePlugin import PngInfo
from pypdf.generic import ArrayObject, DecodedStreamObject, DictionaryObject, NameObject, NumberObject, TextStringObject

from tests.cases import files

AUTHOR, OWN_NAME, XMP = "Jo Sample", "Jo back garden IMG 2034", "Taken by Jo Sample"
# As text, as EXIF packs the seconds of the position, and as PDF writes text in two bytes a letter.
MARKS = (
    b"Jo Sample",
    b"back garden",
    b"GPS",
    (7651).to_bytes(4, "big"),
    (7651).to_bytes(4, "little"),
    "Jo Sample".encode("utf-16-be"),
)
XMP_PACKET = f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><a>{XMP}</a></x:xmpmeta>'.encode()


def exif(*, held: int = 1) -> Image.Exif:
    """As a telephone writes it: who, what for, how it was held, and where."""
    found = Image.Exif()
    found[0x010E], found[0x013B], found[0x0112] = OWN_NAME, AUTHOR, held
    seconds = TiffImagePlugin.IFDRational(7651, 200)
    found.get_ifd(0x8825).update({1: "N", 2: (51.0, 28.0, seconds), 3: "W", 4: (0.0, 7.0, 5.0)})
    return found


def photograph(kind: str = "JPEG", *, held: int = 1, size: tuple[int, int] = (64, 40)) -> bytes:
    """Red at the left, blue at the right, as the camera has it before it is turned."""
    picture = Image.new("RGB", size, "blue")
    picture.paste("red", (0, 0, size[0] // 2, size[1]))
    out, more = io.BytesIO(), {}
    if kind == "JPEG":
        more = {"exif": exif(held=held), "xmp": XMP_PACKET, "comment": AUTHOR.encode(), "quality": 95}
    elif kind == "PNG":
        words = PngInfo()
        words.add_text("Author", AUTHOR)
        words.add_itxt("XML:com.adobe.xmp", XMP_PACKET.decode())
        more = {"exif": exif(held=held), "pnginfo": words}
    elif kind == "WEBP":
        more = {"exif": exif(held=held), "xmp": XMP_PACKET, "lossless": True}
    elif kind == "GIF":
        more = {"comment": AUTHOR.encode()}
    elif kind == "TIFF":
        more = {"exif": exif(), "tiffinfo": {270: OWN_NAME, 315: AUTHOR, 700: XMP_PACKET}}
    picture.save(out, kind, **more)
    # Telephones hang a film with its own position behind the picture.
    return out.getvalue() + (b"film of Jo Sample at GPS" if kind == "JPEG" else b"")


def heic(*, size: tuple[int, int] = (64, 40)) -> bytes:
    import pillow_heif

    picture = Image.new("RGB", size, "blue")
    picture.paste("red", (0, 0, size[0] // 2, size[1]))
    written = pillow_heif.from_pillow(picture)
    out = io.BytesIO()
    written.save(out, quality=90, exif=exif().tobytes(), xmp=XMP_PACKET)
    return out.getvalue()


def pdf() -> bytes:
    """A plan whose file says who drew it, with a photograph that says where it was taken, and a remark by name."""
    writer = pypdf.PdfWriter(io.BytesIO(files.pdf(pages=2)))
    writer.add_metadata({"/Author": AUTHOR, "/Title": OWN_NAME, "/Creator": "Jo Sample's computer"})
    packet = DecodedStreamObject()
    packet.set_data(XMP_PACKET)
    packet.update({NameObject("/Type"): NameObject("/Metadata"), NameObject("/Subtype"): NameObject("/XML")})
    writer._root_object[NameObject("/Metadata")] = writer._add_object(packet)
    page = writer.pages[0]
    picture = DecodedStreamObject()
    picture.set_data(photograph())
    picture.update(
        {
            NameObject("/Type"): NameObject("/XObject"),
            NameObject("/Subtype"): NameObject("/Image"),
            NameObject("/Width"): NumberObject(64),
            NameObject("/Height"): NumberObject(40),
            NameObject("/ColorSpace"): NameObject("/DeviceRGB"),
            NameObject("/BitsPerComponent"): NumberObject(8),
            NameObject("/Filter"): NameObject("/DCTDecode"),
        }
    )
    page["/Resources"][NameObject("/XObject")] = DictionaryObject({NameObject("/Im1"): writer._add_object(picture)})
    page[NameObject("/PieceInfo")] = DictionaryObject({NameObject("/Who"): TextStringObject(AUTHOR)})
    drawing = DecodedStreamObject()
    drawing.set_data(page.get_contents().get_data() + b"\nq 200 0 0 100 100 300 cm /Im1 Do Q")
    page[NameObject("/Contents")] = writer._add_object(drawing)
    remark = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Annot"),
            NameObject("/Subtype"): NameObject("/Square"),
            NameObject("/Rect"): ArrayObject([NumberObject(n) for n in (10, 10, 60, 60)]),
            NameObject("/T"): TextStringObject(AUTHOR),
            NameObject("/Contents"): TextStringObject("Too high"),
        }
    )
    page[NameObject("/Annots")] = ArrayObject([writer._add_object(remark)])
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def docx() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(
            "word/document.xml",
            f'<w:p xmlns:w="w"><w:ins w:author="{AUTHOR}"><w:t>Planning statement</w:t></w:ins></w:p>',
        )
        archive.writestr("docProps/core.xml", f"<x><creator>{AUTHOR}</creator><title>{OWN_NAME}</title></x>")
        archive.writestr("docProps/thumbnail.jpeg", photograph())
        archive.writestr("word/media/image1.jpg", photograph())
        archive.writestr("word/media/image2.jpg", two_in_one())
        archive.writestr("word/embeddings/Microsoft_Excel_Sheet.xlsx", table())  # of a chart
        archive.writestr("word/_rels/document.xml.rels", LINKS)
    return out.getvalue()


LINKS = f"""<Relationships xmlns="r"><Relationship Id="rId1" Type="t/hyperlink" TargetMode="External"
 Target="file:///C:\\Users\\{AUTHOR}\\fees.xlsx"/><Relationship Id="rId2" Target="media/image1.jpg" Type="t/image"/>
<Relationship Id="rId3" Type="t/hyperlink" Target="https://www.example.com/policy/7.html" TargetMode="External"/>
</Relationships>"""


def table() -> bytes:
    """A workbook as programs of .NET write it, linked with another one on the author's disk."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("package/services/metadata/core-properties/1f.psmdcp", f"<x><creator>{AUTHOR}</creator></x>")
        archive.writestr("docProps/core.xml", f"<x><creator>{AUTHOR}</creator></x>")
        archive.writestr("xl/externalLinks/_rels/externalLink1.xml.rels", LINKS)
        archive.writestr("xl/revisions/revisionHeaders.xml", f'<headers><header userName="{AUTHOR}"/></headers>')
        archive.writestr("Object 1/meta.xml", f"<meta:initial-creator>{AUTHOR}</meta:initial-creator>")
    return out.getvalue()


def two_in_one(*, held: int = 1) -> bytes:
    """As telephones store a photograph with its depth, or with more light: two pictures in one JPEG."""
    picture, out = Image.radial_gradient("L").resize((64, 40)).convert("RGB"), io.BytesIO()
    picture.save(out, "MPO", save_all=True, append_images=[picture], exif=exif(held=held), quality=95)
    return out.getvalue()


def unpacked(content: bytes) -> bytes:
    """The bytes as they lie there, and what is packed inside."""
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return content + b"".join(name.encode() + unpacked(archive.read(name)) for name in archive.namelist())
    if content.startswith(b"%PDF"):
        reader = pypdf.PdfReader(io.BytesIO(content))
        return content + str(reader.metadata).encode()
    return content


def told(content: bytes) -> list[bytes]:
    """Which of the marks are in the file."""
    inside = unpacked(content)
    return [mark for mark in MARKS if mark in inside]
