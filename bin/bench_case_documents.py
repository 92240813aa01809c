"""Times the pages of a case with 800 documents, as an officer opens them: `make bench-case-documents`.

Builds a database of its own (bops_bench_documents) on the demonstration's server, with one case of 800 documents of
three pages each, then asks each address several times without any cache and prints the median, the 95th percentile,
the processor's time and the number of queries, beside the same pages of a case with 3 documents. The last line is
`worst: NAME, N ms`; exit status 1 when a median is over the limit or a number of queries grows with the documents.
Time in the view, without an HTTP server.
"""

import argparse
import statistics
import sys
import time
from datetime import date, timedelta
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(REPOSITORY / "site"), str(REPOSITORY), str(REPOSITORY / "bin")]

from bench_screens import database, make_council, sign_in  # noqa: E402 - after the path is set

LIMIT_MS = 500
MANY, FEW = 800, 3
PAGES = 3
TITLES = [
    "Proposed elevations",
    "Existing elevations",
    "Proposed ground floor plan",
    "Site location plan",
    "Design and access statement",
    "Flood risk assessment",
    "Tree survey and arboricultural method statement",
    "Section_A-A_proposed_through_rear_extension_FINAL_v2_revised_by_architect",
    "Photograph of the rear garden",
]
TYPES = ["elevations.proposed", "elevations.existing", "floorPlan.proposed", "locationPlan", "designAndAccessStatement"]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=21)
    rounds = parser.parse_args().rounds
    with database("bops_bench_documents"):
        import django  # after the environment is set

        django.setup()
        many, few = load()
        rows = [(name, *timed(many, address, rounds), queries(few, address)) for name, address in screens()]
    for name, median, slow, worked, number, number_few in rows:
        print(
            f"{name:31} median {median:5.0f} ms   p95 {slow:5.0f} ms   processor {worked:4.0f} ms   "
            f"{number:3} queries ({number_few} with {FEW})"
        )
    worst = max(rows, key=lambda row: row[1])
    grown = [name for name, _, _, _, number, number_few in rows if number > number_few]
    for name in grown:
        print(f"{name}: the number of queries grows with the documents")
    print(f"worst: {worst[0]}, {worst[1]:.0f} ms")
    return 0 if worst[1] <= LIMIT_MS and not grown else 1


def load():
    """The two cases, made once: (with 800 documents, with 3)."""
    from django.db import connection
    from django.test import Client

    people = make_council()
    cases = {number: case_with(number, people.authority) for number in (MANY, FEW)}
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    client = Client(HTTP_HOST="localhost")
    sign_in(client, "assessor@example.com")
    return (client, cases[MANY]), (client, cases[FEW])


def case_with(number: int, authority):
    from cases.models import Document, PlanningApplication
    from cases.models.application_type import ApplicationType
    from cases.statuses import Origin, Status

    reference = f"26-9{number:04}-HAPP"
    case = PlanningApplication.objects.filter(authority=authority, reference=reference).first()
    if case is None:
        case = PlanningApplication.objects.create(
            authority=authority,
            reference=reference,
            status=Status.NOT_STARTED,
            origin=Origin.SUBMITTED,
            application_type=ApplicationType.objects.get(code="pp.full.householder"),
            received_on=date(2026, 6, 1),
            description="Rear extension of a house",
            address=f"{number} Bench Street",
            postcode="HP9 2LX",
        )
    if missing := number - Document.objects.filter(application=case).count():
        print(f"Making {missing} documents", flush=True)
        make_documents(case, missing)
    return case


def make_documents(case, number: int) -> None:
    """Rows that share one file, one thumbnail and one preview: how large the files are does not matter here."""
    from django.core.files.base import ContentFile

    from cases.models import Document, DocumentPage

    picture = ContentFile(_jpeg())
    storage = Document._meta.get_field("file").storage
    shared = storage.save(f"{case.pk}/bench.jpg", picture)
    documents = Document.objects.bulk_create(
        Document(
            application=case,
            title=f"{TITLES[n % len(TITLES)]} {n + 1}",
            file=shared,
            thumbnail=shared,
            received_on=date(2026, 6, 1) + timedelta(days=n % 60),
            mime_type="application/pdf",
            size=1000,
            sha256=f"{n:064}",
            page_count=PAGES,
            active_content=[],
            original_name=f"{n}.pdf",
            drawing_number=f"A-{n:03}",
            revision="ABC"[n % 3],
            types=[TYPES[n % len(TYPES)]] if n % 3 else [],
            suggested_types=[] if n % 3 else [TYPES[0], TYPES[1]],
            public_status=("publish", "not_assessed", "not_assessed")[n % 3],
        )
        for n in range(number)
    )
    for older, newer in zip(documents[1:81:2], documents[2:82:2], strict=True) if number > 100 else ():
        Document.objects.filter(pk=older.pk).update(superseded_by=newer)
    words = "Proposed rear extension with brick walls, a slate roof and obscure glazing to the side window. " * 10
    DocumentPage.objects.bulk_create(
        DocumentPage(document=document, number=page, width=595, height=842, preview=shared, text=words)
        for document in documents
        for page in range(1, PAGES + 1)
    )


def _jpeg() -> bytes:
    import io

    from PIL import Image, ImageDraw

    picture = Image.new("RGB", (848, 1200), "white")
    pen = ImageDraw.Draw(picture)
    pen.rectangle((80, 120, 760, 900), outline="black", width=4)
    pen.line((80, 400, 420, 180, 760, 400), fill="black", width=4)
    out = io.BytesIO()
    picture.save(out, "JPEG")
    return out.getvalue()


def screens() -> list[tuple[str, str]]:
    page = "/admin/cases/{pk}/tasks/check_documents/"
    return [
        ("case page", "/admin/cases/{pk}/"),
        ("documents", page),
        ("documents, last page", f"{page}?p=99"),
        ("documents, filtered and sorted", f"{page}?group=drawings&public=publish&sort=number"),
        ("documents, words", f"{page}?q=obscure+glazing"),
    ]


def timed(client_and_case, address: str, rounds: int) -> tuple[float, float, float, int]:
    """(median ms, 95th percentile ms, median of the processor's ms, queries), nothing cached between the rounds."""
    from django.core.cache import cache

    client, case = client_and_case
    taken, worked = [], []
    for _ in range(rounds + 1):
        cache.clear()
        began, began_working = time.perf_counter(), time.process_time()
        response = client.get(address.format(pk=case.pk))
        taken.append((time.perf_counter() - began) * 1000)
        worked.append((time.process_time() - began_working) * 1000)
        if response.status_code != 200:
            raise SystemExit(f"{address} answered {response.status_code}")
    measured = taken[1:]  # the first compiles the templates
    slow = statistics.quantiles(measured, n=20, method="inclusive")[-1]
    return statistics.median(measured), slow, statistics.median(worked), queries(client_and_case, address)


def queries(client_and_case, address: str) -> int:
    from django.core.cache import cache
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client, case = client_and_case
    cache.clear()
    with CaptureQueriesContext(connection) as captured:
        client.get(address.format(pk=case.pk))
    return len(captured)


if __name__ == "__main__":
    sys.exit(main())
