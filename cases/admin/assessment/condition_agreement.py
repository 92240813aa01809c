"""The applicant's agreement to conditions that are to be met before work starts, on the page of the conditions.

Town and Country Planning Act 1990 s.100ZA(5): without it such a condition cannot be imposed, unless no answer comes
within ten working days of the notice (SI 2018/566 reg. 2).
"""

from typing import Any
from urllib.parse import urlencode

from django.http import Http404
from django.urls import reverse

from cases.admin.frame.rows_pages import RowsPage
from cases.admin.frame.task_pages import TaskForm
from cases.assessment.pre_commencement import NEEDS_AGREEMENT, basis_of
from cases.models import Condition, ValidationRequest
from cases.permissions import can_ask
from cases.requests.raising import draft_request

Kind, State, Outcome = ValidationRequest.Kind, ValidationRequest.State, ValidationRequest.Outcome
WHY = (
    "This condition must be met before work starts, so we need your agreement to it (Town and Country Planning Act "
    "1990, section 100ZA)."
)


class AgreementMixin(RowsPage):
    """For the page of the conditions: how each stands with the applicant, and asking for one or all of them."""

    asked_numbers: tuple[int, ...] = ()

    @property
    def may_ask(self) -> bool:
        return can_ask(self.request.user, self.application, Kind.PRE_COMMENCEMENT)

    def act_ask(self, form: TaskForm) -> str:
        condition = self.row(form.row)
        if agreement_of(condition)["state"]:
            raise Http404("There is nothing to ask about this condition.")
        return self._note([condition])

    def act_ask_all(self, form: TaskForm) -> str:
        return self._note(
            [row for row in self.all_rows if row.type in NEEDS_AGREEMENT and not agreement_of(row)["state"]]
        )

    def _note(self, conditions: list[Condition]) -> str:
        drafted = [
            draft_request(
                self.application,
                kind=Kind.PRE_COMMENCEMENT,
                title=condition.title,
                text=WHY,
                condition=condition,
                by=self.request.user,
            )
            for condition in conditions
        ]
        self.asked_numbers = tuple(request.number for request in drafted)
        return "Read the letter before it goes."

    def goes_to(self, action: str) -> str:
        if not self.asked_numbers:
            return super().goes_to(action)
        numbers = urlencode([("request", number) for number in self.asked_numbers])
        return f"{reverse('case_request_letter', args=[self.application.pk])}?{numbers}"

    def get_context_data(self, **kwargs) -> dict[str, Any]:
        to_ask = 0
        for row in self.all_rows:
            if row.type in NEEDS_AGREEMENT:
                row.agreement = agreement_of(row)
                to_ask += not row.agreement["state"]
        return super().get_context_data(may_ask_agreement=self.may_ask, to_ask=to_ask, **kwargs)


def agreement_of(condition: Condition) -> dict[str, Any]:
    """{"state", "words", "number"}: how the applicant stands to it; an empty state: nobody has asked them.

    Reads `condition.requests`: prefetch them for a list, with their letters (letters.prefetched).
    """
    if (basis := basis_of(condition)).stands:
        return {"state": "may_be_imposed", "words": basis.words, "number": basis.request_number}
    requests = sorted(condition.requests.all(), key=lambda request: request.number)
    for request in reversed(requests):
        if request.is_open:
            return {"state": request.state.value, "words": _open_words(request), "number": request.number}
    left = next((request for request in reversed(requests) if request.outcome == Outcome.LEFT), None)
    words = f"The applicant did not agree (request {left.number})." if left else "The applicant has not been asked yet."
    return {"state": "", "words": words, "number": left.number if left else None}


def _open_words(request: ValidationRequest) -> str:
    if request.state == State.DRAFT:
        return f"Noted in request {request.number}; the applicant has not been told yet."
    if request.state == State.ANSWERED:
        return f"The applicant answered request {request.number}: {request.get_answer_display().lower()}. Look at it."
    if getattr(request, "letter_has_not_left", False):
        return f"Request {request.number} asks the applicant, but its letter has not left."
    due = f"; the last day for the answer is {request.due_on:%-d %B %Y}" if request.due_on else ""
    return f"The applicant was asked in request {request.number}{due}."
