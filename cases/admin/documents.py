"""The way in which officers see a document's file."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from cases.documents import file_response, thumbnail_response
from cases.models import Document
from cases.permissions import can_see_document, documents_for


def _seen_by(request: HttpRequest, pk: int) -> Document:
    document = get_object_or_404(documents_for(request.user).select_related("application"), pk=pk)
    if not can_see_document(request.user, document):
        raise Http404("There is no such document.")
    return document


def case_document(request: HttpRequest, pk: int) -> HttpResponse:
    return file_response(_seen_by(request, pk), inline="download" not in request.GET)


def case_thumbnail(request: HttpRequest, pk: int) -> HttpResponse:
    return thumbnail_response(_seen_by(request, pk))
