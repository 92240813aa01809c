"""Every form of every page about a case, found by the addresses of the admin and by reading the pages."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.test import Client
from django.urls import resolve, reverse

from cases.admin.frame.case_actions import ENDINGS
from cases.admin.frame.task_pages import _PAGES as TASK_PAGES
from cases.models import PlanningApplication
from tests.addresses import all_addresses
from tests.forms import Form, read

THEIRS, MINE = "(theirs)", "(mine)"


@dataclass(frozen=True)
class Found:
    page: str
    address: str
    form: Form

    @property
    def action(self) -> str:
        sent, pressed = self.form.sent(), [value for name, value in self.form.buttons if name == "action"]
        return (sent.get("opened") or sent.get("action") or pressed or [""])[0]

    @property
    def key(self) -> tuple[str, str]:
        return self.page, self.action

    def __str__(self) -> str:
        return f"{self.page} {self.address} {self.action}"


def pages_of_cases(cases: list[PlanningApplication]) -> Iterator[list[str]]:
    """Every page about a case: its address for each of the cases."""
    ours = (a for a in all_addresses() if a.route.startswith("admin/cases/") and not a.namespaces)
    for address in {a.name: a for a in ours if "<int:pk>" in a.route}.values():
        of_page: dict[str, list[str]] = {}
        for case in cases:
            for known in arguments(case, address.route):
                if address.parameters <= set(known):
                    said = {one: known[one] for one in address.parameters}
                    of_page.setdefault(known.get("which", ""), []).append(reverse(address.name, kwargs=said))
        yield from of_page.values()
    for kind in ("other", "description", "red_line"):
        yield [reverse("case_request_new", args=[case.pk]) + f"?kind={kind}" for case in cases]


def arguments(case: PlanningApplication, route: str) -> list[dict]:
    if route.startswith("admin/cases/documents/<int:pk>"):
        return [{"pk": document.pk} for document in case.documents.all()]
    if "<slug:step>" in route:
        return [{"pk": case.pk, "step": step, "which": step} for step in ENDINGS]
    if "<slug:slug>" in route:
        return [{"pk": case.pk, "slug": slug, "which": slug} for slug in TASK_PAGES]
    return [{"pk": case.pk, "number": asked.number} for asked in case.validation_requests.all()] or [{"pk": case.pk}]


def forms_of(client: Client, cases: list[PlanningApplication]) -> list[Found]:
    """Every form of every page, on the first of the cases on which it is open; those too that a link of it opens."""
    found: dict[tuple, Found] = {}
    for addresses in pages_of_cases(cases):
        for address in addresses:
            of_page = dict(_forms_at(client, address))
            found = of_page | found
            if any("typed_by" in one.form.sent() for one in of_page.values()):
                break  # somebody can fill it in: the other cases have the same
    return list(found.values())


def _forms_at(client: Client, address: str) -> Iterator[tuple[tuple, Found]]:
    waiting, opened = [address], set()
    while waiting:
        here = waiting.pop()
        response = client.get(here)
        if response.status_code != 200 or "text/html" not in response["Content-Type"] or response.streaming:
            continue
        forms, links = read(response.content.decode())
        for link in links:
            if (opens := OPENS.match(link)) and opens[0] not in opened:  # of a list, its first row
                opened.add(opens[0])
                waiting.append(address.partition("?")[0] + link.partition("#")[0])
        for form in forms:
            if form.method == "post" and form.buttons and (form.action or here).startswith("/admin/cases/"):
                to = resolve((form.action or here).partition("?")[0])
                one = Found(to.kwargs.get("slug", to.url_name), here, form)
                yield (*one.key, form.has("judgement-note"), one.form.has("shown")), one


OPENS = re.compile(r"\?(open=\w+|document=)")


def changed(form: Form, mark: str) -> dict[str, list[str]]:
    """What somebody sends who has changed the form: every text, or where it has none every choice."""
    data = form.sent()
    texts = [name for name in form.texts() if name in data and LONG_ENOUGH.fullmatch(data[name][0])]
    for name in texts:
        said = data[name][0]
        data[name] = [said.replace(NORTH, NORTHS[mark]) if said.startswith("{") else f"{said} {mark}"]
    return data if texts else form.chosen_otherwise()


LONG_ENOUGH = re.compile(r"(?=.*[a-z]).{8,}", re.DOTALL)  # to be no number, day, postcode or code
NORTH, NORTHS = "51.6155", {THEIRS: "51.6156", MINE: "51.6157"}  # in a red line
