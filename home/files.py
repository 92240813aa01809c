"""Pictures of the website, where they lie on this machine's disk. With S3 their addresses are S3's own.

Only the sizes that Wagtail made for pages: originals, and the website's documents with their privacy, go Wagtail's way,
and documents of cases have none of this (cases/documents/serving.py).
"""

from django.conf import settings
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe
from django.views.static import serve

PUBLIC_FOLDERS = ("images/", "avatar_images/")


@require_safe
def media(request: HttpRequest, path: str) -> HttpResponseBase:
    if not path.startswith(PUBLIC_FOLDERS) or ".." in path:
        raise Http404("No such picture.")
    response = serve(request, path, document_root=str(settings.MEDIA_ROOT))
    response.headers["Cache-Control"] = "public, max-age=86400"
    return response
