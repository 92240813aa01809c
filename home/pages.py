"""Pages of a council's tree that the addresses outside it need."""

from accounts.models import LocalAuthority

from .models import RegisterPage


def register_page_of(council: LocalAuthority) -> RegisterPage | None:
    """The live page with the words around the council's register; None where its site has none."""
    if council.site is None:
        return None
    return RegisterPage.objects.live().child_of(council.site.root_page).first()
