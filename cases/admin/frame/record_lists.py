"""Lists of what is only read: the audit, submissions, messages. What they do not know of an address, they say."""

from typing import Any

from django.contrib.admin.filters import ChoicesFieldListFilter, SimpleListFilter
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import unquote
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from wagtail.admin import messages
from wagtail_modeladmin.options import ModelAdmin
from wagtail_modeladmin.views import IndexView

NOT_KNOWN = "Part of the address that you opened is not known to this list, so it shows everything."


class RecordIndexView(IndexView):
    """Takes from an address the filters that it offers, and no other question: Wagtail's list would follow any path of
    fields, and answer with rows or none what somebody may not read."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return super().dispatch(request, *args, **kwargs)
        except IncorrectLookupParameters:
            messages.warning(request, NOT_KNOWN)
            return redirect(self.url_helper.index_url)

    def get_filters(self, request: HttpRequest) -> tuple:
        if "\x00" in "".join(self.params.values()):
            raise IncorrectLookupParameters
        specs, has_filters, not_taken, use_distinct = super().get_filters(request)
        if not_taken or not all(map(_is_choice, specs)):
            raise IncorrectLookupParameters
        return specs, has_filters, not_taken, use_distinct


class RecordAdmin(ModelAdmin):
    """Rows that are only read. What cannot be the number of one is not found: Wagtail's views fail on it."""

    def inspect_view(self, request: HttpRequest, instance_pk: str) -> HttpResponse:
        return super().inspect_view(request, self._a_key(instance_pk))

    def edit_view(self, request: HttpRequest, instance_pk: str) -> HttpResponse:
        return super().edit_view(request, self._a_key(instance_pk))

    def delete_view(self, request: HttpRequest, instance_pk: str) -> HttpResponse:
        return super().delete_view(request, self._a_key(instance_pk))

    def _a_key(self, instance_pk: str) -> str:
        try:
            self.model._meta.pk.to_python(unquote(instance_pk))
        except ValidationError as error:
            raise Http404 from error
        return instance_pk


def _is_choice(spec: Any) -> bool:
    """Whether what the address asks of this filter is one of its choices."""
    if isinstance(spec, SimpleListFilter):
        return spec.value() is None or spec.value() in {str(value) for value, _ in spec.lookup_choices}
    if isinstance(spec, ChoicesFieldListFilter):
        known = {str(value) for value, _ in spec.field.flatchoices}
        return spec.lookup_val_isnull is None and set(spec.lookup_val or []) <= known
    return True  # days are checked where they are compared
