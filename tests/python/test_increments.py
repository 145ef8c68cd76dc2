"""Increments: a build on top of an earlier one equals a build from empty.

One shop arrives in many ways (day by day, late and shuffled, with changes and
deletions on the way, interrupted by a kill), and random shops live through whatever
hypothesis thinks of. After a step, every public table holds the rows of a build of the
same inputs in a new folder; what the earlier builds left behind must not show.

A normal run builds as seldom as it can. HYPOTHESIS_PROFILE=fuzz builds every day of
the shop, every change alone, more kills and FUZZ_EXAMPLES / 4 random lives.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache, partial
from hashlib import md5
from pathlib import Path
from random import Random

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import warehouse as warehouse_module
from compare import KEYS, differences
from generate_data import as_table, as_text, read_schemas
from hard_cases import hard_cases
from hypothesis import assume, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)
from nasty_shops import DAYS, OTHER_VALUES, ROWS, mostly, of, shops, variables
from oracle.judging import INPUTS, MAIN_COLUMNS
from shop_model import LAST_DAY as LAST_DATE
from shop_model import Shop, make_shop
from test_random_shops import FIXED_CLOCK
from warehouse import DATABASE, PROJECT, Input, Warehouse, locations

IS_FUZZ = os.environ.get("HYPOTHESIS_PROFILE") == "fuzz"
LIVES = int(os.environ.get("FUZZ_EXAMPLES", "100")) // 4 if IS_FUZZ else 2

LIST = "erased_people"

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


@pytest.fixture(scope="module")
def builds(warehouse, tmp_path_factory):
    return Builds(warehouse, tmp_path_factory.mktemp("increments"))


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


# Ways to arrive


def days() -> Iterable[tuple[State, bool]]:
    """The shop at the ends of days, and whether to compare that day."""
    first, last = SILENCE
    compared = {last, LAST_DAY}
    # From the day after the one entered ahead to the last, nothing but time passes.
    steps = {START, plus(START, 1), ENTERED_ON, plus(ENTERED_AHEAD, 1), plus(last, 1)}
    steps = sorted(compared | steps)
    if IS_FUZZ:
        length = (LAST_DATE - date.fromisoformat(START)).days
        steps = [plus(START, number) for number in range(length + 1)]
        compared |= set(steps[::7])
    for day in steps:
        # In the silence time passes although no row says so.
        asked = {"as_of_date": day} if first <= day <= last else {}
        yield State(known_on(day), clock(day, **asked)), day in compared


def test_day_by_day_equals_one_run(builds):
    folder = builds.new_folder()
    for state, is_compared in days():
        builds.on_top(folder, state)
        if is_compared:
            builds.assert_as_from_empty(folder, state)
    builds.assert_as_from_empty(folder, the_end())


def late_arrival(dice: Random, day: str) -> str:
    """One row in ten comes up to sixty days late, whatever it belongs to."""
    is_late = dice.random() < 0.1
    return min(plus(arrival(day), is_late * dice.randint(1, 60)), LAST_DAY)


def write_parquet(path: Path, name: str, rows: list[Row]) -> None:
    """Write rows of an input as texts, which is what a csv would hold."""
    cells = [{key: cell or None for key, cell in row.items()} for row in rows]
    schema = pa.schema([(column, pa.string()) for column in whole_shop()[name][0]])
    path.parent.mkdir(exist_ok=True)
    pq.write_table(pa.Table.from_pylist(cells, schema=schema), path)


def as_parquet(folder: Path, rows: Rows) -> dict[str, str]:
    """Write the rows as one parquet file an input; returns their places."""
    for name, some in rows.items():
        write_parquet(folder / f"{name}.parquet", name, some)
    return {name: str(folder / f"{name}.parquet") for name in rows}


def test_a_shuffled_arrival_with_late_rows_equals_one_run(builds):
    folder, dice = builds.new_folder(), Random(2)
    for day in (START, LAST_DAY):
        # The same rows are late at every step.
        rows = known_on(day, partial(late_arrival, Random(3)))
        for some in rows.values():
            dice.shuffle(some)
        builds.on_top(folder, State(as_parquet(folder, rows), clock(day)))
    builds.assert_as_from_empty(folder, the_end())


# Files that arrive


class Files:
    """A folder of parquet files an input, to which files come; the rest stays."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.count = 0

    def add(self, rows: Rows) -> None:
        """One more file for each input that has rows."""
        self.count += 1
        for name, some in rows.items():
            if some:
                write_parquet(self.path(name, self.count), name, some)

    def path(self, name: str, number: int) -> Path:
        return self.folder / name / f"{number}.parquet"

    def state(self, day: str) -> State:
        places = {
            name: str(self.folder / name / "*.parquet")
            for name in INPUTS
            if whole_shop()[name]
        }
        return State(places, clock(day), self.count)


def count_of(folder: Path, table: str) -> int:
    with duckdb.connect(folder / DATABASE) as connection:
        return connection.execute(f"select count(*) from {table}").fetchone()[0]


@pytest.fixture
def files(tmp_path):
    return Files(tmp_path)


def split(rows: Rows, is_first: Callable[[str, Row], bool]) -> tuple[Rows, Rows]:
    """The rows of every input in two: the first, and the others."""
    first = {n: [r for r in some if is_first(n, r)] for n, some in rows.items()}
    others = {n: [r for r in some if not is_first(n, r)] for n, some in rows.items()}
    return first, others


def test_files_that_arrive_equal_one_run(builds, files):
    whole, before = known_on(LAST_DAY), known_on(ENTERED_ON)
    known = {name: set(map(json.dumps, some)) for name, some in before.items()}
    first, others = split(whole, lambda name, row: json.dumps(row) in known[name])
    # Half of the users come last, long after what they did.
    dice = Random(4)
    late = {"users": [row for row in first["users"] if dice.random() < 0.5]}
    first["users"] = [row for row in first["users"] if row not in late["users"]]
    # Some rows come twice, and some orders again with another status.
    others["logins"] += first["logins"][:3]
    others["events"] += first["events"][-3:]
    others["orders"] += [
        row | {"status": "cancelled", "updated_at": "2025-06-30 09:00:00"}
        for row in first["orders"][5:8]
    ]
    folder = builds.new_folder()
    # At last the clock is put back to where that day lay in the future.
    steps = (first, START), (others, ENTERED_ON), (late, LAST_DAY), ({}, "2025-05-12")
    for rows, day in steps:
        files.add(rows)
        builds.on_top(folder, files.state(day))
        builds.assert_as_from_empty(folder, files.state(day))


def test_only_files_that_arrived_are_read(builds, files):
    logins, two = "customer_ops_staging.base_shop__logins", whole_shop()["logins"][:2]
    files.add(known_on(START))
    folder = builds.new_folder()
    builds.on_top(folder, files.state(START))
    stored = count_of(folder, logins)
    with duckdb.connect(folder / DATABASE) as connection:
        connection.execute(f"delete from {logins} where file_row_number = 5")
    more = [row | {"login_id": f"more{number}"} for number, row in enumerate(two)]
    files.add({"logins": more})
    builds.on_top(folder, files.state(START))
    # What is gone was not read again; it is as soon as its file is another.
    assert count_of(folder, logins) == stored + 1
    os.utime(files.path("logins", 1), (0, 0))
    builds.on_top(folder, files.state(START))
    assert count_of(folder, logins) == stored + 2


def test_files_are_read_in_the_columns_of_the_first(builds, files):
    files.add(known_on(START))
    folder = builds.new_folder()
    builds.on_top(folder, files.state(START))
    files.count += 1
    login = whole_shop()["logins"][0] | {"login_id": "stray", "user_id": "nobody"}
    # As text it is no plain digits, and refused; as a number it would be nothing.
    order = whole_shop()["orders"][0] | {"order_id": "dust", "discount_amount": 1e-7}
    for name, row in {"logins": {"more": "x"} | login, "orders": order}.items():
        table = pa.table({column: [row[column]] for column in reversed(row)})
        pq.write_table(table, files.path(name, files.count))
    builds.on_top(folder, files.state(START))
    builds.assert_as_from_empty(folder, files.state(START))


def test_who_is_erased_on_arrival_takes_old_rows_along(tmp_path, monkeypatch, files):
    project = tmp_path / "project"
    for name in ("macros", "models", "seeds", "tests/generic"):
        shutil.copytree(PROJECT / name, project / name)
    for name in ("dbt_project.yml", "profiles.yml"):
        shutil.copy(PROJECT / name, project / name)
    email = "gone@example.com"
    hashes = [md5(text.encode()).hexdigest() for text in (f"email:{email}", LIST)]
    path = project / "seeds" / "reference" / f"{LIST}.csv"
    path.write_text(f"name_hash,salt_hash\n{hashes[0]},{hashes[1][:6]}\n")
    monkeypatch.setattr(warehouse_module, "PROJECT", project)
    for name in ("runs", "builds"):
        (tmp_path / name).mkdir()
    builds = Builds(Warehouse(tmp_path / "runs"), tmp_path / "builds")

    # Known before the account is, to which the e-mail on the list belongs.
    user, order, event = (known_on(START)[n][0] for n in ("users", "orders", "events"))
    rows = known_on(START)
    rows["orders"] += [order | {"order_id": "left", "user_id": "late"}]
    rows["events"] += [event | {"event_id": "left", "target_user_id": "late"}]
    files.add(rows)
    folder = builds.new_folder()
    builds.on_top(folder, files.state(START))
    files.add({"users": [user | {"user_id": "late", "email": email}]})
    builds.on_top(folder, files.state(START))
    builds.assert_as_from_empty(folder, files.state(START))
    _, rejected = builds.tables(folder)["audit_rejected_rows"]
    assert rejected and not any("late" in str(cell) for row in rejected for cell in row)


def test_a_file_that_vanishes_takes_its_rows_along(builds, files):
    files.add(known_on(START))
    folder = builds.new_folder()
    builds.on_top(folder, files.state(START))
    before = builds.tables(folder)
    files.add({"logins": known_on(LAST_DAY)["logins"][-9:]})
    builds.on_top(folder, files.state(LAST_DAY))
    assert builds.tables(folder) != before
    files.path("logins", 2).unlink()
    builds.on_top(folder, files.state(START))
    assert not table_differences(before, builds.tables(folder))


def test_links_that_come_and_go_move_what_was_done(builds, files):
    known = known_on(START)
    first, second = (f"u{number:07}" for number in (3, 9))
    guest = next(
        row["guest_email"].strip().lower()
        for row in known["orders"]
        if row["guest_email"].endswith("@guest.example.com")
    )
    linked = {row["id_value"] for row in known["identities"]}
    visitor = next(
        row["anonymous_id"]
        for row in known["events"]
        if not row["user_id"] and row["anonymous_id"] not in linked
    )
    links = [
        {"user_id": second, "id_type": "email", "id_value": f"{first}@example.com"},
        {"user_id": second, "id_type": "email", "id_value": guest},
        {"user_id": second, "id_type": "anonymous", "id_value": visitor},
    ]
    files.add(known)
    folder = builds.new_folder()
    builds.on_top(folder, files.state(START))
    before, customers = builds.tables(folder), customers_of(folder)
    files.add({"identities": [row | {"linked_at": START} for row in links]})
    builds.on_top(folder, files.state(START))
    builds.assert_as_from_empty(folder, files.state(START))
    gone = customers - customers_of(folder)
    assert len(gone) == 2
    assert second in gone
    assert any(name.startswith("guest:") for name in gone)
    files.path("identities", 2).unlink()
    builds.on_top(folder, files.state(START))
    assert not table_differences(before, builds.tables(folder))


def customers_of(folder: Path) -> set[str]:
    with duckdb.connect(folder / DATABASE) as connection:
        sql = "select customer_id from customer_ops_marts.dim_customers"
        return {row[0] for row in connection.execute(sql).fetchall()}


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


@pytest.mark.parametrize("names", [CHANGES, *([n] for n in CHANGES if IS_FUZZ)])
def test_changes_and_deletions_equal_one_run(builds, names):
    before, after = the_end(), changed(names)
    folder = builds.copy(builds.from_empty(before))
    builds.on_top(folder, after)
    builds.assert_as_from_empty(folder, after)
    assert builds.tables(folder) != builds.tables(builds.from_empty(before))
    if IS_FUZZ:
        builds.on_top(folder, before)
        builds.assert_as_from_empty(folder, before)


# What is counted and measured again, of everybody: the latest change comes first, as
# a build of these few tables ends no list of what is to be done.
RESTATED = {
    None: ("2025-05-26", LAST_DAY),
    "a share of wallet is corrected": ("2025-03-26", "2025-04-01"),
    # The refunded order is of December, the refund of March.
    "an old refund arrives": ("2024-11-25", "2025-03-01"),
    "a user changes the channel": ("2024-11-25", "2025-02-01"),
    "a line becomes dearer to us": ("2024-11-25", "2025-01-01"),
}


def test_all_is_counted_again_from_the_first_change_on(builds):
    folder, names = builds.copy(builds.from_empty(the_end())), []
    for name, expected in RESTATED.items():
        names += [name] if name else []
        state = changed(names)
        builds.warehouse.build(folder, state.vars, state.inputs, "+int_restatement")
        with duckdb.connect(folder / DATABASE) as connection:
            sql = "select * from customer_ops_intermediate.int_restatement"
            (found,) = connection.execute(sql).fetchall()
        assert tuple(map(str, found)) == expected, name


# Time and definitions

BACK = {"as_of_date": "2025-03-20"}
# None of them is in the rows of the stage rules: only the signature can tell.
OTHER_DEFINITIONS = {
    "week_start": "sunday",
    "rfm_window_days": 60,
    "activity_types": ["order", "event"],
}


@pytest.mark.parametrize("vars", [BACK | OTHER_DEFINITIONS, *([BACK] * IS_FUZZ)])
def test_back_in_time_and_forward_again_equal_one_run(builds, vars):
    folder = builds.copy(builds.from_empty(the_end()))
    for state in (State(whole_shop(), END | vars), the_end()):
        builds.on_top(folder, state)
        builds.assert_as_from_empty(folder, state)


def test_a_run_that_would_leave_tables_of_other_definitions_is_refused(builds):
    folder, state = builds.copy(builds.from_empty(the_end())), the_end()
    build = builds.warehouse.build(
        folder,
        state.vars | OTHER_DEFINITIONS,
        state.inputs,
        select="int_customer_days",
        check=False,
    )
    assert "has changed since" in build.messages["dbt"]
    assert "would leave" in build.messages["dbt"]
    builds.assert_as_from_empty(folder, state)


def test_a_stored_table_is_made_again_with_the_others_or_not_at_all(builds):
    folder, state = builds.copy(builds.from_empty(the_end())), the_end()
    name = "rpt_user_pyramid"
    part = partial(
        builds.warehouse.build, folder, state.vars, state.inputs, name, check=False
    )
    assert f"To make {name} from empty" in part(full_refresh=True).messages["dbt"]
    with duckdb.connect(folder / DATABASE) as connection:
        connection.execute(f"drop table customer_ops_marts.{name}")
    assert f"To make {name} from empty" in part().messages["dbt"]
    builds.on_top(folder, state)
    builds.assert_as_from_empty(folder, state)


def test_what_a_run_leaves_out_is_not_done(builds):
    folder, state = builds.copy(builds.from_empty(the_end())), changed()
    part = "path:models path:seeds --exclude fct_orders"
    builds.warehouse.build(folder, state.vars, state.inputs, part)
    builds.on_top(folder, state)
    builds.assert_as_from_empty(folder, state)


def test_the_same_inputs_twice_give_the_same_rows(builds):
    folder = builds.copy(builds.from_empty(the_end()))
    builds.on_top(folder, the_end())
    builds.assert_as_from_empty(folder, the_end())


# A kill


def kill(builds: Builds, folder: Path, state: State, share: float) -> None:
    """Run dbt build on top of the folder, and kill it when a share of it is done."""
    vars = locations(folder, state.inputs) | state.vars
    command = [
        *(str(Path(sys.executable).with_name("dbt")), "--no-use-colors", "build"),
        *("--exclude-resource-type", "test", "--exclude-resource-type", "unit_test"),
        *("--vars", json.dumps(vars)),
        *("--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)),
    ]
    # One target for all kills, so that the project is parsed once.
    target = builds.root / "killed"
    places = {
        "CUSTOMER_OPS_DUCKDB": str(folder / DATABASE),
        "DBT_TARGET_PATH": str(target),
        "DBT_LOG_PATH": str(target / "logs"),
    }
    with subprocess.Popen(
        command, env=os.environ | places, stdout=subprocess.PIPE, text=True
    ) as process:
        said = []
        for line in process.stdout:
            said.append(line)
            if is_done(line, share):
                process.kill()
                break
        else:
            pytest.fail("dbt ended before it could be killed:\n" + "".join(said))


def is_done(line: str, share: float) -> bool:
    """Whether dbt says that it starts, or for share 1 that it ends, such a model."""
    found = re.search(r" (\d+) of (\d+) (START|OK) .* model ", line)
    if not found:
        return False
    number, count, word = int(found[1]), int(found[2]), found[3]
    return number >= share * count and (word == "OK" or share < 1)


def test_a_build_after_a_kill_equals_one_run(builds):
    before, after = the_end(), changed()
    folder = builds.copy(builds.from_empty(before))
    # What is killed, when, and what is built then. Half of what was withdrawn after
    # a kill must not stay, nor may what was done be done again.
    kills = [([(after, 0.1)], after), ([(before, 1), (after, 0.9)], before)]
    if IS_FUZZ:
        either = partial(Random(3).choice, [before, after])
        kills += [([(either(), step / 20)], either()) for step in range(21)]
    for killed, built in kills:
        for state, share in killed:
            kill(builds, folder, state, share)
        builds.on_top(folder, built)
        builds.assert_as_from_empty(folder, built)


# Random lives of random shops

ARRIVALS = of(*INPUTS).flatmap(
    lambda name: st.tuples(
        st.just(name),
        st.lists(st.fixed_dictionaries(ROWS[name]), min_size=1, max_size=3),
    )
)


class Life(RuleBasedStateMachine):
    """A small nasty shop to which anything may happen between two builds."""

    def __init__(self, builds: Builds) -> None:
        super().__init__()
        self.builds = builds
        self.has_changed = False

    @initialize(inputs=shops(), vars=variables())
    def open(self, inputs, vars):
        # A shop without customers has a short life.
        assume(len(inputs["users"]) > 3 and len(inputs["orders"]) > 5)
        self.inputs, self.vars = inputs, FIXED_CLOCK | vars
        self.folder = self.builds.new_folder()
        self.builds.on_top(self.folder, State(self.inputs, self.vars))

    @rule(arrival=ARRIVALS)
    def arrive(self, arrival):
        name, rows = arrival
        self.inputs[name] = [*(self.inputs[name] or []), *rows]
        self.has_changed = True

    def draw_row(self, data):
        name = data.draw(st.sampled_from([n for n in INPUTS if self.inputs[n]]))
        return name, data.draw(st.integers(0, len(self.inputs[name]) - 1))

    @precondition(lambda self: any(self.inputs.values()))
    @rule(data=st.data())
    def change(self, data):
        name, number = self.draw_row(data)
        row = self.inputs[name][number]
        column = data.draw(st.sampled_from(list(row)))
        self.inputs[name][number] = row | {column: data.draw(ROWS[name][column])}
        self.has_changed = True

    @precondition(lambda self: any(self.inputs.values()))
    @rule(data=st.data())
    def delete(self, data):
        name, number = self.draw_row(data)
        del self.inputs[name][number]
        self.has_changed = True

    @rule(order=st.randoms())
    def shuffle(self, order):
        for rows in filter(None, self.inputs.values()):
            order.shuffle(rows)

    @rule(day=mostly(DAYS, st.none(), 5))
    def let_time_pass_or_go_back(self, day):
        self.vars = self.vars | {"as_of_date": day}
        self.has_changed = True

    @rule(day=DAYS)
    def move_the_future(self, day):
        self.vars = self.vars | clock(day)
        self.has_changed = True

    @rule(name=of(*OTHER_VALUES), data=st.data())
    def define_otherwise(self, name, data):
        """Another value of a variable, or its default again."""
        if name in self.vars:
            self.vars = {key: self.vars[key] for key in self.vars if key != name}
        else:
            self.vars = self.vars | {name: data.draw(OTHER_VALUES[name])}
        self.has_changed = True

    @precondition(lambda self: self.has_changed)
    @rule()
    def build_and_compare(self):
        # Not again at the end of this life, if it fails here.
        self.has_changed = False
        state = State(self.inputs, self.vars)
        self.builds.on_top(self.folder, state)
        self.builds.assert_as_from_empty(self.folder, state)

    def teardown(self):
        if self.has_changed:
            self.build_and_compare()
        self.builds.clear()


def test_random_lives_equal_one_run_each_time(warehouse, tmp_path):
    builds = Builds(warehouse, tmp_path)
    run_state_machine_as_test(
        lambda: Life(builds),
        settings=settings(max_examples=LIVES, stateful_step_count=20 if IS_FUZZ else 7),
    )
