"""The outbox in the admin: what was written to whom, what became of it, and sending it again."""

from typing import Any

from django import forms
from django.contrib.admin import display
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.defaultfilters import linebreaks_filter
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from wagtail.admin import messages as admin_messages
from wagtail_modeladmin.helpers import PermissionHelper
from wagtail_modeladmin.views import InspectView

from accounts.models import User
from accounts.plain_text import PlainWords
from accounts.public_address import public_url
from accounts.requests import SignedInRequest
from cases.admin.frame.case_panels import SIDE, CasePanel
from cases.admin.frame.record_lists import RecordAdmin, RecordIndexView
from cases.templatetags.case_admin import letter_words
from notices.models import Message
from notices.outbox import notify
from notices.outbox.messages import can_send_again, can_view, messages_for, send_again, words_shown

NEWEST = 5
NO_KEY = notify.why_not("")
CONFIDENTIAL = "This message is for its recipient alone. Its words are not shown, and are erased once it is sent."


# --- The list -------------------------------------------------------------------------------------------------------


class MessagePermissions(PermissionHelper):
    """Read only: a message is written by what happens on a case, and never changed or deleted."""

    def user_can_list(self, user: User) -> bool:
        return user.is_active and user.has_perm("notices.view_message")

    def user_can_inspect_obj(self, user: User, obj: Message) -> bool:
        return can_view(user, obj)

    def user_can_create(self, user: User) -> bool:
        return False

    def user_can_edit_obj(self, user: User, obj: Message) -> bool:
        return False

    def user_can_delete_obj(self, user: User, obj: Message) -> bool:
        return False


class MessageIndexView(RecordIndexView):
    def get_context_data(self, **kwargs) -> dict[str, Any]:
        return super().get_context_data(notify=notify_status(self.request.user), **kwargs)


# What the page of one message shows, and what it is called there.
LABELS = {
    "status": "Status",
    "status_detail": "Why",
    "application": "Application",
    "to_name": "To",
    "to_email": "E-mail address",
    "to_address": "Postal address",
    "subject": "Subject",
    "body": "Words",
    "queued_at": "Written",
    "sent_at": "With GOV.UK Notify since",
    "completed_at": "Finished",
    "attempts": "Attempts",
    "next_attempt_at": "Next attempt",
    "notify_id": "Number at GOV.UK Notify",
    "sent_again_as": "Sent again as",
}


class MessageInspectView(InspectView):
    page_title = "Message"

    def get_field_label(self, field_name: str, field: Any = None) -> str:
        return LABELS[field_name]

    def get_page_subtitle(self) -> str:
        return self.instance.subject

    def get_field_display_value(self, field_name: str, field: Any = None) -> Any:
        value = getattr(self.instance, field_name)
        if field_name == "body":
            words = CONFIDENTIAL if self.instance.is_confidential else words_shown(self.instance)
            return letter_words(words)
        if field_name == "to_address":
            return linebreaks_filter(value, autoescape=True) if value else "–"
        if field_name == "attempts":
            return value
        if field_name == "application" and value:
            return format_html('<a href="{}">{}</a>', reverse("case_page", args=[value.pk]), value.reference)
        if field_name == "sent_again_as" and value:
            return format_html('<a href="{}">{}</a>', message_url(value), value.subject)
        return super().get_field_display_value(field_name, field) if value not in (None, "") else "–"

    def get_context_data(self, **kwargs) -> dict[str, Any]:
        may = can_send_again(self.request.user, self.instance)
        return super().get_context_data(may_send_again=may, **kwargs)


class MessageAdmin(RecordAdmin):
    model = Message
    menu_label = "Messages"
    menu_icon = "mail"
    menu_order = 300
    list_display = ("subject", "to", "by", "status_words", "application", "written")
    list_filter = ("status", "channel", "queued_at")
    search_fields = ("subject", "to_name", "to_email", "application__reference")
    list_select_related = ("application",)
    list_per_page = 50
    inspect_view_enabled = True
    history_view_enabled = False
    index_view_class = MessageIndexView
    index_template_name = "notices/admin/messages.html"
    inspect_view_class = MessageInspectView
    inspect_template_name = "notices/admin/message.html"
    inspect_view_fields = tuple(LABELS)
    permission_helper_class = MessagePermissions

    def get_queryset(self, request: SignedInRequest) -> QuerySet[Message]:
        return messages_for(request.user).select_related("application")

    @display(ordering="queued_at")
    def written(self, message: Message) -> str:
        return date_format(timezone.localtime(message.queued_at), "j M Y, H:i")

    @display(description="sent by", ordering="channel")
    def by(self, message: Message) -> str:
        return message.get_channel_display()

    @display(description="to")
    def to(self, message: Message) -> str:
        return message.to_email or ", ".join([message.to_name, *message.to_address.splitlines()])

    @display(description="status", ordering="status")
    def status_words(self, message: Message) -> str:
        # That there is no key stands above the list, for all of them.
        is_its_own = message.status_detail and message.status_detail != NO_KEY
        detail = f" – {message.status_detail}" if is_its_own else ""
        return format_html("<strong>{}</strong>{}", message.get_status_display(), detail)


def notify_status(user: User) -> dict[str, str]:
    """Which kind of key this council's messages leave with, and why they do not, if they do not."""
    key = notify.key_for(user.authority)
    callback = public_url(None, reverse("notify_callback"))
    return {
        "kind": notify.kind_of(key).value,
        "why_not": notify.why_not(key),
        "callback": callback if user.has_perm("accounts.change_localauthority") else "",
    }


def message_url(message: Message) -> str:
    return reverse("notices_message_modeladmin_inspect", args=[message.pk])


# --- Sending again --------------------------------------------------------------------------------------------------


class SendAgainForm(PlainWords, forms.Form):
    to_email = forms.EmailField(label="E-mail address", required=True)
    to_address = forms.CharField(
        label="Postal address", widget=forms.Textarea(attrs={"rows": 6}), help_text="A line each, the postcode last."
    )

    def __init__(self, *args, message: Message, **kwargs):
        super().__init__(*args, **kwargs)
        is_email = message.channel == Message.Channel.EMAIL
        del self.fields["to_address" if is_email else "to_email"]
        for name in self.fields:
            self.initial[name] = getattr(message, name)


def send_message_again(request: SignedInRequest, pk) -> HttpResponse:
    """Show the address, which may have been wrong, and send the message again."""
    message = get_object_or_404(messages_for(request.user).select_related("application", "authority"), pk=pk)
    if not can_send_again(request.user, message):
        raise PermissionDenied
    form = SendAgainForm(request.POST or None, message=message)
    if request.method == "POST" and form.is_valid():
        try:
            again = send_again(message, by=request.user, **form.cleaned_data)
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            admin_messages.success(request, f"“{again.subject}” {_then(again)}")
            return redirect(message_url(again))
    return TemplateResponse(request, "notices/admin/send_again.html", {"message": message, "form": form})


def _then(message: Message) -> str:
    return "is held: " + message.status_detail if message.status == Message.Status.HELD else "will be sent again."


urlpatterns = [path("messages/<uuid:pk>/send-again/", send_message_again, name="message_send_again")]


# --- On the case page -----------------------------------------------------------------------------------------------


class MessagesPanel(CasePanel):
    order, area, heading, anchor = 80, SIDE, "Messages", "panel-messages"
    template_name = "notices/admin/messages_panel.html"

    def is_shown(self) -> bool:
        return self.user.has_perm("notices.view_message")

    def get_context_data(self, parent_context) -> dict[str, Any]:
        found = list(messages_for(self.user).filter(application=self.application)[: NEWEST + 1])
        rows = [{"message": message, "url": message_url(message)} for message in found[:NEWEST]]
        everything = reverse("notices_message_modeladmin_index") + f"?q={self.application.reference}"
        context = super().get_context_data(parent_context)
        return {**context, "rows": rows, "has_more": len(found) > NEWEST, "all_url": everything}
