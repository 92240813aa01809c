"""One request and its answer. What is saved is kept until it is sent, also when something is missing in it."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render

from accounts.dates.reading import in_words
from accounts.rate_limits import Allowance, nameless, use
from cases.documents.serving import file_response
from cases.files.types import ACCEPTED, UnacceptableFile
from cases.models import AnswerFile, ApplicantLink, ValidationRequest
from cases.request_kinds import Asks
from cases.requests.answers.answering import AnswersClosed, keep_draft, may_answer
from cases.requests.answers.files import add_answer_file, remove_answer_file
from home.register.application import drawing_of
from notices.letters.request_words import condition_words

from .fields import AnswerForm
from .forms import REPLIED, form_for
from .link_access import HOUR, READING, for_applicants, too_often
from .link_contents import NotThere, address, around, file_behind, request_behind, requests_behind, to
from .red_line_text import area_in_words
from .showing import all_shown, asks_of, description_difference, shown
from .uploads import FIELD, MOST_FILES, Refused, keep_files

UPLOADS_AN_HOUR = 400  # with one link: twenty files for each of twenty requests


@for_applicants(*READING, "POST")
def applicant_request(request: HttpRequest, *, link: ApplicantLink, number: int) -> HttpResponseBase:
    """Why it is asked, what would put it right, and the answer; POST keeps the answer and its files."""
    asked = request_behind(link, number)
    if request.method == "POST":
        return _keep(request, link, asked, stays="stay" in request.POST)
    return _show(request, link, asked, form_for(asked)(asked=asked))


@for_applicants("POST")
def applicant_file_remove(request: HttpRequest, *, link: ApplicantLink, number: int, pk: int) -> HttpResponseBase:
    """Take a file out again. What else stands in the form is kept."""
    asked = request_behind(link, number)
    file = file_behind(asked, pk)
    try:
        remove_answer_file(file, link=link)
    except AnswersClosed as closed:
        return _refused_in_words(str(closed), 409) if _is_script(request) else _too_late(request, link, asked)
    if _is_script(request):
        return JsonResponse({"removed": pk})
    return _keep(request, link, request_behind(link, number), stays=True)


@for_applicants("POST")
def applicant_upload(request: HttpRequest, *, link: ApplicantLink, number: int) -> HttpResponseBase:
    """One file, sent by the script. Answers in JSON: the file as it is kept, or in words why it is not."""
    asked = request_behind(link, number)
    allowance = _use_upload(link)
    if not allowance.is_allowed:
        minutes = -(-allowance.seconds_left // 60)
        answer = _refused_in_words(f"Many files came within an hour. Try again in {minutes} minutes.", 429)
        answer.headers["Retry-After"] = str(allowance.seconds_left)
        return answer
    try:
        file = _the_file(request, link, asked)
    except UnacceptableFile as wrong:
        return _refused_in_words(str(wrong), 422)
    except AnswersClosed as closed:
        return _refused_in_words(str(closed), 409)
    if asks_of(asked) is Asks.FILES and not asked.draft_answer.get("answer"):
        # A file is an answer: it can be sent without the page having been saved.
        # The row was read before a large file came in; the page may have been saved while it did.
        keep_draft(asked, link=link, draft={"answer": REPLIED}, unless_begun=True)
    remove = address(link, "applicant_file_remove", number, file.pk)
    return JsonResponse({"name": file.original_name, "size": file.size, "remove": remove}, status=201)


@for_applicants(*READING)
def applicant_document(request: HttpRequest, *, link: ApplicantLink, number: int, pk: int) -> HttpResponseBase:
    """The document that is to be replaced, which the applicant sent; no other document of the case."""
    document = request_behind(link, number).document
    if document is None or document.pk != pk:
        raise NotThere("file")
    return file_response(document, inline=True)


# --- Keeping --------------------------------------------------------------------------------------------------------


def _keep(request: HttpRequest, link: ApplicantLink, asked: ValidationRequest, *, stays: bool) -> HttpResponseBase:
    """Keep the files and the answer, complete or not; then on, or here again with what is wrong."""
    if not may_answer(asked):
        return _too_late(request, link, asked)
    if request.FILES:
        allowance = _use_upload(link)
        if not allowance.is_allowed:
            return too_often(request, allowance, what="files")
    try:
        refused = keep_files(request, asked, link=link)
        asked = request_behind(link, asked.number)  # with the files that have just come
        form = form_for(asked)(request.POST, asked=asked)
        is_right = form.is_valid()
        keep_draft(asked, link=link, draft=form.draft())
    except AnswersClosed:
        return _too_late(request, link, request_behind(link, asked.number))
    if stays or form.wants_more:
        if is_right and not refused and not form.wants_more:
            return to(link, "applicant_request", asked.number)
        return _show(request, link, asked, form.without_faults(), refused=refused, status=422 if refused else 200)
    if refused or not is_right:
        return _show(request, link, asked, form, refused=refused, status=422)
    return _on(link)


def _on(link: ApplicantLink) -> HttpResponse:
    """From an answer that is ready: to what is left, or, when nothing is, to checking and sending."""
    waiting = [row for row in all_shown(requests_behind(link)) if row.takes_answers]
    return to(link, "applicant_check" if all(row.is_ready for row in waiting) else "applicant_requests")


def _the_file(request: HttpRequest, link: ApplicantLink, asked: ValidationRequest) -> AnswerFile:
    file = request.FILES.get(FIELD)
    if file is None:
        refused: list[Refused] = getattr(request, "refused_files", [])
        raise UnacceptableFile(refused[0].words if refused else "No file came.")
    return add_answer_file(asked, link=link, file=file, name=file.name or "")


def _use_upload(link: ApplicantLink) -> Allowance:
    return use(nameless("applicant upload", str(link.pk)), limit=UPLOADS_AN_HOUR, seconds=HOUR)


def _is_script(request: HttpRequest) -> bool:
    return request.headers.get("Accept", "").startswith("application/json")


def _refused_in_words(words: str, status: int) -> JsonResponse:
    return JsonResponse({"error": words}, status=status)


# --- Showing --------------------------------------------------------------------------------------------------------


def _show(
    request: HttpRequest,
    link: ApplicantLink,
    asked: ValidationRequest,
    form: AnswerForm,
    *,
    refused: list[Refused] | None = None,
    status: int = 200,
) -> HttpResponse:
    row = shown(asked)
    if not row.takes_answers:
        context = {**around(link), "row": row, **_condition(asked)}
        return render(request, "home/requests/closed.html", context, status=status)
    faults = [("id_attached", str(one)) for one in refused or []] + list(form.faults())
    context = {
        **around(link),
        "row": row,
        "asked": asked,
        "form": form,
        "faults": faults,
        "refused": refused or [],
        "answer_template": form.template,
        **_proposed(asked),
        **_files(row.takes_files, asked),
    }
    return render(request, "home/requests/request.html", context, status=status)


def _proposed(asked: ValidationRequest) -> dict[str, Any]:
    application = asked.application
    is_line = asked.kind == ValidationRequest.Kind.RED_LINE
    return {
        **_condition(asked),
        "difference": description_difference(asked),
        "present_day": in_words(application.expires_on),
        "proposed_day": in_words(asked.proposed_until),
        "present_plan": drawing_of(application.boundary) if is_line else "",
        "proposed_plan": drawing_of(asked.proposed_boundary) if is_line else "",
        "present_area": area_in_words(application.boundary) if is_line else "",
        "proposed_area": area_in_words(asked.proposed_boundary) if is_line else "",
        "tile_url": settings.MAP_TILE_URL,
        "attribution": settings.MAP_ATTRIBUTION,
    }


def _condition(asked: ValidationRequest) -> dict[str, Any]:
    """The words of the condition while they are those that were asked about: an officer writes others as soon as the
    request is settled without them, and those are for nobody yet (cases.assessment.conditions._lose_agreement)."""
    stands = asked.condition and (asked.is_open or asked.outcome == ValidationRequest.Outcome.ACCEPTED)
    text, reasons = condition_words(asked) if stands else ("", [])
    return {"condition_text": text, "condition_reasons": reasons}


def _files(takes_files: bool, asked: ValidationRequest) -> dict[str, Any]:
    if not takes_files:
        return {}
    return {
        "files": list(asked.answer_files.all()),
        "most_files": MOST_FILES,
        "most_mb": settings.MAX_DOCUMENT_BYTES // 1024 // 1024,
        "accepted": ACCEPTED,
    }


def _too_late(request: HttpRequest, link: ApplicantLink, asked: ValidationRequest) -> HttpResponse:
    """Settled, withdrawn or answered meanwhile, or the application has ended: what was just written, so that nobody
    loses it."""
    written = request.POST.get("text", "").strip()
    context = {**around(link), "row": shown(asked), "written": written, "is_too_late": True}
    return render(request, "home/requests/closed.html", context, status=409)
