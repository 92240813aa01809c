"""Comments of the public that another system has taken: the Digital Planning Register asks its visitors for them."""

import hashlib
import json
from http import HTTPStatus
from typing import Annotated, Any, Literal

from django.core.exceptions import ValidationError
from django.http import HttpRequest
from ninja import Path, Schema
from ninja.errors import HttpError
from pydantic import BeforeValidator, Field

from cases.consultation.comments import CommentsClosed, receive_comment
from cases.faults import Fault
from cases.models import Comment, PlanningApplication
from cases.statuses import Topic

from .problems import answers, problem
from .reading import NOT_THERE, case_of, case_with_id
from .routers import v1, v2
from .tokens import RESPOND, BearerToken, council_of_token

RECEIVED = "Response submitted"
ERRORS = (400, 401, 403, 404, 409, 422, 429)
# Fields of a comment, and what this body calls them.
PATHS = {"text": "/response", "sentiment": "/summary_tag", "topics": "/tags"}


def _without_nul(text: Any) -> Any:
    return text.replace("\0", "").strip() if isinstance(text, str) else text


Line = Annotated[str, BeforeValidator(_without_nul)]


class Response(Schema):
    """What the Digital Planning Register sends. Other keys are not read."""

    name: Line = Field(min_length=1, max_length=200, examples=["Ada Wren"])
    email: Line | None = Field(None, max_length=254, json_schema_extra={"format": "email"})
    address: Line = Field("", max_length=400, examples=["7 Blyton Close, Beaconsfield, HP9 2LX"])
    response: Line = Field(min_length=1, max_length=50_000, examples=["* Privacy: the window looks into ours."])
    summary_tag: Literal["supportive", "neutral", "objection"]
    tags: list[str] = Field([], max_length=50, description="Topics; those that nobody knows are left out.")


class Received(Schema):
    id: str = Field(description="What the council calls the comment.", examples=["C-000123"])
    message: str = Field(examples=[RECEIVED])


@v1.post(
    "planning_applications/{id}/neighbour_responses",
    response=answers(Received, *ERRORS),
    tags=["Comments"],
    summary="Comment",
)
def neighbour_responses(
    request: HttpRequest,
    body: Response,
    id: str = Path(..., min_length=1, max_length=60, description="Id, or reference."),
) -> Any:
    """The comment waits for an officer before anybody else reads it. The same body again makes no second comment."""
    authority = council_of_token(request)
    return _take(case_with_id(authority, id) or case_of(authority, id), body)


@v2.post(
    "planning_applications/{reference}/comments/public",
    auth=BearerToken(RESPOND),
    response=answers(Received, *ERRORS),
    tags=["Comments"],
    summary="Comment",
)
def comments_public(
    request: HttpRequest,
    body: Response,
    reference: str = Path(..., min_length=1, max_length=60, description="Reference or id."),
) -> Any:
    """As v1's `neighbour_responses`."""
    return _take(case_of(council_of_token(request), reference), body)


def _take(application: PlanningApplication | None, body: Response) -> Any:
    if application is None or not application.is_on_register:
        raise HttpError(HTTPStatus.NOT_FOUND, NOT_THERE)
    try:
        comment = receive_comment(
            application,
            name=body.name,
            text=body.response,
            sentiment=body.summary_tag,
            address=body.address,
            email=body.email or "",
            topics=[tag for tag in body.tags if tag in Topic.values],
            source=Comment.Source.API,
            submission_key=_key(body),
        )
    except CommentsClosed as closed:
        raise HttpError(HTTPStatus.CONFLICT, str(closed)) from closed
    except ValidationError as error:
        faults = [Fault(PATHS.get(name, f"/{name}"), " ".join(words)) for name, words in error.message_dict.items()]
        return problem(HTTPStatus.UNPROCESSABLE_ENTITY, "The comment cannot be taken. The faults say why.", faults)
    return {"id": comment.reference, "message": RECEIVED}


def _key(body: Response) -> str:
    """The same words of the same person are one comment, however often a system sends them that heard no answer."""
    said = json.dumps(body.model_dump(), sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()
