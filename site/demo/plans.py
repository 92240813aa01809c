"""The drawings and the photograph that come with an application of the demonstration."""

import random
from collections.abc import Iterator

from .drawings import House, block_plan, elevations, floor_plan, location_plan, photograph
from .stories import Story

# Title, drawing number, types, name of the file, contents
Plan = tuple[str, str, list[str], str, bytes]


def plans_of(story: Story, chance: random.Random) -> Iterator[Plan]:
    """What came with the application, without what the story leaves out."""
    return (plan for plan in _all_plans(story, chance) if not set(plan[2]) & set(story.leaves_out))


def _all_plans(story: Story, chance: random.Random) -> Iterator[Plan]:
    site, job = story.place.line, story.job
    house = House.like(chance)
    as_picture = story.seed % 4 == 1
    plan = location_plan(site, f"{job}/01", chance)
    yield (
        "Location plan", f"{job}/01", ["locationPlan"],
        "location.png" if as_picture else "location.pdf", plan.as_png() if as_picture else plan.as_pdf(),
    )  # fmt: skip
    yield "Site photograph", "", ["photographs.existing"], "house.png", photograph(site, chance)
    if story.type_code in {"wtt.consent", "wtt.notice", "advertConsent", "ldc.existing"}:
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
