"""Retention, churn, growth accounting and activity level (chapters 3.1, 3.2, 3.4).

`tables(shop)` returns the rows of the retention marts. Periods are counted by a
running number per grain, so that an offset is a plain difference: the day's ordinal,
the ordinal of its week divided by seven, or twelve times the year plus the month.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

GRAINS = ("day", "week", "month")
ALL = "all"
ZERO = Decimal("0.00")
ONE_DAY = timedelta(days=1)
SLOPE_DAYS = 7
MONTHLY_WINDOW_DAYS = 30


def tables(shop) -> dict[str, list[dict]]:
    """Rows of every retention mart, by table name."""
    cohorts = list(_cohorts(shop))
    retention = [row for cohort in cohorts for row in _retention_rows(shop, cohort)]
    return {
        "fct_cohort_retention": retention,
        "rpt_retention_curves": _curve_rows(retention),
        "rpt_retention_brackets": [
            row for cohort in cohorts for row in _bracket_rows(shop, cohort)
        ],
        "fct_churn_daily": _churn_rows(shop),
        "rpt_new_user_churn": _new_user_churn_rows(shop),
        "rpt_growth_accounting": _growth_accounting_rows(shop),
        "rpt_active_users": _active_user_rows(shop),
        "rpt_active_periods": _active_period_rows(shop),
    }


# Periods and small helpers


def period_start(shop, grain: str, day: date) -> date:
    """First date of the day, week or month that contains `day`."""
    if grain == "day":
        return day
    return shop.week_start(day) if grain == "week" else shop.month_start(day)


def period_number(shop, grain: str, day: date) -> int:
    """Running number of the period that contains `day`; neighbours differ by one."""
    start = period_start(shop, grain, day)
    if grain == "month":
        return 12 * start.year + start.month
    return start.toordinal() // (7 if grain == "week" else 1)


def shift(grain: str, start: date, count: int) -> date:
    """First date of the period `count` periods after the one that starts at `start`."""
    if grain == "month":
        months = 12 * start.year + start.month - 1 + count
        return date(months // 12, months % 12 + 1, 1)
    return start + count * timedelta(days=7 if grain == "week" else 1)


def is_over(shop, grain: str, start: date) -> bool:
    """Whether the period that starts at `start` has its last date on or before D*."""
    return shift(grain, start, 1) - ONE_DAY <= shop.as_of_date


def spine(shop, grain: str) -> list[date]:
    """Starts of all periods of history, ascending, without gaps."""
    return list(dict.fromkeys(period_start(shop, grain, day) for day in shop.days))


def ratio(numerator, denominator) -> float | None:
    """Quotient as a float; None if the denominator is None or 0."""
    return float(numerator) / float(denominator) if denominator else None


def registration_dates(shop) -> dict[str, date]:
    """Registration date of every customer registered by D*."""
    return {
        customer_id: customer["registration_date"]
        for customer_id, customer in shop.customers.items()
        if customer["registration_date"] is not None
    }


def first_order_dates(shop) -> dict[str, date]:
    """Date of the first valid order of every buyer."""
    return {
        customer_id: orders[0]["order_date"]
        for customer_id, orders in shop.valid_orders.items()
        if orders
    }


def both_channels(shop, customer_id: str) -> tuple[str, str]:
    """The channel rows a customer counts in: the total and the customer's own."""
    return ALL, shop.customers[customer_id]["channel"]


# cohorts


@dataclass(frozen=True)
class Cohort:
    """The members of one cohort, each with the offsets (>= 0) of their activity.

    `nets` holds each member's order-dated net by offset; it is None where the mart
    shows no money (every basis and activity but first_order and order).
    """

    basis: str
    activity: str
    grain: str
    start: date
    channel: str
    offsets: list[list[int]]
    nets: list[dict[int, Decimal]] | None

    @property
    def size(self) -> int:
        """Number of members, active or not."""
        return len(self.offsets)

    def keys(self) -> dict:
        """The key columns shared by all rows of the cohort, without the channel."""
        return {
            "cohort_basis": self.basis,
            "activity": self.activity,
            "period_grain": self.grain,
            "cohort_start_date": self.start,
        }


def _cohorts(shop) -> Iterator[Cohort]:
    """Every basis x activity x grain x period of the spine x channel of the grain."""
    bases = {
        "registration": registration_dates(shop),
        "first_order": first_order_dates(shop),
    }
    activities = {
        "login": shop.login_days,
        "order": shop.order_days,
        "any": shop.activity_days,
    }
    for grain in GRAINS:
        number = {day: period_number(shop, grain, day) for day in shop.days}
        starts = spine(shop, grain)
        channels = [ALL, *shop.channels] if grain == "month" else [ALL]
        for basis, anchors in bases.items():
            members = _members(shop, grain, anchors)
            nets = _nets_by_offset(shop, number, anchors)
            for activity, days in activities.items():
                offsets = _offsets(number, anchors, days)
                with_money = (basis, activity) == ("first_order", "order")
                for start in starts:
                    for channel in channels:
                        ids = members.get((start, channel), [])
                        yield Cohort(
                            basis,
                            activity,
                            grain,
                            start,
                            channel,
                            [offsets[i] for i in ids],
                            [nets[i] for i in ids] if with_money else None,
                        )


def _members(shop, grain: str, anchors: dict[str, date]) -> dict[tuple, list[str]]:
    """Customers by (start of their cohort period, channel or all)."""
    members = defaultdict(list)
    for customer_id, anchor in anchors.items():
        for channel in both_channels(shop, customer_id):
            members[period_start(shop, grain, anchor), channel].append(customer_id)
    return members


def _offsets(number: dict, anchors: dict, days: dict) -> dict[str, list[int]]:
    """Distinct offsets >= 0 of each customer's days, ascending."""
    return {
        customer_id: sorted(
            {
                number[day] - number[anchor]
                for day in days.get(customer_id, ())
                if number[day] >= number[anchor]
            }
        )
        for customer_id, anchor in anchors.items()
    }


def _nets_by_offset(shop, number: dict, anchors: dict) -> dict[str, dict[int, Decimal]]:
    """Order-dated net at D* of each customer, by offset."""
    nets = {customer_id: defaultdict(lambda: ZERO) for customer_id in anchors}
    for customer_id, anchor in anchors.items():
        for order in shop.valid_orders.get(customer_id, ()):
            offset = number[order["order_date"]] - number[anchor]
            nets[customer_id][offset] += order["net_amount"]
    return nets


def _retention_rows(shop, cohort: Cohort) -> Iterator[dict]:
    """One row per offset, up to the maximum, whose period has begun by D*."""
    retained = Counter(k for offsets in cohort.offsets for k in offsets)
    last_offsets = [offsets[-1] for offsets in cohort.offsets if offsets]
    max_offset = dict(shop.settings.retention_max_offset)[cohort.grain]
    for k in range(max_offset + 1):
        start = shift(cohort.grain, cohort.start, k)
        if start > shop.as_of_date:
            return
        is_mature = is_over(shop, cohort.grain, start)
        base = cohort.size if is_mature else None
        later = sum(last >= k for last in last_offsets)
        yield {
            **cohort.keys(),
            "channel": cohort.channel,
            "period_number": k,
            "cohort_customer_count": cohort.size,
            "retained_count": retained[k],
            "retained_or_later_count": later,
            "retention_rate": ratio(retained[k], base),
            "unbounded_retention_rate": ratio(later, base),
            **_money_columns(cohort, k, is_mature),
            "is_mature": is_mature,
        }


def _money_columns(cohort: Cohort, k: int, is_mature: bool) -> dict:
    """Net of offset k (R-05); NRR and GRR only by month, rates only when mature."""
    columns = dict.fromkeys(
        ("net_amount", "net_amount_per_customer", "nrr_rate", "grr_rate")
    )
    if cohort.nets is None:
        return columns
    pairs = [(nets.get(0, ZERO), nets.get(k, ZERO)) for nets in cohort.nets]
    net = sum((now for _, now in pairs), ZERO)
    columns["net_amount"] = net
    if not is_mature:
        return columns
    columns["net_amount_per_customer"] = ratio(net, cohort.size)
    if cohort.grain == "month":
        base = sum((first for first, _ in pairs), ZERO)
        kept = sum((min(first, now) for first, now in pairs), ZERO)
        columns["nrr_rate"] = ratio(net, base)
        columns["grr_rate"] = ratio(kept, base)
    return columns


def _curve_rows(retention: list[dict]) -> list[dict]:
    """R-03: averages over the mature cohorts with members, per offset."""
    keys = ("cohort_basis", "activity", "period_grain", "channel", "period_number")
    groups = defaultdict(list)
    for row in retention:
        cohorts = groups[tuple(row[key] for key in keys)]
        if row["is_mature"] and row["cohort_customer_count"] > 0:
            cohorts.append(row)
    return [
        {**dict(zip(keys, values, strict=True)), **_averages(cohorts)}
        for values, cohorts in groups.items()
    ]


def _averages(cohorts: list[dict]) -> dict:
    """Weighted and simple averages of retention rows; None without any."""

    def total(column):
        return sum(row[column] for row in cohorts)

    size = total("cohort_customer_count")
    return {
        "weighted_retention_rate": ratio(total("retained_count"), size),
        "mean_retention_rate": ratio(total("retention_rate"), len(cohorts)),
        "weighted_unbounded_rate": ratio(total("retained_or_later_count"), size),
        "mature_cohort_count": len(cohorts),
    }


def _bracket_rows(shop, cohort: Cohort) -> Iterator[dict]:
    """Members active at any offset of a bracket, once its first period has begun."""
    if cohort.channel != ALL:
        return
    for first, last in dict(shop.settings.retention_brackets)[cohort.grain]:
        if shift(cohort.grain, cohort.start, first) > shop.as_of_date:
            continue
        retained = sum(
            any(first <= k <= last for k in offsets) for offsets in cohort.offsets
        )
        is_mature = is_over(shop, cohort.grain, shift(cohort.grain, cohort.start, last))
        yield {
            **cohort.keys(),
            "bracket_from": first,
            "bracket_to": last,
            "cohort_customer_count": cohort.size,
            "retained_count": retained,
            "retention_rate": ratio(retained, cohort.size) if is_mature else None,
            "is_mature": is_mature,
        }


# churn


def _churn_rows(shop) -> list[dict]:
    """R-07, R-09, R-10: stock, flows and curve of churn, one row per day."""
    entered, newly, returned, by_campaign = _churn_flows(shop)
    rows, customers, stock = [], 0, 0
    for day in shop.days:
        return_rate = ratio(returned[day], stock)
        customers += entered[day]
        stock += newly[day] - returned[day]
        rows.append(
            {
                "date_day": day,
                "customer_count": customers,
                "churned_count": stock,
                "churn_rate": ratio(stock, customers),
                "newly_churned_count": newly[day],
                "returned_count": returned[day],
                "campaign_returned_count": by_campaign[day],
                "return_rate": return_rate,
            }
        )
    for row, curve in zip(rows, _churn_curve(rows), strict=True):
        row.update(curve)
    return rows


def _churn_flows(shop) -> tuple[Counter, Counter, Counter, Counter]:
    """Customers entering, becoming churned and returning, by date.

    The last are those of the returned who were contacted lately. R-06: a silence longer
    than n days after an activity or the entry starts the state on day n + 1 of the
    silence, and the next activity ends it.
    """
    entered, newly, returned, by_campaign = Counter(), Counter(), Counter(), Counter()
    contacted = defaultdict(list)
    for contact in shop.contacts:
        contacted[contact["customer_id"]].append(contact["sent_date"])
    window = timedelta(days=shop.settings.return_contact_days)
    first_churned_day = timedelta(days=shop.settings.churn_after_days + 1)
    for customer_id, customer in shop.customers.items():
        last = customer["entry_date"]
        entered[last] += 1
        for day in shop.churn_days.get(customer_id, ()):
            if day - last > first_churned_day:
                newly[last + first_churned_day] += 1
                returned[day] += 1
                sent = contacted.get(customer_id, ())
                by_campaign[day] += any(day - window < each <= day for each in sent)
            last = day
        newly[last + first_churned_day] += 1
    return entered, newly, returned, by_campaign


def _churn_curve(rows: list[dict]) -> Iterator[dict]:
    """R-09 in exact fractions, so that a straight line has exactly no acceleration."""
    ratios = [
        Fraction(row["churned_count"], row["customer_count"])
        if row["customer_count"]
        else None
        for row in rows
    ]
    slopes = [_slope(ratios[max(0, t - 6) : t + 1]) for t in range(len(ratios))]
    for t, slope in enumerate(slopes):
        before = slopes[t - 7] if t >= 2 * SLOPE_DAYS - 1 else None
        both = slope is not None and before is not None
        rounded = _rounded(slope)
        acceleration = _rounded(slope - before) if both else None
        yield {
            "churn_rate_slope": rounded,
            "churn_rate_acceleration": acceleration,
            "churn_curve": _curve_code(rounded, acceleration),
        }


def _slope(values: list[Fraction | None]) -> Fraction | None:
    """Least-squares slope over seven days x = 0 … 6; None if a value is missing."""
    if len(values) < SLOPE_DAYS or None in values:
        return None
    # x - 3 sums to 0 and its squares to 28, so the mean of y drops out
    return sum((x - 3) * y for x, y in enumerate(values)) / 28


def _rounded(value: Fraction | None) -> float | None:
    return None if value is None else float(round(value, 12))


def _curve_code(slope: float | None, acceleration: float | None) -> str | None:
    """Chapter 9 code of the churn curve; None without two weeks to compare."""
    if acceleration is None:
        return None
    if slope > 0:
        return "accelerating" if acceleration > 0 else "slowing"
    return "improving" if slope < 0 else "flat"


def _new_user_churn_rows(shop) -> list[dict]:
    """R-08: registered on R without churn activity in (R, R + n], by R and channel."""
    horizon = timedelta(days=shop.settings.churn_after_days)
    registered, silent = Counter(), Counter()
    for customer_id, day in registration_dates(shop).items():
        days = shop.churn_days.get(customer_id, ())
        is_silent = not any(day < active <= day + horizon for active in days)
        for channel in both_channels(shop, customer_id):
            registered[day, channel] += 1
            silent[day, channel] += is_silent
    rows = []
    for day in shop.days:
        is_mature = day + horizon <= shop.as_of_date
        for channel in (ALL, *shop.channels):
            count, churned = registered[day, channel], silent[day, channel]
            rows.append(
                {
                    "registration_date": day,
                    "channel": channel,
                    "registered_count": count,
                    "new_user_churned_count": churned,
                    "new_user_churn_rate": (
                        ratio(churned, count) if is_mature else None
                    ),
                    "is_mature": is_mature,
                }
            )
    return rows


# growth accounting


def _growth_accounting_rows(shop) -> list[dict]:
    """Customers and money by state, for every grain, population, period and channel."""
    rows = []
    for grain in GRAINS:
        number = {day: period_number(shop, grain, day) for day in shop.days}
        for population in ("active", "buyers"):
            flows = _flows(shop, _period_nets(shop, number, population))
            for start in spine(shop, grain):
                period = period_number(shop, grain, start)
                is_complete = is_over(shop, grain, start)
                for channel in (ALL, *shop.channels):
                    rows.append(
                        {
                            "period_grain": grain,
                            "period_start_date": start,
                            "population": population,
                            "channel": channel,
                            **_flow_columns(flows[period, channel], is_complete),
                            **_money_flow_columns(
                                flows[period, channel],
                                is_complete,
                                with_money=population == "buyers",
                            ),
                            "is_complete": is_complete,
                        }
                    )
    return rows


def _period_nets(shop, number: dict, population: str) -> dict[str, dict[int, Decimal]]:
    """Net of each customer by the periods in which they are active (0 if no money)."""
    nets = {}
    for customer_id in shop.customers:
        if population == "active":
            days = shop.activity_days.get(customer_id, ())
            nets[customer_id] = {number[day]: ZERO for day in days}
            continue
        by_period = defaultdict(lambda: ZERO)
        for order in shop.valid_orders.get(customer_id, ()):
            by_period[number[order["order_date"]]] += order["net_amount"]
        nets[customer_id] = dict(by_period)
    return nets


def _flows(shop, nets: dict[str, dict[int, Decimal]]) -> dict[tuple, Counter]:
    """Heads and money of every state by (period number, channel).

    Keys of the counters: the state for heads, (state, "net") for money; `previous`
    are the customers active in the period before.
    """
    flows = defaultdict(Counter)
    for customer_id, by_period in nets.items():
        for period, state, money in _states(by_period):
            for channel in both_channels(shop, customer_id):
                flows[period, channel][state] += 1
                for name, amount in money.items():
                    flows[period, channel][name, "net"] += amount
    return flows


def _states(by_period: dict[int, Decimal]) -> Iterator[tuple[int, str, dict]]:
    """(period, state, money by name) of one customer, given net by active period."""
    first = min(by_period, default=None)
    for period, current in by_period.items():
        if period == first:
            yield period, "new", {"new": current}
        elif period - 1 in by_period:
            previous = by_period[period - 1]
            yield (
                period,
                "retained",
                {
                    "retained": min(current, previous),
                    "expansion": max(current - previous, ZERO),
                    "contraction": max(previous - current, ZERO),
                },
            )
        else:
            yield period, "resurrected", {"resurrected": current}
        if period + 1 not in by_period:
            yield period + 1, "churned", {"churned": current}


def _flow_columns(flow: Counter, is_complete: bool) -> dict:
    """Head counts of a period and their ratios; churn only of a complete period."""
    churned = flow["churned"] if is_complete else None
    gained = flow["new"] + flow["resurrected"]
    previous = flow["retained"] + flow["churned"]
    return {
        "active_customer_count": gained + flow["retained"],
        "new_customer_count": flow["new"],
        "retained_customer_count": flow["retained"],
        "resurrected_customer_count": flow["resurrected"],
        "churned_customer_count": churned,
        "quick_ratio": ratio(gained, churned),
        "flow_churn_rate": ratio(churned, previous) if is_complete else None,
    }


def _money_flow_columns(flow: Counter, is_complete: bool, with_money: bool) -> dict:
    """R-17 and the money quick ratio; all None for a population without money."""
    names = (
        "new",
        "retained",
        "resurrected",
        "expansion",
        "contraction",
        "churned",
    )
    net = {name: ZERO + flow[name, "net"] if with_money else None for name in names}
    if not is_complete:
        net["contraction"] = net["churned"] = None
    has_ratio = with_money and is_complete
    gained = net["new"] + net["resurrected"] + net["expansion"] if has_ratio else None
    lost = net["churned"] + net["contraction"] if has_ratio else None
    return {
        **{f"{name}_net_amount": net[name] for name in names},
        "net_quick_ratio": ratio(gained, lost),
    }


# activity level


def _active_user_rows(shop) -> list[dict]:
    """DAU, WAU, MAU and stickiness of every day of history."""
    active = defaultdict(set)
    for customer_id, days in shop.activity_days.items():
        for day in days:
            active[day].add(customer_id)

    def window(day: date, length: int) -> list[set]:
        return [active[day - i * ONE_DAY] for i in range(length)]

    rows = []
    for day in shop.days:
        month = window(day, MONTHLY_WINDOW_DAYS)
        mau = _distinct(month)
        active_days = sum(len(customers) for customers in month)
        first_day = day - (MONTHLY_WINDOW_DAYS - 1) * ONE_DAY
        rows.append(
            {
                "date_day": day,
                "dau_count": len(active[day]),
                "wau_count": _distinct(window(day, 7)),
                "mau_count": mau,
                "stickiness_rate": ratio(len(active[day]), mau),
                "average_stickiness_rate": ratio(
                    active_days, MONTHLY_WINDOW_DAYS * mau
                ),
                "has_full_window": first_day >= shop.history_start_date,
            }
        )
    return rows


def _distinct(sets: Iterable[set]) -> int:
    return len(set().union(*sets))


def _active_period_rows(shop) -> list[dict]:
    """R-20 histogram: customers by their number of active days in a week or month."""
    rows = []
    for grain in ("week", "month"):
        histogram = defaultdict(Counter)
        for days in shop.activity_days.values():
            per_period = Counter(period_start(shop, grain, day) for day in days)
            for start, day_count in per_period.items():
                histogram[start][day_count] += 1
        for start in sorted(histogram):
            for day_count, customers in sorted(histogram[start].items()):
                rows.append(
                    {
                        "period_grain": grain,
                        "period_start_date": start,
                        "active_day_count": day_count,
                        "customer_count": customers,
                        "is_complete": is_over(shop, grain, start),
                    }
                )
    return rows
