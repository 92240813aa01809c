"""The copy that the public may see: in the place of its original, and of every copy that was made before it."""

from functools import partial
from typing import IO

from django.db.models import Q

from accounts.models import User
from cases.models import Document
from cases.permissions import can_publish
from cases.statuses import PublicStatus
from cases.timeline import record

from .publishing import set_public_status
from .storing import file_fields, permit, storing_file, tell_added


def add_redacted_copy(document: Document, *, file: IO[bytes], name: str, by: User) -> Document:
    """Add the copy that the public may see, drawn here or uploaded; also after the decision.

    From then on the original is withheld, and so are earlier copies of it, which the new one supersedes. A copy of a
    copy stands in the place of the original too. Raises PermissionDenied, UnacceptableFile.
    """
    application = document.application
    permit(can_publish(by, application))
    with storing_file(application, file=file, name=name, may=partial(can_publish, by)) as (inspected, stored):
        # As it stands now: a title may have been corrected while the copy was drawn.
        row = Document.objects.select_for_update(of=("self",)).get(pk=document.pk)
        copy = Document.objects.create(
            application=application,
            redacted_from=row.redacted_from or row,
            title=row.title,
            types=row.types,
            drawing_number=row.drawing_number,
            revision=row.revision,
            received_on=row.received_on,
            uploaded_by=by,
            **file_fields(inspected, stored, name),
        )
        tell_added(copy, by=by, redacted_from=copy.redacted_from_id)
        originals = [document]
        if row.redacted_from is not None and row.redacted_from.public_status != PublicStatus.WITHHOLD:
            originals.append(row.redacted_from)
        set_public_status(
            originals, status=PublicStatus.WITHHOLD, because="A redacted copy stands in its place.", by=by
        )
        _replace_earlier_copies(copy, by=by)
    return copy


def _replace_earlier_copies(copy: Document, *, by: User) -> None:
    """Who redacts again has found something in the copy before: the public must not see that one any longer."""
    others = Document.objects.filter(redacted_from=copy.redacted_from_id).exclude(pk=copy.pk)
    # Also those that something else stands in the place of: they may still be on the register.
    earlier = list(
        others.filter(Q(superseded_by=None) | ~Q(public_status=PublicStatus.WITHHOLD)).select_related("application")
    )
    if not earlier:
        return
    seen = [one for one in earlier if one.public_status != PublicStatus.WITHHOLD]
    set_public_status(seen, status=PublicStatus.WITHHOLD, because="A newer redacted copy stands in its place.", by=by)
    current = [one for one in earlier if one.is_current]
    Document.objects.filter(pk__in=[one.pk for one in current]).update(superseded_by=copy)
    for one in current:
        record(
            copy.application,
            "document_superseded",
            by=by,
            document=one.pk,
            title=one.title,
            by_document=copy.pk,
            by_title=copy.title,
        )
