"""The dates that planning law makes: pure rules, each with its citation.

Nothing here reads a clock, a database or the network. Everything is a calendar date; the one instant, the moment an
application was sent, becomes a date in `received_on`.

Three kinds of count must not be mixed up:

* determination periods count *calendar* days and stop for nothing (`statutory_expiry`);
* publicity counts calendar days but *passes over public holidays* (`publicity_ends_on`);
* office time counts *working* days (`add_working_days`).

DMPO is the Town and Country Planning (Development Management Procedure) (England) Order 2015, SI 2015/595;
GPDO the Town and Country Planning (General Permitted Development) (England) Order 2015, SI 2015/596;
TCPA the Town and Country Planning Act 1990.
"""

from collections.abc import Collection, Iterable
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from dateutil.easter import easter
from dateutil.relativedelta import MO, relativedelta
from govuk_bank_holidays.bank_holidays import BankHolidays

LONDON = ZoneInfo("Europe/London")
ONE_DAY = timedelta(days=1)
SATURDAY = 5


class AppealWindow(NamedTuple):
    """The first and the last day on which an appeal can be made."""

    opens_on: date
    closes_on: date


# --- Holidays and working days -------------------------------------------------------------------------------------


@cache
def _published_bank_holidays() -> dict[int, frozenset[date]]:
    """GOV.UK's list for England and Wales, year → dates, from the copy inside the package (never the network)."""
    events = BankHolidays(use_cached_holidays=True).get_holidays(division=BankHolidays.ENGLAND_AND_WALES)
    years = {event["date"].year for event in events}
    return {year: frozenset(event["date"] for event in events if event["date"].year == year) for year in years}


def _calculated_bank_holidays(year: int) -> frozenset[date]:
    """The usual bank holidays of England in a year that GOV.UK has not published in our copy.

    Banking and Financial Dealings Act 1971, Schedule 1, and the yearly proclamations as they have been since 1978. A
    holiday moved or added for one year alone (a jubilee, a funeral) cannot be calculated: pass it as an extra holiday.
    """
    easter_sunday = easter(year)
    return frozenset(
        {
            _substitute(date(year, 1, 1), relativedelta(weekday=MO)),
            easter_sunday - 2 * ONE_DAY,
            easter_sunday + ONE_DAY,
            date(year, 5, 1) + relativedelta(weekday=MO),
            date(year, 5, 31) + relativedelta(weekday=MO(-1)),
            date(year, 8, 31) + relativedelta(weekday=MO(-1)),
            # Side by side, the two pass each other's weekend days: Saturday → Monday and Sunday → Tuesday.
            _substitute(date(year, 12, 25), relativedelta(days=2)),
            _substitute(date(year, 12, 26), relativedelta(days=2)),
        }
    )


def _substitute(holiday: date, later: relativedelta) -> date:
    return holiday + later if holiday.weekday() >= SATURDAY else holiday


@cache
def _bank_holidays_of(year: int) -> frozenset[date]:
    return _published_bank_holidays().get(year) or _calculated_bank_holidays(year)


def bank_holidays(years: Iterable[int]) -> frozenset[date]:
    """Bank holidays of England in these years, on the days that GOV.UK publishes (with substitute days).

    Years beyond the published list (2012 to 2028 in the copy that govuk-bank-holidays 0.19 carries) are calculated.
    """
    return frozenset().union(*(_bank_holidays_of(year) for year in years))


def is_bank_holiday(day: date, *, extra_holidays: Collection[date] = ()) -> bool:
    return day in _bank_holidays_of(day.year) or day in extra_holidays


def is_public_holiday(day: date, *, extra_holidays: Collection[date] = ()) -> bool:
    """True on Christmas Day, Good Friday and bank holidays: the days that publicity periods pass over.

    SI 2018/119. Christmas Day counts in its own right also when it falls on a weekend and Monday is its substitute. For
    Boxing Day on a Saturday only the published substitute counts (2026: Monday 28 December); an authority that passes
    over 26 December too, as a strict reading of the 1971 Act allows, adds it as an extra holiday: longer is safe.
    """
    return (day.month, day.day) == (12, 25) or is_bank_holiday(day, extra_holidays=extra_holidays)


def is_working_day(day: date, *, extra_holidays: Collection[date] = ()) -> bool:
    """True from Monday to Friday, except on bank holidays."""
    return day.weekday() < SATURDAY and not is_bank_holiday(day, extra_holidays=extra_holidays)


def next_working_day(day: date, *, extra_holidays: Collection[date] = ()) -> date:
    """The first working day after `day`."""
    return add_working_days(day, 1, extra_holidays=extra_holidays)


def previous_working_day(day: date, *, extra_holidays: Collection[date] = ()) -> date:
    """The last working day before `day`."""
    return add_working_days(day, -1, extra_holidays=extra_holidays)


def add_working_days(day: date, n: int, *, extra_holidays: Collection[date] = ()) -> date:
    """The n-th working day after `day` (before it, when n is negative); `day` itself is not counted; n = 0 is `day`."""
    step = ONE_DAY if n > 0 else -ONE_DAY
    for _ in range(abs(n)):
        day += step
        while not is_working_day(day, extra_holidays=extra_holidays):
            day += step
    return day


def response_due(sent_on: date, working_days: int, *, extra_holidays: Collection[date] = ()) -> date:
    """The last day for an answer that is asked for within so many working days of the day on which it was sent.

    Day 1 is the working day after that day, whenever the words were drafted. For conditions to be met before work
    starts: "10 working days beginning with the day after the date on which the notice is given", SI 2018/566 reg. 2.
    """
    if working_days < 1:
        raise ValueError(f"An answer is given at least one working day, not {working_days}.")
    return add_working_days(sent_on, working_days, extra_holidays=extra_holidays)


# --- Receipt and validity ------------------------------------------------------------------------------------------


def received_on(
    submitted_at: datetime, *, closes_at: time = time(17, 0), extra_holidays: Collection[date] = ()
) -> date:
    """The day on which an application sent at this instant counts as received.

    Sent after the office has closed, or on a day that is not a working day: the next working day. `closes_at` is London
    time; an application that comes at that very minute is in time. DMPO arts 2 and 46 (electronic communications).

    Raises ValueError when `submitted_at` has no time zone, because then nobody knows what evening it was.
    """
    if submitted_at.tzinfo is None:
        raise ValueError("The moment of submission must have a time zone.")
    in_london = submitted_at.astimezone(LONDON)
    day = in_london.date()
    after_hours = in_london.time().replace(second=0, microsecond=0) > closes_at
    if after_hours or not is_working_day(day, extra_holidays=extra_holidays):
        return next_working_day(day, extra_holidays=extra_holidays)
    return day


def valid_from(*, received_on: date, items_received_on: Iterable[date] = ()) -> date:
    """The day from which the application is valid: when the *last* required item, the fee included, arrived.

    However late an officer looked at it: the clock runs from receipt, not from the check. DMPO arts 11 and 34(4).
    `items_received_on` are the days on which missing items came in.
    """
    return max([received_on, *items_received_on])


# --- The time to decide --------------------------------------------------------------------------------------------


def statutory_expiry(valid_from: date, *, period_days: int) -> date:
    """The last day of the determination period. Day 1 is the day after the valid application was received.

    Calendar days: no weekend and no bank holiday stops the clock. DMPO art. 34(2): 8 weeks are 56 days, 13 weeks 91, 16
    weeks (EIA) 112. GPDO Schedule 2 Part 1 para A.4: 42 days; Part 3 para W(11)(c): 56 days.
    """
    if period_days < 1:
        raise ValueError(f"A determination period is at least one day, not {period_days}.")
    return valid_from + timedelta(days=period_days)


def expiry(statutory: date, extensions: Iterable[date] = ()) -> date:
    """The day by which the decision is due: the statutory day or the latest day agreed in writing, whichever is later.

    DMPO art. 34(2)(c); GPDO art. 7(c) for prior approvals.
    """
    return max([statutory, *extensions])


def days_left(expires_on: date, today: date) -> int:
    """Calendar days from today to the last day: 0 on the last day itself, negative when the decision is late."""
    return (expires_on - today).days


def decided_in_time(decided_on: date, *, expires_on: date) -> bool:
    """True when the notice was issued on or before the last day, statutory or agreed."""
    return decided_on <= expires_on


def last_working_day_to_decide(expires_on: date, *, extra_holidays: Collection[date] = ()) -> date:
    """The last day on which the office is open to issue a decision in time: the expiry day or the one before it.

    The period itself is never moved by a weekend or a bank holiday, so officers need the earlier day.
    """
    if is_working_day(expires_on, extra_holidays=extra_holidays):
        return expires_on
    return previous_working_day(expires_on, extra_holidays=extra_holidays)


def may_proceed_from(expires_on: date) -> date:
    """The first day on which silence lets the work begin.

    Only for notifications and prior approvals with a default permission: GPDO Schedule 2 Part 1 para A.4(10) and Part 3
    para W(11)(c); TCPA s.211(3) for trees in conservation areas (six weeks).
    """
    return expires_on + ONE_DAY


# --- Publicity and consultation ------------------------------------------------------------------------------------


def publicity_ends_on(
    begins_on: date, *, days: int, skip_bank_holidays: bool = True, extra_holidays: Collection[date] = ()
) -> date:
    """The last day of a publicity period of so many days *beginning with* the day of display, service or publication.

    Public holidays are passed over (SI 2018/119), also those that the lengthened period runs into. Not so where an
    environmental statement comes with the application: pass `skip_bank_holidays=False`. DMPO arts 15, 18 and 33.
    """
    if days < 1:
        raise ValueError(f"A publicity period is at least one day, not {days}.")
    day, counted = begins_on - ONE_DAY, 0
    while counted < days:
        day += ONE_DAY
        if not (skip_bank_holidays and is_public_holiday(day, extra_holidays=extra_holidays)):
            counted += 1
    return day


def earliest_decision_on(publicity_ends: Iterable[date | None]) -> date | None:
    """The first day on which a decision is lawful: the day after the last period of publicity or consultation ended.

    None in `publicity_ends` stands for publicity that has not begun and sets no date; with no date at all there is no
    earliest day, and None comes back. DMPO art. 33.
    """
    ends = [end for end in publicity_ends if end is not None]
    return max(ends) + ONE_DAY if ends else None


def letters_served_on(posted_on: date, *, first_class: bool = True, extra_holidays: Collection[date] = ()) -> date:
    """The day on which posted letters count as served, which is day 1 of the neighbours' period.

    Interpretation Act 1978 s.7: the ordinary course of post, taken as the second working day after posting for first
    class and the fourth for second class.
    """
    return add_working_days(posted_on, 2 if first_class else 4, extra_holidays=extra_holidays)


def register_entry_due_on(event_on: date) -> date:
    """The last day for an entry on the planning register: within 14 days of receipt or decision. DMPO art. 40."""
    return event_on + timedelta(days=14)


# --- After the decision --------------------------------------------------------------------------------------------


def appeal_deadline(
    decided_on: date, *, days: int | None = None, weeks: int | None = None, months: int | None = None
) -> date:
    """The last day for an appeal against a notice of this date; exactly one of days, weeks and months must be given.

    DMPO art. 37: 12 weeks for householder and minor commercial refusals, six months otherwise. Control of
    Advertisements Regulations 2007: 8 weeks. Tree Preservation Regulations 2012: 28 days. Months end on the
    corresponding date, or on the last day of a shorter month (Dodds v Walker [1981] 1 WLR 1027). Certificates have no
    limit (TCPA s.195): do not ask.
    """
    if sum(limit is not None for limit in (days, weeks, months)) != 1:
        raise ValueError("An appeal limit is either days, weeks or months.")
    return decided_on + relativedelta(days=days or 0, weeks=weeks or 0, months=months or 0)


def non_determination_appeal_window(expires_on: date, *, months: int = 6) -> AppealWindow:
    """When the applicant can appeal because nothing was decided: from the day after the last day, for six months.

    `expires_on` is the agreed day where an extension was agreed. TCPA s.78(2); DMPO art. 37(2).
    """
    return AppealWindow(opens_on=expires_on + ONE_DAY, closes_on=expires_on + relativedelta(months=months))


def planning_guarantee_refund_after(valid_from: date, *, weeks: int) -> date:
    """The last day before the fee must be refunded for want of a decision (unless a longer time was agreed).

    Fees Regulations 2012 (SI 2012/2920) reg. 9A: 16 weeks, for major development 26.
    """
    return valid_from + timedelta(weeks=weeks)


def commencement_deadline(decided_on: date, *, years: int) -> date:
    """The last day to begin under a permission of so many years *beginning with* its date. TCPA s.91.

    Three years beginning with 27 July 2026 end on 26 July 2029.
    """
    anniversary = decided_on + relativedelta(years=years)
    if anniversary.day != decided_on.day:  # 29 February has no anniversary in this year: the period ends on the 28th
        return anniversary
    return anniversary - ONE_DAY
