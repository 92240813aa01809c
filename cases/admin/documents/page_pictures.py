"""The picture of a page as officers see it: the preview, or the sharp one in strips when somebody has had it drawn."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import QuerySet
from django.urls import reverse

from cases.documents.sharp_pictures import is_offered
from cases.models import Document, DocumentPage, SharpPicture


@dataclass(frozen=True)
class Strip:
    url: str
    width: int
    height: int


@dataclass(frozen=True)
class PagePicture:
    """`state`: of the sharp picture, "" while nobody has asked for it. `is_offered`: it may be asked for (again)."""

    state: str = ""
    strips: list[Strip] = field(default_factory=list)
    is_offered: bool = False


def with_sharp(pages: QuerySet[DocumentPage]) -> QuerySet[DocumentPage]:
    return pages.select_related("sharp")


def with_pictures(pages: Iterable[DocumentPage], document: Document, *, may_ask: bool) -> list[DocumentPage]:
    """The pages (of `with_sharp`), each with its `picture`. No query."""
    shown = list(pages)
    for page in shown:
        page.document = document
        page.picture = _picture_of(page, may_ask)  # type: ignore[attr-defined]
    return shown


def _picture_of(page: DocumentPage, may_ask: bool) -> PagePicture:
    sharp: SharpPicture | None = getattr(page, "sharp", None)
    if sharp is None or sharp.state == SharpPicture.State.FAILED:
        return PagePicture(sharp.state if sharp else "", is_offered=may_ask and is_offered(page))
    place = [page.document_id, page.number]
    return PagePicture(
        sharp.state,
        [
            Strip(reverse("case_document_strip", args=[*place, number]), sharp.width, height)
            for number, height in enumerate(sharp.heights, start=1)
        ],
    )
