"""Proof that nobody rewrote what happened: the events of each case, and the notices that were issued.

Triggers refuse such changes. This finds them where somebody switched the triggers off.
"""

from collections.abc import Iterator

from cases.models import CaseEvent, PlanningApplication
from cases.statuses import Origin
from cases.timeline import broken_links

from .issue import canonical_json, sha256_of
from .models import IssuedNotice


def faults_of(application: PlanningApplication) -> Iterator[str]:
    """What does not hold in the records of one application, in sentences; nothing when all is well."""
    yield from (f"event {sequence} {words}" for sequence, words in broken_links(application.pk))
    yield from _end_of_chain(application)
    for notice in IssuedNotice.objects.filter(application=application).iterator():
        yield from _notice(notice)


def _end_of_chain(application: PlanningApplication) -> Iterator[str]:
    """A chain does not show that its last links are gone; the case itself does, and the notices that it names."""
    events = CaseEvent.objects.filter(application=application)
    last = events.exclude(to_status="").order_by("-sequence").first()
    if not events.exists():
        yield "has no events at all"
    elif last and last.to_status != application.status and application.origin != Origin.IMPORTED:
        yield f"is “{application.status}”, but its last event says “{last.to_status}”"


def _notice(notice: IssuedNotice) -> Iterator[str]:
    kept = {
        "HTML": (sha256_of(notice.html.encode()), notice.html_sha256),
        "PDF": (sha256_of(bytes(notice.pdf)), notice.pdf_sha256),
        "data": (sha256_of(canonical_json(notice.snapshot)), notice.snapshot_sha256),
    }
    for what, (now, then) in kept.items():
        if now != then:
            yield f"the {what} of decision notice {notice.version} was changed after it was issued"
    issued = CaseEvent.objects.filter(
        application_id=notice.application_id,
        kind__in=["determine", "notice_corrected"],
        data__version=notice.version,
        data__snapshot_sha256=notice.snapshot_sha256,
    )
    if not issued.exists():
        yield f"no event tells of the issue of decision notice {notice.version}"
