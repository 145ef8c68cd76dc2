"""The row rules: which raw rows count, and for what reason the others do not.

`judge` reads the inputs in the order in which they depend on each other and returns
every raw row with its values and its reason codes. Nothing is dropped: an input's raw
rows are its accepted and its rejected rows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from .identity import People
from .reading import Clock, clean
from .settings import Settings

Values = dict[str, Any]

INPUTS = (
    "users",
    "orders",
    "logins",
    "identities",
    "order_items",
    "refunds",
    "events",
    "referrals",
    "marketing_spend",
    "operating_costs",
    "contacts",
    "experiments",
    "survey_responses",
    "points_ledger",
    "promotions",
    "deals",
)
# What sets the as-of date, and what is judged by who is the same customer on it.
HISTORY = ("users", "orders", "logins", "events")
OF_CUSTOMERS = ("referrals", "points_ledger")
MAIN_COLUMNS = {
    "users": "registered_at",
    "orders": "ordered_at",
    "logins": "login_at",
    "identities": "linked_at",
    "refunds": "refunded_at",
    "events": "event_at",
    "referrals": "invited_at",
    "marketing_spend": "spend_date",
    "operating_costs": "cost_date",
    "contacts": "sent_at",
    "experiments": "assigned_at",
    "survey_responses": "responded_at",
    "points_ledger": "entry_at",
    "promotions": "starts_at",
    "deals": "entered_at",
}

ID_TYPES = ("email", "phone", "device", "external", "anonymous")

COST_TYPES = (
    "service",
    "coupon",
    "points",
    "platform",
    "message",
    "referral_reward",
    "other",
)
CONTACT_CHANNELS = (
    "push",
    "sms",
    "email",
    "popup",
    "one_to_one",
    "community",
    "official_account",
)
ENTRY_TYPES = ("earn", "burn", "expire")
KANO_ANSWERS = ("functional_answer", "dysfunctional_answer")
# Survey type -> lowest and highest answer of its scale.
SURVEY_SCALES = {
    "kano": (1, 5),
    "rating": (1, 5),
    "nps": (0, 10),
    "share_of_wallet": (0, 1),
}
# Promotion type -> what a promotion of it cannot do without.
PROMOTION_PARAMETERS = {
    "threshold": ("threshold_amount", "value_amount"),
    "referral_coupon": ("value_amount",),
    "group_buy": ("discount_rate", "min_group_size"),
    "trial": ("trial_days",),
    "ugc_points": (),
}

# A calendar: its rows may lie in the future, and count before they begin.
CALENDARS = ("promotions",)
# Amounts that are an attribute, not what happened: one below zero is no amount.
_NEVER_NEGATIVE = {
    ("promotions", "threshold_amount"),
    ("promotions", "value_amount"),
}
_CONTRACT_FILE = Path("macros", "inputs", "input_contract.sql")
_TEMPORAL = {"timestamp", "date", "date_or_timestamp"}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@cache
def contract() -> dict[str, dict]:
    """The input contract: input name -> {required, key, columns}."""
    project = Path(__file__).resolve().parents[3]
    text = (project / _CONTRACT_FILE).read_text(encoding="utf-8")
    literal = text.split("{%- set contract = ")[1].split(" -%}")[0]
    return yaml.safe_load(literal)


@dataclass
class Row:
    """One raw row: its cells as text, as values, and what is wrong with it."""

    texts: dict[str, str | None]
    values: Values = field(default_factory=dict)
    nulled: set[str] = field(default_factory=set)
    codes: list[str] = field(default_factory=list)
    row_key: str | None = None
    main_date: date | None = None

    @property
    def accepted(self) -> bool:
        """True when no rule rejects the row."""
        return not self.codes


@dataclass
class Known:
    """What the inputs judged so far say about users, customers and orders."""

    users: dict[str, Values] = field(default_factory=dict)
    people: People | None = None
    excluded: set[str] = field(default_factory=set)
    orders: dict[str, Values] = field(default_factory=dict)

    def user_codes(self, *user_ids: str | None) -> list[str]:
        """The code for naming someone who is not an accepted user, if any is."""
        strangers = {name for name in user_ids if name and name not in self.users}
        if strangers & self.excluded:
            return ["excluded"]
        return ["unknown_user"] if strangers else []

    def customer_of(self, user_id: str | None) -> str | None:
        """The customer of an accepted account; None of anybody else."""
        return self.people.customer_of(user_id) if user_id in self.users else None

    def registered_at(self, customer_id: str | None) -> datetime | None:
        """When the oldest account of a customer was registered."""
        accounts = self.people.accounts_of(customer_id)
        return accounts[0]["registered_at"] if accounts else None


def judge(
    tables: dict[str, list[dict[str, str | None]] | None],
    settings: Settings,
    clock: Clock,
) -> tuple[dict[str, list[Row]], date | None, People]:
    """Judge every row of every input.

    Takes input name -> raw rows (None or missing = the input is absent). Returns input
    name -> judged rows in raw order, the as-of date (None without any row that could
    set it), and who is who on it.
    """
    known = Known()
    rows: dict[str, list[Row]] = {}
    for name in INPUTS:
        if name not in OF_CUSTOMERS:
            rows[name] = _judge_input(name, tables, settings, clock, known)
            _remember(name, rows[name], known)
    as_of = settings.as_of_date or _latest(rows)
    if as_of and not settings.as_of_date:
        # A birth year is checked against the as-of date, which only the accepted
        # rows tell. It decides neither who is accepted nor when they registered.
        limited = replace(settings, as_of_date=as_of)
        rows["users"] = _judge_input("users", tables, limited, clock, known)
    known.people = _people(rows, as_of, settings)
    for name in OF_CUSTOMERS:
        rows[name] = _judge_input(name, tables, settings, clock, known)
    return rows, as_of, known.people


def _people(
    rows: dict[str, list[Row]], as_of: date | None, settings: Settings
) -> People:
    """Who is who, by the accounts and identities known on the as-of date."""

    def accepted(name: str, is_known: bool) -> list[Values]:
        return [
            row.values
            for row in rows[name]
            if row.accepted and (row.main_date <= as_of) == is_known
        ]

    if as_of is None:
        return People(settings)
    return People(
        settings,
        accounts=accepted("users", True),
        newcomers=accepted("users", False),
        identities=accepted("identities", True),
    )


def _latest(rows: dict[str, list[Row]]) -> date | None:
    return max(history_dates(rows), default=None)


def history_dates(
    rows: dict[str, list[Row]],
    names: tuple[str, ...] = HISTORY,
) -> list[date]:
    """Dates of the accepted registrations, orders, logins and events."""
    return [row.main_date for name in names for row in rows[name] if row.accepted]


def _remember(name: str, rows: list[Row], known: Known) -> None:
    accepted = [row.values for row in rows if row.accepted]
    if name == "users":
        known.users = {values["user_id"]: values for values in accepted}
        known.excluded = {
            row.values["user_id"] for row in rows if row.values["is_excluded"]
        }
    elif name == "orders":
        known.orders = {values["order_id"]: values for values in accepted}


def _judge_input(
    name: str,
    tables: dict[str, list[dict[str, str | None]] | None],
    settings: Settings,
    clock: Clock,
    known: Known,
) -> list[Row]:
    raw_rows = tables.get(name) or []
    given = {column for raw in raw_rows for column in raw}
    key = _key(name, given)
    rows = [_read(name, raw, key, settings, clock) for raw in raw_rows]
    for row in rows:
        row.codes += _RULES[name](row.values, known, settings)
        row.main_date = _main_date(name, row.values, known, clock)
    _reject_duplicates(rows, key)
    survivors = [row for row in rows if row.accepted]
    if name == "refunds":
        _walk_refunds(survivors, known)
    if name == "referrals":
        _walk_referrals(survivors, known)
    if name == "points_ledger":
        _walk_points(survivors, known)
    return rows


# Reading a row --------------------------------------------------------------------


def _key(name: str, given: set[str]) -> list[str]:
    """The key columns: logins may have no id of their own."""
    spec = contract()[name]
    if "key_without_id" in spec and not given.issuperset(spec["key"]):
        return spec["key_without_id"]
    return spec["key"]


def _read(
    name: str, raw: dict, key: list[str], settings: Settings, clock: Clock
) -> Row:
    columns = contract()[name]["columns"]
    row = Row({column: clean(raw.get(column)) for column in columns})
    problems = defaultdict(set)
    for column, spec in columns.items():
        text = row.texts[column]
        value = None if text is None else clock.read(spec["type"], text)
        if text is not None:
            trouble = _trouble(name, column, value, settings, clock)
            if trouble and trouble != "out_of_range" and _is_strict(spec):
                problems[trouble].add(column)
            elif trouble:
                row.nulled.add(column)
                value = None
        elif column in key and (spec.get("required") or column == "login_id"):
            problems["null_key"].add(column)
        elif spec.get("required"):
            problems["missing_value"].add(column)
        row.values[column] = _default(spec) if value is None else value
    row.codes = [code for code in _COMMON_CODES if code in problems]
    row.row_key = _row_key(row, key)
    return row


_COMMON_CODES = (
    "null_key",
    "missing_value",
    "unparsable_timestamp",
    "unparsable_date",
    "unparsable_number",
    "future_timestamp",
    "implausible_timestamp",
)


def _is_strict(spec: dict) -> bool:
    """True where a bad value rejects the row instead of becoming null."""
    return (
        spec.get("required", False)
        or spec.get("reject_if_unreadable", False)
        or spec["type"] == "money"
    )


def _trouble(
    name: str, column: str, value: Any, settings: Settings, clock: Clock
) -> str | None:
    """What is wrong with a given cell: a reason code, `out_of_range`, or nothing."""
    spec = contract()[name]["columns"][column]
    if value is None:
        return {
            "timestamp": "unparsable_timestamp",
            "date_or_timestamp": "unparsable_timestamp",
            "date": "unparsable_date",
        }.get(spec["type"], "unparsable_number")
    if spec["type"] in _TEMPORAL:
        if clock.is_future(value) and name not in CALENDARS:
            return "future_timestamp"
        return "implausible_timestamp" if clock.is_implausible(value) else None
    if (name, column) in _NEVER_NEGATIVE and value < 0:
        return "out_of_range"
    return None if _is_in_range(spec, value, settings) else "out_of_range"


def _is_in_range(spec: dict, value: Any, settings: Settings) -> bool:
    highest = spec.get("max")
    if highest == "year_of_as_of_date":
        highest = settings.as_of_date.year if settings.as_of_date else None
    return (
        ("allowed" not in spec or value in spec["allowed"])
        and ("min" not in spec or value >= spec["min"])
        and (highest is None or value <= highest)
    )


def _default(spec: dict) -> Any:
    default = spec.get("default")
    if spec["type"] == "money" and default is not None:
        return Decimal(default).quantize(Decimal("0.01"))
    return default


def _row_key(row: Row, key: list[str]) -> str | None:
    """The key as the input wrote it: an unreadable key cell stays visible."""
    cells = [row.texts[column] for column in key]
    return "|".join(cell or "" for cell in cells) if any(cells) else None


def _main_date(name: str, values: Values, known: Known, clock: Clock) -> date | None:
    if name == "order_items":
        values = known.orders.get(values["order_id"], {})
        name = "orders"
    value = values.get(MAIN_COLUMNS[name])
    return clock.local_date(value) if isinstance(value, datetime) else value


# Rules of one row, in the order in which their codes are listed ---------------------


def _below(value: Any, bound: Any) -> bool:
    """value < bound; an unknown side breaks no rule."""
    return value is not None and bound is not None and value < bound


def _user_rules(values: Values, known: Known, settings: Settings) -> Iterator[str]:
    if values["is_excluded"]:
        yield "excluded"


def _order_rules(values: Values, known: Known, settings: Settings) -> Iterator[str]:
    if values["user_id"] is None and values["guest_email"] is None:
        yield "missing_customer"
    yield from known.user_codes(values["user_id"])
    if values["status"] and values["status"] not in settings.order_statuses:
        yield "unknown_status"
    amounts = ("gross_amount", "discount_amount", "cost_amount")
    if any(_below(values[amount], 0) for amount in amounts):
        yield "negative_amount"
    if _below(values["gross_amount"], values["discount_amount"]):
        yield "discount_exceeds_gross"
    expected = settings.reporting_currency
    if expected and values["currency"] not in (None, expected):
        yield "currency_mismatch"


def _login_rules(values: Values, known: Known, settings: Settings) -> Iterator[str]:
    yield from known.user_codes(values["user_id"])


def _identity_rules(values: Values, known: Known, settings: Settings) -> Iterator[str]:
    yield from known.user_codes(values["user_id"])
    if values["id_type"] not in (None, *ID_TYPES):
        yield "unknown_id_type"


def _item_rules(values: Values, known: Known, settings: Settings) -> Iterator[str]:
    if values["order_id"] and values["order_id"] not in known.orders:
        yield "unknown_order"
    if _below(values["quantity"], 1):
        yield "non_positive_quantity"
    if _below(values["unit_price"], 0) or _below(values["unit_cost"], 0):
        yield "negative_amount"


def _refund_rules(values: Values, known: Known, settings: Settings) -> Iterator[str]:
    order = known.orders.get(values["order_id"])
    if values["order_id"] and order is None:
        yield "unknown_order"
    if values["amount"] is not None and values["amount"] <= 0:
        yield "non_positive_amount"
    if order and _below(values["refunded_at"], order["ordered_at"]):
        yield "refund_before_order"


def _event_rules(values: Values, known: Known, settings: Settings) -> Iterator[str]:
    if values["user_id"] is None and values["anonymous_id"] is None:
        yield "missing_customer"
    yield from known.user_codes(values["user_id"])


def _referral_rules(values: Values, known: Known, settings: Settings) -> Iterator[str]:
    invited_at, accepted_at = values["invited_at"], values["accepted_at"]
    referrer = known.customer_of(values["referrer_id"])
    referee = known.customer_of(values["referee_id"])
    yield from known.user_codes(values["referrer_id"], values["referee_id"])
    if referrer and referrer == referee:
        yield "self_referral"
    if accepted_at and values["referee_id"] is None:
        yield "accepted_without_referee"
    if _below(accepted_at, invited_at):
        yield "accepted_before_invited"
    if _below(invited_at, known.registered_at(referrer)):
        yield "referrer_registered_after_invite"
    if accepted_at and _below(known.registered_at(referee), invited_at):
        yield "referee_registered_before_invite"


def _spend_rules(values: Values, known: Known, settings: Settings) -> Iterator[str]:
    if _below(values["spend"], 0):
        yield "negative_amount"
    if _below(values["impressions"], 0) or _below(values["clicks"], 0):
        yield "negative_count"


def _cost_rules(values: Values, known: Known, settings: Settings) -> Iterator[str]:
    if values["cost_type"] not in (None, *COST_TYPES):
        yield "unknown_cost_type"
    if _below(values["amount"], 0):
        yield "negative_amount"
    yield from known.user_codes(values["user_id"])


def _contact_rules(values: Values, known: Known, settings: Settings) -> Iterator[str]:
    yield from known.user_codes(values["user_id"])
    if values["channel"] not in (None, *CONTACT_CHANNELS):
        yield "unknown_channel"
    if _below(values["cost"], 0):
        yield "negative_amount"


def _experiment_rules(
    values: Values, known: Known, settings: Settings
) -> Iterator[str]:
    yield from known.user_codes(values["user_id"])


def _survey_rules(values: Values, known: Known, settings: Settings) -> Iterator[str]:
    if values["user_id"] is None and values["respondent_id"] is None:
        yield "missing_customer"
    yield from known.user_codes(values["user_id"])
    if values["survey_type"] is None:
        return
    if values["survey_type"] not in SURVEY_SCALES:
        yield "unknown_survey_type"
    elif not _is_answered(values):
        yield "answer_out_of_range"


def _is_answered(values: Values) -> bool:
    """Whether a survey of a known type has its answers, all on its scale."""
    is_kano = values["survey_type"] == "kano"
    if is_kano and values["feature_code"] is None:
        return False
    lowest, highest = SURVEY_SCALES[values["survey_type"]]
    answers = [values[column] for column in (KANO_ANSWERS if is_kano else ("score",))]
    return all(answer is not None and lowest <= answer <= highest for answer in answers)


def _points_rules(values: Values, known: Known, settings: Settings) -> Iterator[str]:
    yield from known.user_codes(values["user_id"])
    if values["entry_type"] not in (None, *ENTRY_TYPES):
        yield "unknown_entry_type"
    if values["points"] is not None and values["points"] <= 0:
        yield "non_positive_points"


def _promotion_rules(values: Values, known: Known, settings: Settings) -> Iterator[str]:
    kind = values["promotion_type"]
    if kind not in (None, *PROMOTION_PARAMETERS):
        yield "unknown_promotion_type"
    if _below(values["ends_at"], values["starts_at"]):
        yield "ends_before_start"
    if any(values[column] is None for column in PROMOTION_PARAMETERS.get(kind, ())):
        yield "missing_parameter"


def _deal_rules(values: Values, known: Known, settings: Settings) -> Iterator[str]:
    if values["stage_code"] not in (None, *settings.deal_stages):
        yield "unknown_stage"
    if _below(values["amount"], 0):
        yield "negative_amount"
    yield from known.user_codes(values["user_id"])


_RULES: dict[str, Callable[[Values, Known, Settings], Iterator[str]]] = {
    "users": _user_rules,
    "orders": _order_rules,
    "logins": _login_rules,
    "identities": _identity_rules,
    "order_items": _item_rules,
    "refunds": _refund_rules,
    "events": _event_rules,
    "referrals": _referral_rules,
    "marketing_spend": _spend_rules,
    "operating_costs": _cost_rules,
    "contacts": _contact_rules,
    "experiments": _experiment_rules,
    "survey_responses": _survey_rules,
    "points_ledger": _points_rules,
    "promotions": _promotion_rules,
    "deals": _deal_rules,
}


# Rules that compare rows ------------------------------------------------------------


def _reject_duplicates(rows: list[Row], key: list[str]) -> None:
    same_key = defaultdict(list)
    for row in rows:
        if row.accepted:
            same_key[tuple(row.values[column] for column in key)].append(row)
    for group in same_key.values():
        survivor = min(group, key=_preference)
        for row in group:
            if row is not survivor:
                row.codes = ["duplicate_key"]


def _preference(row: Row) -> tuple:
    """Sorts the row to keep first: latest update, then smallest values, nulls first."""
    updated_at = row.values.get("updated_at")
    age = (1,) if updated_at is None else (0, _EPOCH - updated_at)
    return (age, *(_sortable(value) for value in row.values.values()))


def _sortable(value: Any) -> tuple:
    if value is None:
        return (0,)
    return (1, value.encode() if isinstance(value, str) else value)


def _walk_refunds(rows: list[Row], known: Known) -> None:
    """Reject the refunds that would take back more than was paid."""
    refunded = defaultdict(Decimal)
    for row in _ordered(rows, "refunded_at", "refund_id"):
        order = known.orders[row.values["order_id"]]
        total = refunded[order["order_id"]] + row.values["amount"]
        if total > order["gross_amount"] - order["discount_amount"]:
            row.codes = ["refund_exceeds_order"]
        else:
            refunded[order["order_id"]] = total


def _walk_referrals(rows: list[Row], known: Known) -> None:
    """Reject second referrers and circles, row by row in the order of acceptance."""
    referrer_of: dict[str, str] = {}
    accepted = [row for row in rows if row.values["accepted_at"]]
    for row in _ordered(accepted, "accepted_at", "referral_id"):
        referrer = known.customer_of(row.values["referrer_id"])
        referee = known.customer_of(row.values["referee_id"])
        if referee in referrer_of:
            row.codes = ["duplicate_referee"]
        elif referee in _ancestors(referrer, referrer_of):
            row.codes = ["referral_cycle"]
        else:
            referrer_of[referee] = referrer


def _ancestors(customer_id: str, referrer_of: dict[str, str]) -> Iterator[str]:
    while customer_id in referrer_of:
        customer_id = referrer_of[customer_id]
        yield customer_id


def _walk_points(rows: list[Row], known: Known) -> None:
    """Reject what a customer takes from the first entry on that is not covered."""
    balance: dict[str, Decimal] = defaultdict(Decimal)
    overdrawn = set()
    for row in sorted(rows, key=_entry_order):
        customer = known.customer_of(row.values["user_id"])
        points = row.values["points"]
        if row.values["entry_type"] == "earn":
            balance[customer] += points
        elif customer in overdrawn or points > balance[customer]:
            overdrawn.add(customer)
            row.codes = ["insufficient_balance"]
        else:
            balance[customer] -= points


def _entry_order(row: Row) -> tuple:
    values = row.values
    return values["entry_at"], values["entry_type"] != "earn", values["entry_id"]


def _ordered(rows: Iterable[Row], instant: str, name: str) -> list[Row]:
    return sorted(rows, key=lambda row: (row.values[instant], row.values[name]))
