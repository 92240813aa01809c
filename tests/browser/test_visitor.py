"""The eyes of the other browser tests: a page that somebody cannot use is noticed, by the name of what is wrong."""

import pytest

from tests.browser.visitor import Visitor

GOOD = """<!doctype html><html lang="en"><head><title>A page</title></head><body><main><h1>A page</h1>
<label>Name <input></label><img src="data:," alt="A plan"></main></body></html>"""


@pytest.fixture
def faults_of(new_context):
    """faults_of(html) → what a visitor notices on such a page."""

    def look(html: str) -> str:
        visitor = Visitor.at(new_context())
        visitor.page.route("**/*", lambda route: route.fulfill(body=html, content_type="text/html"))
        visitor.go("http://localhost/")
        return "\n".join(visitor.faults)

    return look


def test_nothing_is_found_on_a_good_page(faults_of):
    assert faults_of(GOOD) == ""


@pytest.mark.parametrize(
    ("right", "wrong", "told"),
    [
        ("<label>Name <input></label>", "<input>", "label: "),
        (' alt="A plan"', "", "image-alt: "),
        ("<h1>", '<h1 style="color: #ccc">', "color-contrast: "),
        ("</main>", "<script>throw new Error('oh')</script></main>", "script: oh"),
        ("</main>", "<iframe title='Preview' srcdoc='<input>'></iframe></main>", "label: "),
        (
            "<label>Name <input></label>",
            '<div class="Draftail-Editor"><div role="textbox" contenteditable></div></div><div role="textbox"></div>',
            "aria-input-field-name: ",
        ),
    ],
)
def test_what_is_wrong_is_named(faults_of, right, wrong, told):
    faults = faults_of(GOOD.replace(right, wrong))
    assert told in faults
    assert "Draftail" not in faults
