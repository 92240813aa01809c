"""What becomes of the words of every form of the admin, whoever's page it is: kept when refused, forgotten when saved,
and put back where the address asks for it."""

from collections.abc import Callable

from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse

from cases.admin.frame.case_views import CaseView
from cases.admin.frame.meanwhile import differences, put_back
from cases.typed_words import PUT_BACK, RequestForAPage, as_sent, forget, keep, put_back_on, writer_of

ADMIN = "/admin/"


class TypedWordsMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: RequestForAPage) -> HttpResponse:
        if request.path.startswith(ADMIN) and PUT_BACK in request.GET and request.user.is_authenticated:
            words = put_back_on(request)
            request.put_back = as_sent(words) if words else None
        response = self.get_response(request)
        is_typed = request.method == "POST" and request.path.startswith(ADMIN) and "typed_by" in request.POST
        if is_typed and (writer := writer_of(request)):
            after = forget if _is_saved(request, response) else keep
            after(writer, request.POST, page=request.path)
        return response

    def process_template_response(self, request: HttpRequest, response: TemplateResponse) -> TemplateResponse:
        """Into the forms of pages that are not about a case: those do it themselves, row by row."""
        context = response.context_data
        data = getattr(request, "put_back", None)
        if data and context and not isinstance(context.get("view"), CaseView):
            unbound = [form for form in context.values() if isinstance(form, BaseForm) and not form.is_bound]
            context["both"] = [both for form in unbound for both in differences(form, data)]
            context["has_changed"] = bool(context["both"])
            for form in unbound:
                put_back(form, data)
        return response


def _is_saved(request: HttpRequest, response: HttpResponse) -> bool:
    """A form that was saved leads on to another page; one that was refused does not, or to where refusals lead."""
    if response.status_code not in (302, 303) or not request.user.is_authenticated:
        return False
    refusals = (reverse("wagtailadmin_login"), reverse("wagtailadmin_home"))
    return response["Location"].partition("?")[0] not in refusals
