"""RFM scores, types and rule tiers of every snapshot (V-04 to V-08, V-10, V-11).

Everything is computed in exact fractions; floats appear only in published rows.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .shop import Settings, Shop

DIMENSIONS = {
    "recency": "recency_days",
    "frequency": "frequency_count",
    "monetary": "monetary_amount",
}
BREAKPOINTS = ("0.2", "0.4", "0.6", "0.8")
RFM_TYPES = {
    "111": "important_value",
    "011": "important_keep",
    "101": "important_develop",
    "001": "important_win_back",
    "110": "general_value",
    "010": "general_keep",
    "100": "general_develop",
    "000": "general_win_back",
}
ANNUAL_DAYS = 365


def exact(number) -> Fraction:
    """The number as it is written: 0.05 is 5/100, not its nearest double."""
    return Fraction(str(number)) if isinstance(number, float) else Fraction(number)


def round_6(number: Fraction) -> Fraction:
    """Round a number >= 0 half up to 6 decimals, exactly."""
    return Fraction(floor(number * 10**6 + Fraction(1, 2)), 10**6)


def quantile(values: Iterable, share) -> Fraction | None:
    """Linear interpolation at position share * (n - 1), rounded to 6 decimals.

    None without values.
    """
    ordered = sorted(values)
    if not ordered:
        return None
    position = exact(share) * (len(ordered) - 1)
    below = floor(position)
    above = min(below + 1, len(ordered) - 1)
    low, high = exact(ordered[below]), exact(ordered[above])
    return round_6(low + (high - low) * (position - below))


def ratio(top, bottom) -> float | None:
    """top / bottom as a float; None when either is missing or bottom is 0."""
    return None if top is None or not bottom else float(top) / float(bottom)


def in_window(day: date, end: date, days: int | None) -> bool:
    """Whether day lies in the backward window W(end, days); days None = no start."""
    return day <= end and (days is None or day > end - timedelta(days=days))


def scores(shop: Shop) -> list[dict]:
    """Rows of fct_customer_rfm_scores: every snapshot date x customer existing then."""
    return [row for snapshot in shop.snapshot_dates for row in _score(shop, snapshot)]


def labels(shop: Shop) -> dict[tuple[str, date], dict]:
    """(customer_id, snapshot_date) -> the customer's rfm_type and rule_tier."""
    return {
        (row["customer_id"], row["snapshot_date"]): {
            "rfm_type": row["rfm_type"],
            "rule_tier": row["rule_tier"],
        }
        for row in scores(shop)
    }


def thresholds(shop: Shop) -> list[dict]:
    """Rows of fct_rfm_thresholds: every snapshot date x dimension."""
    return [
        row
        for snapshot in shop.snapshot_dates
        for row in _thresholds(_score(shop, snapshot), snapshot, shop.settings)
    ]


def _score(shop: Shop, snapshot: date) -> list[dict]:
    """All rows of one snapshot: the population decides the scores of each."""
    rows = [
        _raw(shop, customer_id, snapshot)
        for customer_id, customer in shop.customers.items()
        if customer["entry_date"] <= snapshot
    ]
    scored = [row for row in rows if row["is_scored"]]
    _add_scores(scored)
    _add_weighted_score(scored, shop.settings.rfm_weights)
    _add_types(scored, shop.settings.rfm_split)
    _add_tiers(shop, rows, snapshot)
    return rows


def _raw(shop: Shop, customer_id: str, snapshot: date) -> dict:
    """V-04 and V-11 of one customer; what only the scored have starts as None."""
    settings = shop.settings
    orders = [
        order
        for order in shop.valid_orders.get(customer_id, [])
        if order["order_date"] <= snapshot
    ]
    dates = [order["order_date"] for order in orders]
    last = max(dates, default=None)
    window = settings.rfm_window_days
    count, net = _orders_and_net(shop, orders, snapshot, window)
    annual_net = _orders_and_net(shop, orders, snapshot, ANNUAL_DAYS)[1]
    return {
        "customer_id": customer_id,
        "snapshot_date": snapshot,
        "is_scored": bool(orders),
        "recency_days": (snapshot - last).days if last else None,
        "frequency_count": count,
        "monetary_amount": net,
        "average_order_amount": ratio(net, count),
        "first_order_date": min(dates, default=None),
        "last_order_date": last,
        "lifetime_order_count": len(orders),
        "recency_score": None,
        "frequency_score": None,
        "monetary_score": None,
        "rfm_cell": None,
        "rfm_score": None,
        "rfm_grade": None,
        "rfm_rank": None,
        "is_recency_high": None,
        "is_frequency_high": None,
        "is_monetary_high": None,
        "rfm_type_code": None,
        "rfm_type": "unscored",
        "rule_tier": None,
        "is_high_annual_value": annual_net >= exact(settings.high_annual_value),
        "has_full_window": window is None
        or snapshot - timedelta(days=window - 1) >= shop.history_start_date,
    }


def _orders_and_net(
    shop: Shop, orders: list[dict], snapshot: date, days: int | None
) -> tuple[int, Decimal]:
    """Number and net of the orders in W(snapshot, days), as known at the snapshot."""
    inside = [
        order for order in orders if in_window(order["order_date"], snapshot, days)
    ]
    net = sum((shop.net_at(order, snapshot) for order in inside), Decimal("0.00"))
    return len(inside), net


def _breakpoints(scored: list[dict], column: str) -> list[Fraction | None]:
    values = [row[column] for row in scored]
    return [quantile(values, share) for share in BREAKPOINTS]


def _add_scores(scored: list[dict]) -> None:
    """V-05: fewer days are better, more orders and more money are better."""
    for dimension, column in DIMENSIONS.items():
        points = _breakpoints(scored, column)
        for row in scored:
            value = exact(row[column])
            beaten = [
                p > value if dimension == "recency" else p < value for p in points
            ]
            row[f"{dimension}_score"] = 1 + sum(beaten)
    for row in scored:
        row["rfm_cell"] = "".join(str(score) for score in _scores_of(row))


def _scores_of(row: dict) -> list[int]:
    return [row[f"{dimension}_score"] for dimension in DIMENSIONS]


def weighted_score(row_scores: Iterable[int], weights: Iterable) -> Fraction:
    """V-07a: weighted mean of the R, F and M scores, rounded to 6 decimals."""
    shares = [exact(weight) for weight in weights]
    total = sum(w * score for w, score in zip(shares, row_scores, strict=True))
    return round_6(total / sum(shares))


def _add_weighted_score(scored: list[dict], weights: Iterable) -> None:
    """V-07a and V-07b: weighted score, grade 1 to 5 and dense rank."""
    weighted = [weighted_score(_scores_of(row), weights) for row in scored]
    points = [quantile(weighted, share) for share in BREAKPOINTS]
    ranks = {score: i for i, score in enumerate(sorted(set(weighted), reverse=True), 1)}
    for row, score in zip(scored, weighted, strict=True):
        row["rfm_score"] = float(score)
        row["rfm_grade"] = 1 + sum(point < score for point in points)
        row["rfm_rank"] = ranks[score]


def _add_types(scored: list[dict], split: str) -> None:
    """V-06: one bit per dimension, in the order R F M, names the type."""
    for dimension, column in DIMENSIONS.items():
        is_high = _is_high(scored, dimension, column, split)
        for row in scored:
            row[f"is_{dimension}_high"] = is_high(row)
    for row in scored:
        code = "".join(str(int(row[f"is_{name}_high"])) for name in DIMENSIONS)
        row["rfm_type_code"] = code
        row["rfm_type"] = RFM_TYPES[code]


def _is_high(scored: list[dict], dimension: str, column: str, split: str):
    """The rule row -> bool of one dimension."""
    if split == "median_value":
        median = quantile((row[column] for row in scored), "0.5")
        if dimension == "recency":
            return lambda row: row[column] <= median
        return lambda row: exact(row[column]) >= median
    score = f"{dimension}_score"
    total = sum(row[score] for row in scored)
    # Cross-multiplied: a mean such as 2.8 has no exact double.
    return lambda row: row[score] * len(scored) >= total


def _add_tiers(shop: Shop, rows: list[dict], snapshot: date) -> None:
    """V-10: the first rule that matches names the tier."""
    settings = shop.settings
    orders = [_exact_average(row) for row in rows if row["frequency_count"]]
    middle = [quantile(orders, share) for share in settings.mid_aov_quantiles]
    for row in rows:
        row["rule_tier"] = _tier(shop, row, snapshot, middle)


def _exact_average(row: dict) -> Fraction:
    return Fraction(row["monetary_amount"]) / row["frequency_count"]


def _tier(shop: Shop, row: dict, snapshot: date, middle: list[Fraction | None]) -> str:
    settings = shop.settings
    if not row["is_scored"]:
        return "never_purchased"
    if row["recency_days"] >= settings.sleeping_after_days:
        return "sleeping"
    count, net = _orders_and_net(
        shop,
        shop.valid_orders[row["customer_id"]],
        snapshot,
        settings.high_value_window_days,
    )
    if is_high_value_repeat(settings, count, net):
        return "high_value_repeat"
    is_new = (snapshot - row["first_order_date"]).days <= settings.potential_new_days
    if is_new and row["frequency_count"]:
        low, high = middle
        if low <= round_6(_exact_average(row)) <= high:
            return "potential_new"
    return "regular"


def is_high_value_repeat(settings: Settings, order_count: int, net: Decimal) -> bool:
    """Enough orders (rule 3 of V-10, V-12) of a high enough average."""
    enough = order_count >= settings.high_value_min_orders
    return enough and net >= exact(settings.high_value_min_aov) * order_count


def _thresholds(rows: list[dict], snapshot: date, settings: Settings) -> list[dict]:
    scored = [row for row in rows if row["is_scored"]]
    repeaters = sum(row["frequency_count"] >= 2 for row in scored)
    least = exact(settings.rfm_min_repeat_share) * len(scored)
    result = []
    for dimension, column in DIMENSIONS.items():
        points = [None if p is None else float(p) for p in _breakpoints(scored, column)]
        median = quantile((row[column] for row in scored), "0.5")
        values = [row[f"{dimension}_score"] for row in scored]
        result.append(
            {
                "snapshot_date": snapshot,
                "dimension": dimension,
                "breakpoint_20": points[0],
                "breakpoint_40": points[1],
                "breakpoint_60": points[2],
                "breakpoint_80": points[3],
                "mean_score": ratio(sum(values), len(values)),
                "median_value": None if median is None else float(median),
                "distinct_score_count": len(set(values)),
                "scored_customer_count": len(scored),
                "repeat_share": ratio(repeaters, len(scored)),
                "is_rfm_applicable": repeaters >= least if scored else None,
            }
        )
    return result
