"""The pages on which officers do the tasks of a case: one base class, one registry, one dispatcher.

A task page is a class with a form and a verb:

    @task_page("site_visit")
    class SiteVisitPage(TaskPage):
        form_class = SiteVisitForm            # a TaskForm or TaskModelForm: knows .application and .user
        may = staticmethod(can_assess)        # who may do it; everybody who may view the case reads the page
        guidance = "Say what you saw and when."

        def act(self, form):                  # one verb; what it raises becomes an error on the form
            record_visit(self.application, by=self.request.user, **form.cleaned_data)
            return "Site visit recorded."

Several things to do on one page (add, change, move, remove): give `actions`, action name → form class, and a
method `act_<name>(form)` for each. A button posts the name as `action`, and as `row` the key of the row it is about;
the fields of such a form are prefixed with `<name>-<row>`. `self.form("change", row=7)` makes one for the template,
and is the bound one with its errors when it was that form that was posted.

One of them can stand in the same <form> as the main one: it sends its name as `opened` and its row as `opened_row`.
Then every button saves all in which something was typed, whatever its own form is.

`is_judgement = True` adds a note and the buttons “Save”, “Save and mark complete” and “Something is wrong”, which end
in `record_check`. Saving a page by hand never finishes the task by itself. `asks` names the kind of request with which
the applicant is asked about what is wrong: the fourth button notes the fault and goes there with the note.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar, TypeAlias

from django import forms
from django.core.exceptions import PermissionDenied, ValidationError
from django.forms import Media
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import cached_property
from wagtail.admin import messages

from accounts.models import User
from accounts.plain_text import PlainWords
from cases.files.disk import StorageAway, atomic_with_files
from cases.files.types import UnacceptableFile
from cases.lifecycle import StepNotAllowed
from cases.models import Check, PlanningApplication
from cases.permissions import can_ask, can_correct, can_note, can_view_private
from cases.worklists.checking import record_check
from cases.worklists.task_list import Facts, Task, facts_of, task_named

from .case_views import CaseView
from .meanwhile import Carries, ChangedMeanwhile, is_typed_in
from .task_list import next_task, task_links

# What a verb may answer that the officer can put right; everything else is an error of ours and must be seen as one.
REFUSALS: tuple[type[Exception], ...] = (StepNotAllowed, ValidationError, UnacceptableFile, StorageAway)


ASK = "ask"  # the button that notes a fault and goes on to ask the applicant
MAIN, JUDGEMENT = ("save", ""), ("judgement", "")
# Who may do what a page is for, as a class has it.
May: TypeAlias = "staticmethod[[User, PlanningApplication], bool]"


class KnowsTheCase(Carries, PlainWords):
    """A form that is told of the case, of who fills it in and of the row it is about (its key as text, or "")."""

    base_fields: ClassVar[dict[str, forms.Field]]  # which Django gives each class of forms

    def __init__(self, *args, application: PlanningApplication, user: User, row: str = "", **kwargs):
        self.application, self.user, self.row = application, user, row
        self.action = ""  # which of the page's it is (TaskPage._make_form)
        super().__init__(*args, **kwargs)

    def clean(self) -> dict[str, Any]:
        """What is clean so far; Django lets a form answer None and mean the same."""
        return super().clean() or self.cleaned_data


class TaskForm(KnowsTheCase, forms.Form):
    pass


class TaskModelForm(KnowsTheCase, forms.ModelForm):
    pass


class JudgementForm(TaskForm):
    """The officer's word on the task, beside what the form itself holds."""

    note = forms.CharField(
        label="Note to colleagues",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Never public. Say what is wrong if something is.",
    )

    def __init__(self, *args, check: Check | None, **kwargs):
        super().__init__(*args, initial={"note": check.note if check else ""}, prefix="judgement", **kwargs)
        self.also = {"How the task stands": check.get_outcome_display() if check else ""}

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if self.data.get("outcome") in {Check.Outcome.FAULT, ASK} and not data.get("note", "").strip():
            self.add_error("note", "Say what is wrong.")
        return data


class TaskPage(CaseView):
    slug: ClassVar[str] = ""  # written by @task_page
    template_name = "cases/admin/task.html"
    form_class: ClassVar[type[KnowsTheCase] | None] = None
    actions: ClassVar[Mapping[str, type[KnowsTheCase]]] = {}
    may: ClassVar[May] = staticmethod(can_correct)
    is_judgement: ClassVar[bool] = False
    guidance: ClassVar[str] = ""
    save_words: ClassVar[str] = "Save"
    asks: ClassVar[str] = ""
    # What another button does not do by the way, though something was typed for it.
    serious_actions: ClassVar[frozenset[str]] = frozenset()
    http_method_names = ["get", "post", "head", "options"]

    # --- What a page says of itself ---------------------------------------------------------------------------------

    def act(self, form: Any) -> str | None:
        """Do what the main form says by one verb. Returns the words of success, or None for “Saved.”."""
        raise NotImplementedError(f"{type(self).__name__}.act")

    def initial_for(self, action: str, row: str) -> dict[str, Any]:
        """What a form shows before anything is typed."""
        return {}

    def form_arguments(self, action: str, row: str) -> dict[str, Any]:
        """More arguments for a form, such as `instance`. A row of another case must raise Http404 here."""
        return {}

    def goes_to(self, action: str) -> str:
        """Where the officer goes after success: on to the next task, or back here when it was one row of a list."""
        if action == "save" and self.request.POST.get("outcome") == ASK and self.ask_url:
            return self.ask_url
        if action != "save" or self.request.POST.get("outcome") == Check.Outcome.LOOKED_AT:
            return self.request.path if action != "save" else self.case_url
        following = next_task(facts_of(self.application), after=self.slug)
        return following.url if following else self.case_url

    # --- The frame --------------------------------------------------------------------------------------------------

    @property
    def task(self) -> Task:
        return task_named(self.slug)

    @property
    def crumb(self) -> str:  # type: ignore[override]
        return self.task.name

    @cached_property
    def may_act(self) -> bool:
        return type(self).may(self.request.user, self.application)

    @cached_property
    def sees_private(self) -> bool:
        return can_view_private(self.request.user, self.application)

    @cached_property
    def facts(self) -> Facts:
        return facts_of(self.application)

    @cached_property
    def form_classes(self) -> dict[str, type[KnowsTheCase]]:
        main = self.form_class or (TaskForm if self.is_judgement else None)
        return {**({"save": main} if main else {}), **self.actions}

    def form(self, action: str = "save", *, row: Any = "") -> KnowsTheCase:
        """The form of an action (and a row): bound, with its errors, when it was posted."""
        return self._posted.get((action, str(row))) or self._make_form(action, str(row))

    @cached_property
    def _posted(self) -> dict[tuple[str, str], KnowsTheCase]:
        """The forms that were sent with the button that was pressed: action and row → form, bound."""
        return {}

    @property
    def opened_by(self) -> tuple[str, str]:
        """Action and row of the form that stands beside the main one, as it was sent; empty: none."""
        sent = self.typed if self.typed is not None else self.request.POST
        if "opened" in sent:
            return str(sent["opened"]), str(sent.get("opened_row", ""))
        return str(sent.get("action", "")), str(sent.get("row", ""))

    def _make_form(self, action: str, row: str, *args) -> KnowsTheCase:
        form = self.form_classes[action](
            *args,
            application=self.application,
            user=self.request.user,
            row=row,
            prefix=None if action == "save" else "-".join(part for part in (action, row) if part),
            initial=self.initial_for(action, row),
            **self.form_arguments(action, row),
        )
        self._made.append(form)
        form.action = action  # who asks for this form again (self.form) finds the bound one by these two
        if not self.may_act:
            for field in form.fields.values():
                field.disabled = True
        return form if args else self.put_back_into(form)

    @cached_property
    def judgement_form(self) -> JudgementForm:
        posted = self._posted.get(JUDGEMENT)
        return posted if isinstance(posted, JudgementForm) else self.put_back_into(self._make_judgement())

    def _make_judgement(self, *args) -> JudgementForm:
        check = self.facts.checks.get(self.slug)
        return JudgementForm(*args, application=self.application, user=self.request.user, check=check)

    def same_form(self, posted: KnowsTheCase) -> KnowsTheCase:
        if isinstance(posted, JudgementForm):
            return self._make_judgement()
        return self._make_form(posted.action, posted.row)

    @cached_property
    def _made(self) -> list[KnowsTheCase]:
        return []

    @property
    def may_judge(self) -> bool:
        return self.is_judgement and self.may_act and can_note(self.request.user, self.application)

    @cached_property
    def ask_url(self) -> str:
        """Where the applicant is asked about what is wrong here; empty where that cannot be done now by this user."""
        if not self.asks or not can_ask(self.request.user, self.application, self.asks):
            return ""
        return f"{reverse('case_request_new', args=[self.application.pk])}?kind={self.asks}&check={self.slug}"

    def let_in(self) -> None:
        if not self.task.applies_to(self.application):
            raise Http404("This type of application has no such task.")

    def posted_forms(self) -> Iterator[KnowsTheCase]:
        posted = self.request.POST
        for action, row in dict.fromkeys([self.pressed, self.opened_by]):
            if action in self.form_classes:
                yield self._make_form(action, row, posted, self.request.FILES)
        if self.is_judgement and "outcome" in posted:
            yield self._make_judgement(posted)

    @property
    def pressed(self) -> tuple[str, str]:
        """Action and row of the button."""
        action = self.request.POST.get("action", "save")
        opened, row = self.opened_by
        return action, row if action == opened else self.request.POST.get("row", "") if action != "save" else ""

    def get(self, request: HttpRequest, *args, **kwargs) -> HttpResponse:
        return self.render_to_response(self.get_context_data())

    def post(self, request: HttpRequest, *args, **kwargs) -> HttpResponse:
        if not self.may_act:
            raise PermissionDenied("You cannot change this now.")
        action, _ = self.pressed
        if action not in self.form_classes:
            raise Http404("There is nothing of that name to do here.")
        self._posted.update(self._sent())
        chosen = list(self._posted.values())
        is_valid = [form.is_valid() for form in chosen]  # every one of them says what is wrong with it
        if all(is_valid) and self._does_nothing_serious_by_the_way(chosen):
            try:
                words = self._done(chosen)
            except ChangedMeanwhile:
                return self._show_both()
            if words is not None:
                messages.success(request, words)
                return HttpResponseRedirect(self.goes_to(action))
        return self.render_to_response(self.get_context_data(), status=422)

    def _sent(self) -> dict[tuple[str, str], KnowsTheCase]:
        """The button's own form, and those beside it in which something was typed, in the order in which they are done:
        the main one, another, the judgement."""
        posted, files = self.request.POST, self.request.FILES
        has_more = "opened" in posted
        keys = [MAIN, self.pressed, self.opened_by] if has_more else [self.pressed]
        sent = {key: self._make_form(*key, posted, files) for key in keys if key[0] in self.form_classes}
        if self.is_judgement and (has_more or self.pressed == MAIN):
            sent[JUDGEMENT] = self._make_judgement(posted)
        wanted = {MAIN, JUDGEMENT} if self.pressed == MAIN else {self.pressed}
        return {key: form for key, form in sent.items() if key in wanted or is_typed_in(form)}

    def _does_nothing_serious_by_the_way(self, chosen: list[KnowsTheCase]) -> bool:
        for form in chosen:
            if form.action in self.serious_actions and (form.action, form.row) != self.pressed:
                form.add_error(
                    None, "You began this and did not finish it, so nothing is saved yet: finish or cancel it."
                )
                return False
        return True

    def _show_both(self) -> HttpResponse:
        page = self.show_both()
        return page.render_to_response(page.get_context_data(), status=409)

    def _done(self, chosen: list[KnowsTheCase]) -> str | None:
        """Do it, all or nothing. Returns the words of success; None when it was refused and the form says why.

        Raises ChangedMeanwhile."""
        said = []
        try:
            with atomic_with_files():
                self.refuse_what_changed(*chosen)
                for form in chosen:
                    said.append(self._act(form))
        except REFUSALS as refusal:
            self.application.refresh_from_db()
            add_refusal(form, refusal)
            return None
        return " ".join(dict.fromkeys(filter(None, said))) or "Saved."

    def _act(self, form: KnowsTheCase) -> str | None:
        if isinstance(form, JudgementForm):
            self._judge(form)
            return None
        if form.action != "save":
            return getattr(self, f"act_{form.action}")(form)
        if self.form_class is None and "save" not in self.actions:
            return None  # only a judgement
        return self.act(form)

    def _judge(self, form: JudgementForm) -> None:
        """By the buttons of the judgement; a note that was typed beside another one leaves the judgement as it was."""
        if self.pressed == MAIN:
            outcome = self.request.POST.get("outcome", Check.Outcome.LOOKED_AT)
        else:
            check = self.facts.checks.get(self.slug)
            outcome = check.outcome if check else Check.Outcome.LOOKED_AT
        outcome = Check.Outcome.FAULT if outcome == ASK else outcome
        if outcome not in Check.Outcome.values:
            raise ValidationError("Choose how the task stands.")
        note = form.cleaned_data["note"]
        record_check(self.application, task=self.slug, outcome=outcome, note=note, by=self.request.user)

    def get_context_data(self, **kwargs) -> dict:
        context = {
            "page": self,
            "task": self.task,
            "check": self.facts.checks.get(self.slug),
            "stages": task_links(self.facts),
            "may_act": self.may_act,
            "may_judge": self.may_judge,
            "ask_url": self.ask_url,
            "sees_private": self.sees_private,
            "form": self.form() if "save" in self.form_classes else None,
            "judgement_form": self.judgement_form if self.is_judgement else None,
            "error_forms": [form for form in self._posted.values() if form.errors],
            "guidance": self.guidance,
            "save_words": self.save_words,
        }
        # Subclasses make their forms before they come here, so that this is the media of all that the page shows.
        context["media"] = sum((form.media for form in self._made), Media())
        return super().get_context_data(**{**context, **kwargs})


def add_refusal(form: forms.BaseForm, refusal: Exception) -> None:
    """Put what a verb answered on the form, at the fields it names where the form has them."""
    if isinstance(refusal, ValidationError) and hasattr(refusal, "error_dict"):
        for name, errors in refusal.error_dict.items():
            form.add_error(name if name in form.fields else None, errors)
    elif isinstance(refusal, ValidationError):
        form.add_error(None, refusal)
    else:
        form.add_error(None, str(refusal))


_PAGES: dict[str, type[TaskPage]] = {}


def task_page(slug: str) -> Callable[[type[TaskPage]], type[TaskPage]]:
    """Class decorator: this page does the task of this name. Raises KeyError for a task that nobody declared."""

    def register(page: type[TaskPage]) -> type[TaskPage]:
        page.slug = task_named(slug).slug
        _PAGES[slug] = page
        return page

    return register


def case_task(request: HttpRequest, pk: int, slug: str) -> HttpResponseBase:
    """/admin/cases/<pk>/tasks/<slug>/: hand over to the page of the task."""
    if slug not in _PAGES:
        raise Http404("There is no such task.")
    return _PAGES[slug].as_view()(request, pk=pk, slug=slug)


def because_field(label: str = "Why") -> forms.CharField:
    return forms.CharField(label=label, widget=forms.Textarea(attrs={"rows": 2}))
