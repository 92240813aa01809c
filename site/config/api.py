"""The one NinjaAPI of the installation: each package brings its router."""

from ninja import NinjaAPI

from cases.api import router as cases_router

api = NinjaAPI(
    title="BoPS",
    version="2",
    description="Submissions in, planning applications out.",
    docs_url="/docs",
    urls_namespace="api",
)
api.add_router("/v2/", cases_router)
