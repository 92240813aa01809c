"""The addresses of typed words: where the script sends them, and where their writer finds all of them."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.views.decorators.http import require_GET, require_POST
from wagtail.admin import messages

from accounts import rate_limits
from accounts.requests import SignedInRequest
from cases.typed_words import KEPT, MOST_BYTES, keep, kept_for, writer_of

A_MINUTE = 60
MOST_A_MINUTE = 60  # of one writer


@require_POST
def keep_typed(request: HttpRequest) -> HttpResponse:
    """From the script, while somebody types and when they leave; also after their session has ended."""
    if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_BYTES:
        return HttpResponse(status=413)
    writer = writer_of(request)
    if writer is None:
        raise PermissionDenied("Sign in first.")
    if not rate_limits.use(f"typed:{writer.pk}", limit=MOST_A_MINUTE, seconds=A_MINUTE).is_allowed:
        return HttpResponse(status=429)
    keep(writer, request.POST)
    return HttpResponse(status=204)


@require_GET
def typed_words(request: SignedInRequest) -> HttpResponse:
    context = {"words": list(kept_for(request.user)), "days": KEPT.days}
    return TemplateResponse(request, "cases/admin/typed/list.html", context)


@require_POST
def throw_away(request: SignedInRequest, pk: int) -> HttpResponse:
    words = get_object_or_404(kept_for(request.user), pk=pk)
    words.delete()
    messages.success(request, "What you had typed is thrown away.")
    is_from_list = "from_list" in request.POST
    return HttpResponseRedirect(reverse("typed_words") if is_from_list else words.path)


# Before the admin, which sends whoever is not signed in to another page.
open_urls = [path("admin/typed/keep/", keep_typed, name="typed_keep")]
urlpatterns = [
    path("typed/", typed_words, name="typed_words"),
    path("typed/<int:pk>/throw-away/", throw_away, name="typed_throw_away"),
]
