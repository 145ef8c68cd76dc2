"""Print what two marts say, read in one connection, again and again."""

import sys

import duckdb

while True:
    with duckdb.connect(sys.argv[1], read_only=True) as connection:
        for mart in ("fct_orders", "rpt_days"):
            [[version]] = connection.execute(
                f"select min(version) from marts.{mart}"
            ).fetchall()
            print(version, end=" ")
    print(flush=True)
