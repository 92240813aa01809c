"""Requests to the applicant as officers read them: in groups by whose turn it is, each with its answer in full."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.forms import BaseForm
from django.urls import NoReverseMatch, reverse

from accounts.models import User
from cases.models import ApplicantLink, Document, PlanningApplication, ValidationRequest
from cases.permissions import can_ask, can_settle, can_view_private
from cases.places.geometry import BadGeometry, read_boundary
from cases.request_kinds import Asks, RequestKind, has_proposal, rules_of, silence_accepts
from cases.requests.answers.going_on_without import going_on_without, what_it_does
from cases.requests.answers.silence import taken_by_silence
from cases.requests.blanks import blanks
from cases.requests.letters import Letter, letters_about
from cases.requests.links import stands
from cases.wording.difference import Piece, difference

Kind, Answer = ValidationRequest.Kind, ValidationRequest.Answer
State = ValidationRequest.State
Outcome = ValidationRequest.Outcome

# What it came to that nobody answered.
_WITHOUT_ANSWER = {
    Kind.DESCRIPTION: "it counts as agreed",
    Kind.PRE_COMMENCEMENT: "the condition may be imposed",
}


@dataclass
class RequestRow:
    """One request with all that its part of the page says. No queries: everything was read with the list."""

    request: ValidationRequest
    type_labels: dict[str, str]
    today: date
    sees_private: bool
    may_change: bool
    may_ask: bool
    silence_counts: bool  # whether no answer by the last day is one (cases/requests/answers/silence.py)
    letters: list[Letter] = field(default_factory=list)  # about this request, oldest first
    forms: dict[str, BaseForm] = field(default_factory=dict)

    @property
    def kind(self) -> RequestKind:
        return rules_of(self.request)

    @property
    def state(self) -> State:
        return self.request.state

    @property
    def asked_types(self) -> list[str]:
        return [self.type_labels.get(code, code) for code in self.request.document_types]

    @property
    def blanks(self) -> list[str]:
        return blanks(self.request)

    @property
    def due(self) -> dict[str, str]:
        """{"words", "look"}: how long the applicant still has; empty words where no day is set."""
        day = self.request.due_on
        if day is None or self.not_left:
            return {"words": "", "look": ""}
        left = (day - self.today).days
        if left < 0:
            return {"words": f"{_days(-left)} overdue", "look": "late"}
        if left == 0:
            return {"words": "Last day today", "look": "soon"}
        return {"words": f"{_days(left)} left", "look": "soon" if left <= 3 else "later"}

    @property
    def not_left(self) -> Letter | None:
        """The letter that still stands in the house, where nothing that tells of the request has left."""
        if any(letter.left_on for letter in self.letters):
            return None
        return self.letters[-1] if self.letters else None

    @property
    def reminders(self) -> list[Letter]:
        return [letter for letter in self.letters if letter.is_reminder]

    @property
    def if_silent(self) -> str:
        """What no answer by the last day means."""
        if self.request.due_on is None:
            return "No day is set for the answer."
        if not silence_accepts(self.request):
            return "No answer changes nothing."
        if not self.silence_counts:
            return (
                "No answer changes nothing: the case was reopened after this was sent. Withdraw it and ask again, and "
                "the days are counted anew."
            )
        if self.request.kind == Kind.PRE_COMMENCEMENT:
            return "Without an answer by then the condition may be imposed (SI 2018/566)."
        return "No answer by then counts as agreement."

    @cached_property
    def description(self) -> list[Piece]:
        """The description as it was beside the one proposed or answered, word by word; empty where none is."""
        row = self.request
        if row.kind != Kind.DESCRIPTION:
            return []
        now = row.before.get("description") or row.application.description
        new = row.answer_text if self.answered_with_words else row.proposed_description
        return difference(now, new.strip()) if new.strip() else []

    @property
    def answered_with_words(self) -> bool:
        """Whether the answer itself is a description: asked for without a proposal."""
        return self.request.kind == Kind.DESCRIPTION and self.request.answer == Answer.REPLIED

    @property
    def present_line(self) -> Any:
        return self.request.before.get("boundary") or self.request.application.boundary

    @property
    def other_line(self) -> Any:
        """The line that was drawn in answer, or else the one proposed; None where a plan was sent or nothing drawn."""
        return self.request.answer_boundary or self.request.proposed_boundary

    @property
    def present_line_id(self) -> str:
        return f"present-line-{self.request.number}"

    @property
    def other_line_id(self) -> str:
        return f"other-line-{self.request.number}"

    @property
    def present_area(self) -> Decimal | None:
        return _area(self.present_line)

    @property
    def other_area(self) -> Decimal | None:
        return _area(self.other_line)

    @property
    def documents(self) -> list[Document]:
        found: list[Any] = list(self.request.documents.all())
        for document in found:
            document.type_labels = [self.type_labels.get(code, code) for code in document.types]
        return found

    @property
    def comparison_url(self) -> str:
        """The old revision beside the one that was sent for it, where there is a page for that."""
        sent, old = self.documents, self.request.document_id
        return _address("case_document_compare", old, sent[-1].pk) if sent and old else ""

    @property
    def certificate(self) -> dict[str, Any]:
        """The ownership certificate as it was filled in: {"letter", "owners", "others": [(label, text)]}."""
        filled = self.request.answer_ownership
        if not filled:
            return {}
        others = [
            (name.replace("_", " ").capitalize(), _said(value))
            for name, value in filled.items()
            if name not in {"certificate", "owners"} and value not in ("", None)
        ]
        owners = [{**owner, "notice_on": _day(owner.get("notice_on"))} for owner in filled.get("owners") or []]
        return {"letter": str(filled.get("certificate", "")).upper(), "owners": owners, "others": others}

    @property
    def may_accept(self) -> bool:
        """A disagreement cannot be accepted: nothing would take effect (cases/requests/answers/settling.py)."""
        return self.may_change and self.request.answer != Answer.DISAGREED

    @property
    def accepting_does(self) -> str:
        """What accepting the answer changes, in words."""
        row = self.request
        drawn = row.kind == Kind.RED_LINE and self.other_line
        words = {
            Kind.DESCRIPTION: "The description of the application becomes the one above.",
            Kind.REPLACEMENT_DOCUMENT: "The newer document stands in the place of the old one.",
            Kind.OWNERSHIP: "The certificate and its owners become those of the application.",
        }
        if row.kind == Kind.REPLACEMENT_DOCUMENT and not self.documents:
            return ""
        if row.kind == Kind.RED_LINE:
            return "The drawn line becomes the red line." if drawn else "Draw the line on the task “Check red line”."
        return words.get(Kind(row.kind), "")

    @property
    def going_on_without(self) -> dict[str, str]:
        """{"deed", "effect"}: what it is called to go on without what was asked, and what that does."""
        return {"deed": going_on_without(self.request).deed, "effect": what_it_does(self.request)}

    @property
    def how_it_came(self) -> bool:
        """Whether it can have come by post or e-mail: an agreement only to what was sent."""
        return self.may_change and not (has_proposal(self.request) and self.request.sent_at is None)

    @property
    def asks_for_agreement(self) -> bool:
        return self.kind.asks in {Asks.AGREEMENT, Asks.RED_LINE} and has_proposal(self.request)

    @property
    def ending(self) -> str:
        """How it was settled, in words."""
        row = self.request
        if row.outcome == Outcome.CANCELLED:
            return f"Withdrawn: {row.cancelled_because}"
        if row.outcome == Outcome.LEFT:
            return f"{going_on_without(row).done}: {row.resolution}"
        if row.outcome == Outcome.NOT_ACCEPTED:
            later = next((following.number for following in row.followed_by.all()), None)
            return f"Not enough: asked again in request {later}" if later else "Not enough: asked again"
        if row.answer == Answer.SILENCE:
            by = f"No answer came by {row.due_on:%-d %B %Y}" if row.due_on else "No answer came in time"
            return f"{by}, so {_WITHOUT_ANSWER[Kind(row.kind)]}"
        arrived = f"; it arrived on {row.arrived_on:%-d %B %Y}" if row.arrived_on else ""
        return f"Accepted{arrived}{f': {row.resolution}' if row.resolution else ''}"


@dataclass
class LinkRow:
    """Somebody's way in to the requests of the case, and whether it opens anything."""

    link: ApplicantLink
    is_open: bool
    form: BaseForm | None = None

    @property
    def ending(self) -> str:
        link = self.link
        if link.revoked_at:
            return f"Revoked on {link.revoked_at:%-d %B %Y}: {link.revoked_because}"
        if link.party is None:
            return "Opens nothing: the person is no longer party to the application."
        return "" if self.is_open else "Opens nothing any more: it has expired, or the e-mail address has changed."


def requests_of(application: PlanningApplication) -> list[ValidationRequest]:
    """Every request of the application with all that its row shows, in a constant number of queries."""
    rows = list(
        application.validation_requests.select_related(
            "raised_by", "sent_by", "resolved_by", "reason", "document", "condition", "follows", "answered_by"
        ).prefetch_related("documents", "followed_by")
    )
    for row in rows:
        row.application = application
    return rows


def rows_of(
    requests: Iterable[ValidationRequest], *, user: User, type_labels: dict[str, str], today: date
) -> list[RequestRow]:
    """The rows of one application's requests. What this user may do is asked once for each kind."""
    may: dict[str, tuple[bool, bool]] = {}
    rows, asked = [], list(requests)
    silent, letters = taken_by_silence(asked), letters_about(asked, reader=user)
    for request in asked:
        if request.kind not in may:
            case = request.application
            may[request.kind] = (can_settle(user, case, request.kind), can_ask(user, case, request.kind))
        may_change, may_ask = may[request.kind]
        rows.append(
            RequestRow(
                request,
                type_labels,
                today,
                sees_private=can_view_private(user, request.application),
                may_change=may_change,
                may_ask=may_ask,
                silence_counts=request.pk in silent,
                letters=letters.get(request.pk, []),
            )
        )
    return rows


def links_of(application: PlanningApplication) -> list[LinkRow]:
    links = application.applicant_links.select_related("party", "revoked_by")
    return [LinkRow(link, stands(link)) for link in links]


def in_state(rows: Iterable[RequestRow], *states: str) -> list[RequestRow]:
    return [row for row in rows if row.state in states]


def _area(line: Any) -> Decimal | None:
    """What a line encloses, in square metres; None for what is no line."""
    try:
        return read_boundary(line).area_sqm if line else None
    except BadGeometry:
        return None


def _days(number: int) -> str:
    return "1 day" if number == 1 else f"{number} days"


def _said(value: Any) -> str:
    return {True: "Yes", False: "No"}[value] if isinstance(value, bool) else str(value)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _address(name: str, *args: Any) -> str:
    """The page of that name, or nothing where there is none."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""
