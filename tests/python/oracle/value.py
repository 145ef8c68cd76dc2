"""The value marts (V-01 to V-03, V-12, V-16 to V-28), computed row by row.

Rows "per channel" exist for `all` and for every channel of customers, in every
period of the spine: an empty cell is a row of zeros.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from . import rfm
from .rfm import is_high_value_repeat, quantile, ratio

if TYPE_CHECKING:
    from .shop import Shop

GRAINS = ("day", "week", "month", "quarter")
MICROSECONDS_PER_DAY = 86_400_000_000
SUMMARY_MONTHS = 12
SCOPE_DAYS = 365
ZERO = Decimal("0.00")


def tables(shop: Shop) -> dict[str, list[dict]]:
    """Every mart of the value domain by name; all empty without customers."""
    makers = {
        "fct_customer_rfm_scores": rfm.scores,
        "fct_rfm_thresholds": rfm.thresholds,
        "rpt_rfm_segments": rfm_segments,
        "rpt_commerce_periods": commerce_periods,
        "rpt_first_order_conversion": first_order_conversion,
        "rpt_repurchase_cohorts": repurchase_cohorts,
        "rpt_category_sales": category_sales,
        "fct_customer_months": customer_months,
        "rpt_retention_values": retention_values,
        "rpt_cohort_ltv": cohort_ltv,
        "fct_customer_lifetime_values": lifetime_values,
    }
    return {name: make(shop) if shop.customers else [] for name, make in makers.items()}


# Periods, channels, orders


def add_months(day: date, months: int) -> date:
    """First day of the month that lies so many months after the month of day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, 1)


def month_difference(start: date, day: date) -> int:
    """Calendar months from the month of start to the month of day."""
    return 12 * (day.year - start.year) + day.month - start.month


def period_start(shop: Shop, grain: str, day: date) -> date:
    """First date of the day, week, month or quarter that contains day."""
    starts = {
        "week": shop.week_start,
        "month": shop.month_start,
        "quarter": shop.quarter_start,
    }
    return day if grain == "day" else starts[grain](day)


def period_end(grain: str, start: date) -> date:
    """Last date of the period that begins at start."""
    if grain in ("day", "week"):
        return start + timedelta(days=0 if grain == "day" else 6)
    return add_months(start, 1 if grain == "month" else 3) - timedelta(days=1)


def spine(shop: Shop, grain: str) -> list[date]:
    """Every period start from the history start to the as-of date."""
    return sorted({period_start(shop, grain, day) for day in shop.days})


def _scopes(shop: Shop, customer_id: str) -> tuple[str, str]:
    """The channel rows a customer counts in."""
    return "all", shop.customers[customer_id]["channel"]


def _all_channels(shop: Shop) -> list[str]:
    return ["all", *shop.channels]


def _valid_orders(shop: Shop) -> Iterator[dict]:
    for orders in shop.valid_orders.values():
        yield from orders


def _first_order_month(shop: Shop, customer_id: str) -> date:
    return shop.month_start(shop.valid_orders[customer_id][0]["order_date"])


def _total(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, ZERO)


def _paid(order: dict) -> Decimal:
    return order["gross_amount"] - order["discount_amount"]


# Margin


def order_margin(shop: Shop, order: dict, d: date | None = None) -> Decimal:
    """V-02: margin of an order, with refunds dated <= d (None = the as-of date).

    Exact but for the share of the cost a partial refund gives back (28 digits).
    """
    net = order["net_amount"] if d is None else shop.net_at(order, d)
    cost = order_cost(shop, order)
    if cost is None:
        return net * Decimal(str(shop.settings.gross_margin_rate))
    paid = _paid(order)
    if shop.settings.refund_reverses_cost and paid:
        return net - cost * net / paid
    return net - cost


def order_cost(shop: Shop, order: dict) -> Decimal | None:
    """Cost of an order: of its items if all have one, else its own; None = unknown."""
    items = _items_by_order(shop).get(order["order_id"], [])
    if items and all(item["unit_cost"] is not None for item in items):
        return _total(item["quantity"] * item["unit_cost"] for item in items)
    return order["cost_amount"]


def _items_by_order(shop: Shop) -> dict[str, list[dict]]:
    """Items of each order, indexed once per shop: margins ask for every order."""
    index = vars(shop).get("_items_by_order")
    if index is None:
        index = defaultdict(list)
        for item in shop.order_items:
            index[item["order"]["order_id"]].append(item)
        vars(shop)["_items_by_order"] = index
    return index


# RFM segments


def rfm_segments(shop: Shop) -> list[dict]:
    """Rows of rpt_rfm_segments: every snapshot date x the 8 types and `unscored`."""
    members = defaultdict(list)
    population = Counter()
    net = defaultdict(lambda: ZERO)
    for row in rfm.scores(shop):
        members[row["snapshot_date"], row["rfm_type"]].append(row)
        population[row["snapshot_date"]] += 1
        net[row["snapshot_date"]] += row["monetary_amount"]
    applicable = {
        row["snapshot_date"]: row["is_rfm_applicable"] for row in rfm.thresholds(shop)
    }
    result = []
    for snapshot in shop.snapshot_dates:
        for rfm_type in (*rfm.RFM_TYPES.values(), "unscored"):
            rows = members[snapshot, rfm_type]
            amount = _total(row["monetary_amount"] for row in rows)
            orders = sum(row["frequency_count"] for row in rows)
            result.append(
                {
                    "snapshot_date": snapshot,
                    "rfm_type": rfm_type,
                    "customer_count": len(rows),
                    "customer_share": ratio(len(rows), population[snapshot]),
                    "net_amount": amount,
                    "net_amount_share": ratio(amount, net[snapshot]),
                    "average_order_amount": ratio(amount, orders),
                    "is_rfm_applicable": applicable[snapshot],
                }
            )
    return result


# Commerce by period


def commerce_periods(shop: Shop) -> list[dict]:
    """Rows of rpt_commerce_periods (V-01, V-03a to d, V-03f)."""
    sums, buyers, active = _period_sums(shop), defaultdict(set), defaultdict(set)
    for cells, order in _cells_of_orders(shop):
        for cell in cells:
            buyers[cell].add(order["customer_id"])
    for days in (shop.activity_days, shop.order_days):
        for customer_id, dates in days.items():
            for day in dates:
                for cell in _cells(shop, customer_id, day):
                    active[cell].add(customer_id)
    repurchase = _repurchase_counts(shop)
    return [
        _commerce_row(
            shop,
            cell,
            sums[cell],
            len(buyers[cell]),
            len(active[cell]),
            repurchase[min(period_end(*cell[:2]), shop.as_of_date), cell[2]],
        )
        for grain in GRAINS
        for start in spine(shop, grain)
        for cell in [(grain, start, channel) for channel in _all_channels(shop)]
    ]


def _cells(shop: Shop, customer_id: str, day: date) -> list[tuple[str, date, str]]:
    """(grain, period start, channel) of every row a fact of that day counts in."""
    return [
        (grain, period_start(shop, grain, day), channel)
        for grain in GRAINS
        for channel in _scopes(shop, customer_id)
    ]


def _cells_of_orders(shop: Shop) -> Iterator[tuple[list, dict]]:
    for order in _valid_orders(shop):
        yield _cells(shop, order["customer_id"], order["order_date"]), order


def _period_sums(shop: Shop) -> dict[tuple, Counter]:
    """The additive measures of every cell."""
    sums = defaultdict(Counter)
    items = _items_by_order(shop)
    firsts = {orders[0]["order_id"] for orders in shop.valid_orders.values() if orders}
    for cells, order in _cells_of_orders(shop):
        facts = {
            "orders": 1,
            "repeat_orders": order["order_id"] not in firsts,
            "gross": order["gross_amount"],
            "discount": order["discount_amount"],
            "paid": _paid(order),
            "refunds": order["refund_amount"],
            "net": order["net_amount"],
            "units": sum(item["quantity"] for item in items.get(order["order_id"], [])),
        }
        _add(sums, cells, facts)
        for refund in order["refunds"]:
            refund_cells = _cells(shop, order["customer_id"], refund["refund_date"])
            _add(sums, refund_cells, {"cash_refunds": refund["amount"]})
    for order in shop.orders:
        if order["status"] == "cancelled":
            cells = _cells(shop, order["customer_id"], order["order_date"])
            _add(sums, cells, {"cancelled": 1})
    return sums


def _add(sums: dict[tuple, Counter], cells: list[tuple], facts: dict) -> None:
    for cell in cells:
        for name, value in facts.items():
            sums[cell][name] += value


def _repurchase_counts(shop: Shop) -> dict[tuple[date, str], Counter]:
    """(date, channel) -> buyers and repeat buyers of W(date, window), for V-03d."""
    ends = {
        min(period_end(grain, start), shop.as_of_date)
        for grain in GRAINS
        for start in spine(shop, grain)
    }
    window = shop.settings.repurchase_window_days
    counts = defaultdict(Counter)
    for customer_id, orders in shop.valid_orders.items():
        dates = sorted(order["order_date"] for order in orders)
        for end in ends:
            number = bisect_right(dates, end)
            if window is not None:
                number -= bisect_right(dates, end - timedelta(days=window))
            for channel in _scopes(shop, customer_id) if number else ():
                counts[end, channel]["buyers"] += 1
                counts[end, channel]["repeaters"] += number >= 2
    return counts


def _commerce_row(
    shop: Shop,
    cell: tuple[str, date, str],
    sums: Counter,
    buyer_count: int,
    active_count: int,
    repurchase: Counter,
) -> dict:
    grain, start, channel = cell
    net = ZERO + sums["net"]
    return {
        "period_grain": grain,
        "period_start_date": start,
        "channel": channel,
        "order_count": sums["orders"],
        "buyer_count": buyer_count,
        "active_customer_count": active_count,
        "gmv_amount": ZERO + sums["gross"],
        "net_amount": net,
        "cash_net_amount": ZERO + sums["paid"] - sums["cash_refunds"],
        "average_order_amount": ratio(net, sums["orders"]),
        "spend_per_buyer_amount": ratio(net, buyer_count),
        "arpu_amount": ratio(net, active_count),
        "arppu_amount": ratio(net, buyer_count),
        "paying_rate": ratio(buyer_count, active_count),
        "repurchase_rate": ratio(repurchase["repeaters"], repurchase["buyers"]),
        "repeat_order_share": ratio(sums["repeat_orders"], sums["orders"]),
        "cancelled_order_count": sums["cancelled"],
        "refund_rate": ratio(sums["refunds"], sums["paid"]),
        "discount_rate": ratio(sums["discount"], sums["gross"]),
        "unit_count": sums["units"],
        "is_complete": period_end(grain, start) <= shop.as_of_date,
    }


# First order and repurchase by cohort


def first_order_conversion(shop: Shop) -> list[dict]:
    """Rows of rpt_first_order_conversion (V-03g, V-03h) by registration month."""
    members = defaultdict(list)
    channels = set()
    for customer_id, customer in shop.customers.items():
        if customer["registration_date"] is None:
            continue
        channels.add(customer["channel"])
        first = _first_order_after_registration(shop, customer)
        for channel in _scopes(shop, customer_id):
            month = shop.month_start(customer["registration_date"])
            members[month, channel].append((customer, first))
    return [
        _conversion_row(shop, month, channel, members[month, channel])
        for month in spine(shop, "month")
        for channel in ("all", *sorted(channels))
    ]


def _first_order_after_registration(shop: Shop, customer: dict) -> dict | None:
    for order in shop.valid_orders.get(customer["customer_id"], []):
        if order["ordered_at"] >= customer["registered_at"]:
            return order
    return None


def _conversion_row(
    shop: Shop, month: date, channel: str, members: list[tuple[dict, dict | None]]
) -> dict:
    window = shop.settings.first_order_window_days
    converted = [
        _days_between(customer["registered_at"], order["ordered_at"])
        for customer, order in members
        if order and _days_to_order(customer, order) <= window
    ]
    durations = [
        (_days_to_order(customer, order), True)
        if order
        else ((shop.as_of_date - customer["registration_date"]).days, False)
        for customer, order in members
    ]
    is_mature = _is_mature(shop, month, window)
    shown = converted if is_mature else []
    quantiles = [_float(quantile(shown, share)) for share in ("0.5", "0.75", "0.9")]
    return {
        "cohort_month": month,
        "channel": channel,
        "registered_count": len(members),
        "converted_count": len(converted),
        "first_order_conversion_rate": ratio(len(converted), len(members))
        if is_mature
        else None,
        "activation_days_median": quantiles[0],
        "activation_days_p75": quantiles[1],
        "activation_days_p90": quantiles[2],
        "activation_days_km_median": kaplan_meier_median(durations),
        "is_mature": is_mature,
    }


def _is_mature(shop: Shop, month: date, days: int) -> bool:
    """0.8: the window of the cohort's last date has ended."""
    return period_end("month", month) + timedelta(days=days) <= shop.as_of_date


def _days_between(start, end) -> Fraction:
    elapsed = (end - start) // timedelta(microseconds=1)
    return Fraction(elapsed, MICROSECONDS_PER_DAY)


def _days_to_order(customer: dict, order: dict) -> int:
    return (order["order_date"] - customer["registration_date"]).days


def _float(number) -> float | None:
    return None if number is None else float(number)


def kaplan_meier_median(durations: list[tuple[int, bool]]) -> int | None:
    """V-03h: first day on which at most half are still without the event.

    durations: (days, whether the event happened then; False = censored).
    None when the survival curve never falls to 0.5.
    """
    survival = Fraction(1)
    for day in sorted({days for days, happened in durations if happened}):
        at_risk = sum(days >= day for days, _ in durations)
        events = sum(days == day and happened for days, happened in durations)
        survival *= 1 - Fraction(events, at_risk)
        if survival <= Fraction(1, 2):
            return day
    return None


def repurchase_cohorts(shop: Shop) -> list[dict]:
    """Rows of rpt_repurchase_cohorts (V-03e) by first-order month and horizon."""
    cohorts = defaultdict(list)
    for customer_id, orders in shop.valid_orders.items():
        if orders:
            cohorts[_first_order_month(shop, customer_id)].append(orders)
    return [
        _repurchase_row(shop, month, horizon, cohorts[month])
        for month in spine(shop, "month")
        for horizon in shop.settings.repurchase_cohort_days
    ]


def _repurchase_row(
    shop: Shop, month: date, horizon: int, members: list[list[dict]]
) -> dict:
    repurchased = sum(
        (orders[1]["order_date"] - orders[0]["order_date"]).days <= horizon
        for orders in members
        if len(orders) > 1
    )
    is_mature = _is_mature(shop, month, horizon)
    return {
        "cohort_month": month,
        "horizon_days": horizon,
        "cohort_customer_count": len(members),
        "repurchased_count": repurchased,
        "repurchase_rate": ratio(repurchased, len(members)) if is_mature else None,
        "is_mature": is_mature,
    }


# Sales by category and by customer


def category_sales(shop: Shop) -> list[dict]:
    """Rows of rpt_category_sales: every month x category of items of valid orders."""
    cells = defaultdict(list)
    for item in shop.order_items:
        if item["order"]["is_valid"]:
            month = shop.month_start(item["order"]["order_date"])
            category = item["category"] or "unknown"
            cells[month, category].append(item)
    categories = sorted({category for _, category in cells})
    return [
        {
            "month_start_date": month,
            "category": category,
            "order_count": len(
                {i["order"]["order_id"] for i in cells[month, category]}
            ),
            "buyer_count": len({i["customer_id"] for i in cells[month, category]}),
            "unit_count": sum(i["quantity"] for i in cells[month, category]),
            "line_amount": _total(
                i["quantity"] * i["unit_price"] for i in cells[month, category]
            ),
        }
        for month in spine(shop, "month")
        for category in categories
    ]


def customer_months(shop: Shop) -> list[dict]:
    """Rows of fct_customer_months: every customer x month with an order (V-12)."""
    months = defaultdict(list)
    for order in _valid_orders(shop):
        month = shop.month_start(order["order_date"])
        months[order["customer_id"], month].append(order["net_amount"])
    return [
        {
            "customer_id": customer_id,
            "month_start_date": month,
            "order_count": len(nets),
            "net_amount": _total(nets),
            "is_high_value_repeat": is_high_value_repeat(
                shop.settings, len(nets), _total(nets)
            ),
            "is_complete": period_end("month", month) <= shop.as_of_date,
        }
        for (customer_id, month), nets in sorted(months.items())
    ]


# Retention values


def retention_values(shop: Shop) -> list[dict]:
    """Rows of rpt_retention_values (V-16, V-18, V-19, V-28): all and every channel."""
    monthly_retention = registration_month_retention(shop)
    return [
        _retention_value_row(
            shop,
            channel,
            {c for c in shop.customers if channel in _scopes(shop, c)},
            monthly_retention if channel == "all" else None,
        )
        for channel in _all_channels(shop)
    ]


def registration_month_retention(shop: Shop) -> float | None:
    """r of V-16: share of mature registration cohorts active a month later."""
    size = retained = 0
    for customer_id, customer in shop.customers.items():
        registered = customer["registration_date"]
        if registered is None:
            continue
        next_month = add_months(registered, 1)
        if period_end("month", next_month) > shop.as_of_date:
            continue
        size += 1
        days = shop.activity_days.get(customer_id, [])
        retained += any(shop.month_start(day) == next_month for day in days)
    return ratio(retained, size)


def expected_lifetime(retention: float | None) -> float | None:
    """V-16: 1 / (1 - r) periods; None when nobody ever leaves or r is unknown."""
    return None if retention is None else ratio(1, 1 - retention)


def required_retention(lifetime: float) -> float:
    """V-16: the retention per period a target lifetime asks for."""
    return 1 - 1 / lifetime


def monthly_discount(annual_rate: float) -> float:
    """The monthly rate that compounds to the annual one."""
    return (1 + annual_rate) ** (1 / 12) - 1


def simple_clv(
    margin: float | None, retention: float | None, discount: float
) -> tuple[float | None, float | None]:
    """V-18: (first payment after a month, first payment now)."""
    if margin is None or retention is None:
        return None, None
    bottom = 1 + discount - retention
    return ratio(margin * retention, bottom), ratio(margin * (1 + discount), bottom)


def parametric_clv(
    historic: float | None,
    margin: float | None,
    retention: float | None,
    discount: float,
    growth: float = 0,
    monthly_cost: float = 0,
    months: int = 12,
) -> float | None:
    """V-19: historic value plus the expected margins of the coming months."""
    if historic is None or margin is None or retention is None:
        return None
    step = retention * (1 + growth) / (1 + discount)
    future = (margin * step**t - monthly_cost for t in range(1, months + 1))
    return historic + sum(future)


def _retention_value_row(
    shop: Shop, channel: str, members: set[str], monthly_retention: float | None
) -> dict:
    settings = shop.settings
    retention, margin = _buyer_months(shop, members)
    discount = monthly_discount(float(settings.annual_discount_rate))
    end, start = simple_clv(margin, retention, discount)
    historic = _mean_historic_margin(shop, members)
    required = [required_retention(float(target)) for target in settings.cl_targets]
    required += [None, None]
    return {
        "channel": channel,
        "monthly_retention_rate": monthly_retention,
        "buyer_retention_rate": retention,
        "expected_lifetime_months": expected_lifetime(monthly_retention),
        "required_retention_rate_1": required[0],
        "required_retention_rate_2": required[1],
        "monthly_margin_amount": margin,
        "simple_clv_end_amount": end,
        "simple_clv_start_amount": start,
        "parametric_clv_amount": parametric_clv(
            historic,
            margin,
            retention,
            discount,
            float(settings.clv_value_growth),
            float(settings.clv_monthly_cost),
            settings.clv_horizon_months,
        ),
        "historic_clv_amount": historic,
        "customer_scope_count": sum(_is_in_scope(shop, c) for c in members),
    }


def _is_in_scope(shop: Shop, customer_id: str) -> bool:
    """V-28: a buyer of the last 365 days, or registered and never a buyer."""
    orders = shop.valid_orders.get(customer_id)
    if not orders:
        return shop.customers[customer_id]["registration_date"] is not None
    return (shop.as_of_date - orders[-1]["order_date"]).days < SCOPE_DAYS


def _buyer_months(shop: Shop, members: set[str]) -> tuple[float | None, float | None]:
    """r and m of V-18 over the last complete months: retention, margin per buyer."""
    complete = [
        month
        for month in spine(shop, "month")
        if period_end("month", month) <= shop.as_of_date
    ][-SUMMARY_MONTHS:]
    buyers, margins = defaultdict(set), defaultdict(Decimal)
    for customer_id in members:
        for order in shop.valid_orders.get(customer_id, []):
            month = shop.month_start(order["order_date"])
            buyers[month].add(customer_id)
            margins[month] += order_margin(shop, order)
    pairs = [(buyers[add_months(month, -1)], buyers[month]) for month in complete]
    retained = sum(len(before & now) for before, now in pairs)
    return (
        ratio(retained, sum(len(before) for before, _ in pairs)),
        ratio(
            sum(margins[month] for month in complete),
            sum(len(now) for _, now in pairs),
        ),
    )


def _mean_historic_margin(shop: Shop, members: set[str]) -> float | None:
    """Historic CLV (V-17) per buyer; None without buyers."""
    buyers = [shop.valid_orders[c] for c in members if shop.valid_orders.get(c)]
    margins = (order_margin(shop, order) for orders in buyers for order in orders)
    return ratio(sum(margins), len(buyers))


# Lifetime value of cohorts and customers


def cohort_ltv(shop: Shop) -> list[dict]:
    """Rows of rpt_cohort_ltv (V-20) by first-order month, channel and offset."""
    sizes, margins = Counter(), defaultdict(Decimal)
    for customer_id, orders in shop.valid_orders.items():
        if not orders:
            continue
        month = _first_order_month(shop, customer_id)
        for channel in _scopes(shop, customer_id):
            sizes[month, channel] += 1
            for order in orders:
                offset = month_difference(month, order["order_date"])
                margins[month, channel, offset] += order_margin(shop, order)
    months = spine(shop, "month")
    return [
        row
        for month in months
        for channel in _all_channels(shop)
        for row in _ltv_rows(shop, month, channel, sizes[month, channel], margins)
    ]


def _ltv_rows(
    shop: Shop, month: date, channel: str, size: int, margins: dict[tuple, Decimal]
) -> Iterator[dict]:
    """Offsets 0, 1 … while the month at that offset has begun."""
    cumulative = Decimal()
    for offset in range(month_difference(month, shop.as_of_date) + 1):
        cumulative += margins[month, channel, offset]
        is_mature = period_end("month", add_months(month, offset)) <= shop.as_of_date
        yield {
            "cohort_month": month,
            "channel": channel,
            "month_offset": offset,
            "cohort_customer_count": size,
            "cumulative_margin_amount": float(cumulative),
            "ltv_amount": ratio(cumulative, size) if is_mature else None,
            "is_mature": is_mature,
        }


def lifetime_values(shop: Shop, fits: dict | None = None) -> list[dict]:
    """Rows of fct_customer_lifetime_values (V-17, V-21 to V-23, V-25 to V-28).

    fits: the models to predict with, see `prediction`; None = fitted to the shop.
    """
    from . import prediction  # only here: prediction builds on this module

    fits = prediction.own_fits(shop) if fits is None else fits
    predicted = prediction.predictions(shop, fits)
    acquisition, _ = acquisition_costs(shop)
    operating, _ = operating_costs(shop)
    wallets, status = wallet_shares(shop), prediction.purchase_status(fits)
    return [
        _lifetime_row(shop, customer_id)
        | _worth(
            float(_margin_total(shop, shop.valid_orders.get(customer_id, []))),
            predicted.get(customer_id, prediction.NO_PREDICTION),
            float(acquisition[customer_id]),
            float(operating[customer_id]),
        )
        | {"wallet_share": wallets.get(customer_id), "fit_status": status}
        for customer_id in shop.customers
    ]


def _worth(historic: float, predicted: dict, acquisition: float, cost: float) -> dict:
    """V-27: a customer's value, cost and profit; totals only with a prediction."""
    future = predicted["predicted_clv_amount"]
    total = None if future is None else historic + future
    return predicted | {
        "total_clv_amount": total,
        "acquisition_cost_amount": acquisition,
        "operating_cost_amount": cost,
        "historic_profit_amount": historic - acquisition - cost,
        "total_profit_amount": None if total is None else total - acquisition - cost,
    }


def _lifetime_row(shop: Shop, customer_id: str) -> dict:
    orders = shop.valid_orders.get(customer_id, [])
    days = sorted({order["order_date"] for order in orders})
    net = _total(order["net_amount"] for order in orders)
    return {
        "customer_id": customer_id,
        "as_of_date": shop.as_of_date,
        "historic_net_amount": net,
        "historic_margin_amount": float(_margin_total(shop, orders)),
        "valid_order_count": len(orders),
        "repeat_order_count": max(len(days) - 1, 0),
        "recency_weeks": (days[-1] - days[0]).days / 7 if days else None,
        "age_weeks": (shop.as_of_date - days[0]).days / 7 if days else None,
        "active_month_count": len({shop.month_start(day) for day in days}),
        "average_order_amount": ratio(net, len(orders)),
    }


def _margin_total(shop: Shop, orders: list[dict]) -> Decimal:
    return _total(order_margin(shop, order) for order in orders)


# Costs of customers


def acquisition_costs(shop: Shop) -> tuple[dict[str, Fraction], Fraction]:
    """V-25: acquisition cost of every customer, and the spend that nobody bears."""
    spend, buyers = defaultdict(Fraction), defaultdict(list)
    for row in shop.spend:
        month = shop.month_start(row["spend_date"])
        spend[row["channel"], month] += Fraction(row["spend"])
    for customer_id, orders in shop.valid_orders.items():
        if orders:
            channel = shop.customers[customer_id]["channel"]
            month = _first_order_month(shop, customer_id)
            buyers[channel, month].append(customer_id)
    return _shared_out(
        shop, [(spend[c], Counter(buyers[c])) for c in spend.keys() | buyers.keys()]
    )


def operating_costs(shop: Shop) -> tuple[dict[str, Fraction], Fraction]:
    """V-26: operating cost of every customer, and what nobody bears.

    That is the shared cost of a month without orders and activity, and the costs of
    accounts that do not exist yet.
    """
    direct = [
        (Fraction(contact["cost"]), _bearer(shop, contact)) for contact in shop.contacts
    ]
    shared = defaultdict(Fraction)
    for cost in shop.operating_costs:
        if cost["customer_id"] is None:
            shared[shop.month_start(cost["cost_date"])] += Fraction(cost["amount"])
        else:
            direct.append((Fraction(cost["amount"]), _bearer(shop, cost)))
    orders, active_days = defaultdict(Counter), defaultdict(Counter)
    for order in _valid_orders(shop):
        orders[shop.month_start(order["order_date"])][order["customer_id"]] += 1
    for customer_id, days in shop.activity_days.items():
        for day in days:
            active_days[shop.month_start(day)][customer_id] += 1
    by_month = [
        (amount, orders[month] or active_days[month])
        for month, amount in shared.items()
    ]
    return _shared_out(shop, direct + by_month)


def _bearer(shop: Shop, cost: dict) -> Counter:
    return Counter({cost["customer_id"]} & shop.customers.keys())


def _shared_out(
    shop: Shop, costs: list[tuple[Fraction, Counter]]
) -> tuple[dict[str, Fraction], Fraction]:
    """Amounts by customer, each split by the bearers' weights; and what has none."""
    borne, unallocated = dict.fromkeys(shop.customers, Fraction(0)), Fraction(0)
    for amount, bearers in costs:
        total = bearers.total()
        if not total:
            unallocated += amount
        for customer_id, weight in bearers.items():
            borne[customer_id] += amount * weight / total
    return borne, unallocated


def wallet_shares(shop: Shop) -> dict[str, float]:
    """V-28: the latest share of wallet a customer has told; the others are absent."""
    return {
        answer["customer_id"]: float(answer["score"])
        for answer in shop.surveys
        if answer["survey_type"] == "share_of_wallet" and answer["customer_id"]
    }
