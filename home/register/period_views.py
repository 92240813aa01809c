"""The weekly and monthly lists at addresses that stay: for parish councils, newspapers and everybody else."""

import csv
import io

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import content_disposition_header

from accounts.models import LocalAuthority
from accounts.public_address import public_url

from .period_lists import CSV_COLUMNS, csv_rows, period_lists, years_and_periods
from .periods import Period
from .views import of_the_register


@of_the_register
def weekly_lists(request: HttpRequest, *, council: LocalAuthority, register_page) -> HttpResponse:
    """Every week and month of a year that has a list."""
    return render(request, "home/register/period_index.html", years_and_periods(council, request.GET.get("year", "")))


@of_the_register
def period_list(request: HttpRequest, *, council: LocalAuthority, register_page, period: Period) -> HttpResponse:
    """The lists of one week or month."""
    _has_begun(period)
    return render(request, "home/register/period.html", period_lists(council, period, request.GET))


@of_the_register
def period_csv(request: HttpRequest, *, council: LocalAuthority, register_page, period: Period) -> HttpResponse:
    """The same as a spreadsheet."""
    _has_begun(period)
    page = io.StringIO(newline="")
    writer = csv.writer(page)
    writer.writerow(CSV_COLUMNS)
    writer.writerows(csv_rows(council, period, request.GET, site=public_url(council)))
    name = f"{council.code}-planning-applications-{period.slug}.csv"
    headers = {"Content-Disposition": content_disposition_header(True, name), "X-Robots-Tag": "noindex"}
    return HttpResponse(page.getvalue(), content_type="text/csv; charset=utf-8; header=present", headers=headers)


def _has_begun(period: Period) -> None:
    if period.first > timezone.localdate():
        raise Http404("This time has not begun.")
