"""Walks a story through the real verbs, each on its day, from its arrival to where it has come by today."""

from cases.application.ending import close, return_, withdraw
from cases.decision.committee import send_to_committee
from cases.law.deadlines import add_working_days
from cases.models import (
    PlanningApplication,
)
from notices.signoff.approving import approve, send_back

from .assessing import Assessing
from .stories import Asked, Ending


class Course(Assessing):
    """`run()` takes the story as far as it has come by today, and returns the application."""

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
