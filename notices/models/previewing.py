"""A row's preview is made by a room above the rows; notices/wiring.py says by which."""

from collections.abc import Callable
from typing import Any, ClassVar

from wagtail.models import PreviewableMixin

from accounts.models import User


class PreviewedFromAbove(PreviewableMixin):
    preview_template = "notices/preview.html"
    # The row, who looks at it and the mode of the preview → what the template is filled with.
    preview_made_by: ClassVar[Callable[[Any, User, str], dict[str, Any]]]

    def get_preview_template(self, request, mode_name):
        return self.preview_template

    def get_preview_context(self, request, mode_name):
        return type(self).preview_made_by(self, request.user, mode_name)
