#!/usr/bin/env python3
"""Make static/build/ from the front-end packages in node_modules (npm ci brings them; see package.json).

GOV.UK Frontend's stylesheet names a typeface that only GOV.UK may use, and the crest of central government. Councils
may use neither: the typeface becomes the council's own (the custom property --council-font) and the crest goes. What
is left asks for no file by an absolute address, so that it can be served from anywhere.
"""

import json
import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
PACKAGES = REPOSITORY / "node_modules"
BUILD = REPOSITORY / "static" / "build"

# Pointing at files that are not here; Django's manifest storage would look for them.
SOURCE_MAP = re.compile(r"\n?(/\*[#@] sourceMappingURL=[^*]*\*/|//[#@] sourceMappingURL=\S+)\s*")
FONT_FACE = re.compile(r"@font-face\s*\{[^}]*\}")
GOVUK_ASSET = re.compile(r"url\([\"']?/assets/[^)]*\)")
GOVUK_FONT = re.compile(r"[\"']?GDS Transport[\"']?,\s*arial,\s*sans-serif", re.IGNORECASE)


def council_css(css: str) -> str:
    """GOV.UK Frontend's stylesheet as a council may serve it.

    Raises ValueError when a release has changed so much that something of GOV.UK's own would be left.
    """
    css = FONT_FACE.sub("", without_source_map(css))
    css = GOVUK_FONT.sub("var(--council-font,arial,sans-serif)", css)
    css = GOVUK_ASSET.sub("none", css)
    for left in ("GDS Transport", "/assets/"):
        if left in css:
            raise ValueError(f"GOV.UK Frontend has changed: {left!r} is still in its stylesheet.")
    return css


def build(packages: Path = PACKAGES, to: Path = BUILD) -> None:
    """Write the whole of static/build/ afresh; the old one goes only when the new one is ready."""
    fresh = to.with_name(f".{to.name}-new")
    shutil.rmtree(fresh, ignore_errors=True)
    govuk, leaflet = packages / "govuk-frontend", packages / "leaflet"
    write(fresh, govuk, "dist/govuk/govuk-frontend.min.css", council_css)
    write(fresh, govuk, "dist/govuk/govuk-frontend.min.js", without_source_map)
    write(fresh, leaflet, "dist/leaflet.css", without_source_map)
    write(fresh, leaflet, "dist/leaflet.js", without_source_map)
    shutil.copytree(leaflet / "dist" / "images", fresh / "leaflet" / "images")
    shutil.rmtree(to, ignore_errors=True)
    fresh.rename(to)


def write(build: Path, package: Path, name: str, change: Callable[[str], str]) -> None:
    """One file of a package, changed, under the package's short name and with its licence at the top."""
    source, about = package / name, json.loads((package / "package.json").read_text(encoding="utf-8"))
    banner = f"/* {about['name']} {about['version']}, {about['license']} licence */\n"
    file = build / package.name.removesuffix("-frontend") / source.name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(banner + change(source.read_text(encoding="utf-8")), encoding="utf-8")


def without_source_map(content: str) -> str:
    return SOURCE_MAP.sub("\n", content)


if __name__ == "__main__":
    try:
        build()
    except (FileNotFoundError, ValueError) as problem:
        sys.exit(f"static/build/ could not be made: {problem}")
