"""The letter with which requests go to the applicant: read as it will be sent, then sent with one button."""

import hashlib
import json
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.datastructures import MultiValueDict
from django.utils.functional import cached_property
from wagtail import hooks

from cases.admin.frame.task_pages import TaskForm
from cases.lifecycle import steps_open_to
from cases.models import ValidationRequest
from cases.permissions import can_ask
from cases.request_kinds import rules_of
from cases.requests.blanks import blanks
from cases.requests.letters import how_they_go
from cases.requests.sending import send_requests, why_not_sent
from cases.validation import validity

from .overview import RequestFrame, works_on_requests

HAS_CHANGED = "The requests have changed since you read the letter. This is the letter as it is now: read it again."


class LetterForm(TaskForm):
    seen = forms.CharField(widget=forms.HiddenInput, required=False)


class InvalidForm(LetterForm):
    note = forms.CharField(
        label="Note to colleagues",
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Not in the letter.",
    )


class LetterPage(RequestFrame):
    """?mark=invalid: everything that is noted, with the decision. Else ?request=3&request=4: these drafts."""

    template_name = "cases/admin/requests/letter.html"
    may = staticmethod(works_on_requests)
    actions = {"invalid": InvalidForm, "send": LetterForm}
    heading = "The letter"

    @property
    def marks_invalid(self) -> bool:
        return self.request.GET.get("mark") == "invalid"

    @cached_property
    def chosen(self) -> list[ValidationRequest]:
        """The drafts that the letter tells of, in their order."""
        drafts = self.application.validation_requests.drafts().select_related("reason", "document", "condition")
        if not self.marks_invalid:
            numbers = [number for number in self.request.GET.getlist("request") if number.isascii() and len(number) < 6]
            drafts = drafts.filter(number__in=[int(number) for number in numbers if number.isdecimal()])
        rows = list(drafts)
        for row in rows:
            row.application = self.application
        return [row for row in rows if rules_of(row).before_valid] if self.marks_invalid else rows

    @cached_property
    def letters(self) -> list[dict[str, str]]:
        """[{"to", "channel", "subject", "body"}]: the words as they will be sent, to whom and how.

        The package that writes letters offers them by the hook `preview_request_letter`:
        fn(application, requests, marks_invalid=…). Nothing where no package does.
        """
        offers = hooks.get_hooks("preview_request_letter")
        if not offers or not self.chosen:
            return []
        return offers[0](self.application, self.chosen, marks_invalid=self.marks_invalid)

    @property
    def fingerprint(self) -> str:
        said = [[row.number for row in self.chosen], self.letters]
        return hashlib.sha256(json.dumps(said, sort_keys=True, default=str).encode()).hexdigest()

    def initial_for(self, action: str, row: str) -> dict[str, Any]:
        return {"seen": self.fingerprint}

    def act_invalid(self, form: forms.BaseForm) -> str:
        self._check(form)
        validity.invalidate(self.application, by=self.request.user, note=form.cleaned_data["note"])
        not_left = how_they_go(self.chosen, reader=self.request.user)
        return f"Marked as invalid. {not_left or '“Messages” below says when the letter has gone.'}"

    def act_send(self, form: forms.BaseForm) -> str:
        self._check(form)
        sent = send_requests(self.chosen, by=self.request.user)
        number = "One request is" if len(sent) == 1 else f"{len(sent)} requests are"
        if not_left := how_they_go(sent, reader=self.request.user):
            return f"{number} written to the applicant. {not_left}"
        return f"{number} on the way to the applicant."

    def _check(self, form: forms.BaseForm) -> None:
        """What is sent is what was read, and no blank of the ready words goes out."""
        if form.cleaned_data["seen"] != self.fingerprint:
            assert isinstance(form.data, MultiValueDict)  # noqa: S101 - it was posted
            form.data = form.data.copy()
            form.data[form.add_prefix("seen")] = self.fingerprint
            raise ValidationError(HAS_CHANGED)
        if self._to_fill_in():
            raise ValidationError("Fill in what stands in square brackets first.")

    def _to_fill_in(self) -> list[dict[str, Any]]:
        return [
            {
                "title": row.title,
                "blanks": blanks(row),
                "url": reverse("case_request_change", args=[self.application.pk, row.number]),
            }
            for row in self.chosen
            if blanks(row)
        ]

    def goes_to(self, action: str) -> str:
        return self.case_url if action == "invalid" else self.requests_url

    def _sends(self) -> bool:
        """Whether this user can send this letter now; if not, it can be read."""
        user, case = self.request.user, self.application
        if self.marks_invalid:
            return "invalidate" in steps_open_to(user, case)
        return all(can_ask(user, case, row.kind) and not why_not_sent(row) for row in self.chosen)

    def get_context_data(self, **kwargs) -> dict:
        action = "invalid" if self.marks_invalid else "send"
        return super().get_context_data(
            action=action,
            letter_form=self.form(action),
            letters=self.letters,
            requests=self.chosen,
            marks_invalid=self.marks_invalid,
            sends=self.may_act and self._sends(),
            to_fill_in=self._to_fill_in(),
            back_url=self.requests_url,
            **kwargs,
        )
