"""Where a council's public pages are. Every whole address that we give out is made here, and nowhere else.

The truth is the council's row among Wagtail's sites, which Wagtail's own addresses follow as well. Its port says the
scheme: 443 is https, any other is http. A council without a site is at the installation's own address, PUBLIC_BASE_URL.

An address that a council had before is remembered whoever changes it, and visitors are sent on from there
(home/moved.py): it is printed in sealed notices, and in links that applicants hold.
"""

from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.db.models.signals import pre_save
from django.dispatch import receiver
from django.http.request import split_domain_port
from django.utils import timezone
from wagtail.models import Site

from .models import FormerAddress, LocalAuthority

HTTP, HTTPS = 80, 443


def public_url(authority: LocalAuthority | None, path: str = "") -> str:
    """https://planning.example.gov.uk and `path`, which begins with a slash. Of no council, the installation's."""
    root = authority.site.root_url if authority and authority.site else settings.WAGTAILADMIN_BASE_URL
    return f"{root.rstrip('/')}{path}"


def usual_port() -> int:
    """The port of a new site whose host name alone is given: https wherever the installation speaks https."""
    is_https = settings.SECURE_SSL_REDIRECT or _installation().scheme == "https"
    return HTTPS if is_https else HTTP


def installation_address() -> tuple[str, int]:
    """Host name and port of PUBLIC_BASE_URL."""
    address = _installation()
    usual = HTTPS if address.scheme == "https" else HTTP
    return address.hostname or "localhost", address.port or usual


def _installation() -> SplitResult:
    return urlsplit(settings.WAGTAILADMIN_BASE_URL)


def without_usual_port(host: str) -> str:
    """A host as browsers name it: in lower case, and with a port only where it is neither 80 nor 443."""
    name, port = split_domain_port(host)
    return name if port in {"", str(HTTP), str(HTTPS)} else f"{name}:{port}"


def host_of(site: Site) -> str:
    return without_usual_port(f"{site.hostname}:{site.port}")


# --- Addresses that were ----------------------------------------------------------------------------------------------


@receiver(pre_save, sender=Site)
def _site_changes(instance: Site, **_) -> None:
    before = Site.objects.filter(pk=instance.pk).first()
    if before and (council := LocalAuthority.objects.filter(site=before).first()):
        _remember(council, before, instance)


@receiver(pre_save, sender=LocalAuthority)
def _council_changes_site(instance: LocalAuthority, **_) -> None:
    if council := LocalAuthority.objects.filter(pk=instance.pk).select_related("site").first():
        _remember(council, council.site, instance.site)


def _remember(council: LocalAuthority, before: Site | None, now: Site | None) -> None:
    was, is_now = (host_of(site) if site else "" for site in (before, now))
    if was == is_now:
        return
    FormerAddress.objects.filter(host=is_now).delete()  # whoever had it: it is somebody's present one
    if was:
        FormerAddress.objects.update_or_create(host=was, defaults={"authority": council, "until": timezone.now()})
