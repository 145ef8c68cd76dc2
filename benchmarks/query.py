"""Run one query over the raw files of a shop, timed, in a process of its own.

    python benchmarks/query.py benchmarks/floor.sql --data DIR --database FILE

The query sees every input and every reference seed as a view over its files and the
macro local_date(instant). As a model's would, its result becomes a table, which bears
the name of the query's file. Prints {"seconds": ..., "rows": ...}.
"""

import argparse
import json
import time
from pathlib import Path

import duckdb
from shop import ARRIVALS, PROJECT, location

REFERENCE = PROJECT / "seeds" / "reference"


def open_shop(data, database, zone="UTC", limits=None):
    """A connection that sees the raw files in `data`; limits: settings of DuckDB."""
    connection = duckdb.connect(str(database), config=limits or {})
    connection.execute("set TimeZone = 'UTC'; set preserve_insertion_order = false")
    for input_name in ARRIVALS:
        connection.execute(
            f"create or replace temp view {input_name} as "
            f"from read_parquet('{location(data, input_name)}')"
        )
    for path in REFERENCE.glob("*.csv"):
        connection.execute(
            f"create or replace temp view {path.stem} as from read_csv('{path}')"
        )
    moment = "instant"
    if zone != "UTC":
        moment = f"timezone('{zone}', timezone('UTC', instant))"
    connection.execute(
        f"create or replace temp macro local_date(instant) as cast({moment} as date)"
    )
    return connection


def main():
    """Run the command line."""
    parser = argparse.ArgumentParser(description="Run and time one query.")
    parser.add_argument("query", type=Path)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--database", type=Path, required=True)
    parser.add_argument("--zone", default="UTC")
    parser.add_argument("--limits", type=json.loads, help="settings of DuckDB, as JSON")
    wanted = parser.parse_args()
    with open_shop(
        wanted.data, wanted.database, wanted.zone, wanted.limits
    ) as connection:
        table, query = wanted.query.stem, wanted.query.read_text(encoding="utf-8")
        start = time.perf_counter()
        connection.execute(f"create or replace table {table} as {query}")
        seconds = time.perf_counter() - start
        rows = connection.execute(f"select count(*) from {table}").fetchone()[0]
    print(json.dumps({"seconds": seconds, "rows": rows}))


if __name__ == "__main__":
    main()
