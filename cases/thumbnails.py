"""Small pictures of documents, and how many pages they have. Made in the background: files may be hostile or huge."""

import io
import logging
from typing import IO

import pypdfium2
from django.core.files.base import ContentFile
from django_tasks import task
from PIL import Image, ImageOps

from .file_types import IMAGES, PDF
from .models import Document

logger = logging.getLogger(__name__)

WIDTH, HEIGHT = 400, 566  # pixels; A4 upright
MAX_PIXELS = 120_000_000  # of the picture that comes; a scanned A0 plan at 300 dpi has 140 million, A1 has 70
MAX_PAGES = 20_000


@task(queue_name="documents")
def prepare_document(document_id: int) -> None:
    """Count the pages of a document and draw its first page. Whatever cannot be drawn is left without a picture."""
    document = Document.objects.with_file().filter(pk=document_id, thumbnail="").first()
    if document is None or document.mime_type not in {PDF, *IMAGES}:
        return
    with document.file.open("rb") as file:
        try:
            pages, picture = _pdf(file) if document.mime_type == PDF else _image(file)
        except Exception as error:
            logger.info("No thumbnail of document %s: %s", document.pk, type(error).__name__)
            return
    stored = document.thumbnail.storage.save(
        document.thumbnail.field.generate_filename(document, "thumbnail.jpg"), ContentFile(picture)
    )
    changed = Document.objects.filter(pk=document.pk, thumbnail="").update(thumbnail=stored, page_count=pages)
    if not changed:
        document.thumbnail.storage.delete(stored)


def _pdf(file: IO[bytes]) -> tuple[int | None, bytes]:
    pdf = pypdfium2.PdfDocument(file)
    try:
        pages = len(pdf)
        page = pdf[0]
        width, height = page.get_size()
        scale = min(WIDTH / max(width, 1), HEIGHT / max(height, 1))
        picture = page.render(scale=scale).to_pil()
    finally:
        pdf.close()
    return (pages if pages <= MAX_PAGES else None), _as_jpeg(picture)


def _image(file: IO[bytes]) -> tuple[int, bytes]:
    with Image.open(file) as picture:
        if picture.width * picture.height > MAX_PIXELS:
            raise ValueError("too many pixels")
        pages = min(getattr(picture, "n_frames", 1), MAX_PAGES)
        picture.draft("RGB", (WIDTH * 2, HEIGHT * 2))
        picture.thumbnail((WIDTH, HEIGHT))
        return pages, _as_jpeg(ImageOps.exif_transpose(picture))


def _as_jpeg(picture: Image.Image) -> bytes:
    """On white, and without what cameras write beside the picture (place, time, serial number)."""
    canvas = Image.new("RGB", picture.size, "white")
    rgba = picture.convert("RGBA")
    canvas.paste(rgba, mask=rgba.getchannel("A"))
    out = io.BytesIO()
    canvas.save(out, "JPEG", quality=80, optimize=True)
    return out.getvalue()
