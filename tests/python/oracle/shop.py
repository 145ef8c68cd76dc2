"""The shop as the metrics see it: accepted rows dated up to the as-of date.

`load_shop` is the one entry: it reads and judges the raw inputs, gives every row its
customer and its local date, and leaves out what the as-of date does not see yet.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from .identity import People
from .judging import INPUTS, MAIN_COLUMNS, Row, contract, history_dates, judge
from .reading import Clock
from .settings import Settings

__all__ = ["Settings", "Shop", "load_shop"]

Record = dict[str, Any]
RawTable = list[dict[str, str | None]]


@dataclass
class Shop:
    """Typed rows dated up to the as-of date, by customer, and the calendar.

    Instants are aware UTC datetimes, money is Decimal with two places. The dicts by
    customer have an entry for every customer of `customers`, possibly an empty list.
    Promotions are a calendar: those that begin after the as-of date are there too.
    """

    settings: Settings
    clock: Clock
    as_of_date: date | None
    history_start_date: date | None
    customers: dict[str, Record]
    orders: list[Record]
    order_items: list[Record]
    logins: list[Record]
    events: list[Record]
    referrals: list[Record]
    spend: list[Record]
    operating_costs: list[Record]
    contacts: list[Record]
    surveys: list[Record]
    promotions: list[Record]
    activity_days: dict[str, list[date]]
    churn_days: dict[str, list[date]]
    login_days: dict[str, list[date]]
    order_days: dict[str, list[date]]
    valid_orders: dict[str, list[Record]]
    snapshot_dates: list[date]
    month_ends: list[date]
    days: list[date]
    channels: list[str]
    raw: dict[str, list[Row]]
    people: People

    def local_date(self, instant: datetime) -> date:
        """The calendar date of an instant in the business zone."""
        return self.clock.local_date(instant)

    def week_start(self, day: date) -> date:
        """The first date of the week, which begins on monday or sunday."""
        starts_on_sunday = self.settings.week_start == "sunday"
        days_in = day.isoweekday() % 7 if starts_on_sunday else day.weekday()
        return day - timedelta(days=days_in)

    def month_start(self, day: date) -> date:
        """The first date of the calendar month."""
        return day.replace(day=1)

    def month_end(self, day: date) -> date:
        """The last date of the calendar month."""
        return _month_end(day)

    def quarter_start(self, day: date) -> date:
        """The first date of the calendar quarter."""
        return day.replace(month=day.month - (day.month - 1) % 3, day=1)

    def net_at(self, order: Record, day: date) -> Decimal:
        """The order's net amount as known at the end of `day`."""
        return _net_at(order, day)


def load_shop(source: Path | dict[str, RawTable | None], settings: Settings) -> Shop:
    """Read, judge and index a shop.

    `source` is a folder with raw_<input>.csv files, or a dict input name -> rows of
    text. Optional inputs may be missing (None in the dict); raises ValueError when a
    required one is.
    """
    tables = source if isinstance(source, dict) else _read_folder(Path(source))
    for name in INPUTS:
        if contract()[name]["required"] and tables.get(name) is None:
            raise ValueError(f"required input is absent: {name}")
    clock = _clock(settings)
    raw, as_of, people = judge(tables, settings, clock)
    return _Loader(settings, clock, raw, as_of, people).shop()


def _read_folder(folder: Path) -> dict[str, RawTable | None]:
    paths = {name: folder / f"raw_{name}.csv" for name in INPUTS}
    return {
        name: _read_csv(path) if path.exists() else None for name, path in paths.items()
    }


def _read_csv(path: Path) -> RawTable:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _clock(settings: Settings) -> Clock:
    return Clock(
        input_zone=ZoneInfo(settings.input_timezone),
        business_zone=ZoneInfo(settings.business_timezone),
        future_cutoff_at=settings.future_cutoff_at or datetime.now(UTC),
        earliest_valid_date=settings.earliest_valid_date,
    )


class _Loader:
    """Builds a Shop from judged rows; each method makes one of its parts."""

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        raw: dict[str, list[Row]],
        as_of: date | None,
        people: People,
    ) -> None:
        self.settings = settings
        self.clock = clock
        self.raw = raw
        self.as_of = as_of
        self.people = people
        seen = [day for day in history_dates(raw) if as_of and day <= as_of]
        # Without a registration or an order there is nobody to tell of.
        brings_customer = history_dates(raw, ("users", "orders"))
        has_customer = any(as_of and day <= as_of for day in brings_customer)
        self.history_start = min(seen, default=None) if has_customer else None

    def shop(self) -> Shop:
        orders = self._orders()
        customers = self._customers(orders)
        logins = self._of_customers("logins", customers)
        events = self._of_customers("events", customers)
        days_of = {
            "login": _days_by_customer(customers, logins, "login_date"),
            "order": _days_by_customer(
                customers,
                [order for order in orders if order["is_valid"]],
                "order_date",
            ),
            "event": _days_by_customer(customers, events, "event_date"),
        }
        snapshots = self._snapshot_dates()
        return Shop(
            settings=self.settings,
            clock=self.clock,
            as_of_date=self.as_of,
            history_start_date=self.history_start,
            customers=customers,
            orders=orders,
            order_items=self._order_items(orders),
            logins=logins,
            events=events,
            referrals=self._referrals(),
            spend=self._spend(),
            operating_costs=self._of_accounts("operating_costs"),
            contacts=self._contacts(),
            surveys=self._of_customers("survey_responses", customers),
            promotions=self._promotions(),
            activity_days=_union(customers, days_of, self.settings.activity_types),
            churn_days=_union(customers, days_of, self.settings.churn_activity),
            login_days=_union(customers, days_of, ["login"]),
            order_days=_union(customers, days_of, ["order"]),
            valid_orders=_valid_orders(customers, orders),
            snapshot_dates=snapshots,
            month_ends=[day for day in snapshots if day == _month_end(day)],
            days=self._days(),
            channels=sorted({customer["channel"] for customer in customers.values()}),
            raw=self.raw,
            people=self.people,
        )

    # rows

    def _seen(self, name: str) -> list[Row]:
        """Accepted rows of an input that are dated up to the as-of date."""
        if self.history_start is None:
            return []
        return [
            row
            for row in self.raw[name]
            if row.accepted and row.main_date <= self.as_of
        ]

    def _known_instant(self, instant: datetime | None) -> datetime | None:
        """The instant, or None while it lies after the as-of date."""
        if instant is None or self.clock.local_date(instant) > self.as_of:
            return None
        return instant

    def _known_date(self, day: date | None) -> date | None:
        """The date, or None while it lies after the as-of date."""
        return None if day is None or day > self.as_of else day

    def _orders(self) -> list[Record]:
        refunds = self._refunds_by_order()
        orders = [
            self._order(row, refunds[row.values["order_id"]])
            for row in self._seen("orders")
        ]
        return sorted(
            orders, key=lambda order: (order["ordered_at"], order["order_id"])
        )

    def _order(self, row: Row, refunds: list[Record]) -> Record:
        order = {
            **row.values,
            "paid_at": self._known_instant(row.values["paid_at"]),
            "delivered_at": self._known_instant(row.values["delivered_at"]),
            "customer_id": self._customer_of(row.values),
            "order_date": row.main_date,
            "is_valid": row.values["status"] in self.settings.valid_order_statuses,
            "refunds": refunds,
            "refund_amount": sum((r["amount"] for r in refunds), Decimal("0.00")),
        }
        order["net_amount"] = _net_at(order, self.as_of)
        return order

    def _refunds_by_order(self) -> dict[str, list[Record]]:
        refunds = defaultdict(list)
        for row in self._seen("refunds"):
            columns = ("refund_id", "refunded_at", "amount")
            refund = {column: row.values[column] for column in columns}
            refund["refund_date"] = row.main_date
            refunds[row.values["order_id"]].append(refund)
        for of_order in refunds.values():
            of_order.sort(key=lambda r: (r["refunded_at"], r["refund_id"]))
        return refunds

    def _order_items(self, orders: list[Record]) -> list[Record]:
        order_of = {order["order_id"]: order for order in orders}
        items = []
        for row in self._seen("order_items"):
            order = order_of[row.values["order_id"]]
            customer_id = order["customer_id"]
            items.append({**row.values, "order": order, "customer_id": customer_id})
        return sorted(items, key=lambda item: (item["order_id"], item["line_number"]))

    def _referrals(self) -> list[Record]:
        referrals, customer_of = [], self.people.customer_of
        for row in self._seen("referrals"):
            accepted_at = self._known_instant(row.values["accepted_at"])
            referral = {
                **row.values,
                "accepted_at": accepted_at,
                "referrer_customer_id": customer_of(row.values["referrer_id"]),
                "referee_customer_id": customer_of(row.values["referee_id"]),
                "invited_date": row.main_date,
                "accepted_date": accepted_at and self.clock.local_date(accepted_at),
            }
            referrals.append(referral)
        return sorted(referrals, key=lambda r: (r["invited_at"], r["referral_id"]))

    def _spend(self) -> list[Record]:
        key = contract()["marketing_spend"]["key"]
        rows = [dict(row.values) for row in self._seen("marketing_spend")]
        return sorted(rows, key=lambda row: [row[column] for column in key])

    def _of_customers(self, name: str, customers: dict[str, Record]) -> list[Record]:
        """Rows of an input, nobody's included; accounts yet to come are left out."""
        return [
            row
            for row in self._of_accounts(name)
            if row["customer_id"] is None or row["customer_id"] in customers
        ]

    def _of_accounts(self, name: str) -> list[Record]:
        """Rows of an input, those of accounts yet to come and nobody's included."""
        instant = MAIN_COLUMNS[name]
        (row_id,) = contract()[name]["key"]
        day = instant.removesuffix("_at").removesuffix("_date") + "_date"
        rows = [
            {
                **row.values,
                "customer_id": self._customer_of(row.values),
                day: row.main_date,
            }
            for row in self._seen(name)
        ]
        # A login may have no id of its own.
        return sorted(
            rows,
            key=lambda row: (row[instant], row[row_id] or "", row["user_id"] or ""),
        )

    def _contacts(self) -> list[Record]:
        return [
            contact
            | {
                "opened_at": self._known_instant(contact["opened_at"]),
                "clicked_at": self._known_instant(contact["clicked_at"]),
            }
            for contact in self._of_accounts("contacts")
        ]

    def _promotions(self) -> list[Record]:
        rows = []
        for row in self.raw["promotions"]:
            if not row.accepted:
                continue
            ends_at = row.values["ends_at"]
            dates = {
                "starts_date": row.main_date,
                "ends_date": ends_at and self.clock.local_date(ends_at),
            }
            rows.append(row.values | dates)
        return sorted(rows, key=lambda row: (row["starts_at"], row["promotion_id"]))

    # customers

    def _customer_of(self, values: Record) -> str | None:
        """The customer a row is of: by the account, the e-mail or the anonymous id."""
        if values["user_id"] is not None:
            return self.people.customer_of(values["user_id"])
        if values.get("guest_email") is not None:
            return self.people.customer_of_guest(values["guest_email"])
        return self.people.customer_of_visitor(values.get("anonymous_id"))

    def _customers(self, orders: list[Record]) -> dict[str, Record]:
        """Everyone who registered or ordered up to the as-of date, by id."""
        first_order_date: dict[str, date] = {}
        for order in orders:
            first_order_date.setdefault(order["customer_id"], order["order_date"])
        registered = {
            self.people.customer_of(row.values["user_id"])
            for row in self._seen("users")
        }
        return {
            customer_id: self._customer(customer_id, first_order_date.get(customer_id))
            for customer_id in sorted(registered | first_order_date.keys())
        }

    def _customer(self, customer_id: str, first_order_date: date | None) -> Record:
        profile = self._profile(customer_id)
        registered_at = self._known_instant(profile.get("registered_at"))
        registration_date = registered_at and self.clock.local_date(registered_at)
        return {
            "customer_id": customer_id,
            "is_guest": not profile,
            "registered_at": registered_at,
            "registration_date": registration_date,
            "entry_date": min(filter(None, (registration_date, first_order_date))),
            "channel": profile.get("channel") or "unknown",
            "member_since": profile.get("member_since"),
            "profile": profile,
        }

    def _profile(self, customer_id: str) -> Record:
        """Every attribute of a customer as the oldest account that has it says it.

        The channel and the campaign are those of the oldest account, known or not. A
        guest has no attributes.
        """
        profile: Record = {}
        for account in self.people.accounts_of(customer_id):
            member_since = self._known_date(account["member_since"])
            own = account | {"member_since": member_since}
            of_the_oldest = ("channel", "campaign") if profile else ()
            for column in own.keys() - of_the_oldest:
                if profile.get(column) is None:
                    profile[column] = own[column]
        return profile

    # calendar

    def _days(self) -> list[date]:
        if self.history_start is None:
            return []
        length = (self.as_of - self.history_start).days + 1
        return [self.history_start + timedelta(days=i) for i in range(length)]

    def _snapshot_dates(self) -> list[date]:
        """The kept month ends of the history and the as-of date, ascending."""
        if self.history_start is None:
            return []
        ends = [day for day in self._days() if day == _month_end(day)]
        if self.settings.snapshot_months is not None:
            ends = ends[max(len(ends) - self.settings.snapshot_months, 0) :]
        return sorted({*ends, self.as_of})


def _month_end(day: date) -> date:
    in_next_month = day.replace(day=28) + timedelta(days=4)
    return in_next_month - timedelta(days=in_next_month.day)


def _net_at(order: Record, day: date) -> Decimal:
    refunded = sum(r["amount"] for r in order["refunds"] if r["refund_date"] <= day)
    return order["gross_amount"] - order["discount_amount"] - refunded


def _valid_orders(
    customers: dict[str, Record], orders: list[Record]
) -> dict[str, list[Record]]:
    valid = {customer_id: [] for customer_id in customers}
    for order in orders:
        if order["is_valid"]:
            valid[order["customer_id"]].append(order)
    return valid


def _days_by_customer(
    customers: dict[str, Record], rows: list[Record], date_column: str
) -> dict[str, set[date]]:
    """Distinct dates of identified rows, from the customer's entry date on."""
    days = {customer_id: set() for customer_id in customers}
    for row in rows:
        customer = customers.get(row["customer_id"])
        if customer and row[date_column] >= customer["entry_date"]:
            days[row["customer_id"]].add(row[date_column])
    return days


def _union(
    customers: dict[str, Record],
    days_of: dict[str, dict[str, set[date]]],
    kinds: Iterable[str],
) -> dict[str, list[date]]:
    kinds = list(kinds)
    return {
        customer_id: sorted(
            set().union(*(days_of[kind][customer_id] for kind in kinds))
        )
        for customer_id in customers
    }
