"""The application itself, what arrived, and who is party to it."""

from datetime import date

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, GistIndex, OpClass
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Concat, Replace, Upper
from django.utils import timezone

from accounts.plain_text import PlainCharField, PlainJSONField, PlainTextField
from cases.places.box_field import BoxField
from cases.statuses import ENDED, ON_THE_REGISTER, OPEN, Decision, Origin, Resolution, Route, Status, WorkStatus

from .references import KEY_OF_REFERENCE


def _register_index(name: str, *columns, beside: tuple[str, ...] = (), **condition) -> models.Index:
    """An index of what is on the register. What stands `beside` the key can be counted without reading the rows."""
    return models.Index(
        "authority",
        *columns,
        F("id").desc(),
        name=f"register_by_{name}",
        condition=Q(is_on_register=True, **condition),
        include=beside or None,
    )


OWNERSHIP_CERTIFICATES = [("a", "A"), ("b", "B"), ("c", "C"), ("d", "D")]


class PlanningApplicationQuerySet(models.QuerySet["PlanningApplication"]):
    def of(self, authority):
        return self.filter(authority=authority)

    def open(self):
        return self.filter(status__in=OPEN)

    def ended(self):
        return self.filter(status__in=ENDED)

    def on_the_register(self):
        """What the public may know of. Which fields of it: cases/register/published.py."""
        return self.filter(is_on_register=True, application_type__is_publishable=True)

    def for_lists(self):
        return self.select_related("application_type", "officer", "authority")

    def mine(self, user):
        return self.open().filter(officer=user)

    def unassigned(self):
        return self.open().filter(officer=None)

    def consultation_open(self, today: date):
        return self.open().filter(consultation_ends_on__gte=today)

    def due_between(self, first: date, last: date):
        return self.open().filter(expires_on__range=(first, last))

    def late(self, today: date):
        return self.open().filter(expires_on__lt=today)

    def waiting_for_sign_off(self):
        """Decisions that wait, and corrections of the notices of decided cases: two short lists, not all rows."""
        deciding = self.filter(status__in=[Status.AWAITING_DETERMINATION, Status.IN_COMMITTEE])
        # Through the application's own accessor: notices stand above this package.
        correcting = self.filter(
            status=Status.DETERMINED,
            decision_notices__live=False,
            decision_notices__workflow_states__status="in_progress",
        )
        both = deciding.order_by().values("pk").union(correcting.order_by().values("pk"), all=True)
        return self.filter(pk__in=both)

    def by_due_date(self):
        return self.order_by(F("expires_on").asc(nulls_last=True), "received_on", "pk")


class PlanningApplication(models.Model):
    """A planning application and its file: the officers' case.

    `status` is written by cases/lifecycle.py alone; dates by the verbs of each stage; the decision by
    notices/issuing/issue.py.
    """

    authority = models.ForeignKey("accounts.LocalAuthority", on_delete=models.PROTECT, related_name="applications")
    application_type = models.ForeignKey("cases.ApplicationType", on_delete=models.PROTECT, related_name="applications")
    reference = PlainCharField(max_length=40)
    origin = models.CharField(max_length=10, choices=Origin, default=Origin.SUBMITTED, editable=False)
    status = models.CharField(max_length=30, choices=Status, default=Status.PENDING, editable=False)
    status_changed_at = models.DateTimeField(default=timezone.now, editable=False)
    officer = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="cases"
    )
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="children")

    # What is proposed
    description = PlainTextField()
    description_as_submitted = PlainTextField(blank=True, editable=False)
    work_status = models.CharField(max_length=15, choices=WorkStatus, default=WorkStatus.PROPOSED)
    project_types = PlainJSONField(default=list, blank=True, help_text="[{value, description}] as submitted")
    proposal = PlainJSONField(default=dict, blank=True, help_text="Measurements and dates of the proposal as submitted")

    # Where
    address = PlainCharField(max_length=400, help_text="The site in one line, without the postcode.")
    postcode = PlainCharField(max_length=10, blank=True)
    uprn = PlainCharField(
        "UPRN", max_length=12, blank=True, validators=[RegexValidator(r"^\d{1,12}$", "Up to twelve digits.")]
    )
    usrn = PlainCharField("USRN", max_length=8, blank=True)
    ward = PlainCharField(max_length=120, blank=True)
    parish = PlainCharField(max_length=120, blank=True)
    property_type = PlainCharField(max_length=200, blank=True)
    latitude = models.DecimalField(max_digits=9, decimal_places=6, null=True, blank=True)
    longitude = models.DecimalField(max_digits=9, decimal_places=6, null=True, blank=True)
    boundary = models.JSONField(null=True, blank=True, help_text="The red line: GeoJSON Polygon or MultiPolygon, WGS84")
    site_area_sqm = models.DecimalField("site area in m²", max_digits=14, decimal_places=2, null=True, blank=True)

    # Dates. Day precision: a day is what the law counts.
    submitted_at = models.DateTimeField(null=True, blank=True)
    received_on = models.DateField()
    valid_from = models.DateField(null=True, blank=True)
    validated_on = models.DateField(null=True, blank=True, help_text="The day it was checked; no period starts here.")
    invalidated_on = models.DateField(null=True, blank=True)
    statutory_expiry_on = models.DateField(null=True, blank=True)
    expires_on = models.DateField(
        null=True, blank=True, help_text="The later of statutory expiry and agreed extension."
    )
    consultation_ends_on = models.DateField(null=True, blank=True, help_text="The last day of any publicity.")
    withdrawn_on = models.DateField(null=True, blank=True)
    returned_on = models.DateField(null=True, blank=True)
    closed_on = models.DateField(null=True, blank=True)
    is_eia = models.BooleanField("EIA development", default=False)

    # Money and papers, as submitted and as checked
    fee_calculated = models.DecimalField(max_digits=10, decimal_places=2, null=True, blank=True)
    fee_payable = models.DecimalField(max_digits=10, decimal_places=2, null=True, blank=True)
    fee_paid = models.DecimalField(max_digits=10, decimal_places=2, null=True, blank=True)
    fee_details = PlainJSONField(default=dict, blank=True, help_text="Exemptions, reductions, payment reference")
    ownership_certificate = models.CharField(max_length=1, blank=True, choices=OWNERSHIP_CERTIFICATES)
    ownership = PlainJSONField(default=dict, blank=True, help_text="Interest, tenants, notices as submitted")
    declaration = PlainJSONField(default=dict, blank=True)
    cil = models.JSONField("community infrastructure levy", default=dict, blank=True)
    answers = PlainJSONField(default=list, blank=True, help_text="[{question, answer, section, policy_refs}]")
    pre_assessment = PlainJSONField(default=list, blank=True)

    # Publication and decision
    published_at = models.DateTimeField(null=True, blank=True)
    route = models.CharField(max_length=10, choices=Route, default=Route.OFFICER)
    committee_on = models.DateField(null=True, blank=True)
    committee_resolution = models.CharField(max_length=10, choices=Resolution, blank=True)
    committee_note = PlainTextField(blank=True)
    decision = models.CharField(max_length=30, choices=Decision, blank=True, editable=False)
    decided_on = models.DateField(null=True, blank=True, editable=False)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+", editable=False
    )

    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    public_changed_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="When something that the public can see changed last."
    )

    # Columns of PostgreSQL's own making (design §3): always true to the row.
    is_on_register = models.GeneratedField(
        expression=models.ExpressionWrapper(
            Q(published_at__isnull=False, status__in=sorted(ON_THE_REGISTER)), output_field=models.BooleanField()
        ),
        output_field=models.BooleanField(),
        db_persist=True,
    )
    extent = models.GeneratedField(
        expression=Func("boundary", "latitude", "longitude", function="site_extent"),
        output_field=BoxField(null=True),
        db_persist=True,
    )
    reference_key = models.GeneratedField(
        expression=KEY_OF_REFERENCE,
        output_field=models.CharField(max_length=40),
        db_persist=True,
    )
    postcode_key = models.GeneratedField(
        expression=Replace(Upper("postcode"), Value(" "), Value("")),
        output_field=models.CharField(max_length=10),
        db_persist=True,
    )
    search = models.GeneratedField(
        expression=SearchVector("reference", "postcode", weight="A", config="simple")
        + SearchVector("address", weight="B", config="english")
        + SearchVector("description", weight="C", config="english"),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    objects = PlanningApplicationQuerySet.as_manager()

    class Meta:
        verbose_name = "planning application"
        default_permissions = ("add", "change", "view")  # a case is never deleted
        permissions = [
            ("validate_application", "Can validate or invalidate an application"),
            ("assess_application", "Can assess an application and recommend a decision"),
            ("sign_off_application", "Can sign off a decision"),
            ("assign_application", "Can give an application to an officer"),
            ("extend_application", "Can agree an extension of time"),
            ("publish_application", "Can publish documents and comments"),
            ("close_application", "Can withdraw, return, close or reopen an application"),
            ("view_private_application", "Can see personal data of an application"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["authority", "reference"], name="reference_once_per_authority"),
            models.CheckConstraint(
                name="reference_has_no_slash", condition=~Q(reference__contains="/") | Q(origin=Origin.IMPORTED)
            ),
            models.CheckConstraint(name="reference_is_not_empty", condition=~Q(reference="")),
            models.CheckConstraint(
                name="decided_on_iff_decision",
                condition=Q(decision="", decided_on=None) | (~Q(decision="") & Q(decided_on__isnull=False)),
            ),
            models.CheckConstraint(
                name="determined_has_decision", condition=~Q(status=Status.DETERMINED) | ~Q(decision="")
            ),
            models.CheckConstraint(
                name="valid_from_not_before_receipt",
                condition=Q(valid_from=None) | Q(valid_from__gte=F("received_on")) | Q(origin=Origin.IMPORTED),
            ),
            models.CheckConstraint(
                name="expiry_never_before_statutory",
                condition=Q(statutory_expiry_on=None) | Q(expires_on__gte=F("statutory_expiry_on")),
            ),
            models.CheckConstraint(
                name="assessed_only_when_valid",
                condition=~Q(status__in=["in_assessment", "awaiting_determination", "to_be_reviewed", "in_committee"])
                | Q(valid_from__isnull=False),
            ),
            models.CheckConstraint(name="known_status", condition=Q(status__in=Status.values)),
            models.CheckConstraint(
                name="withdrawn_has_day", condition=~Q(status="withdrawn") | Q(withdrawn_on__isnull=False)
            ),
        ]
        indexes = [
            # Officers' lists: by due date within an authority.
            models.Index("authority", "status", "expires_on", name="case_by_due_date"),
            models.Index("officer", "status", "expires_on", name="case_of_officer"),
            # What the register lists and how it is sorted; the key breaks the tie between rows of one day.
            _register_index(
                "receipt",
                F("received_on").desc(),
                beside=(
                    "application_type",
                    "status",
                    "decision",
                    "ward",
                    "parish",
                    "decided_on",
                    "valid_from",
                    "consultation_ends_on",
                    "extent",
                ),
            ),
            _register_index("decision", F("decided_on").desc(), decided_on__isnull=False),
            _register_index("change", F("public_changed_at").desc(nulls_last=True)),
            _register_index("closing", F("consultation_ends_on").desc(), consultation_ends_on__isnull=False),
            _register_index("validity", F("valid_from").desc(), valid_from__isnull=False),
            _register_index("publication", F("published_at").desc()),
            _register_index("type", "application_type", F("received_on").desc(), beside=("status", "decision")),
            _register_index("outcome", "decision", F("received_on").desc(), beside=("application_type", "status")),
            _register_index("ward", "ward", F("received_on").desc(), beside=("application_type", "status", "decision")),
            _register_index(
                "parish", "parish", F("received_on").desc(), beside=("application_type", "status", "decision")
            ),
            # The newest in a window of the map, without reading the rows.
            GistIndex(
                fields=["extent"],
                name="register_by_extent",
                condition=Q(is_on_register=True),
                include=("authority", "received_on", "id", "application_type"),
            ),
            # Whether anything changed at all since an answer was given.
            models.Index("authority", F("updated_at").desc(), name="case_by_change"),
            models.Index("authority", "reference_key", name="case_reference_key"),
            models.Index("authority", "postcode_key", name="case_postcode_key"),
            models.Index(fields=["uprn"], name="case_uprn", condition=~Q(uprn="")),
            GinIndex(fields=["search"], name="case_search"),
            GinIndex(OpClass(Upper("address"), name="gin_trgm_ops"), name="case_address_trgm"),
            GinIndex(OpClass(F("reference_key"), name="gin_trgm_ops"), name="case_reference_trgm"),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def full_address(self) -> str:
        return f"{self.address}, {self.postcode}" if self.postcode else self.address

    @property
    def officer_name(self) -> str:
        return str(self.officer) if self.officer else ""

    @property
    def decision_words(self) -> str:
        """The decision in this type's own words; empty while there is none."""
        if not self.decision:
            return ""
        return self.application_type.decision_words.get(self.decision, self.get_decision_display())

    @property
    def is_open(self) -> bool:
        return self.status in OPEN

    @property
    def is_decided(self) -> bool:
        """Decided and issued. Never asked of a draft recommendation."""
        return bool(self.decision)


class Submission(models.Model):
    """What arrived, byte for byte. Inserted once with its outcome; a trigger refuses update and delete."""

    class Source(models.TextChoices):
        PLANX = "planx", "PlanX"
        ANY = "any", "Open Digital Planning, other sender"
        PLANNING_PORTAL = "planning_portal", "Planning Portal"
        UNKNOWN = "unknown", "Not known"

    class Outcome(models.TextChoices):
        ACCEPTED = "accepted", "Became a case"
        REFUSED = "refused", "Could not become a case"
        REPEATED = "repeated", "Came again with other contents"

    authority = models.ForeignKey(
        "accounts.LocalAuthority", null=True, on_delete=models.PROTECT, related_name="submissions"
    )
    application = models.ForeignKey(
        PlanningApplication, null=True, on_delete=models.PROTECT, related_name="submissions"
    )
    source = models.CharField(max_length=20, choices=Source, default=Source.UNKNOWN)
    external_id = models.CharField(max_length=100, blank=True)
    schema_version = models.CharField(max_length=200, blank=True)
    content_type = models.CharField(max_length=100, blank=True)
    body = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    outcome = models.CharField(max_length=10, choices=Outcome)
    faults = models.JSONField(default=list, blank=True, help_text="[{path, reason}]: never the values")
    schema_checked = models.BooleanField(default=False, help_text="The full JSON Schema was there and was used.")
    received_at = models.DateTimeField(default=timezone.now)
    received_through = PlainCharField(max_length=80, blank=True, help_text="API token or command")

    class Meta:
        default_permissions = ("view",)
        ordering = ["-received_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["authority", "source", "external_id"],
                condition=Q(outcome="accepted") & ~Q(external_id=""),
                name="submission_once",
            ),
            models.CheckConstraint(
                name="accepted_submission_has_case",
                condition=Q(outcome="refused", application=None)
                | Q(outcome__in=["accepted", "repeated"], application__isnull=False, authority__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_source_display()} {self.external_id or self.sha256[:12]}"


# What officers look for a party by: cases/application/search.py.
KNOWN_AS = Concat(
    "first_name", Value(" "), "last_name", Value(" "), "company", Value(" "), "email", output_field=models.TextField()
)


class Party(models.Model):
    """Somebody with a part in the application."""

    class Role(models.TextChoices):
        APPLICANT = "applicant", "Applicant"
        AGENT = "agent", "Agent"
        OWNER = "owner", "Owner"
        SITE_CONTACT = "site_contact", "Site contact"

    application = models.ForeignKey(PlanningApplication, on_delete=models.PROTECT, related_name="parties")
    role = models.CharField(max_length=15, choices=Role)
    kind = models.CharField(max_length=20, blank=True, help_text="individual, company, charity, public, parishCouncil")
    title = PlainCharField(max_length=40, blank=True)
    first_name = PlainCharField(max_length=120, blank=True)
    last_name = PlainCharField(max_length=120, blank=True)
    company = PlainCharField(max_length=200, blank=True)
    email = models.EmailField(blank=True)
    phone = PlainCharField(max_length=40, blank=True)
    address = PlainTextField(blank=True, help_text="A line each, postcode last.")
    interest = PlainCharField(max_length=60, blank=True)
    notice_given = models.BooleanField(null=True, blank=True)
    notice_on = models.DateField(null=True, blank=True)
    no_notice_reason = PlainTextField(blank=True)

    class Meta:
        verbose_name_plural = "parties"
        ordering = ["role", "pk"]
        indexes = [GinIndex(OpClass(Upper(KNOWN_AS), name="gin_trgm_ops"), name="party_known_as")]
        constraints = [
            models.UniqueConstraint(
                fields=["application", "role"],
                condition=Q(role__in=["applicant", "agent"]),
                name="one_applicant_one_agent",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        person = " ".join(part for part in (self.title, self.first_name, self.last_name) if part)
        return person or self.company

    @property
    def name_and_company(self) -> str:
        return ", ".join(dict.fromkeys(part for part in (self.name, self.company) if part))
