"""How often somebody may do something: counted in the database, so that every worker counts together.

For what costs something or reaches somebody (comments, e-mails, API tokens); never for reading a public page.
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import connection
from django.utils import timezone

from .models import RateCount

KEPT = timedelta(days=2)


@dataclass(frozen=True)
class Allowance:
    is_allowed: bool
    limit: int
    remaining: int
    seconds_left: int  # until the window ends and counting starts anew


def use(key: str, *, limit: int, seconds: int) -> Allowance:
    """Count one more use of `key` (at most 100 characters) and say whether it is still within `limit` per `seconds`.

    One statement: two workers at once cannot both take the last one. It commits with the caller's transaction; ask
    before opening one, so that a refused or failed request counts too.
    """
    now = timezone.now()
    begin = int(now.timestamp()) // seconds * seconds
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO accounts_ratecount (key, window_began_at, count) VALUES (%s, %s, 1)"
            " ON CONFLICT (key, window_began_at) DO UPDATE SET count = accounts_ratecount.count + 1 RETURNING count",
            [key, datetime.fromtimestamp(begin, UTC)],
        )
        (count,) = cursor.fetchone()
    left = begin + seconds - int(now.timestamp())
    return Allowance(count <= limit, limit, max(0, limit - count), left)


def nameless(purpose: str, who: str) -> str:
    """A key for somebody who must not be stored by name, such as an address on the network: a keyed hash of it."""
    digest = hashlib.blake2b(who.encode(), key=settings.SECRET_KEY.encode()[:64], digest_size=16)
    return f"{purpose}:{digest.hexdigest()}"


def forget_old_counts() -> int:
    """Delete counts of windows long past. Returns how many."""
    return RateCount.objects.filter(window_began_at__lt=timezone.now() - KEPT).delete()[0]
