"""What lies behind a link: the requests of its application that the applicant has been told of, and nothing else."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from cases.models import AnswerFile, ApplicantLink, ValidationRequest
from cases.requests.links import token_of

from .showing import why_over


def requests_behind(link: ApplicantLink) -> QuerySet[ValidationRequest]:
    return (
        link.application.validation_requests.known_to_the_applicant()
        .select_related("application__authority", "application__application_type", "condition", "document", "follows")
        .prefetch_related("answer_files", "documents", "followed_by")
    )


def request_behind(link: ApplicantLink, number: int) -> ValidationRequest:
    """Raises Http404 for one that was never sent, or that is not there."""
    asked = requests_behind(link).filter(number=number).first()
    if asked is None:
        raise Http404
    return asked


def file_behind(asked: ValidationRequest, pk: int) -> AnswerFile:
    """A file that waits beside this request. Raises Http404."""
    for file in asked.answer_files.all():
        if file.pk == pk:
            return file
    raise Http404


def around(link: ApplicantLink) -> dict[str, Any]:
    """What stands on every page behind the link."""
    return {
        "application": link.application,
        "token": token_of(link),
        "over": why_over(link.application),
    }


def address(link: ApplicantLink, name: str, *args: Any) -> str:
    return reverse(name, args=[token_of(link), *args])


def to(link: ApplicantLink, name: str, *args: Any) -> HttpResponse:
    return redirect(address(link, name, *args))
