"""The planning register at fixed addresses. Each view asks `cases.register.published` what the public may see, and
only that.
"""

from collections.abc import Callable
from functools import wraps
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from accounts.models import LocalAuthority
from accounts.public_address import public_url
from cases.documents.serving import public_file_response
from cases.models import PlanningApplication
from cases.register.published import comment_counts, entry_of, public_application, public_documents, shown_comments
from cases.register.site_history import property_history
from home.caching import finished, from_memory
from home.council import council_or_404
from home.models import RegisterPage
from home.pages import register_page_of
from home.remembering import remembered

from .addresses import in_address
from .application import application_page, asked_comments, bars, comment_filters, documents_page
from .decision import report_file_of, report_of
from .document_zip import zip_headers, zip_response
from .listing import listing, page_links
from .property import property_page

COMMENTS_ON_A_PAGE = 50
NOT_FOR_SEARCH_ENGINES = "noindex, nofollow"
View = Callable[..., HttpResponseBase]


def of_the_register(view: View) -> View:
    """A view of one council's register: given the council and the page with its words; says so while it is closed."""

    @require_safe
    @wraps(view)
    def wrapped(request: HttpRequest, **kwargs) -> HttpResponseBase:
        return from_memory(request, lambda: answered(request, **kwargs))

    def answered(request: HttpRequest, **kwargs) -> HttpResponseBase:
        council = council_or_404(request)
        page = remembered(request, "register page", lambda: register_page_of(council))
        if page and page.is_closed:
            return render(request, "home/register/closed.html", {"register_page": page}, status=503)
        return finished(request, view(request, council=council, register_page=page, **kwargs))

    return wrapped


def of_an_application(view: View) -> View:
    """A view of one public application. An older or untidy reference is sent on to the present one, for good."""

    @of_the_register
    @wraps(view)
    def wrapped(request: HttpRequest, *, council: LocalAuthority, reference: str, **kwargs) -> HttpResponseBase:
        del kwargs["register_page"]
        application = public_application(council, reference)
        if application is None:
            raise Http404("No application with this reference is on the register.")
        if reference != in_address(application.reference):
            present = {**kwargs, "reference": application.reference}
            assert request.resolver_match is not None  # noqa: S101 - the address led here
            return redirect(request.resolver_match.view_name, permanent=True, **present)
        return view(request, application=application, **kwargs)

    return wrapped


@of_the_register
def register(request: HttpRequest, *, council: LocalAuthority, register_page: RegisterPage | None) -> HttpResponse:
    """The list: searched, filtered, newest first."""
    return render(request, "home/register/list.html", listing(request, council, register_page))


@of_the_register
def register_property(request: HttpRequest, *, council: LocalAuthority, register_page, uprn: str) -> HttpResponse:
    """Everything on the register at one property."""
    history = property_history(council, uprn)
    if not history:
        raise Http404("Nothing on the register is at this property.")
    return render(request, "home/register/property.html", property_page(history, uprn=uprn))


@of_an_application
def register_application(request: HttpRequest, *, application: PlanningApplication) -> HttpResponse:
    return render(request, "home/register/application.html", application_page(application))


@of_an_application
def register_comments(request: HttpRequest, *, application: PlanningApplication) -> HttpResponse:
    """All published comments of the public, or consultees' replies, newest first; of one sentiment, on one topic."""
    comments, asked = asked_comments(application, request.GET)
    page = Paginator(comments, COMMENTS_ON_A_PAGE).get_page(request.GET.get("page"))
    counts = comment_counts(application)
    context = {
        "entry": entry_of(application),
        "asked": asked,
        "comment_counts": counts,
        "sentiments": bars(counts.by_sentiment),
        "topics": bars(counts.by_topic),
        **comment_filters(counts),
        "comments": shown_comments(page.object_list, application.authority),
        "page_of_results": page,
        "pages": page_links(page, f"?{urlencode(asked)}") if page.has_other_pages() else None,
    }
    return render(request, "home/register/comments.html", context)


@of_an_application
def register_documents(request: HttpRequest, *, application: PlanningApplication) -> HttpResponse:
    """All published documents, a page at a time, or those of one type."""
    return render(request, "home/register/documents.html", documents_page(application, request.GET))


@of_an_application
def register_documents_zip(request: HttpRequest, *, application: PlanningApplication) -> HttpResponseBase:
    """All published documents in one file."""
    if not public_documents(application).exists():
        raise Http404("No document of this application has been published.")
    if request.method == "HEAD":
        return StreamingHttpResponse(headers=zip_headers(application))
    return zip_response(application, host=public_url(application.authority))


@of_an_application
def register_report(request: HttpRequest, *, application: PlanningApplication) -> HttpResponse:
    """The officer's report, from the day of the decision."""
    report = report_of(application)
    if not report:
        raise Http404("There is no published report of this application.")
    return render(request, "home/register/report.html", {"entry": entry_of(application), "report": report})


@of_an_application
def register_report_file(request: HttpRequest, *, application: PlanningApplication) -> HttpResponse:
    """The officer's report as a PDF."""
    file = report_file_of(application)
    if not file:
        raise Http404("There is no published report of this application.")
    name = f"{in_address(application.reference)} officer's report.pdf"
    headers = {"Content-Disposition": content_disposition_header(False, name), "X-Robots-Tag": NOT_FOR_SEARCH_ENGINES}
    return HttpResponse(file, content_type="application/pdf", headers=headers)


@of_an_application
def register_document(request: HttpRequest, *, application: PlanningApplication, pk: int) -> HttpResponseBase:
    """A published document of a public application. Search engines are asked not to keep it (design §10)."""
    document = get_object_or_404(public_documents(application), pk=pk)
    response = public_file_response(document)
    response.headers["X-Robots-Tag"] = NOT_FOR_SEARCH_ENGINES
    return response
