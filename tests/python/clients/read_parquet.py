"""Print what two marts say, read from one folder of parquet files, again and again."""

import sys
from pathlib import Path

import duckdb

current = Path(sys.argv[1]).with_name("current")
while True:
    folder = current.resolve()
    for mart in ("fct_orders", "rpt_days"):
        [[version]] = duckdb.execute(
            f"select min(version) from '{folder}/{mart}.parquet'"
        ).fetchall()
        print(version, end=" ")
    print(flush=True)
