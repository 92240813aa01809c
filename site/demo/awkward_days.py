"""Moments at which rules about days go wrong, on the clocks of England: the demonstration must load as of each."""

# Which → what is awkward about it.
AWKWARD = {
    "2026-11-30T10:00": "a Monday: yesterday nobody worked",
    "2026-12-01T10:00": "a Tuesday",
    "2026-12-02T10:00": "a Wednesday",
    "2026-12-03T10:00": "a Thursday",
    "2026-12-04T10:00": "a Friday: tomorrow nobody works",
    "2026-12-05T10:00": "a Saturday",
    "2026-12-06T10:00": "a Sunday",
    "2026-12-24T10:00": "Christmas Eve, before four days without work",
    "2026-12-25T10:00": "Christmas Day",
    "2026-12-26T10:00": "Boxing Day on a Saturday, with a substitute",
    "2026-12-27T10:00": "a Sunday between holidays",
    "2026-12-28T10:00": "the substitute bank holiday for Boxing Day",
    "2027-01-01T10:00": "New Year's Day",
    "2027-03-26T10:00": "Good Friday",
    "2027-03-27T10:00": "the Saturday before Easter",
    "2027-03-28T10:00": "Easter Sunday",
    "2027-03-29T10:00": "Easter Monday",
    "2027-03-28T00:30": "half an hour before summer time begins",
    "2027-03-28T23:30": "the end of a day of 23 hours",
    "2027-10-31T00:30": "before the hour that comes twice",
    "2027-10-31T23:30": "the end of a day of 25 hours",
    "2028-02-29T10:00": "29 February",
    "2027-01-31T10:00": "the end of January: there is no such day in February",
    "2027-02-28T10:00": "the end of February",
    "2027-04-30T10:00": "the end of April",
    "2027-05-31T10:00": "the end of May, a bank holiday",
    "2027-06-30T10:00": "the end of June, in summer time",
    "2027-09-30T10:00": "the end of September",
    "2026-12-09T16:59": "a minute before the office closes",
    "2026-12-09T17:01": "a minute after the office has closed",
}
# The six that every run of the tests tries; `make calendar` tries them all.
MOST_AWKWARD = (
    "2026-12-06T10:00",
    "2026-12-28T10:00",
    "2027-01-01T10:00",
    "2027-03-28T00:30",
    "2027-10-31T23:30",
    "2028-02-29T10:00",
)
# As of these, `make calendar` runs all of the tests.
WHOLE_SUITE = ("2026-12-26T10:00", "2027-10-31T00:30", "2028-02-29T23:00")
