"""Reference data for administrators: what kinds of application there are, and the words that officers start from.

What is saved here is marked as customised, so that the next load of the product's own files leaves it alone.
"""

from wagtail.admin.panels import FieldPanel, ObjectList
from wagtail.admin.views.generic import history, usage
from wagtail.admin.views.generic.models import CopyView, DeleteView, EditView, IndexView, InspectView
from wagtail.admin.viewsets.model import ModelViewSet, ModelViewSetGroup
from wagtail.permissions import policy_registry

from cases.admin.frame.policies import ScopedObjectMixin
from cases.models import (
    ApplicationType,
    Consideration,
    ConstraintType,
    DocumentType,
    Fee,
    InvalidReason,
    Policy,
    Requirement,
    StandardCondition,
    StandardInformative,
    StandardReason,
)

from .forms import ReferenceForm
from .requirement_form import RequirementForm


class ScopedIndexView(IndexView):
    def get_base_queryset(self):
        policy = policy_registry.get_by_type(self.model)
        return policy.instances_user_has_any_permission_for(self.request.user, {"view", "change"})

    def get_edit_url(self, instance):
        policy = policy_registry.get_by_type(self.model)
        may = policy.user_has_permission_for_instance(self.request.user, "change", instance)
        return super().get_edit_url(instance) if may else None


class ScopedEditView(ScopedObjectMixin, EditView):
    pass


class ScopedDeleteView(ScopedObjectMixin, DeleteView):
    instance_action = "delete"


class ScopedCopyView(ScopedObjectMixin, CopyView):
    instance_action = "add"


class ScopedInspectView(ScopedObjectMixin, InspectView):
    instance_action = "view"


class ScopedHistoryView(ScopedObjectMixin, history.HistoryView):
    instance_action = "view"


class ScopedUsageView(ScopedObjectMixin, usage.UsageView):
    instance_action = "view"


class ReferenceViewSet(ModelViewSet):
    index_view_class = ScopedIndexView
    edit_view_class = ScopedEditView
    delete_view_class = ScopedDeleteView
    copy_view_class = ScopedCopyView
    inspect_view_class = ScopedInspectView
    history_view_class = ScopedHistoryView
    usage_view_class = ScopedUsageView
    copy_view_enabled = False
    inspect_view_enabled = True
    search_backend_name = None
    pk_path_converter = "int"
    icon = "list-ul"
    list_per_page = 50
    fields: tuple[str, ...] = ()
    base_form_class: type[ReferenceForm] = ReferenceForm

    @property
    def edit_handler(self) -> ObjectList:
        return ObjectList([FieldPanel(name) for name in self.fields], base_form_class=self.base_form_class)


class ApplicationTypeViewSet(ReferenceViewSet):
    model = ApplicationType
    name, url_prefix = "cases_application_types", "reference/application-types"
    list_display = ("name", "code", "suffix", "period_days", "is_active")
    list_filter = ("category", "is_active")
    search_fields = ("name", "code", "suffix")
    fields = (
        "name", "code", "other_codes", "suffix", "category", "legislation_title", "legislation_section",
        "legislation_text", "period_days", "eia_period_days", "tasks", "publicity", "decisions", "appeal",
        "statistics_class", "delegation_schedule", "fee_rule", "assessment_kind", "is_publishable",
        "skips_bank_holidays", "needs_ownership_certificate", "needs_bng_statement", "silence_permits", "is_active",
    )  # fmt: skip


class DocumentTypeViewSet(ReferenceViewSet):
    model = DocumentType
    name, url_prefix = "cases_document_types", "reference/document-types"
    list_display = ("label", "group", "code", "is_active")
    list_filter = ("group", "is_active")
    search_fields = ("label", "code")
    fields = ("label", "code", "group", "usual_for", "often_personal", "is_active")


class ConstraintTypeViewSet(ReferenceViewSet):
    model = ConstraintType
    name, url_prefix = "cases_constraint_types", "reference/constraint-types"
    list_display = ("name", "category", "code", "is_active")
    list_filter = ("category", "is_active")
    search_fields = ("name", "code")
    fields = ("name", "code", "category", "is_article_2_3", "is_active")


class InvalidReasonViewSet(ReferenceViewSet):
    model = InvalidReason
    name, url_prefix = "cases_invalid_reasons", "reference/invalid-reasons"
    list_display = ("title", "kind", "is_active")
    list_filter = ("kind", "is_active")
    search_fields = ("title", "text")
    fields = ("title", "slug", "kind", "text", "what_to_send", "is_active")


class RequirementViewSet(ReferenceViewSet):
    """What must come with an application. Without a council it is of the national list, else of its local list."""

    model = Requirement
    name, url_prefix = "cases_requirements", "reference/requirements"
    menu_label = "Requirements"
    list_display = ("title", "rule", "basis", "authority", "is_active")
    list_filter = ("rule", "is_active")
    search_fields = ("title", "basis", "slug")
    base_form_class = RequirementForm
    fields = (
        "title",
        "slug",
        "basis",
        "rule",
        "document_types",
        "application_types",
        "constraints",
        "reason",
        "sort_order",
        "is_active",
    )


class FeeViewSet(ReferenceViewSet):
    model = Fee
    name, url_prefix = "cases_fees", "reference/fees"
    list_display = ("rule", "effective_from", "amount", "words", "is_estimated")
    list_filter = ("rule", "is_estimated")
    search_fields = ("rule", "words")
    fields = ("rule", "effective_from", "amount", "words", "is_estimated", "is_active")


class PolicyViewSet(ReferenceViewSet):
    model = Policy
    name, url_prefix = "cases_policies", "reference/policies"
    list_display = ("title", "number", "plan", "is_development_plan", "authority", "is_active")
    list_filter = ("plan", "is_development_plan", "is_active")
    search_fields = ("title", "number", "plan")
    fields = ("title", "slug", "plan", "number", "is_development_plan", "is_active")


class ConsiderationViewSet(ReferenceViewSet):
    model = Consideration
    name, url_prefix = "cases_considerations", "reference/considerations"
    list_display = ("name", "sort_order", "is_active")
    search_fields = ("name",)
    fields = ("name", "slug", "guidance", "sort_order", "is_active")


class ConditionViewSet(ReferenceViewSet):
    model = StandardCondition
    name, url_prefix = "cases_standard_conditions", "reference/conditions"
    list_display = ("title", "type", "authority", "is_active")
    list_filter = ("type", "is_active")
    search_fields = ("title", "text")
    fields = ("title", "slug", "type", "text", "reason", "categories", "is_active")


class InformativeViewSet(ReferenceViewSet):
    model = StandardInformative
    name, url_prefix = "cases_standard_informatives", "reference/informatives"
    list_display = ("title", "authority", "is_active")
    list_filter = ("is_active",)
    search_fields = ("title", "text")
    fields = ("title", "slug", "text", "categories", "is_active")


class RefusalReasonViewSet(ReferenceViewSet):
    model = StandardReason
    name, url_prefix = "cases_standard_reasons", "reference/refusal-reasons"
    list_display = ("title", "authority", "is_active")
    list_filter = ("is_active",)
    search_fields = ("title", "text")
    fields = ("title", "slug", "text", "policy_slugs", "categories", "is_active")


class ReferenceDataGroup(ModelViewSetGroup):
    items = (
        ApplicationTypeViewSet,
        DocumentTypeViewSet,
        ConstraintTypeViewSet,
        InvalidReasonViewSet,
        RequirementViewSet,
        FeeViewSet,
        PolicyViewSet,
        ConsiderationViewSet,
        ConditionViewSet,
        InformativeViewSet,
        RefusalReasonViewSet,
    )
    menu_label = "Reference data"
    menu_name = "reference-data"
    menu_icon = "list-ul"
    menu_order = 700


REFERENCE_MODELS = tuple(viewset.model for viewset in ReferenceDataGroup.items)
