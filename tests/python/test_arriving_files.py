"""Increments by files: only what arrived is read, and nothing of it shows.

The shop of growing_shop comes as folders of parquet files, to which files are added and
from which one vanishes. A build on top of an earlier one equals a build from empty.
"""

import json
import os
import shutil
from collections.abc import Callable
from functools import partial
from hashlib import md5
from pathlib import Path
from random import Random

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import warehouse as warehouse_module
from growing_shop import (
    ENTERED_ON,
    LAST_DAY,
    START,
    Builds,
    Row,
    Rows,
    State,
    arrival,
    clock,
    known_on,
    plus,
    table_differences,
    the_end,
    whole_shop,
)
from oracle.judging import INPUTS
from warehouse import DATABASE, PROJECT, Warehouse

LIST = "erased_people"


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
