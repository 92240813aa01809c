"""A document page by page in the browser: pictures and words of its pages, never the file itself."""

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Count, Max, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import NoReverseMatch, reverse
from wagtail.admin import messages

from cases.admin.frame.case_views import CaseView
from cases.documents import lists as document_lists
from cases.documents import scanning
from cases.documents.preparing.active_content import said
from cases.documents.redo import make_previews_again, scan_again, why_no_previews_again, why_not_scanned_again
from cases.documents.search import hits_in_document, question
from cases.documents.serving import why_closed
from cases.documents.sharp_pictures import draw_sharply
from cases.files.types import IMAGES, PDF
from cases.models import Document, DocumentPage
from cases.permissions import can_add_documents, can_correct, can_note, can_publish

from .page_pictures import with_pictures, with_sharp
from .serving import seen_by
from .task import list_url

PAGES_AT_ONCE = 40
ZOOMS = (50, 75, 100, 150, 200, 300)  # per cent of the column's width
FITS = 100


@dataclass(frozen=True)
class Standing:
    """Why there are pages to see or not. `waits`: it will change by itself, so the page asks again."""

    slug: str
    words: str = ""
    waits: bool = False

    @property
    def shows_pages(self) -> bool:
        return self.slug in ("ready", "active")


def standing_of(document: Document, *, has_pages: bool) -> Standing:
    """What an officer can see of the document now, and the sentence that says why."""
    if document.fetch_status == Document.FetchStatus.WAITING:
        return Standing("no_file", "The file is still being fetched.", waits=True)
    if document.fetch_status == Document.FetchStatus.FAILED:
        return Standing("no_file", f"The file could not be fetched. {document.fetch_error}".strip())
    if document.scan_status == Document.ScanStatus.INFECTED:
        return Standing("harmful", why_closed(document), waits=scanning.is_due(document))
    if document.scan_status == Document.ScanStatus.WAITING:
        return Standing("scan", why_closed(document), waits=True)
    if document.does_not_open:
        return Standing(
            "failed",
            f"This file does not open. {document.prepare_error} It is kept as it came, and cannot be published. Ask "
            "the applicant for it once more.",
        )
    if document.active_content and has_pages:
        return Standing(
            "active",
            f"{said(document.active_content)} See its pages here, and download it with care. It cannot be published "
            "as it is: make a flattened copy of it by redaction.",
        )
    if has_pages:
        return Standing("ready")
    if document.prepare_error:
        return Standing("failed", f"Its pages could not be shown: {document.prepare_error}")
    if document.prepared_at is None and document.shown_mime_type in {PDF, *IMAGES}:
        return Standing(
            "preparing", "The pages are being prepared. That takes a minute, longer for large drawings.", True
        )
    return Standing("no_preview", "Files of this kind cannot be shown here. Download it to read it.")


class DocumentView(CaseView):
    """Base of the pages about one document. `self.document` is one that the reader may see."""

    header_icon = "doc-full-inverse"

    def setup(self, request: HttpRequest, *args, **kwargs) -> None:
        self.document = seen_by(request, kwargs["pk"])
        super().setup(request, *args, **{**kwargs, "pk": self.document.application_id})

    def get_breadcrumbs_items(self) -> list[dict[str, str]]:
        *before, last = super().get_breadcrumbs_items()
        return [*before, {"url": list_url(self.application), "label": "Documents"}, last]


class ViewerPage(DocumentView):
    template_name = "cases/admin/documents/viewer.html"
    http_method_names = ["get", "post", "head", "options"]

    @property
    def crumb(self) -> str:  # type: ignore[override]
        return self.document.title

    def get(self, request: HttpRequest, *args, **kwargs) -> HttpResponse:
        return self.render_to_response(self.get_context_data())

    def post(self, request: HttpRequest, *args, **kwargs) -> HttpResponse:
        """What is done in the background, and seen when this page is looked at again."""
        verb, _, number = request.POST.get("action", "").partition("-")
        place = f"#page-{number}" if number.isascii() and number.isdecimal() else ""
        try:
            messages.success(request, self._act(verb, number))
        except ValidationError as refusal:
            messages.error(request, " ".join(refusal.messages))
        return HttpResponseRedirect(request.get_full_path() + place)

    def _act(self, verb: str, number: str) -> str:
        user = self.request.user
        match verb:
            case "scan":
                scan_again(self.document, by=user)
                return "The file will be scanned again."
            case "previews":
                make_previews_again(self.document, by=user)
                return "Its pages will be drawn and read again."
            case "sharpen":
                draw_sharply(page_numbered(self.document, number), by=user)
                return f"A sharper picture of page {number} will be drawn."
        raise Http404("There is nothing of that name to do here.")

    def get_context_data(self, **kwargs) -> dict:
        document, asked = self.document, self.request.GET
        pages = document.pages.order_by("number")
        ends = pages.exclude(preview="").aggregate(last=Max("number"), number=Count("pk"))
        standing = standing_of(document, has_pages=bool(ends["number"]))
        number = page_asked(asked, last=ends["last"] or 1)
        q = question(asked.get("q", ""))
        return super().get_context_data(
            document=document,
            standing=standing,
            pages=self._pages(pages_around(with_sharp(pages), number) if standing.shows_pages else []),
            pages_number=ends["number"],
            windows=windows(ends["last"] or 0, number),
            number=number,
            zoom=zoom_asked(asked),
            zooms=ZOOMS,
            q=q,
            hits=hits_in_document(document, q) if q and standing.shows_pages else [],
            versions=document_lists.versions_of(document),
            type_labels=document_lists.KnownTypes().words(document.types),
            links=self._links(standing),
            again=self._again(),
            **kwargs,
        )

    def _pages(self, pages: list[DocumentPage]) -> list[DocumentPage]:
        return with_pictures(pages, self.document, may_ask=can_note(self.request.user, self.application))

    def _again(self) -> dict[str, str] | None:
        """Why it is not scanned or its pages not made again, a sentence each; "": it can. None: not by this reader."""
        if not can_publish(self.request.user, self.application):
            return None
        return {"scan": why_not_scanned_again(self.document), "previews": why_no_previews_again(self.document)}

    def _links(self, standing: Standing) -> dict[str, str]:
        """What can be done with it: {"download": address, …}, only what this reader may."""
        user, document = self.request.user, self.document
        links: dict[str, str] = {}
        if document.is_open_to_readers:
            links["download"] = reverse("case_document", args=[document.pk]) + "?download"
            links["compare"] = reverse("case_document_compare_with", args=[document.pk])
        if document.is_open_to_readers and document.is_current and can_publish(user, self.application):
            links["redact"] = _reversed("case_redaction", document.pk)
        if can_correct(user, self.application):
            links["change"] = list_url(self.application, f"document={document.pk}") + "#opened"
            if can_add_documents(user, self.application) and document.is_current:
                links["replace"] = list_url(self.application, f"document={document.pk}&open=replace") + "#opened"
        return {name: url for name, url in links.items() if url}


def page_numbered(document: Document, number: str) -> DocumentPage:
    """Raises Http404 for what is no page of the document."""
    if not (number.isascii() and number.isdecimal() and len(number) < 7):
        raise Http404("There is no such page.")
    page = get_object_or_404(document.pages.defer("text", "words"), number=int(number))
    page.document = document
    return page


def page_asked(asked: QueryDict, *, last: int) -> int:
    """?page=7, within the document."""
    text = asked.get("page", "")
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 7 else 1
    return min(max(number, 1), last)


def zoom_asked(asked: QueryDict) -> int:
    text = asked.get("zoom", "")
    return int(text) if text in map(str, ZOOMS) else FITS


def window_of(number: int) -> range:
    """The numbers of the pages that are shown together with this one."""
    first = (number - 1) // PAGES_AT_ONCE * PAGES_AT_ONCE + 1
    return range(first, first + PAGES_AT_ONCE)


def pages_around(pages: QuerySet[DocumentPage], number: int, *, shift: int = 0) -> list[DocumentPage]:
    """The pages that are shown together with page `number`; of a document that is moved on, `shift` pages further."""
    window = window_of(number)
    return list(pages.filter(number__gte=window.start + shift, number__lt=window.stop + shift).defer("words"))


def windows(last: int, number: int) -> list[dict[str, Any]]:
    """Links to all pages, as many at once as are shown: [{"page": 41, "words": "41 to 80", "is_current"}]."""
    if last <= PAGES_AT_ONCE:
        return []
    starts = range(1, last + 1, PAGES_AT_ONCE)
    return [
        {
            "page": start,
            "words": f"{start} to {min(start + PAGES_AT_ONCE - 1, last)}",
            "is_current": number in range(start, start + PAGES_AT_ONCE),
        }
        for start in starts
    ]


def _reversed(name: str, pk: int) -> str:
    try:
        return reverse(name, args=[pk])
    except NoReverseMatch:  # an installation without that page
        return ""
