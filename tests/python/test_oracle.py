"""Every published table of the sample shop equals the oracle's, cell by cell."""

import json
from collections import Counter
from datetime import date, timedelta
from functools import cached_property

import pytest
from compare import assert_same
from oracle import all_tables, labels, leaving
from oracle.reading import clean
from oracle.shop import Settings, load_shop
from warehouse import PROJECT

# Published tables, by folder. dim_segments is a reference seed, nothing to compute.
FOLDER_OF = {
    path.stem: path.parent.name
    for path in sorted((PROJECT / "models" / "marts").glob("*/*.sql"))
    if path.stem != "dim_segments"
}

# Every test run sees the same future: none but the rows planted in it.
FIXED_CLOCK = {"future_cutoff_at": "2025-12-31T00:00:00Z"}

NO_DEFAULT = "New York, and no variable at its default"
SCENARIOS = {
    "default": {},
    "middle of a month": {"as_of_date": "2024-09-15"},
    "end of a year, without interest": {
        "as_of_date": "2024-12-31",
        "annual_discount_rate": 0,
    },
    NO_DEFAULT: {
        "business_timezone": "America/New_York",
        "input_timezone": "Asia/Shanghai",
        "week_start": "sunday",
        "as_of_date": "2025-05-20",
        "earliest_valid_date": "2024-02-01",
        "snapshot_months": 6,
        "order_statuses": ["paid", "shipped", "completed", "cancelled", "refunded"],
        "valid_order_statuses": ["paid", "completed", "refunded"],
        "reporting_currency": "USD",
        "activity_types": ["login", "order", "event"],
        "churn_activity": ["login"],
        "stitch_id_types": ["phone"],
        "stitch_max_accounts": 3,
        "identity_salt": "pepper",
        "gross_margin_rate": 0.4,
        "refund_reverses_cost": False,
        "repurchase_window_days": 90,
        "repurchase_cohort_days": [45, 180],
        "first_order_window_days": 14,
        "rfm_window_days": 180,
        "rfm_split": "median_value",
        "rfm_weights": [0.2, 0.6, 0.2],
        "rfm_min_repeat_share": 0.9,
        "sleeping_after_days": 45,
        "high_value_window_days": 60,
        "high_value_min_orders": 2,
        "high_value_min_aov": 99.5,
        "potential_new_days": 14,
        "mid_aov_quantiles": [0.2, 0.8],
        "high_annual_value": 1000,
        "pyramid_depth": 1,
        "ladder_max_rung": 7,
        "ladder_window_days": 45,
        "loyalty_window_days": 180,
        "loyalty_max_gap_cv": 0.75,
        "loyalty_min_wallet_share": 0.25,
        "loyalty_tenure_days": 120,
        "cl_targets": [3, 6],
        "annual_discount_rate": 0.2,
        "clv_horizon_months": 24,
        "clv_value_growth": 0.05,
        "clv_monthly_cost": 1.5,
        "clv_weeks_per_month": 4.0,
        "clv_min_repeat_customers": 20,
        "gg_max_correlation": 0.5,
        "sbg_min_periods": 4,
        "backtest_months": 3,
        "positive_rating_min": 5,
        "retention_max_offset": {"day": 7, "week": 4, "month": 6},
        "retention_brackets": {
            "day": [[0, 2], [5, 9]],
            "week": [[2, 2]],
            "month": [[1, 12]],
        },
        "churn_after_days": 21,
        "return_contact_days": 14,
        "threshold_max_days": 120,
        "threshold_return_horizon_days": 30,
        "threshold_return_probability": 0.2,
        "threshold_min_spells": 10,
        "risk_horizon_days": 14,
        "risk_min_support": 50,
        "risk_probability_min": 0.1,
        "decline_max_ratio": 0.75,
        "lead_time_lookback_days": 90,
        "life_stage_days": 60,
        "life_stage_change": 0.1,
        "interest_min_events": 2,
        "active_min_days": 3,
        "new_user_days": 21,
        "strategy_layer_order": ["interest", "paying", "new", "active", "ordinary"],
        "pre_churn_idle_share": 0.75,
        "fast_base_date": "2024-12-31",
        "thriving_window_days": 60,
        "k_window_days": 14,
        "viral_seed_count": 50,
        "viral_horizon_days": 30,
        "growth_curve_period": "week",
        "growth_min_periods": 6,
        "decline_periods": 2,
        "cac_basis": "registration",
        "cac_alert_min_days": 7,
    },
}

# The accounts that share an e-mail with too many others registered in 2025.
EMPTY_BEFORE = {"audit_shared_identifiers": date(2025, 1, 1)}

# Published columns without a counterpart in the oracle; they have tests of their own.
NOT_COMPARED = {
    "audit_rejected_rows": {"rejected_row_id", "raw_record"},
    "audit_nulled_attributes": {"example_value"},
    # Another optimiser takes another number of rounds.
    "fct_model_parameters": {"round_count"},
}


class Sample:
    """The sample shop under some variables: as dbt builds it, and by the oracle."""

    def __init__(self, build, vars):
        self.build = build
        self.vars = vars

    @cached_property
    def shop(self):
        return load_shop(PROJECT / "seeds" / "shop", Settings.from_vars(self.vars))

    def is_without(self, table):
        """Whether the sample cannot have rows of a table on the as-of date."""
        return self.shop.as_of_date < EMPTY_BEFORE.get(table, date.min)

    @cached_property
    def expected(self):
        """What the oracle says: table name -> rows."""
        parameters = self.build.table("fct_model_parameters")
        return with_plain_columns(self.shop, all_tables(self.shop, parameters))


def with_plain_columns(shop, tables):
    """Add the published columns that carry a date or an instant on, unchanged."""
    delivered_at = {order["order_id"]: order["delivered_at"] for order in shop.orders}
    last_login_at = {
        (login["customer_id"], login["login_date"]): login["login_at"]
        for login in shop.logins
    }
    for row in tables.get("fct_orders", []):
        row["delivered_at"] = delivered_at[row["order_id"]]
    for row in tables.get("fct_customer_days", []):
        key = row["customer_id"], row["activity_date"]
        row["last_login_at"] = last_login_at.get(key)
    for row in tables.get("dim_dates", []):
        start = row["quarter_start_date"] = shop.quarter_start(row["date_day"])
        third_month = shop.month_end(start + timedelta(days=75))
        row["is_complete_quarter"] = third_month <= shop.as_of_date
    for table in ("rpt_channel_acquisition", "rpt_referral_periods"):
        for row in tables.get(table, []):
            last_day = shop.month_end(row["month_start_date"])
            row["is_complete"] = last_day <= shop.as_of_date
    return tables


@pytest.fixture(scope="module", params=SCENARIOS)
def sample(request, warehouse, tmp_path_factory):
    vars = FIXED_CLOCK | SCENARIOS[request.param]
    folder = tmp_path_factory.mktemp("sample")
    return Sample(warehouse.build(folder, vars=vars, check=False), vars)


def test_the_build_succeeds_without_a_warning(sample):
    assert (sample.build.messages, sample.build.warnings) == ({}, [])


@pytest.mark.parametrize("table", FOLDER_OF)
def test_a_table_equals_the_oracle(sample, table):
    expected = sample.expected
    assert table in expected, f"the oracle does not compute {table}"
    assert bool(expected[table]) != sample.is_without(table), (
        f"the sample leaves {table} empty: nothing is compared"
    )
    assert_same(table, expected[table], sample.build.table(table))


def test_every_table_of_the_oracle_is_published(sample):
    assert set(sample.expected) == set(FOLDER_OF)


@pytest.mark.parametrize("table", FOLDER_OF)
def test_every_published_column_is_compared(sample, warehouse, table):
    model = warehouse.manifest["nodes"][f"model.customer_ops.{table}"]
    if sample.is_without(table):
        return
    (row, *_) = sample.expected[table]
    assert set(model["columns"]) - set(row) == NOT_COMPARED.get(table, set())


def test_the_risk_list_decides_in_a_scenario():
    """By default nobody of the sample is on it, and nothing of it is compared."""

    def shop(**more):
        vars = FIXED_CLOCK | SCENARIOS[NO_DEFAULT] | more
        return load_shop(PROJECT / "seeds" / "shop", Settings.from_vars(vars))

    def priorities(shop):
        return Counter(
            row["operating_priority"]
            for (_, day), row in labels.labels(shop).items()
            if day == shop.as_of_date
        )

    def warned_count(shop):
        return sum(row["warned_count"] for row in leaving.lead_times(shop))

    with_rules, without = shop(), shop(risk_rules=[])
    assert len(leaving.risk_list(with_rules)) > 20
    assert priorities(with_rules)["pre_churn"] > priorities(without)["pre_churn"] + 20
    assert warned_count(with_rules) > warned_count(without) + 20


def test_rejected_rows_keep_their_raw_content(sample):
    expected = Counter(
        (name, frozenset(row.texts.items()))
        for name, rows in sample.shop.raw.items()
        for row in rows
        if not row.accepted
    )
    got = Counter(
        (row["input_name"], frozenset(texts_of(row["raw_record"])))
        for row in sample.build.table("audit_rejected_rows")
    )
    assert got == expected


def texts_of(raw_record):
    """Column and cleaned cell of a raw record."""
    cells = json.loads(raw_record).items()
    return [(column, clean(text)) for column, text in cells]


def test_the_example_of_a_nulled_attribute_is_one(sample):
    for row in sample.build.table("audit_nulled_attributes"):
        name, column = row["input_name"], row["column_name"]
        refused = {
            raw.texts[column]
            for raw in sample.shop.raw[name]
            if raw.accepted and column in raw.nulled
        }
        assert row["example_value"] in refused
