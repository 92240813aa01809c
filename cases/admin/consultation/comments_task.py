"""The task of comments: entering those that came by post, redacting, publishing, and taking them off the register."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.paginator import Page, Paginator
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.functional import cached_property

from accounts.dates.fields import DayField
from accounts.dates.reading import Year
from accounts.models import User
from cases.admin.frame.form_fields import field_of
from cases.admin.frame.rows_pages import RowsPage
from cases.admin.frame.task_pages import TaskForm, task_page
from cases.assessment.report_words import write_sections
from cases.consultation.comments import (
    change_comment,
    enter_comment,
    last_published_together,
    must_be_read,
    name_to_hide,
    publish_comments,
    redact_comment,
    unpublish_comments,
)
from cases.models import AssessmentSection, Comment, PlanningApplication
from cases.permissions import can_assess, can_consult, can_publish
from cases.register.published import PublicComment, shown_comments
from cases.statuses import CONSULTEE_SENTIMENTS, PUBLIC_SENTIMENTS, Sentiment, Topic
from cases.wording.personal_details import Finding, personal_details, suggested_redaction

COMMENTS_ON_A_PAGE = 50
TOPIC_WORDS = dict(Topic.choices)
# What the list can be narrowed to: slug → (words, which comments).
SHOWN: dict[str, tuple[str, Q]] = {
    "": ("All", Q()),
    "waiting": ("Not published", Q(published_at=None)),
    "published": ("Published", Q(published_at__isnull=False)),
    "sent": ("Sent by the public", ~Q(source=Comment.Source.OFFICER)),
    "consultees": ("From consultees", Q(kind=Comment.Kind.CONSULTEE)),
}
MOST_NAMED = 100  # of those that stay behind; the others are counted


class CommentForm(TaskForm):
    kind = forms.ChoiceField(label="From", choices=Comment.Kind, widget=forms.RadioSelect, initial=Comment.Kind.PUBLIC)
    name = forms.CharField(label="Name", max_length=200)
    organisation = forms.CharField(label="Organisation", max_length=200, required=False)
    address = forms.CharField(label="Address", max_length=400, required=False)
    email = forms.EmailField(label="E-mail address", required=False, help_text="Never published.")
    phone = forms.CharField(label="Telephone", max_length=40, required=False, help_text="Never published.")
    received_on = DayField(label="Received on", initial=timezone.localdate, year=Year.LAST)
    sentiment = forms.ChoiceField(
        label="What they say of it",
        choices=[
            (Sentiment.OBJECTION, "Objects"),
            (Sentiment.NEUTRAL, "Neutral (a consultee: no comment / neutral)"),
            (Sentiment.SUPPORTIVE, "Supports"),
            (Sentiment.AMENDMENTS, "Wants changes (consultees only)"),
        ],
        widget=forms.RadioSelect,
    )
    topics = forms.MultipleChoiceField(
        label="About", choices=Topic, required=False, widget=forms.CheckboxSelectMultiple
    )
    text = forms.CharField(label="Comment", max_length=50_000, widget=forms.Textarea(attrs={"rows": 12}))

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if data.get("kind") == Comment.Kind.PUBLIC and data.get("sentiment") == Sentiment.AMENDMENTS:
            self.add_error("sentiment", "Only a consultee asks for changes. A member of the public objects, or not.")
        return data


COMMENT_FIELDS = tuple(CommentForm.base_fields)


class RedactForm(TaskForm):
    redacted_text = forms.CharField(
        label="Text for the register",
        max_length=50_000,
        widget=forms.Textarea(attrs={"rows": 14}),
        help_text="Take out signatures, telephone numbers, e-mail addresses, vehicle registrations, and what is said "
        "about anybody's health or family. The original stays on the file.",
    )
    publish = forms.BooleanField(label="Publish it now", required=False)  # never ticked beforehand


class UnpublishForm(TaskForm):
    because = forms.CharField(label="Why", widget=forms.Textarea(attrs={"rows": 3}))


class UndoForm(UnpublishForm):
    """The comments that were last published in one go; which they were when the officer was asked."""

    which = forms.CharField(widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if data.get("which") and data["which"] != keys_of(last_published_together(self.application)):
            raise ValidationError("Other comments were published or taken off meanwhile. Look at the list again.")
        return data


class PublishForm(TaskForm):
    """Comments that were ticked in the list."""

    comments = forms.TypedMultipleChoiceField(coerce=int)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        waiting = self.application.comments.filter(published_at=None)
        field_of(self, "comments", forms.ChoiceField).choices = [
            (pk, str(pk)) for pk in waiting.values_list("pk", flat=True)
        ]
        self.fields["comments"].error_messages["required"] = "Tick the comments that you want to publish."


class PublishHarmlessForm(TaskForm):
    """All that need no redaction. What came after the officer was asked is not among them."""

    up_to = forms.IntegerField(required=False, widget=forms.HiddenInput)


class ResponsesForm(TaskForm):
    text = forms.CharField(
        label="What was said, in words",
        required=False,
        max_length=50_000,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text="For the officer's report, beside the counts. Name nobody.",
    )


def can_work_on_comments(user: User, application: PlanningApplication) -> bool:
    """Enter them until the decision; publish or withdraw them also after it."""
    return can_consult(user, application) or can_publish(user, application)


@task_page("comments")
class CommentsPage(RowsPage):
    template_name = "cases/admin/consultation/comments.html"
    may = staticmethod(can_work_on_comments)
    is_judgement = True
    actions = {
        "add": CommentForm,
        "change": CommentForm,
        "redact": RedactForm,
        "unpublish": UnpublishForm,
        "publish": PublishForm,
        "publish_harmless": PublishHarmlessForm,
        "undo": UndoForm,
        "responses": ResponsesForm,
    }
    opened_words = {
        "add": ("Enter a comment", "Enter it"),
        "change": ("Change a comment", "Save changes"),
        "redact": ("Prepare a comment for the register", "Save"),
        "unpublish": ("Take a comment off the register", "Take it off"),
        "publish_harmless": ("Publish all comments that need no redaction?", "Yes, publish them"),
        "undo": ("Take the comments last published together off the register?", "Yes, take them off"),
        "responses": ("Responses in the officer's report", "Save"),
    }
    serious_actions = frozenset({"unpublish", "undo", "publish_harmless"})
    guidance = (
        "Comments count until the decision is made, also when they come late. The public reads only what is published."
    )
    preview: PublicComment | None = None

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
            suggested = suggested_redaction(comment.text, name=name_to_hide(comment))
            return {"redacted_text": comment.redacted_text or suggested}
        if action == "publish_harmless":
            newest = self.rows().order_by("-pk").values_list("pk", flat=True).first()
            return {"up_to": newest}
        if action == "undo":
            return {"which": keys_of(self.published_together)}
        if action == "responses":
            return {"text": self._responses()}
        return {}

    def _responses(self) -> str:
        section = self.application.sections.filter(slug=AssessmentSection.Slug.RESPONSES).first()
        return section.text if section else ""

    # --- What is done -------------------------------------------------------------------------------------------------

    def post(self, request: HttpRequest, *args, **kwargs) -> HttpResponse:
        if "preview" in request.POST and self.opened_by[0] == "redact" and self.may_act:
            return self._show_preview(request)
        return super().post(request, *args, **kwargs)

    def _show_preview(self, request: HttpRequest) -> HttpResponse:
        """The page again, with the comment as the public would read it. Nothing is saved."""
        comment = self.row(self.opened_by[1])
        self._posted.update(self._sent())
        form = self._posted[self.opened_by] = self._make_form(*self.opened_by, request.POST)
        if form.is_valid():
            comment.redacted_text = form.cleaned_data["redacted_text"]
            (self.preview,) = shown_comments([comment], self.application.authority)
        return self.render_to_response(self.get_context_data(), status=200 if self.preview else 422)

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
        unpublish_comments([self.row(form.row)], because=form.cleaned_data["because"], by=self.request.user)
        return "The comment is no longer public."

    def act_undo(self, form: UndoForm) -> str:
        together = last_published_together(self.application)
        taken_off = unpublish_comments(together, because=form.cleaned_data["because"], by=self.request.user)
        return f"{len(taken_off)} comments are no longer public."

    def act_publish(self, form: PublishForm) -> str:
        return self._publish(self.rows().filter(pk__in=form.cleaned_data["comments"]))

    def act_publish_harmless(self, form: PublishHarmlessForm) -> str:
        waiting = self.rows().filter(published_at=None)
        up_to = form.cleaned_data["up_to"]
        return self._publish(waiting.filter(pk__lte=up_to) if up_to else waiting)

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

    # --- What is shown ------------------------------------------------------------------------------------------------

    @cached_property
    def shown(self) -> str:
        return self.request.GET.get("show", "") if self.request.GET.get("show", "") in SHOWN else ""

    @cached_property
    def page_of_rows(self) -> Page:
        rows = self.rows().filter(SHOWN[self.shown][1]).select_related("application__authority")
        return Paginator(rows, COMMENTS_ON_A_PAGE).get_page(self.request.GET.get("p"))

    @cached_property
    def all_rows(self) -> list[Any]:
        comments = list(self.page_of_rows)
        for comment in comments:
            comment.must_be_read = must_be_read(comment)
            comment.about_words = ", ".join(TOPIC_WORDS.get(topic, topic).lower() for topic in comment.topics)
            comment.sentiment_words = (
                CONSULTEE_SENTIMENTS.get(comment.sentiment, comment.sentiment)
                if comment.kind == Comment.Kind.CONSULTEE
                else comment.get_sentiment_display()
            )
        return comments

    @cached_property
    def published_together(self) -> list[Comment]:
        return last_published_together(self.application)

    def _behind(self) -> dict[str, Any]:
        """How many would be published without redaction, and which stay behind with what is found in them."""
        waiting = self.rows().filter(published_at=None).select_related("application__authority")
        harmless, behind = 0, []
        for comment in waiting:
            if must_be_read(comment):
                comment.found_words = ", ".join(dict.fromkeys(str(one.kind) for one in findings_of(comment)))
                behind.append(comment)
            else:
                harmless += 1
        return {"harmless": harmless, "behind": behind[:MOST_NAMED], "behind_number": len(behind)}

    def get_context_data(self, **kwargs) -> dict:
        action = self.opened["action"] if self.opened else ""
        about = self.opened["about"] if self.opened and action == "redact" else None
        findings = findings_of(about) if about else []
        behind = self._behind() if action == "publish_harmless" else {}
        if behind and not behind["harmless"] and self.opened:
            self.opened |= {"title": "No comment can be published without being read first", "button": ""}
        return super().get_context_data(
            page_obj=self.page_of_rows,
            filters=[(slug, words) for slug, (words, _) in SHOWN.items()],
            shown=self.shown,
            counts=comment_counts(self.application),
            may_enter=self.may_enter,
            may_publish=can_publish(self.request.user, self.application),
            may_write_report=self.may_write_report,
            responses=self._responses(),
            findings=findings,
            pieces=list(pieces_of(about.text, findings)) if about else [],
            preview=self.preview,
            published_together=self.published_together,
            may_tick=any(not (row.published_at or row.must_be_read) for row in self.all_rows),
            **behind,
            **kwargs,
        )


def keys_of(comments: list[Comment]) -> str:
    return ",".join(str(key) for key in sorted(comment.pk for comment in comments))


def findings_of(comment: Comment) -> list[Finding]:
    return personal_details(comment.text, name=name_to_hide(comment))


def pieces_of(text: str, findings: list[Finding]) -> Iterator[tuple[str, str]]:
    """The text in pieces, each with what is found in it (empty: nothing), for marking it where it stands."""
    last = 0
    for finding in findings:
        yield text[last : finding.start], ""
        yield text[finding.start : finding.end], str(finding.kind)
        last = finding.end
    yield text[last:], ""


def comment_counts(application: PlanningApplication) -> dict[str, Any]:
    """How many of the public object, are neutral and support; how many consultees replied; how many are not public."""
    public = Q(kind=Comment.Kind.PUBLIC)
    asked = {one.value: Count("pk", filter=public & Q(sentiment=one)) for one in PUBLIC_SENTIMENTS}
    found = application.comments.order_by().aggregate(
        **asked,
        consultees=Count("pk", filter=Q(kind=Comment.Kind.CONSULTEE)),
        waiting=Count("pk", filter=Q(published_at=None)),
    )
    return {
        "public": [(str(one.label), found[one.value]) for one in PUBLIC_SENTIMENTS],
        "consultees": found["consultees"],
        "waiting": found["waiting"],
    }
