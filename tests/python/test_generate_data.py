"""The generator: the seeds are what it writes, and big shops keep the contract."""

import csv
import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from oracle.judging import contract

PROJECT = Path(__file__).resolve().parents[2]
SCRIPT = PROJECT / "scripts" / "generate_data.py"
SEEDS = PROJECT / "seeds" / "shop"

# Rows of the sample: least and most.
SIZES = {
    "users": (1_000, 1_400),
    "orders": (4_500, 6_000),
    "logins": (27_000, 33_000),
    "order_items": (7_000, 12_000),
    "refunds": (200, 600),
    "events": (27_000, 33_000),
    "referrals": (100, 500),
    "marketing_spend": (2_000, 5_000),
    "operating_costs": (500, 3_000),
    "contacts": (1_000, 4_000),
    "survey_responses": (500, 3_000),
    "promotions": (5, 100),
    "identities": (500, 3_000),
    "experiments": (300, 3_000),
    "points_ledger": (300, 3_000),
    "deals": (100, 1_000),
}


def generate(*arguments):
    """Run the generator; returns the finished process."""
    command = [sys.executable, str(SCRIPT), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def contract_columns():
    """Input name -> column names in contract order."""
    return {name: list(of["columns"]) for name, of in contract().items()}


def seed_rows(input_name):
    with (SEEDS / f"raw_{input_name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def case_names():
    path = PROJECT / "scripts" / "hard_cases.py"
    spec = importlib.util.spec_from_file_location("hard_cases", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return list(module.CASES)


@pytest.fixture(scope="module")
def regenerated(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sample")
    done = generate("--sample", "--out", folder)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def small_shop(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shop")
    done = generate("--customers", 200, "--out", folder, "--seed", 7)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.mark.parametrize("input_name", SIZES)
def test_seed_is_what_the_generator_writes(regenerated, input_name):
    file = f"raw_{input_name}.csv"
    assert (regenerated / file).read_bytes() == (SEEDS / file).read_bytes()


@pytest.mark.parametrize("input_name", SIZES)
def test_seed_has_the_columns_of_the_contract(input_name):
    assert seed_rows(input_name)[0] == contract_columns()[input_name]


@pytest.mark.parametrize(("input_name", "bounds"), SIZES.items())
def test_seed_has_the_size_of_a_sample(input_name, bounds):
    least, most = bounds
    assert least <= len(seed_rows(input_name)) - 1 <= most


def test_sample_is_small_enough_for_a_repository():
    assert sum(path.stat().st_size for path in SEEDS.glob("raw_*.csv")) < 8_000_000


def test_every_hard_case_is_planted():
    cells = {cell for name in SIZES for row in seed_rows(name) for cell in row}
    planted = "\n".join(cell.strip() for cell in cells if "hc_" in cell)
    missing = [name for name in case_names() if f"hc_{name}" not in planted]
    assert len(case_names()) > 150
    assert missing == []


@pytest.mark.parametrize(
    ("input_name", "column"),
    [
        ("users", "registered_at"),
        ("orders", "ordered_at"),
        ("logins", "login_at"),
        ("events", "event_at"),
    ],
)
def test_only_refused_rows_are_later_than_the_last_day(input_name, column):
    header, *rows = seed_rows(input_name)
    times = [row[header.index(column)].strip() for row in rows]
    days = [time[:10] for time in times if re.match(r"\d{4}-\d\d-\d\d", time)]
    assert {day for day in days if day > "2025-06-30"} <= {"2999-01-01"}


def test_leap_day_is_in_the_sample():
    assert any("2024-02-29" in cell for row in seed_rows("orders") for cell in row)


@pytest.mark.parametrize("input_name", SIZES)
def test_big_shop_has_the_columns_of_the_contract(small_shop, input_name):
    schema = pq.read_schema(small_shop / f"{input_name}.parquet")
    assert schema.names == contract_columns()[input_name]


def test_big_shop_is_typed(small_shop):
    orders = pq.read_schema(small_shop / "orders.parquet")
    users = pq.read_schema(small_shop / "users.parquet")
    types = [orders.field(name).type for name in ("ordered_at", "gross_amount")]
    assert list(map(str, types)) == ["timestamp[us]", "decimal128(18, 2)"]
    assert str(users.field("is_excluded").type) == "bool"


def test_big_shop_has_the_wanted_ratios(small_shop):
    rows = {
        name: pq.read_metadata(small_shop / f"{name}.parquet").num_rows
        for name in ("users", "orders", "logins", "events")
    }
    assert rows["users"] == 200
    assert rows["orders"] == pytest.approx(2_000, rel=0.1)
    assert rows["logins"] == pytest.approx(20_000, rel=0.1)
    assert rows["events"] == pytest.approx(4_000, rel=0.1)


def test_same_seed_same_shop_and_other_seed_other_shop(small_shop, tmp_path):
    for seed in (7, 8):
        generate("--customers", 200, "--out", tmp_path / str(seed), "--seed", seed)
    first = pq.read_table(small_shop / "orders.parquet")
    assert pq.read_table(tmp_path / "7" / "orders.parquet").equals(first)
    assert not pq.read_table(tmp_path / "8" / "orders.parquet").equals(first)


def test_items_of_an_order_add_up_to_its_gross_amount(small_shop):
    orders = pq.read_table(small_shop / "orders.parquet").to_pylist()
    sums = {}
    for item in pq.read_table(small_shop / "order_items.parquet").to_pylist():
        amount = item["quantity"] * item["unit_price"]
        sums[item["order_id"]] = sums.get(item["order_id"], 0) + amount
    assert {order["order_id"]: order["gross_amount"] for order in orders} == sums


@pytest.mark.parametrize(
    "arguments",
    [
        ("--customers", 1, "--months", 1, "--orders", 0, "--logins", 0, "--events", 5),
        ("--customers", 3, "--months", 240),
    ],
)
def test_extreme_shops_are_written(tmp_path, arguments):
    done = generate(*arguments, "--out", tmp_path)
    assert done.returncode == 0, done.stderr
    assert pq.read_metadata(tmp_path / "users.parquet").num_rows == arguments[1]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--customers", 10), "--customers needs --out"),
        (("--customers", 0, "--out", "x"), "--customers: must be from 1"),
        (("--customers", 9, "--out", "x", "--months", 0), "--months: must be from 1"),
        (("--customers", 9, "--out", "x", "--logins", "nan"), "must be from 0"),
        (("--sample", "--out", __file__), "is not a folder"),
        (("--sample", "--customers", 9, "--out", "x"), "choose one of"),
        (("--seed", 2), "--seed needs --customers"),
        (("--customers", "many"), "invalid int value"),
    ],
)
def test_bad_arguments_end_with_a_message(arguments, message):
    done = generate(*arguments)
    assert done.returncode == 2
    assert message in done.stderr
