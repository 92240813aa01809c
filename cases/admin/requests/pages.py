"""Asking the applicant for one thing: a new request, a draft changed, and asking again after an answer."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.utils.functional import cached_property

from accounts.models import User
from cases.models import Check, InvalidReason, PlanningApplication, ValidationRequest
from cases.permissions import can_ask
from cases.reference_data.choices import invalid_reasons
from cases.request_kinds import KINDS
from cases.requests.answers.settling import ask_again
from cases.requests.raising import change_request, draft_request
from cases.statuses import BEING_VALIDATED
from cases.worklists.task_list import task_named

from .forms import (
    BEGUN_ELSEWHERE,
    FORMS,
    KIND_OF_TASK,
    AskForm,
    kind_for_reason,
    words_of_check,
    words_of_reason,
    words_of_request,
)
from .overview import RequestFrame

Kind, State = ValidationRequest.Kind, ValidationRequest.State


def asks_anything(user: User, application: PlanningApplication) -> bool:
    return any(can_ask(user, application, kind) for kind in KINDS)


class AskPage(RequestFrame):
    """One request in a form of its kind. Typed text stays when a verb refuses it."""

    template_name = "cases/admin/requests/ask.html"
    may = staticmethod(asks_anything)
    save_words = "Save"

    @property
    def kind(self) -> str:
        raise NotImplementedError

    @property
    def form_class(self) -> type[AskForm]:  # type: ignore[override]
        return FORMS[self.kind]

    @property
    def heading(self) -> str:  # type: ignore[override]
        return FORMS[self.kind].heading

    def let_in(self) -> None:
        super().let_in()
        if not self.may_act or not can_ask(self.request.user, self.application, self.kind):
            raise PermissionDenied("You cannot ask this of the applicant now.")

    def goes_to(self, action: str) -> str:
        return self.requests_url

    def get_context_data(self, **kwargs) -> dict:
        form = self.form()
        return super().get_context_data(
            **{
                "about": FORMS[self.kind].about,
                "kind": self.kind,
                "draws": "proposed_boundary" in form.fields,
                "before_valid_only": not KINDS[self.kind].after_valid
                and self.application.status not in BEING_VALIDATED,
                "back_url": self.requests_url,
                "earlier": None,
                "reasons": [],
                **kwargs,
            }
        )


class NewRequestPage(AskPage):
    """?kind= what to ask for; ?reason= the ready words to begin with; ?check= the task on which a fault was found."""

    save_words = "Add to the letter"

    @property
    def kind(self) -> str:
        wanted = self.request.GET.get("kind", "")
        if not wanted and self._reason:
            wanted = kind_for_reason(self._reason)
        if not wanted and self._check:
            wanted = KIND_OF_TASK.get(self._check.task, Kind.OTHER)
        if wanted not in FORMS or wanted in BEGUN_ELSEWHERE:
            raise Http404("There is no such thing to ask for.")
        return wanted

    @cached_property
    def _reason(self) -> InvalidReason | None:
        slug = self.request.GET.get("reason", "")
        return invalid_reasons().filter(slug=slug).first() if slug else None

    @cached_property
    def _check(self) -> Check | None:
        return self.facts.checks.get(self.request.GET.get("check", ""))

    def initial_for(self, action: str, row: str) -> dict[str, Any]:
        initial = FORMS[self.kind].usual(self.application)
        if self._reason:
            return initial | words_of_reason(self._reason)
        return initial | words_of_check(self._check) if self._check else initial

    def act(self, form: AskForm) -> str:
        drafted = draft_request(self.application, kind=self.kind, by=self.request.user, **form.cleaned_data)
        return f"“{drafted.title}” is on the list. The applicant hears of it when you send it."

    def get_context_data(self, **kwargs) -> dict:
        ready = [reason for reason in invalid_reasons() if kind_for_reason(reason) == self.kind]
        check = self._check
        return super().get_context_data(
            reasons=ready,
            chosen=self._reason,
            noted=task_named(check.task).name if check and check.note else "",
            **kwargs,
        )


class OneRequestPage(AskPage):
    """A page about one request, by its number on the case."""

    def setup(self, request: HttpRequest, *args, **kwargs) -> None:
        super().setup(request, *args, **kwargs)
        rows = self.application.validation_requests.select_related("reason", "document", "condition")
        asked = rows.filter(number=kwargs["number"]).first()
        if asked is None:
            raise Http404("There is no such request on this case.")
        asked.application = self.application
        self.asked: ValidationRequest = asked

    @property
    def kind(self) -> str:
        return self.asked.kind

    def form_arguments(self, action: str, row: str) -> dict[str, Any]:
        return {"asked": self.asked}

    def initial_for(self, action: str, row: str) -> dict[str, Any]:
        return words_of_request(self.asked)

    def _changes(self, form: AskForm) -> dict[str, Any]:
        return {name: value for name, value in form.cleaned_data.items() if name != "reason"}


class ChangeRequestPage(OneRequestPage):
    """A draft written anew. What was sent is never changed."""

    @property
    def heading(self) -> str:  # type: ignore[override]
        return f"Change request {self.asked.number}"

    def act(self, form: AskForm) -> str:
        changed = change_request(self.asked, by=self.request.user, **self._changes(form))
        return f"“{changed.title}” is changed."

    def get_context_data(self, **kwargs) -> dict:
        sent = "" if self.asked.state == State.DRAFT else "It was sent to the applicant, so it cannot be changed."
        return super().get_context_data(too_late=sent, **kwargs)


class AskAgainPage(OneRequestPage):
    """The answer was not enough: the same again, with the words of the first time to begin with."""

    save_words = "Ask again"

    @property
    def heading(self) -> str:  # type: ignore[override]
        return "Not enough: ask again"

    def act(self, form: AskForm) -> str:
        follow_up = ask_again(self.asked, by=self.request.user, **self._changes(form))
        return f"Request {follow_up.number} is on the list. The applicant hears of it when you send it."

    def get_context_data(self, **kwargs) -> dict:
        state = self.asked.state
        settled = "" if state == State.ANSWERED else "There is no answer to look at: it was settled, or never answered."
        return super().get_context_data(earlier=self.asked, too_late=settled, **kwargs)
