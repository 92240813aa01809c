"""Prepares a case of many documents while its worker is killed, and weighs it: `make bench-documents`.

800 documents on one case (A0 scans among them), a real worker, ten SIGKILLs at moments chosen by chance. Prints the
most memory that worker and reading process ever held together, and whether anything was lost or made twice. Exit
status 1 over 300 MB or when something is missing. Needs Linux (/proc). The database bops_bench_preparing is its own.
"""

import argparse
import io
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(REPOSITORY / "site"), str(REPOSITORY)]
LIMIT_MB = 300
A0 = (9933, 14043)  # pixels at 300 dpi
LOOK_EVERY = 0.02  # seconds


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=800)
    parser.add_argument("--kills", type=int, default=10)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        set_environment(folder)
        import django  # after the environment is set

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0, interactive=False)
        application = empty_case()
        started = time.monotonic()
        number = add_documents(application, asked.documents)
        print(f"{number} documents added in {time.monotonic() - started:.0f} s", flush=True)
        started = time.monotonic()
        worker_mb, reader_mb = prepare_all(application, kills=asked.kills)
        print(f"prepared in {time.monotonic() - started:.0f} s, killed {asked.kills} times")
        print(f"most memory: worker {worker_mb} MB + reading process {reader_mb} MB = {worker_mb + reader_mb} MB")
        faults = what_is_wrong(application, number, Path(folder))
    for fault in faults:
        print(f"WRONG: {fault}")
    print("nothing lost, nothing twice" if not faults else "not whole")
    return 1 if faults or worker_mb + reader_mb >= LIMIT_MB else 0


def set_environment(folder: str) -> None:
    from config import local_postgres  # after the path is set

    os.environ |= {
        "BOPS_ENV": "demo",
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "LOG_LEVEL": "ERROR",
        "CASE_DOCUMENTS_ROOT": folder,
        "CLAMAV_ADDRESS": "",
        "PYTHONPATH": f"{REPOSITORY / 'site'}:{REPOSITORY}",
    }
    os.environ.setdefault("DATABASE_URL", local_postgres.database_url(name="bops_bench_preparing"))


def empty_case():
    """A case without documents, and a queue without tasks."""
    from django.core.management import call_command
    from django.utils import timezone
    from django_tasks_db.models import DBTaskResult

    from cases.models import Document, PlanningApplication
    from demo.bulk import load_imported
    from demo.loading import make_councils, make_people

    call_command("load_reference_data", verbosity=0)
    call_command("setup_roles", verbosity=0)
    people = make_people(make_councils())
    if not PlanningApplication.objects.exists():
        load_imported(people.authority, how_many=1, officers=[people.assessor], today=timezone.localdate())
    DBTaskResult.objects.all().delete()
    Document.objects.all().delete()
    return PlanningApplication.objects.first()


# --- Documents ------------------------------------------------------------------------------------------------------


def add_documents(application, number: int) -> int:
    from cases.documents.adding import add_imported_document

    for order, (name, content) in zip(range(number), documents(), strict=False):
        add_imported_document(
            application,
            file=io.BytesIO(content),
            name=name,
            title=f"{order:03d} {name}",
            received_on=date(2026, 6, 1),
            is_public=False,
        )
    return number


def documents() -> Iterator[tuple[str, bytes]]:
    """Large ones first, then drawings without end: one of ten a photograph, one of a hundred a report of 80 pages."""
    yield from large_scans()
    order = 0
    while True:
        order += 1
        if order % 100 == 0:
            yield f"Report {order}.pdf", text_pdf(80, f"Report {order}")
        elif order % 10 == 0:
            yield f"Photograph {order}.jpg", photograph(order)
        else:
            yield f"Drawing {order}.pdf", text_pdf(1 + order % 3, f"Drawing {order}")


def large_scans() -> Iterator[tuple[str, bytes]]:
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = None
    rough = Image.effect_noise((A0[0] // 8, A0[1] // 8), 80).resize(A0, Image.Resampling.BICUBIC)
    colour, lines = rough.convert("RGB"), rough.point(lambda value: 255 * (value > 128)).convert("1")
    for name, picture, kind, how in (
        ("A0 colour scan.jpg", colour, "JPEG", {"quality": 70}),
        ("A0 colour scan.pdf", colour, "PDF", {"resolution": 300, "quality": 70}),
        ("A0 line scan.pdf", lines, "PDF", {"resolution": 300}),
        ("A0 grey scan.png", rough, "PNG", {"compress_level": 1}),
        ("A0 line scan.tif", lines, "TIFF", {"compression": "group4"}),
    ):
        out = io.BytesIO()
        picture.save(out, kind, **how)
        yield name, out.getvalue()
    out = io.BytesIO()
    sheets = [rough.crop((0, 0, 2480, 3508)).rotate(turn).convert("RGB") for turn in range(40)]
    sheets[0].save(out, "PDF", resolution=300, save_all=True, append_images=sheets[1:], quality=60)
    yield "A4 scans, 40 pages.pdf", out.getvalue()


def photograph(order: int) -> bytes:
    from PIL import Image

    out = io.BytesIO()
    Image.effect_noise((500, 375), order % 200).convert("RGB").resize((4000, 3000)).save(out, "JPEG", quality=85)
    return out.getvalue()


def text_pdf(pages: int, words: str) -> bytes:
    import pypdf
    from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

    writer = pypdf.PdfWriter()
    font = DictionaryObject(
        {
            NameObject(f"/{key}"): NameObject(f"/{value}")
            for key, value in {"Type": "Font", "Subtype": "Type1", "BaseFont": "Helvetica"}.items()
        }
    )
    for number in range(pages):
        page = writer.add_blank_page(595, 842)
        lines = " ".join(
            f"1 0 0 1 60 {780 - 14 * row} Tm ({words}, page {number + 1}, line {row}) Tj" for row in range(50)
        )
        stream = DecodedStreamObject()
        stream.set_data(f"BT /F1 10 Tf {lines} ET".encode())
        page[NameObject("/Contents")] = writer._add_object(stream)
        page[NameObject("/Resources")] = DictionaryObject(
            {NameObject("/Font"): DictionaryObject({NameObject("/F1"): font})}
        )
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


# --- The worker -----------------------------------------------------------------------------------------------------


def prepare_all(application, *, kills: int) -> tuple[int, int]:
    """Run workers until all is prepared; the most MB that a worker and a reading process ever held."""
    from django.utils import timezone

    from cases.documents.preparing.task import PREPARING

    chance, most = random.Random(7), (0, 0)  # noqa: S311 - moments, not secrets
    for run in range(kills + 1):
        command = [
            sys.executable,
            str(REPOSITORY / "manage.py"),
            "db_worker",
            "--queue-name",
            "*",
            "--interval",
            "0.1",
            "--verbosity",
            "0",
        ]
        worker = subprocess.Popen(command, cwd=REPOSITORY)
        attempts, until = attempts_made(application), float("inf")
        while time.monotonic() < until and unprepared(application):
            if run < kills and until == float("inf") and attempts_made(application) > attempts:
                until = time.monotonic() + 3 * chance.random()  # it has begun: somewhere in the middle
            for _ in range(10):
                weight = weights(worker.pid)
                most = (max(most[0], weight[0]), max(most[1], weight[1]))
                time.sleep(LOOK_EVERY)
        worker.kill()
        worker.wait()
        application.documents.filter(prepared_at=None).update(prepare_due_at=timezone.now())  # its lease is over
        PREPARING.sweep()
    return most


def unprepared(application) -> int:
    return application.documents.filter(prepared_at=None).count()


def attempts_made(application) -> int:
    return sum(application.documents.values_list("prepare_attempts", flat=True))


def weights(pid: int) -> tuple[int, int]:
    """MB of a process and of the largest of its children, at their own highest so far."""
    children = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children += task.read_text().split()
        except OSError:
            continue
    readers = [int(child) for child in children if _is_reader(int(child))]
    return _highest(pid), max(map(_highest, readers), default=0)


def _is_reader(pid: int) -> bool:
    """Between its birth and its own program a process is still a picture of its parent."""
    try:
        return b"cases.files.reader" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def _highest(pid: int) -> int:
    try:
        found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    except OSError:
        return 0
    return int(found[1]) // 1024 if found else 0


def what_is_wrong(application, number: int, folder: Path) -> list[str]:
    from cases.models import DocumentPage

    rows = application.documents
    stored = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    known = {*rows.values_list("file", flat=True), *rows.values_list("thumbnail", flat=True)}
    known |= set(DocumentPage.objects.filter(document__application=application).values_list("preview", flat=True))
    known -= {""}
    faults = []
    if (there := rows.exclude(prepared_at=None).count()) != number:
        faults.append(f"{number - there} documents were not prepared")
    if stored - known:
        faults.append(f"{len(stored - known)} files belong to nothing")
    if known - stored:
        faults.append(f"{len(known - stored)} files are missing")
    for title, error in rows.exclude(prepare_error="").values_list("title", "prepare_error"):
        print(f"  {title}: {error}")
    pages = DocumentPage.objects.filter(document__application=application).count()
    again = rows.filter(prepare_attempts__gt=1).count()
    print(f"{there} documents, {pages} pages, {len(stored)} files; {again} documents were broken off and begun again")
    return faults


if __name__ == "__main__":
    sys.exit(main())
