"""The one NinjaAPI of the installation: each package brings its router."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError

from cases.api import problem
from cases.api import router as cases_router

api = NinjaAPI(
    title="BoPS",
    version="2",
    description="Submissions in, planning applications out.",
    docs_url="/docs",
    urls_namespace="api",
)
api.add_router("/v2/", cases_router)


@api.exception_handler(AuthenticationError)
def without_token(request: HttpRequest, error: Exception) -> HttpResponse:
    return problem(HTTPStatus.UNAUTHORIZED, "Send a bearer token that is in use.")
