"""What every page about one case has in common: the scope, the header, and that a refusal loses nothing."""

from collections.abc import Iterable
from typing import Any, TypeVar

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.views import View
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from accounts.requests import SignedInRequest
from cases.law import deadlines
from cases.locking import locked
from cases.models import PlanningApplication
from cases.permissions import can_view_private, cases_for
from cases.reference_data.code_names import CodeNames
from cases.statuses import BEING_VALIDATED
from cases.timeline import moves_of

from .history_words import tell_all
from .meanwhile import Both, ChangedMeanwhile, differences, put_back
from .not_saved import NotSaved, not_saved_of

CASES_CRUMBS = ({"name": "wagtailadmin_home", "label": "Home"}, {"name": "case_list", "label": "Cases"})


def case_of(user, pk: int) -> PlanningApplication:
    """The application if this user may see it. Raises Http404, which tells nobody that it exists elsewhere."""
    return get_object_or_404(
        cases_for(user).select_related("application_type", "officer", "authority", "parent"), pk=pk
    )


Form = TypeVar("Form", bound=forms.BaseForm)


class CaseView(WagtailAdminTemplateMixin, View):
    """Base of each page about one case. `self.application` is the case, already scoped to the reader's council."""

    request: SignedInRequest
    header_icon = "folder-open-inverse"
    crumb = ""  # the last part of the breadcrumbs; empty: the case page itself
    typed: QueryDict | None = None  # what was typed on this page before, to be put back into its forms
    has_changed = False  # whether it is shown again for that

    def setup(self, request: HttpRequest, *args, **kwargs) -> None:
        super().setup(request, *args, **kwargs)
        self.application = case_of(request.user, kwargs["pk"])
        self.typed = getattr(request, "put_back", None)  # by cases/admin/typed/

    def let_in(self) -> None:
        """Raise PermissionDenied or Http404 for who may not do what the page is for. Asked before anything is done."""

    def posted_forms(self) -> Iterable[forms.BaseForm]:
        """The forms of a POST, bound: they know the words for what was typed."""
        return ()

    def dispatch(self, request: HttpRequest, *args, **kwargs) -> HttpResponseBase:
        """A refusal of what somebody typed shows it to them again: a colleague moved the case on meanwhile."""
        try:
            self.let_in()
            return super().dispatch(request, *args, **kwargs)
        except (PermissionDenied, Http404) as refusal:
            not_saved = self.what_was_typed()
            if not not_saved or request.get_preferred_type(["text/html", "application/json"]) == "application/json":
                raise
            words = str(refusal) or "You cannot do this with the case now."
            return self.show_not_saved(not_saved, words, status=404 if isinstance(refusal, Http404) else 403)

    # --- What a colleague changed while the page was open (meanwhile.py) ----------------------------------------------

    def same_form(self, posted: Any) -> forms.BaseForm:
        """The form of this page that was posted, unbound. Pages whose forms are `Carries` say how it is made."""
        raise NotImplementedError(f"{type(self).__name__}.same_form")

    def what_it_is_about(self, posted: Any) -> str:
        """In short what the page shows beside the form, which the hidden field `about` carries; empty: nothing."""
        return ""

    def opened_anew(self) -> "CaseView":
        """This page as somebody would open it now."""
        page = type(self)()
        page.setup(self.request, *self.args, **self.kwargs)
        return page

    def refuse_what_changed(self, *posted: forms.BaseForm) -> None:
        """Lock the case until the transaction ends. Raises ChangedMeanwhile when a form shows what is no longer so."""
        locked(self.application.pk)
        now = self.opened_anew()
        seen = self.request.POST.get("about", "")
        for form in posted:
            about = now.what_it_is_about(form)
            if differences(now.same_form(form), form.data) or (seen and about and seen != about):
                raise ChangedMeanwhile

    def show_both(self) -> "CaseView":
        """This page as it now stands, with what was typed put back, and both texts where they differ."""
        now = self.opened_anew()
        now.typed, now.has_changed = self.request.POST, True
        return now

    def put_back_into(self, form: Form) -> Form:
        """What was typed on this page before, in a form that is shown now; `both` then says what had changed."""
        if self.typed is not None:
            for both in differences(form, self.typed):
                self._both[form.prefix, both.label] = both
            put_back(form, self.typed)
        return form

    @cached_property
    def _both(self) -> dict[tuple[str | None, str], Both]:
        return {}

    def what_was_typed(self) -> NotSaved:
        try:
            return not_saved_of(self.request, self.posted_forms())
        except (PermissionDenied, Http404):  # a form about a row that is gone
            return not_saved_of(self.request)

    def show_not_saved(self, not_saved: NotSaved, because: str, *, status: int) -> HttpResponse:
        self.application = case_of(self.request.user, self.application.pk)
        sees = can_view_private(self.request.user, self.application)
        names = CodeNames(self.application.authority_id)
        moves = tell_all(moves_of(self.application)[:3], names=names, sees_private=sees)
        context = CaseView.get_context_data(self, not_saved=not_saved, because=because, moves=moves)
        return TemplateResponse(self.request, "cases/admin/not_saved.html", context, status=status)

    @property
    def case_url(self) -> str:
        return reverse("case_page", args=[self.application.pk])

    def get_page_title(self) -> str:
        return self.crumb or self.application.reference

    def get_page_subtitle(self) -> str:
        return self.application.reference if self.crumb else self.application.full_address

    def get_breadcrumbs_items(self) -> list[dict[str, str]]:
        crumbs = [{"url": reverse(crumb["name"]), "label": crumb["label"]} for crumb in CASES_CRUMBS]
        crumbs.append({"url": self.case_url if self.crumb else "", "label": self.application.reference})
        if self.crumb:
            crumbs.append({"url": "", "label": self.crumb})
        return crumbs

    def get_context_data(self, **kwargs) -> dict:
        changed_by = self.application.events.order_by("-sequence").first() if self.has_changed else None
        return super().get_context_data(
            **{
                "application": self.application,
                "due": due_words(self.application),
                "today": timezone.localdate(),
                "both": self._both.values(),
                "changed_by": changed_by,
                "has_changed": self.has_changed,
                **kwargs,
            }
        )


def requests_url(application: PlanningApplication) -> str:
    """Where the requests of a case are worked on: with the decision on validity until the application is valid."""
    if application.status in BEING_VALIDATED:
        return reverse("case_task", args=[application.pk, "send_validation_decision"])
    return reverse("case_requests", args=[application.pk])


def due_words(application: PlanningApplication) -> dict[str, str]:
    """How much time is left, in words and with a look that never stands alone: {"words", "look"}.

    Empty words when the application has no due date; a decided or ended one has no time left to speak of.
    """
    if application.expires_on is None or not application.is_open:
        return {"words": "", "look": ""}
    left = deadlines.days_left(application.expires_on, timezone.localdate())
    if left < 0:
        return {"words": f"{_days(-left)} late", "look": "late"}
    if left == 0:
        return {"words": "Due today", "look": "soon"}
    return {"words": f"{_days(left)} left", "look": "soon" if left <= 14 else "later"}


def _days(number: int) -> str:
    return "1 day" if number == 1 else f"{number} days"
