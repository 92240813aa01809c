"""Proof that nobody rewrote what happened: the events of each case, and the notices that were issued.

Triggers refuse such changes. This finds them where somebody switched the triggers off. Cases are looked at a batch at a
time, with three questions to the database whatever a batch holds, so that a register of a million takes an hour and no
more memory than one of a thousand.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from django.db.models import QuerySet

from cases.models import CaseEvent, PlanningApplication
from cases.statuses import Origin
from cases.timeline import broken_in
from notices.models import IssuedNotice

from .issue import canonical_json, sha256_of

BATCH = 500  # applications
EVENTS_AT_ONCE = 1000
NOTICES_AT_ONCE = 20  # each holds a PDF
Issue = tuple[int, str, str, str]  # application, version, sha256 of the data and of the PDF, as an event tells of it
TELL_OF_AN_ISSUE = frozenset({"determine", "notice_corrected"})


@dataclass(frozen=True)
class Batch:
    """What was found out about some applications, in the order of their keys."""

    applications: list[PlanningApplication]
    faults: dict[int, list[str]]  # key → sentences; only of those that have any

    @property
    def last(self) -> int:
        return self.applications[-1].pk


def batches(applications: QuerySet[PlanningApplication], *, after: int = 0, size: int = BATCH) -> Iterator[Batch]:
    """Look at the applications of the queryset with a key greater than `after`, `size` of them at a time."""
    rows = applications.select_related("authority").only("reference", "status", "origin", "authority__code")
    while found := list(rows.filter(pk__gt=after).order_by("pk")[:size]):
        faults = faults_of(found)
        if suspects := [row for row in found if row.pk in faults]:
            # Somebody may have worked on the case while its events were read: what holds now is no fault.
            faults = faults_of(list(rows.filter(pk__in=[row.pk for row in suspects]).order_by("pk")))
        batch = Batch(found, faults)
        yield batch
        after = batch.last


def faults_of(applications: Sequence[PlanningApplication]) -> dict[int, list[str]]:
    """What does not hold in the records of some applications: key → sentences. Asks the database twice."""
    faults: dict[int, list[str]] = defaultdict(list)
    issues = _in_events(applications, faults)
    notices = IssuedNotice.objects.filter(application__in=[row.pk for row in applications])
    fields = ("application_id", "version", "html", "pdf", "snapshot", "html_sha256", "pdf_sha256", "snapshot_sha256")
    for notice in notices.only(*fields).order_by("application_id", "version").iterator(chunk_size=NOTICES_AT_ONCE):
        faults[notice.application_id] += _in_notice(notice)
        issue = (notice.application_id, str(notice.version), notice.snapshot_sha256, notice.pdf_sha256)
        if issue not in issues:
            words = f"no event tells of the issue of decision notice {notice.version}"
            faults[notice.application_id].append(words)
        issues.discard(issue)
    for key, version, *_ in sorted(issues):
        faults[key].append(f"an event tells of the issue of decision notice {version}, which is not there as it was")
    return {key: sentences for key, sentences in faults.items() if sentences}


@dataclass
class _Chain:
    """What is kept of a chain of events that is read only once."""

    status: str = ""  # what the last event that changed it says
    issues: set[Issue] = field(default_factory=set)

    def listen(self, events: Iterator[CaseEvent]) -> Iterator[CaseEvent]:
        for event in events:
            self.status = event.to_status or self.status
            if event.kind in TELL_OF_AN_ISSUE and isinstance(event.data, dict):  # who tampers may write anything
                told = [str(event.data.get(name, "")) for name in ("version", "snapshot_sha256", "pdf_sha256")]
                self.issues.add((event.application_id, told[0], told[1], told[2]))
            yield event


def _in_events(applications: Sequence[PlanningApplication], faults: dict[int, list[str]]) -> set[Issue]:
    """Adds what is wrong with the chains. Returns each issue that the events tell of."""
    events = CaseEvent.objects.filter(application__in=[row.pk for row in applications])
    read = events.order_by("application_id", "sequence").iterator(chunk_size=EVENTS_AT_ONCE)
    chains: dict[int, _Chain] = {}
    for key, chain_events in groupby(read, key=lambda event: event.application_id):
        chain = chains[key] = _Chain()
        faults[key] += (f"event {sequence} {words}" for sequence, words in broken_in(chain.listen(chain_events)))
    for row in applications:
        faults[row.pk] += _at_the_end(row, chains.get(row.pk))
    return set().union(*(chain.issues for chain in chains.values()))


def _at_the_end(application: PlanningApplication, chain: _Chain | None) -> Iterator[str]:
    """A chain does not show that its last links are gone; the case itself does, and the notices that it names."""
    if chain is None:
        yield "has no events at all"
    elif chain.status and chain.status != application.status and application.origin != Origin.IMPORTED:
        yield f"is “{application.status}”, but its last event says “{chain.status}”"


def _in_notice(notice: IssuedNotice) -> Iterator[str]:
    kept = {
        "HTML": (sha256_of(notice.html.encode()), notice.html_sha256),
        "PDF": (sha256_of(bytes(notice.pdf)), notice.pdf_sha256),
        "data": (sha256_of(canonical_json(notice.snapshot)), notice.snapshot_sha256),
    }
    for what, (now, then) in kept.items():
        if now != then:
            yield f"the {what} of decision notice {notice.version} was changed after it was issued"
