"""Every address of the installation, with what its parameters stand for: for tests that walk them all."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.apps import apps
from django.db.models import Model
from django.urls import URLPattern, URLResolver, get_resolver


@dataclass(frozen=True)
class Address:
    route: str
    name: str | None
    namespaces: tuple[str, ...]
    pattern: URLPattern

    @property
    def view_name(self) -> str:
        return ":".join([*self.namespaces, self.name or ""])

    @property
    def parameters(self) -> frozenset[str]:
        """Names of what stands between the slashes."""
        return frozenset(self.pattern.pattern.regex.groupindex) | frozenset(self.pattern.pattern.converters)

    @property
    def model(self) -> type[Model] | None:
        """The model of a generic view; of a modeladmin, by its name."""
        view = self.pattern.callback
        given = getattr(view, "view_initkwargs", {}).get("model")
        found = given or getattr(getattr(view, "view_class", None), "model", None)
        if not isinstance(found, type):  # a viewset's own property of that name
            found = None
        if found is None and self.name and "_modeladmin_" in self.name:
            app, model = self.name.split("_modeladmin_")[0].split("_", 1)
            found = apps.get_model(app, model)
        if found is None and self.namespaces and self.namespaces[0].startswith("wagtailsnippetchoosers_"):
            _, app, model = self.namespaces[0].split("_", 2)
            found = apps.get_model(app, model)
        return found


def all_addresses() -> list[Address]:
    return list(_walk(get_resolver(), "", ()))


def _walk(resolver: URLResolver, prefix: str, namespaces: tuple[str, ...]) -> Iterator[Address]:
    for entry in resolver.url_patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from _walk(entry, route, (*namespaces, entry.namespace) if entry.namespace else namespaces)
        else:
            yield Address(route, entry.name, namespaces, entry)
