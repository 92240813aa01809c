"""Somebody who wants to hear when the register changes."""

import uuid

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone

from accounts.models import LocalAuthority
from accounts.plain_text import PlainCharField
from cases.models import PlanningApplication


class Alert(models.Model):
    """One thing that one e-mail address follows. Nothing is sent before the address is confirmed.

    The row is deleted when it is stopped, and after a week when it was never confirmed: no address is kept needlessly.
    """

    class Kind(models.TextChoices):
        APPLICATION = "application", "One application"
        PROPERTY = "property", "One property"
        AREA = "area", "An area around a postcode"
        SEARCH = "search", "A search"

    token = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    address_key = models.UUIDField(
        default=uuid.uuid4,
        editable=False,
        help_text="The same for all that one address follows: what its e-mails are stopped by.",
    )
    authority = models.ForeignKey(LocalAuthority, on_delete=models.CASCADE, related_name="+")
    email = models.EmailField()
    kind = models.CharField(max_length=12, choices=Kind)
    # What is followed; `subject` says it in one string, so that nobody follows the same thing twice.
    subject = PlainCharField(max_length=600, editable=False)
    application = models.ForeignKey(
        PlanningApplication, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    uprn = PlainCharField(max_length=12, blank=True)
    postcode = PlainCharField(max_length=10, blank=True)
    latitude = models.DecimalField(max_digits=9, decimal_places=6, null=True, blank=True)
    longitude = models.DecimalField(max_digits=9, decimal_places=6, null=True, blank=True)
    radius_metres = models.PositiveIntegerField(null=True, blank=True)
    query = PlainCharField(max_length=500, blank=True, help_text="The search as it stands in the address of its list")
    created_at = models.DateTimeField(default=timezone.now)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    told_until = models.DateTimeField(default=timezone.now, help_text="Changes up to here have been told.")

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint("authority", Lower("email"), "subject", name="alert_once"),
            models.CheckConstraint(
                name="alert_has_what_its_kind_needs",
                condition=Q(kind="application", application__isnull=False)
                | (Q(kind="property") & ~Q(uprn=""))
                | Q(kind="area", latitude__isnull=False, longitude__isnull=False, radius_metres__isnull=False)
                | Q(kind="search"),
            ),
        ]
        indexes = [
            models.Index(fields=["confirmed_at", "told_until"], name="alert_due"),
            models.Index(fields=["address_key"], name="alert_of_address"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.subject}"
