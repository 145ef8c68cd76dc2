"""Every published table of the sample shop equals the oracle's, cell by cell."""

import json
from collections import Counter
from datetime import timedelta
from functools import cached_property

import pytest
from compare import assert_same
from oracle import audit, core, growth, retention, value
from oracle.reading import clean
from oracle.shop import Settings, load_shop
from warehouse import PROJECT

# The oracle that answers for a folder of models/marts.
ORACLES = {
    "audit": audit,
    "core": core,
    "growth": growth,
    "journey": core,
    "retention": retention,
    "value": value,
}

# Published tables, by folder. dim_segments is a reference seed, nothing to compute.
FOLDER_OF = {
    path.stem: path.parent.name
    for path in sorted((PROJECT / "models" / "marts").glob("*/*.sql"))
    if path.stem != "dim_segments"
}

# Every test run sees the same future: none but the rows planted in it.
FIXED_CLOCK = {"future_cutoff_at": "2025-12-31T00:00:00Z"}

SCENARIOS = {
    "default": {},
    "middle of a month": {"as_of_date": "2024-09-15"},
    "end of a year": {"as_of_date": "2024-12-31"},
    "New York, and no variable at its default": {
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
        "cl_targets": [3, 6],
        "annual_discount_rate": 0.2,
        "clv_horizon_months": 24,
        "clv_value_growth": 0.05,
        "clv_monthly_cost": 1.5,
        "positive_rating_min": 5,
        "retention_max_offset": {"day": 7, "week": 4, "month": 6},
        "retention_brackets": {
            "day": [[0, 2], [5, 9]],
            "week": [[2, 2]],
            "month": [[1, 12]],
        },
        "churn_after_days": 21,
        "fast_base_date": "2024-12-31",
        "thriving_window_days": 60,
        "k_window_days": 14,
        "viral_seed_count": 50,
        "viral_horizon_days": 30,
        "cac_basis": "registration",
        "cac_alert_min_days": 7,
    },
}

# Published columns without a counterpart in the oracle; they have tests of their own.
NOT_COMPARED = {
    "audit_rejected_rows": {"rejected_row_id", "raw_record"},
    "audit_nulled_attributes": {"example_value"},
}


class Sample:
    """The sample shop under some variables: as dbt builds it, and by the oracle."""

    def __init__(self, build, vars):
        self.build = build
        self.vars = vars
        self._tables = {}

    @cached_property
    def shop(self):
        return load_shop(PROJECT / "seeds" / "shop", Settings.from_vars(self.vars))

    def expected(self, oracle):
        """The tables of an oracle module, name -> rows."""
        if oracle not in self._tables:
            tables = oracle.tables(self.shop)
            self._tables[oracle] = with_plain_columns(self.shop, tables)
        return self._tables[oracle]


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
    expected = sample.expected(ORACLES[FOLDER_OF[table]])
    assert table in expected, f"the oracle does not compute {table}"
    assert expected[table], f"the sample leaves {table} empty: nothing is compared"
    assert_same(table, expected[table], sample.build.table(table))


def test_every_table_of_the_oracle_is_published(sample):
    computed = {name for each in ORACLES.values() for name in sample.expected(each)}
    assert computed == set(FOLDER_OF)


@pytest.mark.parametrize("table", FOLDER_OF)
def test_every_published_column_is_compared(sample, warehouse, table):
    model = warehouse.manifest["nodes"][f"model.customer_ops.{table}"]
    (row, *_) = sample.expected(ORACLES[FOLDER_OF[table]])[table]
    assert set(model["columns"]) - set(row) == NOT_COMPARED.get(table, set())


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
