"""What the public may see. "Nothing unless listed": pages, feeds, exports and APIs all read it from here."""

from django.db.models import Prefetch, QuerySet
from django.utils import timezone

from accounts.models import LocalAuthority

from .models import Comment, Document, PlanningApplication
from .statuses import Status

# Fields of the application that may leave. No officer, no answers, no ownership, no declaration, no fee details.
PUBLIC_FIELDS = (
    "reference", "application_type", "status", "description", "address", "postcode", "uprn", "ward", "parish",
    "latitude", "longitude", "boundary", "received_on", "valid_from", "statutory_expiry_on", "expires_on",
    "consultation_ends_on", "published_at", "route", "committee_on", "committee_resolution", "decision", "decided_on",
    "withdrawn_on", "closed_on", "is_eia", "parent",
)  # fmt: skip

# What the public calls a status (one small vocabulary, stable for ever).
PUBLIC_STATUS = {
    Status.IN_ASSESSMENT: "Under assessment",
    Status.TO_BE_REVIEWED: "Under assessment",
    Status.AWAITING_DETERMINATION: "Under assessment",
    Status.IN_COMMITTEE: "To be decided by committee",
    Status.DETERMINED: "Decided",
    Status.WITHDRAWN: "Withdrawn",
    Status.CLOSED: "Closed",
}


def public_applications(authority: LocalAuthority) -> QuerySet[PlanningApplication]:
    """The register of one authority: applications that anybody may read."""
    return PlanningApplication.objects.on_the_register().of(authority).select_related("application_type")


def public_status(application: PlanningApplication) -> str:
    return PUBLIC_STATUS.get(Status(application.status), "")


def public_documents(application: PlanningApplication) -> QuerySet[Document]:
    return Document.objects.public().filter(application=application).order_by("-received_on", "title")


def public_comments(application: PlanningApplication) -> QuerySet[Comment]:
    """Published comments. Templates show `redacted_text` and, by the authority's switches, name and address."""
    return Comment.objects.filter(application=application, published_at__isnull=False)


def takes_comments(application: PlanningApplication) -> bool:
    """Whether the public may still comment: published, not decided, and within the period or the council's switch."""
    if not application.published_at or not application.is_open:
        return False
    ends_on = application.consultation_ends_on
    within = ends_on is not None and ends_on >= timezone.localdate()
    return within or application.authority.comments_until_decision


def with_public_documents(applications: QuerySet[PlanningApplication]) -> QuerySet[PlanningApplication]:
    return applications.prefetch_related(
        Prefetch("documents", queryset=Document.objects.public(), to_attr="documents_for_the_public")
    )
