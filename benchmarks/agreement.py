"""Compare what the rival's queries say with the marts of the build, row by row.

    python benchmarks/agreement.py --rival FILE --warehouse FILE

Every row of a rival's table names the mart it answers for in `report`; columns of the
same name must hold the same. Prints, per mart, its rows, the columns compared, and how
many rows differ or have no partner: {"fct_churn_daily": {"rows": ...}}.
"""

import argparse
import json
from pathlib import Path

import duckdb

TOLERANCE = 1e-6


def columns_of(connection, relation):
    """Names and types of a relation's columns, in its order."""
    described = connection.execute(f"describe {relation}").fetchall()
    return {name: kind for name, kind, *_ in described}


def filled_columns(connection, table, report, names):
    """Those of the names that hold anything in the report's rows."""
    counts = ", ".join(f"count({name})" for name in names)
    row = connection.execute(
        f"select {counts} from {table} where report = ?", [report]
    ).fetchone()
    return [name for name, count in zip(names, row, strict=True) if count]


def compare(connection, table, report):
    """Join the rows on all exact columns; doubles may differ by TOLERANCE."""
    schema = connection.execute(
        "select schema_name from duckdb_tables() where table_name = $1 "
        "union all select schema_name from duckdb_views() where view_name = $1",
        [report],
    ).fetchone()[0]
    mart = f"{schema}.{report}"
    types = columns_of(connection, mart)
    shared = [name for name in columns_of(connection, table) if name in types]
    names = filled_columns(connection, table, report, shared)
    wanted = ", ".join(names)
    cast = ", ".join(f"cast({name} as {types[name]}) as {name}" for name in names)
    same = " and ".join(
        f"mart.{name} is not distinct from rival.{name}"
        for name in names
        if types[name] != "DOUBLE"
    )
    near = " and ".join(
        f"(mart.{name} is not distinct from rival.{name} or abs(mart.{name} - "
        f"rival.{name}) <= {TOLERANCE} * greatest(1, abs(mart.{name})))"
        for name in names
        if types[name] == "DOUBLE"
    )
    rows, different = connection.execute(
        f"""
        select count(mart.is_there), count(*) filter (
            mart.is_there is null or rival.is_there is null
            or ({near or "true"}) is not true
        )
        from (select true as is_there, {wanted} from {mart}) as mart
        full join (
            select true as is_there, {cast} from {table} where report = '{report}'
        ) as rival on {same}
        """
    ).fetchone()
    return {"rows": rows, "columns": names, "different": different}


def main():
    """Run the command line."""
    parser = argparse.ArgumentParser(description="Compare the rival with the marts.")
    parser.add_argument("--rival", type=Path, required=True)
    parser.add_argument("--warehouse", type=Path, required=True)
    wanted = parser.parse_args()
    with duckdb.connect(str(wanted.warehouse), read_only=True) as connection:
        connection.execute(f"attach '{wanted.rival}' as rival (read_only)")
        tables = connection.execute(
            "select table_name from duckdb_columns() where column_name = 'report' "
            "and database_name = 'rival' order by all"
        ).fetchall()
        found = {
            report: compare(connection, f"rival.{table}", report)
            for (table,) in tables
            for (report,) in connection.execute(
                f"select distinct report from rival.{table} order by all"
            ).fetchall()
        }
    print(json.dumps(found))


if __name__ == "__main__":
    main()
