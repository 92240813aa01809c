"""Reference rows that officers choose from. Pages ask here, so that no view reads tables by itself."""

from django.db.models import QuerySet

from cases.models import ApplicationType, ConstraintType, DocumentType, InvalidReason


def application_types() -> QuerySet[ApplicationType]:
    """Every type there ever was: for filters."""
    return ApplicationType.objects.all()


def application_types_in_use() -> QuerySet[ApplicationType]:
    return ApplicationType.objects.filter(is_active=True)


def document_types() -> QuerySet[DocumentType]:
    return DocumentType.objects.filter(is_active=True)


def document_type_labels() -> dict[str, str]:
    """Code → label, also of types that are no longer in use."""
    return dict(DocumentType.objects.values_list("code", "label"))


def constraint_types() -> QuerySet[ConstraintType]:
    return ConstraintType.objects.filter(is_active=True)


def invalid_reasons() -> QuerySet[InvalidReason]:
    return InvalidReason.objects.filter(is_active=True)
