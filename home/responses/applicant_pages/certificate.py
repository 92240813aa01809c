"""The ownership certificate as plain questions: who owns the land, and who was told of the application.

The answers decide the certificate (DMPO 2015 art. 14 and Schedule 2): A, nobody else owns any of the land; B, every
other owner is known and was given notice; C, some are known; D, none is. Notice to owners and agricultural tenants:
art. 13. An owner is who has the freehold, or a lease with at least seven years to run (TCPA 1990 s.65(8)).
"""

from collections.abc import Iterator, Mapping
from typing import Any, Self

from django import forms
from django.utils.dateparse import parse_date

from cases.models import ValidationRequest
from cases.requests.answers.ownership_certificate import MAX_NAME, MAX_WORDS

from .fields import AnswerForm, choice, past_day, words

MOST_OWNERS = 20
OWNERS, TENANTS = "owners", "tenants"
ADD = {OWNERS: "add_owner", TENANTS: "add_tenant"}  # names of the buttons
_CERTIFICATES = {"all": "b", "some": "c", "none": "d"}


class NoticeForm(AnswerForm):
    """One owner or tenant, and the day on which they were given notice. Nothing entered: nobody."""

    name = forms.CharField(label="Full name", max_length=MAX_NAME, required=False)
    address = words("Address", longest=400, hint="With the postcode.")
    notice_on = past_day("Day on which they were given notice")

    @property
    def is_empty(self) -> bool:
        return not any(self[name].value() for name in self.fields)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if self.is_empty:
            return given
        for name, missing in (
            ("name", "Enter the full name"),
            ("address", "Enter the address"),
            ("notice_on", "Enter the day on which they were given notice"),
        ):
            if not given.get(name) and name not in self.errors:
                self.add_error(name, missing)
        return given

    def kept(self) -> dict[str, str]:
        """What the draft keeps; also of what is not right yet, as far as it can be read."""
        given = self.cleaned_data
        day = given.get("notice_on")
        return {
            "name": given.get("name", ""),
            "address": given.get("address", ""),
            "notice_on": day.isoformat() if day else "",
        }


class CertificateForm(AnswerForm):
    """The questions; `owners` and `tenants` are the people, one small form each."""

    template = "home/requests/answers/certificate.html"

    answer = choice(
        "How do you want to answer?",
        [("replied", "Fill in the ownership certificate"), ("disagreed", "I cannot fill it in, or I do not agree")],
        required="Choose whether you fill in the certificate",
    )
    text = words("Say why", hint="What stands in the way, or why no certificate is needed.")
    sole_owner = forms.ChoiceField(
        label="21 days before the day of the application, did the applicant own all of the land by themselves?",
        choices=[("yes", "Yes, nobody else owned any part of it"), ("no", "No, somebody else owned some or all of it")],
        widget=forms.RadioSelect,
        required=False,
        help_text="All of the land inside the red line. An owner is anybody with the freehold, or a lease that has at "
        "least 7 years left.",
    )
    knows = forms.ChoiceField(
        label="Do you know who all the other owners are?",
        choices=[("all", "Yes, all of them"), ("some", "Some of them, but not all"), ("none", "No, none of them")],
        widget=forms.RadioSelect,
        required=False,
    )
    steps_taken = words(
        "What you did to find the owners whom you do not know",
        longest=MAX_WORDS,
        hint="For example, a search at HM Land Registry, or asking the neighbours.",
    )
    newspaper = forms.CharField(
        label="Newspaper in which you published the notice",
        max_length=200,
        required=False,
        help_text="One that is read where the land is.",
    )
    newspaper_on = past_day("Day on which it was published")
    agricultural = forms.ChoiceField(
        label="Is any of the land part of an agricultural holding?",
        choices=[
            ("no", "No"),
            ("sole", "Yes, and nobody but the applicant is a tenant of it"),
            ("tenants", "Yes, and it has other tenants"),
        ],
        widget=forms.RadioSelect,
        required=False,
        help_text="Land that is let for farming.",
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, asked: ValidationRequest):
        draft = asked.draft_answer
        held = draft.get("ownership") or {}
        first = {"answer": draft.get("answer") or "replied", "text": draft.get("text", ""), **held}
        super().__init__(data, initial=first | {"newspaper_on": parse_date(held.get("newspaper_on") or "")})
        self.owners = self._people(data, OWNERS, held.get(OWNERS) or [])
        self.tenants = self._people(data, TENANTS, held.get(TENANTS) or [])

    def _people(self, data: Any, kind: str, held: list[dict[str, Any]]) -> list[NoticeForm]:
        if data is None:
            rows: list[dict[str, Any]] = [*held] or [{}]
            rows = [row | {"notice_on": parse_date(row.get("notice_on") or "")} for row in rows]
            return [NoticeForm(prefix=f"{kind}-{n}", initial=row) for n, row in enumerate(rows)]
        count = data.get(f"{kind}-count", "")
        shown = int(count) if count.isascii() and count.isdigit() and len(count) < 4 else 1
        more = 1 if ADD[kind] in data else 0
        return [NoticeForm(data, prefix=f"{kind}-{n}") for n in range(min(max(shown, 1) + more, MOST_OWNERS))]

    @property
    def wants_more(self) -> bool:  # type: ignore[override]
        return self.is_bound and any(name in self.data for name in ADD.values())

    def without_faults(self) -> Self:
        for person in [*self.owners, *self.tenants]:
            person.without_faults()
        return super().without_faults()

    # --- What is right ----------------------------------------------------------------------------------------------

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if given.get("answer") == "disagreed":
            self._need("text", "Say why you do not fill in the certificate")
        elif given.get("answer") == "replied":
            self._check_certificate(given)
        return given

    def _check_certificate(self, given: dict[str, Any]) -> None:
        self._need("sole_owner", "Say whether the applicant owned all of the land")
        if given.get("sole_owner") == "no":
            self._need("knows", "Say whether you know who the other owners are")
            if given.get("knows") in ("all", "some"):
                self._need_somebody(self.owners, "Enter each owner whom you know")
            if given.get("knows") in ("some", "none"):
                self._need("steps_taken", "Say what you did to find the owners whom you do not know")
                self._need("newspaper", "Enter the newspaper in which you published the notice")
                self._need("newspaper_on", "Enter the day on which the notice was published")
        self._need("agricultural", "Say whether any of the land is part of an agricultural holding")
        if given.get("agricultural") == "tenants":
            self._need_somebody(self.tenants, "Enter each tenant of the holding")

    def _need(self, name: str, words: str) -> None:
        if not self.cleaned_data.get(name) and name not in self.errors:
            self.add_error(name, words)

    @staticmethod
    def _need_somebody(people: list[NoticeForm], words: str) -> None:
        for person in people:
            person.is_valid()  # asks each for its own faults
        if all(person.is_empty for person in people):
            people[0].add_error("name", words)

    def is_valid(self) -> bool:
        return super().is_valid() and not any(person.errors for person in self._asked_people())

    def _asked_people(self) -> list[NoticeForm]:
        """Of whom the answers ask: rows behind another answer may hold anything."""
        given = self.cleaned_data if self.is_bound else {}
        if given.get("answer") != "replied":
            return []
        owners = self.owners if given.get("sole_owner") == "no" and given.get("knows") in ("all", "some") else []
        return [*owners, *(self.tenants if given.get("agricultural") == "tenants" else [])]

    def faults(self) -> Iterator[tuple[str, str]]:
        asked = self._asked_people()
        for field in self:
            for error in field.errors:
                yield f"id_{field.html_name}", str(error)
            people = {"knows": self.owners, "agricultural": self.tenants}.get(field.name, [])
            for number, person in enumerate(people, 1):
                if person in asked:
                    who = "Owner" if people is self.owners else "Tenant"
                    yield from ((target, f"{who} {number}: {words}") for target, words in person.faults())

    # --- What is kept -----------------------------------------------------------------------------------------------

    def draft(self) -> dict[str, Any]:
        """The answers as far as they go. There is no certificate before all of them are right."""
        given = self.cleaned_data
        answer = given.get("answer", "")
        is_complete = answer == "replied" and self.is_valid() and not self.wants_more
        why = given.get("text", "") if answer == "disagreed" else ""
        return {"answer": answer, "text": why, "ownership": self._locked(is_complete=is_complete)}

    def _locked(self, *, is_complete: bool) -> dict[str, Any]:
        given = self.cleaned_data
        day = given.get("newspaper_on")
        asked = self._asked_people() if is_complete else [*self.owners, *self.tenants]
        return {
            "certificate": self._certificate() if is_complete else "",
            "sole_owner": given.get("sole_owner", ""),
            "knows": given.get("knows", ""),
            "steps_taken": given.get("steps_taken", ""),
            "newspaper": given.get("newspaper", ""),
            "newspaper_on": day.isoformat() if day else "",
            "agricultural": given.get("agricultural", ""),
            OWNERS: self._rows([person for person in self.owners if person in asked]),
            TENANTS: self._rows([person for person in self.tenants if person in asked]),
        }

    def _certificate(self) -> str:
        return "a" if self.cleaned_data["sole_owner"] == "yes" else _CERTIFICATES[self.cleaned_data["knows"]]

    @staticmethod
    def _rows(people: list[NoticeForm]) -> list[dict[str, str]]:
        for person in people:
            person.is_valid()
        return [person.kept() for person in people if not person.is_empty]
