"""Documents of an application in the Open Digital Planning API: what an officer has published, and nothing else.

The address stands as `redactedUrl`, as the published variant of the schema wants it: where a document has a redacted
copy, the copy is what is published. A document came onto the register with its application, or later when it was added.
"""

from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import Greatest
from django.http import QueryDict
from django.urls import reverse

from cases.models import Document, PlanningApplication
from cases.register.published import public_documents

from .odp_asking import days_between, in_order, text_asked, values_asked
from .odp_paging import Paging
from .odp_words import instant

_READ = (
    "title",
    "types",
    "drawing_number",
    "received_on",
    "mime_type",
    "size",
    "clean_mime_type",
    "clean_size",
    "created_at",
    "application",
)
_ORDERS = {
    "publishedAt": "public_since",
    "createdAt": "created_at",
    "submittedAt": "received_on",
    "validatedAt": "public_since",
    "name": "title",
    "id": "pk",
}


def odp_documents(application: PlanningApplication) -> QuerySet[Document]:
    since = Greatest("created_at", "application__published_at")
    return public_documents(application).only(*_READ).annotate(public_since=since)


def documents_asked(application: PlanningApplication, asked: QueryDict) -> QuerySet[Document]:
    """The published documents that fit, in the order asked for. Raises Unreadable."""
    found = odp_documents(application)
    for text in [*text_asked(asked, "name"), *text_asked(asked, "query")]:
        found = found.filter(title__icontains=text)
    for types in values_asked(asked, "type"):
        found = found.filter(types__overlap=types)
    for associations in values_asked(asked, "association"):
        found = found if "application" in associations else found.none()
    for name, column in (("publishedAt", "public_since"), ("createdAt", "created_at"), ("validatedAt", "public_since")):
        found = found.filter(days_between(asked, name, column, is_instant=True))
    found = found.filter(days_between(asked, "submittedAt", "received_on"))
    return in_order(found, asked, _ORDERS, otherwise="publishedAt")


def shown_documents(documents: list[Document], *, application: PlanningApplication, base: str) -> list[dict[str, Any]]:
    return [_shown(document, application, base) for document in documents]


def _shown(document: Document, application: PlanningApplication, base: str) -> dict[str, Any]:
    path = reverse("register_document", args=[application.reference, document.pk])
    since = instant(document.public_since)  # type: ignore[attr-defined]  # annotated in odp_documents
    shown: dict[str, Any] = {
        "id": document.pk,
        "name": document.title,
        "association": "application",
        "type": list(document.types),
        "redactedUrl": f"{base}{path}",
        "metadata": {
            "size": {"bytes": document.public_size or 0},
            "mimeType": document.public_mime_type or "application/octet-stream",
            "createdAt": instant(document.created_at),
            "submittedAt": instant(document.received_on),
            "validatedAt": since,
            "publishedAt": since,
        },
    }
    if document.drawing_number:
        shown["referencesInDocument"] = [document.drawing_number]
    return shown


def document_page(found: QuerySet[Document], paging: Paging) -> list[Document]:
    return list(found[paging.start : paging.start + paging.length]) if paging.length else []
