"""Public answers may be kept for a minute, by browsers and by what stands between.

The pages are the same for everybody: nothing of ours reads a session or a cookie on them. Somebody with a session may
be an editor, who wants to see at once what was changed.
"""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.response import SimpleTemplateResponse
from django.utils.cache import get_conditional_response, patch_cache_control, set_response_etag

A_MINUTE = 60


def finished(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """The answer with Cache-Control and ETag, or 304 where the visitor has it already."""
    if isinstance(response, SimpleTemplateResponse) and not response.is_rendered:
        response.render()
    if request.method not in {"GET", "HEAD"} or response.status_code != 200 or response.streaming:
        return response
    if settings.SESSION_COOKIE_NAME in request.COOKIES:
        patch_cache_control(response, private=True, no_cache=True)
    elif not response.has_header("Cache-Control"):
        patch_cache_control(response, public=True, max_age=A_MINUTE)
    set_response_etag(response)
    return get_conditional_response(request, etag=response.headers["ETag"], response=response) or response
