"""Pages of a council's tree that the addresses outside it need."""

from accounts.models import LocalAuthority

from .models import GuidancePage, RegisterPage


def register_page_of(council: LocalAuthority) -> RegisterPage | None:
    """The live page with the words around the council's register; None where its site has none."""
    if council.site is None:
        return None
    return RegisterPage.objects.live().child_of(council.site.root_page).first()


def guidance_page_of(council: LocalAuthority, slug: str) -> GuidancePage | None:
    """The council's live guidance page with this slug; None where it has none (editors may delete it)."""
    if council.site is None:
        return None
    return GuidancePage.objects.live().descendant_of(council.site.root_page).filter(slug=slug).first()
