"""Documents of a case: own rows, own storage, public only when an officer says so (design §9)."""

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.files.storage import storages
from django.db import models
from django.db.models import Q
from django.utils import timezone

from cases.statuses import PublicStatus

from .application import PlanningApplication


def case_storage():
    """A callable, so that migrations hold the name and not the settings."""
    return storages["case_documents"]


def stored_name(document: "Document", filename: str) -> str:
    """Names on disk are ours: a random one, in a folder of the case."""
    suffix = filename.rsplit(".", 1)[-1].lower() if "." in filename else "bin"
    return f"{document.application_id}/{uuid.uuid4().hex}.{suffix[:8]}"


class DocumentQuerySet(models.QuerySet):
    def current(self):
        return self.filter(superseded_by=None)

    def with_file(self):
        return self.filter(fetch_status=Document.FetchStatus.HERE)

    def public(self):
        """What an officer has published and that is not known to be harmful."""
        return self.with_file().filter(public_status=PublicStatus.PUBLISH).exclude(
            scan_status=Document.ScanStatus.INFECTED
        )  # fmt: skip


class Document(models.Model):
    class FetchStatus(models.TextChoices):
        WAITING = "waiting", "Being fetched"
        HERE = "here", "Here"
        FAILED = "failed", "Could not be fetched"

    class ScanStatus(models.TextChoices):
        NOT_SCANNED = "not_scanned", "Not scanned"
        CLEAN = "clean", "Clean"
        INFECTED = "infected", "Harmful"

    application = models.ForeignKey(PlanningApplication, on_delete=models.PROTECT, related_name="documents")
    title = models.CharField(max_length=255)
    types = ArrayField(models.CharField(max_length=80), default=list, blank=True, help_text="Codes of DocumentType")
    drawing_number = models.CharField(max_length=80, blank=True)
    revision = models.CharField(max_length=20, blank=True)
    description = models.TextField(blank=True)
    received_on = models.DateField()
    superseded_by = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="supersedes"
    )
    redacted_from = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="redacted_copies"
    )
    is_approved_plan = models.BooleanField("listed on the notice", default=False)

    public_status = models.CharField(max_length=15, choices=PublicStatus, default=PublicStatus.NOT_ASSESSED)
    withheld_because = models.CharField(max_length=300, blank=True)

    file = models.FileField(storage=case_storage, upload_to=stored_name, max_length=200, blank=True)
    original_name = models.CharField(max_length=255, blank=True)
    mime_type = models.CharField(max_length=100, blank=True)
    size = models.PositiveBigIntegerField(null=True, blank=True, help_text="Bytes")
    sha256 = models.CharField(max_length=64, blank=True)
    page_count = models.PositiveIntegerField(null=True, blank=True)
    thumbnail = models.FileField(storage=case_storage, upload_to=stored_name, max_length=200, blank=True)
    scan_status = models.CharField(max_length=12, choices=ScanStatus, default=ScanStatus.NOT_SCANNED)

    source_url = models.URLField(max_length=1000, blank=True, help_text="Where the submission said that it lies.")
    fetch_status = models.CharField(max_length=10, choices=FetchStatus, default=FetchStatus.HERE)
    fetch_error = models.CharField(max_length=300, blank=True)
    fetch_attempts = models.PositiveSmallIntegerField(default=0)
    fetch_due_at = models.DateTimeField(
        null=True, blank=True, help_text="When the next attempt is due; long past, its task was lost."
    )

    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)

    objects = DocumentQuerySet.as_manager()

    class Meta:
        default_permissions = ("add", "change", "view")
        ordering = ["-received_on", "pk"]
        constraints = [
            models.CheckConstraint(
                name="withheld_has_reason", condition=~Q(public_status="withhold") | ~Q(withheld_because="")
            ),
            models.CheckConstraint(name="file_iff_here", condition=~Q(fetch_status="here") | ~Q(file="")),
            models.CheckConstraint(
                name="not_superseded_by_itself", condition=Q(superseded_by=None) | ~Q(superseded_by=models.F("id"))
            ),
        ]
        indexes = [models.Index(fields=["application", "public_status"], name="document_public")]

    def __str__(self) -> str:
        return self.title

    @property
    def is_current(self) -> bool:
        return self.superseded_by_id is None

    @property
    def is_public(self) -> bool:
        return (
            self.public_status == PublicStatus.PUBLISH
            and self.fetch_status == self.FetchStatus.HERE
            and self.scan_status != self.ScanStatus.INFECTED
        )
