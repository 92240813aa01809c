"""One file at a time, for the script of the documents page; without it the page's own form takes many at once.

Answers in JSON: 201 {"id", "title", "suggestions"}, or {"error": a sentence for the officer} with 422 (the file cannot
be taken), 413 (too large), 403 (not now, or not by this officer), 503 (there is nowhere to put it just now).
"""

from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import JsonResponse
from django.views.decorators.http import require_POST

from accounts.requests import SignedInRequest
from cases.admin.frame.case_views import case_of
from cases.documents.adding import add_document
from cases.documents.lists import KnownTypes
from cases.files.disk import StorageAway
from cases.files.types import UnacceptableFile
from cases.permissions import can_add_documents

from .forms import OneFileForm


@require_POST
def case_documents_upload(request: SignedInRequest, pk: int) -> JsonResponse:
    application = case_of(request.user, pk)
    if not can_add_documents(request.user, application):
        return _refused("You cannot add documents to this case now.", 403)
    file = request.FILES.get("file")
    if file is not None and file.size > settings.MAX_DOCUMENT_BYTES:
        return _refused(f"The file is larger than {settings.MAX_DOCUMENT_BYTES // 1024 // 1024} MB.", 413)
    form = OneFileForm(request.POST, request.FILES)
    if not form.is_valid():
        return _refused(" ".join(str(error) for errors in form.errors.values() for error in errors), 422)
    data: dict[str, Any] = form.cleaned_data
    try:
        document = add_document(
            application,
            file=data["file"],
            name=data["file"].name,
            by=request.user,
            types=data["types"],
            received_on=data["received_on"],
        )
    except UnacceptableFile as refusal:
        return _refused(str(refusal), 422)
    except ValidationError as refusal:
        return _refused(" ".join(refusal.messages), 422)
    except StorageAway as away:
        return _refused(str(away), 503)
    except PermissionDenied:
        return _refused("The case has changed in the meantime: no documents can be added to it now.", 403)
    labels = KnownTypes().labels
    suggestions = [labels[code] for code in document.suggested_types if code in labels]
    return JsonResponse({"id": document.pk, "title": document.title, "suggestions": suggestions}, status=201)


def _refused(words: str, status: int) -> JsonResponse:
    return JsonResponse({"error": words}, status=status)
