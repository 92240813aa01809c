"""Everything that the council asks, on one page; the answers to check and send; and the acknowledgement."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone

from accounts.dates.reading import in_words
from accounts.rate_limits import nameless, use
from cases.models import ApplicantLink
from cases.requests.answers.answering import AnswersClosed, keep_draft, send_answers

from .link_access import HOUR, READING, for_applicants, too_often
from .link_contents import around, requests_behind, to
from .send_form import SendForm, declaration_of, to_sign
from .showing import Shown, all_shown, received_on, shown

SENDINGS_AN_HOUR = 30  # with one link


@for_applicants(*READING)
def applicant_requests(request: HttpRequest, *, link: ApplicantLink) -> HttpResponseBase:
    rows = all_shown(requests_behind(link))
    waiting = [row for row in rows if row.takes_answers]
    context = {
        **around(link),
        "open": [row for row in rows if not row.is_settled],
        "settled": [row for row in rows if row.is_settled],
        "waiting": waiting,
        "ready": [row for row in waiting if row.is_ready],
        "with_council": [row for row in rows if not row.is_settled and row.request.answer],
        "kept": _not_sent(rows),
    }
    return render(request, "home/requests/list.html", context)


@for_applicants(*READING, "POST")
def applicant_check(request: HttpRequest, *, link: ApplicantLink) -> HttpResponseBase:
    """All answers that are ready, to be looked at once more; POST sends those that are chosen."""
    rows = all_shown(requests_behind(link))
    if request.method == "POST":
        return _send(request, link, rows)
    return _check(request, link, rows, SendForm(rows=rows, name=link.to_name))


def _send(request: HttpRequest, link: ApplicantLink, rows: list[Shown]) -> HttpResponseBase:
    form = SendForm(request.POST, rows=rows, name=link.to_name)
    if not (form.numbers_asked_for_are_ready() and form.shows_what_was_read()):
        return _after_all(request, link, rows, form)
    if not form.is_valid():
        return _check(request, link, rows, form, status=422)
    allowance = use(nameless("applicant sends", str(link.pk)), limit=SENDINGS_AN_HOUR, seconds=HOUR)
    if not allowance.is_allowed:
        return too_often(request, allowance, what="answers")
    try:
        with transaction.atomic():  # what was signed and not sent is no part of the draft
            for row in form.chosen:
                if sentence := declaration_of(row):  # what was signed stays with the answer: it is the evidence
                    keep_draft(row.request, link=link, draft=row.request.draft_answer | {"text": sentence})
            send_answers([row.request for row in form.chosen], link=link, name=form.cleaned_data["name"])
    except (AnswersClosed, ValidationError) as refusal:
        words = refusal.messages if isinstance(refusal, ValidationError) else [str(refusal)]
        again = all_shown(requests_behind(link))
        return _check(request, link, again, form, refusals=words, status=409)
    return to(link, "applicant_sent")


def _after_all(request: HttpRequest, link: ApplicantLink, rows: list[Shown], form: SendForm) -> HttpResponseBase:
    """The page that was sent is not how things stand: sent already (the button was pressed twice), or changed."""
    if form.was_sent_already():
        return to(link, "applicant_sent")
    words = ["Something has changed since you opened this page. Look at your answers again before you send them."]
    return _check(request, link, rows, SendForm(rows=rows, name=form.held_name), refusals=words, status=409)


def _check(
    request: HttpRequest,
    link: ApplicantLink,
    rows: list[Shown],
    form: SendForm,
    *,
    refusals: list[str] | None = None,
    status: int = 200,
) -> HttpResponse:
    waiting = [row for row in rows if row.takes_answers]
    ready = [row for row in waiting if row.is_ready]
    context = {
        **around(link),
        "ready": ready,
        "not_ready": [row for row in waiting if not row.is_ready],
        "kept": _not_sent(rows),
        "to_sign": to_sign(ready),
        "form": form,
        "faults": [("content", words) for words in refusals or []] + list(form.faults()),
    }
    return render(request, "home/requests/check.html", context, status=status)


@for_applicants(*READING)
def applicant_sent(request: HttpRequest, *, link: ApplicantLink) -> HttpResponseBase:
    """The acknowledgement of what was sent last with this link, for as long as it opens."""
    answered = [asked for asked in requests_behind(link) if asked.answered_by_id == link.pk and asked.answered_at]
    if not answered:
        return to(link, "applicant_requests")
    last = max(asked.answered_at for asked in answered if asked.answered_at)
    together = [asked for asked in answered if asked.answered_at == last]
    rows = [shown(asked) for asked in together]
    context = {
        **around(link),
        "rows": rows,
        "done": [row for row in rows if row.is_settled],
        "signed_by": together[0].answered_name,
        "is_acknowledged": bool(link.to_email),
        "is_before_valid": link.application.valid_from is None,
        "sent_at": last,
        "received_on": in_words(received_on(together[0])),
        "is_later": received_on(together[0]) != timezone.localdate(last),
        "waiting": [row for row in all_shown(requests_behind(link)) if row.takes_answers],
    }
    return render(request, "home/requests/sent.html", context)


def _not_sent(rows: list[Shown]) -> list[Shown]:
    """Begun and never sent, and nobody can send it any more."""
    return [row for row in rows if not row.takes_answers and not row.request.answer and row.is_begun]
