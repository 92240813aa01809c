"""Free text is kept without what cannot be seen, whichever way it comes in; what people write in any script is left."""

import unicodedata
from collections.abc import Iterator

import pytest
from django import forms
from django.apps import apps
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.http import QueryDict
from django.urls import get_resolver, reverse
from django.utils import timezone

from accounts.plain_text import PlainCharField, PlainJSONField, PlainTextField, PlainWords, plain, plain_all
from cases.intake.receiving import receive
from cases.models import Comment, Party, PlanningApplication, Submission
from cases.statuses import Status
from cases.timeline import broken_links, record
from notices.models import Message
from tests.cases.payloads import as_bytes, changed

HIDDEN = [*range(0x202A, 0x202F), *range(0x2060, 0x2070), 0x200B, 0x200E, 0x200F, 0x061C, 0xFEFF, 0xAD, 0xE0041, 0x3164]
READS_BACKWARDS = "Rear \u202eextension\u202c of\u200b the\U000e0041 house"


@pytest.mark.parametrize("code", HIDDEN, ids=hex)
def test_what_cannot_be_seen_is_taken_out(code):
    assert plain(f"Rear{chr(code)} extension{chr(code)}") == "Rear extension"


@pytest.mark.parametrize("written", [
    "Two\nlines,\ta tab, 90 m² and “quotes”\u00a0—", "Two\r\nlines",
    "مرحبا بالعالم", "שלום עולם", "می\u200cخواهم", "क्\u200dष", "李小龙",
    "👨\u200d👩\u200d👧", "❤\ufe0f", "Zoë Łukasz", "",
])  # fmt: skip
def test_what_people_write_is_left_as_it_is(written):
    assert plain(written) == written


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("one\rtwo\u2028three\x0bfour\u0085five", "one\ntwo\nthree\nfour\nfive"),
        ("a\x1fb\x7fc\x00d", "a b cd"),
        ("half \ud83d here", "half \ufffd here"),
        ("E\u200dnid\u200c", "Enid"),
    ],
)
def test_ends_of_lines_stay_and_controls_do_not_join_words(given, kept):
    assert plain(given) == kept


def test_every_mark_of_format_that_unicode_has_is_known():
    """Marks that stand before a number in Arabic and Syriac are seen; joiners and notations of music are spelling."""
    formats = {code for code in range(0x110000) if unicodedata.category(chr(code)) in {"Cf", "Zl", "Zp"}}
    left = {code for code in formats if plain(chr(code)) == chr(code)}
    assert {code for code in left if code < 0x10000} == {*range(0x600, 0x606), 0x6DD, 0x70F, 0x890, 0x891, 0x8E2}
    assert all(0x11000 <= code < 0x1D200 for code in left if code >= 0x10000)


def test_texts_in_json_are_plain_at_every_depth():
    assert plain_all({"a\u202e": [{"b": "c\u200b"}, 1, None, ("d\x00",)]}) == {"a": [{"b": "c"}, 1, None, ["d"]]}


def _is_free(field: models.Field) -> bool:
    return type(field) in {models.CharField, models.TextField} and not field.choices and not field.primary_key


def test_every_free_text_of_a_case_is_kept_plain():
    """A new field for words is a Plain one; a code, a hash or a sealed paper is named here."""
    names = {
        "code", "sha256", "hash", "previous_hash", "mime_type", "clean_mime_type", "kind", "from_status", "to_status",
        "by_name", "submission_key", "external_id", "schema_version", "content_type", "package_sha256", "suffix",
        "group", "statistics_class", "delegation_schedule", "letter", "html", "report_html", "html_sha256",
        "pdf_sha256", "snapshot_sha256", "token",
    }  # fmt: skip
    models_of_ours = [model for app in ("cases", "notices") for model in apps.get_app_config(app).get_models()]
    unguarded = {
        f"{model._meta.label}.{field.name}"
        for model in models_of_ours
        for field in model._meta.local_fields
        if _is_free(field) and field.name not in names
    }
    assert unguarded == {"cases.DocumentPage.text"}  # the words of somebody's file
    assert isinstance(ArrayField(PlainCharField()).base_field, PlainCharField)


def test_for_migrations_they_are_djangos_own():
    for field in (PlainCharField(max_length=3), PlainTextField(), PlainJSONField()):
        field.set_attributes_from_name("x")
        assert field.deconstruct()[1] == f"django.db.models.{type(field).__mro__[2].__name__}"


@pytest.mark.django_db
def test_saving_updating_and_searching_all_go_through_the_door(make_application):
    application = make_application(description=READS_BACKWARDS)
    assert application.description == "Rear extension of the house"  # in memory too, for what is recorded of it
    assert PlanningApplication.objects.get(description=READS_BACKWARDS) == application
    PlanningApplication.objects.update(address="7\u202e Close")
    assert PlanningApplication.objects.get().address == "7 Close"
    Party.objects.bulk_create(
        [Party(application=application, role="agent", first_name="Ann\u200b", last_name="\u202eX")]
    )
    assert PlanningApplication.objects.filter(parties__first_name="Ann", parties__last_name="X").exists()
    event = record(application, "note_added", by=None, before="a\u202e", after={"b": "c\u2066"})
    assert event.data == {"before": "a", "after": {"b": "c"}}
    assert list(broken_links(application.pk)) == []


@pytest.mark.django_db
def test_a_submission_is_kept_as_it_came_and_its_case_is_plain(authority, settings, tmp_path):
    settings.ODP_SCHEMA_DIR = tmp_path / "none"
    body = as_bytes(changed("data/proposal/description", READS_BACKWARDS))
    case = receive(body, authority=authority, content_type="application/json", through="test").application
    assert case.description == "Rear extension of the house"
    assert case.description_as_submitted == "Rear extension of the house"
    assert bytes(Submission.objects.get().body) == body


@pytest.mark.django_db
def test_an_officers_words_are_plain_in_every_place(client, officer, make_application):
    application = make_application(officer=officer)
    client.force_login(officer)
    client.post(reverse("case_note", args=[application.pk]), {"text": READS_BACKWARDS})
    assert [note.text for note in application.notes.all()] == ["Rear extension of the house"]
    comment = Comment.objects.create(
        application=application,
        name="\u202eAnn",
        address="5 Close",
        text=READS_BACKWARDS,
        sentiment="objection",
        received_on="2026-06-09",
    )
    assert (comment.name, comment.text) == ("Ann", "Rear extension of the house")
    assert not Message.objects.filter(body__contains="\u202e").exists()


# --- What answers a question ----------------------------------------------------------------------------------------

NOTHING_TO_SEE = "\u200b\u2060 \u202e"


def _forms_of_ours(form: type = forms.BaseForm) -> Iterator[type[forms.BaseForm]]:
    for one in form.__subclasses__():
        if one.__module__.partition(".")[0] in {"accounts", "cases", "home", "notices"}:
            yield one
        yield from _forms_of_ours(one)


def test_every_form_that_asks_for_words_reads_them_plain():
    """Rows that a model form makes are looked at as they will be kept; the words of other forms go to a verb. Whoever
    signs in writes nothing: their password is taken as they type it."""
    get_resolver().url_patterns  # noqa: B018 - every view there is, and so every form
    ask = {
        one
        for one in _forms_of_ours()
        if not issubclass(one, forms.BaseModelForm | AuthenticationForm)
        and issubclass(one, forms.Form)
        and any(isinstance(field, forms.CharField) and field.strip for field in one.base_fields.values())
    }
    assert len(ask) > 20
    assert {one.__qualname__ for one in ask if not issubclass(one, PlainWords)} == set()


@pytest.mark.django_db
def test_what_cannot_be_seen_answers_no_question(client, officer, make_application):
    application = make_application(officer=officer, status=Status.IN_ASSESSMENT, published_at=timezone.now())
    client.force_login(officer)
    answer = client.post(reverse("case_note", args=[application.pk]), {"text": NOTHING_TO_SEE})
    assert "This field is required." in answer.content.decode()
    assert not application.notes.exists()
    client.post(reverse("case_unpublish", args=[application.pk]), {"because": NOTHING_TO_SEE, "confirm": "on"})
    application.refresh_from_db()
    assert application.published_at


def test_a_form_keeps_the_values_of_a_list_and_the_ends_of_lines():
    class Asks(PlainWords, forms.Form):
        words = forms.CharField(widget=forms.Textarea)
        several = forms.MultipleChoiceField(choices=[("a", "A"), ("b", "B")])

    form = Asks(QueryDict("words=One%0D%0Atwo%E2%80%8B&several=a&several=b"))
    assert form.is_valid(), form.errors
    assert form.cleaned_data == {"words": "One\r\ntwo", "several": ["a", "b"]}
