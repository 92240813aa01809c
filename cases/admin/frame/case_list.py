"""The list of cases: filters, search, export, and the tabs of lists.py. A row leads to the case page."""

import django_filters
from django import forms
from django.core.exceptions import PermissionDenied
from django.forms.utils import ErrorDict
from django.http import HttpResponse, QueryDict
from django.urls import path, reverse
from django.utils.functional import cached_property
from django.views.generic import RedirectView
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet
from wagtail.admin.panels import FieldPanel, ObjectList
from wagtail.admin.ui.tables import Column
from wagtail.snippets.views.chooser import (
    ChooseResultsView,
    ChooseView,
    SnippetChooserViewSet,
    SnippetChosenMultipleView,
    SnippetChosenView,
)
from wagtail.snippets.views.snippets import IndexView, SnippetViewSet

from accounts.requests import SignedInRequest
from cases.application.assignment import officers_of
from cases.application.search import search_applications
from cases.models import PlanningApplication
from cases.permissions import cases_for
from cases.reference_data.choices import application_types
from cases.statuses import Decision, Status
from cases.worklists.officer_lists import NEEDS, OFFICER_LISTS, count_lists, in_list
from cases.worklists.with_the_applicant import say_what_is_asked

from .bulk_actions import offered_to, without_boxes
from .case_views import case_of, due_words
from .policies import ScopedChooserMixin

WORDS = "q"
PERIODS = frozenset({"received_on", "expires_on", "decided_on"})


def officers_asked_for(request: SignedInRequest):
    return officers_of(request.user.authority_id)


class CaseFilterSet(WagtailFilterSet):
    list = django_filters.ChoiceFilter(
        label="List",
        choices=[(officer_list.slug, officer_list.name) for officer_list in OFFICER_LISTS],
        method="pick_list",
        widget=forms.RadioSelect,
        empty_label=None,
    )
    # None of these joins, so none finds a case twice; DISTINCT would compare boxes, which PostgreSQL cannot.
    status = django_filters.MultipleChoiceFilter(
        choices=Status.choices, widget=forms.CheckboxSelectMultiple, distinct=False
    )
    application_type = django_filters.ModelMultipleChoiceFilter(
        label="Type", queryset=lambda request: application_types(), widget=forms.CheckboxSelectMultiple, distinct=False
    )
    officer = django_filters.ModelMultipleChoiceFilter(
        label="Officer", queryset=officers_asked_for, widget=forms.CheckboxSelectMultiple, distinct=False
    )
    decision = django_filters.MultipleChoiceFilter(
        choices=Decision.choices, widget=forms.CheckboxSelectMultiple, distinct=False
    )
    received_on = django_filters.DateFromToRangeFilter(label="Received", widget=DateRangePickerWidget)
    expires_on = django_filters.DateFromToRangeFilter(label="Due", widget=DateRangePickerWidget)
    decided_on = django_filters.DateFromToRangeFilter(label="Decided", widget=DateRangePickerWidget)

    class Meta:
        model = PlanningApplication
        fields: tuple[str, ...] = ()

    def pick_list(self, cases, name: str, slug: str):
        return in_list(cases, slug, self.request.user)


class StatusColumn(Column):
    cell_template_name = "cases/admin/columns/status.html"


class DueColumn(Column):
    cell_template_name = "cases/admin/columns/due.html"

    def get_cell_context_data(self, instance, parent_context):
        return {**super().get_cell_context_data(instance, parent_context), "due": due_words(instance)}


class AddressColumn(Column):
    cell_template_name = "cases/admin/columns/address.html"


class CaseIndexView(IndexView):
    template_name = "cases/admin/case_list.html"
    results_template_name = "cases/admin/case_list_results.html"
    page_title = "Cases"
    add_item_label = "New application"
    is_searchable = True
    show_other_searches = False

    @cached_property
    def columns(self) -> list:
        """With boxes to tick for who can do something with many."""
        return super().columns if offered_to(self.request.user) else without_boxes(super().columns)

    def get_base_queryset(self):
        cases = cases_for(self.request.user).for_lists()
        return cases if self.asked.get("list") or self.asks_for_something else cases.open()

    @cached_property
    def _not_known(self) -> ErrorDict:
        """The filters of the address whose values are none: an old bookmark, a day that there is not."""
        return self.filterset_class(data=self.request.GET, request=self.request).form.errors

    @cached_property
    def asked(self) -> QueryDict:
        """What the address asks for, as far as the list knows it."""
        known = self.request.GET.copy()
        for name in self._not_known:
            for key in (name, f"{name}_from", f"{name}_to"):
                known.pop(key, None)
        return known

    def get_filterset_kwargs(self):
        return {**super().get_filterset_kwargs(), "data": self.asked}

    @property
    def asks_for_something(self) -> bool:
        """Nothing asked: the open cases. With words or filters the whole archive is searched."""
        return bool(self.asked.get(WORDS, "").strip()) or self.is_filtering

    @cached_property
    def is_filtering(self) -> bool:
        # The tabs say which list it is; a list alone is no filter that somebody could take away.
        return bool(set(self.filters.form.changed_data) - {"list"})

    @property
    def current_list(self) -> str:
        return self.asked.get("list") or ("all" if self.asks_for_something else "open")

    def search_queryset(self, queryset):
        with_names = self.request.user.has_perm("cases.view_private_application")
        return search_applications(queryset, self.search_query, with_names=with_names)

    def order_queryset(self, queryset):
        return super().order_queryset(queryset) if self.is_explicitly_ordered else queryset.by_due_date()

    def get_edit_url(self, instance) -> str:
        return reverse("case_page", args=[instance.pk])

    def get_list_buttons(self, instance) -> list:
        return []

    def get_breadcrumbs_items(self) -> list[dict]:
        return [{"url": reverse("wagtailadmin_home"), "label": "Home"}, {"url": "", "label": "Cases"}]

    def get_add_url(self) -> str | None:
        return reverse("case_new") if self.user_has_permission("add") else None

    def to_row_dict(self, item):
        return {name: tame(value) for name, value in super().to_row_dict(item).items()}

    @cached_property
    def active_filters(self) -> list:
        # The tabs say which list it is; as an active filter it would be counted and said a second time.
        return [active for active in super().active_filters if active.auto_id != "id_list"]

    @cached_property
    def tabs(self) -> list[dict]:
        numbers = count_lists(cases_for(self.request.user), self.request.user)
        return [
            {
                "name": officer_list.name,
                "number": numbers.get(officer_list.slug),
                "url": f"{self.index_url}?list={officer_list.slug}",
                "is_current": officer_list.slug == self.current_list,
            }
            for officer_list in OFFICER_LISTS
            if self._is_offered(officer_list.slug, numbers)
        ]

    def _is_offered(self, slug: str, numbers: dict[str, int]) -> bool:
        """Not a list of what the reader may not do; a second look only where the council wants one."""
        user = self.request.user
        if slug == "second_look" and not numbers[slug] and slug != self.current_list:
            return user.authority is not None and user.authority.second_person_publishes
        return slug not in NEEDS or user.has_perm(NEEDS[slug])

    def get_index_url(self) -> str:
        return reverse("case_list")

    def get_context_data(self, *args, **kwargs):
        fields = self.filters.form.fields
        left_out = [fields[name].label or name for name in self._not_known]
        refusals = [error for name, errors in self._not_known.items() for error in errors if name in PERIODS]
        context = super().get_context_data(*args, tabs=self.tabs, left_out=left_out, refusals=refusals, **kwargs)
        say_what_is_asked(context["object_list"])
        return context


def tame(value):
    """What a spreadsheet must not take for a formula: applicants write these texts."""
    return f"'{value}" if isinstance(value, str) and value[:1] in tuple("=+-@\t\r") else value


class CaseRedirect(RedirectView):
    """Wagtail's addresses for one row lead to our own pages, for whoever may see the case."""

    name = "case_page"

    def get_redirect_url(self, *args, **kwargs) -> str:
        return reverse(self.name, args=[case_of(self.request.user, int(kwargs["pk"])).pk])


class CaseChooseView(ScopedChooserMixin, ChooseView):
    pass


class CaseChooseResultsView(ScopedChooserMixin, ChooseResultsView):
    pass


class CaseChosenView(ScopedChooserMixin, SnippetChosenView):
    pass


class CaseChosenMultipleView(ScopedChooserMixin, SnippetChosenMultipleView):
    pass


class CaseChooserViewSet(SnippetChooserViewSet):
    choose_view_class = CaseChooseView
    choose_results_view_class = CaseChooseResultsView
    chosen_view_class = CaseChosenView
    chosen_multiple_view_class = CaseChosenMultipleView


class CaseViewSet(SnippetViewSet):
    """The list comes from Wagtail; every page about one case is ours, so that each asks scope and permission."""

    model = PlanningApplication
    icon = "folder-open-inverse"
    menu_label = "Cases"
    menu_name = "cases"
    menu_order = 100
    add_to_admin_menu = True
    base_url_path = "cases"
    pk_path_converter = "int"
    index_view_class = CaseIndexView
    index_template_name = "cases/admin/case_list.html"
    index_results_template_name = "cases/admin/case_list_results.html"
    filterset_class = CaseFilterSet
    chooser_viewset_class = CaseChooserViewSet
    list_per_page = 25
    list_display = (
        "reference",
        AddressColumn("address", label="Site", sort_key="address"),
        Column("application_type", label="Type"),
        StatusColumn("status", label="Status", sort_key="status"),
        Column("officer_name", label="Officer"),
        DueColumn("expires_on", label="Due", sort_key="expires_on"),
    )
    list_export = (
        "reference", "application_type", "get_status_display", "address", "postcode", "uprn", "ward", "description",
        "officer_name", "received_on", "valid_from", "statutory_expiry_on", "expires_on", "decision_words",
        "decided_on",
    )  # fmt: skip
    export_headings = {
        "get_status_display": "Status",
        "officer_name": "Officer",
        "decision_words": "Decision",
    }
    export_filename = "cases"
    edit_handler = ObjectList([FieldPanel("address")])  # its form is never shown: facts change by verbs

    def get_urlpatterns(self):
        return [
            path("", self.index_view, name="list"),
            path("results/", self.index_results_view, name="list_results"),
            path("edit/<int:pk>/", CaseRedirect.as_view(), name="edit"),
            path("inspect/<int:pk>/", CaseRedirect.as_view(), name="inspect"),
            path("history/<int:pk>/", CaseRedirect.as_view(name="case_history"), name="history"),
            path("usage/<int:pk>/", CaseRedirect.as_view(), name="usage"),
        ]


def case_list(request: SignedInRequest) -> HttpResponse:
    """/admin/cases/ under the name that our own pages use."""
    if not request.user.has_perm("cases.view_planningapplication"):
        raise PermissionDenied
    return PlanningApplication.snippet_viewset.index_view(request)  # type: ignore[attr-defined]  # Wagtail sets it
