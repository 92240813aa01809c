"""Redacting a document: boxes drawn over its pages, a page to confirm, and the copy beside the original.

One form holds the table of boxes; every button saves them first. The script draws the same table on the pages.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse, QueryDict
from wagtail.admin import messages

from accounts.requests import SignedInRequest
from cases.documents.redacting.boxes import DIGITS, SIDES, Box
from cases.documents.redacting.drawing import (
    SomebodyWasFaster,
    accept,
    leave,
    newest_redaction,
    pages_of,
    redaction_of,
    save_boxes,
    why_not,
)
from cases.documents.redacting.making import make_copy
from cases.documents.redacting.suggesting import is_looking, offered
from cases.documents.sharp_pictures import draw_sharply
from cases.models import Redaction
from cases.permissions import can_publish

from .page_pictures import with_pictures, with_sharp
from .serving import seen_by
from .viewer import DocumentView, page_numbered, standing_of

ZOOMS = (50, 75, 100, 150, 200, 300, 400, 600)  # per cent of the column's width; an A0 sheet drawn sharply fits 600
MOST_ROWS = 5000
STATES = Redaction.State


@dataclass(frozen=True)
class Row:
    """One row of the table, as it was typed: per cent of the page."""

    page: str
    x: str
    y: str
    width: str
    height: str

    @classmethod
    def of(cls, box: Box) -> "Row":
        return cls(str(box["page"]), *(f"{box[side] * 100:.{DIGITS - 2}f}".rstrip("0").rstrip(".") for side in SIDES))

    def box(self) -> Box:
        """Raises ValueError for what is no number."""
        sides = {side: float(getattr(self, side).replace(",", ".")) / 100 for side in SIDES}
        return {"page": int(self.page), **sides}

    @property
    def is_empty(self) -> bool:
        """Whether the row was left as it stood there for another box: at most its page was chosen."""
        return not any(getattr(self, side).strip() for side in SIDES)


def posted_rows(posted: QueryDict) -> list[Row]:
    """The rows that were sent, without the empty one and those that were ticked to be removed."""
    columns = [posted.getlist(f"box-{name}") for name in ("page", *SIDES)]
    removed = set(posted.getlist("box-remove"))
    rows = [Row(*(text.strip()[:30] for text in row)) for row in list(zip(*columns, strict=False))[:MOST_ROWS]]
    return [row for number, row in enumerate(rows) if str(number) not in removed and not row.is_empty]


def boxes_of(rows: list[Row]) -> list[Box]:
    """Raises ValidationError naming the row."""
    boxes = []
    for number, row in enumerate(rows, 1):
        try:
            boxes.append(row.box())
        except (ValueError, OverflowError) as error:
            raise ValidationError(f"Box {number}: give the page and four numbers, in per cent.") from error
    return boxes


class RedactionPage(DocumentView):
    """GET shows where the redaction stands; POST saves the boxes and does what the button says."""

    template_name = "cases/admin/documents/redaction.html"
    crumb = "Redact"
    http_method_names = ["get", "post", "head", "options"]

    def let_in(self) -> None:
        if not can_publish(self.request.user, self.application):
            raise PermissionDenied("You cannot redact the documents of this case.")

    def get_page_subtitle(self) -> str:
        return f"{self.document.title} · {self.application.reference}"

    def get(self, request: HttpRequest, *args, **kwargs) -> HttpResponse:
        redaction = newest_redaction(self.document)
        rows = [Row.of(box) for box in redaction.boxes] if redaction else []
        return self._page(redaction, rows)

    def post(self, request: HttpRequest, *args, **kwargs) -> HttpResponse:
        action = request.POST.get("action", "save")
        rows = posted_rows(request.POST)
        try:
            if action == "make":
                redaction = redaction_of(self.document, by=self.request.user)
                make_copy(redaction, version=self._version(), by=self.request.user)
                return HttpResponseRedirect(request.path)
            redaction = redaction_of(self.document, by=self.request.user)
            save_boxes(redaction, boxes=boxes_of(rows), version=self._version(), by=self.request.user)
            words = self._act(redaction, action)
        except SomebodyWasFaster as refusal:
            return self._together(rows, refusal)
        except ValidationError as refusal:
            return self._page(newest_redaction(self.document), rows, errors=refusal.messages, status=422)
        if words:
            messages.success(request, words)
        return HttpResponseRedirect(self._back_to(action))

    def _back_to(self, action: str) -> str:
        if action == "check":
            return f"{self.request.path}?confirm"
        verb, _, page = action.partition("-")
        return f"{self.request.path}#page-{page}" if verb == "sharpen" else self.request.path

    def _act(self, redaction: Redaction, action: str) -> str:
        """What the button says beside saving. Returns the words of success."""
        verb, _, place = action.partition("-")
        if verb in {"accept", "leave"}:
            places = [int(place)] if place.isdecimal() and len(place) < 6 else [at for at, _ in offered(redaction)]
            suggestion = {"accept": accept, "leave": leave}[verb]
            suggestion(redaction, places=places, version=redaction.version, by=self.request.user)
            number = "1 suggestion" if len(places) == 1 else f"{len(places)} suggestions"
            return f"{number} {'drawn as boxes' if verb == 'accept' else 'left out'}."
        if verb == "sharpen":
            draw_sharply(page_numbered(self.document, place), by=self.request.user)
            return f"Boxes saved. A sharper picture of page {place} is being drawn."
        return "" if action == "check" else "Boxes saved."

    def _together(self, rows: list[Row], refusal: SomebodyWasFaster) -> HttpResponse:
        """Theirs and mine: nothing that somebody has covered is uncovered by chance."""
        redaction = newest_redaction(self.document)
        if redaction is None or redaction.state not in Redaction.EDITABLE:
            return self._page(redaction, rows, errors=refusal.messages, status=409)
        theirs = [Row.of(box) for box in redaction.boxes]
        both = theirs + [row for row in rows if row not in theirs]
        asked = "Below are their boxes and yours together. Nothing is saved yet: look, then save."
        words = f"{' '.join(refusal.messages)} {asked}"
        return self._page(redaction, both, errors=[words], is_changed=True, status=409)

    def _version(self) -> int:
        text = self.request.POST.get("version", "")
        return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else -1

    def _page(
        self,
        redaction: Redaction | None,
        rows: list[Row],
        *,
        errors: Sequence[str] = (),
        is_changed: bool = False,
        status: int = 200,
    ) -> HttpResponse:
        document = self.document
        pages = with_pictures(
            with_sharp(document.pages.defer("text", "words")).order_by("number"), document, may_ask=True
        )
        open_one = redaction if redaction and redaction.state in Redaction.EDITABLE else None
        done = redaction if redaction and redaction.state == STATES.DONE else None
        asked_again = done is not None and ("again" in self.request.GET or self.request.method == "POST")
        copy = done.copy if done else None
        closed = why_not(document)
        suggestions = offered(redaction) if redaction and not closed else []
        shown = [self._shown(page, suggestions, rows) for page in pages]
        context = self.get_context_data(
            document=document,
            standing=standing_of(document, has_pages=any(page.preview for page in pages)),
            closed=closed,
            redaction=redaction,
            copy=copy,
            copy_page=copy.pages.exclude(preview="").first() if copy else None,
            pages=shown,
            pages_number=pages_of(document),
            rows=rows,
            version=open_one.version if open_one else 0,
            suggestions=suggestions,
            is_looking=is_looking(open_one) if open_one else False,
            is_confirming="confirm" in self.request.GET and open_one is not None and not errors,
            is_making=redaction is not None and redaction.state == STATES.QUEUED,
            is_editing=not closed and bool(pages) and (redaction is None or open_one is not None or asked_again),
            is_changed=is_changed or bool(errors),
            boxed_pages=len({row.page for row in rows}),
            public_copies=document.redacted_copies.current().filter(public_status="publish"),
            zooms=ZOOMS,
            errors=errors,
        )
        return self.render_to_response(context, status=status)

    @staticmethod
    def _shown(page: Any, suggestions: list[tuple[int, Box]], rows: list[Row]) -> dict[str, Any]:
        return {
            "row": page,
            "boxes": [row for row in rows if row.page == str(page.number)],
            "suggestions": [
                (place, Row.of(box), box["because"]) for place, box in suggestions if box["page"] == page.number
            ],
        }


def case_redaction_state(request: SignedInRequest, pk: int) -> JsonResponse:
    """How far the newest redaction is, for the page that waits: {"state": "queued", "suggested": true}."""
    document = seen_by(request, pk)
    if not can_publish(request.user, document.application):
        raise PermissionDenied("You cannot redact the documents of this case.")
    redaction = newest_redaction(document)
    return JsonResponse(
        {
            "state": redaction.state if redaction else "",
            "looking": bool(redaction and is_looking(redaction)),
            "pages": document.pages.exists(),
        }
    )
