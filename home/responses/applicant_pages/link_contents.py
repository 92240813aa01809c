"""What lies behind a link: the requests of its application that the applicant has been told of, and nothing else."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from cases.models import AnswerFile, ApplicantLink, ValidationRequest
from cases.requests.links import token_of

from .showing import why_over


class NotThere(Http404):
    """What the address names is not behind this link: a question, or a file. The link itself is good."""

    def __init__(self, what: str):
        self.what = what
        super().__init__(f"There is no such {what} behind the link.")


def requests_behind(link: ApplicantLink) -> QuerySet[ValidationRequest]:
    return (
        link.application.validation_requests.known_to_the_applicant()
        .select_related("application__authority", "application__application_type", "condition", "document", "follows")
        .prefetch_related("answer_files", "documents", "followed_by")
    )


def request_behind(link: ApplicantLink, number: int) -> ValidationRequest:
    """Raises NotThere for one that was never sent, or that is not there."""
    asked = requests_behind(link).filter(number=number).first()
    if asked is None:
        raise NotThere("question")
    return asked


def file_behind(asked: ValidationRequest, pk: int) -> AnswerFile:
    """A file that waits beside this request. Raises NotThere."""
    for file in asked.answer_files.all():
        if file.pk == pk:
            return file
    raise NotThere("file")


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
