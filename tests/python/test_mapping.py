"""Inputs under foreign names: variables say what is what, and no model is touched."""

import csv
from pathlib import Path

import pytest

CLOCK = {"future_cutoff_at": "2026-01-01T00:00:00Z"}


def write(path: Path, columns: list[str], *rows: list) -> None:
    """A csv file with a header of its own."""
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([columns, *rows])


@pytest.fixture
def stage(warehouse, tmp_path):
    """Build the staging of orders, given what to say of them: stage({...})."""
    write(tmp_path / "u.csv", ["会员号", "注册时间"], ["u1", "2024-01-01"])
    write(
        tmp_path / "sales1.csv",
        ["订单 号", "会员号", "下单时间", "状态", "金额", "User_ID", "备注"],
        ["o1", "u1", "1704412800000", "已支付", "¥1,234.50", "x", "vip"],
    )
    write(
        tmp_path / "sales2.csv",
        ["订单 号", "会员号", "下单时间", "状态", "金额", "User_ID", "备注"],
        ["o2", "u1", "1704499200000", " 已取消 ", "¥5", "x", ""],
        ["o3", "u1", "1704499200000", "丢失", "¥5", "x", ""],
    )
    users = {
        "from": str(tmp_path / "u.csv"),
        "columns": {"user_id": "会员号", "registered_at": "注册时间"},
    }

    def build(check=True, select="+stg_shop__orders +audit_rejected_rows", **orders):
        given = {
            "from": str(tmp_path / "sales*.csv"),
            "columns": {
                "order_id": "订单 号",
                "user_id": "会员号",
                "ordered_at": "to_timestamp(cast(下单时间 as bigint) / 1000)",
                "status": "状态",
                "gross_amount": "replace(replace(金额, '¥', ''), ',', '')",
            },
            "values": {"status": {"已支付": "paid", "已取消": "cancelled"}},
        } | orders
        vars = CLOCK | {"input_users": users, "input_orders": given}
        return warehouse.build(
            tmp_path, vars, {"logins": []}, select=select, check=check
        )

    return build


def test_columns_expressions_and_values_are_mapped(stage):
    build = stage()
    assert [
        (
            row["order_id"],
            row["user_id"],
            f"{row['ordered_at']:%Y-%m-%d}",
            row["status"],
            str(row["gross_amount"]),
        )
        for row in sorted(
            build.table("stg_shop__orders"), key=lambda row: row["order_id"]
        )
    ] == [
        ("o1", "u1", "2024-01-05", "paid", "1234.50"),
        ("o2", "u1", "2024-01-06", "cancelled", "5.00"),
    ]


def test_a_value_without_a_mapping_is_rejected_with_all_columns_kept(stage):
    (rejected,) = stage().table("audit_rejected_rows")
    assert rejected["reason_code"] == "unknown_status"
    assert "丢失" in rejected["raw_record"]
    assert "备注" in rejected["raw_record"]


def test_an_input_that_is_left_out_is_empty_and_not_the_sample(stage):
    assert stage(select="+stg_shop__events").table("stg_shop__events") == []


@pytest.mark.parametrize(
    ("orders", "sentence"),
    [
        ({"columns": {"order_id": "订单"}}, "no such column. It has: 订单 号, 会员号"),
        ({"columns": {"order": "订单 号"}}, "the contract has no such column"),
        ({"values": {"state": {"a": "b"}}}, "maps the column 'state'"),
        ({"form": "orders.csv"}, "it must be a location, or a mapping with from"),
        ({"from": None}, "it must be a location, or a mapping with from"),
        ({"columns": {}}, "has no column 'order_id', which is required"),
    ],
)
def test_a_mapping_that_is_wrong_stops_with_a_sentence(stage, orders, sentence):
    message = "".join(stage(check=False, **orders).messages.values())
    assert "Input 'orders'" in message
    assert sentence in message
