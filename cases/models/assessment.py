"""What the officer found out and thought: the parts of which the report is assembled."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxLengthValidator
from django.db import models
from django.utils import timezone

from accounts.plain_text import PlainCharField, PlainTextField

from .application import PlanningApplication
from .application_type import Consideration, GpdoClass, GpdoLimit, Policy


class AssessmentSection(models.Model):
    """A part of the report in the officer's own words, once per slug."""

    class Slug(models.TextChoices):
        SITE = "site_description", "Site and surroundings"
        WORKS = "works_description", "The proposal"
        HISTORY = "planning_history", "Planning history"
        RESPONSES = "responses", "Publicity and responses"
        CONCLUSION = "conclusion", "Conclusion"

    application = models.ForeignKey(PlanningApplication, on_delete=models.PROTECT, related_name="sections")
    slug = models.CharField(max_length=30, choices=Slug)
    text = PlainTextField(blank=True, validators=[MaxLengthValidator(50_000)])
    updated_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["application", "slug"], name="section_once")]

    def __str__(self) -> str:
        return self.get_slug_display()


class SiteVisit(models.Model):
    application = models.ForeignKey(PlanningApplication, on_delete=models.PROTECT, related_name="site_visits")
    visited_on = models.DateField()
    notes = PlainTextField(blank=True)
    neighbours_seen = PlainTextField(blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-visited_on", "-pk"]

    def __str__(self) -> str:
        return f"Site visit of {self.visited_on}"


class HistoryEntry(models.Model):
    """An earlier decision at the site that matters here."""

    application = models.ForeignKey(PlanningApplication, on_delete=models.PROTECT, related_name="history_entries")
    reference = PlainCharField(max_length=60)
    description = PlainTextField()
    decision = PlainCharField(max_length=120, blank=True)
    decided_on = models.DateField(null=True, blank=True)
    relevance = PlainTextField(blank=True)

    class Meta:
        ordering = ["-decided_on", "reference", "pk"]
        verbose_name_plural = "history entries"
        constraints = [models.UniqueConstraint(fields=["application", "reference"], name="history_entry_once")]

    def __str__(self) -> str:
        return self.reference


class ClassAssessment(models.Model):
    """A class of the permitted development order that the proposal is held against."""

    application = models.ForeignKey(PlanningApplication, on_delete=models.PROTECT, related_name="class_assessments")
    gpdo_class = models.ForeignKey(GpdoClass, on_delete=models.PROTECT, related_name="+")
    note = PlainTextField(blank=True)

    class Meta:
        ordering = ["gpdo_class__part", "gpdo_class__code"]
        constraints = [models.UniqueConstraint(fields=["application", "gpdo_class"], name="class_once")]

    def __str__(self) -> str:
        return str(self.gpdo_class)


class LimitAssessment(models.Model):
    """Whether the proposal keeps one limit, and by what measure."""

    class Outcome(models.TextChoices):
        COMPLIES = "complies", "Complies"
        FAILS = "fails", "Does not comply"
        NOT_APPLICABLE = "not_applicable", "Does not apply"

    class_assessment = models.ForeignKey(ClassAssessment, on_delete=models.CASCADE, related_name="limits")
    limit = models.ForeignKey(GpdoLimit, on_delete=models.PROTECT, related_name="+")
    outcome = models.CharField(max_length=15, choices=Outcome)
    measured = PlainCharField(max_length=120, blank=True, help_text="For example: 2.9 metres")
    note = PlainTextField(blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["limit__sort_order", "pk"]
        constraints = [models.UniqueConstraint(fields=["class_assessment", "limit"], name="limit_once")]

    def __str__(self) -> str:
        return f"{self.limit}: {self.get_outcome_display()}"


class ConsiderationAssessment(models.Model):
    """One material consideration, the policies that bear on it and what the officer makes of it."""

    class Outcome(models.TextChoices):
        ACCEPTABLE = "acceptable", "Acceptable"
        ACCEPTABLE_WITH_CONDITIONS = "with_conditions", "Acceptable with conditions"
        UNACCEPTABLE = "unacceptable", "Not acceptable"
        NEUTRAL = "neutral", "Does not weigh either way"

    application = models.ForeignKey(PlanningApplication, on_delete=models.PROTECT, related_name="considerations")
    consideration = models.ForeignKey(Consideration, on_delete=models.PROTECT, related_name="+")
    policies = models.ManyToManyField(Policy, blank=True, related_name="+")
    text = PlainTextField(validators=[MaxLengthValidator(50_000)])
    outcome = models.CharField(max_length=20, choices=Outcome)
    evidence = ArrayField(PlainCharField(max_length=200), default=list, blank=True)
    sort_order = models.PositiveSmallIntegerField(default=0)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["sort_order", "pk"]
        constraints = [models.UniqueConstraint(fields=["application", "consideration"], name="consideration_once")]

    def __str__(self) -> str:
        return str(self.consideration)
