"""More time to decide, agreed in writing (DMPO 2015 art. 34(2)(c); GPDO 2015 art. 7(c) for prior approvals).

An extension is a row of its own: nobody types over the day on which a decision is due.
"""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import User

from .deadlines import expiry
from .holding import hold
from .models import Document, ExtensionOfTime, PlanningApplication
from .permissions import can_extend
from .timeline import record

NOT_NOW = "An extension of time is recorded while the application is valid and undecided, by a planning officer."


@transaction.atomic
def agree_extension(
    application: PlanningApplication,
    *,
    agreed_until: date,
    agreed_with: str,
    agreed_in_writing_on: date,
    evidence: str,
    document: Document | None = None,
    by: User,
) -> ExtensionOfTime:
    """Record that both sides agreed in writing to a later day; `expires_on` follows, never below the statutory day.

    Call it only for what was agreed: a request that was refused or not answered is a note and changes nothing.
    Raises ValidationError by field, PermissionDenied.
    """
    held = hold(application, by=by, may=can_extend, sorry=NOT_NOW)
    _check(held, agreed_until, agreed_in_writing_on, document)
    extension = ExtensionOfTime(
        application=held, agreed_until=agreed_until, agreed_with=agreed_with.strip(),
        agreed_in_writing_on=agreed_in_writing_on, evidence=evidence.strip(), document=document, by=by,
    )  # fmt: skip
    extension.full_clean(exclude=["application", "document", "by"], validate_constraints=False)
    extension.save()
    before, after = _set_expiry(held, told=application)
    record(
        held, "extension_agreed", by=by, extension=extension.pk, agreed_until=agreed_until,
        agreed_in_writing_on=agreed_in_writing_on, before=before, after=after,
    )  # fmt: skip
    return extension


def _check(held: PlanningApplication, until: date, agreed_on: date, document: Document | None) -> None:
    faults = {}
    if held.expires_on is None:
        raise ValidationError("This application has no day by which it must be decided, so there is nothing to extend.")
    if until <= held.expires_on:
        faults["agreed_until"] = f"It is due on {held.expires_on:%-d %B %Y} already: an extension must end later."
    elif until > held.expires_on.replace(year=held.expires_on.year + 5, day=1):
        faults["agreed_until"] = "That is more than five years away. Check the year."
    if agreed_on > timezone.localdate():
        faults["agreed_in_writing_on"] = "The agreement cannot have been made later than today."
    elif agreed_on < held.received_on:
        faults["agreed_in_writing_on"] = f"The application was received only on {held.received_on:%-d %B %Y}."
    elif agreed_on > until:
        faults["agreed_in_writing_on"] = "The agreement must be made before the extended time ends."
    if document is not None and document.application_id != held.pk:
        faults["document"] = "That document belongs to another application."
    if faults:
        raise ValidationError(faults)


@transaction.atomic
def remove_extension(extension: ExtensionOfTime, *, because: str, by: User) -> None:
    """Take out an extension that was recorded by mistake; the due day falls back, never below the statutory day.

    Raises ValidationError without a reason, PermissionDenied.
    """
    held = hold(extension.application, by=by, may=can_extend, sorry=NOT_NOW)
    if not because.strip():
        raise ValidationError({"because": "Say why it is taken out."})
    agreed_until = extension.agreed_until
    extension.delete()
    before, after = _set_expiry(held)
    record(
        held, "extension_removed", by=by, agreed_until=agreed_until, because=because.strip(), before=before, after=after
    )


def _set_expiry(
    held: PlanningApplication, *, told: PlanningApplication | None = None
) -> tuple[date | None, date | None]:
    """Work the due day out anew from the statutory day and every extension; returns what it was and what it is."""
    before = held.expires_on
    if held.statutory_expiry_on is not None:
        held.expires_on = expiry(held.statutory_expiry_on, held.extensions.values_list("agreed_until", flat=True))
        held.save(update_fields=["expires_on", "updated_at"])
    if told is not None:
        told.expires_on = held.expires_on
    return before, held.expires_on
