"""What is asked of the applicant on one case: noted, sent, answered, settled. And who of them has a way in.

validation_decision.py adds the checklist and the decision to it.
"""

from dataclasses import replace
from typing import Any

from django import forms
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property

from accounts.dates.fields import DayField
from accounts.dates.reading import Year
from accounts.models import User
from cases.admin.frame.case_views import requests_url
from cases.admin.frame.meanwhile import print_of
from cases.admin.frame.task_pages import KnowsTheCase, TaskForm, TaskPage, because_field
from cases.models import ApplicantLink, PlanningApplication, ValidationRequest
from cases.permissions import can_ask, can_remind, can_revoke_links, can_settle
from cases.reference_data.choices import document_type_labels
from cases.request_kinds import KINDS, rules_of
from cases.requests.answers.going_on_without import going_on_without
from cases.requests.answers.settling import accept_answer, cancel_request, leave_as_it_was, record_reply
from cases.requests.letters import how_they_go
from cases.requests.links import revoke
from cases.requests.raising import drop_request
from cases.requests.sending import remind, why_not_sent
from cases.statuses import BEING_VALIDATED
from cases.worklists.task_list import Task, task_named

from .forms import BEGUN_ELSEWHERE, FORMS
from .rows import LinkRow, RequestRow, in_state, links_of, requests_of, rows_of

State = ValidationRequest.State


class AcceptForm(TaskForm):
    arrived_on = DayField(
        label="It arrived on another day",
        required=False,
        year=Year.LAST,
        help_text="Only when it counts from another day than the answer. Leave it empty otherwise.",
    )


class LeaveForm(TaskForm):
    because = because_field("Why you go on all the same")


class CancelForm(TaskForm):
    because = because_field("Why it is no longer asked for")


class ReplyForm(TaskForm):
    arrived_on = DayField(
        label="Arrived on", year=Year.LAST, help_text="The day on which it came, not the day of your check."
    )
    resolution = forms.CharField(label="What came", required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["arrived_on"].initial = lambda: max(timezone.localdate(), self.application.received_on)


class RevokeForm(TaskForm):
    because = because_field("Why the link is revoked")


def works_on_requests(user: User, application: PlanningApplication) -> bool:
    """Whether there is anything on these pages that this user may do now."""
    return can_revoke_links(user, application) or any(can_settle(user, application, kind) for kind in KINDS)


class RequestFrame(TaskPage):
    """What every page about requests has in common: it belongs to the task “Valid or invalid” and has its own name."""

    slug = "send_validation_decision"
    heading = ""

    @property
    def task(self) -> Task:
        """The decision on validity; once that is made, what is asked of the applicant is a task of its own."""
        if not self.heading:
            return super().task
        is_valid = self.application.valid_from and self.application.status not in BEING_VALIDATED
        return replace(task_named("requests") if is_valid else super().task, name=self.heading)

    @property
    def requests_url(self) -> str:
        return requests_url(self.application)


class RequestsPage(RequestFrame):
    template_name = "cases/admin/requests/page.html"
    may = staticmethod(works_on_requests)
    actions = {
        "accept": AcceptForm,
        "leave": LeaveForm,
        "cancel": CancelForm,
        "reply": ReplyForm,
        "drop": TaskForm,
        "remind": TaskForm,
        "revoke": RevokeForm,
    }
    heading = "Requests to the applicant"

    def what_it_is_about(self, posted: KnowsTheCase) -> str:
        return print_of(self._request_of(posted)) if posted.row and posted.action != "revoke" else ""

    # --- Verbs ------------------------------------------------------------------------------------------------------

    def act_accept(self, form: KnowsTheCase) -> str:
        accepted = accept_answer(self._request_of(form), by=self.request.user, **form.cleaned_data)
        return f"“{accepted.title}”: the answer is accepted."

    def act_leave(self, form: KnowsTheCase) -> str:
        left = leave_as_it_was(self._request_of(form), by=self.request.user, **form.cleaned_data)
        return f"“{left.title}” is settled. {going_on_without(left).done}."

    def act_cancel(self, form: KnowsTheCase) -> str:
        withdrawn = cancel_request(self._request_of(form), by=self.request.user, **form.cleaned_data)
        return f"“{withdrawn.title}” is no longer asked for."

    def act_reply(self, form: KnowsTheCase) -> str:
        settled = record_reply(self._request_of(form), by=self.request.user, **form.cleaned_data)
        return f"“{settled.title}” is settled."

    def act_drop(self, form: KnowsTheCase) -> str:
        request = self._request_of(form)
        drop_request(request, by=self.request.user)
        return f"“{request.title}” is taken out. The applicant never heard of it."

    def act_remind(self, form: KnowsTheCase) -> str:
        reminded = remind(self.application, by=self.request.user)
        if not_left := how_they_go(reminded, reader=self.request.user):
            return f"A reminder of {_things(len(reminded))} is written. {not_left}"
        return f"The applicant is reminded of {_things(len(reminded))}."

    def act_revoke(self, form: KnowsTheCase) -> str:
        links = self.application.applicant_links.select_related("party", "application")
        link = get_object_or_404(links, pk=_uuid_of(form.row))
        revoke(link, by=self.request.user, **form.cleaned_data)
        return "The link opens nothing any more. The next letter makes a new one."

    def goes_to(self, action: str) -> str:
        return self.request.path

    def _request_of(self, form: KnowsTheCase) -> ValidationRequest:
        number = int(form.row) if form.row.isascii() and form.row.isdigit() and len(form.row) < 6 else 0
        found = self.application.validation_requests.select_related("reason", "document").filter(number=number).first()
        if found is None:
            raise Http404("There is no such request on this case.")
        found.application = self.application
        return found

    # --- The page ---------------------------------------------------------------------------------------------------

    @cached_property
    def request_rows(self) -> list[RequestRow]:
        rows = rows_of(
            requests_of(self.application),
            user=self.request.user,
            type_labels=self._type_labels,
            today=timezone.localdate(),
        )
        for row in rows:
            row.forms = {name: self.form(name, row=row.request.number) for name in self._offered(row)}
        return rows

    @cached_property
    def _type_labels(self) -> dict[str, str]:
        return document_type_labels()

    def _offered(self, row: RequestRow) -> list[str]:
        """What can be done with a request where it stands."""
        if not row.may_change:
            return []
        offered = {
            State.DRAFT: ["drop", "cancel", *(["reply"] if row.how_it_came else [])],
            State.SENT: ["reply", "cancel"],
            State.ANSWERED: [*(["accept"] if row.may_accept else []), "leave", "cancel"],
        }
        return offered.get(row.state, [])

    @cached_property
    def link_rows(self) -> list[LinkRow]:
        if not self.sees_private:
            return []
        rows = links_of(self.application)
        if can_revoke_links(self.request.user, self.application):
            for row in rows:
                row.form = self.form("revoke", row=row.link.pk) if row.is_open else None
        return rows

    def kinds_to_ask(self) -> list[dict[str, str]]:
        """What this user may begin to ask for now: [{"name", "heading", "url"}]."""
        user, case = self.request.user, self.application
        address = reverse("case_request_new", args=[case.pk])
        kinds = [kind for kind in FORMS if kind not in BEGUN_ELSEWHERE and can_ask(user, case, kind)]
        return [
            {"name": kind, "heading": FORMS[kind].heading, "url": f"{address}?kind={kind}"}
            for kind in kinds
            if KINDS[kind].after_valid or case.status in BEING_VALIDATED
        ]

    def drafts_to_send(self) -> list[RequestRow]:
        """Drafts that can go out on their own; faults of an application that is being checked go with the decision."""
        drafts = [row for row in in_state(self.request_rows, State.DRAFT) if row.may_ask]
        return [row for row in drafts if not why_not_sent(row.request)]

    def elsewhere(self) -> list[dict[str, str]]:
        """What is asked on pages of its own."""
        user, case = self.request.user, self.application
        found = []
        if can_ask(user, case, "pre_commencement") and case.application_type.has_task("conditions"):
            address = reverse("case_task", args=[case.pk, "conditions"])
            found.append({"words": "Agreement to a condition", "url": address})
        if can_ask(user, case, "extension_of_time"):
            found.append({"words": "More time to decide", "url": reverse("case_extension", args=[case.pk])})
        return found

    def get_context_data(self, **kwargs) -> dict:
        rows = self.request_rows
        waiting = in_state(rows, State.SENT)
        user, case = self.request.user, self.application
        return super().get_context_data(
            **{
                "answered": in_state(rows, State.ANSWERED),
                "drafts": in_state(rows, State.DRAFT),
                "sendable": {row.request.number for row in self.drafts_to_send()},
                "waiting": waiting,
                "settled": in_state(rows, State.SETTLED, State.CANCELLED),
                "links": self.link_rows,
                "kinds_to_ask": self.kinds_to_ask(),
                "elsewhere": self.elsewhere(),
                "may_remind": bool(waiting) and can_remind(user, case),
                "remind_form": self.form("remind"),
                "letter_url": reverse("case_request_letter", args=[case.pk]),
                "has_maps": any(row.request.kind == "red_line" and row.other_line for row in rows),
                "needs_faults_first": any(rules_of(row.request).is_fault for row in in_state(rows, State.DRAFT)),
                **kwargs,
            }
        )


def _things(number: int) -> str:
    return "one thing" if number == 1 else f"{number} things"


def _uuid_of(text: str) -> Any:
    try:
        return ApplicantLink._meta.pk.to_python(text)
    except forms.ValidationError as error:
        raise Http404("There is no such link on this case.") from error
