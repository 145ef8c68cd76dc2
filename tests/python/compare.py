"""Cell by cell: is a published table what the oracle says it is?"""

from collections import Counter
from collections.abc import Iterable
from math import isclose

# What makes a row one row. A table without a key is compared as a bag of rows.
KEYS = {
    "dim_customers": ("customer_id",),
    "dim_dates": ("date_day",),
    "dim_segments": ("segmentation", "segment"),
    "fct_orders": ("order_id",),
    "fct_order_items": ("order_id", "line_number"),
    "fct_customer_days": ("customer_id", "activity_date"),
    "fct_referrals": ("referral_id",),
    "fct_channel_spend": ("spend_date", "channel", "campaign"),
    "fct_customer_segment_spans": ("segmentation", "customer_id", "valid_from"),
    "rpt_segment_counts_daily": ("segmentation", "segment", "date_day"),
    "rpt_segment_flows": (
        "segmentation",
        "date_from",
        "date_to",
        "from_segment",
        "to_segment",
    ),
    "rpt_segment_flow_summary": ("segmentation", "date_from", "date_to", "segment"),
    "rpt_aipl_stage_counts": ("framework", "stage", "date_day"),
    "rpt_aipl_stage_flows": (
        "framework",
        "date_from",
        "date_to",
        "from_stage",
        "to_stage",
    ),
    "rpt_commerce_periods": ("period_grain", "period_start_date", "channel"),
    "rpt_first_order_conversion": ("cohort_month", "channel"),
    "rpt_repurchase_cohorts": ("cohort_month", "horizon_days"),
    "rpt_category_sales": ("month_start_date", "category"),
    "fct_customer_months": ("customer_id", "month_start_date"),
    "fct_customer_rfm_scores": ("customer_id", "snapshot_date"),
    "fct_rfm_thresholds": ("snapshot_date", "dimension"),
    "rpt_rfm_segments": ("snapshot_date", "rfm_type"),
    "rpt_user_pyramid": ("snapshot_date", "parent_layer", "layer"),
    "rpt_loyalty_ladder": ("cohort_scope", "cohort_month", "order_number"),
    "rpt_retention_values": ("channel",),
    "rpt_cohort_ltv": ("cohort_month", "channel", "month_offset"),
    "fct_customer_lifetime_values": ("customer_id",),
    "fct_model_parameters": ("model", "cohort_month", "parameter"),
    "rpt_clv_by_segment": ("segmentation", "segment"),
    "rpt_prediction_backtest": ("fit_date", "repeat_order_count"),
    "rpt_retention_projection": ("cohort_start_date", "period_number"),
    "rpt_growth_curve": ("period_start_date",),
    "fct_cohort_retention": (
        "cohort_basis",
        "activity",
        "period_grain",
        "cohort_start_date",
        "channel",
        "period_number",
    ),
    "rpt_retention_curves": (
        "cohort_basis",
        "activity",
        "period_grain",
        "channel",
        "period_number",
    ),
    "rpt_retention_brackets": (
        "cohort_basis",
        "activity",
        "period_grain",
        "cohort_start_date",
        "bracket_from",
        "bracket_to",
    ),
    "fct_churn_daily": ("date_day",),
    "rpt_churn_threshold_curve": ("idle_days",),
    "fct_churn_rules": ("rule_id",),
    "fct_customer_churn_risks": ("customer_id",),
    "rpt_churn_lead_times": ("month_start_date",),
    "rpt_new_user_churn": ("registration_date", "channel"),
    "rpt_growth_accounting": (
        "period_grain",
        "period_start_date",
        "population",
        "channel",
    ),
    "rpt_active_users": ("date_day",),
    "rpt_active_periods": ("period_grain", "period_start_date", "active_day_count"),
    "rpt_fast_index": ("snapshot_date",),
    "rpt_viral_growth": ("cohort_month", "channel"),
    "rpt_viral_projection": ("day_number",),
    "rpt_referral_generations": ("generation",),
    "rpt_referral_periods": ("month_start_date",),
    "rpt_channel_acquisition": ("month_start_date", "channel"),
    "rpt_channel_spend_daily": ("date_day", "channel"),
    # A rejected row may have no key at all, or share it with the row that stayed.
    "audit_rejected_rows": (),
    "audit_input_reconciliation": ("input_name",),
    "audit_nulled_attributes": ("input_name", "column_name"),
    "audit_shared_identifiers": ("id_type", "identifier_hash"),
}

# Two optimisers meet near the same optimum, not in it. Predictions that follow from the
# published parameters are exact; those of the back-test's fit, which is not, are not.
EXACT = 1e-9
# A search ends at a step; along a flat ridge a parameter moves by more than that.
TOLERANCES = {
    ("fct_model_parameters", "value"): 5e-3,
    ("fct_model_parameters", "log_likelihood"): 1e-6,
    ("fct_model_parameters", "residual_sum_of_squares"): 1e-4,
    # What is expected less what it costs: nearly nothing is left here and there.
    ("fct_customer_lifetime_values", "total_profit_amount"): 1e-6,
    ("rpt_clv_by_segment", "total_profit_amount"): 1e-6,
    ("rpt_prediction_backtest", "expected_order_count"): 1e-3,
    ("rpt_prediction_backtest", "expected_amount"): 1e-3,
}

Row = dict[str, object]


def differences(table: str, expected: list[Row], got: list[Row]) -> list[str]:
    """Everything in which two versions of a table differ, one line each.

    Only the columns of `expected` count. Doubles agree to 1e-9 relative (1e-12 near
    zero) where TOLERANCES does not say otherwise, all other values exactly and with
    their type.
    """
    columns = list(expected[0]) if expected else []
    missing_columns = set(columns) - set(got[0]) if got else set()
    if missing_columns:
        return [f"{table}: no column {name}" for name in sorted(missing_columns)]
    if not KEYS[table]:
        return _bag_differences(table, columns, expected, got)
    return _cell_differences(table, columns, expected, got)


def assert_same(
    table: str, expected: list[Row], got: list[Row], shown: int = 12
) -> None:
    """Fail with the first differences, if there are any."""
    found = differences(table, expected, got)
    if found:
        counts = f"{len(expected)} rows expected, {len(got)} got"
        more = [f"… and {len(found) - shown} more"] if len(found) > shown else []
        lines = [f"{table}: {len(found)} differences, {counts}", *found[:shown], *more]
        raise AssertionError("\n".join(lines))


def _bag_differences(
    table: str, columns: list[str], expected: list[Row], got: list[Row]
) -> list[str]:
    wanted = Counter(tuple(row[column] for column in columns) for row in expected)
    found = Counter(tuple(row[column] for column in columns) for row in got)
    return [f"{table}: missing {row}" for row in (wanted - found).elements()] + [
        f"{table}: unexpected {row}" for row in (found - wanted).elements()
    ]


def _cell_differences(
    table: str, columns: list[str], expected: list[Row], got: list[Row]
) -> list[str]:
    wanted, found = _by_key(table, expected), _by_key(table, got)
    return [
        *(f"{table}: two rows {key}" for key in _repeated(table, got)),
        *(f"{table}: missing row {key}" for key in wanted if key not in found),
        *(f"{table}: unexpected row {key}" for key in found if key not in wanted),
        *(
            f"{table} {key} {column}: expected {row[column]!r}, "
            f"got {found[key][column]!r}"
            for key, row in wanted.items()
            if key in found
            for column in columns
            if not is_same(
                row[column],
                found[key][column],
                TOLERANCES.get((table, column), EXACT),
            )
        ),
    ]


def _key(table: str, row: Row) -> tuple:
    return tuple(row[column] for column in KEYS[table])


def _by_key(table: str, rows: list[Row]) -> dict[tuple, Row]:
    return {_key(table, row): row for row in rows}


def _repeated(table: str, rows: list[Row]) -> Iterable[tuple]:
    counts = Counter(_key(table, row) for row in rows)
    return (key for key, count in counts.items() if count > 1)


def is_same(expected: object, got: object, tolerance: float = EXACT) -> bool:
    """Whether two cells agree; 1, 1.0 and True are three different values."""
    if type(expected) is not type(got):
        return False
    if isinstance(expected, float):
        return isclose(expected, got, rel_tol=tolerance, abs_tol=1e-12)
    return expected == got
