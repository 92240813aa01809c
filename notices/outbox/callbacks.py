"""What GOV.UK Notify tells us by itself: that a message was delivered, or was not."""

import json
import logging
from secrets import compare_digest

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from . import delivery, notify

logger = logging.getLogger(__name__)
MAX_BYTES = 16_384


@csrf_exempt  # another machine calls, with a bearer token instead of a session
@require_POST
def notify_callback(request: HttpRequest) -> HttpResponse:
    """Take a delivery report. Any order, twice, before our own request has been answered: all are fine.

    Notify repeats a callback for half an hour unless it is answered 2xx, so what is not ours is answered 200 as well.
    """
    if not _is_notify(request):
        return _said("The bearer token is missing or wrong.", status=401)
    body = request.read(MAX_BYTES + 1)
    if len(body) > MAX_BYTES:
        return _said("Too long.", status=413)
    try:
        report = notify.report_from(json.loads(body))
    except (ValueError, RecursionError):
        return _said("This is not a delivery report.", status=400)
    if not delivery.take_report(report):
        logger.warning("GOV.UK Notify reported on a message that is not ours: %s", report.id)
    return _said("ok")


def _is_notify(request: HttpRequest) -> bool:
    expected = settings.NOTIFY_CALLBACK_TOKEN
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    # Without a token of ours nothing is let in; the comparison takes as long for a wrong one as for the right one.
    return bool(expected) and scheme.lower() == "bearer" and compare_digest(token.encode(), expected.encode())


def _said(words: str, *, status: int = 200) -> HttpResponse:
    return HttpResponse(words, status=status, content_type="text/plain; charset=utf-8")
