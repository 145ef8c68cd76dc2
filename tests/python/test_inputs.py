"""Inputs as users have them: files and tables, typed or text, absent, hostile."""

import csv
import re
from datetime import UTC, date, datetime
from decimal import Decimal

import duckdb
import pytest
import yaml
from compare import differences
from oracle.judging import INPUTS, contract
from oracle.shop import Settings, load_shop
from test_oracle import FOLDER_OF
from test_random_shops import oracle_tables
from warehouse import DATABASE, PROJECT

FIXED_CLOCK = {"future_cutoff_at": "2026-01-01T00:00:00Z"}
STAGING = "deal_stages path:models/staging path:models/marts/audit"
OPTIONAL = [name for name in INPUTS if not contract()[name]["required"]]


def a_user(user_id="u1", registered_at="2024-01-01", **columns):
    return {"user_id": user_id, "registered_at": registered_at, **columns}


def an_order(order_id="o1", user_id="u1", gross_amount="10", **columns):
    return {
        "order_id": order_id,
        "user_id": user_id,
        "ordered_at": "2024-01-05 12:00:00",
        "status": "paid",
        "gross_amount": gross_amount,
        **columns,
    }


@pytest.fixture
def stage(warehouse, tmp_path):
    """Build the staging of some inputs: stage(users=[...], vars={...}, check=...)."""

    def build(vars=None, check=True, select=None, **inputs):
        vars = FIXED_CLOCK | (vars or {})
        select = select or " ".join(f"+stg_shop__{name}" for name in inputs)
        return warehouse.build(tmp_path, vars, inputs, select=select, check=check)

    return build


def column(build, model, key, name):
    """Key -> value of a column."""
    return {row[key]: row[name] for row in build.table(model)}


# The contract


@pytest.mark.parametrize("name", INPUTS)
def test_a_sample_seed_has_the_columns_of_the_contract_as_text(warehouse, name):
    columns = list(contract()[name]["columns"])
    seed = warehouse.manifest["nodes"][f"seed.customer_ops.raw_{name}"]
    path = PROJECT / "seeds" / "shop" / f"raw_{name}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        header = next(csv.reader(file))
    assert header == columns
    assert seed["config"]["column_types"] == dict.fromkeys(columns, "varchar")


@pytest.mark.parametrize("name", INPUTS)
def test_an_input_is_documented_column_by_column(name):
    page = (PROJECT / "docs" / "inputs.md").read_text(encoding="utf-8")
    section = page.split(f"\n### {name} (")[1].split("\n### ")[0]
    assert re.findall(r"^\| (\**\w+\**) \| (?!type \|)", section, re.MULTILINE) == [
        f"**{column}**" if spec.get("required") else column
        for column, spec in contract()[name]["columns"].items()
    ]


# Absent, empty, incomplete


def test_an_optional_column_may_be_missing(stage):
    build = stage(users=[a_user()], orders=[an_order()])
    (user,) = build.table("stg_shop__users")
    (order,) = build.table("stg_shop__orders")
    assert (user["customer_id"], user["gender"]) == ("u1", None)
    assert (order["discount_amount"], order["store"]) == (Decimal("0.00"), None)


def test_names_of_columns_may_be_in_any_case_and_order_beside_others(stage):
    row = {"extra": "x", "Registered_At": "2024-01-01", "USER_ID": "u1"}
    (user,) = stage(users=[row]).table("stg_shop__users")
    assert user["user_id"] == "u1"


def test_a_missing_required_column_is_named(stage):
    row = {"user_id": "u1", "signed_up": "2024-01-01"}
    message = str(stage(users=[row], check=False).messages)
    assert "Input 'users'" in message
    assert "'registered_at', which is required" in message
    assert "It has: user_id, signed_up" in message


def test_a_missing_file_is_named(stage):
    message = str(stage(users="data/nowhere.csv", check=False).messages)
    assert "input_users names the file 'data/nowhere.csv'" in message


def test_a_missing_table_is_named(stage):
    message = str(stage(orders="crm.orders", check=False).messages)
    assert "input_orders names the table 'crm.orders'" in message


@pytest.mark.parametrize("name", ["users", "orders", "logins"])
def test_a_required_input_cannot_be_absent(stage, name):
    message = str(stage(**{name: None}, check=False).messages)
    assert f"Input '{name}' is required" in message


def test_an_absent_optional_input_is_an_empty_one(stage):
    build = stage(users=[a_user()], orders=[an_order()], select=STAGING)
    assert {name: build.table(f"stg_shop__{name}") for name in OPTIONAL} == {
        name: [] for name in OPTIONAL
    }


@pytest.mark.parametrize("optional", [None, []], ids=["absent", "empty"])
def test_marts_of_required_inputs_alone_equal_the_oracle(warehouse, tmp_path, optional):
    inputs = dict.fromkeys(OPTIONAL, optional) | {
        "users": [a_user(), a_user("u2", "2024-02-03", channel="ads")],
        "orders": [an_order(), an_order("o2", ordered_at="2024-03-01")],
        "logins": [{"user_id": "u2", "login_at": "2024-03-02"}],
    }
    build = warehouse.build(tmp_path, FIXED_CLOCK, inputs)
    expected = oracle_tables(load_shop(inputs, Settings.from_vars(FIXED_CLOCK)))
    for table in FOLDER_OF:
        assert differences(table, expected[table], build.table(table)) == []


def test_an_empty_shop_has_empty_marts(warehouse, tmp_path):
    build = warehouse.build(tmp_path, FIXED_CLOCK, {"users": []})
    filled = {table for table in FOLDER_OF if build.table(table)}
    assert filled == {"audit_input_reconciliation"}
    assert build.table("dim_segments")


def test_a_table_of_the_database_is_an_input(stage, tmp_path):
    with duckdb.connect(tmp_path / DATABASE) as connection:
        connection.execute("create schema crm")
        connection.execute(
            "create table crm.people as select 7 as user_id, "
            "timestamptz '2024-01-01 23:30:00-05' as registered_at"
        )
    (user,) = stage(users="crm.people").table("stg_shop__users")
    assert user["user_id"] == "7"
    assert user["registered_at"] == datetime(2024, 1, 2, 4, 30, tzinfo=UTC)


# Typed inputs


TYPED_INPUTS = {
    "users": """
        select 1 as user_id, date '2024-01-01' as registered_at,
            cast(1990 as double) as birth_year, true as contacts_imported,
            timestamp '2024-01-02 03:04:05' as member_since,
            49.9 as profile_completion_pct, cast(3 as utinyint) as friend_count
    """,
    "orders": """
        select 10 as order_id, 1 as user_id, 'paid' as status,
            timestamptz '2024-01-05 23:30:00-05' as ordered_at,
            1.005::double as gross_amount, 0.005::decimal(10, 3) as discount_amount,
            cast(1 as integer) as cost_amount
    """,
    "logins": """
        select cast(1 as bigint) as user_id,
            timestamp_ns '2024-01-05 12:00:00.123456789' as login_at
    """,
    "order_items": """
        select 10 as order_id, cast(1 as double) as line_number, 5 as item_id,
            cast(2 as decimal(5, 1)) as quantity, 2.675::double as unit_price
    """,
    "refunds": """
        select 1 as refund_id, 10 as order_id, 0.5::float as amount,
            timestamp '2024-01-07 00:00:00' as refunded_at
    """,
    "marketing_spend": """
        select date '2024-01-05' as spend_date, 'ads' as channel,
            12.345::decimal(10, 3) as spend, 7::smallint as impressions
    """,
    "operating_costs": """
        select 1 as cost_id, timestamp '2024-01-05 12:00:00' as cost_date,
            'service' as cost_type, 1.005::double as amount, 1 as user_id
    """,
    "contacts": """
        select 1 as contact_id, 1 as user_id, 'push' as channel,
            timestamptz '2024-01-05 23:30:00-05' as sent_at, 0.125::float as cost,
            cast(2 as double) as step_number, date '2024-01-06' as opened_at
    """,
    "survey_responses": """
        select 1 as response_id, 'share_of_wallet' as survey_type, 1 as user_id,
            date '2024-01-05' as responded_at, 0.5::float as score
    """,
    "identities": """
        select 1 as user_id, 'phone' as id_type, 5550000 as id_value,
            date '2024-01-05' as linked_at, false as is_verified
    """,
    "experiments": """
        select 1 as experiment_id, 1 as user_id, 2 as variant,
            timestamptz '2024-01-05 23:30:00-05' as assigned_at
    """,
    "points_ledger": """
        select 1 as entry_id, 1 as user_id, 'earn' as entry_type,
            date '2024-01-05' as entry_at, 0.5::float as points
    """,
    "deals": """
        select 1 as deal_id, 'lead' as stage_code, 1.005::double as amount,
            timestamp '2024-01-05 12:00:00' as entered_at
    """,
    "promotions": """
        select 1 as promotion_id, 'threshold' as promotion_type,
            date '2999-01-05' as starts_at, timestamp '2999-01-06 12:00:00' as ends_at,
            50 as threshold_amount, 0.5::decimal(3, 2) as discount_rate,
            20::double as value_amount, cast(3 as utinyint) as min_group_size
    """,
}
TEXT_INPUTS = {
    "users": [
        a_user(
            "1",
            birth_year="1990",
            contacts_imported="true",
            member_since="2024-01-02 03:04:05",
            profile_completion_pct="49.9",
            friend_count="3",
        )
    ],
    "orders": [
        an_order(
            "10",
            "1",
            "1.005",
            ordered_at="2024-01-05 23:30:00-05:00",
            discount_amount="0.005",
            cost_amount="1",
        )
    ],
    "logins": [{"user_id": "1", "login_at": "2024-01-05 12:00:00.123456"}],
    "order_items": [
        {
            "order_id": "10",
            "line_number": "1",
            "item_id": "5",
            "quantity": "2",
            "unit_price": "2.675",
        }
    ],
    "refunds": [
        {
            "refund_id": "1",
            "order_id": "10",
            "amount": "0.5",
            "refunded_at": "2024-01-07",
        }
    ],
    "marketing_spend": [
        {
            "spend_date": "2024-01-05",
            "channel": "ads",
            "spend": "12.345",
            "impressions": "7",
        }
    ],
    "operating_costs": [
        {
            "cost_id": "1",
            "cost_date": "2024-01-05",
            "cost_type": "service",
            "amount": "1.005",
            "user_id": "1",
        }
    ],
    "contacts": [
        {
            "contact_id": "1",
            "user_id": "1",
            "channel": "push",
            "sent_at": "2024-01-05 23:30:00-05:00",
            "cost": "0.125",
            "step_number": "2",
            "opened_at": "2024-01-06",
        }
    ],
    "survey_responses": [
        {
            "response_id": "1",
            "survey_type": "share_of_wallet",
            "user_id": "1",
            "responded_at": "2024-01-05",
            "score": "0.5",
        }
    ],
    "identities": [
        {
            "user_id": "1",
            "id_type": "phone",
            "id_value": "5550000",
            "linked_at": "2024-01-05",
            "is_verified": "false",
        }
    ],
    "experiments": [
        {
            "experiment_id": "1",
            "user_id": "1",
            "variant": "2",
            "assigned_at": "2024-01-05 23:30:00-05:00",
        }
    ],
    "points_ledger": [
        {
            "entry_id": "1",
            "user_id": "1",
            "entry_type": "earn",
            "entry_at": "2024-01-05",
            "points": "0.5",
        }
    ],
    "deals": [
        {
            "deal_id": "1",
            "stage_code": "lead",
            "amount": "1.005",
            "entered_at": "2024-01-05 12:00:00",
        }
    ],
    "promotions": [
        {
            "promotion_id": "1",
            "promotion_type": "threshold",
            "starts_at": "2999-01-05",
            "ends_at": "2999-01-06 12:00:00",
            "threshold_amount": "50",
            "value_amount": "20",
            "discount_rate": "0.5",
            "min_group_size": "3",
        }
    ],
}


def test_a_typed_file_says_the_same_as_text(warehouse, tmp_path):
    vars = FIXED_CLOCK | {"input_timezone": "Asia/Shanghai"}
    typed = {}
    for name, select in TYPED_INPUTS.items():
        typed[name] = str(tmp_path / f"{name}.parquet")
        duckdb.sql(f"copy ({select}) to '{typed[name]}' (format parquet)")
    builds = []
    for folder, inputs in (("typed", typed), ("text", TEXT_INPUTS)):
        (tmp_path / folder).mkdir()
        builds.append(warehouse.build(tmp_path / folder, vars, inputs, select=STAGING))
    for name in TYPED_INPUTS:
        got, expected = (build.table(f"stg_shop__{name}") for build in builds)
        assert len(expected) == 1
        assert got == expected


def test_typed_values_are_not_read_as_text(stage, tmp_path):
    path = str(tmp_path / "orders.parquet")
    duckdb.sql(
        f"""
        copy (
            select order_id, 1 as user_id, 'paid' as status,
                gross_amount::double as gross_amount,
                timestamp '2024-01-05' as ordered_at
            from (values ('big', 123456789.005), ('nan', 'nan'), ('tiny', 1e-7))
                as orders (order_id, gross_amount)
        ) to '{path}' (format parquet)
        """
    )
    build = stage(users=[a_user("1")], orders=path, select=STAGING)
    assert column(build, "stg_shop__orders", "order_id", "gross_amount") == {
        "big": Decimal("123456789.01"),
        "tiny": Decimal("0.00"),
    }
    assert column(build, "audit_rejected_rows", "row_key", "reason_code") == {
        "nan": "unparsable_number"
    }


# Text


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


TIMESTAMPS = {
    "2024-01-02": utc(2024, 1, 2),
    "2024-02-29": utc(2024, 2, 29),
    "2024-01-02T03:04": utc(2024, 1, 2, 3, 4),
    "2024-01-02 03:04:05": utc(2024, 1, 2, 3, 4, 5),
    "2024-01-02 23:59:59.9999999": utc(2024, 1, 2, 23, 59, 59, 999999),
    "2024-01-02T03:04:05.5Z": utc(2024, 1, 2, 3, 4, 5, 500000),
    "2024-01-02 23:30:00-05:00": utc(2024, 1, 3, 4, 30),
    "2024-01-02 00:30+08:00": utc(2024, 1, 1, 16, 30),
    "2024-01-02 00:00+05:45": utc(2024, 1, 1, 18, 15),
    "2024-01-02Z": utc(2024, 1, 2),
    "2024-01-02+01:00": utc(2024, 1, 1, 23),
    "  2024-01-02 03:04:05\t": utc(2024, 1, 2, 3, 4, 5),
}
NO_TIMESTAMPS = [
    "now",
    "today",
    "epoch",
    "infinity",
    "-infinity",
    "NaN",
    "12:30",
    "20240102",
    "1704164645",
    "2024-02-30",
    "2023-02-29",
    "2024-13-01",
    "2024-00-01",
    "0000-01-01",
    "2024-1-2",
    "02-01-2024",
    "2024/01/02",
    "2024-01-02 03",
    "2024-01-02  03:04",
    "2024-01-02 24:00",
    "2024-01-02 03:60",
    "2024-01-02 03:04:60",
    "2024-01-02 03:04:05.",
    "2024-01-02 03:04 Z",
    "2024-01-02 03:04z",
    "2024-01-02t03:04",
    "2024-01-02 03:04+0100",
    "2024-01-02 03:04+24:00",
    "2024-01-02 03:04+01:60",
    "2024-01-02 03:04:05 America/New_York",
    "2024-01-02 (BC)",
    "２０２４-01-02",
    "x' or '1'='1",
]


def test_timestamps_are_read_strictly(stage):
    texts = [*TIMESTAMPS, *NO_TIMESTAMPS]
    orders = [
        an_order(str(number), ordered_at=text) for number, text in enumerate(texts)
    ]
    build = stage(users=[a_user()], orders=orders, select=STAGING)
    read = column(build, "stg_shop__orders", "order_id", "ordered_at")
    refused = column(build, "audit_rejected_rows", "row_key", "all_reason_codes")
    assert {texts[int(number)]: at for number, at in read.items()} == TIMESTAMPS
    assert {texts[int(number)]: codes for number, codes in refused.items()} == (
        dict.fromkeys(NO_TIMESTAMPS, "unparsable_timestamp")
    )


AMOUNTS = {
    "0": "0.00",
    "-0": "0.00",
    "007": "7.00",
    "+2.5": "2.50",
    "1.005": "1.01",
    "1.0049999999": "1.00",
    "2.675": "2.68",
    "0.004999999999999999999": "0.00",
    "0.0049999999999999999999999999999999": "0.00",
    "999999999999999.99": "999999999999999.99",
    "999999999999999.994": "999999999999999.99",
}
NO_AMOUNTS = [
    "NaN",
    "inf",
    "-inf",
    "1e3",
    "1E3",
    "0x10",
    ".5",
    "5.",
    "+",
    "-",
    "1,5",
    "1 000",
    "1_000",
    "$5",
    "--1",
    "1.2.3",
    "٣",
    "1000000000000000",
]


def test_money_is_read_strictly_and_rounded_half_away_from_zero(stage):
    texts = [*AMOUNTS, *NO_AMOUNTS]
    orders = [an_order(str(number), "u1", text) for number, text in enumerate(texts)]
    build = stage(users=[a_user()], orders=orders, select=STAGING)
    read = column(build, "stg_shop__orders", "order_id", "gross_amount")
    refused = column(build, "audit_rejected_rows", "row_key", "all_reason_codes")
    assert {texts[int(number)]: str(amount) for number, amount in read.items()} == (
        AMOUNTS
    )
    assert {texts[int(number)]: codes for number, codes in refused.items()} == (
        dict.fromkeys(NO_AMOUNTS, "unparsable_number")
    )


def test_other_types_are_read_strictly_too(stage):
    attributes = {
        "friend_count": {"2.0": 2, "+3": 3, "2.5": None, "1e1": None, "-1": None},
        "contacts_imported": {"TRUE": True, "false": False, "yes": None, "1": None},
        "gender": {"female": "female", "Female": None},
        "profile_completion_pct": {"100": 100, "100.01": None, "NaN": None},
        "member_since": {
            "2024-02-03": date(2024, 2, 3),
            "2024-02-03 23:30-05:00": date(2024, 2, 4),
            "2024-02-30": None,
            "2999-01-01": None,
            "1999-12-31": None,
        },
    }
    cases = [
        (name, text, value)
        for name, values in attributes.items()
        for text, value in values.items()
    ]
    users = [
        a_user(str(number), **{name: text})
        for number, (name, text, _) in enumerate(cases)
    ]
    build = stage(users=users, select=STAGING)
    rows = {int(row["user_id"]): row for row in build.table("stg_shop__users")}
    assert [rows[number][name] for number, (name, _, _) in enumerate(cases)] == [
        value for _, _, value in cases
    ]
    nulled = column(build, "audit_nulled_attributes", "column_name", "nulled_count")
    assert nulled == {
        name: sum(value is None for value in values.values())
        for name, values in attributes.items()
    }


def test_a_date_is_no_timestamp(stage):
    texts = ["2024-01-05", "2024-01-05 00:00", "2024-02-30", "now", ""]
    spend = [
        {"spend_date": text, "channel": str(number), "spend": "1"}
        for number, text in enumerate(texts)
    ]
    build = stage(marketing_spend=spend, select=STAGING)
    (accepted,) = build.table("stg_shop__marketing_spend")
    codes = [row["reason_code"] for row in build.table("audit_rejected_rows")]
    assert accepted["spend_date"] == date(2024, 1, 5)
    assert sorted(codes) == ["null_key", *["unparsable_date"] * 3]


def test_delimiters_quotes_and_line_breaks_inside_a_cell_stay_there(stage):
    region = 'a;b|c\t"d",\ne\'f; drop table x -- ü 客户'
    (user,) = stage(users=[a_user(region=region)]).table("stg_shop__users")
    assert user["region"] == region


def test_a_file_is_not_split_at_another_delimiter(stage):
    rows = [{"user_id": "a;b", "registered_at": "2024-01-01"}]
    build = stage(users=rows)
    assert [row["user_id"] for row in build.table("stg_shop__users")] == ["a;b"]


# Time zones


WALL_TIMES = {
    "America/New_York": {
        "2024-11-03 00:30": utc(2024, 11, 3, 4, 30),
        # The hour from one to two occurs twice: the later one.
        "2024-11-03 01:30": utc(2024, 11, 3, 6, 30),
        "2024-11-03 02:00": utc(2024, 11, 3, 7),
        # The hour from two to three does not occur: it moves forward.
        "2024-03-10 01:59:59": utc(2024, 3, 10, 6, 59, 59),
        "2024-03-10 02:30": utc(2024, 3, 10, 7, 30),
        "2024-03-10 03:00": utc(2024, 3, 10, 7),
    },
    "Pacific/Auckland": {
        "2024-04-07 02:30": utc(2024, 4, 6, 14, 30),
        "2024-09-29 02:30": utc(2024, 9, 28, 14, 30),
    },
    "Australia/Lord_Howe": {
        "2024-04-07 01:45": utc(2024, 4, 6, 15, 15),
        "2024-10-06 02:15": utc(2024, 10, 5, 15, 45),
    },
}


@pytest.mark.parametrize("zone", WALL_TIMES)
def test_wall_times_of_daylight_saving_nights(stage, zone):
    logins = [{"user_id": "u1", "login_at": text} for text in WALL_TIMES[zone]]
    build = stage(
        {"input_timezone": zone, "business_timezone": zone},
        users=[a_user()],
        logins=logins,
    )
    got = [
        (row["login_at"], row["login_date"]) for row in build.table("stg_shop__logins")
    ]
    assert sorted(got) == sorted(
        (instant, date.fromisoformat(text[:10]))
        for text, instant in WALL_TIMES[zone].items()
    )


def test_dates_are_local_to_the_business(stage):
    instants = {
        "2024-07-01 03:59:59Z": date(2024, 6, 30),
        "2024-07-01 04:00:00Z": date(2024, 7, 1),
        "2024-01-01 04:59:59Z": date(2023, 12, 31),
        "2024-01-01 05:00:00Z": date(2024, 1, 1),
    }
    orders = [an_order(text, ordered_at=text) for text in instants]
    build = stage(
        {"business_timezone": "America/New_York"}, users=[a_user()], orders=orders
    )
    assert column(build, "stg_shop__orders", "order_id", "order_date") == instants


# Variables


BAD_VARIABLES = {
    "customer_columns": [["club"], {"email": "text"}],
    "order_columns": [None, {"row_key": "text"}],
    "as_of_date": ["31.12.2024", "2024-02-30", 20240101],
    "business_timezone": ["Mars/Olympus", "UTC+1", ""],
    "input_timezone": ["New York"],
    "future_cutoff_at": ["tomorrow", "2024-02-30T00:00:00Z"],
    "earliest_valid_date": ["2000", None],
    "snapshot_months": [0, -1, 1.5],
    "week_start": ["saturday", "Monday"],
    "valid_order_statuses": [["paid", "lost"], []],
    "activity_types": [["visit"], []],
    "churn_activity": [["visit"], []],
    "stitch_id_types": [["device"]],
    "stitch_max_accounts": [0, 2.5, None],
    "gross_margin_rate": [1.01, "much"],
    "refund_reverses_cost": ["maybe"],
    "repurchase_window_days": [0, -30],
    "repurchase_cohort_days": [[30, 0]],
    "first_order_window_days": [-1],
    "rfm_window_days": [0, -365, "year"],
    "rfm_split": ["mean"],
    "rfm_weights": [[1, -1, 1], [0, 0, 0], [1, 1], ["a", 1, 1]],
    "rfm_min_repeat_share": [-0.01, 1.01],
    "sleeping_after_days": [0],
    "high_value_window_days": [0],
    "high_value_min_orders": [0],
    "high_value_min_aov": [-1],
    "potential_new_days": [-1],
    "mid_aov_quantiles": [[0.67, 0.33], [0.5], [-0.1, 0.5], [0.5, 1.1]],
    "high_annual_value": [-1],
    "cl_targets": [[4], [0, 5], [4, 5, 6]],
    "annual_discount_rate": [-0.1, 101],
    "clv_horizon_months": [0, 2.5],
    "clv_value_growth": [-1.5],
    "clv_monthly_cost": [-1],
    "positive_rating_min": [0, 6],
    "retention_max_offset": [{"day": -1, "week": 1, "month": 1}, {"day": 30}],
    "retention_brackets": [{"day": [[3, 1]]}, {"week": [[-1, 2]]}, {"month": [[1]]}],
    "churn_after_days": [0, -30, 30.5, "30", True, None],
    "return_contact_days": [0, 7.5, None],
    "clv_weeks_per_month": [0, 101],
    "clv_min_repeat_customers": [0],
    "bgnbd_parameters": [
        {"r": 1, "alpha": 1, "a": 1},
        {"r": 1, "alpha": 1, "a": 1, "b": 100001},
        {"r": 0.00009, "alpha": 1, "a": 1, "b": 1},
        0.243,
    ],
    "gamma_gamma_parameters": [{"p": 6.25, "q": 3.74, "v": 0}],
    "gg_max_correlation": [-0.1, 1.1],
    "sbg_min_periods": [0],
    "backtest_months": [0],
    "fit_max_rows": [0],
    "growth_curve_period": ["day"],
    "growth_curve_model": ["linear"],
    "growth_min_periods": [3],
    "decline_periods": [0],
    "threshold_max_days": [0, 3651],
    "threshold_return_horizon_days": [0],
    "threshold_return_probability": [-0.1, 1.1],
    "threshold_min_spells": [0],
    "risk_horizon_days": [0],
    "risk_min_support": [0, 2.5],
    "risk_probability_min": [-0.1, 1.1],
    "decline_max_ratio": [-0.1, 1.1],
    "lead_time_lookback_days": [0],
    "pyramid_depth": [0, 3],
    "ladder_max_rung": [0, 2.5],
    "ladder_window_days": [-1],
    "loyalty_window_days": [0],
    "loyalty_tenure_days": [-1],
    "loyalty_max_gap_cv": [-0.1],
    "loyalty_min_wallet_share": [-0.1, 1.1],
    "life_stage_days": [0],
    "life_stage_change": [-0.1],
    "interest_min_events": [0],
    "active_min_days": [0, 31],
    "new_user_days": [-1],
    "strategy_layer_order": [["paying", "ordinary"], "paying"],
    "pre_churn_idle_share": [-0.1, 1.1],
    "fast_base_date": ["spring"],
    "thriving_window_days": [0],
    "k_window_days": [-1],
    "viral_seed_count": [0],
    "viral_horizon_days": [-1],
    "cac_basis": ["order"],
    "cac_alert_min_days": [0, 29],
}

# Any text will do, or the list is the user's own to make.
FREE_VARIABLES = {"order_statuses", "reporting_currency", "identity_salt"}


@pytest.mark.parametrize(
    ("name", "value"),
    [(name, value) for name, values in BAD_VARIABLES.items() for value in values],
)
def test_a_bad_variable_stops_the_build_with_a_sentence(
    warehouse, tmp_path, name, value
):
    build = warehouse.build(
        tmp_path, {name: value}, select="stg_shop__clock", check=False
    )
    message = build.messages.get("dbt", "")
    assert f"The variable {name}" in message
    assert "; it must be " in message
    assert not (tmp_path / DATABASE).exists() or not build.query(
        "select * from information_schema.tables"
    )


def test_every_variable_has_a_guard():
    project = yaml.safe_load((PROJECT / "dbt_project.yml").read_text(encoding="utf-8"))
    inputs = {f"input_{name}" for name in INPUTS}
    assert set(project["vars"]) == set(BAD_VARIABLES) | FREE_VARIABLES | inputs


def test_the_oracle_and_the_project_have_the_same_defaults():
    project = yaml.safe_load((PROJECT / "dbt_project.yml").read_text(encoding="utf-8"))
    assert Settings.from_vars(project["vars"]) == Settings()


# Risk rules


@pytest.fixture(scope="module")
def risk_rules(warehouse, tmp_path_factory):
    """Build int_risk_rules with one more row in its seed: risk_rules(*row) -> error."""
    folder = tmp_path_factory.mktemp("risk_rules")
    warehouse.build(folder, select="risk_rules int_risk_rules")
    table = warehouse.manifest["nodes"]["seed.customer_ops.risk_rules"]["relation_name"]

    def build(*row):
        with duckdb.connect(folder / DATABASE) as connection:
            connection.execute(f"delete from {table} where rule_id = 'mine'")
            connection.execute(f"insert into {table} values ('mine', ?, ?, ?)", row)
        build = warehouse.build(folder, select="int_risk_rules", check=False)
        return build.messages.get("int_risk_rules")

    return build


@pytest.mark.parametrize(
    "row",
    [
        ("friend_count", "<", "abc"),
        ("friend_count", "<", "50%"),
        ("friend_count", "<", ""),
        ("friend_count", "<", "49.9999999"),
        ("friend_count", "<", "100000000000"),
        ("friend_count", "<", "1e3"),
        ("friend_count", "<", ".5"),
        ("friend_count", "=", "true"),
        ("friend_count", "<>", "5"),
        ("friends", "<", "5"),
        ("contacts_imported", "=", "1"),
        ("contacts_imported", "<", "true"),
    ],
)
def test_a_bad_risk_rule_ends_in_a_sentence(risk_rules, row):
    message = risk_rules(*row)
    assert f"The seed risk_rules has the condition '{' '.join(row)}'" in message
    assert "in the rule 'mine'; it must be " in message


@pytest.mark.parametrize(
    "row",
    [
        ("friend_count", ">", "99999999999.999999"),
        ("friend_count", "<", "-99999999999.999999"),
        ("idle_days", ">=", "+5"),
        ("contacts_imported", "=", "false"),
    ],
)
def test_a_risk_rule_may_ask_for_any_number_that_a_feature_can_be(risk_rules, row):
    assert risk_rules(*row) is None
