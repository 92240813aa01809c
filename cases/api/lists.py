"""Lists as BOPS v2 gives them to systems with a token: what page it is, links to others, and the rows."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from ninja import Schema
from pydantic import Field

from accounts.public_address import public_url

from .paging import MOST_COUNTED, Page
from .tokens import council_of_token


class ListMetadata(Schema):
    page: int = Field(ge=1)
    results: int = Field(ge=1, description="What a full page holds.")
    from_: int = Field(ge=0, alias="from")
    to: int = Field(ge=0)
    total_pages: int = Field(ge=1)
    total_results: int = Field(ge=0, le=MOST_COUNTED, description="10,000 where there are more.")


class Links(Schema):
    first: str
    last: str
    prev: str | None
    next: str | None


def listed(request: HttpRequest, page: Page, data: list[dict[str, Any]]) -> dict[str, Any]:
    def address(number: int) -> str:
        asked = [(name, value) for name, value in request.GET.lists() if name != "page"]
        query = urlencode([*asked, ("page", number)], doseq=True)
        return public_url(council_of_token(request), f"{request.path}?{query}")

    return {
        "metadata": {
            "page": page.number,
            "results": page.length,
            "from": page.begins + 1 if page.rows else 0,
            "to": page.begins + len(page.rows),
            "total_pages": page.pages,
            "total_results": page.total,
        },
        "links": {
            "first": address(1),
            "last": address(page.pages),
            "prev": address(page.number - 1) if page.number > 1 else None,
            "next": address(page.number + 1) if page.number < page.pages else None,
        },
        "data": data,
    }
