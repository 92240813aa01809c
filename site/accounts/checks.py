"""What `bin/manage check --database default` and `bin/manage migrate` look at before a release goes live."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import DatabaseError

# RFC 2606 keeps these names for examples: nobody real has an address there, and the demonstration's people all do.
DEMONSTRATION_DOMAIN = "@example.com"


@register(Tags.database)
def no_demonstration_accounts(*, databases: list[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """In production the demonstration's accounts, whose password everybody knows, stop the release."""
    if not (settings.IS_PRODUCTION and databases):
        return []
    from .models import User  # the models are not ready when this is registered

    try:
        found = list(User.objects.filter(email__iendswith=DEMONSTRATION_DOMAIN).values_list("email", flat=True)[:3])
    except DatabaseError:  # before the first migration there is no table
        return []
    if not found:
        return []
    return [
        Error(
            f"This database holds accounts of the demonstration ({', '.join(found)}), whose password is published.",
            hint="Production begins with an empty database, never with the demonstration's.",
            id="accounts.E001",
        )
    ]
