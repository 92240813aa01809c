"""Atom feeds (RFC 4287): every search, one application, one property. What changed last comes first.

Identifiers are UUIDs made from what never changes, the council's code and the row's key: neither a new host name nor a
new reference makes an old entry look new.
"""

import re
import uuid
from collections import Counter
from datetime import UTC, date, datetime, time
from html import escape

from django.db.models import F, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.feedgenerator import Atom1Feed

from accounts.models import LocalAuthority
from accounts.public_address import public_url
from cases.models import PlanningApplication
from cases.register.published import entry_of, public_applications
from cases.register.timeline import public_timeline
from notices.wording.merge import long_date

from .changes import latest_news
from .searching import RegisterSearch, canonical_query, found_as_written, in_order, search_words
from .views import of_an_application, of_the_register

MOST_ENTRIES = 50
_OURS = uuid.UUID("0b6c4d2e-3f0a-5e0f-9d55-7b1a6c2f4e11")
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_BEFORE_EVERYTHING = datetime(2000, 1, 1, tzinfo=UTC)  # of a feed without an entry: it changed when it was empty


class Feed(Atom1Feed):
    """Without entries it is as old as it was, so that nobody is sent the same empty feed twice."""

    def latest_post_date(self) -> datetime:
        return max((item["updateddate"] for item in self.items), default=_BEFORE_EVERYTHING)


def identifier(council: LocalAuthority, *of: object) -> str:
    return uuid.uuid5(_OURS, "/".join(map(str, (council.code, *of)))).urn


def _new_feed(request: HttpRequest, council: LocalAuthority, *, title: str, page: str, ident: str) -> Feed:
    return Feed(
        title=_text(f"{title} – {council.name}"),
        link=public_url(council, page),
        description=None,
        subtitle=f"From the planning register of {council.name}",
        language="en-GB",
        author_name=council.name,
        feed_url=public_url(council, request.get_full_path()),
        feed_guid=ident,
    )


def _text(words: str) -> str:
    """What XML can hold of it: an imported register may have anything in its texts."""
    return _NOT_IN_XML.sub("", words)


def _answer(feed: Feed) -> HttpResponse:
    return HttpResponse(feed.writeString("utf-8"), content_type=feed.content_type, headers={"X-Robots-Tag": "noindex"})


def _add_applications(feed: Feed, council: LocalAuthority, applications: QuerySet[PlanningApplication]) -> None:
    rows = list(applications.defer("boundary", "extent").annotate(changed_at=F("public_changed_at"))[:MOST_ENTRIES])
    news = latest_news(rows)
    for application in rows:
        entry = entry_of(application)
        said = [entry.description, f"{entry.type_name}. {entry.status.words}. Received {long_date(entry.received_on)}."]
        if entry.decision and entry.decided_on:
            said.append(f"{entry.decision}, {long_date(entry.decided_on)}.")
        if application.pk in news:
            said.append(f"Latest: {news[application.pk]}.")
        feed.add_item(
            title=_text(f"{entry.reference}: {entry.address}"),
            link=public_url(council, reverse("register_application", args=[entry.reference])),
            description=_text("".join(f"<p>{escape(words)}</p>" for words in said)),
            unique_id=identifier(council, "application", application.pk),
            pubdate=application.published_at,
            updateddate=application.changed_at or application.published_at,
            categories=[_text(entry.type_name), entry.status.words],
        )


@of_the_register
def register_feed(request: HttpRequest, *, council: LocalAuthority, register_page) -> HttpResponse:
    """What the list at the same query finds: the applications that changed last."""
    form = RegisterSearch(request.GET, council=council)
    if not form.is_valid():
        words = [str(error) for errors in form.errors.values() for error in errors]
        return HttpResponse("\n".join([*words, ""]), status=400, content_type="text/plain; charset=utf-8")
    query = canonical_query(form)
    page = f"{reverse('register')}?{query}" if query else reverse("register")
    title = f"Planning applications: {search_words(form)}"
    feed = _new_feed(request, council, title=title, page=page, ident=identifier(council, "search", query))
    _add_applications(feed, council, in_order(found_as_written(council, form.cleaned_data), "changed"))
    return _answer(feed)


@of_the_register
def property_feed(request: HttpRequest, *, council: LocalAuthority, register_page, uprn: str) -> HttpResponse:
    """Everything on the register at one property."""
    there = in_order(public_applications(council).filter(uprn=uprn).exclude(uprn=""), "changed")
    first = there.first() if uprn.isascii() and uprn.isdecimal() else None
    if first is None:
        raise Http404("Nothing on the register is at this property.")
    title = f"Planning applications at {first.full_address}"
    page = reverse("register_property", args=[uprn])
    feed = _new_feed(request, council, title=title, page=page, ident=identifier(council, "property", uprn))
    _add_applications(feed, council, there)
    return _answer(feed)


@of_an_application
def application_feed(request: HttpRequest, *, application: PlanningApplication) -> HttpResponse:
    """What became of one application, step by step: its public timeline, without what is still to come."""
    council, page = application.authority, reverse("register_application", args=[application.reference])
    feed = _new_feed(
        request,
        council,
        title=f"{application.reference}, {application.full_address}",
        page=page,
        ident=identifier(council, "timeline", application.pk),
    )
    seen: Counter[tuple[str, date]] = Counter()
    entries = []
    for moment in public_timeline(application):
        if moment.is_to_come:
            continue
        same = (moment.words, moment.on)
        seen[same] += 1
        ident = identifier(council, "timeline", application.pk, moment.words, moment.on, seen[same])
        entries.append((moment, ident))
    for moment, ident in reversed(entries[-MOST_ENTRIES:]):
        detail = f"<p>{escape(moment.detail)}</p>" if moment.detail else ""
        day = timezone.make_aware(datetime.combine(moment.on, time()))
        feed.add_item(
            title=_text(moment.words),
            link=public_url(council, page),
            description=_text(f"<p>{escape(f'{moment.words}, {long_date(moment.on)}')}</p>{detail}"),
            unique_id=ident,
            pubdate=day,
            updateddate=day,
        )
    return _answer(feed)
