"""The pages that a council's public site begins with. From then on they are its editors': nothing here changes them."""

import re
from datetime import date
from pathlib import Path
from string import Template
from typing import Any

import yaml
from django.conf import settings
from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import escape
from wagtail.coreutils import get_supported_content_language_variant
from wagtail.models import GroupCollectionPermission, GroupPagePermission, Locale, Page, Site

from accounts.models import LocalAuthority
from accounts.public_address import installation_address, usual_port
from accounts.roles import website_editors
from accounts.websites import collection_of

from .models import GuidanceIndexPage, GuidancePage, HomePage, RegisterPage, StandardPage

DATA = Path(__file__).parent / "data"
_HOST_NAME = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?")
EDITORS_MAY = ("add_page", "change_page", "publish_page", "lock_page", "unlock_page")
EDITORS_MAY_WITH_FILES = (
    "add_image",
    "change_image",
    "choose_image",
    "add_document",
    "change_document",
    "choose_document",
)


class NoSite(Exception):
    """The council cannot have its site there. `str()` is a sentence for whoever runs the command."""


@transaction.atomic
def set_up_site(authority: LocalAuthority, *, hostname: str = "", port: int | None = None) -> list[Page]:
    """Make what is missing of the council's public site and return the pages made: none when it was all there.

    Pages are told apart by their slugs, so one that an editor renamed, rewrote or unpublished stays as it is.

    `hostname` and `port` are where the site is from now on. Without them it stays where it is, and a new one is at the
    installation's own address. Raises NoSite where that cannot be, in words.
    """
    Locale.objects.get_or_create(language_code=get_supported_content_language_variant(settings.LANGUAGE_CODE))
    made: list[Page] = []
    home = _home_page(authority, made)
    _site_for(authority, home, hostname.lower(), port)
    words = _words(authority, timezone.localdate())
    _add(home, RegisterPage, _page_file("register.yaml", words), made)
    guidance = _add(home, GuidanceIndexPage, _page_file("guidance.yaml", words), made)
    for file in sorted((DATA / "guidance").glob("*.yaml")):
        _add(guidance, GuidancePage, _page_file(file, words), made)
    for file in sorted((DATA / "standard").glob("*.yaml")):
        _add(home, StandardPage, _page_file(file, words) | {"is_in_footer": True}, made)
    _editors_of(authority, home)
    return made


def _home_page(authority: LocalAuthority, made: list[Page]) -> HomePage:
    """The council's home page: the one at the top of its site, else the one with its slug, else a new one."""
    if authority.site and isinstance(authority.site.root_page.specific, HomePage):
        return authority.site.root_page.specific
    root = Page.get_first_root_node() or Page.add_root(instance=Page(title="Root", slug="root"))
    fields = _page_file("home.yaml", _words(authority, timezone.localdate()))
    return _add(root, HomePage, fields | {"slug": f"planning-{authority.code.lower()}"}, made)


def _site_for(authority: LocalAuthority, home: HomePage, hostname: str, port: int | None) -> None:
    """Give the council its Wagtail site at this address, with its home page at the top."""
    site = authority.site or _free_site(hostname, port)
    if hostname:
        site.hostname, site.port = hostname, port or usual_port()
    elif port:
        site.port = port
    _see_that_it_can_be(site)
    shown_before = site.root_page if site.pk else None
    site.root_page, site.site_name = home, f"{authority.short_name} planning"
    site.save()
    authority.site = site
    authority.save(update_fields=["site"])
    if shown_before:
        _remove_welcome_page(shown_before)


def _free_site(hostname: str, port: int | None) -> Site:
    """A site for a council that has none: at the address asked for, else Wagtail's default one."""
    free = Site.objects.filter(authority=None)
    if hostname:
        there = free.filter(hostname=hostname, port=port or usual_port()).first()
        return there or Site(is_default_site=not Site.objects.exists())
    site = free.filter(is_default_site=True).first()
    if site is None:
        raise NoSite("Name the host of the council's public site: --hostname planning.example.gov.uk")
    site.hostname, site.port = installation_address()
    return site


def _see_that_it_can_be(site: Site) -> None:
    if not _HOST_NAME.fullmatch(site.hostname):
        raise NoSite(f"{site.hostname} is not a host name. Name the host alone: --hostname planning.example.gov.uk")
    if not 0 < site.port < 2**16:
        raise NoSite(f"{site.port} is not a port: 443 for https, or another between 1 and 65535.")
    if Site.objects.filter(hostname=site.hostname, port=site.port).exclude(pk=site.pk).exists():
        raise NoSite(f"{site.hostname}, port {site.port}, is the address of another site already.")


def _remove_welcome_page(page: Page) -> None:
    """Wagtail's own first page, which no site shows any more."""
    is_plain = page.depth == 2 and page.slug == "home" and page.specific_class is Page
    if is_plain and page.is_leaf() and not Site.objects.filter(root_page=page).exists():
        page.delete()


def _add(parent: Page, kind: type[Page], fields: dict[str, Any], made: list[Page]) -> Page:
    """The child of that kind and slug; made and published when there is none."""
    there = kind.objects.child_of(parent).filter(slug=fields["slug"]).first()
    if there:
        return there
    page = parent.add_child(instance=kind(**fields))
    page.save_revision().publish()
    made.append(page)
    return page


def _editors_of(authority: LocalAuthority, home: HomePage) -> None:
    """A group that may edit this council's pages and pictures, and no other's."""
    group, _ = Group.objects.get_or_create(name=website_editors(authority))
    group.permissions.add(Permission.objects.get(content_type__app_label="wagtailadmin", codename="access_admin"))
    for permission in Permission.objects.filter(content_type__app_label="wagtailcore", codename__in=EDITORS_MAY):
        GroupPagePermission.objects.get_or_create(group=group, page=home.page_ptr, permission=permission)
    collection = collection_of(authority)
    for permission in Permission.objects.filter(
        content_type__app_label__in=["wagtailimages", "wagtaildocs"], codename__in=EDITORS_MAY_WITH_FILES
    ):
        GroupCollectionPermission.objects.get_or_create(group=group, collection=collection, permission=permission)


# --- What the shipped pages say -----------------------------------------------------------------------------------


def _words(authority: LocalAuthority, today: date) -> dict[str, str]:
    """What the placeholders of home/data stand for, as HTML."""
    ways = []
    if authority.email:
        ways.append(f'write to <a href="mailto:{escape(authority.email)}">{escape(authority.email)}</a>')
    if authority.phone:
        ways.append(f"phone {escape(authority.phone)}")
    contact = " or ".join(ways) or "contact the planning department"
    return {
        "council": escape(authority.name),
        "short_name": escape(authority.short_name),
        "contact": contact,
        "contact_sentence": f"{contact[:1].upper()}{contact[1:]}.",
        "today": date_format(today, "j F Y"),
    }


def _page_file(file: str | Path, words: dict[str, str]) -> dict[str, Any]:
    """The fields of a page from its YAML file. Raises KeyError for a placeholder that there is not."""
    written = Template((DATA / file).read_text(encoding="utf-8")).substitute(words)
    read = yaml.load(written, Loader=yaml.CSafeLoader)
    if "body" in read:
        read["body"] = [_block(block) for block in read["body"]]
    return read


def _block(block: dict[str, Any]) -> tuple[str, Any]:
    """One block of a body as StreamField takes it: `heading: words` is short for a section's heading."""
    ((kind, value),) = block.items()
    if kind == "heading":
        value = {"text": value, "level": "h2"}
    if kind == "steps":
        value = {"steps": value}
    return kind, value
