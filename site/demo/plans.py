"""The drawings and the photograph that come with an application of the demonstration."""

import random
from collections.abc import Iterator
from functools import cache

from .drawings import House, block_plan, elevations, floor_plan, location_plan, photograph
from .stories import Story

# Title, drawing number, types, name of the file, contents
Plan = tuple[str, str, list[str], str, bytes]


def plans_of(story: Story) -> list[Plan]:
    """What came with the application, without what the story leaves out."""
    plans = _all_plans(site=story.place.line, job=story.job, type_code=story.type_code, seed=story.seed)
    return [plan for plan in plans if not set(plan[2]) & set(story.leaves_out)]


@cache  # drawn once, however many days the stories are told as of
def _all_plans(*, site: str, job: str, type_code: str, seed: int) -> list[Plan]:
    return list(_draw(site, job, type_code, seed))


def _draw(site: str, job: str, type_code: str, seed: int) -> Iterator[Plan]:
    chance = random.Random(f"plans {seed}")
    house = House.like(chance)
    as_picture = seed % 4 == 1
    plan = location_plan(site, f"{job}/01", chance)
    yield (
        "Location plan",
        f"{job}/01",
        ["locationPlan"],
        "location.png" if as_picture else "location.pdf",
        plan.as_png() if as_picture else plan.as_pdf(),
    )
    yield "Site photograph", "", ["photographs.existing"], "house.png", photograph(site, chance)
    if type_code in {"wtt.consent", "wtt.notice", "advertConsent", "ldc.existing"}:
        return
    drawings = [
        ("Proposed block plan", "02", "sitePlan.proposed", block_plan(site, f"{job}/02", house)),
        ("Existing floor plan", "03", "floorPlan.existing", floor_plan(site, f"{job}/03", house, proposed=False)),
        ("Proposed floor plan", "04", "floorPlan.proposed", floor_plan(site, f"{job}/04", house, proposed=True)),
        ("Existing elevations", "05", "elevations.existing", elevations(site, f"{job}/05", house, proposed=False)),
        ("Proposed elevations", "06", "elevations.proposed", elevations(site, f"{job}/06", house, proposed=True)),
    ]
    for title, number, code, sheet in drawings:
        yield title, f"{job}/{number}", [code], f"{code}.pdf", sheet.as_pdf()
