"""Thousands of applications at once, to see how the screens bear it. They count as imported from an older register."""

import random
from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import LocalAuthority, User
from cases.models import ApplicationType, CaseEvent, Party, PlanningApplication, ReferenceCounter
from cases.statuses import Decision, Origin, Status
from cases.timeline import SYSTEM, hash_of

from .people import FIRST_NAMES, LAST_NAMES
from .places import STREETS, Street
from .stories import HOUSEHOLDER, LDC, LDC_EXISTING, OTHERS, PRIOR_APPROVAL

BATCH = 1000
OPEN_DAYS = 75  # what came in later than this is still open
DECISIONS = {
    "ldc.proposed": Decision.LDC_GRANTED,
    "ldc.existing": Decision.LDC_REFUSED,
    "pa.part1.classA": Decision.PA_NOT_REQUIRED,
}
OPEN_STATUSES = [Status.NOT_STARTED, Status.INVALIDATED, *[Status.IN_ASSESSMENT] * 5, Status.AWAITING_DETERMINATION]


def load_imported(authority: LocalAuthority, *, how_many: int, officers: list[User], today: date) -> int:
    """Insert `how_many` imported applications over twenty years. Returns the number inserted."""
    chance = random.Random(how_many)
    kinds = _kinds()
    types = ApplicationType.objects.in_bulk([code for code, _ in kinds], field_name="code")
    done = 0
    while done < how_many:
        size = min(BATCH, how_many - done)
        with transaction.atomic():
            first = _block_of_numbers(authority, size)
            rows = [
                _application(authority, types, kinds, officers, today, first + index, chance) for index in range(size)
            ]
            PlanningApplication.objects.bulk_create(rows)
            Party.objects.bulk_create(_applicant(row, chance) for row in rows)
            CaseEvent.objects.bulk_create(_imported(row) for row in rows)
        done += size
    return done


def _kinds() -> list[tuple[str, str]]:
    return [
        *(("pp.full.householder", words) for words in HOUSEHOLDER),
        *(("ldc.proposed", words) for words, *_ in LDC),
        *(("ldc.existing", words) for words in LDC_EXISTING),
        *(("pa.part1.classA", words) for words in PRIOR_APPROVAL),
        *((code, words) for code, words, _ in OTHERS if code != "preApp"),
    ]


def _block_of_numbers(authority: LocalAuthority, size: int) -> int:
    """The first of `size` case numbers in a row, taken under the counter's lock."""
    ReferenceCounter.objects.bulk_create([ReferenceCounter(authority=authority)], ignore_conflicts=True)
    counter = ReferenceCounter.objects.select_for_update().get(authority=authority)
    first = counter.next_number
    counter.next_number = first + size
    counter.save(update_fields=["next_number"])
    return first


def _application(authority, types, kinds, officers, today, number, chance) -> PlanningApplication:
    code, words = chance.choice(kinds)
    application_type = types[code]
    street: Street = chance.choice(STREETS)
    # A few per cent of twenty years' applications are on the desks now.
    days_ago = chance.randrange(OPEN_DAYS) if chance.random() < 0.05 else chance.randrange(OPEN_DAYS, 7300)
    received = today - timedelta(days=days_ago)
    period = timedelta(days=application_type.period_days or 56)
    is_open = days_ago < OPEN_DAYS
    status = chance.choice(OPEN_STATUSES) if is_open else Status.DETERMINED
    valid = status not in {Status.NOT_STARTED, Status.INVALIDATED}
    decision = DECISIONS.get(code, chance.choice([Decision.GRANTED_WITH_CONDITIONS, Decision.REFUSED]))
    return PlanningApplication(
        authority=authority,
        application_type=application_type,
        reference=f"{received.year % 100:02d}-{number:05d}-{application_type.suffix}",
        origin=Origin.IMPORTED,
        status=status,
        officer=chance.choice(officers) if is_open and officers and chance.random() < 0.9 else None,
        description=words,
        address=f"{chance.randrange(1, 240)} {street.name}, {street.town}",
        postcode=street.postcode,
        uprn=str(100_090_000_000 + number),
        ward=street.ward,
        latitude=round(street.latitude + chance.random() / 100, 6),
        longitude=round(street.longitude + chance.random() / 100, 6),
        received_on=received,
        valid_from=received if valid else None,
        validated_on=received if valid else None,
        statutory_expiry_on=received + period if valid else None,
        expires_on=received + period if valid else None,
        published_at=timezone.now() if valid else None,
        decision="" if is_open else decision,
        decided_on=None if is_open else received + period - timedelta(days=chance.randrange(1, 12)),
    )


def _applicant(application: PlanningApplication, chance: random.Random) -> Party:
    first, last = chance.choice(FIRST_NAMES), chance.choice(LAST_NAMES)
    return Party(application=application, role=Party.Role.APPLICANT, first_name=first, last_name=last)


def _imported(application: PlanningApplication) -> CaseEvent:
    event = CaseEvent(
        application=application,
        sequence=1,
        kind="imported",
        at=timezone.now(),
        by=None,
        by_name=SYSTEM,
        to_status=application.status,
        data={},
        is_imported=True,
    )
    event.hash = hash_of(event)
    return event
