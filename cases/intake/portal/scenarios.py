"""The Planning Portal's numbers of application forms → codes of application types."""

from decimal import Decimal

HOUSEHOLDER = "pp.full.householder"
MINOR, MAJOR = "pp.full.minor", "pp.full.major"
# DMPO 2015 art. 2(1): major development is ten dwellings, a thousand square metres or one hectare and more.
MAJOR_DWELLINGS, MAJOR_FLOOR_SQM, MAJOR_SITE_SQM = 10, 1_000, 10_000

FULL, AGRICULTURAL = 4, frozenset({16, 19})
LARGE_HOLDING_SQM = 50_000  # GPDO 2015 Sch. 2 Part 6: class A is for units of five hectares or more
TREES = 31
CODES = {
    1: HOUSEHOLDER, 2: "pp.full.demolition", 3: "pp.full.householder.listed", 5: "pp.outline.some",
    6: "pp.outline.all", 7: "pp.full.demolition", 8: "pp.full.minor.listed", 9: "pp.full.advertConsent",
    10: "pp.full.demolition", 11: "listed", 12: "advertConsent", 14: "ldc.existing", 15: "ldc.proposed",
    17: "pa.part6.classE", 20: "pa.part16.classA", 21: "hedgerowRemovalNotice", 22: "pa.part11.classB",
    23: "approval.reservedMatters", 25: "amendment.minorMaterial", 27: "approval.conditions",
    34: "amendment.nonMaterial", 40: "pa.part1.classA", 42: "pa.part3.classM", 44: "pa.part3.classQ",
    45: "pa.part3.classR", 46: "pa.part3.classS", 47: "pa.part3.classT", 50: "pa.part3.classN",
    51: "pa.part7.classC", 52: "pa.part14.classJ", 53: "pa.part4.classCA", 54: "pa.part4.classE",
    56: "pa.part20.classA", 57: "pa.part20.classAA", 58: "pa.part20.classAB", 59: "pa.part20.classAC",
    60: "pa.part20.classAD", 61: "pa.part1.classAA", 62: "pa.part20.classZA", 63: "pa.part7.classM",
    64: "pa.part3.classMA", 65: "pa.part3.classG", 66: "pa.part4.classBB", 67: "pa.part19.classTA",
    73: "pa.part14.classA", 74: "pa.part14.classB", 75: "pa.part14.classK", 76: "pa.part14.classOA",
}  # fmt: skip


def type_code(
    number: int, *, site_sqm: Decimal | None, floor_sqm: Decimal | None, dwellings: int, is_protected_tree: bool
) -> str:
    """The type of application of this form; empty when the number is not known here."""
    if number == FULL:
        is_major = (
            (site_sqm or 0) >= MAJOR_SITE_SQM or (floor_sqm or 0) >= MAJOR_FLOOR_SQM or dwellings >= MAJOR_DWELLINGS
        )
        return MAJOR if is_major else MINOR
    if number in AGRICULTURAL:
        return "pa.part6.classA" if (site_sqm or 0) >= LARGE_HOLDING_SQM else "pa.part6.classB"
    if number == TREES:
        return "wtt.consent" if is_protected_tree else "wtt.notice"
    return CODES.get(number, "")
