"""The officer's page of the notice and the manager's page of the sign-off: what the case's verbs look like."""

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import NoReverseMatch, path, reverse
from django.utils.functional import cached_property
from django.utils.http import content_disposition_header
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.clickjacking import xframe_options_sameorigin
from wagtail.admin import messages

from accounts.plain_text import PlainWords
from cases.admin.frame.case_views import CaseView, case_of
from cases.lifecycle import StepNotAllowed
from cases.permissions import same_authority
from cases.statuses import BEING_DECIDED, REFUSALS, Status
from notices import permissions
from notices.drafting.changes import reviews, since_issued, since_last_review, text_of
from notices.drafting.findings import Level
from notices.drafting.particulars import newest
from notices.drafting.rendering import preview_of
from notices.drafting.statute import lint
from notices.models import DecisionNotice, IssuedNotice
from notices.signoff import approving, drafting, submitting

REFUSED = (StepNotAllowed, ValidationError)


class CommentForm(PlainWords, forms.Form):
    comment = forms.CharField(
        label="Your comment",
        widget=forms.Textarea(attrs={"rows": 4}),
        required=False,
        help_text="The officer reads it. To send the notice back, say here what to change.",
    )
    issue = forms.BooleanField(
        label="I have read the report and the notice, and the decision is to be issued now.", required=False
    )


class CorrectionForm(PlainWords, forms.Form):
    reason = forms.CharField(
        label="What is wrong with the notice that was issued?",
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="It is printed on the new version. The decision itself cannot be changed.",
    )


class NoticeCaseView(CaseView):
    """A page about the notice of a case: several buttons, each one verb; what it raises stands on the page."""

    buttons: ClassVar[frozenset[str]] = frozenset()
    http_method_names = ["get", "post", "head", "options"]

    @cached_property
    def notice(self) -> DecisionNotice | None:
        """The draft as it would be issued; the issued one where there is no draft."""
        draft = drafting.open_draft(self.application)
        if draft is None:
            return self.application.decision_notices.filter(live=True).first()
        draft.application = self.application
        return newest(draft)

    @cached_property
    def is_waiting(self) -> bool:
        return bool(self.notice and not self.notice.live and self.notice.workflow_in_progress)

    def get(self, request: HttpRequest, *args, **kwargs) -> HttpResponse:
        return self.render_to_response(self.get_context_data())

    def post(self, request: HttpRequest, *args, **kwargs) -> HttpResponse:
        button = request.POST.get("action", "")
        if button not in self.buttons:
            raise Http404("There is nothing of that name to do here.")
        try:
            words, address = getattr(self, f"do_{button}")()
        except REFUSED as refusal:
            self.application.refresh_from_db()
            self.__dict__.pop("notice", None)
            self.__dict__.pop("is_waiting", None)
            context = self.get_context_data(refusals=_sentences(refusal), changed_since=getattr(refusal, "changes", []))
            if not self.shows_again(context) and (typed := self.what_was_typed()):
                return self.show_not_saved(typed, " ".join(_sentences(refusal)), status=422)
            return self.render_to_response(context, status=422)
        messages.success(request, words)
        return HttpResponseRedirect(address)

    def shows_again(self, context: dict[str, Any]) -> bool:
        """Whether the page, as it now stands, still has the box in which something was typed."""
        return True

    def _need_notice(self) -> DecisionNotice:
        if self.notice is None:
            raise StepNotAllowed("There is no notice yet.")
        return self.notice

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        notice = self.notice
        if notice and not notice.live:
            notice.application = self.application
        findings = lint(notice) if notice and not notice.live else []
        is_correction = bool(notice and notice.is_correction and not notice.live)
        return super().get_context_data(
            **{
                "notice": notice,
                "is_waiting": self.is_waiting,
                "is_correction": is_correction,
                "corrected": since_issued(notice) if notice and is_correction else [],
                "issued": list(issued_of(self.application)),
                "errors": [finding for finding in findings if finding.level == Level.ERROR],
                "warnings": [finding for finding in findings if finding.level == Level.WARNING],
                "reviews": reviews(notice) if notice else [],
                "preview_url": reverse("case_notice_preview", args=[self.application.pk]) if notice else "",
                "recommendation": permissions.newest_recommendation(self.application),
                "refusals": [],
                **kwargs,
            }
        )


class NoticePage(NoticeCaseView):
    crumb = "Decision notice"
    template_name = "notices/admin/notice.html"
    buttons = frozenset({"draft", "afresh", "submit", "recall", "correct"})

    def do_draft(self) -> tuple[str, str]:
        drafting.draft_notice(self.application, by=self.request.user)
        return "The notice is drafted from the case as it now stands.", self.request.path

    def do_afresh(self) -> tuple[str, str]:
        drafting.draft_notice(self.application, by=self.request.user, afresh=True)
        return "The notice is drafted again from its template.", self.request.path

    def do_submit(self) -> tuple[str, str]:
        shown = self.request.POST.get("shown", "")
        submitting.submit_for_sign_off(self._need_notice(), by=self.request.user, shown=shown)
        return f"{self.application.reference} is submitted for sign-off.", self.case_url

    def do_recall(self) -> tuple[str, str]:
        submitting.recall(self._need_notice(), by=self.request.user)
        return "You have taken the notice back. It can be changed again.", self.request.path

    def do_correct(self) -> tuple[str, str]:
        reason = self.request.POST.get("reason", "")
        drafting.start_correction(self.application, reason=reason, by=self.request.user)
        return "A correction is begun. Change what is wrong, then submit it for sign-off.", self.request.path

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user, notice = self.request.user, self.notice
        may = permissions.can_draft(user, self.application)
        draft = notice if notice and not notice.live else None
        may_change = may and draft is not None and not self.is_waiting
        recommendation = permissions.newest_recommendation(self.application)
        context = super().get_context_data(**kwargs)
        return {
            **context,
            "may_draft": may and self.application.status != Status.DETERMINED and not self.is_waiting,
            "may_change": may_change,
            "shown": "\n".join(text_of(draft)) if draft and may_change else "",
            "may_recall": self.is_waiting
            and same_authority(user, self.application)
            and user.has_perm("cases.assess_application")
            and self.application.status in {Status.AWAITING_DETERMINATION, Status.DETERMINED},
            "may_correct": may and self.application.status == Status.DETERMINED and draft is None and context["issued"],
            "is_outdated": bool(
                draft and recommendation and not draft.is_correction and draft.decision != recommendation.decision
            ),
            "edit_url": self._edit_url(draft),
            "details_url": reverse("case_notice_details", args=[self.application.pk])
            if draft and draft.is_correction
            else "",
            "correction_form": self.correction_form,
        }

    @cached_property
    def correction_form(self) -> CorrectionForm:
        is_sent = self.request.POST.get("action") == "correct"
        return CorrectionForm(self.request.POST) if is_sent else self.put_back_into(CorrectionForm())

    def posted_forms(self) -> list[forms.Form]:
        return [self.correction_form] if self.correction_form.is_bound else []

    def shows_again(self, context: dict[str, Any]) -> bool:
        return bool(context["may_correct"]) or not self.correction_form.is_bound

    def _edit_url(self, draft: DecisionNotice | None) -> str:
        return reverse(draft.snippet_viewset.get_url_name("edit"), args=[draft.pk]) if draft else ""


class SignOffPage(NoticeCaseView):
    """Report, notice, what changed, what the law says; then approve, send back or send to committee."""

    crumb = "Sign-off"
    template_name = "notices/admin/sign_off.html"
    buttons = frozenset({"approve", "send_back"})

    @cached_property
    def form(self) -> CommentForm:
        is_sent = self.request.method == "POST"
        return CommentForm(self.request.POST) if is_sent else self.put_back_into(CommentForm())

    def posted_forms(self) -> list[forms.Form]:
        return [self.form]

    def shows_again(self, context: dict[str, Any]) -> bool:
        return bool(context["may_decide"])

    @property
    def comment(self) -> str:
        return self.form.cleaned_data["comment"] if self.form.is_valid() else ""

    def do_approve(self) -> tuple[str, str]:
        if self.form.is_valid() and not self.form.cleaned_data["issue"]:
            raise StepNotAllowed("Confirm that you have read the report and the notice.")
        read = self.request.POST.get("seen", "")
        issued = approving.approve(self._need_notice(), by=self.request.user, comment=self.comment, read=read)
        return f"The decision on {self.application.reference} is issued (version {issued.version}).", self.case_url

    def do_send_back(self) -> tuple[str, str]:
        approving.send_back(self._need_notice(), by=self.request.user, comment=self.comment)
        return f"{self.application.reference} is sent back to the officer.", self.case_url

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        notice = self.notice
        why_not = permissions.why_not_sign_off(notice, self.request.user) if notice else "There is no notice yet."
        return super().get_context_data(
            form=self.form,
            why_not=why_not,
            may_decide=self.is_waiting and not why_not,
            seen=approving.submission_of(notice) if notice and self.is_waiting else "",
            committee_stands_against=approving.committee_stands_against(notice) if notice and self.is_waiting else "",
            changes=since_last_review(notice) if notice else None,
            is_refusal=bool(notice and notice.decision in REFUSALS),
            report_url=_address("case_report", self.application.pk),
            committee_url=_address("case_committee", self.application.pk)
            if self.application.status in BEING_DECIDED
            else "",
            **kwargs,
        )


@xframe_options_sameorigin
def preview(request: HttpRequest, pk: int) -> HttpResponse:
    """The notice alone, for the frame on both pages: the draft, or the issued one word for word."""
    application = case_of(request.user, pk)
    draft = drafting.open_draft(application)
    if draft is not None:
        draft.application = application
        html = preview_of(newest(draft))
    elif issued := application.issued_notices.first():
        html = render_issued(issued)
    else:
        raise Http404("There is no notice yet.")
    return render(request, "notices/preview.html", {"title": f"Notice {application.reference}", "notice": html})


def issued_pdf(request: HttpRequest, pk: int, version: int) -> HttpResponse:
    """The PDF of an issued notice, for the officers of its council, whether the public may see it or not."""
    application = case_of(request.user, pk)
    issued = application.issued_notices.filter(version=version).first()
    if issued is None:
        raise Http404("There is no such version.")
    shown = content_disposition_header(False, f"{application.reference}-v{version}.pdf") or "inline"
    return HttpResponse(bytes(issued.pdf), content_type="application/pdf", headers={"Content-Disposition": shown})


def render_issued(issued: IssuedNotice) -> SafeString:
    """The HTML as it was issued: our own rendering, its values escaped then."""
    return mark_safe(issued.html)  # noqa: S308


def issued_of(application):
    """Issued versions, newest first, without their files."""
    fields = ("application", "version", "issued_on", "signed_name", "correction_reason", "decision")
    return application.issued_notices.only(*fields)


def _sentences(refusal: Exception) -> list[str]:
    return refusal.messages if isinstance(refusal, ValidationError) else [str(refusal)]


def _address(name: str, pk: int) -> str:
    """The address of a page of another part; empty where it has no such page."""
    try:
        return reverse(name, args=[pk])
    except NoReverseMatch:
        return ""


urlpatterns = [
    path("cases/<int:pk>/notice/", NoticePage.as_view(), name="case_notice"),
    path("cases/<int:pk>/notice/preview/", preview, name="case_notice_preview"),
    path("cases/<int:pk>/notice/<int:version>.pdf", issued_pdf, name="case_notice_pdf"),
    path("cases/<int:pk>/sign-off/", SignOffPage.as_view(), name="case_sign_off"),
]
