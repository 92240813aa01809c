"""Documents of a case: own rows, own storage, public only when an officer says so (design §9)."""

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.core.files.storage import storages
from django.db import models
from django.db.models import Q
from django.db.models.fields.files import FieldFile
from django.utils import timezone

from accounts.plain_text import PlainCharField, PlainTextField
from cases.files.types import CLEANED, CONVERTED
from cases.statuses import PublicStatus

from .application import PlanningApplication


def case_storage():
    """A callable, so that migrations hold the name and not the settings."""
    return storages["case_documents"]


def stored_name(document: "Document", filename: str) -> str:
    """Names on disk are ours: a random one, in a folder of the case."""
    suffix = filename.rsplit(".", 1)[-1].lower() if "." in filename else "bin"
    return f"{document.application_id}/{uuid.uuid4().hex}.{suffix[:8]}"


class ScanStatus(models.TextChoices):
    """What the virus scanner says. Not scanned: no scanner was configured when the file came."""

    NOT_SCANNED = "not_scanned", "Not scanned"
    WAITING = "waiting", "Waiting for the virus scan"
    CLEAN = "clean", "Clean"
    INFECTED = "infected", "Harmful"


# Nothing of these is shown or handed out to anybody.
CLOSED_BY_SCAN = (ScanStatus.WAITING, ScanStatus.INFECTED)
# Found in a file without pages (`active_content`), it says that there is nothing to see.
SHOWS_NOTHING = frozenset({"bomb", "damaged", "password", "unopened"})
WITHHELD_AS_HARMFUL = "The virus scanner found it harmful."  # by no officer
WITHHELD_AS_NOT_CLEANED = "No copy for the public could be made of the file."  # nor this


class DocumentQuerySet(models.QuerySet["Document"]):
    def current(self):
        return self.filter(superseded_by=None)

    def with_file(self):
        return self.filter(fetch_status=Document.FetchStatus.HERE)

    def public(self):
        """What an officer has published, and that is neither harmful nor still waiting for the virus scan."""
        return self.with_file().filter(public_status=PublicStatus.PUBLISH).exclude(scan_status__in=CLOSED_BY_SCAN)


class Document(models.Model):
    ScanStatus = ScanStatus

    class FetchStatus(models.TextChoices):
        WAITING = "waiting", "Being fetched"
        HERE = "here", "Here"
        FAILED = "failed", "Could not be fetched"

    application = models.ForeignKey(PlanningApplication, on_delete=models.PROTECT, related_name="documents")
    title = PlainCharField(max_length=255)
    types = ArrayField(models.CharField(max_length=80), default=list, blank=True, help_text="Codes of DocumentType")
    drawing_number = PlainCharField(max_length=80, blank=True)
    revision = PlainCharField(max_length=20, blank=True)
    description = PlainTextField(blank=True)
    received_on = models.DateField()
    superseded_by = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="supersedes"
    )
    redacted_from = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="redacted_copies"
    )
    is_approved_plan = models.BooleanField("listed on the notice", default=False)

    public_status = models.CharField(max_length=15, choices=PublicStatus, default=PublicStatus.NOT_ASSESSED)
    withheld_because = PlainCharField(max_length=300, blank=True)
    # Where the council wants a second person's look before anything is published
    publication_asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    publication_asked_at = models.DateTimeField(null=True, blank=True)

    answers = models.ForeignKey(
        "cases.ValidationRequest",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="documents",
        help_text="The request in answer to which the applicant sent it.",
    )
    suggested_types = ArrayField(
        models.CharField(max_length=80), default=list, blank=True, help_text="Codes, guessed from name and text"
    )

    file = models.FileField(storage=case_storage, upload_to=stored_name, max_length=200, blank=True)
    original_name = PlainCharField(max_length=255, blank=True)
    mime_type = models.CharField(max_length=100, blank=True)
    size = models.PositiveBigIntegerField(null=True, blank=True, help_text="Bytes")
    sha256 = models.CharField(max_length=64, blank=True)
    page_count = models.PositiveIntegerField(null=True, blank=True)
    thumbnail = models.FileField(storage=case_storage, upload_to=stored_name, max_length=200, blank=True)
    # Pages, text, thumbnail: made in the background (cases/documents/preparing/)
    prepared_at = models.DateTimeField(null=True, blank=True)
    prepare_attempts = models.PositiveSmallIntegerField(default=0)
    prepare_due_at = models.DateTimeField(
        null=True, blank=True, help_text="When it should be prepared by; long past, its task was lost."
    )
    prepare_error = PlainCharField(max_length=300, blank=True)
    active_content = ArrayField(
        models.CharField(max_length=40),
        null=True,
        blank=True,
        help_text="What in the file could run or open something; empty: nothing; null: not looked at yet.",
    )
    # The copy without what else the file tells (cases/documents/clean_copies/); of HEIC and SVG it is what officers
    # see, too. The database's own defaults: the version before this one still writes rows while a release is put in
    # place.
    clean_file = models.FileField(
        storage=case_storage, upload_to=stored_name, max_length=200, blank=True, default="", db_default=""
    )
    clean_mime_type = models.CharField(max_length=100, blank=True, default="", db_default="")
    clean_size = models.PositiveBigIntegerField(null=True, blank=True, help_text="Bytes")
    clean_attempts = models.PositiveSmallIntegerField(default=0, db_default=0)
    clean_due_at = models.DateTimeField(null=True, blank=True, help_text="When the next attempt at it is due.")
    scan_status = models.CharField(max_length=12, choices=ScanStatus, default=ScanStatus.NOT_SCANNED)
    scan_detail = PlainCharField(max_length=300, blank=True)
    scan_attempts = models.PositiveSmallIntegerField(default=0)
    scan_due_at = models.DateTimeField(null=True, blank=True, help_text="When the next attempt to scan it is due.")
    scanned_at = models.DateTimeField(null=True, blank=True)

    source_url = models.URLField(max_length=1000, blank=True, help_text="Where the submission said that it lies.")
    fetch_status = models.CharField(max_length=10, choices=FetchStatus, default=FetchStatus.HERE)
    fetch_error = PlainCharField(max_length=300, blank=True)
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
        indexes = [
            models.Index(fields=["application", "public_status"], name="document_public"),
            # What the sweeps look for: files that wait to be fetched, for the scanner or for their pages.
            models.Index(fields=["fetch_due_at"], condition=Q(fetch_status="waiting"), name="document_to_fetch"),
            models.Index(fields=["scan_due_at"], condition=Q(scan_due_at__isnull=False), name="document_to_scan"),
            models.Index(
                fields=["prepare_due_at"], condition=Q(prepare_due_at__isnull=False), name="document_to_prepare"
            ),
            models.Index(
                fields=["clean_due_at"],
                condition=Q(public_status="publish", clean_file=""),
                name="document_to_clean",
            ),
            models.Index(
                fields=["id"],
                condition=Q(prepared_at=None, prepare_due_at=None, prepare_attempts=0),
                name="document_never_prepared",
            ),
        ]

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
            and self.scan_status not in CLOSED_BY_SCAN
        )

    @property
    def shows_nothing(self) -> bool:
        """Whether there is nothing to see of the file: neither pages nor a picture. Damaged in parts, it shows some."""
        return bool(SHOWS_NOTHING.intersection(self.active_content or ())) and not self.page_count

    @property
    def does_not_open(self) -> bool:
        """Whether the file was looked at to its end, and shows nothing."""
        return self.prepared_at is not None and self.shows_nothing

    @property
    def shown_file(self) -> FieldFile:
        """What officers see and redact: the file as it came, or what became of it where nobody could show that."""
        return self.clean_file if self.mime_type in CONVERTED else self.file

    @property
    def shown_mime_type(self) -> str:
        return CONVERTED.get(self.mime_type, self.mime_type)

    @property
    def public_file(self) -> FieldFile:
        """What the public gets; empty while its copy is being made."""
        return self.clean_file if self.mime_type in CLEANED else self.file

    @property
    def waits_for_its_copy(self) -> bool:
        """Whether it is published, and the public does not get it yet: its copy is still to be made."""
        return self.is_public and not self.public_file

    @property
    def public_mime_type(self) -> str:
        return self.clean_mime_type or self.mime_type

    @property
    def public_size(self) -> int | None:
        """Bytes. Until the copy is made: those of the file it is made of."""
        return self.clean_size or self.size

    @property
    def is_open_to_readers(self) -> bool:
        """Whether the file is here and nothing is known or feared against it: what every way out asks first."""
        return self.fetch_status == self.FetchStatus.HERE and self.scan_status not in CLOSED_BY_SCAN


class DocumentPage(models.Model):
    """One page of a document: its picture for the officer's screen, and its words for the search."""

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="pages")
    number = models.PositiveIntegerField(help_text="From 1")
    width = models.FloatField(help_text="Points, as it is shown (after rotation)")
    height = models.FloatField(help_text="Points, as it is shown (after rotation)")
    preview = models.FileField(storage=case_storage, max_length=200, blank=True)
    text = models.TextField(blank=True)
    words = models.GeneratedField(
        expression=SearchVector("text", config="english"), output_field=SearchVectorField(), db_persist=True
    )

    class Meta:
        default_permissions = ()
        ordering = ["document", "number"]
        constraints = [models.UniqueConstraint(fields=["document", "number"], name="document_page_once")]
        indexes = [GinIndex(fields=["words"], name="document_page_words")]

    def __str__(self) -> str:
        return f"{self.document_id}, page {self.number}"


class SharpPicture(models.Model):
    """A page as sharp as its redacted copy would be, because an officer asked: strips from top to bottom."""

    class State(models.TextChoices):
        QUEUED = "queued", "Being drawn"
        DONE = "done", "Drawn"
        FAILED = "failed", "Could not be drawn"

    page = models.OneToOneField(DocumentPage, on_delete=models.CASCADE, related_name="sharp")
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    width = models.PositiveIntegerField(default=0, help_text="Pixels")
    heights = ArrayField(models.PositiveIntegerField(), default=list, blank=True, help_text="Pixels of each strip")
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(null=True, blank=True, help_text="Long past, its task was lost.")

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"Sharp picture of {self.page_id}"


class Redaction(models.Model):
    """Boxes that an officer draws over the pages of a document, and the copy that was made of it."""

    class State(models.TextChoices):
        DRAFT = "draft", "Being drawn"
        QUEUED = "queued", "Being made"
        DONE = "done", "Made"
        FAILED = "failed", "Could not be made"

    EDITABLE = (State.DRAFT, State.FAILED)

    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="redactions")
    boxes = models.JSONField(
        default=list,
        blank=True,
        help_text="[{page, x, y, width, height}]: page from 1, the rest as parts of the page's width and height",
    )
    suggested = models.JSONField(null=True, blank=True, help_text="Boxes with `because`; null: not looked for yet.")
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    copy = models.OneToOneField(Document, null=True, blank=True, on_delete=models.PROTECT, related_name="made_by")
    error = PlainCharField(max_length=300, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(null=True, blank=True, help_text="Long past, its task was lost.")
    version = models.PositiveIntegerField(
        default=0, help_text="Counts the changes: two officers do not undo each other"
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        default_permissions = ()
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["document"], condition=Q(state__in=["draft", "queued"]), name="one_redaction_at_a_time"
            ),
            models.CheckConstraint(name="made_redaction_has_copy", condition=~Q(state="done") | Q(copy__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"Redaction of {self.document_id}"
