"""One date field everywhere: whoever makes a form, what is typed for a date or a time is read by one parser."""

import re
from collections.abc import Iterator
from datetime import date, datetime, time

import django_filters
import pytest
from django import forms
from django.apps import apps
from django.db import models
from django.urls import reverse
from django.utils import timezone
from wagtail.admin.forms.models import formfield_for_dbfield
from wagtail.blocks import DateBlock, DateTimeBlock, TimeBlock
from wagtail.fields import StreamField
from wagtail.models import Page

from accounts.dates.fields import DayField, MomentField, TimeField, Typed
from accounts.roles import ROLES
from cases.admin.frame.task_pages import _PAGES as TASK_PAGES
from cases.statuses import Status
from tests import clock
from tests.addresses import all_addresses

DATES = (forms.DateField, forms.DateTimeField, forms.TimeField, forms.SplitDateTimeField)
BOXES = (forms.DateInput, forms.DateTimeInput, forms.TimeInput, forms.SelectDateWidget, forms.SplitDateTimeWidget)
DRAWN_BY = {
    f"{folder}{name}.html"
    for folder, names in (
        ("accounts/dates/", ("date", "moment", "time")),
        ("wagtailadmin/widgets/", ("date_input", "datetime_input", "time_input")),  # as we have them
    )
    for name in names
}
OTHERS = re.compile(r"init(Date|DateTime|Time)Chooser|type=\"(date|datetime-local|month|time|week)\"")


def parts(field: forms.Field) -> Iterator[forms.Field]:
    yield field
    for part in getattr(field, "fields", ()):
        yield from parts(part)


def boxes(widget: forms.Widget) -> Iterator[forms.Widget]:
    yield widget
    for part in getattr(widget, "widgets", ()):
        yield from boxes(part)


def is_foreign(field: forms.Field) -> bool:
    """Whether it takes a date, by its class or by its box, and reads or draws it otherwise than ours."""
    drawn = [box for box in boxes(field.widget) if not hasattr(box, "widgets")]
    read = [part for part in parts(field) if not hasattr(part, "fields")]
    if not any(isinstance(part, DATES) for part in parts(field)) and not any(isinstance(box, BOXES) for box in drawn):
        return False
    return not (all(isinstance(part, Typed) for part in read) and all(box.template_name in DRAWN_BY for box in drawn))


def subclasses(cls: type) -> Iterator[type]:
    for sub in cls.__subclasses__():
        yield sub
        yield from subclasses(sub)


def of_the_product(cls: type) -> bool:
    """Wagtail's too, but for its package of forms by e-mail, which is not installed."""
    return not cls.__module__.startswith(("tests.", "django.", "django_filters.", "wagtail.contrib.forms."))


def test_every_form_that_is_declared():
    all_addresses()  # has every view imported, and with it every form
    found, ours = [], 0
    for form in filter(of_the_product, subclasses(forms.BaseForm)):
        for name, field in getattr(form, "base_fields", {}).items():
            ours += isinstance(field, Typed)
            if is_foreign(field):
                found.append(f"{form.__module__}.{form.__qualname__}.{name}")
    assert sorted(set(found)) == []
    assert ours > 30


def test_every_filter_of_a_list():
    all_addresses()
    dated = {
        f"{kind.__module__}.{kind.__qualname__}.{name}": one
        for kind in filter(of_the_product, subclasses(django_filters.FilterSet))
        for name, one in kind.base_filters.items()
        if re.search("Date|Time", type(one).__name__)
    }
    assert [name for name, one in dated.items() if is_foreign(one.field)] == []
    assert any(name.startswith("cases.") for name in dated)
    assert any(name.startswith("wagtail.") for name in dated)


def test_every_form_that_wagtail_makes_of_a_row():
    found = [
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.fields
        if isinstance(field, models.DateField | models.TimeField) and field.editable
        if is_foreign(formfield_for_dbfield(field))
    ]
    assert found == []


def test_no_page_has_a_block_that_takes_a_date():
    """Wagtail's script draws the box of such a block. Whoever needs one gives it ours first."""
    found = []
    for model in apps.get_models():
        for field in model._meta.fields:
            if isinstance(field, StreamField):
                blocks = list(field.stream_block.child_blocks.values())
                while blocks:
                    block = blocks.pop()
                    blocks += getattr(block, "child_blocks", {}).values()
                    blocks += [block.child_block] if hasattr(block, "child_block") else []
                    if isinstance(block, DateBlock | DateTimeBlock | TimeBlock):
                        found.append(f"{model._meta.label}.{field.name}: {block.name}")
    assert found == []


@pytest.fixture
def everybody(make_user, authority, superuser):
    return [make_user("everything", *ROLES, authority=authority), superuser]


@pytest.mark.django_db
def test_every_page_of_the_admin(client, everybody, make_application, authority):
    """Forms made while a page is made too: none with another field, another box or another picker."""
    client.raise_request_exception = False
    case = make_application("pp.full.householder", status=Status.IN_ASSESSMENT).pk
    screens = {
        reverse(address.view_name)
        for address in all_addresses()
        if address.route.startswith("admin/") and address.name and not address.parameters
    }
    screens -= {reverse("wagtailadmin_logout")}
    screens |= {f"/admin/cases/{case}/tasks/{slug}/" for slug in TASK_PAGES}
    screens |= {
        f"/admin/cases/{case}/{page}/"
        for page in ("steps/withdraw", "extension", "committee", "requests", "facts", "documents/together")
    }
    schedule = reverse("wagtailadmin_pages:edit", args=[Page.objects.filter(depth=2).values_list("pk", flat=True)[0]])
    screens |= {schedule, f"/admin/council/edit/{authority.pk}/"}
    found, boxes_met, with_boxes = [], 0, set()
    for user in everybody:
        client.force_login(user)
        for path in sorted(screens):
            response = client.get(path)
            if response.status_code != 200 or "html" not in response.headers["Content-Type"]:
                continue
            page = response.content.decode()
            found += [f"{path}: {match[0]}" for match in OTHERS.finditer(page)]
            found += [f"{path}: {name}" for name, field in fields_in(response.context) if is_foreign(field)]
            boxes_met += page.count("data-date-box=")
            if "data-date-box=" in page:
                with_boxes.add(path)
                if "<html" in page and "js/dates.js" not in page:
                    found.append(f"{path}: no script")
    assert found == []
    assert boxes_met > 40
    assert {
        "/admin/cases/",
        "/admin/reports/site-history/",
        "/admin/users/",
        "/admin/reference/fees/new/",
        f"/admin/council/edit/{authority.pk}/",
        schedule,
        f"/admin/cases/{case}/tasks/site_visit/",
    } <= with_boxes


def fields_in(contexts) -> Iterator[tuple[str, forms.Field]]:
    for context in contexts or ():
        for layer in context if isinstance(context, list) else [context]:
            for value in (layer.flatten() if hasattr(layer, "flatten") else layer).values():
                made = [value, *getattr(value, "_made", ()), *getattr(value, "forms", ())]
                for form in made:
                    form = form.form if isinstance(form, django_filters.FilterSet | forms.BoundField) else form
                    if isinstance(form, forms.BaseForm):
                        yield from ((f"{type(form).__qualname__}.{name}", one) for name, one in form.fields.items())


# --- How a form reads, and what it shows -----------------------------------------------------------------------------


@pytest.fixture
def november():
    with clock.at(date(2026, 11, 22)):
        yield


class SomeForm(forms.Form):
    day = DayField()
    last = DayField(past=True, required=False)
    clock = TimeField(required=False)
    moment = MomentField(required=False)


@pytest.mark.usefixtures("november")
def test_what_was_typed_stays_and_stands_beside_it_in_words():
    form = SomeForm({"day": "5 Nov", "last": "27 March", "clock": "5.30pm", "moment": "tomorrow at 9am"})
    assert form.is_valid()
    moment = timezone.make_aware(datetime(2026, 11, 23, 9))
    assert form.cleaned_data == {
        "day": date(2026, 11, 5),
        "last": date(2026, 3, 27),
        "clock": time(17, 30),
        "moment": moment,
    }
    for name, typed, words in (
        ("day", "5 Nov", "Thursday 5 November 2026"),
        ("last", "27 March", "Friday 27 March 2026"),
        ("clock", "5.30pm", "5:30pm"),
        ("moment", "tomorrow at 9am", "Monday 23 November 2026 at 9am"),
    ):
        assert f'value="{typed}"' in str(form[name])
        assert f">{words}</span>" in str(form[name])


@pytest.mark.usefixtures("november")
def test_what_is_refused_stays_as_it_was_typed():
    form = SomeForm({"day": "31/11/2026", "last": "tomorrow", "clock": "9", "moment": "30/10/2026"})
    assert not form.is_valid()
    assert form.errors["day"] == [
        "“31/11/2026” is not a real date: November 2026 has 30 days. Enter a date like 27 March 2026."
    ]
    assert form.errors["last"] == ["Monday 23 November 2026 is in the future. Enter today or an earlier day."]
    assert set(form.errors) == {"day", "last", "clock", "moment"}
    assert 'value="31/11/2026"' in str(form["day"])


@pytest.mark.usefixtures("november")
def test_what_is_kept_is_shown_in_a_form_that_is_read_back():
    kept = {
        "day": date(2026, 3, 27),
        "last": date(2026, 3, 27),
        "clock": time(17),
        "moment": timezone.make_aware(datetime(2026, 3, 27, 17, 5)),
    }
    form = SomeForm(initial=kept)
    assert 'value="27/03/2026"' in str(form["day"])
    assert "Friday 27 March 2026 at 5:05pm" in str(form["moment"])
    shown = {name: re.search(r'value="([^"]*)"', str(form[name]))[1] for name in form.fields}
    again = SomeForm(shown, initial=kept)
    assert again.is_valid()
    assert again.cleaned_data == kept
    assert again.changed_data == []


@pytest.mark.django_db
@pytest.mark.usefixtures("november")
class TestWhatTheScriptAsks:
    def asked(self, client, **query: str) -> dict[str, str]:
        return client.get(reverse("understood_date"), query).json()

    def test_words_or_a_refusal_for_everybody(self, client):
        assert self.asked(client, kind="date", text="yesterday") == {
            "words": "Saturday 21 November 2026",
            "refusal": "",
        }
        refused = self.asked(client, kind="date", text="32/01/2026")
        assert refused["words"] == ""
        assert "January 2026 has 31 days" in refused["refusal"]

    @pytest.mark.parametrize(
        ("rules", "text", "words"),
        [
            ({}, "27 March", "Saturday 27 March 2027"),
            ({"year": "last"}, "27 March", "Friday 27 March 2026"),
            ({"end": "last"}, "June 2026", "Tuesday 30 June 2026"),
            ({"end": "first"}, "2026", "Thursday 1 January 2026"),
        ],
    )
    def test_by_the_rules_of_the_box(self, client, rules, text, words):
        assert self.asked(client, kind="date", text=text, **rules)["words"] == words

    def test_the_box_says_its_rules(self, client):
        address = re.search(r'data-date-box="([^"]*)"', str(SomeForm()["last"]))[1].replace("&amp;", "&")
        assert "is in the future" in client.get(f"{address}&text=tomorrow").json()["refusal"]

    def test_takes_no_nonsense(self, client):
        assert "too long" in self.asked(client, kind="moment", text="x" * 5000)["refusal"]
        for query in ("", "?kind=week&text=1", "?kind=date&year=x", "?kind=date&end=x", "?kind=%00"):
            assert client.get(reverse("understood_date") + query).status_code == 400
        assert client.post(reverse("understood_date")).status_code == 405
