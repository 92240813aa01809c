"""The register on a map: a page that works without scripts, and what its script asks for."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from accounts.models import LocalAuthority
from home.models import RegisterPage

from .map import map_data, map_page
from .views import of_the_register


@of_the_register
def register_map(request: HttpRequest, *, council: LocalAuthority, register_page: RegisterPage | None) -> HttpResponse:
    """The applications of a search in a part of the map; its newest ones in words too."""
    return render(request, "home/register/map.html", map_page(council, request.GET))


@of_the_register
def register_map_data(
    request: HttpRequest, *, council: LocalAuthority, register_page: RegisterPage | None
) -> HttpResponse:
    """What lies in a viewport, grouped: ?<the query of the list>&bbox=west,south,east,north&zoom=13."""
    return JsonResponse(map_data(council, request.GET))
