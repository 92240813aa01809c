"""An older register that was brought in: how far it got, and what came of every row."""

from django.db import models
from django.utils import timezone

from accounts.plain_text import PlainCharField


class RegisterImport(models.Model):
    """One file of one council's older register. `lines_done` is where a run that was broken off goes on.

    Written by cases/intake/register_csv/.
    """

    authority = models.ForeignKey("accounts.LocalAuthority", on_delete=models.PROTECT, related_name="register_imports")
    file_name = PlainCharField(max_length=255)
    sha256 = models.CharField(max_length=64, help_text="Of the file and of the mapping together.")
    mapping = models.JSONField(default=dict)
    lines_done = models.PositiveIntegerField(default=0)
    created = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    by_year_and_type = models.JSONField(default=dict, blank=True)
    started_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        default_permissions = ("view",)
        ordering = ["-started_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.file_name} of {self.started_at:%-d %B %Y}"


class RefusedRow(models.Model):
    """A row of the file that could not become an application, and why."""

    register_import = models.ForeignKey(RegisterImport, on_delete=models.CASCADE, related_name="refused_rows")
    line = models.PositiveIntegerField(help_text="In the file; the headings are line 1.")
    reference = PlainCharField(max_length=60, blank=True)
    reason = PlainCharField(max_length=400)

    class Meta:
        default_permissions = ()
        ordering = ["register_import", "line"]
        constraints = [models.UniqueConstraint(fields=["register_import", "line"], name="refused_row_once")]

    def __str__(self) -> str:
        return f"line {self.line}: {self.reason}"
