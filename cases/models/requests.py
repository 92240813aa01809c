"""What the council asks the applicant for: what is missing, what should change, what both must agree to."""

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.plain_text import PlainCharField, PlainJSONField, PlainTextField

from .application import Party, PlanningApplication
from .application_type import InvalidReason
from .conditions import Condition
from .document import Document, case_storage, stored_name
from .requirement import Requirement


class ValidationRequestQuerySet(models.QuerySet):
    def drafts(self):
        """Noted while checking; the applicant has not been told."""
        return self.filter(sent_at=None, resolved_at=None)

    def open(self):
        """Not settled, whether the applicant knows of them or not."""
        return self.filter(resolved_at=None)

    def with_the_applicant(self):
        return self.filter(sent_at__isnull=False, answer="", resolved_at=None)

    def answered(self):
        """The applicant has answered; an officer must look."""
        return self.exclude(answer="").filter(resolved_at=None)

    def known_to_the_applicant(self):
        return self.filter(sent_at__isnull=False)


class ValidationRequest(models.Model):
    """One thing that is asked of the applicant: why, by when, what came back, and how it was settled.

    cases/requests/ holds the rules: kinds.py what each kind means, the other modules what is done with one.
    """

    class Kind(models.TextChoices):
        ADDITIONAL_DOCUMENT = "additional_document", "Additional document"
        REPLACEMENT_DOCUMENT = "replacement_document", "Replacement document"
        DESCRIPTION = "description", "Description"
        RED_LINE = "red_line", "Red line"
        FEE = "fee", "Fee"
        OWNERSHIP = "ownership", "Ownership certificate"
        OTHER = "other", "Other"
        PRE_COMMENCEMENT = "pre_commencement", "Pre-commencement condition"
        HEADS_OF_TERMS = "heads_of_terms", "Heads of terms"
        EXTENSION_OF_TIME = "extension_of_time", "Extension of time"

    class State(models.TextChoices):
        DRAFT = "draft", "Not sent yet"
        SENT = "sent", "With the applicant"
        ANSWERED = "answered", "Answered"
        SETTLED = "settled", "Settled"
        CANCELLED = "cancelled", "Withdrawn"

    class Answer(models.TextChoices):
        AGREED = "agreed", "Agreed"
        DISAGREED = "disagreed", "Disagreed"
        REPLIED = "replied", "Replied"
        SILENCE = "silence", "No answer in time"

    class Outcome(models.TextChoices):
        ACCEPTED = "accepted", "Accepted"
        NOT_ACCEPTED = "not_accepted", "Not accepted: asked again"
        LEFT = "left", "Left as it was"
        CANCELLED = "cancelled", "Withdrawn"

    application = models.ForeignKey(PlanningApplication, on_delete=models.PROTECT, related_name="validation_requests")
    number = models.PositiveSmallIntegerField(help_text="Counts the requests of one application from 1.")
    kind = models.CharField(max_length=25, choices=Kind)
    reason = models.ForeignKey(InvalidReason, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    requirement = models.ForeignKey(
        Requirement,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="The item of the checklist that proposed it.",
    )
    follows = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="followed_by",
        help_text="The earlier request whose answer was not enough.",
    )
    title = PlainCharField(max_length=200)
    text = PlainTextField(help_text="What is wrong, or why it is asked.")
    what_to_send = PlainTextField(blank=True, help_text="What would put it right.")

    # What is proposed; which of these has a value depends on the kind
    document = models.ForeignKey(
        Document,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="replacement_requests",
        help_text="The document that should be replaced.",
    )
    document_types = ArrayField(
        models.CharField(max_length=80), default=list, blank=True, help_text="Codes of DocumentType that are asked for."
    )
    condition = models.ForeignKey(Condition, null=True, blank=True, on_delete=models.SET_NULL, related_name="requests")
    proposed_description = PlainTextField(
        blank=True, help_text="To agree to. Empty: the applicant is asked for better words."
    )
    proposed_boundary = models.JSONField(
        null=True, blank=True, help_text="GeoJSON, WGS84. Null: the applicant draws it."
    )
    proposed_until = models.DateField(null=True, blank=True)

    raised_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    raised_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True, blank=True)
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    due_on = models.DateField(null=True, blank=True, help_text="The last day for the answer.")

    draft_answer = PlainJSONField(
        default=dict, blank=True, help_text="What the applicant has filled in and not sent yet."
    )
    answer = models.CharField(max_length=10, choices=Answer, blank=True)
    answer_text = PlainTextField(blank=True)
    answer_boundary = models.JSONField(null=True, blank=True, help_text="GeoJSON, WGS84, as the applicant drew it")
    answer_ownership = PlainJSONField(null=True, blank=True, help_text="The ownership certificate as filled in")
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(
        "cases.ApplicantLink", null=True, blank=True, on_delete=models.PROTECT, related_name="answers"
    )
    answered_name = PlainCharField(max_length=200, blank=True, help_text="Whose word it is, as they signed it.")

    outcome = models.CharField(max_length=15, choices=Outcome, blank=True)
    arrived_on = models.DateField(
        null=True, blank=True, help_text="The day the remedy arrived, whenever it was checked."
    )
    before = PlainJSONField(default=dict, blank=True, help_text="What the application said before this was applied.")
    resolution = PlainTextField(blank=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    resolved_at = models.DateTimeField(null=True, blank=True)
    cancelled_because = PlainTextField(blank=True)

    objects = ValidationRequestQuerySet.as_manager()

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["application", "number"], name="request_number_once"),
            models.CheckConstraint(
                name="request_settled_with_outcome",
                condition=Q(resolved_at=None, outcome="") | Q(Q(resolved_at__isnull=False), ~Q(outcome="")),
            ),
            models.CheckConstraint(
                name="cancelled_request_has_reason", condition=~Q(outcome="cancelled") | ~Q(cancelled_because="")
            ),
            models.CheckConstraint(
                name="accepted_request_has_arrival", condition=~Q(outcome="accepted") | Q(arrived_on__isnull=False)
            ),
            models.CheckConstraint(
                name="answer_to_what_was_sent",
                condition=Q(answer="") | Q(sent_at__isnull=False, answered_at__gte=F("sent_at")),
            ),
            # Silence accepts words that the applicant has read. It never moves a red line or gives the council time.
            models.CheckConstraint(
                name="silence_accepts_two_kinds",
                condition=~Q(answer="silence")
                | Q(Q(kind="description"), ~Q(proposed_description=""))
                | Q(kind="pre_commencement"),
            ),
            models.CheckConstraint(
                name="replacement_names_document",
                condition=~Q(kind="replacement_document") | Q(document__isnull=False),
            ),
            models.CheckConstraint(
                name="extension_request_has_day",
                condition=~Q(kind="extension_of_time") | Q(proposed_until__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["application", "kind"],
                condition=Q(resolved_at=None, kind__in=["description", "extension_of_time", "ownership", "red_line"]),
                name="one_open_request_of_kind",
            ),
            models.UniqueConstraint(
                fields=["document"],
                condition=Q(resolved_at=None, kind="replacement_document"),
                name="one_open_replacement_of_document",
            ),
            models.UniqueConstraint(
                fields=["condition"],
                condition=Q(resolved_at=None, condition__isnull=False),
                name="one_open_request_of_condition",
            ),
        ]
        indexes = [
            # Answers that officers must look at, and requests that silence may settle
            # (cases/requests/answers/silence.py).
            models.Index(
                fields=["application"], condition=Q(resolved_at=None) & ~Q(answer=""), name="request_answered"
            ),
            models.Index(fields=["due_on"], condition=Q(resolved_at=None, answer=""), name="request_due"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_open(self) -> bool:
        return self.resolved_at is None

    @property
    def state(self) -> "ValidationRequest.State":
        if self.outcome == self.Outcome.CANCELLED:
            return self.State.CANCELLED
        if not self.is_open:
            return self.State.SETTLED
        if self.answer:
            return self.State.ANSWERED
        return self.State.SENT if self.sent_at else self.State.DRAFT


class ApplicantLink(models.Model):
    """The way in for one recipient to the requests of one application: no account, no password.

    The address holds the signed key of this row (cases/requests/links.py); the row says until when it opens anything.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    application = models.ForeignKey(PlanningApplication, on_delete=models.PROTECT, related_name="applicant_links")
    party = models.ForeignKey(
        Party,
        null=True,
        on_delete=models.SET_NULL,
        related_name="links",
        help_text="Empty: the person is no longer party to the application, and the link opens nothing.",
    )
    to_name = PlainCharField(max_length=200, blank=True)
    to_email = PlainCharField(max_length=254, blank=True, help_text="The address that it was made for.")
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    revoked_because = PlainCharField(max_length=300, blank=True)

    class Meta:
        default_permissions = ()
        ordering = ["-created_at", "-pk"]
        constraints = [
            # The same person is always given the same link, until it is revoked.
            models.UniqueConstraint(
                fields=["application", "party"], condition=Q(revoked_at=None), name="one_link_per_recipient"
            )
        ]

    def __str__(self) -> str:
        return f"Link of {self.to_name} to {self.application_id}"


class AnswerFile(models.Model):
    """A file that the applicant has put to a request and not sent yet. Sending makes it a Document.

    Deleted when it is taken out again, and when nobody sends it (cases/requests/answers/files.py).
    """

    request = models.ForeignKey(ValidationRequest, on_delete=models.CASCADE, related_name="answer_files")
    link = models.ForeignKey(ApplicantLink, on_delete=models.CASCADE, related_name="files")
    file = models.FileField(storage=case_storage, upload_to=stored_name, max_length=200)
    original_name = PlainCharField(max_length=255)
    mime_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField(help_text="Bytes", validators=[MinValueValidator(1)])
    sha256 = models.CharField(max_length=64)
    uploaded_at = models.DateTimeField(default=timezone.now)

    class Meta:
        default_permissions = ()
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["request", "sha256"], name="answer_file_once")]
        indexes = [models.Index(fields=["uploaded_at"], name="answer_file_old")]

    def __str__(self) -> str:
        return self.original_name

    @property
    def application_id(self) -> int:
        """Files lie in a folder of their case (stored_name)."""
        return self.request.application_id
