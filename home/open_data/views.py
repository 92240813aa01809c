"""The page about open data, and MHCLG's datasets at addresses that stay."""

from collections.abc import Iterator

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render

from accounts.models import LocalAuthority
from accounts.public_address import public_url
from cases.register.published import public_applications
from home.register.views import of_the_register
from home.tables import array_pieces, csv_pieces, object_rows, spreadsheet_safe

from .answers import LICENCE, LICENCE_NAME, attribution, file_answer
from .columns import COLUMNS
from .dataset_rows import dataset_rows
from .datasets import DATASETS
from .register_files import MOST_ROWS
from .rows import Row


@of_the_register
def open_data(request: HttpRequest, *, council: LocalAuthority, register_page) -> HttpResponse:
    """What there is, what it means, and on which terms."""
    context = {
        "columns": COLUMNS,
        "datasets": DATASETS.values(),
        "most_rows": MOST_ROWS,
        "licence": LICENCE,
        "licence_name": LICENCE_NAME,
        "attribution": attribution(council),
        "site": public_url(council),
    }
    return render(request, "home/open_data/page.html", context)


@of_the_register
def open_data_file(
    request: HttpRequest, *, council: LocalAuthority, register_page, slug: str, extension: str
) -> HttpResponseBase:
    """One of MHCLG's datasets, whole, over the council's register."""
    if slug not in DATASETS:
        raise Http404("There is no dataset of this name.")
    dataset = DATASETS[slug]

    def write() -> tuple[Iterator[bytes], dict[str, str]]:
        chunks = dataset_rows(dataset, council, public_applications(council), site=public_url(council))
        if extension == "csv":
            return csv_pieces(dataset.names, (map(_for_csv, chunk) for chunk in chunks)), {}
        return array_pieces(object_rows(dataset.names, (map(_for_json, chunk) for chunk in chunks))), {}

    return file_answer(
        request,
        council=council,
        name=f"{council.code}-{slug}",
        extension=extension,
        depends_on=[dataset.names],
        write=write,
    )


def _for_csv(row: Row) -> Row:
    """Several values in one cell are parted by semicolons, as planning.data.gov.uk has them."""
    joined = (";".join(value) if isinstance(value, list) else value for value in row)
    return tuple(spreadsheet_safe(value) if isinstance(value, str) else value for value in joined)


def _for_json(row: Row) -> Row:
    return tuple(None if value == "" else value for value in row)
