"""What the public may see. "Nothing unless listed": pages, feeds, exports and APIs all read it from here.

The querysets say which rows are public. The small frozen classes say which of their fields are: templates of the public
site get these and never a model, so that a private field cannot be shown by mistake.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Prefetch, QuerySet
from django.utils import timezone

from accounts.models import LocalAuthority
from cases.models import (
    Appeal,
    ApplicationType,
    Comment,
    Constraint,
    Document,
    DocumentType,
    Party,
    PlanningApplication,
    PreviousReference,
    reference_key,
)
from cases.statuses import CONSULTEE_SENTIMENTS, ON_THE_REGISTER, PUBLIC_SENTIMENTS, REFUSALS, Decision, Status, Topic

# Fields of the application that may leave. No officer, no answers, no ownership, no declaration, no fee details.
PUBLIC_FIELDS = (
    "reference", "application_type", "status", "description", "address", "postcode", "uprn", "ward", "parish",
    "latitude", "longitude", "boundary", "extent", "received_on", "invalidated_on", "valid_from", "validated_on",
    "statutory_expiry_on", "expires_on",
    "consultation_ends_on", "published_at", "route", "committee_on", "committee_resolution", "decision", "decided_on",
    "withdrawn_on", "closed_on", "is_eia", "parent",
)  # fmt: skip
_TYPE_FIELDS = ("code", "name", "category", "decisions", "silence_permits")


@dataclass(frozen=True)
class Words:
    """A choice of a small vocabulary that is stable for ever: `slug` for addresses and data, `words` for people."""

    slug: str
    words: str


UNDER_ASSESSMENT = Words("under-assessment", "Under assessment")
AT_COMMITTEE = Words("committee", "To be decided by committee")
DECIDED = Words("decided", "Decided")
WITHDRAWN = Words("withdrawn", "Withdrawn")
CLOSED = Words("closed", "Closed")

# What the public calls a status. Waiting for sign-off is nobody's business but the council's.
PUBLIC_STATUS = {
    Status.IN_ASSESSMENT: UNDER_ASSESSMENT,
    Status.TO_BE_REVIEWED: UNDER_ASSESSMENT,
    Status.AWAITING_DETERMINATION: UNDER_ASSESSMENT,
    Status.IN_COMMITTEE: AT_COMMITTEE,
    Status.DETERMINED: DECIDED,
    Status.WITHDRAWN: WITHDRAWN,
    Status.CLOSED: CLOSED,
}
PUBLIC_STATUSES = (UNDER_ASSESSMENT, AT_COMMITTEE, DECIDED, WITHDRAWN, CLOSED)

# Four groups of decisions to look for, whatever each type of application calls its own.
APPROVED = Words("approved", "Approved")
REFUSED = Words("refused", "Refused")
PART = Words("part", "Part approved, part refused")
OTHER = Words("other", "Other decisions")
IN_PART = frozenset({Decision.SPLIT, Decision.LDC_GRANTED_PART, Decision.DETAILS_PART})
_NEITHER = frozenset({Decision.ADVICE_GIVEN, Decision.PA_DEEMED, Decision.DETAILS_DEEMED})
PUBLIC_DECISIONS: dict[Words, frozenset[Decision]] = {
    APPROVED: frozenset(Decision) - REFUSALS - IN_PART - _NEITHER,
    REFUSED: REFUSALS,
    PART: IN_PART,
    OTHER: _NEITHER,
}


@dataclass(frozen=True)
class Entry:
    """An application as the register's lists show it."""

    reference: str
    type_name: str
    description: str
    address: str
    status: Words
    decision: str  # in the words of its type; empty while there is none
    is_refusal: bool
    received_on: date
    valid_from: date | None
    due_on: date | None
    consultation_ends_on: date | None
    decided_on: date | None
    withdrawn_on: date | None


@dataclass(frozen=True)
class PublicDocument:
    pk: int
    title: str
    group: str  # "drawings", "evidence", "supporting", or empty
    types: tuple[str, ...]
    drawing_number: str
    revision: str
    received_on: date
    format: str
    size: int | None  # bytes
    page_count: int | None
    is_current: bool
    replaced_by: int | None  # pk of the document that came in its place, when that is public too


@dataclass(frozen=True)
class PublicComment:
    name: str  # empty where the council does not show commenters' names
    address: str
    received_on: date
    sentiment: Words
    text: str
    topics: tuple[str, ...] = ()
    is_of_consultee: bool = False


@dataclass(frozen=True)
class CommentCounts:
    total: int  # of members of the public
    by_sentiment: tuple[tuple[Words, int], ...]
    by_topic: tuple[tuple[Words, int], ...]  # most first, none without a comment; one comment may be on several
    replies: int  # of consultees


@dataclass(frozen=True)
class PublicConstraint:
    name: str
    entities: tuple[str, ...]


@dataclass(frozen=True)
class PublicAppeal:
    ground: str
    lodged_on: date
    reference: str
    outcome: str
    decided_on: date | None


_FORMATS = {
    "application/pdf": "PDF",
    "image/png": "PNG",
    "image/jpeg": "JPEG",
    "image/gif": "GIF",
    "image/tiff": "TIFF",
    "image/webp": "WebP",
    "text/plain": "text",
    "text/csv": "CSV",
    "application/msword": "Word",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "Word",
    "application/vnd.oasis.opendocument.text": "ODT",
    "application/vnd.ms-excel": "Excel",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "Excel",
}


# --- Which applications -------------------------------------------------------------------------------------------


def public_applications(authority: LocalAuthority) -> QuerySet[PlanningApplication]:
    """The register of one authority: applications that anybody may read, with the fields that they may read."""
    return (
        PlanningApplication.objects.on_the_register()
        .of(authority)
        .select_related("application_type")
        .only(*PUBLIC_FIELDS, "authority", *(f"application_type__{name}" for name in _TYPE_FIELDS))
    )


def public_application(
    authority: LocalAuthority, reference: str, *, among: QuerySet[PlanningApplication] | None = None
) -> PlanningApplication | None:
    """The application with this reference, present or previous, however it is punctuated; None if it is not public.

    `among` is a part of `public_applications(authority)`, or the same with other columns read.
    """
    key = reference_key(reference)
    register = public_applications(authority) if among is None else among
    present = list(register.filter(reference_key=key)[:5])
    if not present:
        earlier = PreviousReference.objects.filter(authority=authority, reference_key=key)
        present = list(register.filter(pk__in=earlier.values("application"))[:1])
    # Two references of an older register may differ in nothing but their punctuation. Addresses have no slashes.
    exact = [found for found in present if reference in {found.reference, found.reference.replace("/", "-")}]
    application = next(iter(exact or present), None)
    if application is not None:
        application.authority = authority  # as it stands here, without asking again
    return application


def public_types() -> QuerySet[ApplicationType]:
    """Types of application that the register holds."""
    return ApplicationType.objects.filter(is_publishable=True, is_active=True).order_by("name")


def with_public_status(applications: QuerySet[PlanningApplication], slug: str) -> QuerySet[PlanningApplication]:
    return applications.filter(status__in=[status for status, words in PUBLIC_STATUS.items() if words.slug == slug])


def with_public_decision(applications: QuerySet[PlanningApplication], slug: str) -> QuerySet[PlanningApplication]:
    codes = [code for words, group in PUBLIC_DECISIONS.items() if words.slug == slug for code in group]
    return applications.filter(decision__in=codes)


def newest_first(applications: QuerySet[PlanningApplication]) -> QuerySet[PlanningApplication]:
    return applications.order_by("-received_on", "-pk")


def newest_entries(authority: LocalAuthority, *, count: int) -> list[Entry]:
    return [entry_of(application) for application in newest_first(public_applications(authority))[:count]]


def entry_of(application: PlanningApplication) -> Entry:
    """What lists show of an application, which must come from `public_applications`."""
    return Entry(
        reference=application.reference,
        type_name=application.application_type.name,
        description=application.description,
        address=application.full_address,
        status=PUBLIC_STATUS[Status(application.status)],
        decision=application.decision_words,
        is_refusal=application.decision in REFUSALS,
        received_on=application.received_on,
        valid_from=application.valid_from,
        due_on=application.expires_on if application.is_open else None,
        consultation_ends_on=application.consultation_ends_on,
        decided_on=application.decided_on,
        withdrawn_on=application.withdrawn_on,
    )


def public_status(application: PlanningApplication) -> str:
    """The public's word for where the application stands; empty when it is not on the register."""
    known = PUBLIC_STATUS.get(Status(application.status))
    return known.words if known else ""


# --- What belongs to one ------------------------------------------------------------------------------------------


def applicant_and_agent(application: PlanningApplication) -> dict[str, str]:
    """Names by role: who applies is part of the statutory register (DMPO 2015 art. 40). Never how to reach them."""
    named = Party.objects.filter(application=application, role__in=[Party.Role.APPLICANT, Party.Role.AGENT])
    return {party.role: party.name_and_company for party in named}


def public_documents(application: PlanningApplication) -> QuerySet[Document]:
    return Document.objects.public().filter(application=application).order_by("-received_on", "title")


def published_documents(application: PlanningApplication) -> list[PublicDocument]:
    """The documents that an officer has published, current ones first."""
    documents = list(public_documents(application))
    types = {row.code: row for row in DocumentType.objects.all()} if documents else {}
    published = {document.pk for document in documents}
    shown = [shown_document(document, types, published) for document in documents]
    return sorted(shown, key=lambda document: not document.is_current)


def shown_document(document: Document, types: Mapping[str, Any], others: Collection[int]) -> PublicDocument:
    """What may be shown of a published document. `types` by code; `others`: keys of the published ones beside it."""
    known = [types[code] for code in document.types if code in types]
    return PublicDocument(
        pk=document.pk,
        title=document.title,
        group=known[0].group if known else "",
        types=tuple(row.label for row in known),
        drawing_number=document.drawing_number,
        revision=document.revision,
        received_on=document.received_on,
        format=_FORMATS.get(document.public_mime_type, "file"),
        size=document.public_size,
        page_count=document.page_count,
        is_current=document.is_current,
        replaced_by=document.superseded_by_id if document.superseded_by_id in others else None,
    )


def public_comments(application: PlanningApplication) -> QuerySet[Comment]:
    """Published comments. Only their redacted text may be shown: see `shown_comments`."""
    return Comment.objects.filter(application=application, published_at__isnull=False)


def shown_comments(comments: Iterable[Comment], authority: LocalAuthority) -> list[PublicComment]:
    """Comments in their redacted text; name and address by the authority's switches. Consultees' bodies are named."""
    topics = dict(Topic.choices)

    def shown(comment: Comment) -> PublicComment:
        names = [comment.name] if authority.publishes_commenter_names else []
        said = comment.get_sentiment_display()
        if comment.kind == Comment.Kind.CONSULTEE:
            names = [comment.organisation, *names]
            said = CONSULTEE_SENTIMENTS.get(comment.sentiment, said)
        return PublicComment(
            name=", ".join(filter(None, names)),
            address=comment.address if authority.publishes_commenter_addresses else "",
            received_on=comment.received_on,
            sentiment=Words(comment.sentiment, said),
            text=comment.redacted_text,
            topics=tuple(topics[code] for code in comment.topics if code in topics),
            is_of_consultee=comment.kind == Comment.Kind.CONSULTEE,
        )

    return [shown(comment) for comment in comments]


def comment_counts(application: PlanningApplication) -> CommentCounts:
    """What the published comments say, counted: members of the public by sentiment and topic, consultees' replies."""
    rows = public_comments(application).order_by().values_list("kind", "sentiment", "topics").annotate(Count("pk"))
    sentiments: Counter[str] = Counter()
    topics: Counter[str] = Counter()
    replies = 0
    for kind, sentiment, about, number in rows:
        if kind == Comment.Kind.CONSULTEE:
            replies += number
            continue
        sentiments[sentiment] += number
        topics.update(dict.fromkeys(about, number))
    by_topic = [(Words(one.value, str(one.label)), topics[one.value]) for one in Topic if topics[one.value]]
    return CommentCounts(
        total=sentiments.total(),
        by_sentiment=tuple((Words(s.value, str(s.label)), sentiments[s.value]) for s in PUBLIC_SENTIMENTS),
        by_topic=tuple(sorted(by_topic, key=lambda pair: -pair[1])),
        replies=replies,
    )


def public_constraints(application: PlanningApplication) -> list[PublicConstraint]:
    applying = Constraint.objects.filter(application=application, removed_because="").select_related("constraint_type")
    return [
        PublicConstraint(
            name=row.constraint_type.name,
            entities=tuple(str(one["name"]) for one in row.entities if isinstance(one, dict) and one.get("name")),
        )
        for row in applying
    ]


def public_appeals(application: PlanningApplication) -> list[PublicAppeal]:
    return [
        PublicAppeal(
            ground=row.get_ground_display(),
            lodged_on=row.lodged_on,
            reference=row.reference,
            outcome=row.get_outcome_display(),
            decided_on=row.decided_on,
        )
        for row in Appeal.objects.filter(application=application)
    ]


def takes_comments(application: PlanningApplication) -> bool:
    """Whether the public may still comment: published, not decided, and within the period or the council's switch."""
    on_the_register = application.published_at and application.status in ON_THE_REGISTER
    if not on_the_register or not application.is_open:
        return False
    ends_on = application.consultation_ends_on
    within = ends_on is not None and ends_on >= timezone.localdate()
    return within or application.authority.comments_until_decision


def with_public_documents(applications: QuerySet[PlanningApplication]) -> QuerySet[PlanningApplication]:
    return applications.prefetch_related(
        Prefetch("documents", queryset=Document.objects.public(), to_attr="documents_for_the_public")
    )
