"""Pages of the public site. Editors own their words and places."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.db import models
from django.http import HttpRequest
from django.urls import reverse
from wagtail.admin.panels import FieldPanel
from wagtail.fields import RichTextField, StreamField
from wagtail.models import Page
from wagtail.search import index

from accounts.models import LocalAuthority
from home.blocks import PageBody
from home.caching import finished
from home.council import council_of, council_or_404

SUMMARY_HELP = "One sentence that says what the page is for. Shown under its link and to search engines."


class PublicPage(Page):
    """What all our pages share: answers that may be kept for a minute.

    What a page shows of the register is made by rooms above it: home/wiring.py says which.
    """

    # The request, the council if there is one, and the page → more of what the template is filled with.
    register_context: ClassVar[Callable[[HttpRequest, LocalAuthority | None, Any], dict[str, Any]] | None] = None

    class Meta:
        abstract = True

    def pages_above(self):
        """The pages between the council's home page and this one, home first."""
        return self.get_ancestors().filter(depth__gt=1)

    def get_context(self, request: HttpRequest, *args, **kwargs) -> dict:
        context = super().get_context(request, *args, **kwargs)
        if of_the_register := type(self).register_context:
            context |= of_the_register(request, council_of(request), self)
        return context

    def serve(self, request: HttpRequest, *args, **kwargs):
        council_or_404(request)  # a closed council has no public pages
        return finished(request, super().serve(request, *args, **kwargs))


class HomePage(PublicPage):
    """The front door of a council's planning site."""

    introduction = models.TextField(blank=True, help_text="What people can do here, in a sentence or two.")
    body = StreamField(PageBody(), blank=True)

    content_panels = [*Page.content_panels, FieldPanel("introduction"), FieldPanel("body")]
    search_fields = [*Page.search_fields, index.SearchField("introduction"), index.SearchField("body")]
    parent_page_types = ["wagtailcore.Page"]
    subpage_types = ["home.GuidanceIndexPage", "home.RegisterPage", "home.StandardPage"]
    template = "home/home_page.html"

    def get_context(self, request: HttpRequest, *args, **kwargs) -> dict:
        guidance = GuidanceIndexPage.objects.live().child_of(self).first()
        return super().get_context(request, *args, **kwargs) | {
            "guidance": guidance,
            "guidance_pages": guidance.guidance_pages() if guidance else [],
        }


class GuidanceIndexPage(PublicPage):
    introduction = models.TextField(blank=True)

    content_panels = [*Page.content_panels, FieldPanel("introduction")]
    search_fields = [*Page.search_fields, index.SearchField("introduction")]
    parent_page_types = ["home.HomePage"]
    subpage_types = ["home.GuidancePage"]
    max_count_per_parent = 1
    template = "home/guidance_index_page.html"

    def guidance_pages(self):
        return GuidancePage.objects.live().child_of(self).order_by("path")


class GuidancePage(PublicPage):
    """Something an applicant or a neighbour wants to know."""

    summary = models.CharField(max_length=250, help_text=SUMMARY_HELP)
    body = StreamField(PageBody())

    content_panels = [*Page.content_panels, FieldPanel("summary"), FieldPanel("body")]
    search_fields = [*Page.search_fields, index.SearchField("summary"), index.SearchField("body")]
    parent_page_types = ["home.GuidanceIndexPage"]
    subpage_types: list[str] = []
    template = "home/guidance_page.html"


class StandardPage(PublicPage):
    """Any other page, such as the privacy notice."""

    summary = models.CharField(max_length=250, blank=True, help_text=SUMMARY_HELP)
    body = StreamField(PageBody())
    is_in_footer = models.BooleanField("linked in the footer", default=False)

    content_panels = [*Page.content_panels, FieldPanel("summary"), FieldPanel("body")]
    promote_panels = [*Page.promote_panels, FieldPanel("is_in_footer")]
    search_fields = [*Page.search_fields, index.SearchField("summary"), index.SearchField("body")]
    parent_page_types = ["home.HomePage", "home.StandardPage"]
    subpage_types = ["home.StandardPage"]
    template = "home/standard_page.html"


class RegisterPage(PublicPage):
    """The words around the planning register. Its addresses are fixed (docs/decisions/register-urls.md)."""

    introduction = models.TextField(blank=True, help_text="Above the search, in a sentence or two.")
    help_text = RichTextField(blank=True, features=["bold", "link", "ol", "ul"], help_text="Under the results.")
    is_closed = models.BooleanField(
        "closed for now", default=False, help_text="The register shows only the message below, and when to come back."
    )
    closed_message = models.TextField(blank=True)

    content_panels = [
        *Page.content_panels,
        FieldPanel("introduction"),
        FieldPanel("help_text"),
        FieldPanel("is_closed"),
        FieldPanel("closed_message"),
    ]
    search_fields = [*Page.search_fields, index.SearchField("introduction")]
    parent_page_types = ["home.HomePage"]
    subpage_types: list[str] = []
    max_count_per_parent = 1
    template = "home/register/list.html"

    def get_url_parts(self, request: HttpRequest | None = None):
        """The register answers at one address, whatever slug the page has."""
        parts = super().get_url_parts(request)
        return parts and (parts[0], parts[1], reverse("register"))
