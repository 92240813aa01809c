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

`is_judgement = True` adds a note and the buttons “Save”, “Save and mark complete” and “Something is wrong”, which end
in `record_check`. Saving a page by hand never finishes the task by itself. `asks` names the kind of request with which
the applicant is asked about what is wrong: the fourth button notes the fault and goes there with the note.
"""

from collections.abc import Callable, Iterator
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import PermissionDenied, ValidationError
from django.forms import Media
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
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
from .task_list import next_task, task_links

# What a verb may answer that the officer can put right; everything else is an error of ours and must be seen as one.
REFUSALS: tuple[type[Exception], ...] = (StepNotAllowed, ValidationError, UnacceptableFile, StorageAway)


ASK = "ask"  # the button that notes a fault and goes on to ask the applicant


class KnowsTheCase(PlainWords):
    """A form that is told of the case, of who fills it in and of the row it is about (its key as text, or "")."""

    def __init__(self, *args, application: PlanningApplication, user: User, row: str = "", **kwargs):
        self.application, self.user, self.row = application, user, row
        super().__init__(*args, **kwargs)


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

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if self.data.get("outcome") in {Check.Outcome.FAULT, ASK} and not data.get("note", "").strip():
            self.add_error("note", "Say what is wrong.")
        return data


class TaskPage(CaseView):
    slug: ClassVar[str] = ""  # written by @task_page
    template_name = "cases/admin/task.html"
    form_class: ClassVar[type[forms.BaseForm] | None] = None
    actions: ClassVar[dict[str, type[forms.BaseForm]]] = {}
    may: ClassVar[Callable[[User, PlanningApplication], bool]] = staticmethod(can_correct)
    is_judgement: ClassVar[bool] = False
    guidance: ClassVar[str] = ""
    save_words: ClassVar[str] = "Save"
    asks: ClassVar[str] = ""
    http_method_names = ["get", "post", "head", "options"]

    # --- What a page says of itself ---------------------------------------------------------------------------------

    def act(self, form: forms.BaseForm) -> str | None:
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
    def form_classes(self) -> dict[str, type[forms.BaseForm]]:
        main = self.form_class or (TaskForm if self.is_judgement else None)
        return {**({"save": main} if main else {}), **self.actions}

    def form(self, action: str = "save", *, row: Any = "") -> forms.BaseForm:
        """The form of an action (and a row): bound, with its errors, when it is the one that was posted."""
        row = str(row)
        bound = getattr(self, "_bound", None)
        if bound is not None and (bound.action, bound.row) == (action, row):
            return bound
        return self._make_form(action, row)

    def _make_form(self, action: str, row: str, *args) -> forms.BaseForm:
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
        return form

    @cached_property
    def judgement_form(self) -> JudgementForm:
        check = self.facts.checks.get(self.slug)
        data = [self.request.POST] if self.request.method == "POST" and "outcome" in self.request.POST else []
        return JudgementForm(
            *data,
            application=self.application,
            user=self.request.user,
            prefix="judgement",
            initial={"note": check.note if check else ""},
        )

    @cached_property
    def _made(self) -> list[forms.BaseForm]:
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

    def posted_forms(self) -> Iterator[forms.BaseForm]:
        posted = self.request.POST
        if (action := posted.get("action", "save")) in self.form_classes:
            yield self._make_form(action, posted.get("row", ""), posted, self.request.FILES)
        if self.is_judgement and "outcome" in posted:
            yield self.judgement_form

    def get(self, request: HttpRequest, *args, **kwargs) -> HttpResponse:
        return self.render_to_response(self.get_context_data())

    def post(self, request: HttpRequest, *args, **kwargs) -> HttpResponse:
        if not self.may_act:
            raise PermissionDenied("You cannot change this now.")
        action, row = request.POST.get("action", "save"), request.POST.get("row", "")
        if action not in self.form_classes:
            raise Http404("There is nothing of that name to do here.")
        form = self._bound = self._make_form(action, row, request.POST, request.FILES)
        judged = action != "save" or not self.is_judgement or self.judgement_form.is_valid()
        if form.is_valid() and judged and (words := self._done(action, form)) is not None:
            messages.success(request, words)
            return HttpResponseRedirect(self.goes_to(action))
        return self.render_to_response(self.get_context_data(), status=422)

    def _done(self, action: str, form: forms.BaseForm) -> str | None:
        """Do it, all or nothing. Returns the words of success; None when it was refused and the form says why."""
        try:
            with atomic_with_files():
                words = self._act(action, form)
                if action == "save" and self.is_judgement:
                    self._judge()
        except REFUSALS as refusal:
            self.application.refresh_from_db()
            add_refusal(form, refusal)
            return None
        return words or "Saved."

    def _act(self, action: str, form: forms.BaseForm) -> str | None:
        if action != "save":
            return getattr(self, f"act_{action}")(form)
        if self.form_class is None and "save" not in self.actions:
            return None  # only a judgement
        return self.act(form)

    def _judge(self) -> None:
        outcome = self.request.POST.get("outcome", Check.Outcome.LOOKED_AT)
        outcome = Check.Outcome.FAULT if outcome == ASK else outcome
        if outcome not in Check.Outcome.values:
            raise ValidationError("Choose how the task stands.")
        note = self.judgement_form.cleaned_data["note"]
        record_check(self.application, task=self.slug, outcome=outcome, note=note, by=self.request.user)

    def get_context_data(self, **kwargs) -> dict:
        forms_with_errors = [
            form for form in (getattr(self, "_bound", None), self.__dict__.get("judgement_form")) if form
        ]
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
            "error_forms": [form for form in forms_with_errors if form.is_bound and form.errors],
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


def case_task(request: HttpRequest, pk: int, slug: str) -> HttpResponse:
    """/admin/cases/<pk>/tasks/<slug>/: hand over to the page of the task."""
    if slug not in _PAGES:
        raise Http404("There is no such task.")
    return _PAGES[slug].as_view()(request, pk=pk, slug=slug)


def because_field(label: str = "Why") -> forms.CharField:
    return forms.CharField(label=label, widget=forms.Textarea(attrs={"rows": 2}))
