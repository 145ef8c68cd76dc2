"""FAST, viral growth, referrals and channel acquisition (chapters 4.2 to 4.4).

`tables(shop, spans)` returns the rows of the growth marts. `spans` are rows of
fct_customer_segment_spans with the AIPL stages; without them they are computed.
"""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from math import log
from statistics import median

from .retention import (
    ALL,
    ONE_DAY,
    ZERO,
    both_channels,
    first_order_dates,
    ratio,
    registration_dates,
    spine,
)
from .value import cohort_ltv

PAID = "paid"
FAST_WEIGHTS = {"A": 1, "I": 2, "P": 3, "L": 4}
SUPER_USER_WEIGHTS = {"member": 1, "fan": 1, "high_value": 2, "high_spread": 2}
SUPER_USER_DAYS = 365
SUPER_USER_SHARES = 3
ACTIVE_BEHAVIOURS = frozenset(
    {
        "order",
        "favourite",
        "claim",
        "redeem",
        "share",
        "comment",
        "like",
        "follow",
        "review",
        "check_in",
    }
)
CAC_DAYS = 7
BASELINE_OFFSETS = range(7, 35)


def tables(
    shop,
    spans: list[dict] | None = None,
    fast_weights: dict[str, int] = FAST_WEIGHTS,
    super_user_weights: dict[str, int] = SUPER_USER_WEIGHTS,
) -> dict[str, list[dict]]:
    """Rows of every growth mart, by table name.

    The weights are those of the seeds fast_weights and super_user_rules. Raises
    ValueError if `fast_base_date` is not a snapshot date.
    """
    if spans is None:
        from . import core  # only here: core is slow and the other marts do without

        spans = core.tables(shop)["fct_customer_segment_spans"]
    viral = _viral_rows(shop)
    return {
        "rpt_fast_index": _fast_rows(shop, spans, fast_weights, super_user_weights),
        "rpt_viral_growth": viral,
        "rpt_viral_projection": _projection_rows(shop, viral),
        "rpt_referral_generations": _generation_rows(shop),
        "rpt_referral_periods": _referral_period_rows(shop),
        "rpt_channel_acquisition": _acquisition_rows(shop),
        "rpt_channel_spend_daily": _spend_daily_rows(shop),
    }


# G-03, G-04: FAST


def _fast_rows(shop, spans, fast_weights, super_user_weights) -> list[dict]:
    """One row per snapshot date; start is the snapshot date before it."""
    dates = shop.snapshot_dates
    base_date = shop.settings.fast_base_date
    if base_date is not None and base_date not in dates:
        raise ValueError(f"fast_base_date {base_date} is not a snapshot date")
    stages = _stages(spans, dates)
    history = SuperUserHistory(shop)
    super_users = {day: history.weights(day, super_user_weights) for day in dates}
    weighted = {
        day: sum(fast_weights[stage] for stage in stages[day].values()) for day in dates
    }
    superiority = {day: sum(super_users[day].values()) for day in dates}
    base_date = base_date or _first_positive(weighted)
    super_base = base_date if superiority.get(base_date) else None
    super_base = super_base or _first_positive(superiority)
    rows = []
    for start, end in zip([None, *dates], dates, strict=False):
        is_complete = end in shop.month_ends and (
            start is None or start in shop.month_ends
        )
        has_moves = is_complete and start is not None
        heads = super_users[end]
        active = sum(history.is_active(customer_id, end) for customer_id in heads)
        rows.append(
            {
                "snapshot_date": end,
                "start_date": start,
                "fertility_count": len(stages[end]),
                "fertility_weighted_count": weighted[end],
                "fertility_index": ratio(100 * weighted[end], weighted.get(base_date)),
                **_advancing(
                    stages[start] if has_moves else {}, stages[end], fast_weights
                ),
                "superiority_count": len(heads),
                "superiority_weighted_count": superiority[end],
                "superiority_index": ratio(
                    100 * superiority[end], superiority.get(super_base)
                ),
                "thriving_rate": ratio(active, len(heads)),
                "is_complete": is_complete,
            }
        )
    return rows


def _stages(spans: list[dict], dates: list[date]) -> dict[date, dict[str, str]]:
    """AIPL stage by customer on each date; customers without a stage are left out."""
    stages = {day: {} for day in dates}
    for span in spans:
        if span["segmentation"] != "AIPL" or span["segment"] == "none":
            continue
        end = span["valid_to"] or date.max
        for day in dates:
            if span["valid_from"] <= day < end:
                stages[day][span["customer_id"]] = span["segment"]
    return stages


def _first_positive(values: dict[date, int]) -> date | None:
    """Earliest date with a positive value."""
    return next((day for day in sorted(values) if values[day] > 0), None)


def _advancing(start: dict, end: dict, weights: dict[str, int]) -> dict:
    """G-03A between the stages of two dates; both rates are None without a start."""
    order = list(weights)
    moves = [
        (stage, end[customer_id])
        for customer_id, stage in start.items()
        if customer_id in end and order.index(end[customer_id]) > order.index(stage)
    ]
    gain = sum(weights[after] - weights[before] for before, after in moves)
    return {
        "advancing_rate": ratio(len(moves), len(start)),
        "advancing_weighted_rate": ratio(
            gain, len(start) * (weights["L"] - weights["A"])
        ),
    }


def _count_in(days: list[date], end: date, length: int) -> int:
    """Number of the sorted `days` in the backward window W(end, length)."""
    before = end - timedelta(days=length)
    return bisect_right(days, end) - bisect_right(days, before)


class SuperUserHistory:
    """The sorted dates by which a customer is a super user, and an active one."""

    def __init__(self, shop):
        self._shop = shop
        self._follows = defaultdict(list)
        self._shares = defaultdict(list)
        self._active = defaultdict(list)
        self._referrals = defaultdict(list)
        by_event = {"follow": self._follows, "share": self._shares}
        for event in shop.events:
            customer_id, name = event["customer_id"], event["event_name"]
            if name in by_event:
                by_event[name][customer_id].append(event["event_date"])
            if name in ACTIVE_BEHAVIOURS:
                self._active[customer_id].append(event["event_date"])
        for customer_id, days in shop.order_days.items():
            self._active[customer_id].extend(days)
        for referral in _accepted(shop):
            referrer = referral["referrer_customer_id"]
            self._referrals[referrer].append(referral["accepted_date"])
        for index in (self._follows, self._shares, self._active, self._referrals):
            for days in index.values():
                days.sort()

    def weights(self, day: date, weights: dict[str, int]) -> dict[str, int]:
        """Weight of every super user at `day`: the highest that applies (G-04)."""
        found = {}
        for customer_id, customer in self._shop.customers.items():
            if customer["entry_date"] <= day:
                criteria = self._criteria(customer_id, customer, day)
                if criteria:
                    found[customer_id] = max(weights[name] for name in criteria)
        return found

    def _criteria(self, customer_id: str, customer: dict, day: date) -> list[str]:
        def count(index):
            return _count_in(index.get(customer_id, []), day, SUPER_USER_DAYS)

        member_since = customer["member_since"]
        holds = {
            "member": member_since is not None and member_since <= day,
            "fan": count(self._follows) > 0,
            "high_value": self._net(customer_id, day)
            >= self._shop.settings.high_annual_value,
            "high_spread": count(self._referrals) > 0
            or count(self._shares) >= SUPER_USER_SHARES,
        }
        return [name for name, is_met in holds.items() if is_met]

    def _net(self, customer_id: str, day: date) -> Decimal:
        """Net at `day` of the orders of the year up to `day` (V-11)."""
        before = day - timedelta(days=SUPER_USER_DAYS)
        return sum(
            (
                self._shop.net_at(order, day)
                for order in self._shop.valid_orders.get(customer_id, ())
                if before < order["order_date"] <= day
            ),
            ZERO,
        )

    def is_active(self, customer_id: str, day: date) -> bool:
        """Whether an active behaviour falls in the thriving window of `day`."""
        length = self._shop.settings.thriving_window_days
        return _count_in(self._active.get(customer_id, []), day, length) > 0


# G-05 to G-09: viral growth and referrals


def _accepted(shop) -> list[dict]:
    """Referrals accepted by D*."""
    return [row for row in shop.referrals if row["accepted_date"] is not None]


def _month(shop, day: date, channel: str) -> tuple[date, str]:
    return shop.month_start(day), channel


def _viral_rows(shop) -> list[dict]:
    """G-05, G-06: K and cycle time of each registration month, by channel."""
    window = timedelta(days=shop.settings.k_window_days)
    registered_on = registration_dates(shop)
    registered, invites, accepted = Counter(), Counter(), Counter()
    sharers, cycle_days = defaultdict(set), Counter()
    for customer_id, day in registered_on.items():
        for channel in both_channels(shop, customer_id):
            registered[_month(shop, day, channel)] += 1
    for referral in shop.referrals:
        referrer = referral["referrer_customer_id"]
        day = registered_on[referrer]
        if not day <= referral["invited_date"] <= day + window:
            continue
        accepted_date = referral["accepted_date"]
        is_accepted = accepted_date is not None and accepted_date <= day + window
        for channel in both_channels(shop, referrer):
            cohort = _month(shop, day, channel)
            sharers[cohort].add(referrer)
            invites[cohort] += 1
            if is_accepted:
                accepted[cohort] += 1
                cycle_days[cohort] += (accepted_date - day).days
    rows = []
    for month in spine(shop, "month"):
        is_mature = shop.month_end(month) + window <= shop.as_of_date
        for channel in (ALL, *shop.channels):
            key = month, channel
            counts = {
                "registered_count": registered[key],
                "sharing_customer_count": len(sharers[key]),
                "invite_count": invites[key],
                "accepted_count": accepted[key],
            }
            rates = {
                "share_rate": ratio(len(sharers[key]), registered[key]),
                "invites_per_sharer": ratio(invites[key], len(sharers[key])),
                "acceptance_rate": ratio(accepted[key], invites[key]),
                "k_factor": ratio(accepted[key], registered[key]),
                "viral_cycle_days": ratio(cycle_days[key], accepted[key]),
            }
            rows.append(
                {
                    "cohort_month": month,
                    "channel": channel,
                    **counts,
                    **(rates if is_mature else dict.fromkeys(rates)),
                    "is_mature": is_mature,
                }
            )
    return rows


def _projection_rows(shop, viral: list[dict]) -> list[dict]:
    """G-07 from the last mature month cohort with members; no such cohort: no rows."""
    cohorts = [
        row
        for row in viral
        if row["channel"] == ALL and row["is_mature"] and row["registered_count"] > 0
    ]
    if not cohorts:
        return []
    last = cohorts[-1]
    seeds = shop.settings.viral_seed_count
    if seeds is None:
        seeds = last["registered_count"]
    rows = []
    for day in range(shop.settings.viral_horizon_days + 1):
        total = projected_total(seeds, last["k_factor"], last["viral_cycle_days"], day)
        rows.append(
            {
                "day_number": day,
                "projected_total_count": total,
                "projected_new_count": None if total is None else total - seeds,
            }
        )
    return rows


def projected_total(
    seeds: int, k: float, cycle_days: float | None, day: int
) -> float | None:
    """Custs(t): customers after `day` days, seeds included.

    None without a positive cycle time and where the power leaves the range of doubles.
    """
    if not cycle_days:
        return None
    generations = day / cycle_days + 1
    if abs(k - 1) <= 1e-9:
        return seeds * generations
    if k > 0 and generations * log(k) > 700:
        return None
    return seeds * (k**generations - 1) / (k - 1)


def _generation_rows(shop) -> list[dict]:
    """G-08: customers by depth in the forest of accepted referrals."""
    children = defaultdict(list)
    referees = set()
    for referral in _accepted(shop):
        referee = referral["referee_customer_id"]
        if referee in shop.customers:
            children[referral["referrer_customer_id"]].append(referee)
            referees.add(referee)
    generation = [c for c in shop.customers if c not in referees]
    sizes = []
    while generation:
        sizes.append(len(generation))
        generation = [child for parent in generation for child in children[parent]]
    return [
        {
            "generation": g,
            "customer_count": size,
            "k_factor": ratio(following, size),
        }
        for g, (size, following) in enumerate(pairwise([*sizes, 0]))
    ]


def _referral_period_rows(shop) -> list[dict]:
    """G-09a to G-09d by calendar month."""
    rewards = Counter()
    for cost in shop.operating_costs:
        if cost["cost_type"] == "referral_reward":
            rewards[shop.month_start(cost["cost_date"])] += cost["amount"]
    inviting, present = defaultdict(set), defaultdict(set)
    accepted, registered, referred = Counter(), Counter(), Counter()
    for customer_id, days in shop.activity_days.items():
        for day in days:
            present[shop.month_start(day)].add(customer_id)
    for referral in shop.referrals:
        month = shop.month_start(referral["invited_date"])
        inviting[month].add(referral["referrer_customer_id"])
    referees = set()
    for referral in _accepted(shop):
        accepted[shop.month_start(referral["accepted_date"])] += 1
        referees.add(referral["referee_customer_id"])
    for customer_id, day in registration_dates(shop).items():
        registered[shop.month_start(day)] += 1
        referred[shop.month_start(day)] += customer_id in referees
    rows, registered_before = [], 0
    for month in spine(shop, "month"):
        rows.append(
            {
                "month_start_date": month,
                "inviting_customer_count": len(inviting[month]),
                "invite_rate": ratio(
                    len(inviting[month]), len(present[month] | inviting[month])
                ),
                "accepted_count": accepted[month],
                "fission_coefficient": ratio(accepted[month], registered_before),
                "referred_share": ratio(referred[month], registered[month]),
                "subsidy_per_acquired_amount": ratio(rewards[month], accepted[month]),
            }
        )
        registered_before += registered[month]
    return rows


# G-11, G-12, G-13: acquisition


def _all_channels(shop) -> list[str]:
    """Channels of customers and channels of spend."""
    return sorted({*shop.channels, *(row["channel"] for row in shop.spend)})


def _acquisition_rows(shop) -> list[dict]:
    """Spend, ad funnel, costs and payback by month, channel, all and paid.

    Spend dated before the first day of history has no row to be in.
    """
    facts = defaultdict(Counter)
    for row in _spend_of_history(shop):
        fact = facts[_month(shop, row["spend_date"], row["channel"])]
        for column in ("spend", "impressions", "clicks"):
            fact[column] += row[column]
    for column, dates in (
        ("registered", registration_dates(shop)),
        ("buyers", first_order_dates(shop)),
    ):
        for customer_id, day in dates.items():
            channel = shop.customers[customer_id]["channel"]
            facts[_month(shop, day, channel)][column] += 1
    channels = _all_channels(shop)
    returns = _cohort_returns(shop)
    rows = []
    for month in spine(shop, "month"):
        by_channel = {channel: facts[month, channel] for channel in channels}
        paid = [fact for fact in by_channel.values() if fact["spend"] > 0]
        groups = {
            ALL: _sum(by_channel.values()),
            PAID: _sum(paid),
            **by_channel,
        }
        for channel, fact in groups.items():
            columns = _acquisition_columns(shop, fact)
            # V-20 is worth per first buyer: so is its cost, whatever cac_basis says.
            cac = None if channel == PAID else ratio(fact["spend"], fact["buyers"])
            ltv = returns[month, channel]
            rows.append(
                {
                    "month_start_date": month,
                    "channel": channel,
                    **columns,
                    "ltv_to_cac_ratio": ratio(ltv[-1], cac) if ltv else None,
                    "payback_months": payback_months(ltv, cac),
                }
            )
    return rows


def _cohort_returns(shop) -> dict[tuple[date, str], list[float]]:
    """(first-order month, channel) -> V-20 at each mature month offset."""
    returns = defaultdict(list)
    for row in cohort_ltv(shop):
        if row["ltv_amount"] is not None:
            returns[row["cohort_month"], row["channel"]].append(row["ltv_amount"])
    return returns


def payback_months(ltv: list[float], cac: float | None) -> int | None:
    """G-14: first month offset at which customers have earned their cost.

    None if they never have, or the cost is not known. To six decimals (0.7).
    """
    if cac is None:
        return None
    if cac == 0:
        return 0
    earned = (k for k, amount in enumerate(ltv) if round(amount, 6) >= round(cac, 6))
    return next(earned, None)


def _sum(facts: Iterable[Counter]) -> Counter:
    total = Counter()
    for fact in facts:
        total.update(fact)
    return total


def _acquisition_columns(shop, fact: Counter) -> dict:
    """Counts, rates and costs of one month and channel."""
    spend, clicks = ZERO + fact["spend"], fact["clicks"]
    by_registration = shop.settings.cac_basis == "registration"
    new_customers = fact["registered" if by_registration else "buyers"]
    return {
        "spend_amount": spend,
        "impression_count": fact["impressions"],
        "click_count": clicks,
        "registered_count": fact["registered"],
        "new_buyer_count": fact["buyers"],
        "click_rate": ratio(clicks, fact["impressions"]),
        "conversion_rate": ratio(fact["registered"], clicks),
        "cost_per_mille_amount": ratio(1000 * spend, fact["impressions"]),
        "cost_per_click_amount": ratio(spend, clicks),
        "cac_amount": ratio(spend, new_customers),
        "cost_per_registration_amount": ratio(spend, fact["registered"]),
    }


def _spend_of_history(shop) -> list[dict]:
    """Spend from the first date of history on; what was spent before has no row."""
    return [row for row in shop.spend if row["spend_date"] >= shop.history_start_date]


def _spend_daily_rows(shop) -> list[dict]:
    """Acquisition cost by day, over the trailing week, and its baseline (G-11a, G-13).

    Spend dated before the first day of history has no row to be in.
    """
    spend = defaultdict(lambda: ZERO)
    for row in _spend_of_history(shop):
        spend[row["spend_date"], row["channel"]] += row["spend"]
    buyers = _heads_by_day(shop, first_order_dates(shop))
    new = buyers
    if shop.settings.cac_basis == "registration":
        new = _heads_by_day(shop, registration_dates(shop))
    rows = []
    for channel in _all_channels(shop):
        trailing = {}
        for day in shop.days:
            week = [(day - i * ONE_DAY, channel) for i in range(CAC_DAYS)]
            trailing[day] = ratio(
                sum((spend[key] for key in week), ZERO), sum(new[key] for key in week)
            )
            rows.append(
                {
                    "date_day": day,
                    "channel": channel,
                    "spend_amount": spend[day, channel],
                    "new_buyer_count": buyers[day, channel],
                    "cac_amount": ratio(spend[day, channel], new[day, channel]),
                    "trailing_cac_amount": trailing[day],
                    "baseline_cac_amount": _baseline(
                        trailing, day, shop.settings.cac_alert_min_days
                    ),
                }
            )
    return rows


def _heads_by_day(shop, dates: dict[str, date]) -> Counter:
    """Customers by (date, their channel)."""
    return Counter(
        (day, shop.customers[customer_id]["channel"])
        for customer_id, day in dates.items()
    )


def _baseline(trailing: dict, day: date, min_days: int) -> float | None:
    """Median of the trailing costs 7 to 34 days ago, rounded as every quantile."""
    values = [trailing.get(day - i * ONE_DAY) for i in BASELINE_OFFSETS]
    known = [value for value in values if value is not None]
    return round(median(known), 6) if known and len(known) >= min_days else None
