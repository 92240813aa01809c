"""Reference data: what kinds of application there are and what the law wants of each.

Loaded from cases/data/*.yaml by `bin/manage load_reference_data`; what an administrator has changed
(`is_customised`) is left alone by the next load.
"""

from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models

from accounts.plain_text import PlainCharField, PlainTextField


class ReferenceRow(models.Model):
    """A row that ships with the product and that an administrator may change."""

    is_customised = models.BooleanField(default=False, editable=False)
    is_active = models.BooleanField("in use", default=True)

    class Meta:
        abstract = True


class ApplicationType(ReferenceRow):
    class Category(models.TextChoices):
        CERTIFICATE = "certificate", "Lawful development certificate"
        HOUSEHOLDER = "householder", "Householder"
        FULL = "full", "Full planning permission"
        PRIOR_APPROVAL = "prior_approval", "Prior approval"
        CONSENT = "consent", "Consent"
        NOTICE = "notice", "Notice"
        CONDITIONS = "conditions", "Details required by condition"
        AMENDMENT = "amendment", "Amendment"
        PRE_APPLICATION = "pre_application", "Pre-application advice"

    class AssessmentKind(models.TextChoices):
        GPDO = "gpdo", "Against the limits of the permitted development order"
        POLICIES = "policies", "Against policies and considerations"
        NONE = "none", "In words only"

    code = models.CharField(
        max_length=80, unique=True, help_text="Open Digital Planning code, for example ldc.proposed."
    )
    other_codes = ArrayField(
        models.CharField(max_length=80),
        default=list,
        blank=True,
        help_text="Newer, older or neighbouring systems' codes for the same type.",
    )
    suffix = models.CharField(
        max_length=6,
        unique=True,
        validators=[RegexValidator(r"^[A-Z0-9]{2,6}$")],
        help_text="The end of the reference, for example HAPP.",
    )
    name = PlainCharField(max_length=200)
    category = models.CharField(max_length=20, choices=Category)
    legislation_title = PlainCharField(max_length=200, blank=True)
    legislation_section = PlainCharField(max_length=200, blank=True)
    legislation_text = PlainTextField(blank=True)
    period_days = models.PositiveSmallIntegerField(null=True, blank=True, help_text="Days to decide; empty: no period.")
    eia_period_days = models.PositiveSmallIntegerField(null=True, blank=True)
    tasks = ArrayField(models.SlugField(max_length=40), default=list, blank=True)
    publicity = models.JSONField(default=dict, blank=True)
    decisions = models.JSONField(default=list, help_text="[{code, words}]")
    appeal = models.JSONField(default=dict, blank=True)
    statistics_class = models.CharField(max_length=10, blank=True)
    delegation_schedule = models.CharField(max_length=10, blank=True)
    fee_rule = models.SlugField(max_length=40, blank=True)
    assessment_kind = models.CharField(max_length=10, choices=AssessmentKind, default=AssessmentKind.NONE)
    is_publishable = models.BooleanField(default=True)
    skips_bank_holidays = models.BooleanField(default=True, help_text="Publicity periods skip bank holidays.")
    needs_ownership_certificate = models.BooleanField(default=False)
    needs_bng_statement = models.BooleanField(default=False)
    silence_permits = models.BooleanField(default=False, help_text="No decision in time means permission.")

    class Meta:
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def decision_words(self) -> dict[str, str]:
        """Decision code → the words this type uses for it."""
        return {row["code"]: row["words"] for row in self.decisions}

    def has_task(self, slug: str) -> bool:
        return slug in self.tasks


class DocumentType(ReferenceRow):
    class Group(models.TextChoices):
        DRAWINGS = "drawings", "Drawings"
        EVIDENCE = "evidence", "Evidence"
        SUPPORTING = "supporting", "Supporting documents"

    code = models.CharField(max_length=80, unique=True)
    label = PlainCharField(max_length=200)
    group = models.CharField(max_length=20, choices=Group)
    usual_for = ArrayField(models.CharField(max_length=80), default=list, blank=True)
    often_personal = models.BooleanField(default=False, help_text="Often holds personal data: look before publishing.")

    class Meta:
        ordering = ["group", "label", "pk"]

    def __str__(self) -> str:
        return self.label


class ConstraintType(ReferenceRow):
    code = models.CharField(max_length=80, unique=True)
    name = PlainCharField(max_length=200)
    category = PlainCharField(max_length=40)
    is_article_2_3 = models.BooleanField("article 2(3) land", default=False)

    class Meta:
        ordering = ["category", "name", "pk"]

    def __str__(self) -> str:
        return self.name


class GpdoClass(ReferenceRow):
    """A class of the General Permitted Development Order 2015, Schedule 2."""

    code = models.CharField(max_length=40, unique=True, help_text="For example part1.classA")
    part = models.PositiveSmallIntegerField()
    letter = models.CharField(max_length=4)
    title = PlainCharField(max_length=200)
    description = PlainTextField(blank=True)
    conditions = models.JSONField(default=list, blank=True, help_text="[{paragraph, text}]")

    class Meta:
        ordering = ["part", "code"]
        verbose_name = "permitted development class"
        verbose_name_plural = "permitted development classes"

    def __str__(self) -> str:
        return f"Part {self.part}, Class {self.letter}: {self.title}"


class GpdoLimit(models.Model):
    """One limit of a class, paragraph by paragraph, so that an assessment can answer each."""

    gpdo_class = models.ForeignKey(GpdoClass, on_delete=models.CASCADE, related_name="limits")
    paragraph = PlainCharField(max_length=30)
    text = PlainTextField()
    unit = PlainCharField(max_length=20, blank=True)
    limit = models.DecimalField(max_digits=10, decimal_places=2, null=True, blank=True)
    applies_to = PlainCharField(max_length=60, blank=True, help_text="For example: detached house.")
    sort_order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["gpdo_class", "sort_order", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["gpdo_class", "paragraph", "applies_to"], name="gpdo_limit_once_per_class")
        ]

    def __str__(self) -> str:
        return self.paragraph


class Policy(ReferenceRow):
    """A policy that an assessment or a reason for refusal can rest on. No authority: national."""

    authority = models.ForeignKey(
        "accounts.LocalAuthority", null=True, blank=True, on_delete=models.PROTECT, related_name="policies"
    )
    slug = models.SlugField(max_length=80)
    plan = PlainCharField(max_length=160, help_text="For example National Planning Policy Framework.")
    number = PlainCharField(max_length=30, blank=True)
    title = PlainCharField(max_length=200)
    is_development_plan = models.BooleanField(
        default=False, help_text="Part of the development plan: what a refusal must name (DMPO 2015 art. 35(1)(b))."
    )

    class Meta:
        ordering = ["plan", "number", "pk"]
        verbose_name_plural = "policies"
        constraints = [
            models.UniqueConstraint(fields=["authority", "slug"], name="policy_slug_once", nulls_distinct=False)
        ]

    def __str__(self) -> str:
        return " ".join(part for part in (self.plan, self.number, self.title) if part)


class Consideration(ReferenceRow):
    """A material consideration, as the officer's report is divided by them."""

    slug = models.SlugField(max_length=60, unique=True)
    name = PlainCharField(max_length=120)
    guidance = PlainTextField(blank=True)
    sort_order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["sort_order", "name", "pk"]

    def __str__(self) -> str:
        return self.name


class InvalidReason(ReferenceRow):
    """Ready words for why an application is invalid and what would put it right (DMPO 2015 art. 11)."""

    slug = models.SlugField(max_length=60, unique=True)
    kind = models.CharField(max_length=20, help_text="What it is about, for example document, red_line or fee.")
    title = PlainCharField(max_length=200)
    text = PlainTextField()
    what_to_send = PlainTextField()

    class Meta:
        ordering = ["kind", "title", "pk"]

    def __str__(self) -> str:
        return self.title


class Fee(ReferenceRow):
    """What an application costs from a day on (SI 2012/2920 as amended)."""

    rule = models.SlugField(max_length=40)
    effective_from = models.DateField()
    amount = models.DecimalField(max_digits=10, decimal_places=2)
    words = PlainCharField(max_length=200, blank=True)
    is_estimated = models.BooleanField(default=False, help_text="Computed by us, not read in the official table.")

    class Meta:
        ordering = ["rule", "-effective_from", "pk"]
        constraints = [models.UniqueConstraint(fields=["rule", "effective_from"], name="fee_once_per_day")]

    def __str__(self) -> str:
        return f"{self.rule} from {self.effective_from}: £{self.amount}"
