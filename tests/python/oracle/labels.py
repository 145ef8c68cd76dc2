"""Labels of every customer at every snapshot date (V-13, V-15, E-08, R-21 to R-23).

`labels(shop)` gives each customer's codes, those of the RFM module included;
`tables(shop)` are the pyramid and the loyalty ladder. Thresholds are compared in exact
fractions.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from math import ceil
from typing import TYPE_CHECKING, Any

from . import leaving, rfm
from .leaving import WeeklyLogins, idle_days
from .rfm import exact, in_window, quantile, ratio, round_6
from .value import order_margin

if TYPE_CHECKING:
    from .shop import Settings, Shop

Row = dict[str, Any]

ZERO = Decimal("0.00")
YEAR = 365
HALF_YEAR = 180
MONTH = 30
MIN_HABIT_DAYS = 3
INTEREST_EVENTS = {"view", "favourite", "cart"}

#: Segmentation -> its codes from rank 0 (or the lowest rank) upwards. The first is
#: where a customer is before the first snapshot.
CODES = {
    "rfm_type": (
        "unscored",
        "general_win_back",
        "general_develop",
        "general_keep",
        "general_value",
        "important_win_back",
        "important_develop",
        "important_keep",
        "important_value",
    ),
    "rule_tier": (
        "never_purchased",
        "sleeping",
        "regular",
        "potential_new",
        "high_value_repeat",
    ),
    "pyramid_layer": ("no_value", "base", "waist", "head"),
    "loyalty_stage": ("none", "habit", "satisfied", "preference", "loyal"),
    "membership_tier": ("none", "silver", "gold", "diamond"),
    "life_stage": ("no_purchase", "introduction", "growth", "mature", "decline"),
    "strategy_layer": ("new", "ordinary", "active", "interest", "paying"),
    "operating_priority": ("existing", "high_potential", "pre_churn", "churned"),
}
#: Segmentations without a code of rank 0.
RANKED_FROM_ONE = {"strategy_layer", "operating_priority"}


def ranks(name: str) -> dict[str, int]:
    """Rank of every code of a segmentation of labels."""
    return {
        code: rank for rank, code in enumerate(CODES[name], name in RANKED_FROM_ONE)
    }


def tables(shop: Shop) -> dict[str, list[Row]]:
    """The pyramid and the ladder; empty without customers."""
    makers = {"rpt_user_pyramid": user_pyramid, "rpt_loyalty_ladder": loyalty_ladder}
    return {name: make(shop) if shop.customers else [] for name, make in makers.items()}


def labels(shop: Shop) -> dict[tuple[str, date], Row]:
    """(customer_id, snapshot date) -> segmentation -> code, for those who exist."""
    facts = _facts_by_customer(shop)
    weekly = WeeklyLogins(shop)
    at_risk = leaving.risk_list(shop)
    result = {}
    for snapshot, rows in _scores_by_snapshot(shop).items():
        layers = _layers(shop, rows)
        applies = _is_rfm_applicable(shop.settings, rows)
        buyers = [row for row in rows if row["frequency_count"]]
        middle_average = quantile(map(_average, buyers), "0.5")
        for row in rows:
            customer_id = row["customer_id"]
            known = facts[customer_id]
            is_listed = snapshot == shop.as_of_date and customer_id in at_risk
            is_declining = weekly.is_declining(customer_id, snapshot)
            rfm_type = row["rfm_type"] if applies else None
            is_promising = (
                bool(row["frequency_count"])
                and (snapshot - row["first_order_date"]).days <= MONTH
                and round_6(_average(row)) >= middle_average
            )
            result[customer_id, snapshot] = {
                "rfm_type": row["rfm_type"],
                "rule_tier": row["rule_tier"],
                "pyramid_layer": layers[customer_id],
                "loyalty_stage": _loyalty_stage(shop, known, snapshot),
                "membership_tier": _membership_tier(shop, known, snapshot),
                "life_stage": _life_stage(shop, known, snapshot),
                "strategy_layer": _strategy_layer(shop, known, snapshot),
                "operating_priority": operating_priority(
                    shop.settings,
                    idle_days(known.marks, snapshot),
                    rfm_type,
                    is_warned=is_declining or is_listed,
                    is_promising=is_promising,
                ),
            }
    return result


def _scores_by_snapshot(shop: Shop) -> dict[date, list[Row]]:
    """Snapshot date -> the RFM rows of everyone existing then."""
    found = {snapshot: [] for snapshot in shop.snapshot_dates}
    for row in rfm.scores(shop):
        found[row["snapshot_date"]].append(row)
    return found


@dataclass
class _Facts:
    """What the labels of one customer are read from."""

    entry_date: date
    marks: list[date]
    activity_days: list[date]
    orders: list[Row]
    ratings: list[tuple[date, Any]] = field(default_factory=list)
    wallet_shares: list[tuple[datetime, str, date, Any]] = field(default_factory=list)
    referral_days: list[date] = field(default_factory=list)
    interest_days: list[date] = field(default_factory=list)

    def orders_in(self, end: date, days: int | None) -> list[Row]:
        """Valid orders dated in W(end, days)."""
        return [o for o in self.orders if in_window(o["order_date"], end, days)]


def _facts_by_customer(shop: Shop) -> dict[str, _Facts]:
    facts = {
        customer_id: _Facts(
            customer["entry_date"],
            sorted({customer["entry_date"], *shop.churn_days[customer_id]}),
            shop.activity_days[customer_id],
            shop.valid_orders[customer_id],
        )
        for customer_id, customer in shop.customers.items()
    }
    for event in shop.events:
        known = facts.get(event["customer_id"])
        if known and event["event_name"] in INTEREST_EVENTS:
            known.interest_days.append(event["event_date"])
        if known and event["event_name"] == "review" and event["rating"] is not None:
            known.ratings.append((event["event_date"], event["rating"]))
    for survey in shop.surveys:
        known = facts.get(survey["customer_id"])
        day, score = survey["responded_date"], survey["score"]
        if known and survey["survey_type"] == "rating":
            known.ratings.append((day, score))
        if known and survey["survey_type"] == "share_of_wallet":
            answer = survey["responded_at"], survey["response_id"], day, score
            known.wallet_shares.append(answer)
    for referral in shop.referrals:
        known = facts.get(referral["referrer_customer_id"])
        if known and referral["accepted_date"] is not None:
            known.referral_days.append(referral["accepted_date"])
    for known in facts.values():
        known.wallet_shares.sort()
        known.interest_days.sort()
    return facts


def _net_at(shop: Shop, orders: list[Row], day: date) -> Decimal:
    return sum((shop.net_at(order, day) for order in orders), ZERO)


def _days_in(days: list[date], end: date, length: int) -> int:
    """How many of the sorted days lie in W(end, length)."""
    start = end - timedelta(days=length)
    return bisect_right(days, end) - bisect_right(days, start)


# V-13: the pyramid


def layer_of_values(
    values: dict[str, Decimal], cuts: tuple[tuple[str, Decimal], ...]
) -> dict[str, str]:
    """Layer of everyone with a value > 0; everyone on a cut is above it."""
    ordered = sorted((v for v in values.values() if v > 0), reverse=True)
    if not ordered:
        return {}
    floors = []
    for layer, share in sorted(cuts, key=lambda cut: exact(cut[1])):
        place = ceil(exact(share) * len(ordered))
        floors.append((layer, ordered[max(place, 1) - 1]))
    return {
        customer_id: next(layer for layer, floor in floors if value >= floor)
        for customer_id, value in values.items()
        if value > 0
    }


def _layers(shop: Shop, rows: list[Row]) -> dict[str, str]:
    """Level-1 layer of every customer of a snapshot."""
    values = {row["customer_id"]: row["monetary_amount"] for row in rows}
    found = layer_of_values(values, shop.settings.pyramid_cuts)
    return {customer_id: found.get(customer_id, "no_value") for customer_id in values}


def user_pyramid(shop: Shop) -> list[Row]:
    """Rows of rpt_user_pyramid: both levels of every snapshot date."""
    cuts = shop.settings.pyramid_cuts
    names = [layer for layer, _ in cuts]
    result = []
    for snapshot, rows in _scores_by_snapshot(shop).items():
        values = {row["customer_id"]: row["monetary_amount"] for row in rows}
        layers = _layers(shop, rows)
        result += _level_rows(snapshot, "all", [*names, "no_value"], layers, values)
        for parent in names if shop.settings.pyramid_depth > 1 else ():
            inside = {c: v for c, v in values.items() if layers[c] == parent}
            sublayers = layer_of_values(inside, cuts)
            result += _level_rows(snapshot, parent, names, sublayers, inside)
    return result


def _level_rows(
    snapshot: date,
    parent: str,
    names: list[str],
    layers: dict[str, str],
    values: dict[str, Decimal],
) -> list[Row]:
    total = sum(values.values(), ZERO)
    rows = []
    for name in names:
        members = [customer for customer, layer in layers.items() if layer == name]
        net = sum((values[customer] for customer in members), ZERO)
        rows.append(
            {
                "snapshot_date": snapshot,
                "parent_layer": parent,
                "layer": name,
                "customer_count": len(members),
                "customer_share": ratio(len(members), len(values)),
                "net_amount": net,
                "net_amount_share": ratio(net, total),
            }
        )
    return rows


# V-14: the loyalty ladder


def loyalty_ladder(shop: Shop) -> list[Row]:
    """Rows of rpt_loyalty_ladder: everyone at D*, then every first-order month."""
    cohorts = defaultdict(list)
    for orders in shop.valid_orders.values():
        if orders:
            dates = [order["order_date"] for order in orders]
            cohorts[shop.month_start(dates[0])].append(dates)
    everyone = [dates for members in cohorts.values() for dates in members]
    rungs = range(1, shop.settings.ladder_max_rung + 1)
    rows = [_rung(everyone, rung) for rung in rungs]
    for month, members in sorted(cohorts.items()):
        rows += [_mature_rung(shop, month, members, rung) for rung in rungs]
    return rows


def _rung(everyone: list[list[date]], rung: int) -> Row:
    """V-14a: who got so far, and who of them went on."""
    reached = [dates for dates in everyone if len(dates) >= rung]
    waits = [_wait(dates, rung) for dates in reached if len(dates) > rung]
    return _rung_row("all", None, rung, len(reached), waits, is_mature=True)


def _mature_rung(shop: Shop, month: date, members: list[list[date]], rung: int) -> Row:
    """V-14b: those with n days behind them since the order, one by one."""
    window = shop.settings.ladder_window_days
    last = shop.as_of_date - timedelta(days=window)
    reached = [d for d in members if len(d) >= rung and d[rung - 1] <= last]
    waits = [_wait(dates, rung) for dates in reached if len(dates) > rung]
    waits = [wait for wait in waits if wait <= window]
    is_mature = bool(reached)
    return _rung_row("month", month, rung, len(reached), waits, is_mature=is_mature)


def _wait(dates: list[date], rung: int) -> int:
    """Days from an order to the next one."""
    return (dates[rung] - dates[rung - 1]).days


def _rung_row(
    scope: str,
    month: date | None,
    rung: int,
    reached: int,
    waits: list[int],
    *,
    is_mature: bool,
) -> Row:
    median = quantile(waits, "0.5")
    return {
        "cohort_scope": scope,
        "cohort_month": month,
        "order_number": rung,
        "reached_count": reached,
        "climbed_count": len(waits),
        "climb_rate": ratio(len(waits), reached),
        "median_days_to_climb": None if median is None else float(median),
        "is_mature": is_mature,
    }


# V-15: loyalty


def _loyalty_stage(shop: Shop, known: _Facts, day: date) -> str:
    """The highest stage reached; each needs the one before."""
    reached = "none"
    for stage, holds in LOYALTY_STAGES.items():
        if not holds(shop, known, day):
            break
        reached = stage
    return reached


def _has_habit(shop: Shop, known: _Facts, day: date) -> bool:
    orders = known.orders_in(day, shop.settings.loyalty_window_days)
    days = sorted({order["order_date"] for order in orders})
    if len(days) < MIN_HABIT_DAYS:
        return False
    gaps = [(b - a).days for a, b in zip(days, days[1:], strict=False)]
    mean = Fraction(sum(gaps), len(gaps))
    variance = sum((gap - mean) ** 2 for gap in gaps) / len(gaps)
    # sd / mean <= limit, without the root
    return variance <= (exact(shop.settings.loyalty_max_gap_cv) * mean) ** 2


def _is_satisfied(shop: Shop, known: _Facts, day: date) -> bool:
    window = shop.settings.loyalty_window_days
    ratings = [rate for when, rate in known.ratings if in_window(when, day, window)]
    if ratings:
        good = exact(shop.settings.positive_rating_min)
        return sum(map(exact, ratings)) >= good * len(ratings)
    refunds = (refund for order in known.orders for refund in order["refunds"])
    return not any(in_window(each["refund_date"], day, window) for each in refunds)


def _has_preference(shop: Shop, known: _Facts, day: date) -> bool:
    shares = [share for _, _, when, share in known.wallet_shares if when <= day]
    if shares:
        return exact(shares[-1]) >= exact(shop.settings.loyalty_min_wallet_share)
    now = len(known.orders_in(day, HALF_YEAR))
    before = len(known.orders_in(day - timedelta(days=HALF_YEAR), HALF_YEAR))
    return now >= before


def _is_loyal(shop: Shop, known: _Facts, day: date) -> bool:
    if any(in_window(when, day, YEAR) for when in known.referral_days):
        return True
    tenure = (day - known.orders[0]["order_date"]).days
    return tenure >= shop.settings.loyalty_tenure_days


LOYALTY_STAGES: dict[str, Callable[[Any, _Facts, date], bool]] = {
    "habit": _has_habit,
    "satisfied": _is_satisfied,
    "preference": _has_preference,
    "loyal": _is_loyal,
}


# E-08: membership


def _membership_tier(shop: Shop, known: _Facts, day: date) -> str:
    net = _net_at(shop, known.orders_in(day, YEAR), day)
    tiers = sorted(shop.settings.membership_tiers, key=lambda tier: tier[1])
    reached = [code for code, bound in tiers if bound <= net]
    return reached[-1] if reached else "none"


# life stages


def _life_stage(shop: Shop, known: _Facts, day: date) -> str:
    length = shop.settings.life_stage_days
    change = exact(shop.settings.life_stage_change)
    if not known.orders or known.orders[0]["order_date"] > day:
        return "no_purchase"
    if (day - known.orders[0]["order_date"]).days <= length:
        return "introduction"
    recent = known.orders_in(day, length)
    now = _margin_at(shop, recent, day)
    earlier = known.orders_in(day - timedelta(days=length), length)
    before = _margin_at(shop, earlier, day)
    growth = (now - before) / before if before else None
    if not recent or now <= 0 or (before > 0 and growth <= -change):
        return "decline"
    return "growth" if before <= 0 or growth >= change else "mature"


def _margin_at(shop: Shop, orders: list[Row], day: date) -> Fraction:
    return sum((Fraction(order_margin(shop, each, day)) for each in orders), Fraction())


# strategy layers


def _strategy_layer(shop: Shop, known: _Facts, day: date) -> str:
    settings = shop.settings
    orders = known.orders
    holds = {
        "paying": bool(orders) and orders[0]["order_date"] <= day,
        "interest": _days_in(known.interest_days, day, MONTH)
        >= settings.interest_min_events,
        "active": _days_in(known.activity_days, day, MONTH) >= settings.active_min_days,
        "new": (day - known.entry_date).days <= settings.new_user_days,
        "ordinary": True,
    }
    return next(layer for layer in settings.strategy_layer_order if holds[layer])


# operating priority


def _is_rfm_applicable(settings: Settings, rows: list[Row]) -> bool:
    """V-08; no scored customers count as not applicable."""
    scored = [row for row in rows if row["is_scored"]]
    repeaters = sum(row["frequency_count"] >= 2 for row in scored)
    share = exact(settings.rfm_min_repeat_share)
    return bool(scored) and repeaters >= share * len(scored)


def _average(row: Row) -> Fraction:
    """Average order amount of who has an order in the RFM window."""
    return Fraction(row["monetary_amount"]) / row["frequency_count"]


def operating_priority(
    settings: Settings,
    idle: int,
    rfm_type: str | None,
    *,
    is_warned: bool,
    is_promising: bool,
) -> str:
    """The first rule that matches; rfm_type is None where types do not apply."""
    limit = settings.churn_after_days
    if idle > limit:
        return "churned"
    is_idle = idle > exact(settings.pre_churn_idle_share) * limit
    if is_idle or is_warned or rfm_type == "important_win_back":
        return "pre_churn"
    if is_promising or rfm_type == "important_develop":
        return "high_potential"
    return "existing"
