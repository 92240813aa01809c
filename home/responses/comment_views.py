"""Commenting on an application: one question a page, without an account, a session or scripts.

Every page after the first stands behind the token of its draft (home/responses/commenting.py). Nobody keeps these
pages, no search engine lists them, and no other site is told their addresses.
"""

from collections.abc import Callable
from functools import wraps

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_http_methods

from accounts.models import LocalAuthority
from accounts.rate_limits import Allowance, nameless, use
from accounts.sign_in import home_address
from cases.consultation.comments import CommentsClosed, why_closed
from cases.models import ApplicationType, PlanningApplication
from cases.register.published import Entry, entry_of, public_application
from cases.statuses import Topic
from home.council import council_or_404
from home.models import CommentDraft
from home.pages import guidance_page_of, register_page_of
from home.register.addresses import in_address

from . import commenting
from .comment_forms import QUESTIONS, SENTIMENTS, Question, QuestionForm, first_unanswered, question_named

HOUR = 3600
DRAFTS_AN_HOUR = 30
COMMENTS_AN_HOUR = 10
COMMENTS_ON_ONE_APPLICATION_AN_HOUR = 3
CHECK = "check"
View = Callable[..., HttpResponse]


def of_a_comment(view: View) -> View:
    """A page of the journey: told the council; kept by nobody, listed nowhere, its address told to no other site."""

    @require_http_methods(["GET", "HEAD", "POST"])
    @wraps(view)
    def wrapped(request: HttpRequest, **kwargs) -> HttpResponse:
        council = council_or_404(request)
        page = register_page_of(council)
        if page and page.is_closed:
            words = page.closed_message or "The planning register is closed for now."
            response = _stopped(request, words, status=503)
        else:
            response = view(request, council=council, **kwargs)
        add_never_cache_headers(response)  # no-store and private among them
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
        # Not no-referrer: with it browsers send no origin either, and Django could not tell our own forms from others.
        response.headers["Referrer-Policy"] = "same-origin"
        return response

    return wrapped


@of_a_comment
def comment_start(request: HttpRequest, *, council: LocalAuthority, reference: str) -> HttpResponse:
    """What to know before one begins; POST begins a draft."""
    application = public_application(council, reference)
    if application is None:
        raise Http404("No application with this reference is on the register.")
    if request.method != "POST" and reference != in_address(application.reference):
        return redirect("register_comment", reference=application.reference, permanent=True)
    if closed := why_closed(application):
        return _closed(request, application, closed)
    if request.method == "POST":
        allowance = _use("comment draft", home_address(request), limit=DRAFTS_AN_HOUR)
        if not allowance.is_allowed:
            return _too_often(request, allowance, application)
        return _to(commenting.start(application), QUESTIONS[0].slug)
    context = {
        "entry": entry_of(application),
        "shown": commenting.what_is_shown(council),
        "only_facts_count": application.application_type.category == ApplicationType.Category.CERTIFICATE,
        "ends_on": None if council.comments_until_decision else application.consultation_ends_on,
        "guidance": guidance_page_of(council, "how-to-comment"),
    }
    return render(request, "home/responses/comment_start.html", context)


@of_a_comment
def comment_question(
    request: HttpRequest, *, council: LocalAuthority, reference: str, token: str, question: str
) -> HttpResponse:
    """One question of a draft, or the page on which all answers are checked and sent."""
    draft = commenting.draft_of(council, token)
    if draft is None:
        return _no_draft(request, council, reference, token)
    asked = question_named(question)
    if asked is None and question != CHECK:
        raise Http404("There is no such question.")
    if request.method != "POST" and reference != in_address(draft.application.reference):
        return _to(draft, question)  # the application was given another reference meanwhile
    if closed := why_closed(draft.application):
        return _closed(request, draft.application, closed, draft)
    return _ask(request, draft, asked) if asked else _check(request, draft)


@of_a_comment
def comment_sent(request: HttpRequest, *, council: LocalAuthority, reference: str, token: str) -> HttpResponse:
    """The confirmation, for as long as somebody keeps its address. It shows nothing of the comment itself."""
    comment = commenting.sent_comment(council, token)
    if comment is None:
        return _no_draft(request, council, reference, token)
    application = public_application(council, comment.application.reference)
    context = {
        "comment_reference": comment.reference,
        "is_acknowledged": bool(comment.email),
        "entry": entry_of(application) if application else None,
        "shown": commenting.what_is_shown(council),
    }
    return render(request, "home/responses/comment_sent.html", context)


# --- The pages of a draft -------------------------------------------------------------------------------------------


def _ask(request: HttpRequest, draft: CommentDraft, question: Question) -> HttpResponse:
    if request.method != "POST":
        return _show(request, draft, question, question.form(initial=draft.answers.get(question.slug)))
    form = question.form(request.POST)
    if not form.is_valid():
        return _show(request, draft, question, form, status=422)
    commenting.answer(draft, question=question.slug, answers=form.kept())
    return _to(draft, _after(draft, question, is_change="change" in request.GET))


def _after(draft: CommentDraft, question: Question, *, is_change: bool) -> str:
    """Where the visitor goes from a question that is answered."""
    if is_change and first_unanswered(draft.answers) is None:
        return CHECK
    following = QUESTIONS[QUESTIONS.index(question) + 1 :]
    return following[0].slug if following else CHECK


def _show(
    request: HttpRequest, draft: CommentDraft, question: Question, form: QuestionForm, status: int = 200
) -> HttpResponse:
    number = QUESTIONS.index(question)
    before = CHECK if "change" in request.GET else QUESTIONS[number - 1].slug if number else ""
    context = {
        "entry": entry_of(draft.application),
        "question": question,
        "number": number + 1,
        "of": len(QUESTIONS),
        "form": form,
        "faults": list(form.faults()),
        "before": _address(draft, before) if before else "",
        "shown": commenting.what_is_shown(draft.application.authority),
        "kept_days": commenting.KEPT.days,
    }
    return render(request, f"home/responses/{question.template}", context, status=status)


def _check(request: HttpRequest, draft: CommentDraft) -> HttpResponse:
    if missing := first_unanswered(draft.answers):
        return _to(draft, missing.slug)
    if request.method == "POST":
        return _send(request, draft)
    return _show_check(request, draft)


def _send(request: HttpRequest, draft: CommentDraft) -> HttpResponse:
    who = home_address(request)
    allowances = [
        _use("comment", who, limit=COMMENTS_AN_HOUR),
        _use(f"comment {draft.application_id}", who, limit=COMMENTS_ON_ONE_APPLICATION_AN_HOUR),
    ]
    if refused := [one for one in allowances if not one.is_allowed]:
        return _too_often(request, max(refused, key=lambda one: one.seconds_left), draft.application, draft)
    try:
        commenting.send(draft)
    except CommentsClosed as closed:  # between reading the draft and sending it
        return _closed(request, draft.application, str(closed), draft)
    except commenting.IncompleteDraft:
        return _to(draft, CHECK)
    except ValidationError as refusal:
        return _show_check(request, draft, faults=[("content", words) for words in refusal.messages], status=422)
    return redirect("register_comment_sent", reference=draft.application.reference, token=draft.token)


def _show_check(
    request: HttpRequest, draft: CommentDraft, *, faults: list[tuple[str, str]] | None = None, status: int = 200
) -> HttpResponse:
    answers = {name: value for given in draft.answers.values() for name, value in given.items()}
    topics = dict(Topic.choices)
    context = {
        "entry": entry_of(draft.application),
        "answers": answers,
        "sentiment": dict(SENTIMENTS).get(answers["sentiment"], ""),
        "topics": [topics[slug] for slug in answers.get("topics", []) if slug in topics],
        "change": {question.slug: f"{_address(draft, question.slug)}?change" for question in QUESTIONS},
        "before": _address(draft, QUESTIONS[-1].slug),
        "shown": commenting.what_is_shown(draft.application.authority),
        "faults": faults or [],
    }
    return render(request, "home/responses/comment_check.html", context, status=status)


# --- When it does not go on -----------------------------------------------------------------------------------------


def _closed(
    request: HttpRequest, application: PlanningApplication, words: str, draft: CommentDraft | None = None
) -> HttpResponse:
    """Comments on the application are closed: why, and what was written so far, so that nobody loses it."""
    public = public_application(application.authority, application.reference)
    status = 409 if request.method == "POST" else 200
    return _stopped(request, words, status=status, draft=draft, entry=entry_of(public) if public else None)


def _stopped(
    request: HttpRequest, words: str, *, status: int, draft: CommentDraft | None = None, entry: Entry | None = None
) -> HttpResponse:
    context = {"words": words, "entry": entry, "written": _written(request, draft)}
    return render(request, "home/responses/comment_closed.html", context, status=status)


def _too_often(
    request: HttpRequest, allowance: Allowance, application: PlanningApplication, draft: CommentDraft | None = None
) -> HttpResponse:
    context = {
        "minutes": -(-allowance.seconds_left // 60),
        "entry": entry_of(application),
        "written": _written(request, draft),
        "again": _address(draft, CHECK) if draft else "",
        "kept_days": commenting.KEPT.days,
    }
    response = render(request, "home/responses/comment_too_often.html", context, status=429)
    response.headers["Retry-After"] = str(allowance.seconds_left)
    return response


def _no_draft(request: HttpRequest, council: LocalAuthority, reference: str, token: str) -> HttpResponse:
    """It was sent (then on to the confirmation), or it is gone: deleted after a week, or the address is wrong."""
    comment = commenting.sent_comment(council, token)
    if comment:
        return redirect("register_comment_sent", reference=comment.application.reference, token=token)
    application = public_application(council, reference)
    context = {
        "entry": entry_of(application) if application else None,
        "written": _written(request, None),
        "kept_days": commenting.KEPT.days,
    }
    return render(request, "home/responses/comment_gone.html", context, status=404)


def _written(request: HttpRequest, draft: CommentDraft | None) -> str:
    """The words of the comment: those just sent, else those of the draft."""
    just_sent = request.POST.get("text", "") if request.method == "POST" else ""
    return just_sent or (draft.answers.get("words", {}).get("text", "") if draft else "")


def _use(purpose: str, who: str, *, limit: int) -> Allowance:
    return use(nameless(purpose, who), limit=limit, seconds=HOUR)


def _address(draft: CommentDraft, question: str) -> str:
    return reverse("register_comment_question", args=[draft.application.reference, draft.token, question])


def _to(draft: CommentDraft, question: str) -> HttpResponse:
    return redirect(_address(draft, question))
