"""Something that the public can see happens to an application: the event, and what there then is to read."""

from datetime import date, datetime

from django.utils import timezone

from cases import timeline
from cases.models import CaseEvent, Comment, Document, PlanningApplication
from cases.statuses import PublicStatus, Sentiment


def happens(application: PlanningApplication, kind: str, at: datetime, **data) -> CaseEvent:
    if not data and kind == "documents_published":
        data = {"status": PublicStatus.PUBLISH, "documents": [published_document(application).pk]}
    elif not data and kind == "comment_published":
        data = {"comments": [published_comment(application).pk]}
    return timeline.record(application, kind, by=None, at=at, **data)


def published_document(application: PlanningApplication) -> Document:
    return Document.objects.create(
        application=application,
        title="Site plan",
        received_on=date(2026, 6, 1),
        file="x.pdf",
        public_status=PublicStatus.PUBLISH,
    )


def published_comment(application: PlanningApplication) -> Comment:
    return Comment.objects.create(
        application=application,
        sentiment=Sentiment.OBJECTION,
        name="Ann",
        text="Too high",
        redacted_text="Too high",
        received_on=date(2026, 6, 10),
        published_at=timezone.now(),
    )
