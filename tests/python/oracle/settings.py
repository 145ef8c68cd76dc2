"""The project variables the oracle obeys, with the same names and defaults."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, get_args, get_type_hints
from zoneinfo import ZoneInfo

from .reading import read_timestamp


@dataclass(frozen=True)
class Settings:
    """Every variable the present marts use; windows are in days unless named otherwise.

    Money thresholds and shares that are compared exactly are Decimal, other rates are
    float. A None `future_cutoff_at` means the moment the shop is loaded. Tables that
    the project keeps as seeds (cuts, tiers, risk rules) are settings here.
    """

    # time and base
    as_of_date: date | None = None
    business_timezone: str = "UTC"
    input_timezone: str = "UTC"
    future_cutoff_at: datetime | None = None
    earliest_valid_date: date = date(2000, 1, 1)
    snapshot_months: int | None = None
    week_start: str = "monday"
    order_statuses: tuple[str, ...] = (
        "created",
        "paid",
        "shipped",
        "completed",
        "cancelled",
        "refunded",
    )
    valid_order_statuses: tuple[str, ...] = ("paid", "shipped", "completed")
    reporting_currency: str | None = None
    activity_types: tuple[str, ...] = ("login", "order")
    churn_activity: tuple[str, ...] = ("login", "order")

    # commerce
    gross_margin_rate: float = 1.0
    refund_reverses_cost: bool = True
    repurchase_window_days: int = 365
    repurchase_cohort_days: tuple[int, ...] = (30, 60, 90, 365)
    first_order_window_days: int = 30

    # RFM and tiers
    rfm_window_days: int | None = 365
    rfm_split: str = "mean_score"
    rfm_weights: tuple[float, ...] = (1.0, 1.0, 1.0)
    rfm_min_repeat_share: Decimal = Decimal("0.05")
    sleeping_after_days: int = 30
    high_value_window_days: int = 30
    high_value_min_orders: int = 3
    high_value_min_aov: Decimal = Decimal("200")
    potential_new_days: int = 7
    mid_aov_quantiles: tuple[float, ...] = (0.33, 0.67)
    high_annual_value: Decimal = Decimal("5000")
    pyramid_depth: int = 2
    pyramid_cuts: tuple[tuple[str, Decimal], ...] = (
        ("head", Decimal("0.20")),
        ("waist", Decimal("0.50")),
        ("base", Decimal("1.00")),
    )
    ladder_max_rung: int = 5
    ladder_window_days: int = 90
    loyalty_window_days: int = 365
    loyalty_max_gap_cv: Decimal = Decimal("1.0")
    loyalty_min_wallet_share: Decimal = Decimal("0.5")
    loyalty_tenure_days: int = 365
    membership_tiers: tuple[tuple[str, Decimal], ...] = (
        ("silver", Decimal("1000")),
        ("gold", Decimal("5000")),
        ("diamond", Decimal("20000")),
    )

    # lifetime value
    cl_targets: tuple[int, ...] = (4, 5)
    annual_discount_rate: float = 0.10
    clv_horizon_months: int = 12
    clv_weeks_per_month: float = 4.345
    clv_value_growth: float = 0.0
    clv_monthly_cost: float = 0.0
    clv_min_repeat_customers: int = 30
    bgnbd_parameters: dict[str, float] | None = None
    gamma_gamma_parameters: dict[str, float] | None = None
    gg_max_correlation: float = 0.15
    sbg_min_periods: int = 3
    backtest_months: int = 6

    # journey
    positive_rating_min: int = 4

    # retention and churn
    retention_max_offset: dict[str, int] = field(
        default_factory=lambda: {"day": 30, "week": 12, "month": 12}
    )
    retention_brackets: dict[str, list[list[int]]] = field(
        default_factory=lambda: {
            "day": [[1, 3], [4, 7], [8, 14], [15, 30]],
            "week": [[1, 2], [3, 4]],
            "month": [[1, 1], [2, 3], [4, 6], [7, 12]],
        }
    )
    churn_after_days: int = 30
    return_contact_days: int = 7
    threshold_max_days: int = 180
    threshold_return_horizon_days: int = 60
    threshold_return_probability: Decimal = Decimal("0.10")
    threshold_min_spells: int = 30
    # (rule_id, feature, operator, value): all rows of a rule must hold.
    risk_rules: tuple[tuple[str, ...], ...] = (
        ("thin_profile", "profile_completion_pct", "<", "50"),
        ("thin_profile", "friend_count", "<", "3"),
        ("thin_profile", "contacts_imported", "=", "false"),
    )
    risk_horizon_days: int = 30
    risk_min_support: int = 30
    risk_probability_min: Decimal = Decimal("0.80")
    decline_max_ratio: Decimal = Decimal("0.5")
    lead_time_lookback_days: int = 60

    # life stages
    life_stage_days: int = 90
    life_stage_change: Decimal = Decimal("0.20")
    interest_min_events: int = 3
    active_min_days: int = 4
    new_user_days: int = 30
    strategy_layer_order: tuple[str, ...] = (
        "paying",
        "interest",
        "active",
        "new",
        "ordinary",
    )
    pre_churn_idle_share: Decimal = Decimal("0.5")

    # growth
    fast_base_date: date | None = None
    thriving_window_days: int = 180
    k_window_days: int = 30
    viral_seed_count: int | None = None
    viral_horizon_days: int = 90
    growth_curve_period: str = "month"
    growth_curve_model: str = "logistic"
    growth_min_periods: int = 5
    decline_periods: int = 3
    cac_basis: str = "first_order"
    cac_alert_min_days: int = 14
    referral_max_depth: int = 10

    # business to business
    deal_stages: tuple[str, ...] = (
        "lead",
        "qualified",
        "proposal",
        "negotiation",
        "won",
        "lost",
    )

    # identity
    stitch_id_types: tuple[str, ...] = ("email", "phone")
    stitch_max_accounts: int = 10
    identity_salt: str = ""

    @classmethod
    def from_vars(cls, dbt_vars: dict[str, Any]) -> Settings:
        """Settings from values as given to `dbt --vars`: text, numbers, lists, null.

        Names that are no setting of the oracle are ignored: the same dictionary also
        says where the inputs are. An instant without an offset is in `input_timezone`.
        Raises ValueError for a value, null included, that the setting cannot have.
        """
        hints = get_type_hints(cls)
        given = {
            item.name: _read(item.name, hints[item.name], dbt_vars[item.name])
            for item in fields(cls)
            if item.name in dbt_vars and item.name != "future_cutoff_at"
        }
        cutoff = dbt_vars.get("future_cutoff_at")
        if cutoff is not None:
            zone = given.get("input_timezone", cls.input_timezone)
            given["future_cutoff_at"] = _instant(cutoff, zone)
        return cls(**given)


def _read(name: str, hint: Any, value: Any) -> Any:
    if value is not None:
        return _READERS[hint](value)
    if type(None) not in get_args(hint):
        raise ValueError(f"{name} cannot be null")
    return None


def _date(value: Any) -> date:
    return value if isinstance(value, date) else date.fromisoformat(value)


def _instant(value: Any, zone: str) -> datetime:
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(UTC)
    instant = read_timestamp(str(value).strip(), ZoneInfo(zone))
    if instant is None:
        raise ValueError(f"not a timestamp: {value!r}")
    return instant


def _bool(value: Any) -> bool:
    words = {"true": True, "false": False}
    if str(value).lower() not in words:
        raise ValueError(f"neither true nor false: {value!r}")
    return words[str(value).lower()]


def _decimal(value: Any) -> Decimal:
    return Decimal(str(value))


def _tuple_of(read: Callable[[Any], Any]) -> Callable[[Any], tuple]:
    def read_list(value: Any) -> tuple:
        # A single word is a list of one, never a list of its letters.
        items = [value] if isinstance(value, str) else value
        return tuple(read(item) for item in items)

    return read_list


def _code_and_bound(value: Any) -> tuple[str, Decimal]:
    code, bound = value
    return str(code), _decimal(bound)


def _numbers(value: dict[str, Any]) -> dict[str, float]:
    return {name: float(number) for name, number in value.items()}


_READERS: dict[Any, Callable[[Any], Any]] = {
    str: str,
    str | None: str,
    int: int,
    int | None: int,
    float: float,
    bool: _bool,
    Decimal: _decimal,
    date: _date,
    date | None: _date,
    tuple[str, ...]: _tuple_of(str),
    tuple[int, ...]: _tuple_of(int),
    tuple[float, ...]: _tuple_of(float),
    tuple[tuple[str, ...], ...]: _tuple_of(_tuple_of(str)),
    tuple[tuple[str, Decimal], ...]: _tuple_of(_code_and_bound),
    dict[str, int]: dict,
    dict[str, float] | None: _numbers,
    dict[str, list[list[int]]]: dict,
}
