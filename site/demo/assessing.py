"""An application with its officer: assessed, recommended, decided, corrected, appealed against."""

from datetime import timedelta
from functools import cached_property

from django.http import QueryDict
from django.urls import reverse

from cases.after.appeals import record_appeal, record_appeal_outcome
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
from cases.decision.extension import ask_for_extension
from cases.models import (
    Appeal,
    Condition,
    Consideration,
    GpdoClass,
    Informative,
    LimitAssessment,
    Policy,
    StandardCondition,
    StandardInformative,
    ValidationRequest,
)
from cases.models.conditions import ConditionType
from cases.requests.answers.settling import leave_as_it_was
from cases.statuses import REFUSALS, Decision
from cases.typed_words import keep, kept_for
from cases.wording.figures import exactly
from notices.signoff.drafting import draft_notice, start_correction
from notices.signoff.submitting import submit_for_sign_off

from .correspondence import (
    agree,
    ask_about_condition,
    disagree,
)
from .stages import ASSESSED_DAY, VISIT_DAY, Stages
from .stories import Asked, Ending
from .words import BAD_FOR_NEIGHBOURS, GOOD_FOR_NEIGHBOURS, REASONS, SUMMARIES, SUMMARY


class Assessing(Stages):
    """What happens to a story from the site visit on."""

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
        """The officer was called away in the middle of a sentence, once."""
        if kept_for(self.officer).exists():
            return
        page = QueryDict(mutable=True)
        page["typed_page"] = reverse("case_task", args=[self.application.pk, "site_description"])
        page["typed_title"] = f"Site description, {self.application.reference}"
        page["shown"] = ""  # by which the form knows itself again
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
