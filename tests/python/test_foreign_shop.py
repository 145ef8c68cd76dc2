"""A shop as its owner has it: Chinese headers and statuses, other formats, two files.

The same rows are written once as the contract wants them, for the oracle, and once as
another system exports them, for the build; docs/bring-your-own-data.md walks through
the mapping between the two.
"""

import csv
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
import yaml
from compare import differences
from convert_to_utf8 import convert
from generate_data import Shop, as_table, make_shop, read_schemas
from oracle.shop import Settings, load_shop
from test_oracle import FOLDER_OF
from test_random_shops import oracle_tables
from warehouse import PROJECT

PAGE = PROJECT / "docs" / "bring-your-own-data.md"
MODEL = Shop(customers=60, orders=5, logins=12, events=1, months=5, seed=11)
CLOCK = {"future_cutoff_at": "2026-01-01T00:00:00Z"}

STATUSES = {
    "created": "待付款",
    "paid": "已付款",
    "shipped": "已发货",
    "completed": "交易成功",
    "cancelled": "交易关闭",
    "refunded": "已退款",
}


@pytest.fixture(scope="module")
def shop():
    """Input name -> rows of text, by the contract; what she does not have is gone."""
    schemas = read_schemas()
    rows = {name: [] for name in ("users", "orders", "logins", "refunds")}
    for name, columns in make_shop(MODEL):
        if name in rows:
            rows[name] += as_table(columns, schemas[name]).to_pylist()
    kept = {
        "users": ["user_id", "registered_at", "channel", "gender"],
        "orders": ["order_id", "user_id", "ordered_at", "status", "gross_amount"]
        + ["discount_amount"],
        "logins": ["user_id", "login_at"],
        "refunds": ["refund_id", "order_id", "refunded_at", "amount"],
    }
    return {
        name: [{column: text(row[column]) for column in kept[name]} for row in some]
        for name, some in rows.items()
    }


def text(value) -> str:
    """A cell as the contract reads it; times to the second."""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    return "" if value is None else str(value)


def epoch(cell: str) -> str:
    """An instant as milliseconds since 1970."""
    return str(int(datetime.fromisoformat(cell).replace(tzinfo=UTC).timestamp()) * 1000)


def yuan(cell: str) -> str:
    """12.5 as ¥12.50, with commas between thousands."""
    return f"¥{Decimal(cell):,.2f}" if cell else ""


# Her name of a column -> what stands in it, from a row of the contract.
EXPORTS = {
    "users": {
        "会员号": lambda row: row["user_id"],
        "注册时间": lambda row: epoch(row["registered_at"]),
        "来源渠道": lambda row: row["channel"],
        "性别": lambda row: {"female": "女", "male": "男"}.get(row["gender"], ""),
    },
    "orders": {
        "订单编号": lambda row: row["order_id"],
        "会员号": lambda row: row["user_id"],
        "下单时间": lambda row: epoch(row["ordered_at"]),
        "订单状态": lambda row: STATUSES[row["status"]],
        "订单金额": lambda row: yuan(row["gross_amount"]),
        "优惠金额": lambda row: yuan(row["discount_amount"]),
    },
    "logins": {
        "会员号": lambda row: row["user_id"],
        "登录时间": lambda row: row["login_at"].replace("-", "/"),
    },
    "refunds": {
        "退款单号": lambda row: row["refund_id"],
        "订单编号": lambda row: row["order_id"],
        "退款时间": lambda row: epoch(row["refunded_at"]),
        "退款金额": lambda row: yuan(row["amount"]),
    },
}
FILES = {"users": "会员", "orders": "订单", "logins": "登录", "refunds": "退款"}


def export(folder: Path, shop: dict[str, list[dict]]) -> None:
    """Write every input as two csv files, as a spreadsheet on Windows would."""
    for name, columns in EXPORTS.items():
        rows = [
            {column: cell(row) for column, cell in columns.items()}
            for row in shop[name]
        ]
        for number, part in enumerate((rows[::2], rows[1::2]), start=1):
            path = folder / f"{FILES[name]}_{number}.csv"
            with path.open("w", encoding="gb18030", newline="") as file:
                writer = csv.DictWriter(file, list(columns))
                writer.writeheader()
                writer.writerows(part)


def page_mapping(folder: Path) -> dict:
    """The variables that the page gives, with its folder in place of utf8/."""
    block = PAGE.read_text(encoding="utf-8").split("```yaml\n")[1].split("```")[0]
    return yaml.safe_load(block.replace("utf8/", f"{folder}/"))


@pytest.fixture(scope="module")
def marts(shop, warehouse, tmp_path_factory):
    """The warehouse of the exported files, by the mapping of the page."""
    folder = tmp_path_factory.mktemp("foreign")
    data = folder / "data"
    data.mkdir()
    export(data, shop)
    utf8 = folder / "utf8"
    utf8.mkdir()
    for path in data.glob("*.csv"):
        convert(path, utf8 / path.name, "gb18030")
    return warehouse.build(folder, page_mapping(utf8) | CLOCK)


@pytest.fixture(scope="module")
def expected(shop, marts):
    """What the oracle says of the same rows, as the contract wants them."""
    vars = CLOCK | {"business_timezone": "Asia/Shanghai"}
    whole = load_shop(shop, Settings.from_vars(vars))
    return oracle_tables(whole, marts.table("fct_model_parameters"))


@pytest.mark.parametrize("table", FOLDER_OF)
def test_a_foreign_shop_has_the_tables_of_the_oracle(marts, expected, table):
    assert not differences(table, expected[table], marts.table(table))[:5]
