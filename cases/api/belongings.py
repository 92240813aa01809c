"""What belongs to an application, in BOPS v2's shapes: documents, comments, types."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Count
from django.urls import reverse
from ninja import Schema
from pydantic import Field

from accounts.public_address import public_url
from cases.models import ApplicationType, Comment, Document, DocumentType, PlanningApplication
from cases.statuses import PUBLIC_SENTIMENTS, Sentiment, Status

from .asking import PageAsked
from .legacy import ApplicationOut, Coded
from .paging import Pagination, page_of, pagination
from .times import Instant, day_as_instant, instant


class FileMetadataOut(Schema):
    byteSize: int | None
    contentType: str


class FileOut(Schema):
    id: int
    name: str
    referencesInDocument: list[str]
    url: str
    type: list[Coded]
    createdAt: Instant
    applicantDescription: str | None
    metadata: FileMetadataOut


class CountOut(Schema):
    results: int = Field(ge=0)
    totalResults: int = Field(ge=0)


class NoticeOut(Schema):
    name: str = Field(examples=["decision-notice-26-00107-HAPP.pdf"])
    url: str


class DocumentsOut(Schema):
    application: ApplicationOut
    files: list[FileOut]
    metadata: CountOut
    decisionNotice: NoticeOut | None = Field(None, description="Once the decision is issued; left out before.")


class CommentOut(Schema):
    id: int
    sentiment: str
    name: str
    organisation: str
    address: str
    email: str
    phone: str
    topics: list[str]
    comment: str
    commentRedacted: str | None
    receivedAt: Instant
    publishedAt: Instant | None


class CommentSummaryOut(Schema):
    totalComments: int = Field(ge=0)
    sentiment: dict[str, int]


class CommentsOut(Schema):
    pagination: Pagination
    summary: CommentSummaryOut
    comments: list[CommentOut]


# Consultees answer in other words than the public; for one that is neither for nor against there is none.
SPECIALIST_WORDS = {
    Sentiment.SUPPORTIVE.value: "approved",
    Sentiment.AMENDMENTS.value: "amendmentsNeeded",
    Sentiment.OBJECTION.value: "objected",
}


def documents_of(
    files: Iterable[tuple[Document, str]], *, application: dict[str, Any], notice: dict[str, str] | None
) -> dict[str, Any]:
    """Documents with the address of each, in the shape of `DocumentsOut`."""
    files = list(files)
    labels = dict(DocumentType.objects.values_list("code", "label")) if files else {}
    shown = [_file(document, address, labels) for document, address in files]
    return {
        "application": application,
        "files": shown,
        "metadata": {"results": len(shown), "totalResults": len(shown)},
        **({"decisionNotice": notice} if notice else {}),
    }


def _file(document: Document, address: str, labels: dict[str, str]) -> dict[str, Any]:
    return {
        "id": document.pk,
        "name": document.title,
        "referencesInDocument": [document.drawing_number] if document.drawing_number else [],
        "url": address,
        "type": [{"value": code, "description": labels.get(code, code)} for code in document.types],
        "createdAt": instant(document.created_at),
        "applicantDescription": None,
        "metadata": {"byteSize": document.public_size, "contentType": document.public_mime_type},
    }


def issued_notice_of(application: PlanningApplication) -> dict[str, str] | None:
    """Where the newest version of the decision notice lies; None before one is issued."""
    # Through the application's own accessor: notices stand above this package.
    issued = application.issued_notices.order_by("-version").values_list("version", flat=True)
    version = issued.first() if application.status == Status.DETERMINED else None
    if version is None:
        return None
    path = reverse("issued_notice_pdf", args=[application.reference, version])
    return {
        "name": f"decision-notice-{application.reference}.pdf",
        "url": public_url(application.authority, path),
    }


def comments_of(case: PlanningApplication, kind: str, asked: PageAsked) -> dict[str, Any]:
    """All comments of one kind, for those who may read the case, in the shape of `CommentsOut`."""
    comments = Comment.objects.filter(application=case, kind=kind)
    page = page_of(comments.order_by("-received_on", "-pk"), asked.page, asked.length)
    return {
        "pagination": pagination(page, available=page.total),
        "summary": summary(comments, kind),
        "comments": [_comment(comment) for comment in page.rows],
    }


def summary(comments: Any, kind: str) -> dict[str, Any]:
    """How many comments of the kind say what, in the words that are theirs."""
    counts = dict(comments.order_by().values_list("sentiment").annotate(Count("pk")))
    if kind == Comment.Kind.PUBLIC:
        said = {sentiment.value: counts.get(sentiment.value, 0) for sentiment in PUBLIC_SENTIMENTS}
    else:
        said = {word: counts.get(sentiment, 0) for sentiment, word in SPECIALIST_WORDS.items()}
    return {"totalComments": sum(counts.values()), "sentiment": said}


def sentiment_word(comment: Comment) -> str:
    if comment.kind == Comment.Kind.PUBLIC:
        return comment.sentiment
    return SPECIALIST_WORDS.get(comment.sentiment, comment.sentiment)


def _comment(comment: Comment) -> dict[str, Any]:
    return {
        "id": comment.pk,
        "sentiment": sentiment_word(comment),
        "name": comment.name,
        "organisation": comment.organisation,
        "address": comment.address,
        "email": comment.email,
        "phone": comment.phone,
        "topics": comment.topics,
        "comment": comment.text,
        "commentRedacted": comment.redacted_text or None,
        "receivedAt": day_as_instant(comment.received_on),
        "publishedAt": instant(comment.published_at),
    }


def types_in_use() -> list[dict[str, str]]:
    types = ApplicationType.objects.filter(is_active=True).order_by("name")
    return [{"code": row.code, "name": row.name, "suffix": row.suffix} for row in types]
