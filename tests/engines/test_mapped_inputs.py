"""Inputs under foreign names and values are mapped alike on every engine."""

from datetime import datetime
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from engines import connected
from oracle.judging import INPUTS
from psycopg2.extras import execute_values
from test_hostile_shops import FIXED

# Columns of texts, one with the name of another of ours, and the rows.
SHOP = {
    "members": (["会员号", "Registered At"], [["u1", "2024-01-01"]]),
    "sales": (
        ["订单 号", "会员号", "下单时间", "状态", "price", "User_ID", "备注"],
        [
            ["o1", "u1", "2024-01-05 08:00:00", "已支付", "¥1,234.50", "x", ""],
            ["o2", "u1", "2024-01-06 08:00:00", " 已取消 ", "¥5", "x", ""],
            ["o3", "u1", "2024-01-07 08:00:00", "丢失", "¥5", "x", "vip"],
        ],
    ),
}
MAPPED = {
    "users": {
        "from": "members",
        "columns": {"user_id": "会员号", "registered_at": "registered at"},
    },
    "orders": {
        "from": "sales",
        "columns": {
            "order_id": "订单 号",
            "user_id": "会员号",
            "ordered_at": "下单时间",
            "status": "状态",
            "gross_amount": "replace(replace(price, '¥', ''), ',', '')",
            "currency": "'CNY'",
        },
        "values": {"status": {"已支付": "paid", "已取消": "cancelled"}},
    },
}


def store(engine) -> dict[str, str]:
    """The shop where an engine reads it; returns name -> location."""
    if engine.target == "postgres":
        with connected(engine.database) as cursor:
            cursor.execute("create schema hers")
            for name, (columns, rows) in SHOP.items():
                types = ", ".join(f'"{column}" text' for column in columns)
                cursor.execute(f"create table hers.{name} ({types})")
                execute_values(cursor, f"insert into hers.{name} values %s", rows)
        return {name: f"hers.{name}" for name in SHOP}
    locations = {}
    for name, (columns, rows) in SHOP.items():
        locations[name] = str(engine.folder / f"{name}.parquet")
        cells = [pa.array(cells) for cells in zip(*rows, strict=True)]
        pq.write_table(pa.table(cells, names=columns), locations[name])
    return locations


@pytest.mark.parametrize(
    "name", ["duckdb", "postgres", pytest.param("spark", marks=pytest.mark.full)]
)
def test_names_expressions_and_values_are_mapped(new_engine, name):
    engine = new_engine(name)
    locations = store(engine)
    given = {f"input_{name}": None for name in INPUTS} | {
        f"input_{name}": mapped | {"from": locations[mapped["from"]]}
        for name, mapped in MAPPED.items()
    }
    empty = engine.load({"logins": [{"user_id": None, "login_at": None}]})
    engine.build(
        *("--select", "+stg_shop__orders", "+audit_rejected_rows"),
        vars=given | empty | FIXED,
    )
    tables = engine.tables(
        {
            "stg_shop__orders": "customer_ops_staging",
            "audit_rejected_rows": "customer_ops_audit",
        }
    )
    assert sorted(
        (
            *(row["order_id"], row["customer_id"], row["ordered_at"]),
            *(row["status"], row["gross_amount"], row["currency"]),
        )
        for row in tables["stg_shop__orders"]
    ) == [
        ("o1", "u1", datetime(2024, 1, 5, 8), "paid", Decimal("1234.50"), "CNY"),
        ("o2", "u1", datetime(2024, 1, 6, 8), "cancelled", Decimal("5.00"), "CNY"),
    ]
    (rejected,) = [
        row for row in tables["audit_rejected_rows"] if row["input_name"] == "orders"
    ]
    assert rejected["reason_code"] == "unknown_status"
    assert "丢失" in rejected["raw_record"]
    # What is not mapped is in the audit too.
    assert "vip" in rejected["raw_record"]
