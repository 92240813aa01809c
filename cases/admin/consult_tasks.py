"""The tasks of consultation: publicity and its dates, and comments from neighbours and consultees."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.paginator import Page, Paginator
from django.db.models import Count, QuerySet
from django.utils import timezone
from django.utils.functional import cached_property
from wagtail.admin.widgets import AdminDateInput

from accounts.models import User
from cases.assessment import write_sections
from cases.consultation import (
    change_comment,
    enter_comment,
    publish_comments,
    redact_comment,
    unpublish_comment,
)
from cases.models import AssessmentSection, Comment, PlanningApplication, Publicity
from cases.permissions import can_assess, can_consult, can_publish
from cases.publicity import (
    change_publicity,
    decision_possible_from,
    letters_begin_on,
    publicity_open,
    publicity_still_needed,
    record_publicity,
    remove_publicity,
    usual_publicity_days,
)
from cases.redaction import needs_reading, personal_details, suggested_redaction
from cases.statuses import Sentiment, Topic

from .rows_pages import RemoveForm, RowsPage
from .task_pages import TaskForm, task_page

COMMENTS_ON_A_PAGE = 50
TOPIC_WORDS = dict(Topic.choices)


class PublicityForm(TaskForm):
    kind = forms.ChoiceField(label="How it is made known", choices=Publicity.Kind, widget=forms.RadioSelect)
    begins_on = forms.DateField(
        label="Day one",
        widget=AdminDateInput,
        help_text="The day the notice was put up, the letters were delivered or the newspaper came out. "
        "It may lie in the past.",
    )
    was_posted = forms.BooleanField(
        label="These are letters, and they were posted on that day", required=False,
        help_text="The period then begins when the post has brought them.",
    )  # fmt: skip
    days = forms.IntegerField(
        label="How many days", min_value=1, max_value=365,
        help_text="Counted with day one. Bank holidays are passed over, except for EIA development.",
    )  # fmt: skip
    details = forms.CharField(
        label="Details", required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Where the notice hangs, who was written to, which newspaper.",
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if data.get("was_posted") and data.get("kind") not in (None, Publicity.Kind.NEIGHBOUR_LETTERS):
            self.add_error("was_posted", "Only letters are posted.")
        return data

    def facts(self) -> dict[str, Any]:
        """What the verb is told: the day of service instead of the day of posting."""
        data = dict(self.cleaned_data)
        if data.pop("was_posted"):
            data["begins_on"] = letters_begin_on(self.application, posted_on=data["begins_on"])
        return data


@task_page("publicity")
class PublicityPage(RowsPage):
    template_name = "cases/admin/tasks/publicity.html"
    may = staticmethod(can_consult)
    is_judgement = True
    actions = {"add": PublicityForm, "change": PublicityForm, "remove": RemoveForm}
    opened_words = {
        "add": ("Record publicity", "Record it"),
        "change": ("Change publicity", "Save changes"),
        "remove": ("Remove this publicity?", "Yes, remove it"),
    }
    opens_when_empty = "add"
    guidance = "No decision can be issued before the last of these periods has ended (DMPO 2015, article 33)."

    def rows(self) -> QuerySet:
        return self.application.publicity.select_related("by")

    def initial_for(self, action: str, row: str) -> dict[str, Any]:
        if action == "change":
            publicity = self.row(row)
            return {name: getattr(publicity, name) for name in ("kind", "begins_on", "days", "details")}
        return {"days": usual_publicity_days(self.application)}

    def act_add(self, form: PublicityForm) -> str:
        publicity = record_publicity(self.application, by=self.request.user, **form.facts())
        return f"{publicity.get_kind_display()} recorded: it runs until {publicity.ends_on:%-d %B %Y}."

    def act_change(self, form: PublicityForm) -> str:
        publicity = change_publicity(self.row(form.row), by=self.request.user, **form.facts())
        return f"Saved: it runs until {publicity.ends_on:%-d %B %Y}."

    def act_remove(self, form: RemoveForm) -> str:
        remove_publicity(self.row(form.row), by=self.request.user)
        return "Removed."

    def get_context_data(self, **kwargs) -> dict:
        return super().get_context_data(
            rule=self.application.application_type.publicity,
            still_needed=publicity_still_needed(self.application),
            open_until=publicity_open(self.application, timezone.localdate()),
            decision_possible_from=decision_possible_from(self.application),
            **kwargs,
        )


class CommentForm(TaskForm):
    kind = forms.ChoiceField(label="From", choices=Comment.Kind, widget=forms.RadioSelect, initial=Comment.Kind.PUBLIC)
    name = forms.CharField(label="Name", max_length=200)
    organisation = forms.CharField(label="Organisation", max_length=200, required=False)
    address = forms.CharField(label="Address", max_length=400, required=False)
    email = forms.EmailField(label="E-mail address", required=False, help_text="Never published.")
    phone = forms.CharField(label="Telephone", max_length=40, required=False, help_text="Never published.")
    received_on = forms.DateField(label="Received on", widget=AdminDateInput, initial=timezone.localdate)
    sentiment = forms.ChoiceField(label="What they say of it", choices=Sentiment, widget=forms.RadioSelect)
    topics = forms.MultipleChoiceField(
        label="About", choices=Topic, required=False, widget=forms.CheckboxSelectMultiple
    )
    text = forms.CharField(label="Comment", max_length=50_000, widget=forms.Textarea(attrs={"rows": 12}))


COMMENT_FIELDS = tuple(CommentForm.base_fields)


class RedactForm(TaskForm):
    redacted_text = forms.CharField(
        label="Text for the register", max_length=50_000, widget=forms.Textarea(attrs={"rows": 14}),
        help_text="Take out signatures, telephone numbers, e-mail addresses, vehicle registrations, and what is said "
        "about anybody's health or family. The original stays on the file.",
    )  # fmt: skip
    publish = forms.BooleanField(label="Publish it now", required=False, initial=True)


class UnpublishForm(TaskForm):
    because = forms.CharField(label="Why", widget=forms.Textarea(attrs={"rows": 3}))


class PublishForm(TaskForm):
    """Comments that were ticked in the list."""

    comments = forms.TypedMultipleChoiceField(coerce=int)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        waiting = self.application.comments.filter(published_at=None)
        self.fields["comments"].choices = [(pk, str(pk)) for pk in waiting.values_list("pk", flat=True)]
        self.fields["comments"].error_messages["required"] = "Tick the comments that you want to publish."


class ResponsesForm(TaskForm):
    text = forms.CharField(
        label="What was said, in words", required=False, max_length=50_000, widget=forms.Textarea(attrs={"rows": 8}),
        help_text="For the officer's report, beside the counts. Name nobody.",
    )  # fmt: skip


def can_work_on_comments(user: User, application: PlanningApplication) -> bool:
    """Enter them until the decision; publish or withdraw them also after it."""
    return can_consult(user, application) or can_publish(user, application)


@task_page("comments")
class CommentsPage(RowsPage):
    template_name = "cases/admin/tasks/comments.html"
    may = staticmethod(can_work_on_comments)
    is_judgement = True
    actions = {
        "add": CommentForm,
        "change": CommentForm,
        "redact": RedactForm,
        "unpublish": UnpublishForm,
        "publish": PublishForm,
        "publish_harmless": TaskForm,
        "responses": ResponsesForm,
    }
    opened_words = {
        "add": ("Enter a comment", "Enter it"),
        "change": ("Change a comment", "Save changes"),
        "redact": ("Prepare a comment for the register", "Save"),
        "unpublish": ("Take a comment off the register", "Take it off"),
        "responses": ("Responses in the officer's report", "Save"),
    }
    serious_actions = frozenset({"unpublish"})
    guidance = (
        "Comments count until the decision is made, also when they come late. The public reads only what is published."
    )

    def rows(self) -> QuerySet:
        return self.application.comments.all() if self.sees_private else self.application.comments.none()

    @property
    def may_enter(self) -> bool:
        return can_consult(self.request.user, self.application)

    @property
    def may_write_report(self) -> bool:
        return can_assess(self.request.user, self.application)

    def initial_for(self, action: str, row: str) -> dict[str, Any]:
        if action == "change":
            comment = self.row(row)
            return {name: getattr(comment, name) for name in COMMENT_FIELDS}
        if action == "redact":
            comment = self.row(row)
            return {"redacted_text": comment.redacted_text or suggested_redaction(comment.text)}
        if action == "responses":
            return {"text": self._responses()}
        return {}

    def _responses(self) -> str:
        section = self.application.sections.filter(slug=AssessmentSection.Slug.RESPONSES).first()
        return section.text if section else ""

    def act_add(self, form: CommentForm) -> str:
        enter_comment(self.application, by=self.request.user, **form.cleaned_data)
        return "Comment entered. It is not public until it is published."

    def act_change(self, form: CommentForm) -> str:
        change_comment(self.row(form.row), by=self.request.user, **form.cleaned_data)
        return "Comment changed."

    def act_redact(self, form: RedactForm) -> str:
        comment = redact_comment(
            self.row(form.row), redacted_text=form.cleaned_data["redacted_text"], by=self.request.user
        )
        if form.cleaned_data["publish"] and publish_comments([comment], by=self.request.user):
            return "Comment published."
        return "Text for the register saved."

    def act_unpublish(self, form: UnpublishForm) -> str:
        unpublish_comment(self.row(form.row), because=form.cleaned_data["because"], by=self.request.user)
        return "The comment is no longer public."

    def act_publish(self, form: PublishForm) -> str:
        return self._publish(self.rows().filter(pk__in=form.cleaned_data["comments"]))

    def act_publish_harmless(self, form: TaskForm) -> str:
        return self._publish(self.rows().filter(published_at=None))

    def _publish(self, chosen: QuerySet) -> str:
        comments = list(chosen.select_related("application"))
        published = len(publish_comments(comments, by=self.request.user))
        left = len(comments) - published
        if not comments:
            raise ValidationError("There is no comment left to publish.")
        if not published:
            raise ValidationError("These look as if they hold personal details. Prepare each for the register first.")
        words = f"{published} published."
        return (
            f"{words} {left} left, which should be read first: they seem to hold personal details." if left else words
        )

    def act_responses(self, form: ResponsesForm) -> str:
        texts = {AssessmentSection.Slug.RESPONSES.value: form.cleaned_data["text"]}
        write_sections(self.application, texts=texts, by=self.request.user)
        return "Saved for the report."

    @cached_property
    def page_of_rows(self) -> Page:
        return Paginator(self.rows(), COMMENTS_ON_A_PAGE).get_page(self.request.GET.get("p"))

    @cached_property
    def all_rows(self) -> list[Comment]:
        comments = list(self.page_of_rows)
        for comment in comments:
            comment.must_be_read = not comment.redacted_text and needs_reading(comment.text)
            comment.about_words = ", ".join(TOPIC_WORDS.get(topic, topic).lower() for topic in comment.topics)
        return comments

    def get_context_data(self, **kwargs) -> dict:
        about = self.opened["about"] if self.opened and self.opened["action"] == "redact" else None
        return super().get_context_data(
            page_obj=self.page_of_rows,
            counts=comment_counts(self.application),
            waiting=self.application.comments.filter(published_at=None).count(),
            may_enter=self.may_enter,
            may_publish=can_publish(self.request.user, self.application),
            may_write_report=self.may_write_report,
            responses=self._responses(),
            findings=personal_details(about.text) if about else [],
            **kwargs,
        )


def comment_counts(application: PlanningApplication) -> list[tuple[str, int]]:
    """How many object, are neutral and support, in that order: (words, number)."""
    found = dict(application.comments.order_by().values_list("sentiment").annotate(number=Count("pk")))
    return [(Sentiment(value).label, found.get(value, 0)) for value in Sentiment.values]
