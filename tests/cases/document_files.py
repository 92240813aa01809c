"""Documents of a case as the background leaves them: with pages, previews and words, without running it."""

from datetime import date
from typing import Any

from django.core.files.base import ContentFile

from cases.files.types import PDF
from cases.models import Document, DocumentPage, PlanningApplication
from tests.cases import files


def make_document(
    application: PlanningApplication, title: str = "Site plan", *, pages: list[str] | None = None, **fields: Any
) -> Document:
    """A document with a file; `pages` are the words of its pages, each with a preview. Safe and looked through."""
    is_pdf = fields.get("mime_type", PDF) == PDF
    content = fields.pop("content", None) or (files.pdf() if is_pdf else files.image("JPEG"))
    document = Document.objects.create(
        **{
            "application": application,
            "title": title,
            "received_on": date(2026, 6, 1),
            "mime_type": PDF,
            "size": len(content),
            "sha256": "0" * 64,
            "active_content": [],
            "original_name": f"{title}.pdf",
            "file": ContentFile(content, name="file.pdf"),
            **fields,
        }
    )
    for number, text in enumerate(pages or [], 1):
        page = DocumentPage(document=document, number=number, width=595, height=842, text=text)
        page.preview = page.preview.storage.save("page.jpg", ContentFile(files.image("JPEG")))
        page.save()
    if pages:
        Document.objects.filter(pk=document.pk).update(page_count=len(pages), prepared_at=document.created_at)
        document.refresh_from_db()
    return document
