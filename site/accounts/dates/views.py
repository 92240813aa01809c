"""What a script asks while somebody types: how the server would read it."""

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponseBadRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from .fields import Rules
from .reading import in_words


@require_safe
@never_cache
def understood(request: HttpRequest) -> HttpResponseBase:
    """{"words": "Friday 30 October 2026", "refusal": ""}, or the sentence of the refusal. Of nobody and no row."""
    try:
        rules = Rules.of(request.GET.get("kind", ""), request.GET)
    except ValueError:
        return HttpResponseBadRequest("There is no box of that kind.")
    try:
        return JsonResponse({"words": in_words(rules.read(request.GET.get("text", ""))), "refusal": ""})
    except ValidationError as refusal:
        return JsonResponse({"words": "", "refusal": refusal.messages[0]})
