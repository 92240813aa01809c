"""The way in which officers see a document's file and the pictures of its pages."""

from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404

from cases.documents.serving import file_response, page_response, picture_response, thumbnail_response
from cases.documents.sharp_pictures import strip_of
from cases.models import Document
from cases.permissions import can_see_document, documents_for


def seen_by(request: HttpRequest, pk: int) -> Document:
    """The document if this user may read it. Raises Http404, which tells nobody that it exists elsewhere."""
    user = request.user
    if not user.is_authenticated:
        raise Http404("There is no such document.")
    document = get_object_or_404(documents_for(user).select_related("application__authority"), pk=pk)
    if not can_see_document(user, document):
        raise Http404("There is no such document.")
    return document


def case_document(request: HttpRequest, pk: int) -> HttpResponseBase:
    return file_response(seen_by(request, pk), inline="download" not in request.GET)


def case_thumbnail(request: HttpRequest, pk: int) -> HttpResponseBase:
    return thumbnail_response(seen_by(request, pk))


def case_document_page(request: HttpRequest, pk: int, number: int) -> HttpResponseBase:
    document = seen_by(request, pk)
    page = get_object_or_404(document.pages.defer("text", "words"), number=number)
    page.document = document
    return page_response(page)


def case_document_strip(request: HttpRequest, pk: int, number: int, strip: int) -> HttpResponseBase:
    """A part of the sharp picture of a page."""
    document = seen_by(request, pk)
    page = get_object_or_404(document.pages.defer("text", "words"), number=number)
    page.document = document
    return picture_response(document, strip_of(page, strip))
