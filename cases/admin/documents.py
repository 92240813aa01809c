"""The way in which officers see a document's file."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from cases.permissions import documents_for


def case_document(request: HttpRequest, pk: int) -> HttpResponse:
    document = get_object_or_404(documents_for(request.user).with_file(), pk=pk)
    raise Http404(str(document))


def case_thumbnail(request: HttpRequest, pk: int) -> HttpResponse:
    document = get_object_or_404(documents_for(request.user).with_file(), pk=pk)
    raise Http404(str(document))
