"""The codes of reference data in words. Make one for a page: each table is read once, and only when it is needed."""

from functools import cached_property

from django.db.models import Q

from cases.models import ApplicationType, Consideration, DocumentType, Policy


class CodeNames:
    """Code → words, of every row there is, in use or not: what happened was told with the codes of its day."""

    def __init__(self, authority_id: int | None = None) -> None:
        self._authority_id = authority_id  # two councils may call policies of their own by the same code

    @cached_property
    def document_types(self) -> dict[str, str]:
        return dict(DocumentType.objects.order_by().values_list("code", "label"))

    @cached_property
    def application_types(self) -> dict[str, str]:
        return dict(ApplicationType.objects.order_by().values_list("code", "name"))

    @cached_property
    def considerations(self) -> dict[str, str]:
        return dict(Consideration.objects.order_by().values_list("slug", "name"))

    @cached_property
    def policies(self) -> dict[str, str]:
        rows = Policy.objects.filter(Q(authority=None) | Q(authority_id=self._authority_id)).order_by()
        return {row.slug: str(row) for row in rows.only("slug", "plan", "number", "title")}
