"""An application on its way to its officer: it comes in, is checked, made valid, published and commented on."""

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TypedDict
from zoneinfo import ZoneInfo

import time_machine
from django.core.files.base import ContentFile
from django.db.models import F
from django.utils import timezone

from accounts.models import LocalAuthority, User
from cases.application.assignment import assign
from cases.consultation.comments import enter_comment, publish_comments, receive_comment, redact_comment
from cases.consultation.publicity import record_publicity
from cases.documents.adding import add_document
from cases.documents.publishing import set_public_status
from cases.intake.receiving import receive
from cases.law.deadlines import is_working_day, next_working_day
from cases.models import (
    Check,
    Comment,
    PlanningApplication,
    Publicity,
)
from cases.register.published import takes_comments
from cases.statuses import PublicStatus
from cases.validation.validity import invalidate, validate
from cases.wording.personal_details import suggested_redaction
from cases.worklists.checking import record_check

from .correspondence import (
    accept_all,
    agree,
    ask_for_a_newer_drawing,
    ask_for_other_words,
    note_what_is_missing,
    send_what_was_asked,
)
from .people import COMMENTS, CONSULTEES, FIRST_NAMES, LAST_NAMES
from .plans import plans_of
from .stories import Asked, Ending, Story
from .submissions import payload

LONDON = ZoneInfo("Europe/London")
VALIDATION_TASKS = [
    "check_documents",
    "check_description",
    "check_red_line",
    "check_fee",
    "check_constraints",
    "check_ownership_certificate",
]
# Days after receipt on which each thing is done, when nothing in the story says otherwise.
FAULT_DAY, REMEDY_DAY, VALID_DAY, PUBLICITY_DAY, VISIT_DAY, ASSESSED_DAY = 2, 9, 3, 4, 15, 30


@dataclass(frozen=True)
class People:
    """Who works at the demonstration council."""

    authority: LocalAuthority
    support: User
    assessor: User
    second_assessor: User
    reviewer: User


class Said(TypedDict):
    """What somebody says of an application, whichever way it comes."""

    name: str
    text: str
    sentiment: str
    topics: Sequence[str]
    received_on: date
    address: str
    email: str


class Stages:
    """One story, and what happens to it until it is assessed.

    It may arrive, and be commented on, on any day; whatever else is done is done on a working day, each thing after the
    one before. So the story holds together whichever day today is.
    """

    application: PlanningApplication

    def __init__(self, story: Story, people: People, *, now: datetime):
        self.story, self.people, self.now = story, people, now
        self.received = now.astimezone(LONDON).date() - timedelta(days=story.received_days_ago)
        self.latest = datetime.combine(self.received, time.min, LONDON)
        self.chance = random.Random(f"course {story.seed}")
        self.officer = people.second_assessor if story.seed % 3 == 2 else people.assessor

    @contextmanager
    def on(self, day: int, hour: int = 10, *, any_day: bool = False) -> Iterator[date]:
        """Do what follows `day` days after receipt, or on the next working day; never in the future."""
        planned = max(self.received + timedelta(days=day), self.latest.astimezone(LONDON).date())
        if not any_day and not is_working_day(planned):
            planned = next_working_day(planned)
        moment = min(datetime.combine(planned, time(hour, self.story.seed % 60), LONDON), self.now)
        with time_machine.travel(max(moment, self.latest).astimezone(UTC), tick=True):
            self.application.refresh_from_db() if hasattr(self, "application") else None
            yield timezone.localdate()
            self.latest = timezone.now()

    def arrive(self) -> None:
        hour = 9 + self.story.seed % 7
        with self.on(0, hour, any_day=True):
            submitted = min(datetime.combine(self.received, time(hour), LONDON), self.now)
            body = payload(self.story, organisation=self.people.authority.code, submitted_at=submitted)
            received = receive(
                body, authority=self.people.authority, content_type="application/json", through="demonstration"
            )
            self.application = received.application
            self._attach_plans()

    def _attach_plans(self) -> None:
        for title, number, types, name, content in plans_of(self.story):
            add_document(
                self.application,
                file=ContentFile(content, name=name),
                name=name,
                types=types,
                title=title,
                drawing_number=number,
                by=self.people.support,
            )
        self._nothing_is_hidden()

    def _nothing_is_hidden(self) -> None:
        """Drawn by ourselves, so the public can have it as it is: no visitor of the demonstration waits for a copy."""
        self.application.documents.update(
            active_content=[], clean_file=F("file"), clean_mime_type=F("mime_type"), clean_size=F("size")
        )

    def begin_checking(self) -> None:
        with self.on(1):
            assign(self.application, officer=self.officer, by=self.people.reviewer)
            self._check("check_description", "check_red_line")
            if self.story.asked is Asked.PROPOSED:
                note_what_is_missing(self.application, by=self.people.support)
                return
            record_check(
                self.application,
                task="check_documents",
                outcome=Check.Outcome.LOOKED_AT,
                by=self.people.support,
                note="Elevations have no scale bar; asked the agent on the phone.",
            )

    def find_invalid(self) -> None:
        with self.on(FAULT_DAY):
            assign(self.application, officer=self.officer, by=self.people.reviewer)
            self._check("check_description", "check_red_line")
            note_what_is_missing(self.application, by=self.people.support)
            invalidate(self.application, by=self.people.support)

    def answer_what_was_asked(self) -> None:
        """The applicant opens the link of the letter and sends it all."""
        with self.on(REMEDY_DAY, hour=14):
            send_what_was_asked(self.application, chance=self.chance, place=self.story.place, job=self.story.job)
            self._nothing_is_hidden()

    def make_valid(self) -> None:
        if self.story.was_invalid_first:
            self.find_invalid()
            self.answer_what_was_asked()
            with self.on(REMEDY_DAY + 1, hour=9):
                accept_all(self.application, by=self.people.support, job=self.story.job)
        if self.story.asked is Asked.DESCRIPTION:
            self.agree_on_other_words()
        with self.on(REMEDY_DAY + 1 if self.story.was_invalid_first else VALID_DAY):
            if self.application.officer is None:
                assign(self.application, officer=self.officer, by=self.people.reviewer)
            self._publish_documents()
            self._check(*VALIDATION_TASKS)
            validate(self.application, by=self.people.support)

    def agree_on_other_words(self) -> None:
        with self.on(1):
            words = f"{self.story.description}, with a new window in the side wall"
            request = ask_for_other_words(self.application, words=words, by=self.people.support)
        with self.on(2):
            agree(request)

    def replace_a_drawing(self) -> None:
        with self.on(8):
            elevation = self.application.documents.current().get(types__contains=["elevations.proposed"])
            ask_for_a_newer_drawing(elevation, by=self.officer)
        with self.on(11):
            send_what_was_asked(self.application, chance=self.chance, place=self.story.place, job=self.story.job)
            self._nothing_is_hidden()
        with self.on(12):
            accept_all(self.application, by=self.officer, job=self.story.job)
            newer = self.application.documents.current().filter(types__contains=["elevations.proposed"])
            set_public_status(newer, status=PublicStatus.PUBLISH, by=self.officer)

    def _publish_documents(self) -> None:
        documents = list(self.application.documents.all())
        private = [document for document in documents if "photographs.existing" in document.types][
            : self.story.seed % 2
        ]
        public = [document for document in documents if document not in private]
        set_public_status(public, status=PublicStatus.PUBLISH, by=self.people.support)
        if private:
            set_public_status(
                private,
                status=PublicStatus.WITHHOLD,
                because="Shows a neighbour's car and its plate",
                by=self.people.support,
            )

    def publicise(self) -> None:
        kinds = self._publicity_kinds()
        if not kinds:
            return
        with self.on(PUBLICITY_DAY + (REMEDY_DAY if self.story.was_invalid_first else 0)) as today:
            for kind, details in kinds:
                record_publicity(self.application, kind=kind, begins_on=today, details=details, by=self.people.support)
        for index in range(self.story.comments):
            with self.on(8 + index * 2, any_day=True) as today:
                self._comment(index, today)

    def _publicity_kinds(self) -> list[tuple[str, str]]:
        street = self.story.place.street.name
        rules = self.application.application_type.publicity or {}
        kinds: list[tuple[str, str]] = []
        if rules.get("neighbour_letters"):
            kinds.append((Publicity.Kind.NEIGHBOUR_LETTERS, f"Houses adjoining the site in {street}"))
        if rules.get("site_notice") and not kinds:
            kinds.append((Publicity.Kind.SITE_NOTICE, f"On the lamp post outside {self.story.place.line}"))
        if rules.get("press"):
            kinds.append((Publicity.Kind.PRESS, "The Chiltern Vale Observer"))
        return kinds

    def _comment(self, index: int, today: date) -> None:
        if index % 5 == 4 and self.story.type_code.startswith(("pp.", "listed")):
            organisation, sentiment, text = CONSULTEES[(self.story.seed + index) % len(CONSULTEES)]
            enter_comment(
                self.application,
                kind=Comment.Kind.CONSULTEE,
                name=organisation,
                organisation=organisation,
                text=text,
                sentiment=sentiment,
                received_on=today,
                by=self.people.support,
            )
            return
        sentiment, topics, text = COMMENTS[(self.story.seed * 3 + index) % len(COMMENTS)]
        first, last = self.chance.choice(FIRST_NAMES), self.chance.choice(LAST_NAMES)
        said: Said = {
            "name": f"{first} {last}",
            "text": text,
            "sentiment": sentiment,
            "topics": topics,
            "received_on": today,
            "address": f"{self.story.place.number + 2 + index * 2} {self.story.place.street.name}",
            "email": f"{first}.{last}@example.com".lower().replace("'", ""),
        }
        if index % 3 == 2 or not takes_comments(self.application):  # by letter, or too late for the website
            comment = enter_comment(self.application, by=self.people.support, **said)
        else:
            comment = receive_comment(self.application, source=Comment.Source.WEBSITE, **said)
        # The newest cases keep some that nobody has looked at yet: that is what officers find in the morning.
        if self.story.ending is not Ending.CONSULTING or index % 2:
            if (clean := suggested_redaction(text)) != text:
                redact_comment(comment, redacted_text=clean, by=self.people.support)
            publish_comments([comment], by=self.people.support)

    def _check(self, *tasks: str, by: User | None = None, note: str = "") -> None:
        for task in tasks:
            if self.application.application_type.has_task(task):
                record_check(
                    self.application, task=task, outcome=Check.Outcome.DONE, by=by or self.people.support, note=note
                )
