"""Sharp pictures while the pages of the document are made anew: what is said to be drawn can be looked at."""

import io

import pytest
from django.core.exceptions import ValidationError

from cases.documents import sharp_pictures
from cases.documents.adding import add_document
from cases.documents.preparing import task
from cases.documents.preparing.task import prepare_document
from cases.documents.redo import make_previews_again
from cases.documents.sharp_pictures import draw_sharp_picture, draw_sharply, strip_of
from cases.models import Document, SharpPicture

from .test_sharp_pictures import sheet

A2 = (1191, 1684)  # points


@pytest.fixture
def document(make_application, officer):
    application = make_application("pp.full.householder")
    document = add_document(application, file=io.BytesIO(sheet(A2)), name="Plan.pdf", by=officer)
    prepare_document.call(document.pk)
    document.refresh_from_db()
    return document


def page_of(document: Document):
    return document.pages.select_related("document__application").get()


def asked_for(document: Document, *, by) -> SharpPicture:
    return draw_sharply(page_of(document), by=by)


def can_be_looked_at(picture: SharpPicture) -> bool:
    page = picture.page
    strips = [strip_of(page, number) for number in range(1, len(picture.heights) + 1)]
    return bool(strips) and all(strip.storage.exists(strip.name) for strip in strips)


@pytest.fixture
def while_it_is_drawn(monkeypatch):
    """Have something else done once, when all strips of a picture are stored and it is not marked as drawn yet."""
    really_ask = sharp_pictures.ask

    def while_it_is_drawn(do) -> None:
        waiting = [do]

        def ask(*arguments, **named):
            yield from really_ask(*arguments, **named)
            if waiting:
                waiting.pop()()

        monkeypatch.setattr(sharp_pictures, "ask", ask)

    return while_it_is_drawn


def test_what_an_older_attempt_leaves_is_not_taken_from_the_newer_picture(document, officer, while_it_is_drawn):
    older = asked_for(document, by=officer)

    def anew() -> None:
        make_previews_again(document, by=officer)
        prepare_document.call(document.pk)
        draw_sharp_picture.call(asked_for(document, by=officer).pk)

    while_it_is_drawn(anew)
    draw_sharp_picture.call(older.pk)
    newer = SharpPicture.objects.get()
    assert newer.state == "done"
    assert can_be_looked_at(newer)


def test_previews_that_could_not_be_made_leave_the_strips_that_are_being_drawn(
    document, officer, while_it_is_drawn, monkeypatch
):
    picture = asked_for(document, by=officer)

    def breaks_off(*_):
        raise OSError("The database is away.")

    def anew() -> None:
        make_previews_again(document, by=officer)
        with monkeypatch.context() as patched:
            patched.setattr(task, "suggested_types", breaks_off)
            prepare_document.call(document.pk)

    while_it_is_drawn(anew)
    draw_sharp_picture.call(picture.pk)
    picture.refresh_from_db()
    assert picture.state == "done"
    assert can_be_looked_at(picture)


def test_a_page_that_was_made_anew_meanwhile_is_asked_for_again(document, officer):
    before = page_of(document)
    make_previews_again(document, by=officer)
    prepare_document.call(document.pk)
    with pytest.raises(ValidationError, match="made anew"):
        draw_sharply(before, by=officer)
    assert asked_for(document, by=officer).state == "queued"
