"""The lists that officers live in."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from cases.permissions import cases_for


def case_list(request: HttpRequest) -> HttpResponse:
    return render(request, "cases/admin/case_list.html", {"cases": cases_for(request.user).for_lists()[:25]})
