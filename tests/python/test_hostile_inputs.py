"""Hostile values, names and mappings end in a clear error or a rejected row."""

import json

import doctor
import duckdb
import pytest
import yaml
from project import read_contract
from warehouse import DATABASE, locations

DROP = "x'); drop table customer_ops_staging.base_shop__users; --"
# A cell, or the name of a column or a file.
HOSTILE = {
    "quote": "O'Brien",
    "double quote": 'a"b',
    "both": "'\"'\"",
    "statement": DROP,
    "comment": "/* a -- b",
    "semicolon": "a;b",
    "comma": "a,b",
    "braces": "{{ 1 / 0 }}{% raw %}",
    "format": "%s %(x)s ${HOME} {0}",
    "backslash": "a\\'\\",
    "newline": "a\nb",
    "right to left": "\u202eabc\u202c\u200f",
    "control": "a\x01\x1b[31mb",
    "emoji": "👩‍👩‍👧‍👦",
    "blank": " a ",
    # YAML has no longer keys.
    "long": "x" * 1000,
}
SELECT = "+audit_rejected_rows +audit_input_reconciliation +stg_shop__users"
GOOD_USER = {"user_id": "u1", "registered_at": "2024-01-01"}
GOOD_ORDER = {
    "order_id": "o1",
    "user_id": "u1",
    "ordered_at": "2024-02-01",
    "status": "paid",
    "gross_amount": "10",
}


def judged(build):
    """Accepted and rejected rows by input, of those that have any."""
    rows = build.table("audit_input_reconciliation")
    return {
        row["input_name"]: (row["accepted_count"], row["rejected_count"])
        for row in rows
        if row["raw_count"]
    }


@pytest.fixture(scope="module")
def hostile_build(warehouse, tmp_path_factory):
    """A shop whose every text cell is hostile, in rows that are good otherwise."""
    users, orders = [], []
    for number, text in enumerate(HOSTILE.values()):
        users.append(
            dict.fromkeys(read_contract()["users"]["columns"], text)
            | {"user_id": f"{number} {text}", "registered_at": "2024-01-01"}
        )
        orders.append(
            dict.fromkeys(read_contract()["orders"]["columns"], text)
            | GOOD_ORDER
            | {"order_id": f"{number} {text}", "user_id": f"{number} {text}"}
            | {"status": text, "discount_amount": "", "cost_amount": ""}
            | {"net_amount": "", "paid_at": ""}
        )
    orders += [order | {"ordered_at": order["store"]} for order in orders]
    statuses = [text.strip() for text in HOSTILE.values()]
    return warehouse.build(
        tmp_path_factory.mktemp("hostile"),
        {"order_statuses": ["paid", "shipped", "completed", *statuses]},
        {"users": users, "orders": orders},
        select=SELECT,
    )


def test_hostile_cells_are_values_and_nothing_else(hostile_build):
    count = len(HOSTILE)
    assert judged(hostile_build) == {"users": (count, 0), "orders": (count, count)}
    users = hostile_build.table("stg_shop__users")
    assert {row["region"] for row in users} == {
        text.strip() for text in HOSTILE.values()
    }
    orders = hostile_build.table("stg_shop__orders")
    assert {row["status"] for row in orders} == {row["region"] for row in users}
    # What was rejected is kept as it was written.
    kept = [
        json.loads(row["raw_record"])["store"]
        for row in hostile_build.table("audit_rejected_rows")
    ]
    assert sorted(kept) == sorted(HOSTILE.values())


def put_parquet(path, **columns):
    """Write one row; returns the location."""
    items = ", ".join(
        f'? as "{name.replace(chr(34), 2 * chr(34))}"' for name in columns
    )
    with duckdb.connect() as connection:
        connection.execute(f"create table t as select {items}", list(columns.values()))
        connection.execute(f"copy t to '{path}' (format parquet)")
    return str(path)


def told(tmp_path, inputs):
    """What the doctor says before a build: findings of errors."""
    path = tmp_path / "vars.yml"
    variables = locations(tmp_path, {}) | inputs
    path.write_text(yaml.safe_dump(variables, allow_unicode=True), encoding="utf-8")
    findings, _ = doctor.examine(path, before_build=True)
    return [finding.english for finding in findings if finding.level == "error"]


def built(warehouse, tmp_path, inputs):
    """A build of the users of some inputs, which may have failed."""
    variables = locations(tmp_path, {}) | inputs
    return warehouse.build(tmp_path, variables, select="base_shop__users", check=False)


@pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_column_name_can_be_mapped(warehouse, tmp_path, name):
    columns = {name: "u1", "registered_at": "2024-01-01", f"{name}2": "other"}
    users = put_parquet(tmp_path / "users.parquet", **columns)
    inputs = {"input_users": {"from": users, "columns": {"user_id": name}}}
    build = built(warehouse, tmp_path, inputs)

    if name == name.strip():
        assert told(tmp_path, inputs) == []
        assert [row["user_id"] for row in build.table("base_shop__users")] == ["u1"]
    else:
        # Blanks around what a mapping says do not count.
        assert "has no column" in told(tmp_path, inputs)[0]
        assert "has no such column" in build.messages["base_shop__users"]


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_mapped_value_is_a_value(warehouse, tmp_path, text):
    users = put_parquet(tmp_path / "u.parquet", **GOOD_USER, gender="x", region=text)
    values = {"gender": {"x": text}, "region": {DROP: text} | {text.strip(): "mapped"}}
    inputs = {"input_users": {"from": users, "values": values}}
    build = built(warehouse, tmp_path, inputs)

    assert told(tmp_path, inputs) == []
    [user] = build.table("base_shop__users")
    assert user["region"] == "mapped"
    assert (user["gender"], user["gender_nulled_value"]) == (None, text.strip())


# But for those that are documented as SQL, or as the name of a model.
PLACES = [
    location
    for place in ("{}", "{}.csv", "{}.parquet", "shop.{}", "{}.users")
    for location in map(place.format, HOSTILE.values())
    if location.endswith((".csv", ".parquet"))
    or not ("(" in location or location.strip().isalnum())
]


@pytest.mark.parametrize("location", PLACES, ids=range(len(PLACES)))
def test_a_hostile_place_is_a_place_that_is_not_there(tmp_path, location):
    [sentence, *_] = told(tmp_path, {"input_users": location})
    assert "Traceback" not in sentence


def test_a_table_with_a_hostile_name_is_read(warehouse, tmp_path):
    with duckdb.connect(tmp_path / DATABASE) as connection:
        connection.execute('create schema "my shop"')
        connection.execute(
            """create table "my shop"."users'; --" as"""
            " select 'u1' as user_id, '2024-01-01' as registered_at"
        )
    build = built(warehouse, tmp_path, {"input_users": "my shop.users'; --"})
    assert [row["user_id"] for row in build.table("base_shop__users")] == ["u1"]


TEXT_VARIABLES = """
    as_of_date business_timezone input_timezone future_cutoff_at earliest_valid_date
    fast_base_date week_start rfm_split cac_basis growth_curve_period growth_curve_model
    rfm_window_days gross_margin_rate refund_reverses_cost bgnbd_parameters
"""
LISTS = """
    valid_order_statuses activity_types churn_activity stitch_id_types rfm_weights
    repurchase_cohort_days mid_aov_quantiles cl_targets strategy_layer_order
"""
MAPPINGS = "retention_max_offset retention_brackets gamma_gamma_parameters"
SMUGGLED = [
    *((name, DROP) for name in f"{TEXT_VARIABLES} {LISTS} {MAPPINGS}".split()),
    *((name, [DROP]) for name in f"{LISTS} {MAPPINGS}".split()),
    *((name, {"day": DROP, "p": DROP}) for name in f"{MAPPINGS} {LISTS}".split()),
    *((name, 5) for name in f"{LISTS} order_statuses {MAPPINGS}".split()),
    ("order_statuses", [["paid"]]),
    ("order_statuses", DROP),
    ("retention_brackets", {"day": [[DROP, DROP]]}),
    ("mid_aov_quantiles", [DROP, DROP]),
]


@pytest.mark.parametrize(("name", "value"), SMUGGLED, ids=str)
def test_a_variable_smuggles_no_sql(warehouse, tmp_path, name, value):
    build = warehouse.build(
        tmp_path, {name: value}, select="stg_shop__clock", check=False
    )
    message = build.messages["dbt"]
    assert f"The variable {name}" in message
    assert "; it must be " in message


@pytest.mark.parametrize("text", [HOSTILE["statement"], HOSTILE["backslash"]])
def test_a_text_that_is_free_is_a_text(warehouse, tmp_path, text):
    order = GOOD_ORDER | {"currency": text}
    build = warehouse.build(
        tmp_path,
        {"reporting_currency": text, "identity_salt": text},
        {"users": [GOOD_USER], "orders": [order, order | {"currency": "USD"}]},
        select=SELECT,
    )
    rows = build.table("base_shop__orders")
    assert {row["currency"]: row["reason_code"] for row in rows} == {
        text: None,
        "USD": "currency_mismatch",
    }
    [row] = build.query("select salt from customer_ops_staging.identity_salt")
    assert row["salt"] == text


def test_a_cell_of_ten_megabytes_is_a_value_or_a_sentence(warehouse, tmp_path):
    cell = "x" * 10_000_000
    users = put_parquet(tmp_path / "users.parquet", **GOOD_USER, region=cell)
    [user] = built(warehouse, tmp_path, {"input_users": users}).table(
        "base_shop__users"
    )
    assert user["region"] == cell

    path = tmp_path / "big.csv"
    path.write_text(f"user_id,registered_at,region\nu1,2024-01-01,{cell}\n")
    [sentence] = told(tmp_path, {"input_users": str(path)})
    assert "big.csv cannot be read" in sentence
    assert len(sentence) < 900


def test_ten_thousand_columns_are_read(warehouse, tmp_path):
    columns = GOOD_USER | {f"column {number}": "x" for number in range(10_000)}
    users = put_parquet(tmp_path / "wide.parquet", **columns)
    path = tmp_path / "wide.csv"
    path.write_text(",".join(columns) + "\n" + ",".join(columns.values()) + "\n")
    assert told(tmp_path, {"input_users": str(path)}) == []
    assert told(tmp_path, {"input_users": users}) == []
    build = built(warehouse, tmp_path, {"input_users": users})
    assert [row["user_id"] for row in build.table("base_shop__users")] == ["u1"]


DAMAGED = {
    "empty": lambda data: b"",
    "half": lambda data: data[: len(data) // 2],
    "end cut off": lambda data: data[:-5],
    "beginning": lambda data: data[:4],
    "other bytes": lambda data: data[:4] + bytes(len(data) - 8) + data[-4:],
    "text": lambda data: b"user_id,registered_at\n",
}


@pytest.mark.parametrize("damage", DAMAGED.values(), ids=DAMAGED)
def test_a_damaged_parquet_file_is_a_sentence(warehouse, tmp_path, damage):
    path = tmp_path / "users.parquet"
    put_parquet(path, **GOOD_USER)
    path.write_bytes(damage(path.read_bytes()))
    [sentence] = told(tmp_path, {"input_users": str(path)})
    assert "users.parquet cannot be read" in sentence
    build = built(warehouse, tmp_path, {"input_users": str(path)})
    assert "base_shop__users" in build.messages


@pytest.mark.parametrize("row", ["u2", "u2,2024-01-01,3,4", 'u2,"2024-01-01', "\x00"])
@pytest.mark.parametrize("rows", [1, 3_000])
def test_ragged_rows_of_a_csv_are_a_sentence_or_rejected(
    warehouse, tmp_path, row, rows
):
    path = tmp_path / "ragged.csv"
    good = "".join(f"u1{number},2024-01-01\n" for number in range(rows))
    path.write_text(f"user_id,registered_at\n{good}{row}\n{good}")
    errors = told(tmp_path, {"input_users": str(path)})
    if not errors:
        build = built(warehouse, tmp_path, {"input_users": str(path)})
        rejected = [r for r in build.table("base_shop__users") if r["reason_code"]]
        assert len(rejected) > 0
    else:
        assert "ragged.csv" in errors[0]
