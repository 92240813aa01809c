"""“Send me a new link”, for whose link has expired or is lost: the reference and an e-mail address.

The answer is one and the same whatever was typed. What is sent goes to the address that the council has on file.
"""

from collections.abc import Callable
from functools import wraps

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_http_methods

from accounts.models import LocalAuthority
from accounts.rate_limits import nameless, use
from accounts.sign_in import home_address
from home.council import council_or_404
from home.responses.comment_forms import QuestionForm
from notices.correspondence.new_links import SENT_TO_ONE_ADDRESS, ask_for_link

from .link_access import HOUR, too_often

ASKED_FROM_ONE_PLACE = 20  # an hour; an agents' office shares one address on the network
BAD_EMAIL = "Enter an e-mail address in the correct format, like name@example.com"


class NewLinkForm(QuestionForm):
    reference = forms.CharField(
        label="Reference of the application",
        max_length=40,
        help_text="It stands at the top of our letters.",
        error_messages={
            "required": "Enter the reference of the application",
            "max_length": "The reference must be 40 characters or fewer",
        },
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    email = forms.EmailField(
        label="Your e-mail address",
        max_length=254,
        help_text="The one to which we sent our last letter. We send the link to no other.",
        error_messages={"required": "Enter your e-mail address", "invalid": BAD_EMAIL, "max_length": BAD_EMAIL},
        widget=forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false"}),
    )


View = Callable[..., HttpResponse]


def _open_to_all(*methods: str) -> Callable[[View], View]:
    """Told the council; kept by nobody and listed nowhere."""

    def decorate(view: View) -> View:
        @require_http_methods([*methods])
        @wraps(view)
        def wrapped(request: HttpRequest) -> HttpResponse:
            response = view(request, council=council_or_404(request))
            add_never_cache_headers(response)
            response.headers["X-Robots-Tag"] = "noindex, nofollow"
            return response

        return wrapped

    return decorate


@_open_to_all("GET", "HEAD", "POST")
def applicant_new_link(request: HttpRequest, *, council: LocalAuthority) -> HttpResponse:
    form = NewLinkForm(request.POST if request.method == "POST" else None)
    if not (form.is_bound and form.is_valid()):
        context = {"form": form, "faults": list(form.faults())}
        return render(request, "home/requests/new_link/ask.html", context, status=422 if form.is_bound else 200)
    allowance = use(nameless("applicant new link", home_address(request)), limit=ASKED_FROM_ONE_PLACE, seconds=HOUR)
    if not allowance.is_allowed:
        return too_often(request, allowance, what="requests for a new link")
    # However many were sent to the address already, the answer is the same: it would tell who else asked for it.
    ask_for_link(authority=council, reference=form.cleaned_data["reference"], email=form.cleaned_data["email"])
    return redirect("applicant_new_link_asked")


@_open_to_all("GET", "HEAD")
def applicant_new_link_asked(request: HttpRequest, *, council: LocalAuthority) -> HttpResponse:
    """The same for everybody, whatever became of it."""
    return render(request, "home/requests/new_link/asked.html", {"most": SENT_TO_ONE_ADDRESS})
