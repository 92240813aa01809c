"""Two documents of a case side by side, page by page: what has changed from one revision to the next?"""

from typing import Any

from django.db.models import Max
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from cases.documents import lists as document_lists
from cases.documents.search import question
from cases.models import Document
from cases.models.document import CLOSED_BY_SCAN
from cases.permissions import documents_open_to

from .serving import seen_by
from .viewer import ZOOMS, DocumentView, page_asked, pages_around, standing_of, windows, zoom_asked

CHOICES = 100
FURTHEST = 20  # pages by which one document may be moved against the other


class ComparePage(DocumentView):
    """`document` stands on the left, `newer` on the right; any two documents of the same case."""

    crumb = "Compare"
    template_name = "cases/admin/documents/compare.html"
    http_method_names = ["get", "head", "options"]

    def setup(self, request: HttpRequest, *args, **kwargs) -> None:
        super().setup(request, *args, **kwargs)
        self.newer = seen_by(request, kwargs["newer"])
        if self.newer.application_id != self.application.pk or self.newer.pk == self.document.pk:
            raise Http404("There are no two such documents in one case.")

    def get(self, request: HttpRequest, *args, **kwargs) -> HttpResponse:
        return self.render_to_response(self.get_context_data())

    def get_context_data(self, **kwargs) -> dict:
        asked = self.request.GET
        left, right = self._side(self.document), self._side(self.newer)
        # No further than that a page stands beside a page.
        least, most = -min(max(left["last"] - 1, 0), FURTHEST), min(max(right["last"] - 1, 0), FURTHEST)
        shift = min(max(shift_asked(asked.get("shift", "")), least), most)
        last = max(left["last"], right["last"] - shift, 1)
        number = page_asked(asked, last=last)
        return super().get_context_data(
            left=left,
            right=right,
            rows=self._rows(left, right, number, shift),
            shows_pages=left["standing"].shows_pages or right["standing"].shows_pages,
            number=number,
            last=last,
            shift=shift,
            shift_less=shift - 1 if shift > least else None,
            shift_more=shift + 1 if shift < most else None,
            windows=windows(last, number),
            zoom=zoom_asked(asked),
            zooms=ZOOMS,
            swapped=reverse("case_document_compare", args=[self.newer.pk, self.document.pk]),
            **kwargs,
        )

    def _side(self, document: Document) -> dict[str, Any]:
        last = document.pages.exclude(preview="").aggregate(last=Max("number"))["last"] or 0
        return {"document": document, "last": last, "standing": standing_of(document, has_pages=bool(last))}

    def _rows(self, left: dict, right: dict, number: int, shift: int) -> list[dict[str, Any]]:
        """[{"number", "left": page or None, "right": page or None}], the right one moved on by `shift` pages."""
        on_left = {page.number: page for page in self._pages(left, number)}
        on_right = {page.number - shift: page for page in self._pages(right, number, shift)}
        numbers = sorted(place for place in {*on_left, *on_right} if place >= 1)
        return [{"number": n, "left": on_left.get(n), "right": on_right.get(n)} for n in numbers]

    def _pages(self, side: dict, number: int, shift: int = 0) -> list:
        if not side["standing"].shows_pages:
            return []
        pages = side["document"].pages.order_by("number").exclude(preview="").defer("text")
        return pages_around(pages, number, shift=shift)


class CompareWithPage(DocumentView):
    """With what? With the version before, if there is one; ?choose shows all documents of the case."""

    crumb = "Compare with"
    template_name = "cases/admin/documents/compare_with.html"
    http_method_names = ["get", "head", "options"]

    def get(self, request: HttpRequest, *args, **kwargs) -> HttpResponse:
        others = documents_open_to(self.request.user).with_file().exclude(scan_status__in=CLOSED_BY_SCAN)
        others = others.filter(application=self.application).exclude(pk=self.document.pk)
        previous = None if "choose" in request.GET else document_lists.previous_version(self.document)
        if previous and others.filter(pk=previous.pk).exists():
            return HttpResponseRedirect(reverse("case_document_compare", args=[previous.pk, self.document.pk]))
        q = question(request.GET.get("q", ""))
        found = list(document_lists.named(others, q).order_by("-received_on", "-pk")[: CHOICES + 1])
        found.sort(key=self._unlikeness)
        context = self.get_context_data(
            document=self.document,
            others=[(other, self._pair(other)) for other in found[:CHOICES]],
            has_more=len(found) > CHOICES,
            most=CHOICES,
            q=q,
        )
        return self.render_to_response(context)

    def _unlikeness(self, other: Document) -> tuple[bool, bool]:
        """Drawings of the same number first, then those of the same type."""
        number = self.document.drawing_number
        return (not number or other.drawing_number != number, not set(other.types) & set(self.document.types))

    def _pair(self, other: Document) -> str:
        """The older one on the left."""
        pair = sorted((self.document, other), key=lambda document: (document.received_on, document.pk))
        return reverse("case_document_compare", args=[document.pk for document in pair])


def shift_asked(text: str) -> int:
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdecimal() and len(digits) < 3):
        return 0
    return min(max(int(text), -FURTHEST), FURTHEST)
