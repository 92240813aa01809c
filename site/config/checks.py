"""What `bin/manage check --deploy --database default` says of the database role that this process signs in as."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Tags, Warning, register
from django.db import DatabaseError, connection

ASK = """
SELECT current_user, rolsuper, EXISTS (
    SELECT FROM pg_class WHERE oid = to_regclass('django_migrations') AND pg_has_role(current_user, relowner, 'MEMBER')
) FROM pg_roles WHERE rolname = current_user
"""


@register(Tags.database, deploy=True)
def runs_as_the_runtime_role(*, databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """In production, web, worker and due work sign in as a role that cannot switch the guards off."""
    if not (settings.IS_PRODUCTION and databases):
        return []
    try:
        with connection.cursor() as cursor:
            cursor.execute(ASK)
            role, is_superuser, owns = cursor.fetchone()
    except DatabaseError:  # whoever cannot connect hears of it elsewhere
        return []
    if not (is_superuser or owns):
        return []
    what = "is a superuser of the database" if is_superuser else "owns the tables"
    return [
        Warning(
            f"This process signs in as {role}, which {what}: whoever takes it over can rewrite issued decisions and "
            "their history.",
            hint=f"Only the release (migrate, database_roles …) runs as {role}. Give web, worker and due work a "
            f"DATABASE_URL of {settings.DATABASE_RUNTIME_ROLE}: docs/deploy.md, “Two roles of the database”.",
            id="config.W001",
        )
    ]
