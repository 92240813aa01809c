"""The one NinjaAPI of the installation: each package brings its routers."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from cases.api import v1, v2
from cases.api.problems import problem, speak_in_problems
from home.api import bops_public, odp

from .api_description import BopsApi, ReferencePage

api = BopsApi(title="BoPS", version="2", docs=ReferencePage(), docs_url="/docs", urls_namespace="api")
speak_in_problems(api)
api.add_router("/v2/", v2)
api.add_router("/v2/public/", bops_public.router)
api.add_router("/v1/", v1)
api.add_router("/@next/", odp.router)


@csrf_exempt
def nothing_here(request: HttpRequest, anything: str) -> HttpResponse:
    """Any other address under /api/: not one of Wagtail's pages."""
    return problem(HTTPStatus.NOT_FOUND, "There is nothing at this address. /api/openapi.json lists what there is.")
