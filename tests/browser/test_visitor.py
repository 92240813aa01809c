"""The eyes of the other browser tests: a page that somebody cannot use is noticed, by the name of what is wrong."""

import pytest

from tests.browser.visitor import Known, Visitor

GOOD = """<!doctype html><html lang="en"><head><title>A page</title></head><body><main><h1>A page</h1>
<label>Name <input></label><img src="data:," alt="A plan">
<p id="hint">What the plan shows</p><button aria-describedby="hint" style="width: 90px; height: 30px">Save</button>
<a href="/a" style="display: inline-block; width: 90px; height: 30px">Next</a>
<label for="town">Town</label><input id="town" aria-labelledby="hint"> <ul><li>One</li></ul>
<table><tr><th scope="col">Day</th></tr><tr><td>Monday</td></tr></table>
<div><p style="color: #000">Words</p></div></main></body></html>"""
DRAFTAIL = '<div class="Draftail-Editor"><div role="textbox" contenteditable></div></div><div role="textbox"></div>'
SMALL = '<button style="width: 9px; height: 9px; padding: 0">x</button>'
# Pages on which several things are wrong: instead of this, that; and the rule that says so.
WRONG = [
    [
        ("<label>Name <input></label>", "<input>", "label"),
        (' alt="A plan"', "", "image-alt"),
        ("<h1>", '<h1 style="color: #ccc">', "color-contrast"),
        (">Save</button>", "></button>", "button-name"),
        (">Next</a>", "></a>", "link-name"),
        ("<li>One</li>", "<p>One</p>", "list"),
        ("<ul>", '<ul aria-live="maybe">', "aria-valid-attr-value"),
        ("<div><p", '<div aria-hidden="true"><button>x</button><p', "aria-hidden-focus"),
        ("</main>", f"{DRAFTAIL}</main>", "aria-input-field-name"),
    ],
    [("</main>", "<iframe title='Preview' srcdoc='<input>'></iframe></main>", "label")],
    [
        ("<label>Name <input></label>", "<label><input></label>", "label"),
        ("<div><p", '<div style="background: #222"><p', "color-contrast"),
        ("<ul>", '<ul role="listbox">', "aria-required-children"),
        ("</p><button", '</p><div role="button" tabindex="0"></div><button', "aria-command-name"),
        ("</main>", f"{SMALL}{SMALL}</main>", "target-size"),
    ],
    [
        ('<label for="town">Town</label><input id="town" aria-labelledby="hint">', '<input id="town">', "label"),
        ("<ul>", '<ul aria-lief="polite">', "aria-valid-attr"),
    ],
    [
        (' lang="en"', "", "html-has-lang"),
        ("<title>A page</title>", "<title></title>", "document-title"),
        ("</head>", '<meta name="viewport" content="user-scalable=no"></head>', "meta-viewport"),
    ],
]


@pytest.fixture
def meet(new_context):
    """meet(html, known) → a visitor who goes to such a page; meet(html, visitor) → goes on to this one."""

    def meet(html: str, who: Visitor | Known | None = None) -> Visitor:
        visitor = who if isinstance(who, Visitor) else Visitor.at(new_context(), known=who)
        visitor.page.unroute_all()
        visitor.page.route("**/*", lambda route: route.fulfill(body=html, content_type="text/html"))
        visitor.faults.clear()
        visitor.go("http://localhost/")
        return visitor

    return meet


def faults_of(visitor: Visitor) -> str:
    return "\n".join(visitor.faults)


def with_axe(visitor: Visitor) -> bool:
    return visitor.page.evaluate("'axe' in window")


def test_nothing_is_found_on_a_good_page(meet):
    assert faults_of(meet(GOOD)) == ""


@pytest.mark.parametrize(("pages", "knows_the_kind"), [(WRONG[:2], False), (WRONG, True)])
def test_what_is_wrong_is_named(meet, pages, knows_the_kind):
    missed, visitor = [], meet(GOOD)
    for page in pages:
        visitor.known = visitor.known if knows_the_kind else Known()
        html = GOOD
        for right, wrong, _ in page:
            assert right in html
            html = html.replace(right, wrong)
        faults = faults_of(meet(html, visitor))
        assert "Draftail" not in faults
        missed += [(rule, faults) for *_, rule in page if f"{rule}: " not in faults]
    assert missed == []


def test_a_script_that_fails_is_named(meet):
    assert "script: oh" in faults_of(meet(GOOD.replace("</main>", "<script>throw new Error('oh')</script></main>")))


def test_what_was_looked_at_and_was_good_is_not_looked_at_again(meet):
    known = Known()
    assert with_axe(meet(GOOD, known))
    assert not with_axe(meet(GOOD, known))
    assert not with_axe(meet(GOOD.replace("Words", "Other words").replace('href="/a"', 'href="/b"'), known))
    visitor = meet(GOOD, known)
    visitor.page.set_viewport_size({"width": 320, "height": 900})
    assert with_axe(meet(GOOD, visitor))


def test_what_was_wrong_is_told_to_everybody_who_meets_it(meet):
    known, bad = Known(), GOOD.replace(' alt="A plan"', "")
    for _ in range(2):
        assert "image-alt: " in faults_of(meet(bad, known))


def test_a_browser_that_is_lent_again_is_as_new(windows, base_url):
    options = {"java_script_enabled": True, "has_touch": False}
    with windows.lent() as lend:
        before = lend(**options)
        page = before.new_page()
        page.goto("/static/images/favicon.svg")
        page.evaluate("localStorage.setItem('draft', 'words'); sessionStorage.setItem('draft', 'words')")
        before.add_cookies([{"name": "sessionid", "value": "hers", "url": base_url}])
    with windows.lent() as lend:
        again = lend(**options)
        assert again is before
        assert again.cookies() == []
        page = again.new_page()
        page.goto("/static/images/favicon.svg")
        assert page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]
        other = lend(**options)
        assert other is not again
