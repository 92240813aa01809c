"""The program that draws SVG: a picture of the page, from a drawing in which nothing can run or be fetched.

Started by copying.py, as cleaning.py is; `python -m cases.documents.clean_copies.drawings`. WeasyPrint, which writes
our notices, sets the drawing on a page, PDFium makes the picture of it. Letters are drawn with fonts that are opened
when they are met, so that this process cannot give up opening files for good; instead
- of the drawing only what draws is kept: no script, no page inside, no style sheet or picture from elsewhere;
- nothing but data: is ever fetched;
- once it has begun, Python itself opens no file, no connection and no other program (`_close_the_doors`).
"""

import base64
import io
import json
import logging
import math
import re
import sys
from typing import IO, Any
from xml.etree.ElementTree import Element, tostring

import pypdfium2
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring
from PIL import Image
from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher

from cases.documents.rebuilding.pictures import MOST_PIXELS
from cases.files.reader.limits import shut_most

MOST_BYTES = 20 * 1024 * 1024  # of the SVG
MOST_PARTS, MOST_DEPTH = 300_000, 200
MOST_COPIES = 5_000  # of parts by <use>; within them no further ones
DPI = 200
SVG = "{http://www.w3.org/2000/svg}"
HREFS = ("href", "{http://www.w3.org/1999/xlink}href")
RUNS_OR_FETCHES = {"script", "foreignObject", "iframe", "audio", "video", "animate", "animateMotion",
                   "animateTransform", "set", "metadata", "handler", "listener"}  # fmt: skip
INSIDE = re.compile(r"#|data:image/(?:png|jpeg|gif|webp);base64,", re.IGNORECASE)
FETCHED_BY_STYLE = re.compile(r"@import[^;]*;?|url\(\s*(?!['\"]?#)[^)]*\)|@font-face\s*{[^}]*}", re.IGNORECASE)
POINTS = {"": 0.75, "px": 0.75, "pt": 1.0, "mm": 72 / 25.4, "cm": 720 / 25.4, "in": 72.0, "pc": 12.0, "q": 18 / 25.4}
LENGTH = re.compile(r"\s*([0-9.]+(?:e[+-]?\d+)?)\s*([a-z]*)\s*", re.IGNORECASE)
LEAST_POINTS, MOST_POINTS, USUAL = 10.0, 14_000.0, (595.0, 842.0)
DAMAGED = "The SVG drawing is damaged and cannot be opened. Save it as PDF, and send that."
TOO_MUCH = "The SVG drawing holds entities, or far more than a drawing needs. Save it as PDF, and send that."


class CannotDraw(Exception):
    """`str()` is a sentence for whoever sent the drawing."""


def harmless(source: IO[bytes]) -> Element:
    """The drawing without what could run or be fetched. Raises CannotDraw."""
    data = source.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise CannotDraw(TOO_MUCH)
    try:
        root = fromstring(data)
    except DefusedXmlException as error:
        raise CannotDraw(TOO_MUCH) from error
    except (ParseError, ValueError, LookupError) as error:
        raise CannotDraw(DAMAGED) from error
    if root.tag not in (f"{SVG}svg", "svg"):
        raise CannotDraw(DAMAGED)
    _take_out(root)
    return root


def _take_out(root: Element) -> None:
    waiting, parts, copies = [(root, 1)], 0, 0
    while waiting:
        element, depth = waiting.pop()
        parts, copies = parts + 1, copies + (_name(element) == "use")
        if depth > MOST_DEPTH or parts > MOST_PARTS or copies > MOST_COPIES:
            raise CannotDraw(TOO_MUCH)
        _take_out_attributes(element)
        if _name(element) == "style":
            element.text = FETCHED_BY_STYLE.sub("", element.text or "")
        for child in list(element):
            if not isinstance(child.tag, str) or _name(child) in RUNS_OR_FETCHES or _is_from_elsewhere(child):
                element.remove(child)
            else:
                waiting.append((child, depth + 1))
    _refuse_copies_of_copies(root)


def _is_from_elsewhere(element: Element) -> bool:
    """A picture or a part that lies outside the file. A link only waits, and its words are drawn."""
    links = [element.attrib[key] for key in HREFS if key in element.attrib]
    needs_one = _name(element) in {"image", "use", "feImage"}
    return needs_one and not (links and all(INSIDE.match(link.strip()) for link in links))


def _take_out_attributes(element: Element) -> None:
    for key, value in list(element.attrib.items()):
        if key.lower().startswith("on") or (key in HREFS and not INSIDE.match(value.strip())):
            del element.attrib[key]
        elif key not in HREFS:
            element.attrib[key] = FETCHED_BY_STYLE.sub("", value)


def _refuse_copies_of_copies(root: Element) -> None:
    """A hundred copies of a hundred copies, a few times over, is a bomb without entities. Three deep is enough."""
    by_id = {element.get("id"): element for element in root.iter() if element.get("id")}
    depths: dict[str, int] = {}

    def depth_of(name: str, above: frozenset[str]) -> int:
        if name in above or len(above) > 3:
            raise CannotDraw(TOO_MUCH)
        if name not in depths and (target := by_id.get(name)) is not None:
            depths[name] = 1 + max((depth_of(one, above | {name}) for one in _used_in(target)), default=0)
        return depths.get(name, 0)

    if any(depth_of(name, frozenset()) > 3 for name in _used_in(root)):
        raise CannotDraw(TOO_MUCH)


def _used_in(element: Element) -> set[str]:
    uses = (one for one in element.iter() if _name(one) == "use")
    return {value[1:] for one in uses for key in HREFS if (value := one.get(key, "")).startswith("#")}


def _name(element: Element) -> str:
    return element.tag.rsplit("}", 1)[-1] if isinstance(element.tag, str) else ""


def size_of(root: Element) -> tuple[float, float]:
    """Points: what the drawing says, else the shape of its view box, else A4."""
    width, height = _points(root.get("width")), _points(root.get("height"))
    if not (width and height):
        box = [float(number) for number in re.findall(r"-?[0-9.]+", root.get("viewBox", ""))[2:4]] or [0.0, 0.0]
        width, height = (side * POINTS["px"] for side in box) if len(box) == 2 and all(box) else USUAL
    scale = min(1.0, MOST_POINTS / max(width, height))
    return max(width * scale, LEAST_POINTS), max(height * scale, LEAST_POINTS)


def _points(length: str | None) -> float:
    match = LENGTH.fullmatch(length or "")
    try:
        return float(match[1]) * POINTS.get(match[2].lower(), 0.0) if match else 0.0
    except ValueError:
        return 0.0


def draw(root: Element) -> Any:
    """The picture of the drawing, on white."""
    width, height = size_of(root)
    if "viewBox" not in root.attrib and root.get("width") and root.get("height"):
        root.set("viewBox", f"0 0 {width / POINTS['px']} {height / POINTS['px']}")
    root.set("width", f"{width}pt")
    root.set("height", f"{height}pt")
    pdf = _written(tostring(root), width=width, height=height)
    page = pypdfium2.PdfDocument(pdf)[0]
    scale = min(DPI / 72, math.sqrt(MOST_PIXELS / (width * height)))
    return page.render(scale=scale).to_pil().convert("RGB")


def _written(svg: bytes, *, width: float, height: float) -> Any:
    fonts = FontConfiguration()
    sheet = (
        f"@page {{ size: {width}pt {height}pt; margin: 0 }} body {{ margin: 0 }} "
        f"img {{ display: block; width: {width}pt; height: {height}pt }}"
    )
    image = f'<img src="data:image/svg+xml;base64,{base64.b64encode(svg).decode()}">'
    page = HTML(string=image, base_url=None, url_fetcher=URLFetcher(allowed_protocols=["data"]))
    logging.getLogger("weasyprint").addFilter(_refuse_faults)
    return page.write_pdf(stylesheets=[CSS(string=sheet, font_config=fonts)], font_config=fonts)


def _refuse_faults(fault: logging.LogRecord) -> bool:
    """A picture that cannot be drawn is only logged, and its place left white."""
    if fault.levelno >= logging.ERROR:
        raise CannotDraw(DAMAGED)
    return False


def _close_the_doors() -> None:
    """From here on Python opens no file, no connection and no program, whatever the drawing talks a library into."""
    refused = ("open", "socket.", "subprocess.", "os.exec", "os.fork", "os.posix_spawn", "os.system", "ctypes.dlopen")

    def refuse(event: str, arguments: tuple) -> None:
        if event.startswith(refused):
            raise PermissionError(event)

    sys.addaudithook(refuse)


def main() -> None:
    asked = json.load(sys.stdin)
    with open(asked["source"], "rb") as source, open(asked["out"], "w+b") as out:
        shut_most(most_written=asked["most_written"])
        Image.init()
        warm_up = fromstring('<svg xmlns="http://www.w3.org/2000/svg"><text x="1" y="9">a</text></svg>')
        draw(warm_up).save(io.BytesIO(), "PNG")  # loads what is loaded when it is first needed
        _close_the_doors()
        try:
            draw(harmless(source)).save(out, "PNG")
            answer = {"mime_type": "image/png"}
        except CannotDraw as error:
            answer = {"error": str(error)}
        except Exception:
            answer = {"error": DAMAGED}
    json.dump(answer, sys.stdout)
