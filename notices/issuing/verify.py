"""Checking that a decision notice is genuine: by the number printed on it, or by the file itself."""

import hashlib
import re
from dataclasses import dataclass

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Q, QuerySet

from accounts.models import LocalAuthority
from accounts.plain_text import PlainWords
from cases.register.published import public_applications
from notices.models import IssuedNotice

MAX_UPLOAD_BYTES = 20 * 1024 * 1024
_NUMBER = re.compile(r"[0-9a-f]{64}")


class NumberForm(PlainWords, forms.Form):
    """The number of a notice, as it is printed at its end."""

    number = forms.CharField(
        label="Number printed at the end of the notice",
        max_length=200,
        help_text="64 letters and digits. Spaces do not matter.",
        error_messages={"required": "Enter the number of the notice."},
    )

    def clean_number(self) -> str:
        number = re.sub(r"\s", "", self.cleaned_data["number"]).lower()
        if not _NUMBER.fullmatch(number):
            raise forms.ValidationError("Enter all 64 letters and digits of the number: 0 to 9 and a to f.")
        return number


class FileForm(forms.Form):
    """The PDF, HTML or JSON file of a notice. It is hashed and not kept."""

    file = forms.FileField(
        label="File of the notice",
        allow_empty_file=True,
        help_text="The PDF as you received it, up to 20 MB. We compare it and do not keep it.",
        error_messages={"required": "Choose the file of the notice."},
    )

    def clean_file(self) -> UploadedFile:
        file = self.cleaned_data["file"]
        if file.size > MAX_UPLOAD_BYTES:
            raise forms.ValidationError("The file is larger than 20 MB, so it is not a notice of ours.")
        return file

    @property
    def sha256(self) -> str:
        digest = hashlib.sha256()
        for chunk in self.cleaned_data["file"].chunks():
            digest.update(chunk)
        return digest.hexdigest()


@dataclass(frozen=True)
class Verified:
    notice: IssuedNotice
    is_newest: bool
    is_public: bool


def public_notices(authority: LocalAuthority) -> QuerySet[IssuedNotice]:
    """Issued notices of applications that anybody may read."""
    return IssuedNotice.objects.filter(application__in=public_applications(authority)).select_related("application")


def verify(authority: LocalAuthority, sha256: str) -> Verified | None:
    """The notice of this council that has this hash (of its data, its PDF or its HTML), or None.

    A notice on an application that is not on the register is confirmed too, to whoever holds it; but nothing is told
    of it beyond that.
    """
    notice = (
        IssuedNotice.objects.filter(application__authority=authority)
        .filter(Q(snapshot_sha256=sha256) | Q(pdf_sha256=sha256) | Q(html_sha256=sha256))
        .select_related("application")
        .defer("pdf", "report_pdf", "html", "report_html", "snapshot")
        .first()
    )
    if notice is None:
        return None
    newest = IssuedNotice.objects.filter(application=notice.application).order_by("-version").values("pk")[:1]
    return Verified(
        notice=notice,
        is_newest=newest[0]["pk"] == notice.pk,
        is_public=public_applications(authority).filter(pk=notice.application_id).exists(),
    )
