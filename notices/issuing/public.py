"""What anybody may open: issued notices of applications on the register, and the page that verifies one."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_http_methods, require_safe
from wagtail.models import Site

from accounts.models import LocalAuthority
from notices.models import IssuedNotice

from .issue import canonical_json
from .verify import FileForm, NumberForm, public_notices, verify

NEVER_GUESS = {"X-Content-Type-Options": "nosniff", "X-Robots-Tag": "noindex"}


def _authority(request: HttpRequest) -> LocalAuthority:
    """The council whose site this is, by the host name (home/council.py stands above this package)."""
    authority = LocalAuthority.objects.filter(site=Site.find_for_request(request), is_active=True).first()
    if authority is None:
        raise Http404("No council has its public site at this address.")
    return authority


def _notice(request: HttpRequest, reference: str, version: int | None) -> IssuedNotice:
    """A version of a public notice of this council; without a version the newest."""
    notices = public_notices(_authority(request)).filter(application__reference=reference).order_by("-version")
    if version is not None:
        notices = notices.filter(version=version)
    notice = notices.first()
    if notice is None:
        raise Http404("There is no such notice.")
    return notice


@require_safe
def issued_notice(request: HttpRequest, reference: str, version: int | None = None) -> HttpResponse:
    """The notice as a page; an earlier version says that it was replaced."""
    notice = _notice(request, reference, version)
    versions = list(
        public_notices(_authority(request))
        .filter(application=notice.application)
        .only("version", "issued_on", "correction_reason", "application")
        .order_by("-version")
    )
    context = {
        "notice": notice,
        # Our own rendering of what a manager signed, kept unchangeable; its merge values were escaped then.
        "notice_html": mark_safe(notice.html),  # noqa: S308
        "versions": versions,
        "is_newest": versions[0].version == notice.version,
    }
    return render(request, "notices/issued.html", context)


@require_safe
def issued_notice_pdf(request: HttpRequest, reference: str, version: int) -> HttpResponse:
    notice = _notice(request, reference, version)
    return _file(bytes(notice.pdf), "application/pdf", f"{notice.application.reference}-v{version}.pdf")


@require_safe
def issued_notice_json(request: HttpRequest, reference: str, version: int) -> HttpResponse:
    notice = _notice(request, reference, version)
    data = canonical_json(notice.snapshot)
    return _file(data, "application/json", f"{notice.application.reference}-v{version}.json")


def _file(data: bytes, content_type: str, name: str) -> HttpResponse:
    headers = {**NEVER_GUESS, "Content-Disposition": content_disposition_header(False, name) or "inline"}
    return HttpResponse(data, content_type=content_type, headers=headers)


@require_http_methods(["GET", "HEAD", "POST"])
def verify_notice(request: HttpRequest) -> HttpResponse:
    """Is this notice genuine? By its number (an address that can be shared) or by the file itself."""
    authority = _authority(request)
    number = NumberForm(request.GET if "number" in request.GET and request.method != "POST" else None)
    file = FileForm(*(request.POST, request.FILES) if request.method == "POST" else ())
    asked = next((form for form in (number, file) if form.is_bound), None)
    sha256 = ""
    if asked is not None and asked.is_valid():
        sha256 = file.sha256 if asked is file else number.cleaned_data["number"]
    context = {
        "number_form": number,
        "file_form": file,
        "form_with_errors": asked if asked is not None and asked.errors else None,
        "sha256": sha256,
        "verified": verify(authority, sha256) if sha256 else None,
    }
    return render(request, "notices/verify.html", context, status=422 if context["form_with_errors"] else 200)
