"""A visitor who opens every public address there is, follows every link, unpacks every file and reads all of it."""

import io
import json
import re
import zipfile
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from itertools import product
from typing import Any
from urllib.parse import quote, unquote, urldefrag, urljoin

from django.test import Client
from django.urls import Resolver404, resolve
from pypdf import PdfReader

from tests.addresses import Address, all_addresses

QUERIES_OF_ONE_PAGE = 15  # a list has no end of sorts and filters
NEVER = ("/static/", "/admin/")


@dataclass
class Read:
    status: int
    view_name: str
    texts: list[str]

    @property
    def text(self) -> str:
        return "\n".join(self.texts)


@dataclass
class Crawl:
    """`values` says what can stand in an address for each of its parameters: name → values."""

    visitor: Client
    host: str
    values: dict[str, list[Any]]
    read: dict[str, Read] = field(default_factory=dict)

    def everything(self, names: set[str], *starts: str) -> "Crawl":
        """Open the addresses of these names, `starts`, what the API's description lists, and all that they link to."""
        self.visitor.raise_request_exception = False  # read as a visitor would; a test says that nothing failed
        waiting = deque([*starts, *self.addresses_of(names), *self.addresses_of_api()])
        queries: Counter[str] = Counter()
        while waiting:
            address = waiting.popleft()
            path, _, query = address.partition("?")
            if address in self.read or path.startswith(NEVER):
                continue
            if query and address not in starts:
                queries[path] += 1
                if queries[path] > QUERIES_OF_ONE_PAGE:
                    continue
            waiting.extend(self.open(address))
        return self

    @property
    def reached(self) -> set[str]:
        """Names of the addresses that answered with something."""
        return {read.view_name for read in self.read.values() if read.status == 200}

    def open(self, address: str) -> list[str]:
        """Read one address; returns the addresses that it names."""
        answer = self.visitor.get(address)
        content = b"".join(answer.streaming_content) if answer.streaming else answer.content
        kind = answer.headers.get("Content-Type", "")
        texts = [str(answer.headers), *texts_in(content)]
        path = address.partition("?")[0]
        self.read[address] = Read(answer.status_code, name_of(path), texts)
        if kind.startswith(("image/", "text/css", "text/javascript")):
            return []
        found = links_in(texts[1] if len(texts) > 1 else "", self.host)
        if "Location" in answer.headers:
            found.append(answer.headers["Location"])
        return [one for link in found if (one := self._ours(urljoin(f"http://{self.host}{path}", link)))]

    def _ours(self, link: str) -> str:
        start = re.match(rf"https?://{re.escape(self.host)}(?::\d+)?(?=[/?]|$)", link)
        return (urldefrag(link[start.end() :]).url or "/") if start else ""

    def addresses_of(self, names: set[str]) -> Iterator[str]:
        """The addresses of these names with every value in their places; those with an unknown place are left out."""
        for address in all_addresses():
            if address.view_name in names and address.parameters <= set(self.values):
                yield from self._filled(address)

    def _filled(self, address: Address) -> Iterator[str]:
        parameters = sorted(address.parameters)
        for values in product(*(self.values[name] for name in parameters)):
            given = dict(zip(parameters, values, strict=True))
            yield "/" + filled(address.route, {name: quote(str(value)) for name, value in given.items()})

    def addresses_of_api(self) -> Iterator[str]:
        """Every GET of the API's own description that asks for no token."""
        described = json.loads(self.visitor.get("/api/openapi.json").content)
        for path, operations in described["paths"].items():
            asked = operations.get("get")
            if not asked or asked.get("security"):
                continue
            required = [one for one in asked.get("parameters", []) if one.get("required")]
            unknown = {one["name"] for one in required} - set(self.values)
            assert not unknown, f"{path}: say in the test what {unknown} can be"
            for values in product(*(self.values[one["name"]] for one in required)):
                given = dict(zip(required_names(required), values, strict=True))
                query = "&".join(
                    f"{n}={quote(str(given[n]))}" for n in (o["name"] for o in required if o["in"] == "query")
                )
                address = re.sub(r"\{(\w+)\}", lambda match, given=given: quote(str(given[match[1]])), path)
                yield f"{address}?{query}" if query else address


def required_names(parameters: list[dict]) -> list[str]:
    return [one["name"] for one in parameters]


def filled(route: str, given: dict[str, str]) -> str:
    """The route with what stands in its places; routes are Django's paths or regular expressions."""
    route = re.sub(r"\(\?P<(\w+)>(?:[^()]|\([^()]*\))*\)", lambda match: given[match[1]], route)
    route = re.sub(r"<(?:\w+:)?(\w+)>", lambda match: given[match[1]], route)
    return route.replace("^", "").replace("$", "").replace("\\", "")


def name_of(path: str) -> str:
    try:
        return resolve(unquote(path)).view_name
    except Resolver404:
        return ""


def texts_in(content: bytes) -> Iterator[str]:
    """What a file says: as it is, and what lies inside when it is a PDF or a ZIP."""
    yield content.decode(errors="replace")
    if content.startswith(b"%PDF"):
        reader = PdfReader(io.BytesIO(content))
        yield f"{reader.metadata} {reader.xmp_metadata and reader.xmp_metadata.rdf_root.toxml()}"
        yield from (page.extract_text() for page in reader.pages)
    elif content.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            for name in packed.namelist():
                yield f"{name} {packed.getinfo(name).comment!r}"
                yield from texts_in(packed.read(name))


def links_in(text: str, host: str) -> list[str]:
    """Addresses in links and forms, and every address of ours that is written out anywhere."""
    marked = re.findall(r'(?:href|src|action)="([^"]*)"', text)
    written = re.findall(rf'https?://{re.escape(host)}[^\s"\'<>,;\\)]*', text)
    return [unescape(link) for link in (*marked, *written) if link and not link.startswith(("data:", "mailto:"))]
