"""Reading cases/data/*.yaml into the database: what ships with the product and an administrator may change.

The files are checked whole before anything is written, and written in one transaction: a broken file changes nothing.
Loading again changes nothing either, unless a file has changed; rows that an administrator has changed
(`is_customised`) are kept as they are, and rows that the files no longer name stay, because cases may rest on them.
"""

import re
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import jsonschema_rs
import yaml
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction

from cases.models import (
    ApplicationType,
    Consideration,
    ConstraintType,
    DocumentType,
    Fee,
    GpdoClass,
    GpdoLimit,
    InvalidReason,
    LimitAssessment,
    Policy,
    Requirement,
    StandardCondition,
    StandardInformative,
    StandardReason,
)
from cases.statuses import Decision

DATA = Path(__file__).resolve().parents[1] / "data"

# The merge fields that standard wordings may hold; all other double braces are mistakes.
MERGE_FIELDS = frozenset({"site_address", "description", "reference", "approved_plans"})
# Rules of fees without a national amount: set by the council, or not known to us. See cases/data/fees.yaml.
FEES_WITHOUT_AMOUNT = frozenset({"local", "permission_in_principle", "prior_approval_new_homes"})

Row = dict[str, Any]
Key = tuple[Hashable, ...]


@dataclass(frozen=True)
class ReferenceFile:
    """One file of rows and the table that they go to; `key` names the fields by which a row is known again."""

    name: str
    model: type[models.Model]
    key: tuple[str, ...]
    nested: tuple[str, ...] = ()  # keys of a row that are rows of another table
    # Fields that name a row of a file before this one by its key: (field, model, key of that model)
    names: tuple[tuple[str, type[models.Model], str], ...] = ()
    elsewhere: tuple[
        str, ...
    ] = ()  # keys of a row that are read from the file itself (cases/documents/type_suggestions.py)

    def key_of(self, row: Row) -> Key:
        return tuple(row[field] for field in self.key)

    def where(self, number: int, row: object) -> str:
        """The place of a row in words, for the person who reads the message; rows count from 1."""
        named = " ".join(str(row[field]) for field in self.key if field in row) if isinstance(row, dict) else ""
        return f"{self.name}.yaml, row {number}" + (f" ({named})" if named else "")


FILES = (
    ReferenceFile("application_types", ApplicationType, ("code",)),
    ReferenceFile("document_types", DocumentType, ("code",), elsewhere=("known_by",)),
    ReferenceFile("constraints", ConstraintType, ("code",)),
    ReferenceFile("gpdo", GpdoClass, ("code",), nested=("limits",)),
    ReferenceFile("policies", Policy, ("slug",)),
    ReferenceFile("considerations", Consideration, ("slug",)),
    ReferenceFile("conditions", StandardCondition, ("slug",)),
    ReferenceFile("informatives", StandardInformative, ("slug",)),
    ReferenceFile("refusal_reasons", StandardReason, ("slug",)),
    ReferenceFile("invalid_reasons", InvalidReason, ("slug",)),
    ReferenceFile("requirements", Requirement, ("slug",), names=(("reason", InvalidReason, "slug"),)),
    ReferenceFile("fees", Fee, ("rule", "effective_from")),
)


class ReferenceDataError(Exception):
    """The files cannot be loaded; `problems` says where and why, one sentence each."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = list(problems)
        super().__init__("\n".join(self.problems))


@dataclass
class Tally:
    """How many rows of one table a load touched."""

    name: str
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    kept: int = 0  # changed by an administrator, or still needed by a case

    def __str__(self) -> str:
        kept = f", {self.kept} kept as they are" if self.kept else ""
        return f"{self.name}: {self.created} created, {self.updated} updated, {self.unchanged} unchanged{kept}"


def load_reference_data(folder: Path = DATA) -> list[Tally]:
    """Bring the reference tables up to the files of this folder; one tally for each table, in loading order.

    Raises ReferenceDataError when a file is missing, broken or contradicts another; then nothing has changed.
    """
    data = read_reference_data(folder)
    with transaction.atomic():
        return [tally for file in FILES for tally in _load_file(file, data[file.name])]


# --- Reading and checking ------------------------------------------------------------------------------------------


class _StrictLoader(yaml.CSafeLoader):
    """YAML in which a key may stand only once in a mapping: the library takes the last and says nothing."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        keys = Counter(key.value for key, _ in node.value if key.tag != "tag:yaml.org,2002:merge")
        for name, times in keys.items():
            if times > 1:
                raise yaml.constructor.ConstructorError(None, None, f"the key {name} stands twice", node.start_mark)
        return super().construct_mapping(node, deep)


def read_reference_data(folder: Path = DATA) -> dict[str, list[Row]]:
    """All files of the folder, checked: file name without ending → rows. Raises ReferenceDataError."""
    data: dict[str, list[Row]] = {}
    problems: list[str] = []
    schemas = _read_yaml(DATA / "schema.yaml")
    for file in FILES:
        try:
            data[file.name] = _read_yaml(folder / f"{file.name}.yaml")
        except ReferenceDataError as error:
            problems += error.problems
            continue
        problems += _problems_of_shape(file, data[file.name], schemas[file.name])
    if not problems:
        problems = [problem for file in FILES for problem in _problems_of_rows(file, data[file.name])]
        problems += _problems_between_files(data)
    if problems:
        raise ReferenceDataError(problems)
    return data


def _read_yaml(path: Path) -> Any:
    try:
        with path.open(encoding="utf-8") as stream:
            return yaml.load(stream, Loader=_StrictLoader)  # noqa: S506 (built on the safe loader)
    except FileNotFoundError:
        raise ReferenceDataError([f"{path.name} is missing."]) from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ReferenceDataError([f"{path.name} is not YAML: {' '.join(str(error).split())}"]) from error


def _problems_of_shape(file: ReferenceFile, rows: Any, row_schema: Row) -> Iterator[str]:
    """Missing and unknown keys, wrong types, words outside the known ones: by the JSON Schema of the file."""
    if not isinstance(rows, list) or not rows:
        yield f"{file.name}.yaml must be a list of rows."
        return
    validator = jsonschema_rs.validator_for({"type": "object", **row_schema})
    for number, row in enumerate(rows, start=1):
        for error in validator.iter_errors(row):
            inside = ".".join(str(step) for step in error.instance_path)
            yield f"{file.where(number, row)}{f', {inside}' if inside else ''}: {error.message}"


def _problems_of_rows(file: ReferenceFile, rows: list[Row]) -> Iterator[str]:
    """Keys used twice, merge fields that do not exist, and what the model itself refuses."""
    seen: set[Key] = set()
    for number, row in enumerate(rows, start=1):
        where = file.where(number, row)
        if file.key_of(row) in seen:
            yield f"{where}: stands in the file twice."
        seen.add(file.key_of(row))
        for field, value in row.items():
            if isinstance(value, str) and (wrong := _wrong_merge_fields(value)):
                yield f"{where}, {field}: no such merge field: {', '.join(wrong)}"
        try:
            _cleaned(file, row)
            for limit in row.get("limits", []):
                _cleaned_limit(limit)
        except ValidationError as error:
            yield from (f"{where}, {field}: {' '.join(words)}" for field, words in error.message_dict.items())


def problems_of_value(model: type[models.Model], field: str, value: Any) -> list[str]:
    """What is wrong with the shape of one field, by the schema of the model's file: for forms that edit JSON."""
    name = next((file.name for file in FILES if file.model is model), "")
    schema = _read_yaml(DATA / "schema.yaml").get(name, {}).get("properties", {}).get(field)
    if schema is None:
        return []
    errors = jsonschema_rs.validator_for(schema).iter_errors(value)
    return [f"{'.'.join(map(str, error.instance_path))} {error.message}".strip() for error in errors]


def is_taken(model: type[models.Model], *, slug: str, authority_id: int | None, by_other_than: int | None) -> bool:
    """Whether another row of the same council has this name: what a form asks before the database does."""
    return model._default_manager.filter(slug=slug, authority=authority_id).exclude(pk=by_other_than).exists()


def _wrong_merge_fields(text: str) -> list[str]:
    without_good = re.sub(r"{{ (\w+) }}", lambda match: "" if match[1] in MERGE_FIELDS else match[0], text)
    return re.findall(r"{{[^{}]*}}|[{}]+", without_good)


def _problems_between_files(data: dict[str, list[Row]]) -> Iterator[str]:
    """What a row says of rows elsewhere: application types, decisions, fees, policies."""
    types = data["application_types"]
    yield from _codes_used_twice(types)
    codes = {row["code"] for row in types}
    suffixes = Counter(row["suffix"] for row in types)
    fee_rules = {row["rule"] for row in data["fees"]} | FEES_WITHOUT_AMOUNT
    policies = {row["slug"] for row in data["policies"]}
    for number, row in enumerate(types, start=1):
        where = FILES[0].where(number, row)
        if suffixes[row["suffix"]] > 1:
            yield f"{where}, suffix: {row['suffix']} belongs to another type too."
        if row["fee_rule"] not in fee_rules:
            yield f"{where}, fee_rule: fees.yaml has no rule {row['fee_rule']}."
        for decision in row["decisions"]:
            if decision["code"] not in Decision.values:
                yield f"{where}, decisions: no such decision: {decision['code']}"
    for row in data["document_types"]:
        for code in set(row["usual_for"]) - codes:
            yield f"document_types.yaml, {row['code']}, usual_for: no such application type: {code}"
    for row in data["refusal_reasons"]:
        for slug in set(row["policy_slugs"]) - policies:
            yield f"refusal_reasons.yaml, {row['slug']}, policy_slugs: policies.yaml has no {slug}."
    yield from _unknown_codes_of_requirements(data)
    for row in data["gpdo"]:
        for limit, times in Counter(_limit_key(limit) for limit in row["limits"]).items():
            if times > 1:
                yield f"gpdo.yaml, {row['code']}, limits: {' '.join(limit).strip()} stands twice."


def _unknown_codes_of_requirements(data: dict[str, list[Row]]) -> Iterator[str]:
    """What the checklist names in other files: kinds of application, kinds of document, constraints, ready words."""
    known = {
        "application_types": {row["code"] for row in data["application_types"]},
        "document_types": {row["code"] for row in data["document_types"]},
        "constraints": {row["code"] for row in data["constraints"]},
    }
    reasons = {row["slug"] for row in data["invalid_reasons"]}
    for row in data["requirements"]:
        where = f"requirements.yaml, {row['slug']}"
        for name, codes in known.items():
            for code in sorted(set(row.get(name, [])) - codes):
                yield f"{where}, {name}: {name}.yaml has no {code}."
        if (reason := row.get("reason")) and reason not in reasons:
            yield f"{where}, reason: invalid_reasons.yaml has no {reason}."


def _codes_used_twice(types: list[Row]) -> Iterator[str]:
    """One code, one type: a code may not be another type's older or newer code."""
    codes = Counter(code for row in types for code in {row["code"], *row.get("other_codes", [])})
    yield from (f"application_types.yaml: the code {code} names two types." for code, n in codes.items() if n > 1)


# --- Writing -------------------------------------------------------------------------------------------------------


def _load_file(file: ReferenceFile, rows: list[Row]) -> Iterator[Tally]:
    candidates = [_cleaned(file, row) for row in rows]
    for field, model, key in file.names:
        keys = dict(model._default_manager.values_list(key, "pk"))
        for candidate, row in zip(candidates, rows, strict=True):
            setattr(candidate, f"{field}_id", keys.get(row.get(field)))
    try:
        yield _upsert(file, candidates)
        if file.model is GpdoClass:
            yield _load_limits(rows)
    except IntegrityError as error:
        problem = f"{file.name}.yaml clashes with a row in the database: {' '.join(str(error).split())}"
        raise ReferenceDataError([problem]) from error


def _cleaned(file: ReferenceFile, row: Row) -> models.Model:
    """The row as an unsaved object, its values as the database would give them back. Raises ValidationError."""
    named = [field for field, _, _ in file.names]
    not_fields = {*file.nested, *file.elsewhere, *named}
    candidate = file.model(**{field: _exact(value) for field, value in row.items() if field not in not_fields})
    candidate.clean_fields(exclude=["authority", *named])
    return candidate


def _cleaned_limit(row: Row, position: int = 0) -> GpdoLimit:
    candidate = GpdoLimit(sort_order=position, **{field: _exact(value) for field, value in row.items()})
    candidate.clean_fields(exclude=["gpdo_class"])
    return candidate


def _exact(value: object) -> object:
    return Decimal(str(value)) if isinstance(value, float) else value


def _upsert(file: ReferenceFile, candidates: list[models.Model]) -> Tally:
    """Insert what is new, update what differs, leave what an administrator changed. Three queries at most."""
    tally = Tally(str(file.model._meta.verbose_name_plural))
    shared = {"authority": None} if any(field.name == "authority" for field in file.model._meta.fields) else {}
    present = {_key(file, found): found for found in file.model._default_manager.filter(**shared)}
    fields = _written_fields(file.model)
    new, differing = [], []
    for candidate in candidates:
        found = present.get(_key(file, candidate))
        if found is None:
            new.append(candidate)
        elif getattr(found, "is_customised", False):
            tally.kept += 1
        elif _copy_fields(candidate, found, fields):
            differing.append(found)
        else:
            tally.unchanged += 1
    file.model._default_manager.bulk_create(new)
    if differing:
        file.model._default_manager.bulk_update(differing, fields)
    tally.created, tally.updated = len(new), len(differing)
    return tally


def _key(file: ReferenceFile, row: models.Model) -> Key:
    return tuple(getattr(row, field) for field in file.key)


def _written_fields(model: type[models.Model]) -> list[str]:
    """The fields that a file decides: all but the key of the table and what only an administrator sets."""
    not_ours = {"authority", "is_customised", "is_active"}
    columns = [field for field in model._meta.concrete_fields if not field.primary_key and field.name not in not_ours]
    return [field.attname for field in columns]


def _copy_fields(source: models.Model, target: models.Model, fields: list[str]) -> bool:
    """Copy the fields that differ; True when there was one."""
    differing = [field for field in fields if getattr(source, field) != getattr(target, field)]
    for field in differing:
        setattr(target, field, getattr(source, field))
    return bool(differing)


def _limit_key(limit: Row) -> tuple[str, str]:
    return limit["paragraph"], limit.get("applies_to", "")


def _load_limits(rows: list[Row]) -> Tally:
    """The limits of each permitted development class, in the order of the file.

    A limit that the file dropped goes, unless an assessment rests on it: then it is kept. Limits of a class that an
    administrator changed are left alone.
    """
    tally = Tally(str(GpdoLimit._meta.verbose_name_plural))
    classes = {row.code: row for row in GpdoClass.objects.prefetch_related("limits")}
    for row in rows:
        gpdo_class = classes[row["code"]]
        present = {(limit.paragraph, limit.applies_to): limit for limit in gpdo_class.limits.all()}
        if gpdo_class.is_customised:
            tally.kept += len(present)
            continue
        for position, limit in enumerate(row["limits"]):
            candidate = _cleaned_limit(limit, position)
            candidate.gpdo_class = gpdo_class
            _upsert_limit(tally, present.pop(_limit_key(limit), None), candidate)
        dropped = GpdoLimit.objects.filter(pk__in=[limit.pk for limit in present.values()])
        dropped.exclude(pk__in=LimitAssessment.objects.values("limit")).delete()
        tally.kept += dropped.count()
    return tally


def _upsert_limit(tally: Tally, found: GpdoLimit | None, candidate: GpdoLimit) -> None:
    if found is None:
        candidate.save()
        tally.created += 1
    elif _copy_fields(candidate, found, _written_fields(GpdoLimit)):
        found.save()
        tally.updated += 1
    else:
        tally.unchanged += 1
