"""HTML → PDF: tagged, in English, and with nothing asked of the outside."""

import io
import logging
from threading import Thread
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from pypdf import PdfReader

from cases.jobs import child
from notices.printing.pdf import html_to_pdf

pytest.importorskip("weasyprint")


def reader(pdf: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(pdf))


def test_a_fragment_becomes_a_tagged_document():
    pdf = reader(
        html_to_pdf("<article class='notice'><h1>Decision</h1><p>Granted.</p></article>", title="Decision 26-1")
    )
    root = pdf.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"] is True or root["/MarkInfo"]["/Marked"].value
    assert root["/Lang"] == "en-GB"
    assert "/StructTreeRoot" in root
    assert pdf.metadata.title == "Decision 26-1"
    text = pdf.pages[0].extract_text()
    assert "Granted." in text
    assert "Page 1 of 1" in text
    assert "Decision 26-1" in text


def test_a_whole_document_keeps_its_own_title():
    pdf = reader(html_to_pdf("<!doctype html><html lang='en-GB'><title>Report</title><p>x</p></html>", title="Other"))
    assert pdf.metadata.title == "Report"


def test_pages_are_numbered():
    pdf = reader(html_to_pdf("<div class='notice'><div class='notice__break'></div><p>Two</p></div>", title="T"))
    assert [page.extract_text().strip()[-11:] for page in pdf.pages] == ["Page 1 of 2", "Page 2 of 2"]


@pytest.mark.parametrize("footer", ['"; } body { display: none } "', "a\\b", "two\nlines", "</style><script>"])
def test_the_footer_cannot_break_out(footer):
    pdf = reader(html_to_pdf("<p>Stays here</p>", title="T", footer=footer))
    assert "Stays here" in pdf.pages[0].extract_text()


def test_nothing_outside_is_opened(tmp_path, caplog):
    """Neither the network nor a file: a picture that is not in the document is simply not there."""
    asked: list[str] = []

    def application(environ, start_response):
        asked.append(environ["PATH_INFO"])
        start_response("200 OK", [])
        return [b""]

    class Quiet(WSGIRequestHandler):
        def log_message(self, *args):
            pass

    secret = tmp_path / "secret.txt"
    secret.write_text("TOP SECRET")
    with make_server("127.0.0.1", 0, application, handler_class=Quiet) as server, caplog.at_level(logging.CRITICAL):
        thread = Thread(target=server.serve_forever, args=[0.02], daemon=True)
        thread.start()
        address = f"http://127.0.0.1:{server.server_port}"
        html = (
            f'<img src="{address}/pixel.png" alt=""><link rel="stylesheet" href="{address}/x.css">'
            f'<style>@import "{address}/y.css"; body {{ background: url({address}/z.png) }}</style>'
            f'<a rel="attachment" href="file://{secret}">x</a><img src="file://{secret}" alt="">'
            "<p>Made all the same</p>"
        )
        pdf = html_to_pdf(html, title="T")
        server.shutdown()
        thread.join()
    assert asked == []
    assert b"TOP SECRET" not in pdf
    assert "Made all the same" in reader(pdf).pages[0].extract_text()


CRASHES_ONCE = """
import os, pathlib, signal, sys
been_here = pathlib.Path({marker!r})
if not been_here.exists():
    been_here.touch()
    os.kill(os.getpid(), signal.SIGSEGV)
"""


def test_a_writer_that_crashed_is_started_once_more(monkeypatch, tmp_path):
    crashes_once = CRASHES_ONCE.format(marker=str(tmp_path / "crashed"))
    monkeypatch.setattr(child, "PROGRAM", crashes_once + child.PROGRAM)
    assert html_to_pdf("<p>x</p>", title="x").startswith(b"%PDF")
    assert (tmp_path / "crashed").exists()
