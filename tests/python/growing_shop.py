"""A shop as it grows, and builds of it on top of each other.

Seven months of a generated shop, and the hard cases of the sample in that time, arrive
day by day; any row may change or go. Whatever the way, a build of the same inputs from
empty says what every public table must hold.
"""

import json
import shutil
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import duckdb
from compare import KEYS, differences
from generate_data import as_table, as_text, read_schemas
from hard_cases import hard_cases
from oracle.judging import INPUTS, MAIN_COLUMNS
from shop_model import LAST_DAY as LAST_DATE
from shop_model import Shop, make_shop
from warehouse import DATABASE, Input, Warehouse

Row = dict[str, str | None]
Rows = dict[str, list[Row]]
Tables = dict[str, tuple[list[tuple], list[tuple]]]


# Building and comparing


@dataclass(frozen=True)
class State:
    """What a build is given: the inputs as they stand, and the variables."""

    inputs: dict[str, Input]
    vars: dict = field(default_factory=dict)
    version: int = 0  # of files whose names stay

    @property
    def key(self) -> str:
        """Equal for states that must give equal tables; the order of rows is free."""
        rows = {
            name: sorted(map(json.dumps, rows)) if isinstance(rows, list) else rows
            for name, rows in self.inputs.items()
        }
        return json.dumps([rows, self.vars, self.version], sort_keys=True)


class Builds:
    """Builds states, and reads every public table of what was built.

    root: where the folders go, one per database.
    """

    def __init__(self, warehouse: Warehouse, root: Path) -> None:
        self.warehouse = warehouse
        self.root = root
        self.folders = 0
        self.built: dict[str, Path] = {}
        self.public = {
            node["alias"]: node["schema"]
            for node in warehouse.manifest["nodes"].values()
            if node["resource_type"] == "model" and node["config"]["access"] == "public"
        }

    def new_folder(self) -> Path:
        """An empty folder: the next build in it is one from empty."""
        self.folders += 1
        folder = self.root / str(self.folders)
        folder.mkdir()
        return folder

    def from_empty(self, state: State) -> Path:
        """The folder of a build from empty, made once. Nobody may build in it again."""
        if state.key not in self.built:
            folder = self.new_folder()
            self.on_top(folder, state)
            self.built[state.key] = folder
        return self.built[state.key]

    def copy(self, folder: Path) -> Path:
        """A copy of a folder, to build on top of what it holds."""
        copied = self.new_folder()
        return Path(shutil.copytree(folder, copied, dirs_exist_ok=True))

    def clear(self) -> None:
        """Remove every database, those built from empty too."""
        self.built.clear()
        shutil.rmtree(self.root)
        self.root.mkdir()

    def on_top(self, folder: Path, state: State) -> None:
        """Build the state on top of whatever is in the folder."""
        self.warehouse.build(folder, state.vars, state.inputs)

    def tables(self, folder: Path) -> Tables:
        """Table name -> its columns (name, type) and its rows."""
        tables = {}
        with duckdb.connect(folder / DATABASE, read_only=True) as connection:
            for name, schema in self.public.items():
                result = connection.execute(f"select * from {schema}.{name}")
                columns = [
                    (column, str(kind)) for column, kind, *_ in result.description
                ]
                tables[name] = columns, result.fetchall()
        return tables

    def assert_as_from_empty(self, folder: Path, state: State) -> None:
        """Fail with what differs, table by table, from a build from empty."""
        expected, got = self.tables(self.from_empty(state)), self.tables(folder)
        found = table_differences(expected, got)
        assert not found, "\n".join(found)


def table_differences(expected: Tables, got: Tables, shown: int = 5) -> list[str]:
    """The first differences of every table, one line each.

    Rows count as often as they occur. Only where they are not the same to the last bit
    are they compared cell by cell, doubles to 1e-9.
    """
    found = []
    for name, (columns, rows) in expected.items():
        got_columns, got_rows = got[name]
        if got_columns != columns:
            found.append(f"{name}: columns {got_columns}, expected {columns}")
        elif Counter(rows) != Counter(got_rows):
            names = [column for column, _ in columns]
            found += row_differences(name, names, rows, got_rows)[:shown]
    return found


def row_differences(
    name: str, columns: list[str], rows: list[tuple], got_rows: list[tuple]
) -> list[str]:
    if not rows or name not in KEYS:
        missing, extra = Counter(rows), Counter(got_rows)
        return [f"{name}: missing {row}" for row in (missing - extra).elements()] + [
            f"{name}: unexpected {row}" for row in (extra - missing).elements()
        ]
    dicts = (
        [dict(zip(columns, row, strict=True)) for row in some]
        for some in (rows, got_rows)
    )
    return differences(name, *dicts)


# The shop that arrives: seven months, then the hard cases of the sample in that time

MODEL = Shop(customers=70, orders=6, logins=20, events=25, months=7, seed=7)
FIRST_DAY, LAST_DAY = str(MODEL.first_day), str(LAST_DATE)

# Days are texts, which sort as days do. Day by day starts here, with what was before.
START = "2025-04-20"
# For 34 days nothing happens and nothing arrives, except that one day was entered
# ahead: its rows lie in the future until the clock passes them.
SILENCE = "2025-05-10", "2025-06-12"
ENTERED_AHEAD, ENTERED_ON = "2025-05-20", "2025-05-09"


def clock(day: str, **more) -> dict:
    """The variables of a build that runs at the end of a day."""
    return {"future_cutoff_at": f"{day}T23:59:59Z"} | more


def plus(day: str, days: int) -> str:
    return str(date.fromisoformat(day) + timedelta(days))


# The model excludes hardly anybody; this user has bought and logged in.
EXCLUDED = 16
# Days that a row of the shop may have; the last ones are those of late refunds.
CALENDAR = {plus(FIRST_DAY, number) for number in range(365)}


@cache
def whole_shop() -> Rows:
    """All that is ever known of the shop: input name -> rows as in a csv."""
    schemas = read_schemas()
    rows = {name: [] for name in INPUTS}
    for name, columns in make_shop(MODEL):
        rows[name] += as_table(columns, schemas[name]).to_pylist()
    for name, record in hard_cases(LAST_DATE):
        rows[name].append(dict.fromkeys(schemas[name].names) | record)
    texts = {
        name: [{cell: as_text(value) for cell, value in row.items()} for row in some]
        for name, some in rows.items()
    }
    texts["users"][EXCLUDED]["is_excluded"] = "true"
    return {
        name: [row for row, day in dated(texts, name) if is_told(day)] for name in texts
    }


def is_told(day: str) -> bool:
    """Whether rows of this day belong to the shop; unreadable and absurd days do."""
    is_before = "2000" <= day < FIRST_DAY
    is_silent = SILENCE[0] <= day <= SILENCE[1] and day != ENTERED_AHEAD
    return not is_before and not is_silent


def dated(shop: Rows, name: str) -> list[tuple[Row, str]]:
    """The rows of an input with their days; a line of an order has its order's."""
    order_days = {row["order_id"]: row["ordered_at"][:10] for row in shop["orders"]}
    return [
        (
            row,
            row[MAIN_COLUMNS[name]][:10]
            if name in MAIN_COLUMNS
            else order_days.get(row["order_id"], ""),
        )
        for row in shop[name]
    ]


def arrival(day: str) -> str:
    """When rows of a day arrive, if in time; bad days arrive with the first rows."""
    if day == ENTERED_AHEAD:
        return ENTERED_ON
    return min(day, LAST_DAY) if day in CALENDAR else FIRST_DAY


def known_on(today: str, arrivals: Callable[[str], str] = arrival) -> Rows:
    """The rows that have arrived by the end of a day, as they stand then.

    arrivals: the day of a row -> the day it arrives.
    """
    shop = whole_shop()
    return {
        name: [
            as_of(today, row)
            for row, day in dated(shop, name)
            if arrivals(day) <= today
        ]
        for name in shop
    }


def as_of(today: str, row: Row) -> Row:
    """The row before what happens to it later: delivered, accepted, opened."""
    later = {
        name: ""
        for name in ("delivered_at", "accepted_at", "opened_at", "clicked_at")
        if today < row.get(name, "")[:10] <= LAST_DAY
    }
    if "delivered_at" in later:
        later["status"] = "paid"
    return row | later


END = clock(LAST_DAY)


def the_end() -> State:
    """The whole shop at its last day."""
    return State(whole_shop(), END)


# Changes on the way


def row_of(name: str, number: int, like: Row) -> Row:
    """The row of that number among those of the whole shop that have these cells."""
    return [row for row in whole_shop()[name] if like.items() <= row.items()][number]


def edit(
    name: str, number: int, like: Row | None, becomes: Callable[[Row], list[Row]]
) -> Callable[[Rows], None]:
    """A change: other rows, or none, in the place of that one."""

    def apply(shop: Rows) -> None:
        row = row_of(name, number, like or {})
        place = shop[name].index(row)
        shop[name][place : place + 1] = becomes(row)

    return apply


def change(name: str, number: int, like: Row | None = None, **cells: str):
    """A change: other cells in the row of that number (among those like this)."""
    return edit(name, number, like, lambda row: [row | cells])


def delete(name: str, number: int, like: Row | None = None):
    """A change: that row is not there any more."""
    return edit(name, number, like, lambda row: [])


def add(name: str, number: int, like: Row | None = None, **cells: str):
    """A change: one more row, as that one with other cells."""
    return edit(name, number, like, lambda row: [row, row | cells])


COMPLETED = {"status": "completed"}
CHANGES = {
    "an order is refunded": change("orders", 12, COMPLETED, status="refunded"),
    "an order is cancelled": change("orders", 31, COMPLETED, status="cancelled"),
    "a cancelled order is paid": change(
        "orders", 2, {"status": "cancelled"}, status="paid"
    ),
    "an amount is corrected": change(
        "orders", 50, COMPLETED, gross_amount="900.00", net_amount=""
    ),
    "an amount becomes unreadable": change("orders", 71, COMPLETED, gross_amount="?"),
    "an order moves to another day": change(
        "orders", 93, COMPLETED, ordered_at="2025-02-03 10:00:00"
    ),
    "an order moves to another customer": change(
        "orders", 110, COMPLETED, user_id="u0000009"
    ),
    "an order is deleted": delete("orders", 131, COMPLETED),
    "an order is written again, updated": add(
        "orders",
        150,
        COMPLETED,
        gross_amount="700.00",
        net_amount="",
        updated_at="2025-06-30 09:00:00",
    ),
    "an old order arrives": add(
        "orders", 170, COMPLETED, order_id="late_o1", ordered_at="2025-01-05 10:00:00"
    ),
    "a guest's order moves to an account": change(
        "orders", 0, {"user_id": ""}, guest_email="u0000011@example.com"
    ),
    "an old refund arrives": add(
        "refunds",
        0,
        refund_id="late_r1",
        refunded_at="2025-03-01 00:00:00",
        amount="0.01",
    ),
    "a refund is taken back": delete("refunds", 5),
    "a line changes its category": change("order_items", 40, category="gardens"),
    "a line becomes dearer to us": change("order_items", 60, unit_cost="0.01"),
    "a line is deleted": delete("order_items", 77),
    "a user is deleted": delete("users", 20),
    "a user is excluded": change("users", 25, is_excluded="true"),
    "an excluded account is one no more": change(
        "users", 0, {"is_excluded": "true"}, is_excluded="false"
    ),
    "a user registered earlier": change(
        "users", 30, registered_at="2024-12-20 08:00:00"
    ),
    "a user changes the channel": change("users", 13, channel="offline"),
    "a user changes the e-mail": change("users", 23, email="nobody@example.com"),
    "an account turns out to be another one's": change(
        "users", 33, phone="+1 (555) 0000020"
    ),
    "two accounts are two again": delete("identities", 0, {"id_type": "phone"}),
    "a visitor turns out to be a customer": add(
        "identities", 15, id_type="anonymous", id_value="a0000005"
    ),
    # She registered in the silence, and has bought since.
    "an unknown user becomes known": add(
        "users", 40, user_id="u0000061", registered_at="2025-05-30 10:00:00"
    ),
    "a login is deleted": delete("logins", 0, {"user_id": "u0000025"}),
    "a login is older than all that was": add(
        "logins", 200, login_id="late_l1", login_at="2024-11-29 08:00:00"
    ),
    "an event gets another name": change(
        "events", 9, {"event_name": "view", "user_id": "u0000009"}, event_name="review"
    ),
    "an event is deleted": delete("events", 700),
    "an invitation is accepted": change(
        "referrals",
        0,
        {"referee_id": ""},
        referee_id="u0000050",
        accepted_at="2025-06-20 00:00:00",
    ),
    "a referral is deleted": delete("referrals", 1),
    "old spend is corrected": change("marketing_spend", 60, spend="999.00"),
    "spend is deleted": delete("marketing_spend", 100),
    "a cost becomes a reward": change(
        "operating_costs", 70, cost_type="referral_reward"
    ),
    "a cost is deleted": delete("operating_costs", 50),
    "a contact was sent to somebody else": change("contacts", 30, user_id="u0000050"),
    "a contact is deleted": delete("contacts", 60),
    "a survey rating is corrected": change(
        "survey_responses", 0, {"survey_type": "rating"}, score="1"
    ),
    "a share of wallet is corrected": change(
        "survey_responses", 2, {"survey_type": "share_of_wallet"}, score="1"
    ),
    "an answer is deleted": delete("survey_responses", 3, {"survey_type": "rating"}),
    "a promotion is deleted": delete("promotions", 2),
}


def changed(names: Iterable[str] = tuple(CHANGES)) -> State:
    """The whole shop at its last day, with some or all changes."""
    shop = {name: list(rows) for name, rows in whole_shop().items()}
    for name in names:
        CHANGES[name](shop)
    return State(shop, END)
