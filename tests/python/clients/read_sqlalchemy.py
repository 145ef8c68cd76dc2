"""Print what two marts say, read in one connection, again and again."""

import sys

from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

engine = create_engine(
    f"duckdb:///{sys.argv[1]}", connect_args={"read_only": True}, poolclass=NullPool
)
while True:
    with engine.connect() as connection:
        for mart in ("fct_orders", "rpt_days"):
            query = text(f"select min(version) from marts.{mart}")
            print(connection.execute(query).scalar_one(), end=" ")
    print(flush=True)
