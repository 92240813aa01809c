"""The form of a row of reference data, whatever the table."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import JSONField
from wagtail.admin.forms import WagtailAdminModelForm

from cases.reference_data.loading import is_taken, problems_of_value


class ReferenceForm(WagtailAdminModelForm):
    """Marks what is saved as customised, and gives a new row to the council of whoever writes it."""

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if data.get("slug") and hasattr(self.instance, "authority_id") and self._is_taken(data["slug"]):
            self.add_error("slug", ValidationError("Another row of your council is called this."))
        for field in self._meta.model._meta.fields:
            if isinstance(field, JSONField) and field.name in data:
                for problem in problems_of_value(self._meta.model, field.name, data[field.name]):
                    self.add_error(field.name, ValidationError(problem))
        return data

    def _is_taken(self, slug: str) -> bool:
        row = self.instance
        owner = row.authority_id if row.pk or not self.for_user else self.for_user.authority_id
        return is_taken(self._meta.model, slug=slug, authority_id=owner, by_other_than=row.pk)

    def save(self, commit: bool = True):
        self.instance.is_customised = True
        if self.instance.pk is None and hasattr(self.instance, "authority_id"):
            self.instance.authority_id = self.for_user.authority_id
        return super().save(commit=commit)
