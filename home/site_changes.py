"""The marks of a changed website (remembering.py) do not grow for ever."""

from django.db.models import Max

from home.models import SiteChange

KEEP_CHANGES = 1_000  # rows: more than are made in the hour for which Django's cache remembers


def forget_old_changes() -> int:
    """Delete all but the newest rows, which every process has seen. How many."""
    newest = SiteChange.objects.aggregate(newest=Max("pk"))["newest"] or 0
    return SiteChange.objects.filter(pk__lte=newest - KEEP_CHANGES).delete()[0]
