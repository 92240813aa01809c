"""The words of the officer's report that no row of its own holds."""

from collections.abc import Mapping

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from cases.locking import locked_for
from cases.models import (
    AssessmentSection,
    PlanningApplication,
)
from cases.permissions import can_assess
from cases.timeline import record

from .editing import NOT_NOW


@transaction.atomic
def write_sections(application: PlanningApplication, *, texts: Mapping[str, str], by: User) -> list[AssessmentSection]:
    """Write parts of the report, slug → text; those that do not differ are left alone.

    Raises ValidationError, PermissionDenied.
    """
    case = locked_for(application, by=by, may=can_assess, refusal=NOT_NOW)
    if unknown := set(texts) - set(AssessmentSection.Slug.values):
        raise ValidationError(f"The report has no part {', '.join(sorted(unknown))}.")
    sections = {section.slug: section for section in case.sections.all()}
    written = []
    for slug, text in texts.items():
        section = sections.get(slug) or AssessmentSection(application=case, slug=slug)
        if section.text == text.strip():
            continue
        before, section.text = section.text, text.strip()
        section.updated_by, section.updated_at = by, timezone.now()
        section.full_clean(exclude=["application", "updated_by"], validate_unique=False, validate_constraints=False)
        section.save()
        record(case, "section_written", by=by, section=slug, before=before, after=section.text)
        written.append(section)
    return written
