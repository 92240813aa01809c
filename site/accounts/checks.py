"""What `bin/manage check --database default` and `bin/manage migrate` look at before a release goes live."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import DatabaseError


@register(Tags.database)
def no_demonstration_accounts(*, databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """In production the demonstration's accounts, whose password everybody knows, stop the release.

    None is made there (models.refuse_the_demonstrations): these came with a database from elsewhere, or long ago."""
    if not (settings.IS_PRODUCTION and databases):
        return []
    from .models import DEMONSTRATION_DOMAIN, User  # the models are not ready when this is registered

    try:
        found = list(User.objects.filter(email__iendswith=DEMONSTRATION_DOMAIN).values_list("email", flat=True)[:3])
    except DatabaseError:  # before the first migration there is no table
        return []
    if not found:
        return []
    return [
        Error(
            f"This database holds accounts of the demonstration, whose password is published, or others at its domain, "
            f"where nobody can have an address: {', '.join(found)}.",
            hint="Production begins with an empty database, never with the demonstration's. If you made these accounts "
            "yourself, give each a real address on its page under Users, in the release that runs now.",
            id="accounts.E001",
        )
    ]
