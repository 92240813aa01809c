"""Many documents of one case at once: first what would happen to each, then all of it in one transaction."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction

from accounts.models import User
from cases.models import Document, PlanningApplication
from cases.permissions import can_correct, can_publish
from cases.statuses import PublicStatus

from .describing import change_documents
from .publishing import (
    confirm_publication,
    refuse_publication,
    set_public_status,
    take_back_proposal,
    why_not_published,
)
from .storing import NOT_NOW


class Deed(models.TextChoices):
    PUBLISH = "publish", "Publish"
    WITHHOLD = "withhold", "Withhold"
    NOT_ASSESSED = "not_assessed", "Mark as not looked at yet"
    CONFIRM = "confirm", "Agree and publish (second look)"
    REFUSE = "refuse", "Do not agree to publish (second look)"
    TAKE_BACK = "take_back", "Take back my proposal to publish"
    ADD_TYPES = "add_types", "Add types"
    SET_TYPES = "set_types", "Set the types instead of those they have"
    USE_SUGGESTIONS = "use_suggestions", "Use the suggested types"
    RECEIVED_ON = "received_on", "Set when they were received"


SECOND_LOOK = frozenset({Deed.CONFIRM, Deed.REFUSE, Deed.TAKE_BACK})
ABOUT_THE_PUBLIC = SECOND_LOOK | {Deed.PUBLISH, Deed.WITHHOLD, Deed.NOT_ASSESSED}
NEEDS_REASON = frozenset({Deed.WITHHOLD, Deed.REFUSE})
NEEDS_TYPES = frozenset({Deed.ADD_TYPES, Deed.SET_TYPES})


@dataclass(frozen=True)
class Plan:
    """What a deed would do: to whom, what is so already, and who cannot and why (a sentence each)."""

    deed: Deed
    can: list[Document] = field(default_factory=list)
    already: list[Document] = field(default_factory=list)
    cannot: list[tuple[Document, str]] = field(default_factory=list)
    only_proposes: bool = False  # another officer must agree before anything is published

    @property
    def keys(self) -> list[int]:
        return sorted(document.pk for document in self.can)


def deeds_for(user: User, application: PlanningApplication) -> list[Deed]:
    """What this user may do with documents of the case, in the order of the list of choices."""
    publishes, corrects = can_publish(user, application), can_correct(user, application)
    second = application.authority.second_person_publishes
    return [
        deed
        for deed in Deed
        if (publishes if deed in ABOUT_THE_PUBLIC else corrects) and (second or deed not in SECOND_LOOK)
    ]


def plan_for(
    documents: Iterable[Document],
    *,
    application: PlanningApplication,
    deed: Deed,
    by: User,
    types: Iterable[str] = (),
    received_on: date | None = None,
) -> Plan:
    """Sort the chosen documents of the case into can, already and cannot, in few queries however many they are."""
    plan = Plan(deed, only_proposes=deed == Deed.PUBLISH and application.authority.second_person_publishes)
    chosen = list(documents)
    unpublishable = why_not_published(chosen) if deed in (Deed.PUBLISH, Deed.CONFIRM) else {}
    wanted = list(dict.fromkeys(types))
    for document in chosen:
        if because := _why_not(document, deed=deed, by=by, unpublishable=unpublishable.get(document.pk, "")):
            plan.cannot.append((document, because))
        elif _is_so(document, deed=deed, types=wanted, received_on=received_on):
            plan.already.append(document)
        else:
            plan.can.append(document)
    return plan


@transaction.atomic
def carry_out(
    plan: Plan,
    *,
    application: PlanningApplication,
    by: User,
    because: str = "",
    types: Iterable[str] = (),
    received_on: date | None = None,
) -> None:
    """Do what the plan says to those that can, all or nothing. Raises PermissionDenied, ValidationError."""
    if plan.deed not in deeds_for(by, application):
        raise PermissionDenied(NOT_NOW)
    if not plan.can:
        raise ValidationError("There is nothing to do: none of the chosen documents would change.")
    match plan.deed:
        case Deed.PUBLISH | Deed.WITHHOLD | Deed.NOT_ASSESSED:
            set_public_status(plan.can, status=PublicStatus(plan.deed), because=because, by=by)
        case Deed.CONFIRM:
            confirm_publication(plan.can, by=by)
        case Deed.REFUSE:
            refuse_publication(plan.can, because=because, by=by)
        case Deed.TAKE_BACK:
            take_back_proposal(plan.can, by=by)
        case Deed.RECEIVED_ON:
            change_documents(plan.can, by=by, received_on=received_on)
        case _:
            change_documents(plan.can, by=by, types={d.pk: types_after(d, plan.deed, types) for d in plan.can})


def types_after(document: Document, deed: Deed, types: Iterable[str]) -> list[str]:
    """The types that the document has when the deed is done."""
    match deed:
        case Deed.ADD_TYPES:
            return list(dict.fromkeys([*document.types, *types]))
        case Deed.USE_SUGGESTIONS:
            return document.suggested_types[:1]
        case _:
            return list(dict.fromkeys(types))


def _why_not(document: Document, *, deed: Deed, by: User, unpublishable: str) -> str:
    match deed:
        case Deed.PUBLISH:
            return unpublishable
        case Deed.CONFIRM | Deed.REFUSE | Deed.TAKE_BACK if document.publication_asked_by_id is None:
            return "Nobody proposes to publish it."
        case Deed.TAKE_BACK if document.publication_asked_by_id != by.pk:
            return f"{document.publication_asked_by} proposed it, not you."
        case Deed.CONFIRM if document.publication_asked_by_id == by.pk:
            return "You proposed it yourself: another person must look at it."
        case Deed.REFUSE if document.publication_asked_by_id == by.pk:
            return "You proposed it yourself: another person must look at it. You can take it back."
        case Deed.CONFIRM:
            return unpublishable
        case Deed.USE_SUGGESTIONS if document.types:
            return "It has a type already."
        case Deed.USE_SUGGESTIONS if not document.suggested_types:
            return "Nothing is suggested for it."
    return ""


def _is_so(document: Document, *, deed: Deed, types: list[str], received_on: date | None) -> bool:
    match deed:
        case Deed.PUBLISH:
            return document.public_status == PublicStatus.PUBLISH or document.publication_asked_by_id is not None
        case Deed.NOT_ASSESSED:
            return document.public_status == PublicStatus.NOT_ASSESSED and document.publication_asked_by_id is None
        case Deed.ADD_TYPES:
            return set(types) <= set(document.types)
        case Deed.SET_TYPES:
            return types == document.types
        case Deed.RECEIVED_ON:
            return document.received_on == received_on
    return False
