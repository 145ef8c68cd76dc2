"""What the models of prediction say of a shop (V-21 to V-28, G-10), table by table.

`tables` makes its own fits. Where a warehouse has published parameters, pass them on
(`published_fits`): the tables then say what follows from exactly those parameters.
Parameters that differ in the fourth digit would hide every other difference.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from math import log, sqrt
from typing import TYPE_CHECKING

from . import fitting, value
from .fitting import Fit
from .value import ZERO, add_months, month_difference, period_end, ratio, spine

if TYPE_CHECKING:
    from .shop import Shop

FitKey = tuple[str, date | None]
Fits = dict[FitKey, Fit]
Labels = dict[str, dict[str, str]]

BG_NBD: FitKey = ("bg_nbd", None)
GAMMA_GAMMA: FitKey = ("gamma_gamma", None)
DAYS_PER_BACKTEST_MONTH = 30
# Where a logistic curve bends: a fifth and four fifths of its height.
LOWER_BEND = 1 / (3 + sqrt(3))
UPPER_BEND = 1 - LOWER_BEND
SATURATED = 0.95


def tables(
    shop: Shop,
    labels: Labels | None = None,
    fits: Fits | None = None,
    backtest_fits: Fits | None = None,
) -> dict[str, list[dict]]:
    """The marts of prediction by name; all empty without customers.

    labels: segmentation -> customer -> segment at the as-of date. fits, backtest_fits:
    parameters to predict with in place of the own ones, see `published_fits`;
    fct_model_parameters always shows the own ones.
    """
    if not shop.customers:
        return dict.fromkeys(_NAMES, [])
    own = own_fits(shop)
    used = own | (fits or {})
    customers = value.lifetime_values(shop, used)
    return {
        "fct_customer_lifetime_values": customers,
        "fct_model_parameters": parameter_rows(shop, own),
        "rpt_clv_by_segment": segment_rows(shop, customers, labels or {}),
        "rpt_retention_projection": projection_rows(shop, used),
        "rpt_growth_curve": growth_curve_rows(shop, used),
        "rpt_prediction_backtest": backtest_rows(shop, backtest_fits),
    }


_NAMES = (
    "fct_customer_lifetime_values",
    "fct_model_parameters",
    "rpt_clv_by_segment",
    "rpt_retention_projection",
    "rpt_growth_curve",
    "rpt_prediction_backtest",
)


# Fits


@dataclass(frozen=True)
class History:
    """What BG/NBD and Gamma-Gamma know of a buyer; order days count, not orders."""

    repeats: int
    recency_weeks: float
    age_weeks: float
    mean_amount: float | None


def histories(shop: Shop, day: date) -> dict[str, History]:
    """The buyers of a day, by what was known at its end."""
    found = {}
    for customer_id, orders in shop.valid_orders.items():
        by_day = defaultdict(lambda: ZERO)
        for order in orders:
            if order["order_date"] <= day:
                by_day[order["order_date"]] += shop.net_at(order, day)
        if by_day:
            first, *later = sorted(by_day)
            found[customer_id] = History(
                len(later),
                (max(by_day) - first).days / 7,
                (day - first).days / 7,
                ratio(sum(by_day[d] for d in later), len(later)),
            )
    return found


def own_fits(shop: Shop) -> Fits:
    """Every model of the shop at its as-of date, fitted once per shop."""
    fits = vars(shop).get("_fits")
    if fits is None:
        model = shop.settings.growth_curve_model
        fits = purchase_fits(shop, shop.as_of_date) | _sbg_fits(shop)
        fits[model, None] = fitting.fit_curve(
            model, _cumulative_sizes(shop), shop.settings.growth_min_periods
        )
        vars(shop)["_fits"] = fits
    return fits


def purchase_fits(shop: Shop, day: date) -> Fits:
    """BG/NBD and Gamma-Gamma on what a day knows; a given parameter set wins."""
    settings = shop.settings
    known = list(histories(shop, day).values())
    repeats = [h.repeats for h in known]
    amounts = [h.mean_amount or 0.0 for h in known]
    least = settings.clv_min_repeat_customers
    if settings.bgnbd_parameters is None:
        ages = [h.age_weeks for h in known]
        recencies = [h.recency_weeks for h in known]
        bg_nbd = fitting.fit_bg_nbd(repeats, recencies, ages, least)
    else:
        bg_nbd = fitting.given_fit("bg_nbd", settings.bgnbd_parameters, len(known))
    if settings.gamma_gamma_parameters is None:
        gamma_gamma = fitting.fit_gamma_gamma(repeats, amounts, least)
    else:
        count = sum(n > 0 and m > 0 for n, m in zip(repeats, amounts, strict=True))
        given = settings.gamma_gamma_parameters
        gamma_gamma = fitting.given_fit("gamma_gamma", given, count)
    return {BG_NBD: bg_nbd, GAMMA_GAMMA: gamma_gamma}


def _sbg_fits(shop: Shop) -> Fits:
    return {
        ("sbg", month): fitting.fit_sbg(
            len(members),
            _survivors(shop, month, members)[1:],
            month,
            shop.settings.sbg_min_periods,
        )
        for month, members in _cohorts(shop).items()
    }


def parameter_rows(shop: Shop, fits: Fits) -> list[dict]:
    """Rows of fct_model_parameters: one per parameter, fitted or not."""
    correlation = _correlation(shop)
    is_correlated = (
        correlation is not None and abs(correlation) > shop.settings.gg_max_correlation
    )
    return [
        {
            "model": fit.model,
            "cohort_month": fit.cohort_month,
            "parameter": name,
            "value": value,
            "log_likelihood": fit.log_likelihood,
            "residual_sum_of_squares": fit.residual_sum_of_squares,
            "observation_count": fit.observation_count,
            "is_converged": bool(fit.is_converged),
            "fit_status": fit.fit_status,
            "frequency_amount_correlation": correlation
            if fit.model == "gamma_gamma"
            else None,
            "is_gg_correlated": fit.model == "gamma_gamma" and is_correlated,
            "as_of_date": shop.as_of_date,
        }
        for fit in fits.values()
        for name, value in fit.values.items()
    ]


def _correlation(shop: Shop) -> float | None:
    known = list(histories(shop, shop.as_of_date).values())
    return fitting.correlation(
        [h.repeats for h in known], [h.mean_amount or 0.0 for h in known]
    )


def published_fits(rows: Iterable[dict]) -> Fits:
    """The fits that rows of fct_model_parameters tell of, to predict with."""
    groups = defaultdict(list)
    for row in rows:
        groups[row["model"], row["cohort_month"]].append(row)
    return {
        key: Fit(
            model=key[0],
            values={row["parameter"]: row["value"] for row in group},
            fit_status=group[0]["fit_status"],
            observation_count=group[0]["observation_count"],
            cohort_month=key[1],
            log_likelihood=group[0]["log_likelihood"],
            residual_sum_of_squares=group[0]["residual_sum_of_squares"],
            is_converged=group[0]["is_converged"],
        )
        for key, group in groups.items()
    }


def purchase_status(fits: Fits) -> str:
    """The status of the first model that failed; else given, if any is; else fitted."""
    both = [fits[BG_NBD], fits[GAMMA_GAMMA]]
    failed = [fit.fit_status for fit in both if not fit.is_usable]
    is_given = any(fit.fit_status == fitting.GIVEN for fit in both)
    return [*failed, fitting.GIVEN if is_given else fitting.FITTED][0]


# V-21 to V-23: what a customer will do


def predictions(shop: Shop, fits: Fits) -> dict[str, dict]:
    """Of every buyer: alive, orders and money to come; None where a model failed."""
    settings, known = shop.settings, histories(shop, shop.as_of_date)
    money = _expected_amounts(known, fits)
    if not known or not fits[BG_NBD].is_usable:
        return {c: _prediction(None, None, None, None) for c in known}
    x, t_x, age = _columns(known.values())
    parameters, months = fits[BG_NBD].values, settings.clv_horizon_months
    alive = fitting.alive_probability(parameters, x, t_x, age)
    orders = [
        fitting.expected_orders(
            parameters, x, t_x, age, month * float(settings.clv_weeks_per_month)
        )
        for month in range(1, months + 1)
    ]
    discount = value.monthly_discount(float(settings.annual_discount_rate))
    discounted = sum(
        (until - before) / (1 + discount) ** month
        for month, (before, until) in enumerate(pairwise([0 * alive, *orders]), start=1)
    )
    margin_share = _margin_share(shop)
    found = {}
    for i, customer_id in enumerate(known):
        amount, clv = money[customer_id], None
        if amount is not None and margin_share is not None:
            clv = margin_share * amount * float(discounted[i])
        found[customer_id] = _prediction(
            float(alive[i]), float(orders[-1][i]), amount, clv
        )
    return found


def _prediction(alive, orders, amount, clv) -> dict:
    return {
        "p_alive_probability": alive,
        "expected_order_count": orders,
        "expected_order_amount": amount,
        "predicted_clv_amount": clv,
    }


NO_PREDICTION = _prediction(None, None, None, None)


def _columns(known: Iterable[History]) -> tuple[list, list, list]:
    rows = [(h.repeats, h.recency_weeks, h.age_weeks) for h in known]
    return tuple(map(list, zip(*rows, strict=True)))


def _expected_amounts(known: dict[str, History], fits: Fits) -> dict[str, float | None]:
    """E[M | x, m] of every buyer; None for all unless both models have parameters."""
    if not fits[BG_NBD].is_usable or not fits[GAMMA_GAMMA].is_usable:
        return dict.fromkeys(known)
    parameters = fits[GAMMA_GAMMA].values
    return {
        customer_id: fitting.expected_amount(parameters, h.repeats, h.mean_amount or 0)
        for customer_id, h in known.items()
    }


def _margin_share(shop: Shop) -> float | None:
    """μ of V-23: margin per net over all orders, the given rate without any cost."""
    orders = [o for of_customer in shop.valid_orders.values() for o in of_customer]
    if all(value.order_cost(shop, order) is None for order in orders):
        return float(shop.settings.gross_margin_rate)
    margin = sum(value.order_margin(shop, order) for order in orders)
    return ratio(margin, sum(order["net_amount"] for order in orders))


# V-27, G-14: groups of customers


def segment_rows(shop: Shop, customers: list[dict], labels: Labels) -> list[dict]:
    """Rows of rpt_clv_by_segment from rows of fct_customer_lifetime_values.

    Beside the segmentations of `labels`: the channels, the months of the first order of
    those who have one, and what falls to nobody (V-25, V-26). A segment without
    customers has no row.
    """
    members = defaultdict(list)
    margins = _margins_by_offset(shop)
    costs, fruitless = value.acquisition_costs(shop)
    nobody = (fruitless, value.operating_costs(shop)[1])
    for row in customers:
        customer_id = row["customer_id"]
        channel = shop.customers[customer_id]["channel"]
        members["channel", channel].append(row)
        if row["valid_order_count"]:
            first = shop.valid_orders[customer_id][0]["order_date"]
            members["first_order_month", f"{first:%Y-%m}"].append(row)
        for segmentation, segments in labels.items():
            members[segmentation, segments[customer_id]].append(row)
    rows = [
        _segment_row(segmentation, segment, rows, margins, costs)
        for (segmentation, segment), rows in sorted(members.items())
    ]
    return [*rows, _unallocated_row(*nobody)] if any(nobody) else rows


def _unallocated_row(acquisition: Fraction, operating: Fraction) -> dict:
    """What falls to nobody, as a segment that nobody is in: it only costs."""
    loss = -float(acquisition + operating)
    return {
        "segmentation": "unallocated",
        "segment": "unallocated",
        "customer_count": 0,
        "predicted_clv_amount": 0.0,
        "total_clv_amount": 0.0,
        "acquisition_cost_amount": float(acquisition),
        "operating_cost_amount": float(operating),
        "historic_profit_amount": loss,
        "total_profit_amount": loss,
        "ltv_to_cac_ratio": ratio(0.0, float(acquisition)),
        "payback_months": None if acquisition else 0,
    }


def _margins_by_offset(shop: Shop) -> dict[str, dict[int, Decimal]]:
    """Customer -> months since the first order's -> margin of the orders then."""
    margins = {}
    for customer_id, orders in shop.valid_orders.items():
        margins[customer_id] = defaultdict(Decimal)
        for order in orders:
            offset = month_difference(orders[0]["order_date"], order["order_date"])
            margins[customer_id][offset] += value.order_margin(shop, order)
    return margins


def _segment_row(
    segmentation: str,
    segment: str,
    rows: list[dict],
    margins: dict[str, dict[int, Decimal]],
    costs: dict[str, Fraction],
) -> dict:
    buyers = [row for row in rows if row["valid_order_count"]]
    predicted = _sum_or_none(row["predicted_clv_amount"] for row in buyers)
    historic = sum(row["historic_margin_amount"] for row in rows)
    acquisition = sum(row["acquisition_cost_amount"] for row in rows)
    operating = sum(row["operating_cost_amount"] for row in rows)
    total = None if predicted is None else historic + predicted
    return {
        "segmentation": segmentation,
        "segment": segment,
        "customer_count": len(rows),
        "predicted_clv_amount": predicted,
        "total_clv_amount": total,
        "acquisition_cost_amount": acquisition,
        "operating_cost_amount": operating,
        "historic_profit_amount": historic - acquisition - operating,
        "total_profit_amount": None
        if total is None
        else total - acquisition - operating,
        "ltv_to_cac_ratio": ratio(total, acquisition),
        "payback_months": payback_of_members(
            [margins[row["customer_id"]] for row in rows],
            sum(costs[row["customer_id"]] for row in rows),
        ),
    }


def _sum_or_none(numbers: Iterable[float | None]) -> float | None:
    numbers = list(numbers)
    return None if None in numbers else float(sum(numbers))


def payback_of_members(margins: list[dict[int, Decimal]], cost: Fraction) -> int | None:
    """First month offset by which members have earned their cost; None if never.

    To six decimals (0.7).
    """
    if cost == 0:
        return 0
    by_offset = Counter()
    for member in margins:
        by_offset.update({k: Fraction(amount) for k, amount in member.items()})
    earned = Fraction(0)
    for offset in sorted(by_offset):
        earned += by_offset[offset]
        if round(earned, 6) >= round(cost, 6):
            return offset
    return None


# V-24: retention to come


def _cohorts(shop: Shop) -> dict[date, list[list[date]]]:
    """First-order month -> the order dates of each of its buyers."""
    cohorts = defaultdict(list)
    for orders in shop.valid_orders.values():
        if orders:
            dates = [order["order_date"] for order in orders]
            cohorts[shop.month_start(dates[0])].append(dates)
    return dict(sorted(cohorts.items()))


def _last_offset(shop: Shop, month: date) -> int:
    """Offset of the last complete month; -1 for a cohort of the running month."""
    offset = month_difference(month, shop.as_of_date)
    is_complete = shop.month_end(shop.as_of_date) == shop.as_of_date
    return offset if is_complete else offset - 1


def _survivors(shop: Shop, month: date, members: list[list[date]]) -> list[int]:
    """Members with an order at an offset >= t, for t = 0 … the last complete one."""
    last = sorted(month_difference(month, dates[-1]) for dates in members)
    return [
        len(last) - bisect_left(last, t) for t in range(_last_offset(shop, month) + 1)
    ]


def projection_rows(shop: Shop, fits: Fits) -> list[dict]:
    """Rows of rpt_retention_projection: what was, and what sBG makes of it."""
    discount = value.monthly_discount(float(shop.settings.annual_discount_rate))
    rows = []
    for month, members in _cohorts(shop).items():
        survivors, fit = _survivors(shop, month, members), fits["sbg", month]
        periods = len(survivors) + shop.settings.clv_horizon_months
        for t in range(periods):
            projected = retained = residual = None
            if fit.is_usable:
                projected = fitting.sbg_survival(fit.values, t)
                retained = fitting.sbg_retention(fit.values, t) if t else None
                residual = fitting.residual_periods(fit.values, t, discount)
            rows.append(
                {
                    "cohort_start_date": month,
                    "period_number": t,
                    "cohort_customer_count": len(members),
                    "observed_survival_rate": survivors[t] / len(members)
                    if t < len(survivors)
                    else None,
                    "projected_survival_rate": projected,
                    "projected_retention_rate": retained,
                    "discounted_residual_months": residual,
                    "fit_status": fit.fit_status,
                }
            )
    return rows


# G-10: the growth curve


def _complete_periods(shop: Shop) -> list[tuple[date, date]]:
    """First and last date of the complete periods, from the history's first on."""
    grain = shop.settings.growth_curve_period
    periods = [(start, period_end(grain, start)) for start in spine(shop, grain)]
    return [(start, end) for start, end in periods if end <= shop.as_of_date]


def _cumulative_sizes(shop: Shop) -> list[int]:
    """Registered customers at the end of each complete period."""
    registered = sorted(
        customer["registration_date"]
        for customer in shop.customers.values()
        if customer["registration_date"] is not None
    )
    return [
        bisect_left(registered, end + timedelta(days=1))
        for _, end in _complete_periods(shop)
    ]


def is_identified(fit: Fit) -> bool:
    """Whether there is a fit, and growth was fastest within what was seen."""
    return fit.is_usable and fitting.inflection(fit) <= fit.observation_count - 1


def critical_time(fit: Fit) -> float | None:
    """Where the logistic curve bends upwards; the other curves have no such point."""
    if fit.model != "logistic" or not is_identified(fit):
        return None
    return fit.values["t0"] - log(2 + sqrt(3)) / fit.values["k"]


def growth_stage(share: float | None, has_declined: bool) -> str:
    """G-10: the stage by the share of the capacity; None = not identified."""
    if share is None:
        return "not_identified"
    if has_declined:
        return "decline"
    bounds = (
        (LOWER_BEND, "cold_start"),
        (UPPER_BEND, "high_growth"),
        (SATURATED, "maturity"),
    )
    return next((stage for bound, stage in bounds if share < bound), "saturation")


def growth_curve_rows(shop: Shop, fits: Fits) -> list[dict]:
    """Rows of rpt_growth_curve: one fit, read off at every complete period."""
    fit = fits[shop.settings.growth_curve_model, None]
    periods, sizes = _complete_periods(shop), _cumulative_sizes(shop)
    active = _active_counts(shop, [start for start, _ in periods])
    is_known, bend = is_identified(fit), critical_time(fit)
    length = shop.settings.decline_periods
    rows = []
    for t, ((start, _), size) in enumerate(zip(periods, sizes, strict=True)):
        share = fitted = None
        if is_known:
            parameters = [fit.values[name] for name in fitting.PARAMETERS[fit.model]]
            fitted = float(fitting.curve(fit.model, parameters, t))
            share = size / fit.values["L"]
        recent = active[max(t - length, 0) : t + 1]
        has_declined = len(recent) == length + 1 and all(
            before > after for before, after in pairwise(recent)
        )
        rows.append(
            {
                "period_start_date": start,
                "cumulative_customer_count": size,
                "fitted_customer_count": fitted,
                "capacity_share": share,
                "growth_stage": growth_stage(share, has_declined),
                "is_identified": is_known,
                "is_critical_point": bend is not None
                and t >= bend
                and (t == 0 or t - 1 < bend),
            }
        )
    return rows


def _active_counts(shop: Shop, starts: list[date]) -> list[int]:
    """Customers with an activity day in each period."""
    grain = shop.settings.growth_curve_period
    active = defaultdict(set)
    for customer_id, days in shop.activity_days.items():
        for day in days:
            active[value.period_start(shop, grain, day)].add(customer_id)
    return [len(active[start]) for start in starts]


# The hold-out report


def fit_date(shop: Shop) -> date:
    """The last month end so many months of 30 days before the as-of date."""
    back = DAYS_PER_BACKTEST_MONTH * shop.settings.backtest_months
    latest = shop.as_of_date - timedelta(days=back)
    if shop.month_end(latest) == latest:
        return latest
    return add_months(latest, 0) - timedelta(days=1)


def backtest_rows(shop: Shop, fits: Fits | None = None) -> list[dict]:
    """Rows of rpt_prediction_backtest: expected at the fit date against what came."""
    day = fit_date(shop)
    known = histories(shop, day)
    if not known:
        return []
    fits = fits or purchase_fits(shop, day)
    money = _expected_amounts(known, fits)
    expected = dict.fromkeys(known)
    if fits[BG_NBD].is_usable:
        weeks = (shop.as_of_date - day).days / 7
        orders = fitting.expected_orders(
            fits[BG_NBD].values, *_columns(known.values()), weeks
        )
        expected = dict(zip(known, map(float, orders), strict=True))
    groups = defaultdict(list)
    for customer_id, history in known.items():
        groups[history.repeats].append(customer_id)
    return [
        {
            "fit_date": day,
            "repeat_order_count": repeats,
            "customer_count": len(members),
            "expected_order_count": _sum_or_none(expected[c] for c in members),
            "actual_order_count": sum(
                len({order["order_date"] for order in _orders_after(shop, c, day)})
                for c in members
            ),
            "expected_amount": _sum_or_none(
                None if money[c] is None else expected[c] * money[c] for c in members
            ),
            "actual_amount": sum(
                (o["net_amount"] for c in members for o in _orders_after(shop, c, day)),
                ZERO,
            ),
            "fit_status": purchase_status(fits),
        }
        for repeats, members in sorted(groups.items())
    ]


def _orders_after(shop: Shop, customer_id: str, day: date) -> list[dict]:
    return [o for o in shop.valid_orders[customer_id] if o["order_date"] > day]
