"""CDNOW, the orders of a real music shop of 1997 and 1998, as a user's own orders.

The file comes with the test dependency lifetimes, which is not imported: it predates
the numpy and pandas of today. What is expected is computed with pandas, independently
of the project and of its oracle.
"""

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

VARS = {
    "earliest_valid_date": "1997-01-01",
    "future_cutoff_at": "2000-01-01T00:00:00Z",
}
LAST_DAY = pd.Timestamp("1998-06-30")


@pytest.fixture(scope="module")
def orders():
    """One row per line of the file; `cents` is the amount, `month` counts from 0."""
    package = Path(find_spec("lifetimes").submodule_search_locations[0])
    orders = pd.read_csv(
        package / "datasets" / "CDNOW_master.txt",
        sep=r"\s+",
        skiprows=1,
        names=["customer", "date", "units", "amount"],
        dtype=str,
    )
    orders["day"] = pd.to_datetime(orders["date"], format="%Y%m%d")
    orders["cents"] = orders["amount"].str.replace(".", "").astype("int64")
    orders["month"] = _months(orders["day"]) - _months(orders["day"].min())
    first_month = orders.groupby("customer")["month"].transform("min")
    return orders.assign(cohort=first_month, offset=orders["month"] - first_month)


def _months(day):
    """Months since year 0 of a timestamp or of a column of them."""
    part = day.dt if isinstance(day, pd.Series) else day
    return part.year * 12 + part.month


@pytest.fixture(scope="module")
def build(orders, warehouse, tmp_path_factory):
    """The whole project on CDNOW: users from first orders, and nobody ever logs in."""
    users = orders.groupby("customer")["day"].min()
    inputs = {
        "users": [
            {"user_id": customer, "registered_at": f"{day:%Y-%m-%d}"}
            for customer, day in users.items()
        ],
        "orders": [
            {
                "order_id": str(line),
                "user_id": order.customer,
                "ordered_at": f"{order.day:%Y-%m-%d}",
                "status": "completed",
                "gross_amount": order.amount,
            }
            for line, order in enumerate(orders.itertuples(), start=1)
        ],
    }
    return warehouse.build(tmp_path_factory.mktemp("cdnow"), vars=VARS, inputs=inputs)


def number(build, sql):
    """The one value of a query."""
    return next(iter(build.query(sql)[0].values()))


ORDERS = "customer_ops_marts.fct_orders"
DAYS = "customer_ops_marts.fct_customer_days"


def test_every_order_and_every_cent_is_there(build):
    assert number(build, f"select count(*) from {ORDERS} where is_valid") == 69_659
    assert number(build, f"select count(distinct customer_id) from {ORDERS}") == 23_570
    assert str(number(build, f"select sum(net_amount) from {ORDERS}")) == "2500315.63"
    assert build.table("audit_rejected_rows") == []


def test_equal_rows_and_zero_amounts_are_orders(build, orders):
    equal_rows = f"""
        select count(*) - count(distinct (customer_id, order_date, gross_amount))
        from {ORDERS}
    """
    zero_amounts = f"select count(*) from {ORDERS} where is_zero_amount"
    assert number(build, zero_amounts) == 80
    in_project = ["customer", "day", "cents"]
    assert number(build, equal_rows) == orders.duplicated(in_project).sum()
    assert orders.duplicated([*in_project, "units"]).sum() == 255


def test_customer_days_keep_the_orders_of_each_day(build, orders):
    per_day = f"""
        select activity_date, sum(valid_order_count) as order_count
        from {DAYS} where valid_order_count > 0 group by 1
    """
    got = {row["activity_date"]: row["order_count"] for row in build.query(per_day)}
    days_with_orders = f"select count(*) from {DAYS} where valid_order_count > 0"
    assert number(build, days_with_orders) == 67_591
    assert got == orders.groupby(orders["day"].dt.date).size().to_dict()


@pytest.fixture(scope="module")
def retention(build):
    """Cohorts of the first order's month, by number of the cohort and offset."""
    rows = [
        row
        for row in build.table("fct_cohort_retention")
        if (row["cohort_basis"], row["activity"]) == ("first_order", "order")
        and (row["period_grain"], row["channel"]) == ("month", "all")
    ]
    first = min(row["cohort_start_date"] for row in rows)
    return {
        (_months(row["cohort_start_date"]) - _months(first), row["period_number"]): row
        for row in rows
    }


def test_all_first_orders_are_of_three_months(retention):
    sizes = {
        cohort: row["cohort_customer_count"]
        for (cohort, offset), row in retention.items()
        if offset == 0 and row["cohort_customer_count"]
    }
    assert sizes == {0: 7_846, 1: 8_476, 2: 7_248}


def test_retention_equals_pandas(retention, orders):
    sizes = orders.groupby("cohort")["customer"].nunique()
    retained = orders.groupby(["cohort", "offset"])["customer"].nunique()
    last = orders.groupby(["cohort", "customer"])["offset"].max()
    cents = orders.groupby(["cohort", "offset"])["cents"].sum()
    for cohort in sizes.index:
        for offset in range(13):
            row = retention[cohort, offset]
            later = int((last[cohort] >= offset).sum())
            assert row["retained_count"] == retained[cohort, offset]
            assert row["retained_or_later_count"] == later
            assert row["retention_rate"] == pytest.approx(
                retained[cohort, offset] / sizes[cohort], rel=1e-9
            )
            assert row["unbounded_retention_rate"] == pytest.approx(
                later / sizes[cohort], rel=1e-9
            )
            assert int(row["net_amount"] * 100) == cents[cohort, offset]


def test_rfm_of_the_last_day_equals_pandas(build, orders):
    in_window = orders[orders["day"] > LAST_DAY - pd.Timedelta(days=365)]
    rfm = pd.DataFrame(
        {
            "recency": (LAST_DAY - orders.groupby("customer")["day"].max()).dt.days,
            "frequency": in_window.groupby("customer").size(),
            "monetary": in_window.groupby("customer")["cents"].sum() / 100,
        }
    ).fillna(0)
    scores = pd.DataFrame(
        {
            "recency": _score(-rfm["recency"]),
            "frequency": _score(rfm["frequency"]),
            "monetary": _score(rfm["monetary"]),
        }
    )
    is_high = (scores * len(scores) >= scores.sum()).astype(int).astype(str)
    expected = {
        customer: (*values, *points, code)
        for customer, values, points, code in zip(
            rfm.index,
            rfm.itertuples(index=False, name=None),
            scores.itertuples(index=False, name=None),
            is_high.sum(axis=1),
            strict=True,
        )
    }
    got = {
        row["customer_id"]: (
            row["recency_days"],
            row["frequency_count"],
            float(row["monetary_amount"]),
            row["recency_score"],
            row["frequency_score"],
            row["monetary_score"],
            row["rfm_type_code"],
        )
        for row in build.table("fct_customer_rfm_scores")
        if row["snapshot_date"] == LAST_DAY.date()
    }
    assert got == expected


def _score(values):
    """1 plus the number of quintile borders below each value; more is better."""
    borders = np.quantile(values, [0.2, 0.4, 0.6, 0.8]).round(6)
    return 1 + sum((values > border).astype(int) for border in borders)
