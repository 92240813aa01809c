"""The date rules. Tests A to N are the worked examples that planning officers know, in their own numbers."""

from datetime import UTC, date, datetime, time, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.law import deadlines
from cases.law.deadlines import AppealWindow

WEEKS_8, WEEKS_13, WEEKS_16 = 56, 91, 112

days_to_come = st.dates(min_value=date(2013, 1, 1), max_value=date(2040, 12, 31))
periods = st.integers(min_value=1, max_value=150)


# --- The worked examples -------------------------------------------------------------------------------------------


def test_a_householder_application_sent_on_a_friday_evening():
    sent = datetime(2026, 5, 29, 18, 40, tzinfo=deadlines.LONDON)

    received = deadlines.received_on(sent)
    valid = deadlines.valid_from(received_on=received)

    assert received == valid == date(2026, 6, 1)
    assert deadlines.statutory_expiry(valid, period_days=WEEKS_8) == date(2026, 7, 27)
    assert deadlines.statutory_expiry(valid, period_days=WEEKS_13) == date(2026, 8, 31), "a bank holiday counts"
    assert deadlines.statutory_expiry(valid, period_days=WEEKS_16) == date(2026, 9, 21)


def test_b_missing_plan_moves_the_start_but_a_late_check_does_not():
    valid = deadlines.valid_from(received_on=date(2026, 6, 1), items_received_on=[date(2026, 6, 19)])

    assert valid == date(2026, 6, 19)
    assert deadlines.statutory_expiry(valid, period_days=WEEKS_8) == date(2026, 8, 14)


def test_c_letters_served_on_a_monday():
    ends = deadlines.publicity_ends_on(date(2026, 6, 8), days=21)

    assert ends == date(2026, 6, 28)
    assert deadlines.earliest_decision_on([ends]) == date(2026, 6, 29)


def test_d_a_period_that_christmas_pushes_into_new_years_day():
    served = date(2026, 12, 10)

    assert deadlines.publicity_ends_on(served, days=21) == date(2027, 1, 2), "a single pass would stop on 1 January"
    assert deadlines.publicity_ends_on(served, days=21, extra_holidays=[date(2026, 12, 26)]) == date(2027, 1, 3)


def test_e_site_notice_over_easter():
    assert deadlines.publicity_ends_on(date(2026, 3, 20), days=21) == date(2026, 4, 11)


def test_f_notice_over_the_spring_bank_holiday():
    assert deadlines.publicity_ends_on(date(2026, 5, 11), days=21) == date(2026, 6, 1)


def test_g_notice_of_an_environmental_statement_skips_nothing():
    assert deadlines.publicity_ends_on(date(2026, 12, 10), days=30, skip_bank_holidays=False) == date(2027, 1, 8)


def test_h_larger_home_extension_received_in_december():
    last_day = deadlines.statutory_expiry(date(2026, 12, 10), period_days=42)

    assert last_day == date(2027, 1, 21)
    assert deadlines.may_proceed_from(last_day) == date(2027, 1, 22)


def test_i_non_material_amendment_and_tree_notice():
    valid = date(2026, 6, 1)

    assert deadlines.statutory_expiry(valid, period_days=28) == date(2026, 6, 29)
    assert deadlines.statutory_expiry(valid, period_days=42) == date(2026, 7, 13)
    assert deadlines.may_proceed_from(date(2026, 7, 13)) == date(2026, 7, 14)


def test_j_appeals_against_a_notice_of_27_july():
    decided = date(2026, 7, 27)

    assert deadlines.appeal_deadline(decided, weeks=12) == date(2026, 10, 19)
    assert deadlines.appeal_deadline(decided, months=6) == date(2027, 1, 27)
    assert deadlines.appeal_deadline(decided, weeks=8) == date(2026, 9, 21)


def test_k_nothing_decided():
    window = deadlines.non_determination_appeal_window(date(2026, 7, 27))

    assert window == AppealWindow(opens_on=date(2026, 7, 28), closes_on=date(2027, 1, 27))
    assert deadlines.planning_guarantee_refund_after(date(2026, 6, 1), weeks=16) == date(2026, 9, 21)


def test_l_extension_of_time():
    due = deadlines.expiry(date(2026, 7, 27), [date(2026, 9, 30)])

    assert due == date(2026, 9, 30)
    assert deadlines.decided_in_time(date(2026, 9, 30), expires_on=due)
    assert not deadlines.decided_in_time(date(2026, 10, 1), expires_on=due)
    assert deadlines.non_determination_appeal_window(due).closes_on == date(2027, 3, 30)


def test_m_three_years_beginning_with_the_date_of_the_permission():
    assert deadlines.commencement_deadline(date(2026, 7, 27), years=3) == date(2029, 7, 26)


def test_n_expiry_on_a_bank_holiday_monday():
    due = deadlines.statutory_expiry(date(2026, 11, 2), period_days=WEEKS_8)

    assert due == date(2026, 12, 28)
    assert deadlines.last_working_day_to_decide(due) == date(2026, 12, 24)


# --- Bank holidays -------------------------------------------------------------------------------------------------


def test_bank_holidays_of_2026_are_the_published_ones():
    assert sorted(deadlines.bank_holidays([2026])) == [
        date(2026, 1, 1),
        date(2026, 4, 3),
        date(2026, 4, 6),
        date(2026, 5, 4),
        date(2026, 5, 25),
        date(2026, 8, 31),
        date(2026, 12, 25),
        date(2026, 12, 28),
    ]


def test_one_off_holidays_come_from_the_published_list():
    assert date(2022, 9, 19) in deadlines.bank_holidays([2022]), "the late Queen's funeral"
    assert {date(2020, 5, 4), date(2020, 5, 8)} & deadlines.bank_holidays([2020]) == {date(2020, 5, 8)}, "VE Day"


@pytest.mark.parametrize("year", [year for year in range(2013, 2029) if year not in (2020, 2022, 2023)])
def test_calculated_holidays_agree_with_every_ordinary_published_year(year):
    assert deadlines._calculated_bank_holidays(year) == deadlines._published_bank_holidays()[year]


def test_years_after_the_published_list_are_calculated():
    # Christmas 2033 falls on a Sunday: Monday is Boxing Day, Tuesday the substitute for Christmas.
    easter, christmas = {date(2033, 4, 15), date(2033, 4, 18)}, {date(2033, 12, 26), date(2033, 12, 27)}
    assert easter | christmas < deadlines.bank_holidays([2033])
    assert len(deadlines.bank_holidays(range(2029, 2039))) == 80


def test_bank_holidays_of_no_year_are_none():
    assert deadlines.bank_holidays([]) == frozenset()


def test_christmas_day_on_a_saturday_is_a_public_holiday_and_so_are_its_substitutes():
    assert date(2027, 12, 25).weekday() == deadlines.SATURDAY
    assert all(deadlines.is_public_holiday(date(2027, 12, day)) for day in (25, 27, 28))
    assert not deadlines.is_public_holiday(date(2027, 12, 26)), "Boxing Day on a Sunday is moved"


def test_good_friday_is_no_working_day():
    assert not deadlines.is_working_day(date(2026, 4, 3))
    assert deadlines.next_working_day(date(2026, 4, 2)) == date(2026, 4, 7)
    assert deadlines.previous_working_day(date(2026, 4, 7)) == date(2026, 4, 2)


def test_extra_holiday_is_believed():
    coronation = date(2031, 6, 3)

    assert deadlines.is_working_day(coronation)
    assert not deadlines.is_working_day(coronation, extra_holidays=[coronation])
    assert deadlines.next_working_day(date(2031, 6, 2), extra_holidays=[coronation]) == date(2031, 6, 4)


def test_working_days_forward_back_and_none():
    friday = date(2026, 11, 6)

    assert deadlines.add_working_days(friday, 1) == date(2026, 11, 9)
    assert deadlines.add_working_days(friday, 10) == date(2026, 11, 20)
    assert deadlines.add_working_days(date(2026, 11, 9), -1) == friday
    assert deadlines.add_working_days(date(2026, 11, 7), 0) == date(2026, 11, 7)


# --- Receipt -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent", "received"),
    [
        (datetime(2026, 11, 4, 0, 1), date(2026, 11, 4)),
        (datetime(2026, 11, 4, 17, 0, 59), date(2026, 11, 4)),
        (datetime(2026, 11, 4, 17, 1), date(2026, 11, 5)),
        (datetime(2026, 11, 6, 17, 1), date(2026, 11, 9)),
        (datetime(2026, 11, 7, 9, 0), date(2026, 11, 9)),
        (datetime(2026, 12, 24, 20, 0), date(2026, 12, 29)),
    ],
    ids=["before opening", "at closing time", "after hours", "Friday evening", "Saturday", "Christmas Eve"],
)
def test_received_on(sent, received):
    assert deadlines.received_on(sent.replace(tzinfo=deadlines.LONDON)) == received


def test_received_on_is_london_time_in_summer():
    half_past_four_utc = datetime(2026, 7, 1, 16, 30, tzinfo=UTC)

    assert deadlines.received_on(half_past_four_utc) == date(2026, 7, 2), "17:30 in London"
    assert deadlines.received_on(half_past_four_utc, closes_at=time(17, 30)) == date(2026, 7, 1)


def test_received_on_takes_the_day_in_london_and_not_the_senders():
    tokyo_morning = datetime(2026, 11, 5, 8, 0, tzinfo=timezone(timedelta(hours=9)))

    assert deadlines.received_on(tokyo_morning) == date(2026, 11, 5), "23:00 on the 4th in London, after hours"


def test_received_on_refuses_a_moment_without_a_time_zone():
    with pytest.raises(ValueError, match="time zone"):
        deadlines.received_on(datetime(2026, 5, 29, 18, 40))


# --- Other rules ---------------------------------------------------------------------------------------------------


def test_the_last_item_counts_and_an_early_one_does_not_move_the_start_back():
    items = [date(2026, 6, 5), date(2026, 6, 19), date(2026, 5, 20)]

    assert deadlines.valid_from(received_on=date(2026, 6, 1), items_received_on=items) == date(2026, 6, 19)
    assert deadlines.valid_from(received_on=date(2026, 6, 1), items_received_on=[date(2026, 5, 20)]) == date(2026, 6, 1)


def test_the_latest_extension_counts_and_an_earlier_one_shortens_nothing():
    statutory = date(2026, 7, 27)

    assert deadlines.expiry(statutory) == statutory
    assert deadlines.expiry(statutory, [date(2026, 7, 1)]) == statutory
    assert deadlines.expiry(statutory, [date(2026, 10, 30), date(2026, 9, 30)]) == date(2026, 10, 30)


def test_days_left():
    due = date(2026, 7, 27)

    assert deadlines.days_left(due, date(2026, 7, 20)) == 7
    assert deadlines.days_left(due, due) == 0
    assert deadlines.days_left(due, date(2026, 7, 30)) == -3


def test_earliest_decision_waits_for_the_last_period():
    assert deadlines.earliest_decision_on([date(2026, 6, 28), None, date(2026, 7, 2)]) == date(2026, 7, 3)
    assert deadlines.earliest_decision_on([None]) is None
    assert deadlines.earliest_decision_on([]) is None


def test_letters_are_served_on_the_second_or_fourth_working_day():
    thursday = date(2026, 6, 4)

    assert deadlines.letters_served_on(thursday) == date(2026, 6, 8)
    assert deadlines.letters_served_on(thursday, first_class=False) == date(2026, 6, 10)
    assert deadlines.letters_served_on(date(2026, 12, 23)) == date(2026, 12, 29)


def test_register_entry_is_due_in_14_days():
    assert deadlines.register_entry_due_on(date(2026, 6, 1)) == date(2026, 6, 15)


def test_appeal_months_end_on_the_last_day_of_a_shorter_month():
    assert deadlines.appeal_deadline(date(2026, 8, 31), months=6) == date(2027, 2, 28)


def test_tree_appeal_is_28_days():
    assert deadlines.appeal_deadline(date(2026, 7, 27), days=28) == date(2026, 8, 24)


@pytest.mark.parametrize("limits", [{}, {"weeks": 12, "months": 6}])
def test_an_appeal_has_one_limit(limits):
    with pytest.raises(ValueError, match="either"):
        deadlines.appeal_deadline(date(2026, 7, 27), **limits)


def test_permission_of_29_february():
    assert deadlines.commencement_deadline(date(2028, 2, 29), years=3) == date(2031, 2, 28)
    assert deadlines.commencement_deadline(date(2028, 2, 29), years=4) == date(2032, 2, 28)
    assert deadlines.commencement_deadline(date(2027, 3, 1), years=3) == date(2030, 2, 28)


@pytest.mark.parametrize("period", [0, -1])
def test_periods_are_at_least_a_day(period):
    with pytest.raises(ValueError, match="at least one day"):
        deadlines.statutory_expiry(date(2026, 6, 1), period_days=period)
    with pytest.raises(ValueError, match="at least one day"):
        deadlines.publicity_ends_on(date(2026, 6, 1), days=period)


# --- What is always true -------------------------------------------------------------------------------------------


@given(begins_on=days_to_come, days=periods)
def test_publicity_gives_exactly_its_days_without_public_holidays(begins_on, days):
    ends = deadlines.publicity_ends_on(begins_on, days=days)

    span = [begins_on + timedelta(days=n) for n in range((ends - begins_on).days + 1)]
    assert sum(not deadlines.is_public_holiday(day) for day in span) == days
    assert not deadlines.is_public_holiday(ends)
    assert ends >= deadlines.publicity_ends_on(begins_on, days=days, skip_bank_holidays=False)


@given(begins_on=days_to_come, days=periods)
def test_publicity_that_begins_later_or_lasts_longer_never_ends_earlier(begins_on, days):
    ends = deadlines.publicity_ends_on(begins_on, days=days)

    assert deadlines.publicity_ends_on(begins_on + timedelta(days=1), days=days) >= ends
    assert deadlines.publicity_ends_on(begins_on, days=days + 1) > ends


@given(valid=days_to_come, period=periods, extensions=st.lists(days_to_come, max_size=4))
def test_expiry_is_never_before_the_statutory_day_nor_before_any_agreed_day(valid, period, extensions):
    statutory = deadlines.statutory_expiry(valid, period_days=period)
    due = deadlines.expiry(statutory, extensions)

    assert due >= statutory > valid
    assert all(due >= agreed for agreed in extensions)
    assert due in [statutory, *extensions]


@given(due=days_to_come)
def test_last_working_day_to_decide_is_a_working_day_not_after_the_last_day(due):
    last = deadlines.last_working_day_to_decide(due)

    assert deadlines.is_working_day(last)
    assert last <= due
    assert deadlines.next_working_day(last) > due


@given(day=days_to_come, n=st.integers(min_value=1, max_value=40))
def test_working_days_can_be_counted_back(day, n):
    later = deadlines.add_working_days(day, n)

    assert deadlines.is_working_day(later)
    assert deadlines.add_working_days(later, -n) <= day < later


@given(sent=st.datetimes(datetime(2013, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)))
def test_received_on_is_a_working_day_and_never_before_it_was_sent(sent):
    received = deadlines.received_on(sent)

    assert deadlines.is_working_day(received)
    assert received >= sent.astimezone(deadlines.LONDON).date()


@given(received=days_to_come, items=st.lists(days_to_come, max_size=4))
def test_valid_from_is_the_last_arrival(received, items):
    valid = deadlines.valid_from(received_on=received, items_received_on=items)

    assert valid in [received, *items]
    assert all(valid >= arrived for arrived in [received, *items])


@given(decided=days_to_come, months=st.integers(min_value=1, max_value=12))
def test_appeal_months_end_in_the_right_month(decided, months):
    last = deadlines.appeal_deadline(decided, months=months)

    assert (last.year * 12 + last.month) - (decided.year * 12 + decided.month) == months
    assert last.day <= decided.day
