"""How a number is written for people: with all of its digits. A limit of 0.15 metres is never shown as 0.2."""

from decimal import Decimal

Number = Decimal | int | float


def exactly(number: Number, places: int = 0) -> str:
    """3500 → 3,500; Decimal("0.150") → 0.15; with 2 places 86 → 86.00. Nothing is rounded, whatever `places` says."""
    digits = format(Decimal(str(number)), "f")
    decimals = digits.partition(".")[2].rstrip("0")
    return format(Decimal(digits), f",.{max(len(decimals), places)}f")


def money(amount: Number) -> str:
    """Pounds and pence: £1,206.00."""
    return f"£{exactly(amount, 2)}"
