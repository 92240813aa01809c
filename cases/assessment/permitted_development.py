"""Holding a proposal against the permitted development order: class by class, limit by limit.

GPDO is SI 2015/596, Schedule 2. The limits are reference data (cases/data/gpdo.yaml).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from cases.locking import changed_fields, locked_for
from cases.models import ApplicationType, ClassAssessment, GpdoClass, GpdoLimit, LimitAssessment, PlanningApplication
from cases.permissions import can_assess
from cases.timeline import record

from .editing import NOT_NOW

# What Open Digital Planning calls the works → the class that permits them. The longest beginning wins; later rows of
# the same beginning add classes.
CLASSES_OF_WORKS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("extend.rear", ("part1.classA",)),
    ("extend.side", ("part1.classA",)),
    ("extend.front", ("part1.classA",)),
    ("extend.balcony", ("part1.classA",)),
    ("extend.basement", ("part1.classA",)),
    ("extend.outbuilding", ("part1.classE",)),
    ("extend.porch", ("part1.classD",)),
    ("extend.porch.rear", ("part1.classA", "part1.classD")),
    ("extend.roof", ("part1.classB",)),
    ("extend.roof.newStorey", ("part1.classAA",)),
    ("extend.upperStorey", ("part1.classAA",)),
    ("alter.roof", ("part1.classB", "part1.classC")),
    ("alter.roof.materials", ("part1.classC",)),
    ("alter.roof.openings", ("part1.classC",)),
    ("alter.rooflight", ("part1.classC",)),
    ("alter.chimneys", ("part1.classG",)),
    ("alter.flue", ("part1.classG",)),
    ("alter.soilPipes", ("part1.classG",)),
    ("alter.soilVentPipes", ("part1.classG",)),
    ("alter.equipment.antennae", ("part1.classH",)),
    ("alter.equipment.biomass", ("part1.classG",)),
    ("alter.equipment.chp", ("part1.classG",)),
    ("alter.equipment.tank", ("part1.classE",)),
    ("alter.surfaces", ("part1.classF",)),
    ("alter.surfaceLow", ("part1.classF",)),
    ("alter.swimmingPool.outdoor", ("part1.classE",)),
    ("alter.openings", ("part1.classA",)),
    ("alter.replace", ("part1.classA",)),
    ("alter.facades", ("part1.classA",)),
    ("alter.bayWindow", ("part1.classA",)),
    ("alter.decks", ("part1.classE",)),
    ("internal.loft", ("part1.classB", "part1.classC")),
)


def classes_for_works(project_types: Iterable[str]) -> list[str]:
    """Codes of the classes of permitted development that these works (codes of Open Digital Planning) fall under."""
    codes: list[str] = []
    for works in project_types:
        beginnings = [row for row in CLASSES_OF_WORKS if works == row[0] or works.startswith(row[0] + ".")]
        if beginnings:
            codes += max(beginnings, key=lambda row: len(row[0]))[1]
    return list(dict.fromkeys(codes))


def suggested_classes(application: PlanningApplication) -> list[GpdoClass]:
    """The classes that the proposal seems to be held against: those of a prior approval's type, else of its works."""
    application_type = application.application_type
    if application_type.category == ApplicationType.Category.PRIOR_APPROVAL:
        codes = [application_type.code.removeprefix("pa.")]
    else:
        codes = classes_for_works(str(row.get("value", "")) for row in application.project_types)
    return list(GpdoClass.objects.filter(code__in=codes, is_active=True))


def classes_in_use():
    """Every class that a proposal can be held against."""
    return GpdoClass.objects.filter(is_active=True)


def limits_of(
    application: PlanningApplication,
) -> list[tuple[ClassAssessment, list[tuple[GpdoLimit, LimitAssessment | None]]]]:
    """The chosen classes, each with its limits in order and what was answered on each. Three queries."""
    classes = list(application.class_assessments.select_related("gpdo_class"))
    answers = {row.limit_id: row for row in LimitAssessment.objects.filter(class_assessment__in=classes)}
    limits: dict[int, list[tuple[GpdoLimit, LimitAssessment | None]]] = {}
    for limit in GpdoLimit.objects.filter(gpdo_class__in=[row.gpdo_class_id for row in classes]).order_by("sort_order"):
        limits.setdefault(limit.gpdo_class_id, []).append((limit, answers.get(limit.pk)))
    return [(row, limits.get(row.gpdo_class_id, [])) for row in classes]


@dataclass(frozen=True)
class LimitAnswer:
    """What the officer answers on one limit. `outcome` is one of LimitAssessment.Outcome."""

    outcome: str
    measured: str = ""
    note: str = ""


@transaction.atomic
def choose_classes(
    application: PlanningApplication, *, classes: Iterable[GpdoClass], by: User
) -> list[ClassAssessment]:
    """Hold the proposal against exactly these classes. Answers on a class that is taken out go with it.

    Raises PermissionDenied.
    """
    case = locked_for(application, by=by, may=can_assess, refusal=NOT_NOW)
    wanted = {gpdo_class.pk: gpdo_class for gpdo_class in classes}
    existing = {row.gpdo_class_id: row for row in case.class_assessments.select_related("gpdo_class")}
    removed = [row for pk, row in existing.items() if pk not in wanted]
    added = [gpdo_class for pk, gpdo_class in wanted.items() if pk not in existing]
    for row in removed:
        row.delete()
    ClassAssessment.objects.bulk_create([ClassAssessment(application=case, gpdo_class=row) for row in added])
    if added or removed:
        record(
            case,
            "limits_assessed",
            by=by,
            added=[row.code for row in added],
            removed=[row.gpdo_class.code for row in removed],
        )
    return list(case.class_assessments.select_related("gpdo_class"))


@transaction.atomic
def assess_limits(
    application: PlanningApplication,
    *,
    answers: Mapping[int, LimitAnswer],
    notes: Mapping[int, str] | None = None,
    by: User,
) -> None:
    """Save the officer's answers, limit pk → answer, and the notes on classes, class pk → text: all or nothing.

    Limits of the chosen classes that have no answer are left (or become) unanswered. Raises ValidationError when an
    answer is about a limit of another class, PermissionDenied.
    """
    case = locked_for(application, by=by, may=can_assess, refusal=NOT_NOW)
    classes = {row.gpdo_class_id: row for row in case.class_assessments.select_related("gpdo_class")}
    limits = {limit.pk: limit for limit in GpdoLimit.objects.filter(gpdo_class_id__in=classes)}
    if set(answers) - set(limits):
        raise ValidationError("One of the answers is about a class that was taken out. Load the page again.")
    if wrong := {answer.outcome for answer in answers.values()} - set(LimitAssessment.Outcome.values):
        raise ValidationError(f"A limit is kept, not kept, or does not apply; it cannot be {', '.join(sorted(wrong))}.")
    existing = {
        row.limit_id: row for row in LimitAssessment.objects.filter(class_assessment__application=case)
    }  # one row per limit of the classes above
    changes = [
        _write_answer(existing.get(pk), limit, classes[limit.gpdo_class_id], answers.get(pk), by)
        for pk, limit in limits.items()
    ]
    changed = [change for change in changes if change]
    changed_notes = []
    for pk, row in classes.items():
        note = (notes or {}).get(pk, row.note).strip()
        if note != row.note:
            changed_notes.append({"class": row.gpdo_class.code, "before": row.note, "after": note})
            row.note = note
            row.save(update_fields=["note"])
    if changed or changed_notes:
        record(case, "limits_assessed", by=by, limits=changed, notes=changed_notes)


def _write_answer(
    row: LimitAssessment | None, limit: GpdoLimit, of_class: ClassAssessment, answer: LimitAnswer | None, by: User
) -> dict[str, object] | None:
    """Write, change or take back one answer; what changed, for the event, or None."""
    before = row.outcome if row else ""
    if answer is None:
        if row:
            row.delete()
        return {"limit": _named(limit, of_class), "before": before, "after": ""} if row else None
    row = row or LimitAssessment(class_assessment=of_class, limit=limit)
    new = {"outcome": answer.outcome, "measured": answer.measured.strip(), "note": answer.note.strip()}
    differs, _ = changed_fields(row, new)
    if not differs and row.pk:
        return None
    row.by, row.at = by, timezone.now()
    row.full_clean(exclude=["class_assessment", "limit", "by"], validate_unique=False, validate_constraints=False)
    row.save()
    return {"limit": _named(limit, of_class), "before": before, "after": row.outcome, "measured": row.measured}


def _named(limit: GpdoLimit, of_class: ClassAssessment) -> str:
    return f"{of_class.gpdo_class.code} {limit.paragraph}"
