"""The body of a submission: JSON of any length up to the limit, read as it comes."""

from io import BytesIO

from django.conf import settings
from django.http import HttpRequest

CHUNK_BYTES = 64 * 1024


def is_json(request: HttpRequest) -> bool:
    kind = (request.content_type or "").lower()
    charset = (request.content_params or {}).get("charset", "utf-8").lower().replace("-", "")
    is_plain = request.headers.get("Content-Encoding", "identity").lower() == "identity"
    is_json = kind == "application/json" or kind.endswith("+json")
    return is_json and is_plain and charset in {"utf8", "usascii", "ascii"}


def read_body(request: HttpRequest) -> bytes | None:
    """The body, read no further than the limit; None when it is longer.

    Not `request.body`: that has another limit, and reads nothing of a body sent in chunks without a length.
    """
    limit = settings.MAX_SUBMISSION_BYTES
    length = request.META.get("CONTENT_LENGTH") or ""
    if length.isdigit() and int(length) > limit:
        return None
    is_chunked = "chunked" in request.META.get("HTTP_TRANSFER_ENCODING", "").lower()
    stream = request.META["wsgi.input"] if is_chunked and not length else request
    body = BytesIO()
    while chunk := stream.read(min(CHUNK_BYTES, limit + 1 - body.tell())):
        body.write(chunk)
        if body.tell() > limit:
            return None
    return body.getvalue()
