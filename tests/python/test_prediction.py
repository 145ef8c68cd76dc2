"""The models of prediction on CDNOW, against what was published and against lifetimes.

The sample of 2,357 CDNOW customers (every tenth of those who first bought in the first
quarter of 1997) is what BG/NBD and Gamma-Gamma were introduced with; it comes with the
package lifetimes.
"""

import warnings
from importlib.util import find_spec
from pathlib import Path

import pandas as pd
import pytest
from compare import assert_same
from oracle import all_tables
from oracle.shop import Settings, load_shop

# The package sets an option that pandas no longer has.
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from lifetimes import BetaGeoFitter, GammaGammaFitter

CALIBRATION_END = pd.Timestamp("1997-09-30")
VARS = {
    "earliest_valid_date": "1997-01-01",
    "future_cutoff_at": "2000-01-01T00:00:00Z",
}
SELECT = "+fct_customer_lifetime_values +fct_model_parameters +rpt_prediction_backtest"
WEEKS_PER_MONTH = 4.345


@pytest.fixture(scope="module")
def orders():
    """One row per line of the sample file: customer, day, amount as text."""
    package = Path(find_spec("lifetimes").submodule_search_locations[0])
    orders = pd.read_csv(
        package / "datasets" / "CDNOW_sample.txt",
        sep=r"\s+",
        header=None,
        names=["master", "customer", "date", "units", "amount"],
        dtype=str,
    )
    return orders.assign(day=pd.to_datetime(orders["date"], format="%Y%m%d"))


@pytest.fixture(scope="module")
def inputs(orders):
    """The sample as inputs of the project."""
    users = orders.groupby("customer")["day"].min()
    return {
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


@pytest.fixture(scope="module")
def build(warehouse, inputs, tmp_path_factory):
    """A function: build the sample as of the end of calibration with variables."""

    def build(select=SELECT, **vars):
        folder = tmp_path_factory.mktemp("cdnow_sample")
        vars = VARS | {"as_of_date": f"{CALIBRATION_END:%Y-%m-%d}"} | vars
        return warehouse.build(folder, vars=vars, inputs=inputs, select=select)

    return build


@pytest.fixture(scope="module")
def fitted(build):
    return build()


def parameters(build, model):
    """Name -> value of a fitted model."""
    rows = build.query(
        "select parameter, value from customer_ops_marts.fct_model_parameters "
        f"where model = '{model}'"
    )
    return {row["parameter"]: row["value"] for row in rows}


@pytest.fixture(scope="module")
def customers(orders):
    """Repeat orders, recency and age in weeks and mean amount, by pandas."""
    seen = orders[orders["day"] <= CALIBRATION_END]
    days = (
        seen.assign(amount=seen["amount"].astype(float))
        .groupby(["customer", "day"])["amount"]
        .sum()
        .reset_index()
    )
    first = days.groupby("customer")["day"].transform("min")
    repeats = days[days["day"] > first].groupby("customer")["amount"]
    by_customer = days.groupby("customer")["day"]
    return pd.DataFrame(
        {
            "x": by_customer.count() - 1,
            "recency": (by_customer.max() - by_customer.min()).dt.days / 7,
            "age": (CALIBRATION_END - by_customer.min()).dt.days / 7,
            "amount": repeats.mean().reindex(by_customer.min().index),
        }
    )


def test_bg_nbd_has_the_published_parameters(fitted):
    published = {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}
    assert parameters(fitted, "bg_nbd") == pytest.approx(published, abs=0.005)


def test_gamma_gamma_has_the_published_parameters(fitted):
    found = parameters(fitted, "gamma_gamma")
    assert found == pytest.approx({"p": 6.25, "q": 3.74, "v": 15.44}, abs=0.03)
    mean = found["v"] * found["p"] / (found["q"] - 1)
    assert mean == pytest.approx(35.2, abs=0.05)


def test_the_likelihood_is_that_of_the_data_in_weeks(fitted):
    # Fader, Hardie and Lee report -9582.4 for BG/NBD on these customers.
    row = fitted.query(
        "select distinct log_likelihood, observation_count, is_converged "
        "from customer_ops_marts.fct_model_parameters where model = 'bg_nbd'"
    )
    assert len(row) == 1
    assert row[0]["log_likelihood"] == pytest.approx(-9582.4, abs=0.05)
    assert row[0]["observation_count"] == 2357
    assert row[0]["is_converged"]


def test_few_rows_in_bins_cost_little_precision(build, fitted):
    binned = build(select="+int_bg_nbd_fits +int_gamma_gamma_fits", fit_max_rows=200)
    rows = binned.query(
        "select count(*) as n from customer_ops_intermediate.int_bg_nbd_statistics "
        "where age is not null and fit_date = date '1997-09-30'"
    )
    assert rows[0]["n"] <= 200
    found = binned.query(
        "select r, alpha, a, b from customer_ops_intermediate.int_bg_nbd_fits "
        "where fit_date = date '1997-09-30'"
    )[0]
    assert found == pytest.approx(parameters(fitted, "bg_nbd"), rel=0.05)
    found = binned.query(
        "select p, q, v from customer_ops_intermediate.int_gamma_gamma_fits "
        "where fit_date = date '1997-09-30'"
    )[0]
    assert found == pytest.approx(parameters(fitted, "gamma_gamma"), rel=0.1)


@pytest.mark.parametrize("months", [1, 9, 36])
def test_every_customer_is_expected_what_lifetimes_expects(build, customers, months):
    given = {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}
    model = BetaGeoFitter()
    model.params_ = pd.Series(given)
    weeks = months * WEEKS_PER_MONTH
    x, recency, age = customers["x"], customers["recency"], customers["age"]
    expected = pd.DataFrame(
        {
            "orders": model.conditional_expected_number_of_purchases_up_to_time(
                weeks, x, recency, age
            ),
            "alive": model.conditional_probability_alive(x, recency, age),
        },
        index=customers.index,
    )
    found = predictions(
        build(
            select="+int_customer_predictions",
            bgnbd_parameters=given,
            clv_horizon_months=months,
        )
    )
    assert list(found.index) == list(expected.index)
    assert list(found["orders"]) == pytest.approx(list(expected["orders"]), rel=1e-8)
    assert list(found["alive"]) == pytest.approx(list(expected["alive"]), rel=1e-10)


def predictions(build):
    rows = build.query(
        "select customer_id, expected_order_count as orders, "
        "p_alive_probability as alive, expected_order_amount as amount, "
        "discounted_order_count as discounted "
        "from customer_ops_intermediate.int_customer_predictions "
        "where fit_date = date '1997-09-30' order by customer_id"
    )
    return pd.DataFrame(rows).set_index("customer_id").sort_index()


def test_every_customer_is_expected_to_spend_what_lifetimes_expects(fitted, customers):
    given = parameters(fitted, "gamma_gamma")
    model = GammaGammaFitter()
    model.params_ = pd.Series(given)
    amounts = customers["amount"].fillna(0)
    repeats = customers["x"].where(amounts > 0, 0)
    expected = model.conditional_expected_average_profit(repeats, amounts)
    found = predictions(fitted)
    assert list(found["amount"]) == pytest.approx(list(expected), rel=1e-8)


def test_the_back_test_is_what_came_in_the_39_weeks_after(
    build, fitted, customers, orders
):
    late = build(as_of_date="1998-06-30", backtest_months=9)
    rows = late.query("select * from customer_ops_marts.rpt_prediction_backtest")
    after = orders[orders["day"] > CALIBRATION_END]
    came = after.drop_duplicates(["customer", "day"])
    assert {str(row["fit_date"]) for row in rows} == {"1997-09-30"}
    assert sum(row["customer_count"] for row in rows) == 2357
    assert sum(row["actual_order_count"] for row in rows) == len(came)
    cents = int(after["amount"].str.replace(".", "").astype(int).sum())
    assert sum(row["actual_amount"] for row in rows) * 100 == cents
    model = BetaGeoFitter()
    model.params_ = pd.Series(parameters(fitted, "bg_nbd"))
    expected = model.conditional_expected_number_of_purchases_up_to_time(
        39, customers["x"], customers["recency"], customers["age"]
    )
    by_repeats = expected.groupby(customers["x"]).sum().to_dict()
    assert {
        row["repeat_order_count"]: row["expected_order_count"] for row in rows
    } == pytest.approx(by_repeats, rel=1e-4)
    # The paper's figure, too, shows the model below what came after the calibration.
    assert 0.85 < expected.sum() / len(came) < 1


def test_value_falls_with_interest_and_rises_with_the_horizon(build):
    def total(**vars):
        build_of = build(select="+fct_customer_lifetime_values", **given, **vars)
        return [
            row["predicted_clv_amount"]
            for row in build_of.query(
                "select predicted_clv_amount "
                "from customer_ops_marts.fct_customer_lifetime_values "
                "order by customer_id"
            )
        ]

    given = {
        "bgnbd_parameters": {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426},
        "gamma_gamma_parameters": {"p": 6.25, "q": 3.74, "v": 15.44},
    }
    base = total()
    dearer = total(annual_discount_rate=0.5)
    longer = total(clv_horizon_months=13)
    assert all(
        low < middle < high
        for low, middle, high in zip(dearer, base, longer, strict=True)
    )


GIVEN = {
    "bgnbd_parameters": {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426},
    "gamma_gamma_parameters": {"p": 6.25, "q": 3.74, "v": 15.44},
}


@pytest.mark.parametrize("given", [{}, GIVEN])
def test_a_shop_without_a_buyer_has_parameters_and_costs(warehouse, tmp_path, given):
    """All it spent falls to nobody; so does the cost of an account yet to come."""
    vars = VARS | {
        "as_of_date": "2024-06-30",
        "future_cutoff_at": "2025-01-01T00:00:00Z",
    }
    vars |= given
    cost = {"cost_date": "2024-05-01", "cost_type": "service", "amount": "3"}
    inputs = {
        "users": [
            {"user_id": "a", "registered_at": "2023-05-01", "channel": "ads"},
            {"user_id": "later", "registered_at": "2024-07-01"},
        ],
        "orders": [
            {"order_id": "1", "user_id": "a", "ordered_at": "2023-06-01"}
            | {"status": "cancelled", "gross_amount": "9"}
        ],
        "logins": [],
        "marketing_spend": [
            {"spend_date": "2023-05-01", "channel": "ads", "spend": "20"}
        ],
        "operating_costs": [
            {"cost_id": "1", "user_id": "later"} | cost,
            {"cost_id": "2", "user_id": "a"} | cost,
        ],
    }
    select = "+rpt_clv_by_segment +rpt_retention_values " + SELECT
    build = warehouse.build(tmp_path, vars=vars, inputs=inputs, select=select)
    parameters = build.table("fct_model_parameters")
    shop = load_shop(inputs, Settings.from_vars(vars))
    expected = all_tables(shop, parameters)
    for table in (
        "fct_model_parameters",
        "fct_customer_lifetime_values",
        "rpt_clv_by_segment",
        "rpt_retention_values",
        "rpt_prediction_backtest",
    ):
        assert_same(table, expected[table], build.table(table))
    statuses = {row["model"]: row["fit_status"] for row in parameters}
    status = "given" if given else "insufficient_data"
    assert (statuses["bg_nbd"], statuses["gamma_gamma"]) == (status, status)
    (nobody,) = build.query(
        "select acquisition_cost_amount as spend, operating_cost_amount as cost "
        "from customer_ops_marts.rpt_clv_by_segment where segment = 'unallocated'"
    )
    assert nobody == {"spend": 20, "cost": 3}
