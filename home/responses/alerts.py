"""Following the register by e-mail, without an account: asking for it, saying yes, seeing what one follows, stopping.

Who has the token of an alert was sent it at the address that follows: that is the only proof, and no page tells anybody
else whether an address follows anything. A link alone changes nothing, for programs that read mail open links: every
change is a POST.
"""

from collections.abc import Callable
from functools import wraps
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from accounts.models import LocalAuthority
from accounts.rate_limits import Allowance, nameless, use
from accounts.sign_in import home_address
from cases.register.published import public_application
from home.council import council_or_404
from home.models import Alert
from home.pages import register_page_of
from home.register.searching import RegisterSearch

from . import following
from .alert_forms import AreaForm, FollowForm
from .followed import LONGEST_QUERY, Followed, one_application, one_area, one_property, one_search, query_of, words_of

HOUR = 3600
ASKED_FROM_ONE_PLACE = 20  # an hour; a library's visitors share one address on the network
ASKED_FOR_ONE_ADDRESS = 5  # an hour: so many e-mails a stranger can have us send to somebody
View = Callable[..., HttpResponse]


def of_alerts(view: View) -> View:
    """A page about alerts: told the council; kept by nobody and listed nowhere."""

    @require_http_methods(["GET", "HEAD", "POST"])
    @wraps(view)
    def wrapped(request: HttpRequest, **kwargs) -> HttpResponse:
        response = view(request, council=council_or_404(request), **kwargs)
        add_never_cache_headers(response)
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return wrapped


def while_open(view: View) -> View:
    """Nobody begins to follow a register that is closed for now; stopping is always possible."""

    @wraps(view)
    def wrapped(request: HttpRequest, *, council: LocalAuthority, **kwargs) -> HttpResponse:
        page = register_page_of(council)
        if page and page.is_closed:
            return render(request, "home/register/closed.html", {"register_page": page}, status=503)
        return view(request, council=council, **kwargs)

    return wrapped


# --- Asking ---------------------------------------------------------------------------------------------------------


@of_alerts
@while_open
def alerts(request: HttpRequest, *, council: LocalAuthority) -> HttpResponse:
    """What can be followed, and how."""
    return render(request, "home/alerts/index.html")


@of_alerts
@while_open
def alert_application(request: HttpRequest, *, council: LocalAuthority, reference: str) -> HttpResponse:
    application = public_application(council, reference)
    if application is None:
        raise Http404("No application with this reference is on the register.")
    return _ask(request, council, one_application(application))


@of_alerts
@while_open
def alert_property(request: HttpRequest, *, council: LocalAuthority, uprn: str) -> HttpResponse:
    """A property may be followed before anything is on the register about it."""
    if not (uprn.isascii() and uprn.isdigit() and len(uprn) <= 12):
        raise Http404("A property's number has up to twelve digits.")
    return _ask(request, council, one_property(council, uprn))


@of_alerts
@while_open
def alert_search(request: HttpRequest, *, council: LocalAuthority) -> HttpResponse:
    """The search of the address's query, as the register's list understands it; also one that finds nothing today."""
    search = RegisterSearch(request.GET, council=council)
    if not search.is_valid() or len(query_of(search)) > LONGEST_QUERY:
        raise Http404("The register does not understand this search.")
    return _ask(request, council, one_search(search))


def _ask(request: HttpRequest, council: LocalAuthority, followed: Followed) -> HttpResponse:
    form = FollowForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        return _follow(request, council, form.cleaned_data["email"], followed)
    context = {"form": form, "followed": followed.words}
    return render(request, "home/alerts/follow.html", context, status=422 if form.is_bound else 200)


@of_alerts
@while_open
def alert_area(request: HttpRequest, *, council: LocalAuthority) -> HttpResponse:
    given = {name: request.GET[name] for name in ("postcode", "radius") if name in request.GET}
    form = AreaForm(request.POST if request.method == "POST" else None, council=council, initial=given)
    if form.is_bound and form.is_valid() and form.place:
        area = one_area(form.place, form.cleaned_data["radius"])
        return _follow(request, council, form.cleaned_data["email"], area)
    context = {"form": form, "unknown_postcode": form.unknown_postcode() if form.is_bound else ""}
    return render(request, "home/alerts/area.html", context, status=422 if form.is_bound else 200)


def _follow(request: HttpRequest, council: LocalAuthority, email: str, followed: Followed) -> HttpResponse:
    allowance = use(nameless("alert from", home_address(request)), limit=ASKED_FROM_ONE_PLACE, seconds=HOUR)
    if not allowance.is_allowed:
        return _too_often(request, allowance)
    mailbox = f"{council.pk} {email.strip().lower()}"
    # Beyond the limit nothing is sent and the answer is the same: it would tell who else asked for this address.
    if use(nameless("alert to", mailbox), limit=ASKED_FOR_ONE_ADDRESS, seconds=HOUR).is_allowed:
        following.follow(authority=council, email=email, followed=followed)
    return redirect("alert_asked")


@of_alerts
def alert_asked(request: HttpRequest, *, council: LocalAuthority) -> HttpResponse:
    """The same for everybody, whatever became of it."""
    return render(request, "home/alerts/asked.html", {"most": ASKED_FOR_ONE_ADDRESS})


def _too_often(request: HttpRequest, allowance: Allowance) -> HttpResponse:
    context = {"minutes": -(-allowance.seconds_left // 60)}
    response = render(request, "home/alerts/too_often.html", context, status=429)
    response.headers["Retry-After"] = str(allowance.seconds_left)
    return response


# --- By token -------------------------------------------------------------------------------------------------------


@of_alerts
def alert_confirm(request: HttpRequest, *, council: LocalAuthority, token: UUID) -> HttpResponse:
    """GET asks, POST says yes."""
    alert = following.alert_with(council, token)
    if alert is None:
        return _gone(request, status=404)
    if request.method == "POST":
        try:
            following.confirm(alert)
        except following.FollowsEnough as refusal:
            return _confirm_page(request, alert, refusal=str(refusal), status=409)
        return redirect(f"{reverse('alert_manage', args=[token])}?confirmed")
    if alert.confirmed_at:
        return redirect("alert_manage", token=token)
    return _confirm_page(request, alert)


def _confirm_page(request: HttpRequest, alert: Alert, *, refusal: str = "", status: int = 200) -> HttpResponse:
    context = {"alert": alert, "followed": words_of(alert), "refusal": refusal}
    return render(request, "home/alerts/confirm.html", context, status=status)


@of_alerts
def alert_manage(request: HttpRequest, *, council: LocalAuthority, token: UUID) -> HttpResponse:
    """All that the address of this token follows, each with a button to stop it; and one to stop everything."""
    alert = following.alert_with(council, token)
    if alert is None or alert.confirmed_at is None:
        return _gone(request, status=404)
    every = following.confirmed_of_same_address(alert)
    context = {
        "alert": alert,
        "rows": [(one, words_of(one)) for one in every],
        "followed": words_of(alert),
        "is_just_confirmed": "confirmed" in request.GET,
    }
    return render(request, "home/alerts/manage.html", context)


# No token against forged requests on the two that stop something: there is no session or cookie that a forger could
# ride on, the token in the address is all it takes, and RFC 8058 has mail programs post here that never read a page.


@csrf_exempt
@of_alerts
def alert_stop(request: HttpRequest, *, council: LocalAuthority, token: UUID) -> HttpResponse:
    """GET asks, POST stops this one. What is stopped already stays stopped."""
    alert = following.alert_with(council, token)
    if request.method != "POST":
        if alert is None:
            return _gone(request, status=404)
        return render(request, "home/alerts/stop.html", {"alert": alert, "followed": words_of(alert)})
    rest = None
    if alert:
        rest = following.confirmed_of_same_address(alert).exclude(pk=alert.pk).first()
        following.stop(alert)
    return render(request, "home/alerts/stopped.html", {"rest": rest})


@csrf_exempt
@of_alerts
def alert_stop_all(request: HttpRequest, *, council: LocalAuthority, key: UUID) -> HttpResponse:
    """Everything that one address follows. GET asks; POST stops it at one click, as RFC 8058 wants it.

    The address of this page is what GOV.UK Notify puts into List-Unsubscribe; the body List-Unsubscribe=One-Click that
    mail programs send is not asked for, since the button of the page does the same.
    """
    if request.method != "POST":
        return render(request, "home/alerts/stop_all.html", {"key": key})
    following.stop_everything(authority=council, key=key)
    return render(request, "home/alerts/stopped.html", {"is_everything": True})


def _gone(request: HttpRequest, *, status: int) -> HttpResponse:
    return render(request, "home/alerts/gone.html", status=status)
