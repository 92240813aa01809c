"""Every other page of the admin with a form, found by the addresses: what is typed there is kept and put back too."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.roles import ROLES
from cases.admin.typed import pages
from cases.models import TypedWords
from tests.addresses import all_addresses
from tests.forms import Form, read

pytestmark = pytest.mark.django_db
KEEP = "/admin/typed/keep/"
MARK = "Typed and not saved"
# Kept and listed under “what you typed and did not save”, to be copied, but not put back into the form by itself.
ONLY_KEPT = {
    "wagtailadmin_account": "Wagtail draws its forms in panels of its own",
}
NOT_KEPT = {
    "wagtailadmin_login": "nobody is signed in, and it asks for a password",
    "wagtailadmin_password_reset": "nobody is signed in",
}


def screens() -> dict[str, str]:
    """Name → address of each page of the admin that needs no number in its address."""
    found = [a for a in all_addresses() if a.route.startswith("admin/") and a.name and not a.parameters]
    return {a.view_name: reverse(a.view_name) for a in found if a.name not in {"wagtailadmin_logout", *NOT_KEPT}}


def to_type_into(html: str) -> list[Form]:
    return [
        form
        for form in read(html)[0]
        if form.method == "post" and "csrfmiddlewaretoken" in form.sent() and form.texts()
    ]


def test_on_every_page_with_a_form_the_words_are_there(make_user, authority, superuser, monkeypatch):
    monkeypatch.setattr(pages, "MOST_A_MINUTE", 1000)
    wrong, met = [], set()
    for user in (make_user("everything", *ROLES, authority=authority), superuser):
        client = Client()
        client.force_login(user)
        for name, address in screens().items():
            response = client.get(address)
            if name in met or response.status_code != 200 or "text/html" not in response.headers["Content-Type"]:
                continue
            page = response.content.decode()
            for form in to_type_into(page):
                met.add(name)
                if "data-typed-by" not in page:
                    wrong.append(f"{name}: nothing is kept")
                    continue
                wrong += lost(client, name, address, form)
    assert wrong == []
    assert len(met) > 15, sorted(met)


def lost(client: Client, name: str, address: str, form: Form) -> list[str]:
    TypedWords.objects.all().delete()
    data = form.sent() | {text: [MARK] for text in form.texts() if text in form.sent()}
    client.post(KEEP, data | {"typed_page": address, "typed_title": name})
    if MARK not in client.get(reverse("typed_words")).content.decode():
        return [f"{name}: not kept"]
    if name in ONLY_KEPT:
        return []
    again = client.get(f"{address}?put_back={TypedWords.objects.get().pk}").content.decode()
    there = [one.sent() for one in to_type_into(again)]
    put_back = any(all(one.get(text) == [MARK] for text in form.texts() if text in data) for one in there)
    return [] if put_back else [f"{name}: not put back: {form.texts()}"]
