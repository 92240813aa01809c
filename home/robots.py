"""What search engines may keep: the register's pages, but neither its search results nor its documents; and where."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe
from wagtail.contrib.sitemaps.views import sitemap as sitemap_of_pages

from accounts.public_address import public_url

from .council import council_of, council_or_404

# Documents are not listed here but answered with X-Robots-Tag: a crawler that may not look never sees the tag.
RULES = """User-agent: *
Disallow: /admin/
Disallow: /api/
Disallow: /planning-applications/?

Sitemap: {sitemap}
"""


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    rules = RULES.format(sitemap=public_url(council_of(request), reverse("sitemap")))
    return HttpResponse(rules, content_type="text/plain", headers={"Cache-Control": "public, max-age=3600"})


def sitemap(request: HttpRequest) -> HttpResponse:
    council_or_404(request)
    return sitemap_of_pages(request)
