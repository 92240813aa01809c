"""Two documents of a case side by side: a sensible pair, page beside page, and only what the reader may open."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.models import Document
from tests.cases.document_files import make_document

pytestmark = pytest.mark.django_db


@pytest.fixture
def get(client, officer):
    client.force_login(officer)
    return lambda path: client.get(f"/admin/cases/documents/{path}")


def pairs(response) -> list[tuple[int | None, int | None]]:
    return [
        (row["left"] and row["left"].number, row["right"] and row["right"].number) for row in response.context["rows"]
    ]


def test_the_version_before_is_the_pair_that_is_shown_first(get, make):
    old, new = make(revision="A", pages=["x"]), make(revision="B", pages=["x"])
    Document.objects.filter(pk=old.pk).update(superseded_by=new)
    assert get(f"{new.pk}/compare/").url == f"/admin/cases/documents/{old.pk}/compare/{new.pk}/"
    chosen = get(f"{new.pk}/compare/?choose")
    assert chosen.status_code == 200
    assert [other.pk for other, _ in chosen.context["others"]] == [old.pk]


def test_any_other_can_be_chosen_those_of_the_same_drawing_first(get, make, make_application):
    document = make(drawing_number="A-1", types=["elevations.proposed"], pages=["x"])
    make("Letter")
    make("Other elevation", types=["elevations.proposed"])
    make("Same drawing", drawing_number="A-1")
    make("Harmful", scan_status="infected")
    make_document(make_application(), "Of another case")
    response = get(f"{document.pk}/compare/")
    assert [other.title for other, _ in response.context["others"]] == ["Same drawing", "Other elevation", "Letter"]
    found = get(f"{document.pk}/compare/?choose=&q=lett")
    assert [other.title for other, _ in found.context["others"]] == ["Letter"]


def test_page_stands_beside_page_and_a_missing_one_is_said(get, make):
    left, right = make("Left", pages=["a", "b", "c"]), make("Right", pages=["a", "b"])
    response = get(f"{left.pk}/compare/{right.pk}/")
    assert pairs(response) == [(1, 1), (2, 2), (3, None)]
    assert "No such page on the right" in response.content.decode()


def test_one_side_can_be_moved_when_a_page_was_put_in(get, make):
    left, right = make("Left", pages=["a", "b"]), make("Right", pages=["new", "a", "b"])
    assert pairs(get(f"{left.pk}/compare/{right.pk}/?shift=1")) == [(1, 2), (2, 3)]
    assert pairs(get(f"{right.pk}/compare/{left.pk}/?shift=-1")) == [(1, None), (2, 1), (3, 2)]
    for shift in ("x", "²", "-", "999"):
        assert get(f"{left.pk}/compare/{right.pk}/?shift={shift}").status_code == 200


def test_pages_that_are_not_there_are_not_offered(get, make):
    left, right = make("Left", pages=["a"]), make("Right", pages=["b"])
    response = get(f"{left.pk}/compare/{right.pk}/?shift=5")
    assert pairs(response) == [(1, 1)]
    content = response.content.decode()
    assert "shift=" not in content
    assert 'name="page"' not in content
    longer = make("Longer", pages=["a", "b"])
    content = get(f"{left.pk}/compare/{longer.pk}/").content.decode()
    assert ("shift=1" in content, "shift=-1" in content) == (True, False)
    content = get(f"{left.pk}/compare/{longer.pk}/?shift=9").content.decode()
    assert ("shift=0" in content, "shift=2" in content) == (True, False)


def test_a_long_name_is_short_beside_the_pages_and_whole_in_the_details(get, make):
    name = "Proposed elevations and sections, " * 7
    content = get(f"{make(name, pages=['a']).pk}/compare/{make('Right', pages=['b']).pk}/").content.decode()
    whole = content[content.index('class="doc-side__whole"') :]
    assert name.strip() in whole[: whole.index("</details>")]


def test_long_documents_are_compared_some_pages_at_a_time(get, make):
    left, right = make("Left", pages=["x"] * 45), make("Right", pages=["x"] * 43)
    assert pairs(get(f"{left.pk}/compare/{right.pk}/?page=44")) == [(n, n if n < 44 else None) for n in range(41, 46)]
    assert pairs(get(f"{left.pk}/compare/{right.pk}/?page=41&shift=1"))[0] == (41, 42)


def test_a_side_without_pages_says_why(get, make):
    left, right = make("Left", pages=["a"]), make("Right", scan_status="waiting")
    content = get(f"{left.pk}/compare/{right.pk}/").content.decode()
    assert "waits for the virus scan" in content


def test_no_document_is_compared_with_itself_or_with_another_cases(get, make, make_application):
    document, foreign = make(pages=["x"]), make_document(make_application(), pages=["x"])
    assert get(f"{document.pk}/compare/{document.pk}/").status_code == 404
    assert get(f"{document.pk}/compare/{foreign.pk}/").status_code == 404


def test_the_number_of_queries_does_not_grow_with_the_pages(get, make):
    short = make(pages=["x"]), make("Two", pages=["x"])
    long = make("Three", pages=["x"] * 30), make("Four", pages=["x"] * 30)
    made = []
    for left, right in (short, short, long):
        with CaptureQueriesContext(connection) as captured:
            get(f"{left.pk}/compare/{right.pk}/")
        made.append(len(captured))
    assert made[1] == made[2]
