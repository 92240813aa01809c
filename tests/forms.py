"""The forms of a page as a browser knows them: for tests that fill in whatever form a page has."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import cycle

TEXTS = {"text", "search", "email", "url", "tel", ""}
BUTTONS = {"submit", "image"}
NEVER_SENT = {"button", "reset", "file"}


@dataclass
class Control:
    name: str
    kind: str  # of an input; "textarea", "select"
    value: str = ""
    is_on: bool = False
    choices: list[tuple[str, bool]] = field(default_factory=list)  # of a select: value, chosen
    is_multiple: bool = False


@dataclass
class Form:
    action: str
    method: str
    key: str
    controls: list[Control] = field(default_factory=list)
    buttons: list[tuple[str, str]] = field(default_factory=list)

    def sent(self) -> dict[str, list[str]]:
        """What a browser sends when nothing was changed."""
        data: dict[str, list[str]] = {}
        for one in self.controls:
            if one.kind in {"radio", "checkbox"} and not one.is_on:
                continue
            values = [one.value]
            if one.kind == "select":
                values = [value for value, chosen in one.choices if chosen]
                if not values and not one.is_multiple:
                    values = [value for value, _ in one.choices[:1]]
            data.setdefault(one.name, []).extend(values)
        return data

    def texts(self) -> list[str]:
        """The names of what is typed into."""
        return [one.name for one in self.controls if one.kind == "textarea" or one.kind in TEXTS]

    def chosen_otherwise(self) -> dict[str, list[str]]:
        """The same with the next choice in each list and group, and every box the other way round."""
        data = self.sent()
        names = dict.fromkeys(one.name for one in self.controls if one.kind in {"radio", "checkbox", "select"})
        for name in names:
            group = [one for one in self.controls if one.name == name]
            match group[0].kind:
                case "checkbox":
                    data[name] = [one.value for one in group if not one.is_on]
                case "radio":
                    values = [one.value for one in group]
                    data[name] = [_next(values, [one.value for one in group if one.is_on])]
                case "select":
                    values = [value for value, _ in group[0].choices if value]
                    data[name] = [_next(values, data.get(name, []))] if values else []
        return data

    def has(self, *names: str) -> bool:
        """Whether one of these fields is in it, under any prefix."""
        return any(one.name in names or one.name.endswith(tuple(f"-{name}" for name in names)) for one in self.controls)


def _next(values: list[str], chosen: list[str]) -> str:
    if not chosen or chosen[0] not in values:
        return values[0]
    around = cycle(values)
    while next(around) != chosen[0]:
        pass
    return next(around)


class _Reader(HTMLParser):
    def __init__(self):
        super().__init__()
        self.forms: list[Form] = []
        self.links: list[str] = []
        self._form: Form | None = None
        self._text: Control | None = None
        self._select: Control | None = None
        self._by_id: dict[str, Form] = {}

    def handle_starttag(self, tag, attrs):
        given = {name: value or "" for name, value in attrs}
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        if tag == "form":
            method = given.get("method", "get").lower()
            self._form = Form(given.get("action", ""), method, given.get("id", ""))
            self.forms.append(self._form)
            self._by_id[given.get("id", "")] = self._form
        form = self._by_id.get(given["form"]) if "form" in given else self._form
        if form is None or "disabled" in given:
            return
        name, kind = given.get("name", ""), given.get("type", "").lower()
        if (tag == "button" and kind in {"", *BUTTONS}) or (tag == "input" and kind in BUTTONS):
            form.buttons.append((name, given.get("value", "")))
        elif tag == "input" and name and kind not in NEVER_SENT:
            value = given.get("value", "on" if kind in {"checkbox", "radio"} else "")
            form.controls.append(Control(name, kind, value, is_on="checked" in given))
        elif tag == "textarea" and name:
            self._text = Control(name, "textarea")
            form.controls.append(self._text)
        elif tag == "select" and name:
            self._select = Control(name, "select", is_multiple="multiple" in given)
            form.controls.append(self._select)
        elif tag == "option" and self._select:
            self._select.choices.append((given.get("value", ""), "selected" in given))

    def handle_data(self, data):
        if self._text is not None:
            self._text.value += data

    def handle_endtag(self, tag):
        if tag == "form":
            self._form = None
        elif tag == "textarea" and self._text is not None:
            self._text.value = self._text.value.removeprefix("\n")
            self._text = None
        elif tag == "select":
            self._select = None


def read(html: str) -> tuple[list[Form], list[str]]:
    """The forms of a page and the addresses of its links."""
    reader = _Reader()
    reader.feed(html)
    return reader.forms, reader.links
