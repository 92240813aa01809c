"""Each council's part of Wagtail: the pages below its own site, and a collection for its pictures and documents."""

from wagtail.models import Collection

from .models import LocalAuthority


def collection_of(authority: LocalAuthority) -> Collection:
    """The council's collection, made when there is none yet."""
    if authority.collection is None:
        root = Collection.get_first_root_node() or Collection.add_root(name="Root")
        name = f"Website ({authority.code})"
        authority.collection = root.get_children().filter(name=name).first() or root.add_child(name=name)
        authority.save(update_fields=["collection"])
    return authority.collection


def make_collections() -> int:
    """A collection for every council that has none. Returns how many were made."""
    without = list(LocalAuthority.objects.filter(collection=None))
    for authority in without:
        collection_of(authority)
    return len(without)
