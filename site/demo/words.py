"""What the officers of the demonstration write in their recommendations."""

from cases.statuses import Decision

SUMMARY = "The proposal accords with the development plan, and no other matter outweighs that."
SUMMARIES = {
    Decision.LDC_GRANTED: "The works keep every limit of the class and would have been lawful on the day of the "
    "application.",
    Decision.LDC_REFUSED: "The works exceed a limit of the class, so that planning permission would be needed.",
    Decision.REFUSED: "The harm to the living conditions of the neighbours is not outweighed by any benefit.",
    Decision.PA_NOT_REQUIRED: "No adjoining owner or occupier objected within the period.",
    Decision.PA_APPROVED: "A neighbour objected; the effect on the amenity of all adjoining premises is acceptable.",
    Decision.PA_REFUSED: "The extension would harm the amenity of the adjoining premises by loss of light.",
}
REASONS = {
    Decision.REFUSED: "By its depth, height and closeness to the boundary, the extension would overshadow the kitchen "
    "and garden of the neighbouring house and would be overbearing when seen from them, to the harm of its occupiers.",
    Decision.LDC_REFUSED: "The enlarged part would extend further beyond the rear wall of the original house than the "
    "limit of the class allows, as scaled from the proposed plan.",
    Decision.PA_REFUSED: "By its depth and height on the boundary the extension would harm the amenity of the "
    "adjoining premises by loss of daylight and outlook.",
}
BAD_FOR_NEIGHBOURS = (
    "The extension would stand 1.2 metres from the neighbour's kitchen window and rise well above a line drawn at 45 "
    "degrees from it. The loss of light and the sense of enclosure would be serious."
)
GOOD_FOR_NEIGHBOURS = "The proposal keeps to the scale and materials of the house and leaves enough space around it."
