"""What there is to choose from on one council's register: its wards, parishes and types of application.

A million rows hold forty wards. PostgreSQL has no skip scan of its own before version 18: a recursive query jumps from
one value to the next through the register's partial indexes, forty steps instead of a million.
"""

from django.db import connection

from accounts.models import LocalAuthority

_SKIPPING = """
    WITH RECURSIVE steps AS (
        (SELECT {column} AS value FROM cases_planningapplication
         WHERE is_on_register AND authority_id = %(authority)s AND {column} > {least} AND {published}
         ORDER BY {column} LIMIT 1)
        UNION ALL
        SELECT (SELECT {column} FROM cases_planningapplication
                WHERE is_on_register AND authority_id = %(authority)s AND {column} > steps.value AND {published}
                ORDER BY {column} LIMIT 1)
        FROM steps WHERE steps.value IS NOT NULL
    )
    SELECT value FROM steps WHERE value IS NOT NULL LIMIT {most}
"""
# As an array the types are asked for once; joined, they would tempt the planner away from the skipping.
_PUBLISHED = "application_type_id = ANY (ARRAY(SELECT id FROM cases_applicationtype WHERE is_publishable))"
MOST_PLACES = 1000  # a county has a few hundred parishes


def _distinct(authority: LocalAuthority, column: str, *, least: str) -> list:
    with connection.cursor() as cursor:
        asked = _SKIPPING.format(column=column, least=least, most=MOST_PLACES, published=_PUBLISHED)
        cursor.execute(asked, {"authority": authority.pk})
        return [value for (value,) in cursor.fetchall()]


def wards_on_the_register(authority: LocalAuthority) -> list[str]:
    """Names of wards that public applications of the council have, in order of the alphabet."""
    return _distinct(authority, "ward", least="''")


def parishes_on_the_register(authority: LocalAuthority) -> list[str]:
    """Names of parishes that public applications of the council have, in order of the alphabet."""
    return _distinct(authority, "parish", least="''")


def types_on_the_register(authority: LocalAuthority) -> set[int]:
    """Keys of the types that public applications of the council have."""
    return set(_distinct(authority, "application_type_id", least="0"))
