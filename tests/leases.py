"""Time that passes for work in the background."""

from datetime import timedelta

from django.db.models import Model
from django.utils import timezone

from cases.jobs.leased import LeasedJob


def falls_due(job: LeasedJob, row: Model) -> None:
    """As if its wait, or the lease of who took it, were over."""
    job._rows().filter(pk=row.pk).update(**{job.due_at: timezone.now() - timedelta(seconds=1)})


def attempts_of(job: LeasedJob) -> int:
    """How often it is tried before it is given up."""
    return len(job.waits) + 1
