"""Write the raw files of a benchmark shop, with its last day apart.

    python benchmarks/shop.py --customers N --months M --density X --linked Y --out DIR

DIR/<input>/history.parquet holds what had arrived before the last day, DIR/last_day
the rest. arrive(DIR) puts the rest beside it, as a nightly load would; withdraw(DIR)
takes it back. The density multiplies orders, logins and events per customer; linked is
the share of customers with a second account.
"""

import argparse
import os
import shutil
import sys
from pathlib import Path

import duckdb

PROJECT = Path(__file__).resolve().parents[1]
# When the row of an input arrives; an order line comes with its order, a referral is
# written when it is accepted or, if it never is, when it is made.
ARRIVALS = {
    "users": "registered_at",
    "orders": "ordered_at",
    "logins": "login_at",
    "events": "event_at",
    "refunds": "refunded_at",
    "referrals": "coalesce(accepted_at, invited_at)",
    "marketing_spend": "spend_date",
    "operating_costs": "cost_date",
    "contacts": "sent_at",
    "survey_responses": "responded_at",
    "identities": "linked_at",
    "experiments": "assigned_at",
    "points_ledger": "entry_at",
    "deals": "entered_at",
    "promotions": "starts_at",
    "order_items": "(select ordered_at from orders where order_id = rows.order_id)",
}
PER_CUSTOMER = {"orders": 10, "logins": 100, "events": 20}


def location(folder, input_name):
    """What a user would write into the variable input_<name>: a glob."""
    return f"{folder / input_name}/*.parquet"


def arrive(folder):
    """Put the rows of the last day beside the history."""
    for input_name in ARRIVALS:
        source = folder / "last_day" / f"{input_name}.parquet"
        os.link(source, folder / input_name / "last_day.parquet")


def withdraw(folder):
    """Leave the history alone in place, whatever an earlier run did."""
    for input_name in ARRIVALS:
        (folder / input_name / "last_day.parquet").unlink(missing_ok=True)


def split(whole, folder, last_day):
    """Write the files of `whole` again, each in two: before the last day, and the rest.

    Streams: memory stays bounded.
    """
    connection = duckdb.connect(config={"threads": 2, "memory_limit": "4GiB"})
    connection.execute(f"create view orders as from '{whole}/orders.parquet'")
    (folder / "last_day").mkdir()
    for input_name, arrival in ARRIVALS.items():
        (folder / input_name).mkdir()
        for path, side in (
            (folder / input_name / "history.parquet", "<"),
            (folder / "last_day" / f"{input_name}.parquet", ">="),
        ):
            connection.execute(
                f"copy (select * from '{whole}/{input_name}.parquet' as rows where "
                f"{arrival} {side} date '{last_day}') to '{path}' (format parquet)"
            )


def make(folder, customers, months, density, linked):
    """Generate the shop and split it."""
    # Only here: whoever imports this module for its paths needs no generator.
    sys.path.insert(0, str(PROJECT / "scripts"))
    from generate_data import write_parquet
    from shop_model import LAST_DAY, Shop

    rows = {name: count * density for name, count in PER_CUSTOMER.items()}
    shop = Shop(customers, months=months, linked=linked, **rows)
    write_parquet(shop, folder / "whole")
    split(folder / "whole", folder, LAST_DAY)
    shutil.rmtree(folder / "whole")


def main():
    """Run the command line; nothing is made where the whole shop already is."""
    parser = argparse.ArgumentParser(description="Write the files of a bench shop.")
    parser.add_argument("--customers", type=int, required=True)
    parser.add_argument("--months", type=int, required=True)
    parser.add_argument("--density", type=float, required=True)
    parser.add_argument("--linked", type=float, required=True)
    parser.add_argument("--out", type=Path, required=True)
    wanted = parser.parse_args()
    is_made = wanted.out / "made"
    inputs = {path.name for path in wanted.out.iterdir()} if is_made.exists() else set()
    if not inputs.issuperset(ARRIVALS):
        shutil.rmtree(wanted.out, ignore_errors=True)
        make(wanted.out, wanted.customers, wanted.months, wanted.density, wanted.linked)
        is_made.touch()


if __name__ == "__main__":
    main()
