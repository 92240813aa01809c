"""Walks a story through the real verbs, each on its day: what an applicant, officers and managers would have done."""

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import TypedDict
from zoneinfo import ZoneInfo

import time_machine
from django.core.files.base import ContentFile
from django.db.models import F
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone

from accounts.models import LocalAuthority, User
from cases.after.appeals import record_appeal, record_appeal_outcome
from cases.application.assignment import assign
from cases.application.ending import close, return_, withdraw
from cases.assessment.conditions import (
    add_from_library,
    add_refusal_reason,
    library,
    list_plans,
    usual_conditions_missing,
)
from cases.assessment.considerations import assess_consideration
from cases.assessment.permitted_development import LimitAnswer, assess_limits, choose_classes, suggested_classes
from cases.assessment.recommendation import recommend
from cases.assessment.report_words import write_sections
from cases.assessment.site_visits import record_site_visit
from cases.consultation.comments import enter_comment, publish_comments, receive_comment, redact_comment
from cases.consultation.publicity import record_publicity
from cases.decision.committee import send_to_committee
from cases.decision.extension import ask_for_extension
from cases.documents.adding import add_document
from cases.documents.publishing import set_public_status
from cases.intake.receiving import receive
from cases.law.deadlines import add_working_days, is_working_day, next_working_day
from cases.models import (
    Appeal,
    Check,
    Comment,
    Condition,
    Consideration,
    GpdoClass,
    Informative,
    LimitAssessment,
    PlanningApplication,
    Policy,
    Publicity,
    StandardCondition,
    StandardInformative,
    ValidationRequest,
)
from cases.models.conditions import ConditionType
from cases.register.published import takes_comments
from cases.requests.answers.settling import leave_as_it_was
from cases.statuses import REFUSALS, Decision, PublicStatus
from cases.typed_words import keep
from cases.validation.validity import invalidate, validate
from cases.wording.figures import exactly
from cases.wording.personal_details import suggested_redaction
from cases.worklists.checking import record_check
from notices.signoff.approving import approve, send_back
from notices.signoff.drafting import draft_notice, start_correction
from notices.signoff.submitting import submit_for_sign_off

from .correspondence import (
    accept_all,
    agree,
    ask_about_condition,
    ask_for_a_newer_drawing,
    ask_for_other_words,
    disagree,
    note_what_is_missing,
    send_what_was_asked,
)
from .people import COMMENTS, CONSULTEES, FIRST_NAMES, LAST_NAMES
from .plans import plans_of
from .stories import Asked, Ending, Story
from .submissions import payload
from .words import BAD_FOR_NEIGHBOURS, GOOD_FOR_NEIGHBOURS, REASONS, SUMMARIES, SUMMARY

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


class Course:
    """One story on its way. `run()` takes it as far as it has come by today, and returns the application.

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

    def run(self) -> PlanningApplication:
        self._go()
        self.application.refresh_from_db()
        return self.application

    def _go(self) -> None:
        ending = self.story.ending
        self.arrive()
        if ending is Ending.BEING_CHECKED:
            self.begin_checking()
        elif ending is Ending.INVALID:
            self.find_invalid()
            if self.story.asked is Asked.ANSWERED:
                self.answer_what_was_asked()
        elif ending is Ending.RETURNED:
            self.find_invalid()
            with self.on(35):
                return_(self.application, by=self.officer, note="Nothing was sent within 28 days of our letter.")
        elif ending is not Ending.ARRIVED:
            self.make_valid()
            self._after_validation(ending)

    def _after_validation(self, ending: Ending) -> None:
        self.publicise()
        if self.story.asked is Asked.NEWER_DRAWING:
            self.replace_a_drawing()
        if ending is Ending.CONSULTING:
            return
        if ending is Ending.WITHDRAWN:
            with self.on(40):
                withdraw(self.application, by=self.officer, note="The agent withdrew it by e-mail.")
            return
        if ending is Ending.CLOSED:
            with self.on(250):
                close(
                    self.application,
                    by=self.officer,
                    note="Finally disposed of: no answer and no appeal (DMPO art. 40).",
                )
            return
        self.assess()
        if ending is Ending.ASSESSING:
            self.leave_words_unsaved()
            return
        self.recommend()
        if ending is Ending.SUBMITTED:
            return
        if ending is Ending.SENT_BACK:
            with self.on(self.decision_day - 1):
                send_back(
                    self.notice(),
                    by=self.people.reviewer,
                    comment="Please say in the report how the height was measured, and give the drawing number.",
                )
        elif ending is Ending.COMMITTEE:
            with self.on(self.decision_day - 1) as today:
                meeting = add_working_days(today, 8)
                send_to_committee(self.application, committee_on=meeting, by=self.people.reviewer)
        else:
            with self.on(self.decision_day, hour=15):
                approve(self.notice(), by=self.people.reviewer, comment="Agreed.")
            if ending is Ending.APPEALED:
                self.appeal()
            elif ending is Ending.CORRECTING:
                self.begin_correction()

    # --- stages ------------------------------------------------------------------------------------------------

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

    def assess(self) -> None:
        day = min(ASSESSED_DAY, self.decision_day - 4)
        with self.on(min(VISIT_DAY, day)) as today:
            if self.application.application_type.has_task("site_visit"):
                record_site_visit(
                    self.application,
                    visited_on=today,
                    by=self.officer,
                    notes="Measured the rear garden and the distance to both boundaries. Photographs on file.",
                )
        with self.on(day):
            write_sections(self.application, texts=self._texts(), by=self.officer)
            kind = self.application.application_type.assessment_kind
            if kind == "gpdo":
                self._assess_limits()
            elif kind == "policies":
                self._assess_considerations()
            if self.application.application_type.has_task("planning_history"):
                self._check("planning_history", by=self.officer, note="No earlier decision bears on this one.")
        if self.story.extension_days:
            request = self._ask_for_time(days=self.story.extension_days)
            with self.on(52):
                agree(request)
        if self.story.asked is Asked.REFUSED_TIME:
            request = self._ask_for_time(days=28)
            with self.on(51):
                disagree(request, because="We would like a decision on what we sent.")
            with self.on(52):
                leave_as_it_was(request, because="The applicant wants a decision now.", by=self.officer)
        if self.story.asked is Asked.CONDITION:
            self._agree_on_condition()

    def _ask_for_time(self, *, days: int) -> ValidationRequest:
        with self.on(48):
            assert self.application.expires_on is not None  # noqa: S101 - the story is of a valid application
            until = self.application.expires_on + timedelta(days=days)
            reason = "The highway authority has asked for time to look at the amended access."
            return ask_for_extension(self.application, until=until, reason=reason, by=self.officer)

    def _agree_on_condition(self) -> None:
        """A condition to be met before work starts needs the applicant's written agreement (TCPA s.100ZA(5))."""
        with self.on(ASSESSED_DAY + 1):
            standard = library(self.application, Condition).filter(type=ConditionType.PRE_COMMENCEMENT)[0]
            add_from_library(self.application, kind=Condition, standards=[standard], by=self.officer)
            condition = self.application.conditions.get(title=standard.title)
            request = ask_about_condition(condition, by=self.officer)
        with self.on(ASSESSED_DAY + 5):
            agree(request)

    def _texts(self) -> dict[str, str]:
        street = self.story.place.street
        side = "north" if self.story.seed % 2 else "south"
        return {
            "site_description": f"A house on the {side} side of {street.name}, in {street.town}. "
            "The houses nearby are of about the same age and size, with gardens of 20 to 30 metres.",
            "works_description": f"{self.story.description}. The measurements are taken from the drawings submitted.",
        }

    def _assess_limits(self) -> None:
        told = GpdoClass.objects.filter(code__in=self.story.gpdo)
        classes = list(told) or list(suggested_classes(self.application))
        rows = choose_classes(self.application, classes=classes, by=self.officer)
        fails = self.story.decision in REFUSALS
        only_some = self.story.ending is Ending.ASSESSING and self.story.seed % 2
        answers: dict[int, LimitAnswer] = {}
        for row in rows:
            limits = list(row.gpdo_class.limits.all())
            for limit in limits[: len(limits) // 2] if only_some else limits:
                answers[limit.pk] = self._answer(limit)
            measurable = [
                (limit, limit.limit)
                for limit in limits
                if limit.limit and limit.pk in answers and answers[limit.pk].measured
            ]
            if fails and measurable:
                limit, most = measurable[0]
                measured = f"{exactly(most + 1)} {limit.unit}"
                answers[limit.pk] = LimitAnswer(
                    LimitAssessment.Outcome.FAILS, measured, "Scaled from the proposed plan."
                )
        assess_limits(self.application, answers=answers, by=self.officer)

    def _answer(self, limit) -> LimitAnswer:
        if limit.applies_to and self.chance.random() < 0.6:
            return LimitAnswer(LimitAssessment.Outcome.NOT_APPLICABLE)
        measured = f"{exactly(limit.limit * 9 / 10)} {limit.unit}" if limit.limit else ""
        return LimitAnswer(LimitAssessment.Outcome.COMPLIES, measured)

    def _assess_considerations(self) -> None:
        refused = self.story.decision in REFUSALS
        half_done = self.story.ending is Ending.ASSESSING
        considerations = Consideration.objects.filter(slug__in=["design", "amenity", "highways"]).order_by("sort_order")
        for index, consideration in enumerate(considerations[:1] if half_done else considerations):
            bad = refused and index == 1
            assess_consideration(
                self.application,
                consideration=consideration,
                by=self.officer,
                outcome="unacceptable" if bad else "acceptable",
                policies=self._policies()[index : index + 1],
                text=BAD_FOR_NEIGHBOURS if bad else GOOD_FOR_NEIGHBOURS,
            )
        if not half_done:
            self._check("assess_policies", by=self.officer)

    def _policies(self) -> list[Policy]:
        return list(Policy.objects.filter(authority=self.people.authority).order_by("number"))

    @cached_property
    def decision_day(self) -> int:
        """Days after receipt; for what is with the manager now, yesterday."""
        if self.story.ending in {Ending.SUBMITTED, Ending.SENT_BACK, Ending.COMMITTEE}:
            return self.story.received_days_ago
        return self.story.days_to_decide

    def recommend(self) -> None:
        assert self.story.decision is not None  # noqa: S101 - only stories with a decision come here
        decision = Decision(self.story.decision)
        with self.on(self.decision_day - 3):
            self._conditions_and_reasons(decision)
            drawings = [d for d in self.application.documents.current() if d.drawing_number]
            list_plans(self.application, documents=drawings, by=self.officer)
            recommend(
                self.application,
                decision=decision,
                summary=SUMMARIES.get(decision, SUMMARY),
                route=self.story.route,
                by=self.officer,
            )
            notice = draft_notice(self.application, by=self.officer)
            submit_for_sign_off(notice, by=self.officer)

    def _conditions_and_reasons(self, decision: Decision) -> None:
        by = self.officer
        if decision == Decision.GRANTED_WITH_CONDITIONS:
            usual = usual_conditions_missing(self.application, decision=decision)
            materials = StandardCondition.objects.filter(authority=None, slug__contains="materials")[:1]
            add_from_library(self.application, kind=Condition, standards=[*usual, *materials], by=by)
        if decision in REFUSALS:
            title = "Limits exceeded" if decision == Decision.LDC_REFUSED else "Living conditions of neighbours"
            add_refusal_reason(
                self.application,
                title=title,
                text=REASONS.get(decision, REASONS[Decision.REFUSED]),
                by=by,
                policies=self._policies()[1:2] if decision == Decision.REFUSED else [],
            )
        if self.application.application_type.has_task("informatives"):
            usual_words = StandardInformative.objects.filter(authority=None, slug__contains="building-regulations")[:1]
            add_from_library(self.application, kind=Informative, standards=list(usual_words), by=by)
        for task in ("conditions", "informatives", "refusal_reasons"):
            if self.application.application_type.has_task(task):
                self._check(task, by=by)

    def notice(self):
        return self.application.decision_notices.first()

    def leave_words_unsaved(self) -> None:
        """The officer was called away in the middle of a sentence."""
        page = QueryDict(mutable=True)
        page["typed_page"] = reverse("case_task", args=[self.application.pk, "site_description"])
        page["typed_title"] = f"Site description, {self.application.reference}"
        page["site_description"] = "The house stands back from the lane behind a beech hedge. To the rear the ground"
        keep(self.officer, page)

    def begin_correction(self) -> None:
        with self.on(self.decision_day + 20):
            start_correction(
                self.application,
                by=self.officer,
                reason="The notice misspells the agent's name, as the form did.",
            )

    def appeal(self) -> None:
        with self.on(self.decision_day + 30) as today:
            appeal = record_appeal(
                self.application,
                ground=Appeal.Ground.REFUSAL,
                lodged_on=today,
                by=self.officer,
                reference=f"APP/X0415/D/{today:%y}/33{self.story.seed:05d}",
            )
        if self.story.seed % 2 == 0:
            with self.on(self.decision_day + 110) as today:
                record_appeal_outcome(appeal, outcome=Appeal.Outcome.DISMISSED, decided_on=today, by=self.officer)

    def _check(self, *tasks: str, by: User | None = None, note: str = "") -> None:
        for task in tasks:
            if self.application.application_type.has_task(task):
                record_check(
                    self.application, task=task, outcome=Check.Outcome.DONE, by=by or self.people.support, note=note
                )
