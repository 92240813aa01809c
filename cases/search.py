"""One search for officers and the public: PostgreSQL's own columns and indexes, on the ordinary queryset.

What was typed is taken for a reference, a UPRN, a postcode, part of an address, or words, whichever it may be.
"""

import re

from django.contrib.postgres.search import SearchQuery
from django.db.models import Q, QuerySet

from .models import Party, PlanningApplication, PreviousReference

LONGEST_SEARCH = 200
# 26-00107-HAPP, 26/00107, 2600107happ, PL/26/0107: digits in it, and no more than letters, digits and separators.
REFERENCE = re.compile(r"(?=.*\d{3})[A-Z0-9]+(?:[-/. ]?[A-Z0-9]+){0,4}")
# A whole postcode, or its first half with as much of the second as has been typed.
POSTCODE = re.compile(r"[A-Z]{1,2}\d[A-Z\d]?(?:\d[A-Z]{0,2})?")
ENOUGH_PREVIOUS = 100


def search_applications(
    applications: QuerySet[PlanningApplication], text: str, *, with_names: bool = False
) -> QuerySet[PlanningApplication]:
    """Those of `applications` that `text` finds; all of them when there is nothing in it.

    `with_names` finds applicants and agents too: only for readers who may see personal data. Order and paging are the
    caller's. Asks the database once by itself, for previous references, when the text may be a reference.
    """
    text = " ".join(text.replace("\x00", " ").split())[:LONGEST_SEARCH]
    if not text:
        return applications
    found = _words(text) | Q(address__icontains=text)
    key = re.sub(r"[^A-Z0-9]", "", text.upper())
    if REFERENCE.fullmatch(text.upper()):
        found |= Q(reference_key__contains=key) | Q(pk__in=_once_called(key))
    if POSTCODE.fullmatch(key):
        found |= Q(postcode_key__startswith=key)
    if key.isdigit() and 8 <= len(key) <= 12:
        found |= Q(uprn=key.lstrip("0")) | Q(uprn=key)
    if with_names:
        found |= Q(pk__in=_party_to(text))
    return applications.filter(found)


def _words(text: str) -> Q:
    """As a visitor would type: words, “a phrase”, -without. Plain words stand in the vector beside English stems."""
    query = SearchQuery(text, search_type="websearch", config="english")
    return Q(search=query | SearchQuery(text, search_type="websearch", config="simple"))


def _once_called(key: str) -> list[int]:
    # Read beforehand: a subquery inside the OR would keep PostgreSQL from using the indexes of the other parts.
    previous = PreviousReference.objects.filter(reference_key__contains=key)
    return list(previous.values_list("application_id", flat=True)[:ENOUGH_PREVIOUS])


def _party_to(text: str) -> QuerySet:
    first, _, last = text.rpartition(" ")
    named = Q(last_name__icontains=text) | Q(company__icontains=text)
    if first:
        named |= Q(first_name__icontains=first, last_name__icontains=last)
    return Party.objects.filter(named, role__in=[Party.Role.APPLICANT, Party.Role.AGENT]).values("application_id")
