"""Inputs whose columns have types, as tables of a shop have, are read alike."""

import duckdb
import psycopg2
import pytest
from compare import is_same
from oracle.judging import INPUTS
from psycopg2.extras import execute_values
from test_hostile_shops import FIXED

# Column: its type on PostgreSQL, which DuckDB knows too, and the cells of three rows.
SHOP = {
    "users": {
        "user_id": ("bigint", [1, 2, 3]),
        "registered_at": (
            "timestamptz",
            ["2024-01-01 23:30:00+00", "2024-03-10 07:30:00.123456+00", None],
        ),
        "birth_year": ("smallint", [1990, 1899, None]),
        "profile_completion_pct": ("double precision", [99.5, 100.0000004, 101.0]),
        "friend_count": ("numeric(10, 1)", ["3.0", "2.5", None]),
        "contacts_imported": ("boolean", [True, False, None]),
        "member_since": ("date", ["2024-01-02", "1999-12-31", None]),
    },
    "orders": {
        "order_id": ("varchar(10)", ["a", " b ", ""]),
        "user_id": ("bigint", [1, 2, 1]),
        "ordered_at": (
            "timestamp(3)",
            ["2024-03-10 02:30:00.123", "2024-11-03 01:30:00", "2024-05-05 12:00:00"],
        ),
        "status": ("text", ["paid", "completed", "paid"]),
        "gross_amount": ("double precision", [1.005, 2.675, 1e300]),
        "discount_amount": ("real", [0.5, None, 0.0]),
        "net_amount": ("numeric(30, 4)", ["0.1250", "9999999999999999.9950", None]),
        "cost_amount": ("integer", [1, 2, 3]),
    },
    "logins": {
        "user_id": ("bigint", [1, 2, 9]),
        "login_at": ("date", ["2024-03-10", "2024-11-03", "2024-05-05"]),
    },
}
STAGED = ("stg_shop__users", "stg_shop__orders", "stg_shop__logins")
TABLES = dict.fromkeys(STAGED, "customer_ops_staging") | {
    "audit_rejected_rows": "customer_ops_audit"
}
# What a row says of itself is written as the engine writes its types.
AS_WRITTEN = {"rejected_row_id", "raw_record"}


def rows_of(columns: dict) -> list[tuple]:
    return list(zip(*(cells for _, cells in columns.values()), strict=True))


def types_of(columns: dict) -> str:
    return ", ".join(f"{name} {type_}" for name, (type_, _) in columns.items())


def as_files(folder) -> dict[str, str]:
    """Typed parquet files; returns the variables that name them."""
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        for name, columns in SHOP.items():
            marks = ", ".join("?" for _ in columns)
            connection.execute(f"create table {name} ({types_of(columns)})")
            connection.executemany(
                f"insert into {name} values ({marks})", rows_of(columns)
            )
            connection.execute(f"copy {name} to '{folder / name}.parquet'")
    return {f"input_{name}": str(folder / f"{name}.parquet") for name in SHOP}


def as_tables(database: str) -> dict[str, str]:
    """Typed tables; returns the variables that name them."""
    connection = psycopg2.connect(dbname=database)
    with connection, connection.cursor() as cursor:
        cursor.execute("set timezone = 'UTC'; create schema given")
        for name, columns in SHOP.items():
            cursor.execute(f"create table given.{name} ({types_of(columns)})")
            insert = f"insert into given.{name} values %s"
            execute_values(cursor, insert, rows_of(columns))
    connection.close()
    return {f"input_{name}": f"given.{name}" for name in SHOP}


def read(engine) -> dict[str, list[dict]]:
    """The rows of the tables, in one order."""
    given = (
        as_tables(engine.database)
        if engine.target == "postgres"
        else as_files(engine.folder)
    )
    absent = [name for name in INPUTS if name not in SHOP]
    zones = {
        "input_timezone": "America/New_York",
        "business_timezone": "Asia/Shanghai",
    }
    engine.build(
        *("--select", "deal_stages", "path:models/staging", "audit_rejected_rows"),
        vars=given | {f"input_{name}": None for name in absent} | zones | FIXED,
    )
    return {
        table: sorted(
            (
                {name: row[name] for name in row if name not in AS_WRITTEN}
                for row in rows
            ),
            key=str,
        )
        for table, rows in engine.tables(TABLES).items()
    }


@pytest.mark.parametrize(
    "name", ["postgres", pytest.param("spark", marks=pytest.mark.full)]
)
def test_typed_columns_are_read_alike(new_engine, name):
    duck, other = read(new_engine("duckdb")), read(new_engine(name))
    assert [len(rows) for rows in duck.values()] == [2, 1, 2, 4]
    for table, rows in duck.items():
        assert len(rows) == len(other[table]), table
        for row, same in zip(rows, other[table], strict=True):
            unlike = {
                column: (cell, same[column])
                for column, cell in row.items()
                if not is_same(cell, same[column])
            }
            assert not unlike, table
