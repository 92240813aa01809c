"""What is answered when something broke that no page catches."""

import sys
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.views.decorators.csrf import requires_csrf_token
from django.views.defaults import server_error as server_error_page

from cases.jobs.database_away import SENTENCE, is_away

RETRY_SECONDS = 30


@requires_csrf_token
def server_error(request: HttpRequest) -> HttpResponse:
    """Django asks this while it handles the error: 503 in words while the database is away, else the page for 500.

    A script that sends a file reads {"error": sentence}; under /api/ ApiMiddleware makes problem details of it.
    """
    if not is_away(sys.exc_info()[1]):
        return server_error_page(request)
    status = HTTPStatus.SERVICE_UNAVAILABLE
    response: HttpResponse
    if request.get_preferred_type(["text/html", "application/json"]) == "application/json":
        response = JsonResponse({"error": SENTENCE}, status=status)
    else:  # without the request: who signed in and which council it is stand in the database
        response = HttpResponse(render_to_string("503_database.html"), status=status)
    response.headers["Retry-After"] = str(RETRY_SECONDS)
    return response
