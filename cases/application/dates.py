"""What follows from the day on which an application became valid."""

from dataclasses import dataclass
from datetime import date

from cases.law import deadlines
from cases.models import PlanningApplication


@dataclass(frozen=True)
class Dates:
    """What follows from the day on which an application became valid. None: the type has no period."""

    valid_from: date
    statutory_expiry_on: date | None
    expires_on: date | None


def dates_from(application: PlanningApplication, valid_from: date) -> Dates:
    """Statutory expiry and due date of an application that is valid from this day, with what has been agreed."""
    kind = application.application_type
    period = (kind.eia_period_days if application.is_eia else None) or kind.period_days
    if period is None:
        return Dates(valid_from, None, None)
    statutory = deadlines.statutory_expiry(valid_from, period_days=period)
    agreed = application.extensions.values_list("agreed_until", flat=True)
    return Dates(valid_from, statutory, deadlines.expiry(statutory, agreed))
