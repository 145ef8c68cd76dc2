"""From text to values: what a cell of a raw input says, or that it says nothing.

Every reader takes trimmed, non-empty text and returns None when the text is not of
its type; deciding what an unreadable cell means for its row is left to `judging`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from zoneinfo import ZoneInfo

_DATE = r"(\d{4})-(\d{2})-(\d{2})"
_TIME = r"(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d+))?)?"
_OFFSET = r"Z|[+-](?:[01]\d|2[0-3]):[0-5]\d"
_DATE_TEXT = re.compile(_DATE, re.ASCII)
_TIMESTAMP_TEXT = re.compile(f"{_DATE}(?:[T ]{_TIME})?({_OFFSET})?", re.ASCII)
_NUMBER_TEXT = re.compile(r"[+-]?\d{1,15}(?:\.\d+)?", re.ASCII)

# No zone shifts the calendar by more than a day: instants this far from the ends of
# the calendar can be converted to any zone and still be told early or late.
_FIRST_LOCAL = datetime.min + timedelta(days=3)
_LAST_LOCAL = datetime.max - timedelta(days=3)


def clean(text: str | None) -> str | None:
    """The cell without surrounding blanks; None for a null or an empty cell."""
    return (text or "").strip(" \t\r\n") or None


def to_instant(local: datetime, zone: ZoneInfo) -> datetime:
    """The UTC instant of a wall-clock time (naive) in a zone.

    Of the two readings of a wall clock that a clock change offers, the later instant
    is right both times: a repeated hour means its second pass, and a skipped 02:30
    moves forward to 03:30.
    """
    return max(local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))


def read_timestamp(text: str, zone: ZoneInfo) -> datetime | None:
    """An instant in UTC; text without an offset is wall-clock time in `zone`."""
    match = _TIMESTAMP_TEXT.fullmatch(text)
    if not match:
        return None
    year, month, day, hour, minute, second, fraction, offset = match.groups()
    microsecond = (fraction or "")[:6].ljust(6, "0")
    numbers = (year, month, day, hour, minute, second, microsecond)
    try:
        local = datetime(*(int(number or 0) for number in numbers))
    except ValueError:
        return None
    local = min(max(local, _FIRST_LOCAL), _LAST_LOCAL)
    if offset is None:
        return to_instant(local, zone)
    return local.replace(tzinfo=_fixed_zone(offset)).astimezone(UTC)


def _fixed_zone(offset: str) -> timezone:
    if offset == "Z":
        return UTC
    size = timedelta(hours=int(offset[1:3]), minutes=int(offset[4:6]))
    return timezone(-size if offset[0] == "-" else size)


def read_date(text: str) -> date | None:
    """A calendar date written YYYY-MM-DD."""
    match = _DATE_TEXT.fullmatch(text)
    try:
        return date(*map(int, match.groups())) if match else None
    except ValueError:
        return None


def read_decimal(text: str) -> Decimal | None:
    """A number of at most 15 digits before the point, exactly as written."""
    return Decimal(text) if _NUMBER_TEXT.fullmatch(text) else None


def read_money(text: str) -> Decimal | None:
    """A number rounded half away from zero to cents."""
    number = read_decimal(text)
    if number is None:
        return None
    # Adding zero turns a rounded "-0.00" into 0.00.
    return number.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP) + Decimal("0.00")


def read_integer(text: str) -> int | None:
    """A whole number; a fraction of zeros ("2.0") is allowed."""
    number = read_decimal(text)
    return int(number) if number is not None and number == int(number) else None


def read_boolean(text: str) -> bool | None:
    """True or false, in any case."""
    return {"true": True, "false": False}.get(text.lower())


@dataclass(frozen=True)
class Clock:
    """The zones and limits that dates and instants are read and judged by."""

    input_zone: ZoneInfo
    business_zone: ZoneInfo
    future_cutoff_at: datetime
    earliest_valid_date: date

    def local_date(self, instant: datetime) -> date:
        """The calendar date of an instant in the business zone."""
        return instant.astimezone(self.business_zone).date()

    def is_future(self, value: date | datetime) -> bool:
        """Later than the cutoff: an instant by the instant, a date by the date."""
        if isinstance(value, datetime):
            return value > self.future_cutoff_at
        return value > self.local_date(self.future_cutoff_at)

    def is_implausible(self, value: date | datetime) -> bool:
        """Dated before the earliest valid date."""
        day = self.local_date(value) if isinstance(value, datetime) else value
        return day < self.earliest_valid_date

    def read(self, kind: str, text: str) -> Any:
        """The value of a cell of the contract type `kind`; None if unreadable."""
        if kind == "timestamp":
            return read_timestamp(text, self.input_zone)
        if kind == "date_or_timestamp":
            return read_date(text) or self._date_of_timestamp(text)
        return _READERS[kind](text)

    def _date_of_timestamp(self, text: str) -> date | None:
        instant = read_timestamp(text, self.input_zone)
        return None if instant is None else self.local_date(instant)


_READERS = {
    "text": str,
    "date": read_date,
    "decimal": read_decimal,
    "money": read_money,
    "integer": read_integer,
    "boolean": read_boolean,
}
