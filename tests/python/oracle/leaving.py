"""Who is about to leave (R-11 to R-15), one customer and one date at a time.

`observations` looks at every customer who has not left on every observation date and
is the base of the rules, the risk list and the lead times. Probabilities are compared
as exact fractions; floats appear only in published rows.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from itertools import accumulate
from math import sqrt
from operator import eq, ge, gt, le, lt
from typing import TYPE_CHECKING, Any, NamedTuple

from .rfm import exact, quantile, ratio

if TYPE_CHECKING:
    from .shop import Shop

Row = dict[str, Any]

WILSON_Z = 1.959964
WEEK = timedelta(days=7)
ONE_DAY = timedelta(days=1)
OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "<": lt,
    "<=": le,
    "=": eq,
    ">=": ge,
    ">": gt,
}
BOOLEANS = {"false": 0, "true": 1}


def tables(shop: Shop) -> dict[str, list[Row]]:
    """The tables about leaving by name; all empty without customers."""
    makers = {
        "rpt_churn_threshold_curve": threshold_curve,
        "fct_churn_rules": churn_rules,
        "fct_customer_churn_risks": churn_risks,
        "rpt_churn_lead_times": lead_times,
    }
    return {name: make(shop) if shop.customers else [] for name, make in makers.items()}


def _marks(shop: Shop, customer_id: str) -> list[date]:
    """The entry date and the churn activity days, each date once, ascending."""
    entry = shop.customers[customer_id]["entry_date"]
    return sorted({entry, *shop.churn_days[customer_id]})


def idle_days(marks: list[date], day: date) -> int:
    """Days since the last of the marks that is not after `day` (R-06)."""
    return (day - marks[bisect_right(marks, day) - 1]).days


# the threshold chooser


def threshold_curve(shop: Shop) -> list[Row]:
    """Rows of rpt_churn_threshold_curve: every candidate number of idle days."""
    settings = shop.settings
    counts = _spells_by_threshold(shop)
    limit = exact(settings.threshold_return_probability)
    least = max(settings.threshold_min_spells, 1)
    recommended = next(
        (
            idle
            for idle, (spells, returned) in counts.items()
            if spells >= least and returned < limit * spells
        ),
        None,
    )
    return [
        {
            "idle_days": idle,
            "spell_count": spells,
            "returned_count": returned,
            "return_rate": ratio(returned, spells) if spells >= least else None,
            "is_recommended": idle == recommended,
        }
        for idle, (spells, returned) in counts.items()
    ]


def _spells_by_threshold(shop: Shop) -> dict[int, tuple[int, int]]:
    """Idle days n -> (spells silent for n days, those of them that came back).

    A spell silent for g − 1 days counts for every n < g that leaves room for the
    return horizon H before the as-of date; it came back in time if n ≥ g − H.
    """
    horizon = shop.settings.threshold_return_horizon_days
    most = shop.settings.threshold_max_days
    spells, returned = [0] * (most + 2), [0] * (most + 2)
    for customer_id in shop.customers:
        marks = _marks(shop, customer_id)
        for start, back in zip(marks, [*marks[1:], None], strict=True):
            last = min((shop.as_of_date - start).days - horizon, most)
            if back is not None:
                last = min(last, (back - start).days - 1)
                first = max((back - start).days - horizon, 1)
                _add_range(returned, first, last)
            _add_range(spells, 1, last)
    totals = zip(accumulate(spells), accumulate(returned), strict=True)
    return {n: total for n, total in enumerate(totals) if 1 <= n <= most}


def _add_range(changes: list[int], first: int, last: int) -> None:
    """Add one to every place first … last of what the changes add up to."""
    if first <= last:
        changes[first] += 1
        changes[last + 1] -= 1


# activity decline


@dataclass(frozen=True)
class ThreeWeeks:
    """Login rows of the last three complete weeks, the latest last."""

    first: int
    second: int
    third: int

    def is_declining(self, max_ratio: Any) -> bool:
        """Whether the counts fall strictly and far enough."""
        falls = self.first > self.second > self.third
        return falls and self.third <= exact(max_ratio) * self.first


class WeeklyLogins:
    """Login rows of every customer by week."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.counts: dict[tuple[str, date], int] = defaultdict(int)
        for login in shop.logins:
            week = shop.week_start(login["login_date"])
            self.counts[login["customer_id"], week] += 1

    def last_complete_week(self, day: date) -> date:
        """First date of the last week that is over at the end of `day`."""
        return self.shop.week_start(day + ONE_DAY) - WEEK

    def three_weeks(self, customer_id: str, day: date) -> ThreeWeeks | None:
        """The three weeks complete at `day`; None for who entered after their start."""
        third = self.last_complete_week(day)
        weeks = [third - 2 * WEEK, third - WEEK, third]
        if self.shop.customers[customer_id]["entry_date"] > weeks[0]:
            return None
        return ThreeWeeks(*(self.counts.get((customer_id, week), 0) for week in weeks))

    def is_declining(self, customer_id: str, day: date) -> bool:
        """R-14 as known at `day`; False for the too young."""
        weeks = self.three_weeks(customer_id, day)
        limit = self.shop.settings.decline_max_ratio
        return weeks is not None and weeks.is_declining(limit)


# rules


# In the order in which a condition is written.
FEATURES = (
    "profile_completion_pct",
    "friend_count",
    "contacts_imported",
    "tenure_days",
    "idle_days",
    "login_count_7d",
    "login_count_30d",
    "order_count_30d",
    "order_count_365d",
)


class Condition(NamedTuple):
    """One row of the rule table."""

    feature: str
    operator: str
    value: str

    def __str__(self) -> str:
        return f"{self.feature} {self.operator} {self.value}"

    def holds(self, features: Row) -> bool:
        """Whether it is true of a customer; an unknown feature fails."""
        found = features[self.feature]
        if found is None:
            return False
        text = str(self.value).lower()
        value = BOOLEANS[text] if text in BOOLEANS else Fraction(text)
        return OPERATORS[self.operator](Fraction(found), value)


@dataclass(frozen=True)
class Observation:
    """A customer who had not left on an observation date, and what came of him.

    `has_left` is None while the horizon is not over.
    """

    customer_id: str
    day: date
    rules: frozenset[str]
    has_left: bool | None


@dataclass(frozen=True)
class Leaf:
    """How many members a rule (or the population) has, and how many of them left."""

    support: int
    churned: int

    @property
    def probability(self) -> Fraction | None:
        """Share of the members who left; None without members."""
        return Fraction(self.churned, self.support) if self.support else None


def rules_of(shop: Shop) -> dict[str, list[Condition]]:
    """The rule table: rule -> its conditions in the order of FEATURES."""
    rules = defaultdict(list)
    for rule_id, *condition in shop.settings.risk_rules:
        rules[rule_id].append(Condition(*condition))

    def place(condition):
        return FEATURES.index(condition.feature), condition.operator

    return {rule_id: sorted(rules[rule_id], key=place) for rule_id in sorted(rules)}


def observations(shop: Shop) -> list[Observation]:
    """Everyone in the population of every observation date."""
    known = vars(shop).get("_observations")
    if known is None:
        known = vars(shop)["_observations"] = list(_observe(shop))
    return known


def _observe(shop: Shop) -> Iterator[Observation]:
    rules = rules_of(shop)
    horizon = timedelta(days=shop.settings.risk_horizon_days)
    facts = _Facts(shop)
    for customer_id, customer in shop.customers.items():
        marks = _marks(shop, customer_id)
        for day in shop.snapshot_dates:
            if customer["entry_date"] > day:
                continue
            idle = idle_days(marks, day)
            if idle > shop.settings.churn_after_days:
                continue
            features = facts.features(customer_id, day, idle)
            matched = frozenset(
                rule_id
                for rule_id, conditions in rules.items()
                if all(each.holds(features) for each in conditions)
            )
            active = _count_between(shop.churn_days[customer_id], day, day + horizon)
            has_left = not active if day + horizon <= shop.as_of_date else None
            yield Observation(customer_id, day, matched, has_left)


def _count_between(days: list[date], after: date, until: date) -> int:
    """How many of the sorted days lie in (after, until]."""
    return bisect_right(days, until) - bisect_right(days, after)


class _Facts:
    """What the features of the rules are read from, by customer."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.logins: dict[str, list[date]] = defaultdict(list)
        for login in shop.logins:
            self.logins[login["customer_id"]].append(login["login_date"])
        self.orders = {
            customer_id: sorted(order["order_date"] for order in orders)
            for customer_id, orders in shop.valid_orders.items()
        }
        for days in self.logins.values():
            days.sort()

    def features(self, customer_id: str, day: date, idle: int) -> Row:
        """Every feature of a customer at the end of a day."""
        profile = self.shop.customers[customer_id]["profile"]
        logins = self.logins.get(customer_id, [])
        orders = self.orders.get(customer_id, [])

        def within(days: list[date], length: int) -> int:
            return _count_between(days, day - timedelta(days=length), day)

        return {
            "profile_completion_pct": profile.get("profile_completion_pct"),
            "friend_count": profile.get("friend_count"),
            "contacts_imported": profile.get("contacts_imported"),
            "tenure_days": (day - self.shop.customers[customer_id]["entry_date"]).days,
            "idle_days": idle,
            "login_count_7d": within(logins, 7),
            "login_count_30d": within(logins, 30),
            "order_count_30d": within(orders, 30),
            "order_count_365d": within(orders, 365),
        }


def _leaf(members: Iterable[Observation]) -> Leaf:
    members = list(members)
    return Leaf(len(members), sum(each.has_left for each in members))


def _mature(shop: Shop) -> list[Observation]:
    return [each for each in observations(shop) if each.has_left is not None]


def _mature_dates(shop: Shop) -> list[date]:
    """The observation dates whose horizon is over."""
    horizon = timedelta(days=shop.settings.risk_horizon_days)
    return [day for day in shop.snapshot_dates if day + horizon <= shop.as_of_date]


def pooled_leaves(shop: Shop) -> dict[str, Leaf]:
    """Rule -> its leaf over all mature observation dates together."""
    mature = _mature(shop)
    return {
        rule_id: _leaf(each for each in mature if rule_id in each.rules)
        for rule_id in rules_of(shop)
    }


def wilson(churned: int, support: int) -> tuple[float | None, float | None]:
    """The 95 % interval of a share; None without members."""
    if not support:
        return None, None
    share, z = churned / support, WILSON_Z
    middle = share + z * z / (2 * support)
    spread = z * sqrt(share * (1 - share) / support + z * z / (4 * support * support))
    bottom = 1 + z * z / support
    return (middle - spread) / bottom, (middle + spread) / bottom


def _lift(leaf: Leaf, population: Leaf) -> float | None:
    """P over the base rate; None without members or without anyone who left."""
    if leaf.probability is None or not population.probability:
        return None
    return float(leaf.probability / population.probability)


def _float(value: Fraction | None) -> float | None:
    return None if value is None else float(value)


def churn_rules(shop: Shop) -> list[Row]:
    """Rows of fct_churn_rules: every rule of the rule table."""
    mature = _mature(shop)
    last = max(_mature_dates(shop), default=None)
    parts = {
        "all": mature,
        "train": [each for each in mature if each.day != last],
        "test": [each for each in mature if each.day == last],
    }
    populations = {part: _leaf(members) for part, members in parts.items()}
    rows = []
    for rule_id, conditions in rules_of(shop).items():
        leaves = {
            part: _leaf(each for each in members if rule_id in each.rules)
            for part, members in parts.items()
        }
        pooled, train, test = leaves.values()
        low, high = wilson(pooled.churned, pooled.support)
        rows.append(
            {
                "rule_id": rule_id,
                "condition": " and ".join(map(str, conditions)),
                "support_count": pooled.support,
                "churned_count": pooled.churned,
                "churn_probability": _float(pooled.probability),
                "churn_probability_low": low,
                "churn_probability_high": high,
                "base_rate": _float(populations["all"].probability),
                "lift": _lift(pooled, populations["all"]),
                "is_low_support": pooled.support < shop.settings.risk_min_support,
                "train_support_count": train.support,
                "train_churn_probability": _float(train.probability),
                "train_lift": _lift(train, populations["train"]),
                "test_observation_date": last,
                "test_support_count": test.support,
                "test_churn_probability": _float(test.probability),
                "test_lift": _lift(test, populations["test"]),
            }
        )
    return rows


# the risk list


def listed_rules(shop: Shop) -> dict[str, Leaf]:
    """The present risk list's rules: those whose pooled P reaches the limit."""
    limit = exact(shop.settings.risk_probability_min)
    return {
        rule_id: leaf
        for rule_id, leaf in pooled_leaves(shop).items()
        if leaf.probability is not None and leaf.probability >= limit
    }


def risk_list(shop: Shop) -> dict[str, str]:
    """Customer at D* -> the matching rule with the highest pooled P."""
    listed = listed_rules(shop)
    # The most probable first; a tie goes to the smallest id.
    order = sorted(listed, key=lambda rule_id: (-listed[rule_id].probability, rule_id))
    found = {}
    for each in observations(shop):
        matching = [rule_id for rule_id in order if rule_id in each.rules]
        if each.day == shop.as_of_date and matching:
            found[each.customer_id] = matching[0]
    return found


def churn_risks(shop: Shop) -> list[Row]:
    """Rows of fct_customer_churn_risks: every customer existing at D*."""
    leaves, listed = pooled_leaves(shop), risk_list(shop)
    weekly = WeeklyLogins(shop)
    return [
        {
            "customer_id": customer_id,
            **_risk_columns(listed.get(customer_id), leaves),
            **_decline_columns(shop, weekly.three_weeks(customer_id, shop.as_of_date)),
            "is_at_risk": customer_id in listed,
        }
        for customer_id in shop.customers
    ]


def _risk_columns(rule_id: str | None, leaves: dict[str, Leaf]) -> Row:
    leaf = leaves[rule_id] if rule_id else Leaf(0, 0)
    low, high = wilson(leaf.churned, leaf.support)
    return {
        "rule_id": rule_id,
        "churn_probability": _float(leaf.probability),
        "support_count": leaf.support if rule_id else None,
        "churn_probability_low": low,
        "churn_probability_high": high,
    }


def _drop(before: int, after: int) -> float | None:
    return float(1 - Fraction(after, before)) if before else None


def _decline_columns(shop: Shop, weeks: ThreeWeeks | None) -> Row:
    if weeks is None:
        names = (
            "first_week_login_count",
            "second_week_login_count",
            "third_week_login_count",
            "first_drop_rate",
            "second_drop_rate",
            "total_drop_rate",
            "login_count_slope",
            "is_activity_declining",
        )
        return dict.fromkeys(names)
    return {
        "first_week_login_count": weeks.first,
        "second_week_login_count": weeks.second,
        "third_week_login_count": weeks.third,
        "first_drop_rate": _drop(weeks.first, weeks.second),
        "second_drop_rate": _drop(weeks.second, weeks.third),
        "total_drop_rate": _drop(weeks.first, weeks.third),
        "login_count_slope": (weeks.third - weeks.first) / 2,
        "is_activity_declining": weeks.is_declining(shop.settings.decline_max_ratio),
    }


# lead times


def newly_churned(shop: Shop) -> Iterator[tuple[str, date]]:
    """Every (customer, date) on which somebody becomes churned, up to D*."""
    silence = timedelta(days=shop.settings.churn_after_days + 1)
    for customer_id in shop.customers:
        marks = _marks(shop, customer_id)
        for last, back in zip(marks, [*marks[1:], date.max], strict=True):
            if last + silence <= shop.as_of_date and last + silence < back:
                yield customer_id, last + silence


def lead_times(shop: Shop) -> list[Row]:
    """Rows of rpt_churn_lead_times: every month of history."""
    churned: dict[date, int] = defaultdict(int)
    leads: dict[date, list[int]] = defaultdict(list)
    warning = _Warnings(shop)
    for customer_id, day in newly_churned(shop):
        month = shop.month_start(day)
        churned[month] += 1
        first = warning.first_before(customer_id, day)
        if first is not None:
            leads[month].append((day - first).days)
    return [
        {
            "month_start_date": month,
            "churned_count": churned[month],
            "warned_count": len(leads[month]),
            "warned_share": ratio(len(leads[month]), churned[month]),
            "median_lead_days": _float(quantile(leads[month], "0.5")),
            "is_complete": shop.month_end(month) <= shop.as_of_date,
        }
        for month in sorted({shop.month_start(day) for day in shop.days})
    ]


class _Warnings:
    """The dates on which somebody could have been warned of."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.weekly = WeeklyLogins(shop)
        listed = set(listed_rules(shop))
        self.matches: dict[str, list[date]] = defaultdict(list)
        for each in observations(shop):
            if each.rules & listed:
                self.matches[each.customer_id].append(each.day)

    def first_before(self, customer_id: str, day: date) -> date | None:
        """The earliest warning in [day − look-back, day)."""
        start = day - timedelta(days=self.shop.settings.lead_time_lookback_days)
        warnings = [
            match for match in self.matches.get(customer_id, []) if start <= match < day
        ]
        warnings += [
            week_end
            for week_end in self._week_ends(start, day)
            if self.weekly.is_declining(customer_id, week_end)
        ]
        return min(warnings, default=None)

    def _week_ends(self, start: date, before: date) -> Iterator[date]:
        week_end = self.shop.week_start(start) + WEEK - ONE_DAY
        while week_end < before:
            yield week_end
            week_end += WEEK
